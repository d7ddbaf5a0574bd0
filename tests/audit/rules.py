"""The rules of docs/RULES.md, rule set 1: what each action answers and changes. One function an action; it raises
Refused with the refusal's name, or writes to the draft."""

from struct import pack

from governing import check_policy, current_authority, is_authority, make_policy, propose, vote
from state import AMOUNT_MAX, Keys, Refused, clone, move_credits, move_units
from trees import sha256, tagged
from wire import encode


class Context:
    """Who acts and when; `id` is the envelope's."""

    def __init__(self, ledger_id, id_, account, co_signers, now, parameters):
        self.ledger_id, self.id, self.account, self.co_signers = ledger_id, id_, account, co_signers
        self.now, self.parameters = now, parameters

    def has_signed(self, account):
        return account == self.account or account in self.co_signers


def refuse(condition, name):
    if condition:
        raise Refused(name)


# --- terms ---


def is_open(contract, now):
    return now < contract.redemption_deadline and not contract.closed_at


def is_settling(contract, now):
    return now >= contract.redemption_deadline and not contract.closed_at


def has_role(d, account, role):
    found = d.get(Keys.account(account))
    return found is not None and role in found.roles


def side(d, contract, account):
    found = d.get(Keys.participant(contract, account))
    return found.role if found else 0


def take_side(d, contract, account, role):
    if side(d, contract, account) == 0:
        d.edit(Keys.participant(contract, account)).role = role


def other_side(d, contract, account, role):
    return side(d, contract, account) not in (0, role)


def grant_at(d, contract, project, at):
    found = d.get(Keys.accreditation(contract, project))
    return found.grant if found and found.grant and at < found.grant.expires else None


def the_contract(d, id_, now=None):
    """The contract; refuses unknown_contract, and contract_not_open where `now` is given."""
    contract = d.get(Keys.contract(id_))
    refuse(contract is None, "unknown_contract")
    if now is not None:
        refuse(not is_open(contract, now), "contract_not_open")
    return contract


def authoritys_contract(d, id_, c, open_=True):
    contract = d.get(Keys.contract(id_))
    refuse(contract is None, "unknown_contract")
    refuse(current_authority(d, id_.authority) != c.account, "not_the_contracts_authority")
    if open_:
        refuse(not is_open(contract, c.now), "contract_not_open")
    return contract


def unit_value(contract, resource):
    for priced in contract.prices:
        if priced.price.resource == resource:
            return priced.unit_value
    return None


def left_on(line):
    return line.line.quantity - line.transferred - line.passed_on - line.returned


def settle_line(line):
    if left_on(line) == 0:
        line.pass_on_at = 0


# --- what an envelope moves ---


def bounded(value):
    return min(value, AMOUNT_MAX)


def value_moved(d, name, a):
    def redemption_units(id_, number, quantity):
        line = d.get(Keys.redemption_line(id_, number))
        return bounded(quantity * line.unit_value) if line else 0

    def awarded_units(id_, number, quantity):
        line = d.get(Keys.awarded_line(id_, number))
        return bounded(quantity * line.unit_value) if line else 0

    def listed(contract_id, pairs):
        contract = d.get(Keys.contract(contract_id))
        if contract is None:
            return 0
        total = 0
        for resource, quantity in pairs:
            value = unit_value(contract, resource) or 0
            total = bounded(total + bounded(value * quantity))
        return total

    if name in ("transfer", "return_credits"):
        return a.amount
    if name in ("transfer_awarded", "return_awarded"):
        return awarded_units(a.award, a.line, a.quantity)
    if name in ("record_delivery", "dispute"):
        return redemption_units(a.redemption, a.line, a.quantity)
    if name == "resolve_dispute":
        return redemption_units(a.redemption, a.line, bounded(a.to_project + a.to_retire))
    if name in ("confirm_delivery", "verify_delivery"):
        return bounded(sum(redemption_units(x.redemption, x.line, x.quantity) for x in a.lines))
    if name == "redeem":
        return listed(a.claim.contract, [(x.resource, x.quantity) for x in a.lines])
    if name == "award":
        if a.lines:
            return listed(a.contract, [(x.resource, x.quantity) for x in a.lines])
        claim = d.schema.Claim(contract=a.contract, supplier=a.supplier)
        found = [d.get(Keys.revealed_line(claim, number)) for number in a.revealed]
        return listed(a.contract, [(x.line.resource, x.line.quantity) for x in found if x])
    if name in ("decline_redemption", "cancel_redemption"):
        redemption = d.get(Keys.redemption(a.redemption))
        if redemption is None:
            return 0
        numbers = range(redemption.lines) if name == "decline_redemption" else a.lines
        total = 0
        for number in numbers:
            line = d.get(Keys.redemption_line(a.redemption, number))
            total += line.cells.outstanding * line.unit_value if line else 0
        return bounded(total)
    return 0


