"""The independent auditor agrees with what four nodes under a real engine made: through changes of membership decided by
votes, a node that was down, and a handover to the next segment; with the trust file of the first day and with a new one.
The authorities are made up."""

import sys

from nacl.signing import SigningKey

from small_ledger import ROOT
from small_network import LEDGER, Network, must, wait_until

sys.path.insert(0, str(ROOT / "tests" / "audit"))

from auditor import audit  # noqa: E402


def validators(network, node):
    return len(network.ledger(node)["validators"])


def audited(node, tmp_path, name, trust=None):
    """The auditor over a node's export, when the newest block's header and commit have followed."""
    node.network.wait_proved(node)
    export = tmp_path / f"{name}.export"
    must("export", "--data", node.data, "-o", export, timeout=120)
    if trust is None:
        trust = trust_file(node, tmp_path / f"{name}.trust.json")
    return audit(export, trust)


def trust_file(node, path):
    must("trust", "--data", node.data, "-o", path)
    return path


def test_the_auditor_agrees_through_changes_of_membership_and_a_handover(tmp_path):
    with Network(tmp_path / "n", 4) as network:
        pb, first = network.pb, network.nodes[0]
        network.decided(first, network.registrations("suffolk", 5))
        first_day = trust_file(first, tmp_path / "first-day.trust.json")

        # An authority to be, whose node nobody runs: the others are enough.
        network.keys["cambridge"] = SigningKey.generate()
        network.agree(first, network.admission("cambridge", SigningKey.generate()), network.authorities[:3])
        wait_until("five validators", lambda: validators(network, first) == 5, 60)
        # Four of five sign while cambridge's node runs nowhere; one of the four fewer would be too few.
        for node in network.nodes:
            network.decided(node, network.registrations(node.name, 2, "five"))
        network.agree(first, pb.Change(remove_authority=pb.RemoveAuthority(
            authority="cambridge", successor="kent")), network.authorities[:3])
        wait_until("four validators", lambda: validators(network, first) == 4, 60)
        network.agree(first, pb.Change(set_parameter=pb.SetParameter(parameter=4, value=86400)),
              network.authorities[:3])

        network.nodes[3].kill()
        network.decided(first, network.registrations("norfolk", 5, "three"))
        network.nodes[3].start()
        network.wait_level()

        before = audited(first, tmp_path, "before", first_day)
        assert before.outcomes["done"]["vote"] >= 6 and before.outcomes["due"][5] >= 3
        assert any("the trust file does not list" in note for note in before.notes)

        network.hand_over(2)
        for node in network.nodes:
            network.decided(node, network.registrations(node.name, 2, "second"))
        network.wait_level()
        network.wait_ready()

        for name, trust in (("old", first_day), ("new", None)):
            done = audited(first, tmp_path, name, trust)
            assert [segment.chain_id for segment in done.segments] == [f"{LEDGER}-1", f"{LEDGER}-2"]
            assert done.heights > before.heights
        other = audited(network.nodes[2], tmp_path, "other")
        assert other.state.tree.root() == done.state.tree.root() or other.heights != done.heights
