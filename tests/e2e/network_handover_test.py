"""One ledger all the way: begun by one authority alone, handed over to four, then to the next segment, with a membership
that changes; and one wallet that follows it with the trust file of the first day. The authorities are made up."""

import subprocess
import sys

import pytest

from small_ledger import PROGRAMS, ROOT
from small_network import Founded, Network, must, wait_until
from wallet_test import NO_NODE, Wallet

sys.path.insert(0, str(ROOT / "tests" / "audit"))

from auditor import audit  # noqa: E402

pytestmark = pytest.mark.skipif(not (PROGRAMS / "tally").exists(), reason="tally is not built")


class Officer(Wallet):
    """The wallet of Suffolk's officer, who trusts the trust file of the first day and nothing else."""

    def point_at(self, trust, first, *others):
        flags = [flag for node in others for flag in ("--other-node", node.api)]
        self.run("--key", "officer", "profile", "add", "me", "--account", "suffolk", "--node", first.api, *flags,
                 "--trust", trust)

    def follow(self):
        """The chain that it has proved, and its height."""
        head = self.run("ledger", "follow")
        return head["chain_id"], int(head["height"])

    def text(self, *arguments):
        done = subprocess.run([PROGRAMS / "tally", "--no-input", *map(str, arguments)], capture_output=True, text=True,
                              env={"TALLY_HOME": str(self.home)}, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def do_something(network, tag):
    """Through every node; gives an id."""
    for node in network.nodes:
        envelopes = network.registrations(node.name, 2, tag)
        network.decided(node, envelopes)
    network.wait_level()
    return network.id_of(envelopes[0])


def become_four(network, backup):
    """The first authority admits the others, hands over, and all go on together, as OPERATIONS.md says."""
    first, *members = network.nodes
    for member in members:
        network.invite(member)
    for node in network.nodes:
        node.peers = [other.address for other in network.nodes if other is not node]
    voters = [first.name]
    for member in members:
        network.agree(first, network.admission(member.name, member.node_key()), voters)
        wait_until(f"{member.name} is admitted",
                   lambda: member.name in [one["handle"] for one in network.ledger(first)["authorities"]], 60)
        voters.append(member.name)
    network.agree(first, network.pb.Change(hand_over=network.pb.HandOver(segment=2, engine=2)), voters[:3])
    wait_until("the old segment is whole", lambda: any("has all of it" in why for why in first.ready()), 60)
    must("backup", "--data", first.data, "-o", backup)
    first.stop()
    must("handover", "--data", first.data)
    for member in members:
        must("handover", "--data", member.data, "--from", backup)
    Network.start(network)


def test_a_wallet_follows_a_ledger_from_one_authority_to_four_and_on(tmp_path):
    officer = Officer(tmp_path / "officer")
    with Founded(tmp_path / "n", 4, officer=officer) as network:
        first, norfolk, essex, kent = network.nodes
        alone = network.registrations("suffolk", 3, "alone")
        network.decided(first, alone)
        trust = tmp_path / "first-day.trust.json"
        must("trust", "--data", first.data, "-o", trust)
        officer.point_at(trust, first)
        officer.run("receipt", "get", network.id_of(alone[0]), "-o", "1.tally")
        assert officer.follow()[0] == "eastern-credits-1"

        become_four(network, tmp_path / "backup")
        second = do_something(network, "second")
        officer.point_at(trust, norfolk, kent)
        chain, height = officer.follow()
        assert chain == "eastern-credits-2"
        officer.run("receipt", "get", second, "-o", "2.tally")

        # Two of four are down: nothing is lost, nothing goes on, and everybody is told.
        officer.point_at(trust, norfolk)
        for node in (essex, kent):
            node.kill()
        before = network.height(norfolk)
        refused = officer.run("proposal", "make", "parameter", "answer_seconds", "21d", code=NO_NODE)["error"]
        assert refused["code"] == "no_progress", refused
        assert "It goes on by itself once enough of them are back." in refused["message"]
        assert "The newest block is" in refused["message"] and "tally envelope resume" in refused["message"]
        shown = officer.text("ledger", "show")
        assert "The network makes no progress" in shown and " old." in shown
        assert officer.run("authority", "list")["items"], "reads go on"
        assert officer.run("envelope", "resume", code=NO_NODE)["error"]["code"] == "no_progress"
        assert network.height(norfolk) == before
        essex.start()
        wait_until("what waited is in a block", lambda: network.height(norfolk) > before, 60)
        resumed = officer.run("envelope", "resume")
        assert resumed["still_pending"] == 0, resumed
        [waited] = [one for one in officer.run("proposal", "list")["items"] if one["change"]["what"] == "set_parameter"]
        assert waited["status"] == "open" and waited["proposer"] == "suffolk", waited
        kent.start()
        network.wait_level()

        # The next segment, and an authority less.
        network.hand_over(3)
        third = do_something(network, "third")
        officer.point_at(trust, essex, first)
        assert officer.follow()[0] == "eastern-credits-3"
        officer.run("receipt", "get", third, "-o", "3.tally")
        network.agree(norfolk, network.pb.Change(remove_authority=network.pb.RemoveAuthority(
            authority="kent", successor="suffolk")), ["norfolk", "suffolk", "essex"])
        wait_until("three validators", lambda: len(network.ledger(first)["validators"]) == 3, 60)
        kent.stop()
        left = network.nodes[:3]
        for node in left:
            network.decided(node, network.registrations(node.name, 2, "without-kent"))
        network.wait_level(60, left)
        newest = officer.follow()
        assert newest[0] == "eastern-credits-3" and newest[1] > height
        for number in (1, 2, 3):
            assert officer.run("receipt", "verify", f"{number}.tally", "--trust", trust)["verified"]

        network.wait_proved(first)
        export = tmp_path / "ledger.export"
        must("export", "--data", first.data, "-o", export, timeout=120)
        assert [segment.chain_id for segment in audit(export, trust).segments] == \
            [f"eastern-credits-{number}" for number in (1, 2, 3)]