# --- accounts ---


def register(d, a, c):
    s = d.schema
    refuse(not is_authority(d, c.account), "not_an_authority")
    refuse(a.handle.split("/")[0] != c.account, "handle_not_yours")
    refuse(d.get(Keys.account(a.handle)) is not None, "account_exists")
    refuse(any(d.get(Keys.identifier(i)) for i in a.identifiers), "identifier_taken")
    refuse(any(d.get(Keys.public_key(k)) for k in a.policy.keys), "key_taken")
    d.put(
        Keys.account(a.handle),
        s.Account(
            roles=list(a.roles), registered_by=c.account, identifiers=clone(a.identifiers), names=clone(a.names),
            policy=clone(a.policy), registered_at=c.now,
        ),
    )  # fmt: skip
    for identifier in a.identifiers:
        d.put(Keys.identifier(identifier), s.Owner(account=a.handle))
    for key in a.policy.keys:
        d.put(Keys.public_key(key), s.Owner(account=a.handle))


def set_policy(d, a, c):
    check_policy(d, c.account, a.policy, a.proofs)
    make_policy(d, c.account, a.policy)


# --- programme ---


def allocation_of(a):
    which = a.which("allocation")
    if which == "allocation_fixed":
        return a.allocation_fixed
    refuse(a.value_pence == 0, "value_not_estimated")
    if which == "allocation_rate":
        rate = a.allocation_rate
        value = a.value_pence * rate.basis_points // (100 * rate.pence_per_credit)
    else:
        fitting = [b.allocation for b in a.allocation_bands.bands if b.from_pence <= a.value_pence]
        value = fitting[-1] if fitting else 0
    refuse(value == 0, "allocation_zero")
    refuse(value > AMOUNT_MAX, "allocation_too_large")
    return value


def open_contract(d, a, c):
    s = d.schema
    refuse(not is_authority(d, c.account), "not_an_authority")
    refuse(a.contract.authority != c.account, "not_the_contracts_authority")
    refuse(d.get(Keys.contract(a.contract)) is not None, "contract_exists")
    reveal_ends = a.bids_close + c.parameters.reveal_seconds
    in_order = a.bids_close > c.now and reveal_ends + a.standstill_seconds < a.redemption_deadline
    refuse(not in_order, "dates_out_of_order")
    prices = []
    for price in a.prices:
        value = price.hundredths_per_unit * (10000 - price.deadweight_basis_points) // 10000
        refuse(value == 0, "unit_value_zero")
        prices.append(s.PricedResource(price=clone(price), unit_value=value))
    allocation = allocation_of(a)
    d.put(
        Keys.contract(a.contract),
        s.Contract(
            value_pence=a.value_pence, allocation=allocation, prices=prices,
            price_list_hash=sha256(encode(s.PriceList(prices=clone(a.prices)))),
            outcomes=list(a.outcomes), wards=list(a.wards), bids_close=a.bids_close, reveal_ends=reveal_ends,
            standstill_seconds=a.standstill_seconds, redemption_deadline=a.redemption_deadline,
            settling_ends=a.redemption_deadline + c.parameters.settling_seconds, opened_at=c.now,
        ),
    )  # fmt: skip


