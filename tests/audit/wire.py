"""Protobuf from the published .proto files: a reader of the language, a decoder and the canonical encoder.

Shares nothing with the programs under audit. Knows what the files use: messages, nested messages, enums, oneof,
repeated; scalars uint32, uint64, int32, int64, bool, bytes, string.
"""

import re
from pathlib import Path

SCALARS = {"uint32", "uint64", "int32", "int64", "bool", "bytes", "string"}
VARINTS = {"uint32", "uint64", "int32", "int64", "bool"}


class Malformed(Exception):
    """Bytes that are not the canonical form of the message."""


class Field:
    def __init__(self, name, number, kind, repeated, oneof):
        self.name, self.number, self.kind, self.repeated, self.oneof = name, number, kind, repeated, oneof


class Message:
    """A decoded message: attributes by field name. Absent messages are None, absent oneof members are None."""

    def __init__(self, type_):
        self._type = type_
        for field in type_.fields.values():
            setattr(self, field.name, _empty(field))

    def which(self, oneof):
        """The name of the oneof's member that is set, or None."""
        for field in self._type.fields.values():
            if field.oneof == oneof and getattr(self, field.name) is not None:
                return field.name
        return None

    def __eq__(self, other):
        return isinstance(other, Message) and encode(self) == encode(other)

    def __repr__(self):
        shown = {f.name: getattr(self, f.name) for f in self._type.fields.values()}
        return f"{self._type.name}({', '.join(f'{k}={v!r}' for k, v in shown.items() if v not in (None, [], 0, '', b''))})"


class Type:
    def __init__(self, name, schema):
        self.name, self.schema = name, schema
        self.fields = {}  # by number
        self.ordered = []

    def __call__(self, **values):
        message = Message(self)
        for name, value in values.items():
            if not hasattr(message, name):
                raise AttributeError(f"{self.name} has no field {name}")
            setattr(message, name, value)
        return message


class Enum:
    def __init__(self, name):
        self.name = name
        self.values = {}  # name -> number


def _empty(field):
    if field.repeated:
        return []
    if field.oneof or isinstance(field.kind, Type):
        return None
    if field.kind == "string":
        return ""
    if field.kind == "bytes":
        return b""
    return False if field.kind == "bool" else 0


class Schema:
    """All messages and enums of a folder of .proto files, as attributes by name (Outer.Inner as Outer_Inner)."""

    def __init__(self, folder):
        self.types, self.enums, self.constants = {}, {}, {}
        pending = []
        for path in sorted(Path(folder).glob("**/*.proto")):
            text = re.sub(r"//[^\n]*", "", path.read_text())
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            self._read(text, "", pending)
        for type_, scope, label, kind, name, number, oneof in pending:
            resolved = kind if kind in SCALARS else self._resolve(kind, scope)
            type_.fields[number] = Field(name, number, resolved, label == "repeated", oneof)
        for type_ in self.types.values():
            type_.ordered = [type_.fields[n] for n in sorted(type_.fields)]
            type_.fields = {f.number: f for f in type_.ordered}

    def __getattr__(self, name):
        types = self.__dict__["types"]
        if name in types:
            return types[name]
        if name in self.__dict__["constants"]:
            return self.__dict__["constants"][name]
        raise AttributeError(name)

    def _resolve(self, kind, scope):
        kind = kind.removeprefix("tallystick.v1.").replace(".", "_")
        for candidate in ((scope + "_" + kind) if scope else kind, kind):
            if candidate in self.types:
                return self.types[candidate]
            if candidate in self.enums:
                return self.enums[candidate]
        raise ValueError(f"unknown type {kind}")

    def _read(self, text, scope, pending):
        tokens = re.findall(r'"[^"]*"|[A-Za-z_][\w.]*|\d+|[{}=;\[\],<>()-]', text)
        at = 0
        while at < len(tokens):
            if tokens[at] == "message":
                at = self._message(tokens, at, scope, pending)
            elif tokens[at] == "enum":
                at = self._enum(tokens, at, scope)
            else:
                while tokens[at] != ";":
                    at += 1
                at += 1

    def _enum(self, tokens, at, scope):
        name = (scope + "_" if scope else "") + tokens[at + 1]
        enum = self.enums[name] = Enum(name)
        at += 3
        while tokens[at] != "}":
            if tokens[at] in ("reserved", "option"):
                while tokens[at] != ";":
                    at += 1
                at += 1
                continue
            enum.values[tokens[at]] = int(tokens[at + 2])
            self.constants[tokens[at]] = int(tokens[at + 2])
            at += 4
        return at + 1

    def _message(self, tokens, at, scope, pending):
        name = (scope + "_" if scope else "") + tokens[at + 1]
        type_ = self.types[name] = Type(name, self)
        at += 3
        oneof = None
        while True:
            token = tokens[at]
            if token == "}":
                at += 1
                if oneof is None:
                    return at
                oneof = None
            elif token == "message":
                at = self._message(tokens, at, name, pending)
            elif token == "enum":
                at = self._enum(tokens, at, name)
            elif token == "oneof":
                oneof = tokens[at + 1]
                at += 3
            elif token in ("reserved", "option"):
                while tokens[at] != ";":
                    at += 1
                at += 1
            else:
                label = token if token in ("repeated", "optional") else ""
                if label:
                    at += 1
                pending.append((type_, name, label, tokens[at], tokens[at + 1], int(tokens[at + 3]), oneof))
                while tokens[at] != ";":
                    at += 1
                at += 1


