"""How authorities govern (docs/RULES.md, Governing): proposals, votes, and what a decided change does. Changes raise
Refused with the refusal's name before they write anything."""

from chain import address, sorted_validators
from state import Keys, Refused, clone

EFFECTIVE_SECONDS_MAX = 31_622_400
AUTHORITIES_MAX = 100
NODES_LEFT_MIN = 2
PARAMETERS = {
    1: "rule_set", 2: "reveal_seconds", 3: "pass_on_seconds", 4: "answer_seconds",
    5: "accepted_date_after_wanted_seconds_max", 6: "undelivered_seconds", 7: "settling_seconds",
    8: "due_items_per_block_max", 9: "refusals_per_account_per_block_max", 10: "trusting_period_seconds",
    11: "proposal_seconds",
}  # fmt: skip


def refuse(condition, name):
    if condition:
        raise Refused(name)


# --- who is there ---


def authorities(d):
    return list(d.get(Keys.authorities()).handles)


def is_authority(d, account):
    return account in authorities(d)


def current_authority(d, handle):
    """Who answers for what was an authority's: itself, or the one that its successors lead to."""
    present = authorities(d)
    while handle not in present:
        handle = d.get(Keys.account(handle)).successor
    return handle


def was_removed(d, account):
    found = d.get(Keys.account(account))
    return found is not None and bool(found.successor)


def validators_of(d):
    """(key, power) of the nodes with power, as headers sort them."""
    nodes = [d.get(Keys.node(handle)) for handle in authorities(d)]
    return sorted_validators([(node.public_key, node.power) for node in nodes if node and node.power])


# --- proposals ---

CONCERNING = ("remove_authority", "set_authority_policy", "set_node", "take_power")


def concerned(change):
    name = change.which("change")
    return getattr(change, name).authority if name in CONCERNING else None


def electorate(d, change):
    return [handle for handle in authorities(d) if handle != concerned(change)]


def judge(d, proposal, now):
    s = d.schema
    voters = electorate(d, proposal.change)
    cast = {ballot.authority: ballot.choice for ballot in proposal.ballots if ballot.authority in voters}
    yes = sum(1 for choice in cast.values() if choice == s.CHOICE_YES)
    if 3 * yes > 2 * len(voters):
        proposal.status, proposal.decided_at = s.PROPOSAL_STATUS_DECIDED, now
    elif 3 * (yes + len(voters) - len(cast)) <= 2 * len(voters):
        proposal.status, proposal.ended_at = s.PROPOSAL_STATUS_LAPSED, now
    else:
        proposal.status = s.PROPOSAL_STATUS_OPEN


def add_ballot(d, proposal, authority, choice, now):
    proposal.ballots.append(d.schema.Ballot(authority=authority, choice=choice, cast_at=now))
    proposal.ballots.sort(key=lambda ballot: ballot.authority.encode())


def propose(d, a, c):
    s = d.schema
    refuse(not is_authority(d, c.account), "not_an_authority")
    refuse(a.effective_at > c.now + EFFECTIVE_SECONDS_MAX, "effective_too_late")
    check(d, a.change)
    proposal = s.Proposal(
        proposer=c.account, change=clone(a.change), effective_at=a.effective_at, proposed_at=c.now,
        lapses_at=c.now + c.parameters.proposal_seconds,
    )  # fmt: skip
    if c.account in electorate(d, a.change):
        add_ballot(d, proposal, c.account, s.CHOICE_YES, c.now)
    judge(d, proposal, c.now)
    d.put(Keys.proposal(c.id), proposal)


def vote(d, a, c):
    refuse(not is_authority(d, c.account), "not_an_authority")
    proposal = d.get(Keys.proposal(a.proposal))
    refuse(proposal is None, "unknown_proposal")
    refuse(proposal.status != d.schema.PROPOSAL_STATUS_OPEN, "proposal_not_open")
    refuse(not is_authority(d, proposal.proposer), "proposer_left")
    refuse(concerned(proposal.change) == c.account, "concerns_your_authority")
    refuse(any(ballot.authority == c.account for ballot in proposal.ballots), "already_voted")
    proposal = d.edit(Keys.proposal(a.proposal))
    add_ballot(d, proposal, c.account, a.choice, c.now)
    judge(d, proposal, c.now)