def close_contract(d, a, c):
    contract = authoritys_contract(d, a.contract, c, open_=False)
    refuse(contract.closed_at, "contract_closed")
    refuse(not is_settling(contract, c.now), "contract_not_settling")
    totals = d.get(Keys.contract_totals(a.contract))
    if totals:
        refuse(totals.awarded, "awards_in_standstill")
        refuse(totals.available or totals.reserved or totals.disputed or totals.confirmed, "credits_outstanding")
    d.edit(Keys.contract(a.contract)).closed_at = c.now


def apply_for_accreditation(d, a, c):
    s = d.schema
    refuse(not has_role(d, c.account, s.ROLE_PROJECT), "not_a_project")
    contract = the_contract(d, a.contract, c.now)
    refuse(other_side(d, a.contract, c.account, s.ROLE_PROJECT), "on_the_other_side")
    refuse(not set(a.outcomes) <= set(contract.outcomes), "unknown_outcome")
    refuse(not set(a.wards) <= set(contract.wards), "unknown_ward")
    waiting = d.get(Keys.accreditation(a.contract, c.account))
    refuse(waiting is not None and waiting.application is not None, "application_waiting")
    record = d.edit(Keys.accreditation(a.contract, c.account))
    record.application = s.Accreditation_Application(
        outcomes=list(a.outcomes), wards=list(a.wards), reference=a.reference, applied_at=c.now
    )
    record.declined = None
    take_side(d, a.contract, c.account, s.ROLE_PROJECT)


def waiting_application(d, a, c):
    contract = authoritys_contract(d, a.contract, c)
    record = d.get(Keys.accreditation(a.contract, a.project))
    refuse(record is None or record.application is None, "no_application")
    return contract


def decline_application(d, a, c):
    waiting_application(d, a, c)
    record = d.edit(Keys.accreditation(a.contract, a.project))
    record.application = None
    record.declined = clone(a.reason)


def accredit(d, a, c):
    s = d.schema
    contract = waiting_application(d, a, c)
    refuse(not set(a.outcomes) <= set(contract.outcomes), "unknown_outcome")
    refuse(not set(a.wards) <= set(contract.wards), "unknown_ward")
    refuse(not c.now < a.expires <= contract.redemption_deadline, "expiry_out_of_range")
    record = d.edit(Keys.accreditation(a.contract, a.project))
    record.application = record.declined = None
    record.grant = s.Accreditation_Grant(
        outcomes=list(a.outcomes), wards=list(a.wards), expires=a.expires, relevance=clone(a.relevance),
        granted_at=c.now,
    )  # fmt: skip


def publish_need(d, a, c):
    contract = the_contract(d, a.contract, c.now)
    grant = grant_at(d, a.contract, c.account, c.now)
    refuse(grant is None, "not_accredited")
    refuse(unit_value(contract, a.resource) is None, "unknown_resource")
    refuse(not c.now < a.by_when < contract.redemption_deadline, "date_out_of_range")
    refuse(a.ward not in grant.wards, "unknown_ward")
    need = d.schema.Need(
        contract=clone(a.contract), project=c.account, resource=a.resource, quantity=a.quantity, by_when=a.by_when,
        ward=a.ward, published_at=c.now,
    )  # fmt: skip
    d.put(Keys.need(c.id), need)


def withdraw_need(d, a, c):
    need = d.get(Keys.need(a.need))
    refuse(need is None, "unknown_need")
    refuse(need.project != c.account, "not_your_need")
    refuse(not is_open(d.get(Keys.contract(need.contract)), c.now), "contract_not_open")
    d.erase(Keys.need(a.need))


def seal_lines(d, a, c):
    s = d.schema
    refuse(not has_role(d, c.account, s.ROLE_SUPPLIER), "not_a_supplier")
    contract = the_contract(d, a.contract)
    refuse(c.now >= contract.bids_close, "bids_closed")
    refuse(other_side(d, a.contract, c.account, s.ROLE_SUPPLIER), "on_the_other_side")
    bidder = s.Claim(contract=a.contract, supplier=c.account)
    d.put(Keys.bid(bidder), s.Bid(hash=a.hash, sealed_at=c.now))
    take_side(d, a.contract, c.account, s.ROLE_SUPPLIER)


