"""A node that comes back with nothing but its key, and a new segment that is begun wrongly."""

import shutil

import pytest

from small_network import Founded, Network, must, small_ledger, tallyd, wait_until

DONE = 1


@pytest.fixture
def network(tmp_path):
    with Network(tmp_path / "n", 4) as running:
        running.wait_ready()
        yield running


def decided(node, envelopes, wait=20):
    results = node.submit(*envelopes, wait=wait)
    assert [result.state for result in results] == [DONE] * len(envelopes), [(r.state, r.code) for r in results]


def test_a_node_that_lost_its_disk_is_back_from_its_peers_with_its_key(network):
    decided(network.nodes[0], network.registrations("suffolk", 20))
    victim = network.nodes[3]
    victim.kill()
    victim.wipe()
    decided(network.nodes[1], network.registrations("norfolk", 5))
    victim.rejoin()
    network.wait_level()
    network.wait_ready()
    # One block more than it was told of is made without it; from then on it signs again, and with another node down its
    # signature is needed.
    decided(network.nodes[1], network.registrations("norfolk", 2, "later"))
    network.wait_level()
    network.nodes[0].kill()
    decided(network.nodes[1], network.registrations("essex", 2))
    decided(network.nodes[1], network.registrations("essex", 2, "again"))
    network.nodes[0].start()
    network.wait_level()


# --- from one segment to the next

def test_a_handover_with_the_wrong_backup_is_refused(tmp_path):
    with Founded(tmp_path / "n", 2) as network:
        first, member = network.nodes
        network.invite(member)
        decided(first, network.registrations("suffolk", 3))
        backup = tmp_path / "backup"
        must("backup", "--data", first.data, "-o", backup)
        early = tallyd("handover", "--data", member.data, "--from", backup)
        assert early.returncode == 1 and "No handover of this ledger is decided" in early.stderr
        with small_ledger.Node(tmp_path) as other:
            must("backup", "--data", other.data, "-o", tmp_path / "other")
        shutil.rmtree(member.data / "ledger")
        wrong = tallyd("handover", "--data", member.data, "--from", tmp_path / "other")
        assert wrong.returncode == 1 and "The backup is of ledger" in wrong.stderr


def test_a_key_copied_into_a_fresh_folder_signs_nothing_until_its_operator_says_what_it_signed(network):
    """Its memory is lost with the old folder; what the chain still lacks could be signed twice."""
    victim, member = network.nodes[3], network.nodes[0]
    victim.kill()
    key = (victim.data / "node.key").read_bytes()
    network_file = victim.folder / "network.json"
    must("network", "export", "--data", member.data, "-o", network_file)
    shutil.rmtree(victim.data)
    must("join", "--data", victim.data, "--network-file", network_file)
    (victim.data / "node.key").write_bytes(key)
    victim.start()
    failing = wait_until("it refuses", lambda: [s for s in victim.ready() if "made for another key" in s], 60)
    assert "tallyd rejoin" in failing[0]
    assert victim.engine_pid() is None
    victim.stop(expect=1)
    must("rejoin", "--data", victim.data, "--highest-height", network.height(member) + 1)
    victim.start()
    network.wait_level()
    network.wait_ready()
    for node in network.nodes:
        authorities = node.get("/v1/authorities").json()["items"]
        assert not any(authority.get("misbehaviour") for authority in authorities), authorities