def due_at(schema, proposal):
    """When the ledger acts on a proposal by itself, or None."""
    if proposal.status == schema.PROPOSAL_STATUS_OPEN:
        return proposal.lapses_at
    if proposal.status == schema.PROPOSAL_STATUS_DECIDED:
        return max(proposal.effective_at, proposal.decided_at)
    return None


def run_due(d, key, time, block):
    """What is due of a proposal; raises Refused where it fails, the failure being written."""
    s = d.schema
    proposal = d.edit(key)
    proposal.ended_at = time
    if proposal.status == s.PROPOSAL_STATUS_OPEN:
        proposal.status = s.PROPOSAL_STATUS_LAPSED
        return
    try:
        check(d, proposal.change)
    except Refused as refused:
        proposal.status, proposal.refusal = s.PROPOSAL_STATUS_FAILED, block.refusals[str(refused)]
        raise
    proposal.status = s.PROPOSAL_STATUS_IN_FORCE
    make(d, proposal.change, time, block)


# --- changes ---


def check(d, change):
    """Raises what the change is refused for now."""
    name = change.which("change")
    if name in CONCERNING:
        refuse(not is_authority(d, concerned(change)), "unknown_authority")
        refuse(len(electorate(d, change)) < 2, "too_few_authorities")
    CHECKS[name](d, getattr(change, name))


def make(d, change, now, block):
    name = change.which("change")
    MAKES[name](d, getattr(change, name), now, block)


def key_is_taken(d, key):
    return d.get(Keys.public_key(key)) is not None


def was_a_node(d, key):
    return d.get(Keys.node_address(address(key))) is not None


def too_few_nodes_left(d, without):
    nodes = [d.get(Keys.node(handle)) for handle in authorities(d) if handle != without]
    return sum(1 for node in nodes if node and node.power) < NODES_LEFT_MIN


def check_admit(d, a):
    refuse(d.get(Keys.account(a.handle)) is not None, "account_exists")
    refuse(any(d.get(Keys.identifier(i)) for i in a.identifiers), "identifier_taken")
    taken = any(key_is_taken(d, key) for key in [*a.policy.keys, a.node.public_key])
    refuse(taken or was_a_node(d, a.node.public_key), "key_taken")
    refuse(len(authorities(d)) >= AUTHORITIES_MAX, "too_many_authorities")


def make_admit(d, a, now, block):
    s = d.schema
    d.put(
        Keys.account(a.handle),
        s.Account(
            roles=[s.ROLE_AUTHORITY], identifiers=clone(a.identifiers), names=clone(a.names), policy=clone(a.policy),
            registered_at=now,
        ),
    )  # fmt: skip
    present = d.edit(Keys.authorities())
    present.handles = sorted([*present.handles, a.handle], key=str.encode)
    d.put(Keys.node(a.handle), clone(a.node))
    owner = s.Owner(account=a.handle)
    for identifier in a.identifiers:
        d.put(Keys.identifier(identifier), owner)
    for key in [*a.policy.keys, a.node.public_key]:
        d.put(Keys.public_key(key), owner)
    d.put(Keys.node_address(address(a.node.public_key)), owner)


def check_remove(d, a):
    refuse(not is_authority(d, a.successor), "unknown_successor")
    refuse(too_few_nodes_left(d, a.authority), "too_few_nodes_left")


def make_remove(d, a, now, block):
    present = d.edit(Keys.authorities())
    present.handles = [handle for handle in present.handles if handle != a.authority]
    d.erase(Keys.public_key(d.get(Keys.node(a.authority)).public_key))
    d.erase(Keys.node(a.authority))
    forget_misbehaviour(d, a.authority)
    d.edit(Keys.account(a.authority)).successor = a.successor


def check_policy(d, account, policy, proofs):
    """What `set_policy` is refused for."""
    old = d.get(Keys.account(account)).policy.keys
    new = [key for key in policy.keys if key not in old]
    proved = {proof.public_key for proof in proofs}
    refuse(any(key not in proved for key in new), "key_not_proved")
    refuse(any(key_is_taken(d, key) for key in new), "key_taken")