def admit(d, id_, contract, line, now, total):
    """The total with this line; refuses what a commitment line may not be."""
    grant = grant_at(d, id_, line.project, now)
    refuse(grant is None, "not_accredited")
    refuse(line.outcome not in grant.outcomes, "unknown_outcome")
    refuse(line.ward not in grant.wards, "unknown_ward")
    value = unit_value(contract, line.resource)
    refuse(value is None, "unknown_resource")
    refuse(not now < line.due < contract.redemption_deadline, "date_out_of_range")
    total += value * line.quantity
    refuse(total > AMOUNT_MAX, "amount_too_large")
    return total


def seal_of(c, bidder, salt, lines, schema):
    contract = bidder.contract
    parts = b"".join(
        pack(">H", len(p)) + p.encode()
        for p in (contract.authority, contract.ocid, contract.lot, bidder.supplier)
    )
    return tagged("tallystick/seal/1", c.ledger_id, parts, salt, encode(schema.CommitmentLines(lines=lines)))


def reveal_lines(d, a, c):
    s = d.schema
    contract = the_contract(d, a.contract)
    refuse(c.now < contract.bids_close, "bids_not_closed")
    refuse(c.now >= contract.reveal_ends, "reveal_over")
    bidder = s.Claim(contract=a.contract, supplier=c.account)
    bid = d.get(Keys.bid(bidder))
    refuse(bid is None, "no_bid")
    refuse(bid.revealed_at, "already_revealed")
    refuse(seal_of(c, bidder, a.salt, a.lines, s) != bid.hash, "seal_does_not_match")
    total = 0
    for line in a.lines:
        total = admit(d, a.contract, contract, line, c.now, total)
    bid = d.edit(Keys.bid(bidder))
    bid.revealed_at, bid.lines = c.now, len(a.lines)
    for number, line in enumerate(a.lines):
        d.put(Keys.revealed_line(bidder, number), s.RevealedLine(line=clone(line)))


def withdraw_lines(d, a, c):
    the_contract(d, a.contract, c.now)
    bidder = d.schema.Claim(contract=a.contract, supplier=c.account)
    bid = d.get(Keys.bid(bidder))
    refuse(bid is None, "no_bid")
    lines = [(n, d.get(Keys.revealed_line(bidder, n))) for n in range(bid.lines)]
    lines = [(n, line) for n, line in lines if line is not None]
    free = [n for n, line in lines if not line.award]
    refuse(lines and not free, "line_already_awarded")
    for number in free:
        d.erase(Keys.revealed_line(bidder, number))
    if len(free) == len(lines):
        d.erase(Keys.bid(bidder))


