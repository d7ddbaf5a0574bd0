"""The auditor follows a ledger of several authorities through changes of membership and handovers, and finds what those
who govern it could plant, told as well as it can be told: everything signed by enough validators, every root following."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import chain  # noqa: E402
import governing  # noqa: E402
from auditor import Finding, audit  # noqa: E402
from small_chain import SCHEMA, SmallChain, a_function_broken, a_rule_broken, key_of, public  # noqa: E402
from state import Keys  # noqa: E402
from wire import decode, encode  # noqa: E402

S = SCHEMA
FOUR = ("dorset", "essex", "kent", "suffolk")


def agrees(made, tmp_path):
    made.block()
    return audit(*made.write(tmp_path / "small.export"))


def finds(made, tmp_path, place, reason):
    made.block()
    finds_as_written(made, tmp_path, place, reason)


def finds_as_written(made, tmp_path, place, reason):
    """Without the block behind it that proves the last one's state."""
    with pytest.raises(Finding) as finding:
        audit(*made.write(tmp_path / "small.export"))
    assert re.match(place + ": ", str(finding.value)), finding.value
    assert reason in str(finding.value), finding.value


def evidence(made, handle, height=1):
    return S.Misbehaviour(kind=S.MISBEHAVIOUR_KIND_DUPLICATE_VOTE, power=1, total_power=4, height=height,
                          address=chain.address(public(key_of(handle + " node"))), time=S.Timestamp(seconds=made.now))  # fmt: skip


def take_power(authority):
    return S.Change(take_power=S.TakePower(authority=authority))


def removal(authority, successor):
    return S.Change(remove_authority=S.RemoveAuthority(authority=authority, successor=successor))


def hand_over(segment, engine=S.ENGINE_COMETBFT):
    return S.Change(hand_over=S.HandOver(segment=segment, engine=engine))


def parameter(number, value):
    return S.Change(set_parameter=S.SetParameter(parameter=number, value=value))


# --- honest ledgers


def test_the_auditor_follows_changes_of_membership_and_of_nodes(tmp_path):
    made = SmallChain(*FOUR)
    made.block(absent=1)
    made.decide(made.admission("norfolk", power=2), "kent", "dorset", "suffolk")
    assert len(made.maker.segment.validators) == 4 and len(made.maker.segment.next_validators) == 5
    made.block(absent=1)
    made.block(nil=1)
    key = key_of("another node of essex")
    moved = S.SetNode(authority="essex", node=made.node("essex", "another node of essex", power=1),
                      node_proof=made.proof(key, "essex"))  # fmt: skip
    made.decide(S.Change(set_node=moved), "kent", "dorset", "suffolk")
    made.block(misbehaviours=[evidence(made, "kent")])
    made.decide(take_power("kent"), "essex", "dorset", "suffolk")
    made.decide(removal("kent", "norfolk"), "essex", "dorset", "suffolk")
    made.block(made.bundle([made.propose("kent", parameter(4, 7))]))
    made.decide(parameter(4, 7200), "norfolk", "dorset", "suffolk")
    made.block(nil=1)
    done = agrees(made, tmp_path)
    keys = {key for key, _ in done.segment.validators}
    assert keys == {public(key_of(n)) for n in
                    ("dorset node", "another node of essex", "norfolk node", "suffolk node")}  # fmt: skip
    assert done.outcomes["refused"] == {"authority_removed": 1}
    assert done.outcomes["due"][due_kind("MISBEHAVIOUR")] == 1
    assert done.outcomes["due"][due_kind("PROPOSAL")] == 5
    assert any("evidence of misbehaviour" in note for note in done.notes)
    assert any("that the trust file does not list" in note for note in done.notes)


def due_kind(name):
    return getattr(S, "DUE_KIND_" + name)


def test_the_auditor_follows_handovers_between_engines(tmp_path):
    made = SmallChain("suffolk", engine=S.ENGINE_SOLO)
    made.block()
    made.decide(made.admission("norfolk"), "suffolk")
    made.decide(made.admission("essex"), "suffolk", "norfolk")
    made.decide(made.admission("kent"), "suffolk", "norfolk", "essex")
    assert len(made.maker.segment.next_validators) == 1, "one node signs a segment of solo to its end"
    made.decide(hand_over(2), "suffolk", "norfolk", "essex")
    skipped = made.propose("kent", parameter(4, 9))
    made.block(made.bundle([skipped]))
    assert made.maker.segment.chain_id == "small-2"
    made.block(made.bundle([skipped]), absent=1)
    made.decide(hand_over(3), "kent", "norfolk", "essex")
    made.block()
    made.block(absent=1)
    done = agrees(made, tmp_path)
    assert [segment.chain_id for segment in done.segments] == ["small-1", "small-2", "small-3"]
    assert [segment.engine for segment in done.segments] == ["solo", "cometbft", "cometbft"]


