"""The independent auditor agrees with what four nodes under a real engine made: through changes of membership decided by
votes, a node that was down, and a handover to the next segment; with the trust file of the first day and with a new one.
The authorities are made up."""

import sys

from nacl.signing import SigningKey

from small_ledger import PROTOBUF, ROOT, ask
from small_network import LEDGER, Network, must, wait_until

sys.path.insert(0, str(ROOT / "tests" / "audit"))

from auditor import audit  # noqa: E402

COMETBFT, YES = 2, 1
DONE, PENDING, BUSY, UNAVAILABLE = 1, 5, 6, 7


def decided(node, envelopes):
    """Sends the same bytes until each has its outcome, whatever the machine's load makes of it: once is enough."""
    request = node.pb.SubmitRequest(envelopes=envelopes).SerializeToString()

    def outcomes():
        answer = ask("POST", f"{node.api}/v1/envelopes?wait=10", request, {"Content-Type": PROTOBUF})
        if answer.status != 200:
            assert answer.status == 503, answer.content
            return None
        states = [result.state for result in node.pb.SubmitResponse.FromString(answer.content).results]
        assert set(states) <= {DONE, PENDING, BUSY, UNAVAILABLE}, states
        return states == [DONE] * len(envelopes)
    wait_until(f"{node.name} has an outcome for each of {len(envelopes)}", outcomes, 120)


def agree(network, node, change, voters):
    """The first proposes, the others vote for it; all of them through one node."""
    made = network.sign(network.body(voters[0], network.pb.Propose(change=change)))
    decided(node, [made])
    proposal = bytes.fromhex(network.id_of(made))
    for voter in voters[1:]:
        decided(node, [network.sign(network.body(voter, network.pb.Vote(proposal=proposal, choice=YES)))])


class Candidate:
    """An authority to be, whose node nobody runs: the others are enough."""

    def __init__(self, network, name):
        self.name = name
        network.keys[name] = SigningKey.generate()
        self.node_key = SigningKey.generate()


def admitted(network, candidate):
    pb, key = network.pb, network.keys[candidate.name]
    admit = pb.AdmitAuthority(handle=candidate.name)
    admit.identifiers.add(scheme="GB-LAE", id=candidate.name.upper())
    admit.names.add(language="en", text=candidate.name)
    admit.policy.CopyFrom(pb.Policy(keys=[key.verify_key.encode()], routine_threshold=1, above_threshold=1,
                                    policy_threshold=1, amount_limit=2**53 - 1))
    admit.proofs.add(public_key=key.verify_key.encode(), signature=network.key_proof(candidate.name, key))
    admit.node.CopyFrom(pb.AuthorityNode(public_key=candidate.node_key.verify_key.encode(), power=1))
    admit.node_proof.CopyFrom(pb.KeyProof(public_key=candidate.node_key.verify_key.encode(),
                                          signature=network.key_proof(candidate.name, candidate.node_key)))
    return pb.Change(admit_authority=admit)


def validators(network, node):
    return len(network.ledger(node)["validators"])


def last_height(network, node):
    """Of the segment that ends, as the handover in the state says; nothing while there is none."""
    answer = node.get("/v1/receipts/state/09")
    if answer.status != 200:
        return None
    entry = network.pb.Receipt.FromString(answer.content[len(b"tallystick receipt 1\n"):]).entry
    return network.pb.Handover.FromString(entry.value).initial_height - 1 if entry.present else None


def audited(node, tmp_path, name, trust=None):
    """The auditor over a node's export, when the newest block's header and commit have followed."""
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
        decided(first, network.registrations("suffolk", 5))
        first_day = trust_file(first, tmp_path / "first-day.trust.json")

        candidate = Candidate(network, "cambridge")
        agree(network, first, admitted(network, candidate), network.authorities[:3])
        wait_until("five validators", lambda: validators(network, first) == 5, 60)
        # Four of five sign while cambridge's node runs nowhere; one of the four fewer would be too few.
        for node in network.nodes:
            decided(node, network.registrations(node.name, 2, "five"))
        agree(network, first, pb.Change(remove_authority=pb.RemoveAuthority(
            authority="cambridge", successor="kent")), network.authorities[:3])
        wait_until("four validators", lambda: validators(network, first) == 4, 60)
        agree(network, first, pb.Change(set_parameter=pb.SetParameter(parameter=4, value=86400)),
              network.authorities[:3])

        network.nodes[3].kill()
        decided(first, network.registrations("norfolk", 5, "three"))
        network.nodes[3].start()
        network.wait_level()

        before = audited(first, tmp_path, "before", first_day)
        assert before.outcomes["done"]["vote"] >= 6 and before.outcomes["due"][5] >= 3
        assert any("the trust file does not list" in note for note in before.notes)

        agree(network, first, pb.Change(hand_over=pb.HandOver(segment=2, engine=COMETBFT)), network.authorities[:3])
        network.wait_for_height(wait_until("the handover is decided", lambda: last_height(network, first), 60))
        for node in network.nodes:
            node.stop()
            must("handover", "--data", node.data)
        network.start()
        for node in network.nodes:
            decided(node, network.registrations(node.name, 2, "second"))
        network.wait_level()
        network.wait_ready()

        for name, trust in (("old", first_day), ("new", None)):
            done = audited(first, tmp_path, name, trust)
            assert [segment.chain_id for segment in done.segments] == [f"{LEDGER}-1", f"{LEDGER}-2"]
            assert done.heights > before.heights
        other = audited(network.nodes[2], tmp_path, "other")
        assert other.state.tree.root() == done.state.tree.root() or other.heights != done.heights