def award(d, a, c):
    s = d.schema
    contract = authoritys_contract(d, a.contract, c)
    refuse(not has_role(d, a.supplier, s.ROLE_SUPPLIER), "not_a_supplier")
    refuse(other_side(d, a.contract, a.supplier, s.ROLE_SUPPLIER), "on_the_other_side")
    refuse(a.standstill_ends < c.now + contract.standstill_seconds, "standstill_too_short")
    refuse(a.standstill_ends >= contract.redemption_deadline, "standstill_after_deadline")
    claim = s.Claim(contract=clone(a.contract), supplier=a.supplier)
    total, lines = 0, []
    if a.revealed:
        refuse(c.now < contract.reveal_ends, "reveal_not_over")
        bid = d.get(Keys.bid(claim))
        refuse(bid is None or not bid.revealed_at, "no_bid")
        for number in a.revealed:
            revealed = d.get(Keys.revealed_line(claim, number))
            refuse(revealed is None, "unknown_line")
            refuse(revealed.award, "line_already_awarded")
            refuse(grant_at(d, a.contract, revealed.line.project, c.now) is None, "not_accredited")
            total += unit_value(contract, revealed.line.resource) * revealed.line.quantity
            refuse(total > AMOUNT_MAX, "amount_too_large")
            lines.append((number + 1, revealed.line))
    else:
        refuse(c.now < contract.bids_close, "bids_not_closed")
        refuse(not c.has_signed(a.supplier), "supplier_has_not_signed")
        for line in a.lines:
            total = admit(d, a.contract, contract, line, c.now, total)
            lines.append((0, line))
    totals = d.get(Keys.contract_totals(a.contract))
    taken = totals.awarded + totals.issued if totals else 0
    refuse(taken + total > contract.allocation, "allocation_exceeded")
    d.put(
        Keys.award(c.id),
        s.AwardRecord(
            claim=claim, status=s.AWARD_STATUS_STANDSTILL, value=total, lines=len(lines), awarded_at=c.now,
            standstill_ends=a.standstill_ends,
        ),
    )  # fmt: skip
    for at, (revealed_number, line) in enumerate(lines):
        d.put(
            Keys.awarded_line(c.id, at),
            s.AwardedLine(
                line=clone(line), unit_value=unit_value(contract, line.resource), revealed_number=revealed_number
            ),
        )
        if revealed_number:
            d.edit(Keys.revealed_line(claim, revealed_number - 1)).award = c.id
    set_aside(d, claim, total)
    take_side(d, a.contract, a.supplier, s.ROLE_SUPPLIER)


def set_aside(d, claim, value):
    d.edit(Keys.claim_totals(claim)).awarded += value
    d.edit(Keys.contract_totals(claim.contract)).awarded += value


def cancel_award(d, a, c):
    s = d.schema
    record = d.get(Keys.award(a.award))
    refuse(record is None, "unknown_award")
    refuse(current_authority(d, record.claim.contract.authority) != c.account, "not_the_contracts_authority")
    standing = record.status == s.AWARD_STATUS_STANDSTILL and c.now < record.standstill_ends
    refuse(not standing, "award_not_in_standstill")
    record = d.edit(Keys.award(a.award))
    record.status, record.cancelled = s.AWARD_STATUS_CANCELLED, clone(a.reason)
    set_aside(d, record.claim, -record.value)
    for at in range(record.lines):
        line = d.get(Keys.awarded_line(a.award, at))
        if line.revealed_number:
            d.edit(Keys.revealed_line(record.claim, line.revealed_number - 1)).award = b""


# --- credits ---


def the_awarded_line(d, a, c):
    s = d.schema
    record = d.get(Keys.award(a.award))
    refuse(record is None, "unknown_award")
    refuse(record.claim.supplier != c.account, "not_the_awards_supplier")
    refuse(record.status != s.AWARD_STATUS_ISSUED, "award_not_issued")
    refuse(not is_open(d.get(Keys.contract(record.claim.contract)), c.now), "contract_not_open")
    line = d.get(Keys.awarded_line(a.award, a.line))
    refuse(line is None, "unknown_line")
    return record.claim, line


def transfer_awarded(d, a, c):
    s = d.schema
    claim, line = the_awarded_line(d, a, c)
    id_ = claim.contract
    refuse(d.get(Keys.account(a.to)) is None, "unknown_recipient")
    refuse(not has_role(d, a.to, s.ROLE_PROJECT), "recipient_not_a_project")
    refuse(other_side(d, id_, a.to, s.ROLE_PROJECT), "on_the_other_side")
    signed = c.has_signed(current_authority(d, id_.authority))
    refuse(a.to != line.line.project and not signed, "another_project_than_awarded")
    refuse(grant_at(d, id_, a.to, c.now) is None and not signed, "not_on_the_contract")
    refuse(left_on(line) < a.quantity, "insufficient_units")
    amount = a.quantity * line.unit_value
    move_credits(d, claim, (c.account, "AVAILABLE"), (a.to, "AVAILABLE"), amount)
    line = d.edit(Keys.awarded_line(a.award, a.line))
    line.transferred += a.quantity
    settle_line(line)
    take_side(d, id_, a.to, s.ROLE_PROJECT)