def test_the_auditor_follows_a_node_that_runs_a_ledger_alone_when_its_authority_is_voted_out(tmp_path):
    made = SmallChain("suffolk", engine=S.ENGINE_SOLO)
    made.decide(made.admission("norfolk"), "suffolk")
    made.decide(made.admission("essex"), "suffolk", "norfolk")
    made.decide(S.Change(remove_authority=S.RemoveAuthority(authority="suffolk", successor="norfolk")), "norfolk", "essex")
    made.decide(hand_over(2), "norfolk", "essex")
    made.block()
    late = made.bundle([made.propose("norfolk", parameter(4, 9))], node=made.nodes[public(key_of("suffolk node"))])
    made.block(late)
    done = agrees(made, tmp_path)
    assert [segment.engine for segment in done.segments] == ["solo", "cometbft"]
    assert made.blocks[-1].entries == [], "in the new segment it is nobody's node any more"


def without_header(block):
    """As a network's node exports a block whose header has not arrived."""
    block.hash, block.time = chain.header_hash(block.header), block.header.time
    block.header = block.commit = None


def test_the_auditor_executes_newest_blocks_that_have_no_header_yet_and_says_so(tmp_path):
    made = SmallChain(*FOUR)
    made.decide(parameter(4, 86400), "kent", "essex", "suffolk")
    agrees(made, tmp_path)
    for block in made.blocks[-2:]:
        without_header(block)
    done = audit(*made.write(tmp_path / "small.export"))
    assert f"From block {len(made.blocks) - 1} on the export has no header" in done.notes[0], done.notes
    assert done.heights == len(made.blocks)


def test_a_lie_in_a_block_that_has_no_header_yet_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block()
    made.block(made.bundle([made.propose("kent", parameter(4, 86400))]))
    without_header(made.blocks[-1])
    made.blocks[-1].entries = []
    finds_as_written(made, tmp_path, "block 2", "has 0 entries")


def test_a_header_left_out_before_another_is_found(tmp_path):
    made = SmallChain(*FOUR)
    for _ in range(3):
        made.block()
    without_header(made.blocks[1])
    finds_as_written(made, tmp_path, "block 2", "lacks its header or commit, and a later block has them")
    made.blocks[1].time = None
    finds_as_written(made, tmp_path, "block 2", "has neither a header nor a time")


def test_a_proposal_lapses_by_itself_and_one_fails_at_its_time(tmp_path):
    made = SmallChain(*FOUR)
    made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    made.block(seconds=2000)
    first = made.propose("kent", parameter(5, 7200))
    first_id = made.last_id
    second = made.propose("essex", parameter(5, 7200))
    made.block(made.bundle([first, second]))
    second_id = made.last_id
    made.block(made.bundle([made.vote(who, id_) for id_ in (first_id, second_id) for who in ("dorset", "suffolk")]))
    made.block(made.bundle([made.vote("essex", first_id), made.vote("kent", second_id)]))
    made.block()
    done = agrees(made, tmp_path)
    states = [value.status for key, value in done.state.leaves.items() if key[0] == 7]
    expected = [S.PROPOSAL_STATUS_LAPSED, S.PROPOSAL_STATUS_IN_FORCE, S.PROPOSAL_STATUS_FAILED]
    assert sorted(states) == sorted(expected)


# --- votes


def test_a_vote_that_another_signed_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    proposal = made.last_id
    made.maker._authorised = lambda *_: True
    made.block(made.bundle([made.vote("dorset", proposal, signer="kent"), made.vote("essex", proposal)]))
    finds(made, tmp_path, "block 2", "entries, the rules make 1")


def test_a_vote_turned_round_after_it_was_signed_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    envelope = decode(S.Envelope, made.vote("dorset", made.last_id, yes=False))
    body = decode(S.Body, envelope.body)
    body.vote.choice = S.CHOICE_YES
    envelope.body = encode(body)
    made.maker._read = lambda data, place: (b"\1" * 32, b"\2" * 32, body, "vote", [public(key_of("dorset"))])
    made.block(made.bundle([encode(envelope)]))
    finds(made, tmp_path, "block 2, bundle 0", "false_signature")


def test_a_change_that_too_few_agreed_to_is_found(tmp_path):
    made = SmallChain(*FOUR)

    def judge(d, proposal, now):
        proposal.status, proposal.decided_at = S.PROPOSAL_STATUS_DECIDED, now

    with a_function_broken("judge", judge):
        made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    made.block()
    finds(made, tmp_path, "block 1", "the state root does not follow")


