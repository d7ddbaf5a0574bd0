"""The auditor agrees with random ledgers that the state machine executed: every entry, root and commit of 200 ledgers of
300 envelopes, in which everything that can happen does.

TALLYSTICK_BUILD names the folder with `make_ledgers` (build/release), TALLYSTICK_SEED other ledgers."""

import os
import subprocess
import sys
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from auditor import Finding, audit  # noqa: E402
from rules import ACTIONS  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
LEDGERS, ACTIONS_EACH, PROCESSES, DONE_MIN = 200, 300, 2, 50
SEED = os.environ.get("TALLYSTICK_SEED", "1")
DUE_KINDS = (1, 2, 3, 4, 5, 6)


def make_ledgers(folder, count, actions, seed, *flags):
    program = ROOT / os.environ.get("TALLYSTICK_BUILD", "build/release") / "make_ledgers"
    if not program.exists():
        pytest.fail(f"{program} is not built: cmake --build --preset release --target make_ledgers")
    command = [program, "--count", count, "--actions", actions, "--seed", seed, "--out", folder, *flags]
    subprocess.run([str(part) for part in command], check=True)


def audit_one(export):
    """(place and reason of the first disagreement, or None; what happened how often)"""
    try:
        return None, audit(export, export.with_suffix(".trust.json")).outcomes
    except Finding as finding:
        return f"{export.name} of seed {SEED}: {finding}", {}


def test_the_auditor_agrees_with_random_ledgers(tmp_path):
    make_ledgers(tmp_path, LEDGERS, ACTIONS_EACH, SEED)
    exports = sorted(tmp_path.glob("*.export"))
    assert len(exports) == LEDGERS
    happened = {"done": Counter(), "refused": Counter(), "due": Counter()}
    with get_context("spawn").Pool(PROCESSES) as pool:
        for finding, outcomes in pool.imap_unordered(audit_one, exports):
            assert finding is None, finding
            for what, counts in outcomes.items():
                happened[what].update(counts)
    print(f"Done: {dict(happened['done'])}. Due: {dict(happened['due'])}. Refused: {dict(happened['refused'])}.")
    rare = {name: happened["done"][name] for name in ACTIONS if happened["done"][name] < DONE_MIN}
    rare |= {kind: happened["due"][kind] for kind in DUE_KINDS if happened["due"][kind] < DONE_MIN}
    assert not rare, "too rare to say that they were tried"