def holders_contract(d, claim, c):
    s = d.schema
    the_contract(d, claim.contract, c.now)
    refuse(side(d, claim.contract, c.account) == s.ROLE_SUPPLIER, "supplier_may_not_transfer")


def transfer(d, a, c):
    s = d.schema
    id_ = a.claim.contract
    holders_contract(d, a.claim, c)
    if grant_at(d, id_, a.to, c.now) is None:
        refuse(d.get(Keys.account(a.to)) is None, "unknown_recipient")
        refuse(not has_role(d, a.to, s.ROLE_PROJECT), "recipient_not_a_project")
        refuse(other_side(d, id_, a.to, s.ROLE_PROJECT), "on_the_other_side")
        refuse(not c.has_signed(current_authority(d, id_.authority)), "not_on_the_contract")
    move_credits(d, a.claim, (c.account, "AVAILABLE"), (a.to, "AVAILABLE"), a.amount)
    take_side(d, id_, a.to, s.ROLE_PROJECT)


def return_credits(d, a, c):
    holders_contract(d, a.claim, c)
    move_credits(d, a.claim, (c.account, "AVAILABLE"), (c.account, "RETURNED"), a.amount)


def return_awarded(d, a, c):
    claim, line = the_awarded_line(d, a, c)
    refuse(not c.has_signed(current_authority(d, claim.contract.authority)), "authority_has_not_signed")
    refuse(left_on(line) < a.quantity, "insufficient_units")
    move_credits(d, claim, (c.account, "AVAILABLE"), (c.account, "RETURNED"), a.quantity * line.unit_value)
    line = d.edit(Keys.awarded_line(a.award, a.line))
    line.returned += a.quantity
    settle_line(line)
    d.edit(Keys.promise(claim, line.line.resource)).awarded -= a.quantity


def redeem(d, a, c):
    s = d.schema
    id_ = a.claim.contract
    contract = the_contract(d, id_, c.now)
    refuse(not c.now < a.wanted_by < contract.redemption_deadline, "date_out_of_range")
    grant = grant_at(d, id_, c.account, c.now)
    refuse(grant is None, "not_accredited")
    total = 0
    for line in a.lines:
        value = unit_value(contract, line.resource)
        refuse(value is None, "unknown_resource")
        refuse(line.outcome not in grant.outcomes, "unknown_outcome")
        refuse(line.ward not in grant.wards, "unknown_ward")
        promise = d.get(Keys.promise(a.claim, line.resource))
        refuse(promise is None or promise.awarded == 0, "resource_not_promised")
        total += value * line.quantity
        refuse(total > AMOUNT_MAX, "amount_too_large")
    move_credits(d, a.claim, (c.account, "AVAILABLE"), (c.account, "RESERVED"), total)
    d.put(
        Keys.redemption(c.id),
        s.Redemption(
            claim=clone(a.claim), project=c.account, status=s.REDEMPTION_STATUS_REQUESTED, requested_at=c.now,
            wanted_by=a.wanted_by, lines=len(a.lines), open_lines=len(a.lines),
        ),
    )  # fmt: skip
    for number, line in enumerate(a.lines):
        d.put(
            Keys.redemption_line(c.id, number),
            s.RedemptionLine(
                resource=line.resource, outcome=line.outcome, ward=line.ward,
                unit_value=unit_value(contract, line.resource), requested=line.quantity,
                cells=s.Cells(outstanding=line.quantity), lapse_at=c.now + c.parameters.answer_seconds,
            ),
        )  # fmt: skip


def the_redemption(d, id_):
    redemption = d.get(Keys.redemption(id_))
    refuse(redemption is None, "unknown_redemption")
    return redemption


