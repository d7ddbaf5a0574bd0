"""What the ledger does by itself (docs/RULES.md, Due items)."""

from struct import unpack

import governing
from rules import grant_at, left_on, set_aside, settle_line
from state import Keys, Refused, due_id, key, move_credits, move_units

ISSUE, PASS_ON, LAPSE, EXPIRE, PROPOSAL, MISBEHAVIOUR = 1, 2, 3, 4, 5, 6


def parts_of(key_):
    """A state key's parts."""
    parts, at = [], 1
    while at < len(key_):
        (size,) = unpack(">H", key_[at : at + 2])
        parts.append(key_[at + 2 : at + 2 + size])
        at += 2 + size
    return parts


def due_of(state, key_):
    """(time, kind) of the items that a leaf calls for."""
    value = state.get(key_)
    schema = state.schema
    if value is None:
        return []
    kind = key_[0]
    if kind == 7:
        time = governing.due_at(schema, value)
        return [] if time is None else [(time, PROPOSAL)]
    if kind == 18 and value.status == schema.AWARD_STATUS_STANDSTILL:
        return [(value.standstill_ends, ISSUE)]
    if kind == 19 and value.pass_on_at and left_on(value):
        contract = state.get(Keys.contract(state.get(key(18, parts_of(key_)[0])).claim.contract))
        if value.pass_on_at < contract.redemption_deadline:
            return [(value.pass_on_at, PASS_ON)]
    if kind == 20 and value.available:
        contract = state.get(key(10, *parts_of(key_)[1:4]))
        return [(contract.redemption_deadline, EXPIRE)]
    if kind == 23:
        return _due_of_line(state, key_, value)
    return []


def _due_of_line(state, key_, line):
    redemption = state.get(key(22, parts_of(key_)[0]))
    contract = state.get(Keys.contract(redemption.claim.contract))
    items, cells = [], line.cells
    if cells.outstanding:
        if line.lapse_at < contract.redemption_deadline:
            items.append((line.lapse_at, LAPSE))
        items.append((contract.redemption_deadline, EXPIRE))
    if cells.delivered or cells.disputed_delivered or cells.disputed_confirmed:
        items.append((contract.settling_ends, EXPIRE))
    return items


class DueIndex:
    """All due items of a state: (time, kind, id, object), found again for the leaves that changed."""

    def __init__(self, ledger_id):
        self.ledger_id = ledger_id
        self.by_object = {}

    def update(self, state, key_):
        if key_[0] not in (7, 18, 19, 20, 23):
            return
        items = [(time, kind, due_id(self.ledger_id, time, kind, key_), key_) for time, kind in due_of(state, key_)]
        if items:
            self.by_object[key_] = items
        else:
            self.by_object.pop(key_, None)

    def first(self, now):
        """The first overdue item, or None."""
        overdue = [item for items in self.by_object.values() for item in items if item[0] <= now]
        return min(overdue) if overdue else None

    def overdue(self, now):
        return {item[3] for items in self.by_object.values() for item in items if item[0] <= now}


class Block:
    """What a change may ask of the block that runs it, and the numbers of the refusals."""

    def __init__(self, chain_id, height, refusals):
        self.chain_id, self.height, self.refusals = chain_id, height, refusals


def run(d, time, kind, object_, block):
    """Does what is due, judged as of `time`; raises Refused where its condition no longer holds."""
    parts = parts_of(object_)
    if kind == ISSUE:
        _issue(d, parts[0], time)
    elif kind == PASS_ON:
        _pass_on(d, parts[0], int.from_bytes(parts[1], "big"), time)
    elif kind == PROPOSAL:
        governing.run_due(d, object_, time, block)
    elif kind == LAPSE:
        number = int.from_bytes(parts[1], "big")
        units = d.get(object_).cells.outstanding
        move_units(d, parts[0], number, "outstanding", "released", units, time, "lapsed")
    elif object_[0] == 20:
        _expire_balance(d, object_, parts)
    else:
        _expire_line(d, parts[0], int.from_bytes(parts[1], "big"), time)


def _issue(d, id_, time):
    s = d.schema
    award = d.edit(Keys.award(id_))
    award.status = s.AWARD_STATUS_ISSUED
    supplier = award.claim.supplier
    set_aside(d, award.claim, -award.value)
    move_credits(d, award.claim, (supplier, "ISSUE"), (supplier, "AVAILABLE"), award.value)
    parameters = d.get(Keys.parameters())
    deadline = d.get(Keys.contract(award.claim.contract)).redemption_deadline
    for number in range(award.lines):
        line = d.edit(Keys.awarded_line(id_, number))
        d.edit(Keys.promise(award.claim, line.line.resource)).awarded += line.line.quantity
        at = time + parameters.pass_on_seconds
        line.pass_on_at = at if at < deadline else 0


def _pass_on(d, id_, number, time):
    award = d.get(Keys.award(id_))
    line = d.edit(Keys.awarded_line(id_, number))
    line.pass_on_at = 0
    contract = award.claim.contract
    if grant_at(d, contract, line.line.project, time) is None:
        raise Refused("not_accredited")
    units = left_on(line)
    amount = units * line.unit_value
    move_credits(d, award.claim, (award.claim.supplier, "AVAILABLE"), (line.line.project, "AVAILABLE"), amount)
    line.passed_on += units
    settle_line(line)


def _expire_balance(d, object_, parts):
    s = d.schema
    account, authority, ocid, lot, supplier = (p.decode() for p in parts)
    claim = s.Claim(contract=s.ContractId(authority=authority, ocid=ocid, lot=lot), supplier=supplier)
    amount = d.get(object_).available
    move_credits(d, claim, (account, "AVAILABLE"), (account, "EXPIRED"), amount)


def _expire_line(d, id_, number, time):
    redemption = d.get(Keys.redemption(id_))
    contract = d.get(Keys.contract(redemption.claim.contract))
    units = lambda cell: getattr(d.get(Keys.redemption_line(id_, number)).cells, cell)
    moves = [("outstanding", "expired", None)]
    if time >= contract.settling_ends:
        moves += [
            ("disputed_confirmed", "confirmed", None),
            ("delivered", "expired", "unconfirmed"),
            ("disputed_delivered", "expired", "unconfirmed"),
        ]
    for source, target, why in moves:
        if units(source):
            move_units(d, id_, number, source, target, units(source), time, why)
