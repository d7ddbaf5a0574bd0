"""The auditor's own parts meet the recorded vectors: envelopes of every action, ids, seals, due ids, the app hash."""

import json
import sys
from pathlib import Path
from struct import pack

sys.path.insert(0, str(Path(__file__).parent))

import chain  # noqa: E402
import forms  # noqa: E402
import pytest  # noqa: E402
from auditor import PROTO, refusal_numbers  # noqa: E402
from rules import ACTIONS, Context, seal_of  # noqa: E402
from state import due_id  # noqa: E402
from trees import Log, StateTree, comet_root, sha256, tagged  # noqa: E402
from wire import Malformed, Schema, decode, encode  # noqa: E402

SCHEMA = Schema(PROTO)
GOLDEN = json.loads((Path(__file__).parents[1] / "vectors" / "golden.json").read_text())


def raw(text):
    return bytes.fromhex(text)


def test_envelopes_of_every_action_are_read_and_verified():
    seen = set()
    for vector in GOLDEN["envelopes"]:
        id_, hash_, body, name, _ = forms.read_envelope(SCHEMA, raw(vector["envelope"]))
        assert id_ == raw(vector["id"])
        assert hash_ == sha256(raw(vector["envelope"]))
        assert encode(body) == raw(vector["body"])
        seen.add(name)
    assert seen == set(ACTIONS)


def test_signatures_are_judged_as_the_vectors_say_under_envelopes_and_under_commits():
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "ed25519.json").read_text())
    assert len(vectors) > 200 and any(v["commit"] and not v["envelope"] for v in vectors)
    for vector in vectors:
        key, message, signature = (raw(vector[part]) for part in ("key", "message", "signature"))
        assert chain.verifies(key, message, signature) == vector["envelope"], vector["name"]
        assert chain.verifies_in_commit(key, message, signature) == vector["commit"], vector["name"]


def test_a_flipped_byte_of_an_envelope_is_malformed():
    for vector in GOLDEN["envelopes"]:
        data = bytearray(raw(vector["envelope"]))
        for at in (3, len(data) // 2, len(data) - 1):
            flipped = bytearray(data)
            flipped[at] ^= 1
            with pytest.raises(Malformed):
                forms.read_envelope(SCHEMA, bytes(flipped))


def test_seal_due_ids_and_app_hash():
    seal = GOLDEN["seal"]
    claim = decode(SCHEMA.Claim, raw(seal["claim"]))
    lines = decode(SCHEMA.CommitmentLines, raw(seal["lines"])).lines
    context = Context(raw(GOLDEN["ledger_id"]), b"", claim.supplier, [], 0, None)
    assert seal_of(context, claim, raw(seal["salt"]), lines, SCHEMA) == raw(seal["hash"])
    for vector in GOLDEN["due"]:
        made = due_id(raw(GOLDEN["ledger_id"]), vector["time"], vector["kind"], raw(vector["object"]))
        assert made == raw(vector["id"])
    app = GOLDEN["app_hash"]
    made = tagged("tallystick/app/1", raw(app["state_root"]), raw(app["log_root"]), pack(">Q", app["log_size"]))
    assert made == raw(app["app_hash"])


def test_the_log_is_the_tree_of_rfc_6962():
    entries = [bytes([n]) * n for n in range(70)]
    for count in range(70):
        log = Log()
        for entry in entries[:count]:
            log.append(entry)
        assert log.root() == comet_root(entries[:count])


def test_the_state_tree_does_not_depend_on_the_order_of_writes():
    keys = [b"key%d" % n for n in range(200)]
    one, other = StateTree(), StateTree()
    for key in keys:
        one.put(key, key + b"!")
    for key in reversed(keys + [b"gone%d" % n for n in range(50)]):
        other.put(key, b"first")
        other.root()
        other.put(key, key + b"!")
    for n in range(50):
        other.remove(b"gone%d" % n)
    assert one.root() == other.root()
    for key in keys:
        one.remove(key)
    assert one.root() == bytes(32)


def test_every_refusal_has_its_number():
    numbers = refusal_numbers()
    assert len(numbers) == len(set(numbers.values())) > 80
    assert numbers["insufficient_credits"] == 87