def unanswered(d, a, c):
    s = d.schema
    redemption = the_redemption(d, a.redemption)
    refuse(redemption.claim.supplier != c.account, "not_the_redemptions_supplier")
    answered = (s.REDEMPTION_STATUS_ACCEPTED, s.REDEMPTION_STATUS_DECLINED)
    refuse(redemption.status in answered, "already_answered")
    refuse(redemption.status != s.REDEMPTION_STATUS_REQUESTED, "redemption_ended")
    contract = d.get(Keys.contract(redemption.claim.contract))
    refuse(not is_open(contract, c.now), "contract_not_open")
    return redemption, contract


def accept_redemption(d, a, c):
    redemption, contract = unanswered(d, a, c)
    latest = redemption.wanted_by + c.parameters.accepted_date_after_wanted_seconds_max
    refuse(not c.now <= a.date <= latest or a.date >= contract.redemption_deadline, "date_out_of_range")
    redemption = d.edit(Keys.redemption(a.redemption))
    redemption.status, redemption.agreed_date = d.schema.REDEMPTION_STATUS_ACCEPTED, a.date
    for number in range(redemption.lines):
        line = d.get(Keys.redemption_line(a.redemption, number))
        if line.cells.outstanding:
            line = d.edit(Keys.redemption_line(a.redemption, number))
            line.lapse_at = a.date + c.parameters.undelivered_seconds
            d.edit(Keys.promise(redemption.claim, line.resource)).accepted += line.cells.outstanding


def decline_redemption(d, a, c):
    redemption, _ = unanswered(d, a, c)
    d.edit(Keys.redemption(a.redemption)).declined = clone(a.reason)
    unused = {}
    for number in range(redemption.lines):
        line = d.get(Keys.redemption_line(a.redemption, number))
        units = line.cells.outstanding
        if not units:
            continue
        promise = d.get(Keys.promise(redemption.claim, line.resource))
        if line.resource not in unused:
            unused[line.resource] = max(0, promise.awarded - promise.accepted) if promise else 0
        broken = min(units, unused[line.resource])
        unused[line.resource] -= broken
        if broken:
            d.edit(Keys.redemption_line(a.redemption, number)).broken += broken
            d.edit(Keys.promise(redemption.claim, line.resource)).broken += broken
        move_units(d, a.redemption, number, "outstanding", "released", units, c.now, "declined")


def cancel_redemption(d, a, c):
    s = d.schema
    redemption = the_redemption(d, a.redemption)
    supplier, project = redemption.claim.supplier, redemption.project
    refuse(c.account not in (project, supplier), "not_your_redemption")
    refuse(not c.has_signed(project), "project_must_agree")
    live = (s.REDEMPTION_STATUS_REQUESTED, s.REDEMPTION_STATUS_ACCEPTED)
    refuse(redemption.status not in live, "redemption_ended")
    refuse(not is_open(d.get(Keys.contract(redemption.claim.contract)), c.now), "contract_not_open")
    bound = redemption.status == s.REDEMPTION_STATUS_ACCEPTED and c.now <= redemption.agreed_date
    refuse(bound and not c.has_signed(supplier), "supplier_must_agree")
    for number in a.lines:
        line = d.get(Keys.redemption_line(a.redemption, number))
        refuse(line is None, "unknown_redemption_line")
        refuse(not line.cells.outstanding, "nothing_outstanding")
    for number in a.lines:
        units = d.get(Keys.redemption_line(a.redemption, number)).cells.outstanding
        move_units(d, a.redemption, number, "outstanding", "released", units, c.now, "cancelled")


def record_delivery(d, a, c):
    s = d.schema
    redemption = the_redemption(d, a.redemption)
    refuse(redemption.claim.supplier != c.account, "not_the_redemptions_supplier")
    waiting = (s.REDEMPTION_STATUS_REQUESTED, s.REDEMPTION_STATUS_DECLINED)
    refuse(redemption.status in waiting, "not_accepted")
    refuse(redemption.status != s.REDEMPTION_STATUS_ACCEPTED, "redemption_ended")
    refuse(not is_open(d.get(Keys.contract(redemption.claim.contract)), c.now), "contract_not_open")
    line = the_line(d, a.redemption, a.line)
    refuse(line.cells.outstanding < a.quantity, "more_than_outstanding")
    refuse(any(d.get(Keys.evidence(tag)) for tag in a.evidence), "evidence_used")
    for tag in a.evidence:
        d.put(Keys.evidence(tag), s.EvidenceUse(redemption=a.redemption, line=a.line))
    move_units(d, a.redemption, a.line, "outstanding", "delivered", a.quantity, c.now)