def make_policy(d, account, policy):
    old = set(d.get(Keys.account(account)).policy.keys)
    d.edit(Keys.account(account)).policy = clone(policy)
    for key in old - set(policy.keys):
        d.erase(Keys.public_key(key))
    for key in set(policy.keys) - old:
        d.put(Keys.public_key(key), d.schema.Owner(account=account))


def check_node(d, a):
    old = d.get(Keys.node(a.authority))
    refuse(old == a.node, "nothing_changes")
    another = old.public_key != a.node.public_key
    refuse(another and (key_is_taken(d, a.node.public_key) or was_a_node(d, a.node.public_key)), "key_taken")


def make_node(d, a, now, block):
    old = d.get(Keys.node(a.authority))
    if old.public_key != a.node.public_key:
        owner = d.schema.Owner(account=a.authority)
        d.erase(Keys.public_key(old.public_key))
        d.put(Keys.public_key(a.node.public_key), owner)
        d.put(Keys.node_address(address(a.node.public_key)), owner)
    d.put(Keys.node(a.authority), clone(a.node))
    forget_misbehaviour(d, a.authority)


def check_parameter(d, a):
    now = getattr(d.get(Keys.parameters()), PARAMETERS[a.parameter])
    refuse(now == a.value, "nothing_changes")
    refuse(PARAMETERS[a.parameter] == "rule_set" and a.value < now, "rule_set_goes_back")


def make_parameter(d, a, now, block):
    setattr(d.edit(Keys.parameters()), PARAMETERS[a.parameter], a.value)


def check_take_power(d, a):
    refuse(d.get(Keys.node(a.authority)).power == 0, "nothing_changes")
    refuse(d.get(Keys.misbehaviour(a.authority, 0)) is None, "no_misbehaviour")
    refuse(too_few_nodes_left(d, a.authority), "too_few_nodes_left")


def make_take_power(d, a, now, block):
    d.edit(Keys.node(a.authority)).power = 0


def check_hand_over(d, a):
    newest = d.get(Keys.handover())
    refuse(a.segment != (newest.segment if newest else 1) + 1, "not_the_next_segment")
    refuse(a.engine == d.schema.ENGINE_SOLO and len(validators_of(d)) != 1, "solo_needs_one_node")


def make_hand_over(d, a, now, block):
    s = d.schema
    validators = [s.Validator(public_key=key, power=power) for key, power in validators_of(d)]
    d.put(
        Keys.handover(),
        s.Handover(
            segment=a.segment, chain_id=f"{block.chain_id.rsplit('-', 1)[0]}-{a.segment}",
            initial_height=block.height + 2, validators=s.ValidatorSet(validators=validators), engine=a.engine,
            decided_at=now,
        ),
    )  # fmt: skip


CHECKS = {
    "admit_authority": check_admit,
    "remove_authority": check_remove,
    "set_authority_policy": lambda d, a: check_policy(d, a.authority, a.policy, a.proofs),
    "set_node": check_node,
    "set_parameter": check_parameter,
    "take_power": check_take_power,
    "hand_over": check_hand_over,
}
MAKES = {
    "admit_authority": make_admit,
    "remove_authority": make_remove,
    "set_authority_policy": lambda d, a, now, block: make_policy(d, a.authority, a.policy),
    "set_node": make_node,
    "set_parameter": make_parameter,
    "take_power": make_take_power,
    "hand_over": make_hand_over,
}


# --- misbehaviour ---


def forget_misbehaviour(d, authority):
    if d.get(Keys.misbehaviour(authority, 0)) is not None:
        d.erase(Keys.misbehaviour(authority, 0))


def record_misbehaviour(d, report, height):
    """The key of the record that was made, or None where the report is passed over."""
    s = d.schema
    owner = d.get(Keys.node_address(report.address))
    if report.height == 0 or owner is None:
        return None
    key = Keys.misbehaviour(owner.account, report.height)
    if d.get(key) is not None:
        return None
    record = s.MisbehaviourRecord(misbehaviour=clone(report), recorded_at=height)
    d.put(key, record)
    node = d.get(Keys.node(owner.account))
    if node is not None and address(node.public_key) == report.address:
        d.put(Keys.misbehaviour(owner.account, 0), clone(record))
    return key

