"""The recorded vectors are what the independent generators beside them make of docs/FORMATS.md."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import make_ed25519_vectors  # noqa: E402
import make_golden  # noqa: E402


def test_the_golden_vectors_are_made_from_the_formats():
    assert (HERE / "golden.json").read_text(encoding="utf-8") == make_golden.as_text(make_golden.golden())


def test_an_envelope_of_every_action_is_there():
    recorded = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
    names = [vector["action"] for vector in recorded["envelopes"]]
    assert len(names) == len(set(names)) == 29


def test_recorded_verdicts_on_signatures_follow_from_the_curve():
    # Every tenth, and all that differ between the two rules outside the 14 by 14 table: the rest is the same arithmetic.
    recorded = json.loads((HERE / "ed25519.json").read_text(encoding="utf-8"))
    chosen = [v for i, v in enumerate(recorded) if i % 10 == 0 or "S = 0" not in v["name"]]
    assert len(chosen) > 50
    for vector in chosen:
        key, message, signature = (bytes.fromhex(vector[field]) for field in ("key", "message", "signature"))
        envelope = make_ed25519_vectors.envelope_accepts(key, message, signature)
        assert vector["envelope"] == envelope, vector["name"]
        commit = envelope or make_ed25519_vectors.zip215_accepts(key, message, signature)
        assert vector["commit"] == commit, vector["name"]