def test_a_vote_counted_twice_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    proposal = made.last_id
    made.block(made.bundle([made.vote("dorset", proposal)]))
    kept = governing.vote

    def twice(d, a, c):
        stored = d.edit(Keys.proposal(a.proposal))
        stored.ballots = [b for b in stored.ballots if b.authority != c.account]
        kept(d, a, c)

    from rules import ACTIONS

    with a_rule_broken(ACTIONS, "vote", twice):
        made.block(made.bundle([made.vote("dorset", proposal, yes=False)]))
    finds(made, tmp_path, "block 3, entry 0", "the rules make")


# --- nodes and their power


def test_power_taken_without_evidence_is_found(tmp_path):
    made = SmallChain(*FOUR)
    with a_rule_broken(governing.CHECKS, "take_power", lambda d, a: None):
        made.decide(take_power("kent"), "essex", "dorset", "suffolk")
    finds(made, tmp_path, "block 1, entry 0", "the rules make")


def test_evidence_that_is_left_out_or_made_up_is_found(tmp_path):
    made = SmallChain(*FOUR)

    def leave_out(block):
        block.misbehaviours = []

    made.block(misbehaviours=[evidence(made, "kent")], forge=leave_out)
    finds(made, tmp_path, "block 1", "its misbehaviour and its evidence hash do not fit")

    made = SmallChain(*FOUR)

    def make_up(block):
        block.misbehaviours = [evidence(made, "kent")]

    made.block(forge=make_up)
    finds(made, tmp_path, "block 1", "its misbehaviour and its evidence hash do not fit")


def test_evidence_that_is_recorded_against_another_is_found(tmp_path):
    made = SmallChain(*FOUR)

    def against_another(block):
        block.misbehaviours = [evidence(made, "essex")]

    made.block(misbehaviours=[evidence(made, "kent")], forge=against_another)
    finds(made, tmp_path, "block 1, entry 0", "the rules make")


def test_a_record_of_misbehaviour_wiped_from_the_state_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(misbehaviours=[evidence(made, "kent")])
    made.block(forge=lambda block: made.maker.state.apply({Keys.misbehaviour("kent", 1): None}))
    finds(made, tmp_path, "block 2", "the state root does not follow")


def test_a_validator_that_nobody_voted_for_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block()
    stranger = made.node("stranger")
    segment = made.maker.segment

    def slip_in(block):
        segment.next_validators = chain.sorted_validators([*segment.validators, (stranger.public_key, 9)])
        block.header.next_validators_hash = chain.validators_hash(segment.next_validators)

    made.block(forge=slip_in)
    made.block()
    finds(made, tmp_path, "block 2", "names other next validators than the ledger's")


def test_a_node_written_into_the_state_without_a_vote_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block()
    node = made.node("kent", "a stranger's node", power=9)
    made.block(forge=lambda block: made.maker.state.apply({Keys.node("kent"): node}))
    made.block()
    finds(made, tmp_path, "block 2", "the state root does not follow")


def test_validators_that_change_a_block_too_early_are_found(tmp_path):
    made = SmallChain(*FOUR)
    made.decide(made.admission("norfolk"), "kent", "dorset", "suffolk")
    segment = made.maker.segment
    segment.validators = segment.next_validators
    made.block()
    finds(made, tmp_path, "block 4", "has other validators than the ledger's")


def test_what_a_removed_authoritys_node_bundles_does_not_count(tmp_path):
    made = SmallChain(*FOUR)
    made.decide(removal("kent", "essex"), "essex", "dorset", "suffolk")
    kept = governing.validators_of
    old = (public(key_of("kent node")), 1)

    def still_there(d):
        return chain.sorted_validators([*kept(d), old])

    envelope = made.propose("essex", parameter(4, 7200))
    segment = made.maker.segment
    with a_function_broken("validators_of", still_there):
        executed = made.maker._executed
        made.maker._executed = lambda block, place: executed(block, place)
        made.block(made.bundle([envelope], key_of("kent node")))
    segment.next_validators = kept(made.maker._view())
    finds(made, tmp_path, "block 4", "entries, the rules make 0")


def test_an_act_of_a_removed_authority_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.decide(removal("kent", "essex"), "essex", "dorset", "suffolk")
    with a_function_broken("was_removed", lambda d, account: False):
        from rules import ACTIONS

        with a_rule_broken(ACTIONS, "propose", lambda d, a, c: None):
            made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    finds(made, tmp_path, "block 4, entry 0", "the rules make")


# --- commits


def test_a_commit_of_two_in_four_is_found_be_the_others_absent_or_for_nothing(tmp_path):
    for absent, nil in ((2, 0), (0, 2), (1, 1)):
        made = SmallChain(*FOUR)
        made.block(absent=absent, nil=nil)
        finds(made, tmp_path, "block 1", "too few authorities signed it")


