#!/usr/bin/env python3
"""Makes golden.json: bytes, ids, hashes and signatures that every implementation must meet.

Worked out from docs/FORMATS.md alone: nothing here uses Protobuf's or the ledger's code.

    make_golden.py            rewrites golden.json beside this file
"""

import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_ed25519_vectors import BASE, encode, multiply, secret_of, sign  # noqa: E402


def sha(raw):
    return hashlib.sha256(raw).digest()


def tagged(domain, *parts):
    return domain.encode() + b"\0" + b"".join(parts)


# --- Protobuf, as much as canonical messages need ---

def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def num(field, value):
    """A number; left out if 0."""
    return varint(field << 3) + varint(value) if value else b""


def msg(field, content):
    """A message, an element of a list, or a member of a oneof: always written."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def raw(field, content):
    """Bytes or text; left out if empty."""
    content = content.encode() if isinstance(content, str) else content
    return msg(field, content) if content else b""


def packed(field, values):
    return raw(field, b"".join(varint(value) for value in values))


def texts(field, values):
    return b"".join(msg(field, value.encode() if isinstance(value, str) else value) for value in values)


# --- the world of the vectors ---

SEEDS = {name: bytes([i + 1]) * 32 for i, name in enumerate(
    ["authority", "authority node", "supplier", "project one", "project two", "newcomer", "newcomer node"])}
KEYS = {name: encode(multiply(secret_of(seed)[0], BASE)) for name, seed in SEEDS.items()}
LEDGER = sha(b"the ledger of the vectors")
AUTHORITY, SUPPLIER, PROJECT, OTHER = "suffolk", "suffolk/north-build", "suffolk/food-bank", "suffolk/youth-club"
OCID, LOT = "ocds-b5fd17-0001", "lot-2"
CONTRACT = raw(1, AUTHORITY) + raw(2, OCID) + raw(3, LOT)
CLAIM = msg(1, CONTRACT) + raw(2, SUPPLIER)
ENVELOPE_ID = sha(b"an envelope that came before")
HASH = sha(b"a salted hash")
REASON = num(1, 15) + raw(2, HASH)
SALT = bytes(range(32))
NOW = 1_800_000_000


def signature_by(name, message):
    return sign(SEEDS[name], message)[1]


def policy(*names, routine=1, limit=100_000, above=1, change=1):
    return texts(1, sorted(KEYS[name] for name in names)) + num(2, routine) + num(3, limit) + num(4, above) + num(5, change)


def key_proof(name, ledger, account):
    message = tagged("tallystick/key/1", ledger, account.encode(), KEYS[name])
    return raw(1, KEYS[name]) + raw(2, signature_by(name, message))


def line(project, resource, quantity, due):
    return (raw(1, project) + raw(2, resource) + num(3, quantity) + raw(4, "skills") + raw(5, "E05000001") + num(6, due))


COMMITTED = [line(PROJECT, "bid-writing", 10, NOW + 9_000_000), line(OTHER, "laptop", 300, NOW + 9_500_000)]
LINES = b"".join(msg(1, each) for each in COMMITTED)


def price(resource, kind, unit, hundredths, deadweight):
    return raw(1, resource) + num(2, kind) + num(3, unit) + num(4, hundredths) + num(5, deadweight)


def seal():
    framed = b"".join(len(part).to_bytes(2, "big") + part.encode() for part in (AUTHORITY, OCID, LOT, SUPPLIER))
    return tagged("tallystick/seal/1", LEDGER, framed, SALT, LINES)


NEWCOMER = "norfolk"


def node(name, power):
    return raw(1, KEYS[name]) + num(2, power)


# Number in the oneof, name, content.
CHANGES = [
    (1, "admit_authority",
     raw(1, NEWCOMER) + msg(2, raw(1, "GB-LAE") + raw(2, "NFK")) + msg(3, raw(1, "en") + raw(2, "Norfolk"))
     + msg(4, policy("newcomer")) + msg(5, key_proof("newcomer", LEDGER, NEWCOMER)) + msg(6, node("newcomer node", 10))
     + msg(7, key_proof("newcomer node", LEDGER, NEWCOMER))),
    (2, "remove_authority", raw(1, NEWCOMER) + raw(2, AUTHORITY)),
    (3, "set_authority_policy",
     raw(1, NEWCOMER) + msg(2, policy("newcomer")) + msg(3, key_proof("newcomer", LEDGER, NEWCOMER))),
    (4, "set_node",
     raw(1, NEWCOMER) + msg(2, node("newcomer node", 1_000_000)) + msg(3, key_proof("newcomer node", LEDGER, NEWCOMER))),
    (5, "set_parameter", num(1, 11) + num(2, 86_400)),
    (6, "take_power", raw(1, NEWCOMER)),
    (7, "hand_over", num(1, 2) + num(2, 2)),
]

ACTIONS = [
    (10, "propose", AUTHORITY, (), msg(1, msg(*CHANGES[0][::2])) + num(2, NOW + 86_400)),
    (11, "vote", AUTHORITY, (), raw(1, ENVELOPE_ID) + num(2, 1)),
    (16, "register", AUTHORITY, (),
     raw(1, PROJECT) + packed(2, [3]) + msg(3, raw(1, "GB-CHC") + raw(2, "1234567"))
     + msg(4, raw(1, "cy") + raw(2, "Banc Bwyd")) + msg(4, raw(1, "en") + raw(2, "Food Bank"))
     + msg(5, policy("project one")) + msg(6, key_proof("project one", LEDGER, PROJECT))),
    (17, "set_policy", PROJECT, (),
     msg(1, policy("project one", "project two", above=2, change=2)) + msg(2, key_proof("project two", LEDGER, PROJECT))),
    (20, "open_contract", AUTHORITY, (),
     msg(1, CONTRACT) + num(2, 250_000_000) + msg(4, num(1, 500) + num(2, 100))
     + msg(6, price("bid-writing", 1, 2, 35_000, 1_000)) + msg(6, price("laptop", 2, 3, 40_001, 3_333))
     + texts(7, ["health", "skills"]) + texts(8, ["E05000001", "E05000002"])
     + num(9, NOW + 1_000_000) + num(10, 864_000) + num(11, NOW + 60_000_000)),
    (21, "close_contract", AUTHORITY, (), msg(1, CONTRACT)),
    (22, "apply_for_accreditation", PROJECT, (),
     msg(1, CONTRACT) + texts(2, ["skills"]) + texts(3, ["E05000001"]) + raw(4, HASH)),
    (23, "decline_application", AUTHORITY, (), msg(1, CONTRACT) + raw(2, OTHER) + msg(3, num(1, 3))),
    (24, "accredit", AUTHORITY, (),
     msg(1, CONTRACT) + raw(2, PROJECT) + texts(3, ["skills"]) + texts(4, ["E05000001"]) + num(5, NOW + 50_000_000)
     + msg(6, num(1, 2))),
    (25, "publish_need", PROJECT, (),
     msg(1, CONTRACT) + raw(2, "laptop") + num(3, 12) + num(4, NOW + 8_000_000) + raw(5, "E05000001")),
    (26, "withdraw_need", PROJECT, (), raw(1, ENVELOPE_ID)),
    (27, "seal_lines", SUPPLIER, (), msg(1, CONTRACT) + raw(2, sha(seal()))),
    (28, "reveal_lines", SUPPLIER, (),
     msg(1, CONTRACT) + raw(2, SALT) + b"".join(msg(3, each) for each in COMMITTED)),
    (29, "withdraw_lines", SUPPLIER, (), msg(1, CONTRACT)),
    (30, "award", AUTHORITY, (), msg(1, CONTRACT) + raw(2, SUPPLIER) + packed(3, [0, 1, 300]) + num(5, NOW + 3_000_000)),
    (31, "cancel_award", AUTHORITY, (), raw(1, ENVELOPE_ID) + msg(2, num(1, 13))),
    (40, "transfer_awarded", SUPPLIER, (AUTHORITY,), raw(1, ENVELOPE_ID) + num(2, 1) + num(3, 40) + raw(4, PROJECT)),
    (41, "transfer", PROJECT, (AUTHORITY,), msg(1, CLAIM) + num(2, 2**53 - 1) + raw(3, OTHER) + raw(4, HASH)),
    (42, "return_credits", PROJECT, (), msg(1, CLAIM) + num(2, 1)),
    (43, "return_awarded", SUPPLIER, (AUTHORITY,), raw(1, ENVELOPE_ID) + num(3, 2)),
    (44, "redeem", PROJECT, (),
     msg(1, CLAIM) + msg(2, raw(1, "laptop") + num(2, 3) + raw(3, "skills") + raw(4, "E05000001")) + num(3, NOW + 5_000_000)),
    (45, "accept_redemption", SUPPLIER, (), raw(1, ENVELOPE_ID) + num(2, NOW + 5_100_000)),
    (46, "decline_redemption", SUPPLIER, (), raw(1, ENVELOPE_ID) + msg(2, REASON)),
    (47, "cancel_redemption", SUPPLIER, (PROJECT,), raw(1, ENVELOPE_ID) + packed(2, [0, 2])),
    (48, "record_delivery", SUPPLIER, (), raw(1, ENVELOPE_ID) + num(2, 1) + num(3, 2) + texts(4, sorted([HASH, LEDGER]))),
    (49, "confirm_delivery", PROJECT, (),
     msg(1, raw(1, ENVELOPE_ID) + num(3, 2)) + msg(1, raw(1, ENVELOPE_ID) + num(2, 1) + num(3, 1))),
    (50, "verify_delivery", AUTHORITY, (), msg(1, raw(1, ENVELOPE_ID) + num(3, 2))),
    (51, "dispute", PROJECT, (), raw(1, ENVELOPE_ID) + num(3, 1) + num(4, 2) + msg(5, num(1, 7))),
    (52, "resolve_dispute", AUTHORITY, (PROJECT,), raw(1, ENVELOPE_ID) + num(3, 1) + num(4, 2)),
]

SIGNER_OF = {AUTHORITY: "authority", SUPPLIER: "supplier", PROJECT: "project one", OTHER: "project two"}


def envelope(number, name, account, co_signers, action):
    body = (raw(1, LEDGER) + raw(2, account) + texts(3, sorted(co_signers)) + raw(4, bytes([number]) * 16)
            + num(5, NOW + 86_400) + msg(number, action))
    signers = sorted((SIGNER_OF[who] for who in (account, *co_signers)), key=KEYS.__getitem__)
    message = tagged("tallystick/tx/1", body)
    signatures = b"".join(msg(2, raw(1, KEYS[who]) + raw(2, signature_by(who, message))) for who in signers)
    whole = raw(1, body) + signatures
    return {"action": name, "account": account, "body": body.hex(), "id": sha(message).hex(), "signers": signers,
            "envelope": whole.hex(), "envelope_hash": sha(whole).hex()}


def key(kind, *parts):
    out = bytes([kind])
    for part in parts:
        part = part.to_bytes(4, "big") if isinstance(part, int) else part.encode() if isinstance(part, str) else part
        out += len(part).to_bytes(2, "big") + part
    return out


def address(name):
    return sha(KEYS[name])[:20]


def state_keys():
    contract = (AUTHORITY, OCID, LOT)
    listed = [
        ("parameters", key(1)), ("account", key(2, PROJECT)), ("identifier", key(3, "GB-CHC", "1234567")),
        ("public_key", key(4, KEYS["supplier"])), ("authority_node", key(5, AUTHORITY)),
        ("authorities", key(6)), ("proposal", key(7, ENVELOPE_ID)),
        ("misbehaviour", key(8, AUTHORITY, (2**40 + 3).to_bytes(8, "big"))), ("handover", key(9)),
        ("contract", key(10, *contract)), ("contract_totals", key(11, *contract)),
        ("claim_totals", key(12, *contract, SUPPLIER)), ("participant", key(13, *contract, PROJECT)),
        ("accreditation", key(14, *contract, PROJECT)), ("need", key(15, ENVELOPE_ID)),
        ("bid", key(16, *contract, SUPPLIER)), ("revealed_line", key(17, *contract, SUPPLIER, 300)),
        ("award", key(18, ENVELOPE_ID)), ("awarded_line", key(19, ENVELOPE_ID, 300)),
        ("balance", key(20, PROJECT, *contract, SUPPLIER)), ("promise", key(21, *contract, SUPPLIER, "laptop")),
        ("redemption", key(22, ENVELOPE_ID)), ("redemption_line", key(23, ENVELOPE_ID, 300)), ("evidence", key(24, HASH)),
        ("node_address", key(25, address("authority node"))),
    ]
    return [{"kind": kind, "key": made.hex(), "path": sha(made).hex()} for kind, made in listed]


def due(time, kind, thing):
    return {"time": time, "kind": kind, "object": thing.hex(),
            "id": sha(tagged("tallystick/due/1", LEDGER, time.to_bytes(8, "big"), bytes([kind]), thing)).hex()}


def genesis():
    day = 86_400
    parameters = b"".join(num(i + 1, value) for i, value in enumerate(
        [1, 3 * day, 30 * day, 14 * day, 30 * day, 60 * day, 90 * day, 1000, 64, 30 * day, 30 * day]))
    authority = (raw(1, AUTHORITY) + msg(2, raw(1, "GB-LAE") + raw(2, "SFK")) + msg(3, raw(1, "en") + raw(2, "Suffolk"))
                 + msg(4, policy("authority")) + msg(5, raw(1, KEYS["authority node"]) + num(2, 10)))
    made = raw(1, "suffolk-credits") + num(2, NOW) + msg(3, parameters) + msg(4, authority)
    ledger = sha(made)
    proofs = msg(2, msg(1, key_proof("authority", ledger, AUTHORITY)))
    account = (packed(1, [1]) + msg(3, raw(1, "GB-LAE") + raw(2, "SFK")) + msg(4, raw(1, "en") + raw(2, "Suffolk"))
               + msg(5, policy("authority")) + num(6, NOW))
    leaves = {
        key(1): parameters, key(2, AUTHORITY): account, key(3, "GB-LAE", "SFK"): raw(1, AUTHORITY),
        key(4, KEYS["authority"]): raw(1, AUTHORITY), key(4, KEYS["authority node"]): raw(1, AUTHORITY),
        key(5, AUTHORITY): raw(1, KEYS["authority node"]) + num(2, 10), key(6): texts(1, [AUTHORITY]),
        key(25, address("authority node")): raw(1, AUTHORITY),
    }
    root = state_root({sha(k): sha(v) for k, v in leaves.items()}, 0)
    return {"genesis": made.hex(), "ledger_id": ledger.hex(), "genesis_file": (raw(1, made) + proofs).hex(),
            "leaves": [{"key": k.hex(), "value": v.hex()} for k, v in sorted(leaves.items())],
            "state_root": root.hex(),
            "app_hash": sha(tagged("tallystick/app/1", root, sha(b""), (0).to_bytes(8, "big"))).hex()}


def state_root(leaves, depth):
    """`leaves`: path to value hash."""
    if not leaves:
        return bytes(32)
    if len(leaves) == 1:
        (path, value), = leaves.items()
        return sha(b"\0" + path + value)
    right = {path: value for path, value in leaves.items() if path[depth // 8] >> (7 - depth % 8) & 1}
    left = {path: value for path, value in leaves.items() if path not in right}
    return sha(b"\1" + state_root(left, depth + 1) + state_root(right, depth + 1))


def bundle():
    body = (raw(1, KEYS["authority node"]) + raw(2, "suffolk-credits-1") + num(3, NOW * 1000) + num(4, 7)
            + texts(5, [bytes.fromhex(envelope(*ACTIONS[0])["envelope"])]))
    signature = signature_by("authority node", tagged("tallystick/bundle/1", body))
    return {"body": body.hex(), "bundle": (raw(1, body) + raw(2, signature)).hex()}


def golden():
    roots = sha(b"state root"), sha(b"log root")
    return {
        "seeds": {name: seed.hex() for name, seed in SEEDS.items()},
        "public_keys": {name: made.hex() for name, made in KEYS.items()},
        "ledger_id": LEDGER.hex(),
        "envelopes": [envelope(*action) for action in ACTIONS],
        "policy": policy("project one", "project two", above=2, change=2).hex(),
        "key_proof": {"account": PROJECT, "proof": key_proof("project one", LEDGER, PROJECT).hex()},
        "seal": {"claim": CLAIM.hex(), "salt": SALT.hex(), "lines": LINES.hex(), "hash": sha(seal()).hex()},
        "due": [due(NOW, 1, key(18, ENVELOPE_ID)), due(NOW + 1, 2, key(19, ENVELOPE_ID, 300)),
                due(NOW + 2, 3, key(23, ENVELOPE_ID, 1)), due(NOW + 3, 4, key(20, PROJECT, AUTHORITY, OCID, LOT, SUPPLIER)),
                due(NOW + 4, 5, key(7, ENVELOPE_ID)),
                due(NOW + 5, 6, key(8, AUTHORITY, (2**40 + 3).to_bytes(8, "big")))],
        "changes": [{"change": name, "bytes": msg(number, content).hex()} for number, name, content in CHANGES],
        "app_hash": {"state_root": roots[0].hex(), "log_root": roots[1].hex(), "log_size": 258,
                     "app_hash": sha(tagged("tallystick/app/1", *roots, (258).to_bytes(8, "big"))).hex()},
        "state_keys": state_keys(),
        "bundle": bundle(),
        "genesis": genesis(),
    }


def as_text(made):
    return json.dumps(made, indent=1) + "\n"


if __name__ == "__main__":
    (pathlib.Path(__file__).parent / "golden.json").write_text(as_text(golden()), encoding="utf-8")