# --- encoding ---


def varint(number):
    if number < 0:
        number += 1 << 64
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _wire_type(kind):
    return 0 if kind in VARINTS or isinstance(kind, Enum) else 2


def _payload(kind, value):
    if kind in VARINTS or isinstance(kind, Enum):
        return varint(int(value))
    if isinstance(kind, Type):
        value = encode(value)
    elif kind == "string":
        value = value.encode()
    return varint(len(value)) + value


def encode(message):
    """Canonical bytes: fields ascending by number, defaults left out, repeated numbers packed."""
    out = bytearray()
    for field in message._type.ordered:
        value = getattr(message, field.name)
        kind = field.kind
        tag = varint(field.number << 3 | _wire_type(kind))
        if field.repeated:
            if not value:
                continue
            if _wire_type(kind) == 0:
                packed = b"".join(_payload(kind, item) for item in value)
                out += varint(field.number << 3 | 2) + varint(len(packed)) + packed
            else:
                for item in value:
                    out += tag + _payload(kind, item)
        elif isinstance(kind, Type) or field.oneof:
            if value is not None:
                out += tag + _payload(kind, value)
        elif value:
            out += tag + _payload(kind, value)
    return bytes(out)


# --- decoding ---


def read_varint(data, at):
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a varint breaks off")
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & (1 << 64) - 1, at
        shift += 7


def _number(kind, raw):
    if isinstance(kind, Enum):
        if raw not in kind.values.values():
            raise Malformed(f"{kind.name} has no value {raw}")
        return raw
    if kind == "bool":
        return raw != 0
    if kind in ("int32", "int64") and raw >= 1 << 63:
        return raw - (1 << 64)
    return raw


def _value(kind, data):
    if isinstance(kind, Type):
        return _decode(kind, data)
    if kind == "string":
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise Malformed("text that is not UTF-8") from error
    return bytes(data)


def _decode(type_, data):
    message = Message(type_)
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        field = type_.fields.get(tag >> 3)
        wire = tag & 7
        if wire == 0:
            raw, at = read_varint(data, at)
        elif wire == 2:
            size, at = read_varint(data, at)
            if size > len(data) - at:
                raise Malformed("a field breaks off")
            raw, at = data[at : at + size], at + size
        else:
            raise Malformed(f"wire type {wire}")
        if field is None:
            raise Malformed(f"{type_.name} has no field {tag >> 3}")
        _take(message, field, wire, raw)
    return message


def _take(message, field, wire, raw):
    kind = field.kind
    if _wire_type(kind) == 0 and wire == 2 and field.repeated:
        at = 0
        while at < len(raw):
            number, at = read_varint(raw, at)
            getattr(message, field.name).append(_number(kind, number))
        return
    if wire != _wire_type(kind):
        raise Malformed(f"{field.name} has wire type {wire}")
    value = _number(kind, raw) if wire == 0 else _value(kind, raw)
    if field.repeated:
        getattr(message, field.name).append(value)
        return
    if field.oneof:
        current = message.which(field.oneof)
        if current is not None:
            raise Malformed(f"two members of {field.oneof}")
    setattr(message, field.name, value)


def decode(type_, data):
    """The message, if `data` are its canonical bytes; raises Malformed otherwise."""
    message = _decode(type_, bytes(data))
    if encode(message) != bytes(data):
        raise Malformed(f"{type_.name} is not in canonical form")
    return message
