"""Headers, commits and the validators' signatures, from docs/FORMATS.md."""

import hashlib
import struct

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from trees import comet_root, sha256
from wire import varint

PART_BYTES = 65536
ABSENT, COMMIT, NIL = 1, 2, 3  # BlockIdFlag
ZERO_TIME = -62135596800  # Go's: what a slot without time bears


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


def number_field(number, value):
    return varint(number << 3) + varint(value) if value else b""


def always(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def timestamp(time):
    return number_field(1, time.seconds) + number_field(2, time.nanos) if time else b""


def block_id(id_):
    """With part_set_header always present, as the engine writes it."""
    if id_ is None:
        return always(2, b"")
    parts = b""
    if id_.part_set_header is not None:
        parts = number_field(1, id_.part_set_header.total) + field(2, id_.part_set_header.hash)
    return field(1, id_.hash) + always(2, parts)


def header_hash(header):
    version = header.version
    text = header.chain_id.encode()
    leaves = [
        number_field(1, version.block) + number_field(2, version.app) if version else b"",
        field(1, text),
        number_field(1, header.height),
        timestamp(header.time),
        block_id(header.last_block_id),
        field(1, header.last_commit_hash),
        field(1, header.data_hash),
        field(1, header.validators_hash),
        field(1, header.next_validators_hash),
        field(1, header.consensus_hash),
        field(1, header.app_hash),
        field(1, header.last_results_hash),
        field(1, header.evidence_hash),
        field(1, header.proposer_address),
    ]
    return comet_root(leaves)


def address(key):
    return sha256(key)[:20]


def sorted_validators(validators):
    """(key, power) pairs by power descending, then address ascending."""
    return sorted(validators, key=lambda v: (-v[1], address(v[0])))


def validators_hash(validators):
    return comet_root([always(1, field(1, key)) + number_field(2, power) for key, power in sorted_validators(validators)])


def commit_signature_bytes(signature):
    time = timestamp(signature.timestamp) if signature.timestamp else number_field(1, ZERO_TIME)
    return (
        number_field(1, signature.block_id_flag)
        + field(2, signature.validator_address)
        + always(3, time)
        + field(4, signature.signature)
    )


def commit_hash(commit):
    return comet_root([commit_signature_bytes(s) for s in commit.signatures])


def vote_bytes(chain_id, commit, signature):
    """What this slot's validator signed: for the block, or for none (nil), which leaves the block id out."""
    vote = number_field(1, 2) + b"\x11" + struct.pack("<q", commit.height)
    if commit.round:
        vote += b"\x19" + struct.pack("<q", commit.round)
    if signature.block_id_flag != NIL:
        vote += always(4, block_id(commit.block_id))
    vote += always(5, timestamp(signature.timestamp))
    vote += always(6, chain_id.encode())
    return varint(len(vote)) + vote


def verifies(key, message, signature):
    """Ed25519 by libsodium."""
    try:
        crypto_sign_open(signature + message, key)
        return True
    except (BadSignatureError, ValueError, TypeError):
        return False


def block_bytes(header_bytes, bundles, last_commit_bytes):
    """The engine's Block: header, data, evidence, last commit."""
    data = b"".join(always(1, bundle) for bundle in bundles)
    return always(1, header_bytes) + always(2, data) + always(3, b"") + (
        always(4, last_commit_bytes) if last_commit_bytes is not None else b""
    )


def engine_header_bytes(header):
    """A header as the engine writes it into a block: messages that cannot be null are always there."""
    version = number_field(1, header.version.block) + number_field(2, header.version.app)
    return (
        always(1, version)
        + field(2, header.chain_id.encode())
        + number_field(3, header.height)
        + always(4, timestamp(header.time))
        + always(5, block_id(header.last_block_id))
        + field(6, header.last_commit_hash)
        + field(7, header.data_hash)
        + field(8, header.validators_hash)
        + field(9, header.next_validators_hash)
        + field(10, header.consensus_hash)
        + field(11, header.app_hash)
        + field(12, header.last_results_hash)
        + field(13, header.evidence_hash)
        + field(14, header.proposer_address)
    )


def engine_commit_bytes(commit):
    if commit is None:
        return None
    return (
        number_field(1, commit.height)
        + number_field(2, commit.round)
        + always(3, block_id(commit.block_id))
        + b"".join(always(4, commit_signature_bytes(s)) for s in commit.signatures)
    )


def part_set(block):
    """(total, hash) of a block's parts."""
    parts = [block[i : i + PART_BYTES] for i in range(0, len(block), PART_BYTES)]
    return len(parts), comet_root(parts)


# --- ZIP-215, the rule for signatures under commits (docs/FORMATS.md, 1) ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)  # extended coordinates: X, Y, Z, T


def _add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    result = IDENTITY
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _point(encoded):
    """Any encoding of a point: y may be unreduced, and the sign bit may stand on x = 0. None for no point."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, (number & (1 << 255) - 1) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verifies_in_commit(key, message, signature):
    """As envelopes' signatures are judged, and beyond it what ZIP-215 accepts."""
    if verifies(key, message, signature):
        return True
    if len(signature) != 64 or len(key) != 32:
        return False
    r, a, s = _point(signature[:32]), _point(key), int.from_bytes(signature[32:], "little")
    if r is None or a is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    x, y, z, t = _add(_times(k, a), r)
    difference = _times(8, _add(_times(s, BASE), (-x % P, y, z, -t % P)))
    return difference[0] % P == 0 and (difference[1] - difference[2]) % P == 0
