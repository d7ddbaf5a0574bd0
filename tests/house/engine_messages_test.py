"""Our text of the engine's messages (node/engine/abci/proto) against the engine's own, where its Go module is here.

Same messages, fields, numbers, types, reserved numbers and enums; only the options of the engine's code generator, of
which the wire knows nothing, are left out of account.
"""

import os
import pathlib
import re
import subprocess

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

OURS = pathlib.Path(__file__).resolve().parents[2] / "node/engine/abci/proto"
MODULES = pathlib.Path(os.environ.get("GOMODCACHE") or pathlib.Path.home() / "go/pkg/mod")
THEIRS = MODULES / "github.com/cometbft/cometbft@v0.40.0/proto"
FILES = ["abci/types", "crypto/keys", "crypto/proof", "types/params", "types/validator"]

# What `protoc` would need the generator's own files for.
IMPORT = re.compile(r'^import "gogoproto/gogo.proto";\n', re.MULTILINE)
OPTION_LINE = re.compile(r"^\s*option \(gogoproto\.[^;]*;\n", re.MULTILINE)
FIELD_OPTIONS = re.compile(r"\s*\[([^\]]*gogoproto[^\]]*)\]")


def without_generator(text):
    """Field options may stand together: those of the language itself (json_name) stay."""
    def kept(found):
        options = [one.strip() for one in re.split(r",\s*(?=\(|[a-z_]+ *=)", found.group(1))]
        others = [one for one in options if "gogoproto" not in one]
        return f" [{', '.join(others)}]" if others else ""
    return FIELD_OPTIONS.sub(kept, OPTION_LINE.sub("", IMPORT.sub("", text)))


def described(folder, target):
    """What protoc makes of the files in `folder`, by name, without options."""
    names = [f"tendermint/{name}.proto" for name in FILES]
    subprocess.run(["protoc", f"-I{folder}", f"--descriptor_set_out={target}", *names], check=True)
    found = FileDescriptorSet()
    found.ParseFromString(target.read_bytes())

    def strip_message(message):
        message.ClearField("options")
        for field in message.field:
            field.ClearField("options")
        for nested in message.nested_type:
            strip_message(nested)
        for enum in message.enum_type:
            strip_enum(enum)

    def strip_enum(enum):
        enum.ClearField("options")
        for value in enum.value:
            value.ClearField("options")

    for file in found.file:
        file.ClearField("options")
        for message in file.message_type:
            strip_message(message)
        for enum in file.enum_type:
            strip_enum(enum)
    return {file.name: file for file in found.file}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    if not THEIRS.is_dir():
        pytest.skip(f"the engine's module is not on this machine: {THEIRS}")
    folder = tmp_path_factory.mktemp("engine")
    for name in FILES:
        copy = folder / "tendermint" / f"{name}.proto"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(without_generator((THEIRS / "tendermint" / f"{name}.proto").read_text()))
    return described(folder, folder / "descriptors")


def test_our_messages_are_the_engines(theirs, tmp_path):
    ours = described(OURS, tmp_path / "descriptors")
    assert sorted(ours) == sorted(theirs)
    for name in ours:
        assert ours[name] == theirs[name], name
    assert sum(len(file.message_type) for file in ours.values()) == 68


def test_a_changed_number_is_found(theirs, tmp_path):
    for name in FILES:
        copy = tmp_path / "tendermint" / f"{name}.proto"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((OURS / "tendermint" / f"{name}.proto").read_text().replace("retain_height = 3", "retain_height = 4"))
    changed = described(tmp_path, tmp_path / "descriptors")
    assert [name for name in changed if changed[name] != theirs[name]] == ["tendermint/abci/types.proto"]
