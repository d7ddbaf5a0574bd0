"""The demonstration as a reader sees it, in a room without a network; and what an auditor says of it afterwards."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TALLYSTICK_BUILD", ROOT / "build" / "release"))
WALK = ROOT / "config" / "demonstration" / "walk"
sys.path.insert(0, str(ROOT / "tests" / "audit"))

pytestmark = pytest.mark.skipif(not (BUILD / "tallyd").exists(), reason="the programs are not built")


def without_network(command):
    """The command in a network namespace of its own where the machine allows that: loopback is all there is."""
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True)
    if probe.returncode != 0 or shutil.which("ip") is None:
        return command
    return ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


def walk(demo, data=""):
    command = [str(WALK), str(BUILD), str(demo), "yes", str(data)]
    done = subprocess.run(without_network(command), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_what_it_left(demo):
    for name in ("data", "receipt.tally", "trust.json", "ledger.export"):
        assert (demo / name).exists(), name
    from auditor import audit

    done = audit(demo / "ledger.export", demo / "trust.json")
    assert done.outcomes["done"]["verify_delivery"] == 1
    verified = subprocess.run([BUILD / "tallyd", "verify", "--data", demo / "data"], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "demo"


def test_the_walk_reads_from_promise_to_proof(demo):
    said = walk(demo)
    assert "fictional" in said
    for word in ("opens the contract", "seals its promise", "issued the credits", "Bob", "verifies", "Proposed against"):
        assert word in said, word
    assert "one byte altered" in said
    for line in said.splitlines():
        assert len(line) <= 110, line


def test_the_auditor_agrees_with_the_demonstration(demo):
    done = check_what_it_left(demo)
    supply = next(iter(done.supply.values()))
    assert supply["issued"] == supply["retired"] + supply["held"]


def test_every_flipped_byte_of_the_receipt_is_rejected(demo):
    original = (demo / "receipt.tally").read_bytes()
    altered = demo / "altered.tally"
    env = {**os.environ, "TALLY_HOME": str(demo / "wallets" / "nobody")}
    for at in range(0, len(original), max(1, len(original) // 60)):
        altered.write_bytes(original[:at] + bytes([original[at] ^ 0x10]) + original[at + 1 :])
        command = [BUILD / "tally", "receipt", "verify", altered, "--trust", demo / "trust.json"]
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=30)
        assert done.returncode == 1, f"byte {at}: {done.stdout}"
        assert done.stderr.strip(), "a rejection has its reason"


def test_a_real_contract_where_published_records_lie_beside_the_project(tmp_path):
    data = Path(os.environ.get("TALLYSTICK_SHARED", ROOT.parent / "shared")) / "data"
    if not (data / "contracts").is_dir():
        pytest.skip("no published records here")
    said = walk(tmp_path / "demo", data)
    assert "published records" in said
    check_what_it_left(tmp_path / "demo")