def the_line(d, id_, number):
    line = d.get(Keys.redemption_line(id_, number))
    refuse(line is None, "unknown_redemption_line")
    return line


def confirm_delivery(d, a, c):
    for x in a.lines:
        refuse(the_redemption(d, x.redemption).project != c.account, "not_your_redemption")
        refuse(the_line(d, x.redemption, x.line).cells.delivered < x.quantity, "more_than_delivered")
    for x in a.lines:
        move_units(d, x.redemption, x.line, "delivered", "confirmed", x.quantity, c.now)


def verify_delivery(d, a, c):
    for x in a.lines:
        authority = current_authority(d, the_redemption(d, x.redemption).claim.contract.authority)
        refuse(authority != c.account, "not_the_contracts_authority")
        refuse(the_line(d, x.redemption, x.line).cells.confirmed < x.quantity, "more_than_confirmed")
    for x in a.lines:
        move_units(d, x.redemption, x.line, "confirmed", "retired", x.quantity, c.now)


def dispute(d, a, c):
    redemption = the_redemption(d, a.redemption)
    claim = redemption.claim
    authority = current_authority(d, claim.contract.authority)
    refuse(c.account not in (redemption.project, claim.supplier, authority), "not_a_party")
    line = the_line(d, a.redemption, a.line)
    refuse(c.now >= d.get(Keys.contract(claim.contract)).settling_ends, "dispute_window_over")
    if getattr(a, "from") == d.schema.CELL_DELIVERED:
        refuse(line.cells.delivered < a.quantity, "more_than_delivered")
        move_units(d, a.redemption, a.line, "delivered", "disputed_delivered", a.quantity, c.now)
    else:
        refuse(line.cells.confirmed < a.quantity, "more_than_confirmed")
        move_units(d, a.redemption, a.line, "confirmed", "disputed_confirmed", a.quantity, c.now)


def resolve_dispute(d, a, c):
    redemption = the_redemption(d, a.redemption)
    refuse(current_authority(d, redemption.claim.contract.authority) != c.account, "not_the_contracts_authority")
    cells = the_line(d, a.redemption, a.line).cells
    delivered, confirmed = cells.disputed_delivered, cells.disputed_confirmed
    refuse(delivered + confirmed == 0, "nothing_disputed")
    refuse(a.to_project + a.to_retire != delivered + confirmed, "not_all_disputed")
    refuse(a.to_retire > confirmed and not c.has_signed(redemption.project), "project_has_not_signed")
    contract = d.get(Keys.contract(redemption.claim.contract))
    back = "released" if is_open(contract, c.now) else "expired"
    retired_confirmed = min(a.to_retire, confirmed)
    retired_delivered = a.to_retire - retired_confirmed
    for cell, target, units in (
        ("disputed_confirmed", "retired", retired_confirmed),
        ("disputed_delivered", "retired", retired_delivered),
        ("disputed_confirmed", back, confirmed - retired_confirmed),
        ("disputed_delivered", back, delivered - retired_delivered),
    ):
        if units:
            move_units(d, a.redemption, a.line, cell, target, units, c.now)


ACTIONS = {
    f.__name__: f
    for f in (
        propose, vote, register, set_policy, open_contract, close_contract, apply_for_accreditation, decline_application, accredit,
        publish_need, withdraw_need, seal_lines, reveal_lines, withdraw_lines, award, cancel_award, transfer_awarded,
        transfer, return_credits, return_awarded, redeem, accept_redemption, decline_redemption, cancel_redemption,
        record_delivery, confirm_delivery, verify_delivery, dispute, resolve_dispute,
    )
}  # fmt: skip