def test_a_vote_for_nothing_that_is_passed_off_as_one_for_the_block_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(nil=1).commit.signatures[-1].block_id_flag = chain.COMMIT
    finds(made, tmp_path, "block 1", "a signature of its commit is false")


def test_an_absent_slot_that_says_something_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(absent=1).commit.signatures[-1].validator_address = chain.address(public(key_of("kent node")))
    finds(made, tmp_path, "block 1", "an absent slot of its commit is not empty")


def test_slots_that_changed_places_are_found(tmp_path):
    made = SmallChain(*FOUR)
    slots = made.block().commit.signatures
    slots[0], slots[1] = slots[1], slots[0]
    finds(made, tmp_path, "block 1", "a signature stands in another's slot")


def test_a_commit_that_is_not_the_one_that_the_next_header_hashes_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block(absent=1)
    made.block()
    commit = made.blocks[0].commit
    ordered = chain.sorted_validators(made.maker.segment.validators)
    slot = commit.signatures[-1]
    slot.block_id_flag, slot.validator_address = chain.COMMIT, chain.address(ordered[-1][0])
    slot.timestamp = S.Timestamp(seconds=made.now)
    slot.signature = made.nodes[ordered[-1][0]].sign(chain.vote_bytes("small-1", commit, slot)).signature
    finds(made, tmp_path, "block 2", "its last commit hash does not fit")


# --- handovers


def handing_over(*before):
    made = SmallChain(*FOUR)
    made.block()
    made.decide(hand_over(2), *before or ("kent", "dorset", "suffolk"))
    return made


def test_an_altered_handover_record_is_found(tmp_path):
    made = SmallChain(*FOUR)
    made.block()
    kept = governing.make_hand_over

    def with_a_stranger(d, a, now, block):
        kept(d, a, now, block)
        record = d.edit(Keys.handover())
        record.validators.validators[0].public_key = made.node("stranger").public_key

    with a_rule_broken(governing.MAKES, "hand_over", with_a_stranger):
        made.decide(hand_over(2), "kent", "dorset", "suffolk")
    made.block()
    finds(made, tmp_path, "block 4", "the state root does not follow")


def test_other_validators_than_the_handovers_are_found(tmp_path):
    made = handing_over()
    made.block()
    segment = made.maker.segment
    segment.validators = segment.next_validators = [(made.node("stranger").public_key, 1)]
    made.block()
    finds(made, tmp_path, "block 6", "has other validators than the ledger's")


def test_a_skipped_last_block_is_found(tmp_path):
    made = handing_over()
    record = made.maker.state.get(Keys.handover())
    from auditor import Segment

    validators = [(v.public_key, v.power) for v in record.validators.validators]
    made.maker.segments.append(Segment("small-2", 5, "cometbft", validators))
    made.block()
    finds(made, tmp_path, "block 5", "is of the chain small-2, not small-1")


def test_a_segment_that_goes_on_after_its_last_block_is_found(tmp_path):
    made = handing_over()
    segment = made.maker.segment
    segment.last_height = None
    made.maker._go_on = lambda: segment.executed(segment.validators)
    made.block()
    made.block()
    finds(made, tmp_path, "block 6", "is of the chain small-1, not small-2")


def test_what_a_last_block_executes_is_found(tmp_path):
    made = handing_over()
    made.maker.segment.last_height = None
    made.block(made.bundle([made.propose("kent", parameter(4, 7200))]))
    finds(made, tmp_path, "block 5", "has 1 entries, the rules make 0")


def test_a_first_block_with_a_parent_is_found(tmp_path):
    made = handing_over()
    made.block()

    def with_a_parent(block):
        block.header.last_block_id = made.blocks[-1].commit.block_id

    made.block(forge=with_a_parent)
    finds(made, tmp_path, "block 6", "the first block of its segment has a parent")


def test_a_first_block_of_another_state_is_found(tmp_path):
    made = handing_over()
    made.block()

    def of_another_state(block):
        block.header.app_hash = b"\7" * 32

    made.block(forge=of_another_state)
    finds(made, tmp_path, "block 6", "its app hash is not that of the state before it")


def test_a_block_of_rules_that_the_auditor_does_not_know_is_not_guessed_at(tmp_path):
    made = SmallChain(*FOUR)
    made.decide(parameter(1, 2), "kent", "dorset", "suffolk")
    import auditor

    known = auditor.RULE_SET
    auditor.RULE_SET = 2
    try:
        made.block()
    finally:
        auditor.RULE_SET = known
    with pytest.raises(Finding, match="block 4: rule set 2 is in force, this auditor knows 1"):
        audit(*made.write(tmp_path / "small.export"))
