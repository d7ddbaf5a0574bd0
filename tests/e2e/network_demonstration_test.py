"""The demonstration of several authorities as a reader sees it, and what an auditor says of it afterwards."""

import subprocess

import demonstration_test as single
import pytest

WALK = single.ROOT / "config" / "demonstration" / "network_walk"
pytestmark = single.pytestmark


def test_four_authorities_keep_one_ledger_though_one_of_their_nodes_dies(tmp_path):
    demo = tmp_path / "demo"
    command = [str(WALK), str(single.BUILD), str(demo), "yes", "4"]
    done = subprocess.run(single.without_network(command), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    for word in ("fictional", "kill -9", "3 of 4 authorities", "All nodes stand at one root", "one byte altered"):
        assert word in said, word
    for line in said.splitlines():
        assert len(line) <= 110, line
    from auditor import audit

    audited = audit(demo / "ledger.export", demo / "trust.json")
    assert audited.outcomes["done"]["verify_delivery"] == 1
    for handle in ("northshire", "eastvale", "southmoor", "westbury"):
        data = demo / "nodes" / handle
        verified = subprocess.run([single.BUILD / "tallyd", "verify", "--data", data], capture_output=True, text=True)
        assert verified.returncode == 0, f"{handle}: {verified.stdout}{verified.stderr}"
