"""The ledger's state as docs/FORMATS.md names it: keys, a draft over it, and the two ways in which it may move:
credits between pockets, units between cells (docs/RULES.md, Terms)."""

from struct import pack

from trees import sha256, tagged
from wire import Message, Type

AMOUNT_MAX = 2**53 - 1


class Refused(Exception):
    """A rule says no; the argument is the refusal's name."""


def key(kind, *parts):
    out = bytearray([kind])
    for part in parts:
        raw = part.encode() if isinstance(part, str) else pack(">I", part) if isinstance(part, int) else part
        out += pack(">H", len(raw)) + raw
    return bytes(out)


def contract_parts(contract):
    return contract.authority, contract.ocid, contract.lot


class Keys:
    """One function a kind."""

    parameters = staticmethod(lambda: key(1))
    account = staticmethod(lambda handle: key(2, handle))
    identifier = staticmethod(lambda i: key(3, i.scheme, i.id))
    public_key = staticmethod(lambda k: key(4, k))
    node = staticmethod(lambda authority: key(5, authority))
    authorities = staticmethod(lambda: key(6))
    proposal = staticmethod(lambda id_: key(7, id_))
    misbehaviour = staticmethod(lambda authority, height: key(8, authority, pack(">Q", height)))
    handover = staticmethod(lambda: key(9))
    contract = staticmethod(lambda c: key(10, *contract_parts(c)))
    contract_totals = staticmethod(lambda c: key(11, *contract_parts(c)))
    claim_totals = staticmethod(lambda c: key(12, *contract_parts(c.contract), c.supplier))
    participant = staticmethod(lambda c, account: key(13, *contract_parts(c), account))
    accreditation = staticmethod(lambda c, project: key(14, *contract_parts(c), project))
    need = staticmethod(lambda id_: key(15, id_))
    bid = staticmethod(lambda c: key(16, *contract_parts(c.contract), c.supplier))
    revealed_line = staticmethod(lambda c, number: key(17, *contract_parts(c.contract), c.supplier, number))
    award = staticmethod(lambda id_: key(18, id_))
    awarded_line = staticmethod(lambda award, number: key(19, award, number))
    balance = staticmethod(lambda account, c: key(20, account, *contract_parts(c.contract), c.supplier))
    promise = staticmethod(lambda c, resource: key(21, *contract_parts(c.contract), c.supplier, resource))
    redemption = staticmethod(lambda id_: key(22, id_))
    redemption_line = staticmethod(lambda redemption, number: key(23, redemption, number))
    evidence = staticmethod(lambda tag: key(24, tag))
    node_address = staticmethod(lambda address: key(25, address))


TYPES = {
    1: "Parameters", 2: "Account", 3: "Owner", 4: "Owner", 5: "AuthorityNode", 6: "Authorities",
    7: "Proposal", 8: "MisbehaviourRecord", 9: "Handover", 10: "Contract", 11: "Totals", 12: "Totals", 13: "Participant", 14: "Accreditation", 15: "Need", 16: "Bid", 17: "RevealedLine",
    18: "AwardRecord", 19: "AwardedLine", 20: "Balance", 21: "Promise", 22: "Redemption", 23: "RedemptionLine",
    24: "EvidenceUse", 25: "Owner",
}  # fmt: skip


def clone(value):
    if isinstance(value, Message):
        copy = Message(value._type)
        for field in value._type.ordered:
            setattr(copy, field.name, clone(getattr(value, field.name)))
        return copy
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


class Draft:
    """What one entry changes, over the state before it. Dropped whole when the entry is refused."""

    def __init__(self, schema, base):
        self.schema, self.base = schema, base
        self.changes, self.movements = {}, []
        self.touched = set()

    def get(self, key_):
        """The value or None; not to be changed."""
        self.touched.add(key_)
        return self.changes[key_] if key_ in self.changes else self.base.get(key_)

    def edit(self, key_):
        """A copy of the value (or a new one of its type) that will be written."""
        value = self.get(key_)
        if key_ not in self.changes or value is None:
            type_: Type = getattr(self.schema, TYPES[key_[0]])
            value = self.changes[key_] = clone(value) if value is not None else type_()
        return value

    def put(self, key_, value):
        self.touched.add(key_)
        self.changes[key_] = value

    def erase(self, key_):
        self.touched.add(key_)
        self.changes[key_] = None


POCKETS = ("available", "reserved", "disputed", "confirmed")
TOTAL_OF = {
    "ISSUE": "issued", "AVAILABLE": "available", "RESERVED": "reserved", "DISPUTED": "disputed",
    "CONFIRMED": "confirmed", "RETIRED": "retired", "EXPIRED": "expired", "RETURNED": "returned",
}  # fmt: skip


def move_credits(draft, claim, source, target, amount):
    """source and target are (account, pocket). Refuses insufficient_credits, then balance_overflow."""
    schema = draft.schema
    from_account, from_pocket = source
    to_account, to_pocket = target
    if from_pocket != "ISSUE":
        held = draft.get(Keys.balance(from_account, claim))
        if held is None or getattr(held, from_pocket.lower()) < amount:
            raise Refused("insufficient_credits")
        balance = draft.edit(Keys.balance(from_account, claim))
        setattr(balance, from_pocket.lower(), getattr(balance, from_pocket.lower()) - amount)
    if to_pocket.lower() in POCKETS:
        balance = draft.edit(Keys.balance(to_account, claim))
        _raise(balance, to_pocket.lower(), amount)
    if from_pocket != to_pocket:
        for totals in (draft.edit(Keys.claim_totals(claim)), draft.edit(Keys.contract_totals(claim.contract))):
            if from_pocket == "ISSUE":
                _raise(totals, "issued", amount)
            else:
                setattr(totals, TOTAL_OF[from_pocket], getattr(totals, TOTAL_OF[from_pocket]) - amount)
            _raise(totals, TOTAL_OF[to_pocket], amount)
    if from_pocket == "AVAILABLE" and to_pocket in ("RETURNED", "EXPIRED"):
        participant = draft.edit(Keys.participant(claim.contract, from_account))
        _raise(participant, TOTAL_OF[to_pocket], amount)
    for account in {from_account, to_account}:
        balance = draft.get(Keys.balance(account, claim))
        if balance is not None and not any(getattr(balance, pocket) for pocket in POCKETS):
            draft.erase(Keys.balance(account, claim))
    pocket = lambda name: getattr(schema, "POCKET_" + name)
    draft.movements.append(
        schema.Movement(
            claim=clone(claim), from_account=from_account, to_account=to_account, amount=amount,
            **{"from": pocket(from_pocket)}, to=pocket(to_pocket),
        )
    )  # fmt: skip


def _raise(message, field, amount):
    value = getattr(message, field) + amount
    if value > AMOUNT_MAX:
        raise Refused("balance_overflow")
    setattr(message, field, value)


POCKET_OF_CELL = {
    "outstanding": "RESERVED", "delivered": "RESERVED", "disputed_delivered": "DISPUTED",
    "disputed_confirmed": "DISPUTED", "confirmed": "CONFIRMED", "retired": "RETIRED", "released": "AVAILABLE",
    "expired": "EXPIRED",
}  # fmt: skip
LIVE = ("outstanding", "delivered", "disputed_delivered", "disputed_confirmed", "confirmed")


def is_live(cells):
    return any(getattr(cells, cell) for cell in LIVE)


def move_units(draft, id_, number, source, target, quantity, at, why=None):
    """Units of a redemption line between two cells. `why` is lapsed, declined, cancelled, unconfirmed or None."""
    schema = draft.schema
    redemption = draft.get(Keys.redemption(id_))
    line = draft.edit(Keys.redemption_line(id_, number))
    cells = line.cells
    waiting = {
        "delivered_since": cells.delivered,
        "confirmed_since": cells.confirmed,
        "disputed_since": cells.disputed_delivered + cells.disputed_confirmed,
    }
    assert getattr(cells, source) >= quantity > 0, "units from nowhere"
    setattr(cells, source, getattr(cells, source) - quantity)
    setattr(cells, target, getattr(cells, target) + quantity)
    if why:
        setattr(line, why, getattr(line, why) + quantity)
    if source == "outstanding" and target == "delivered":
        line.recorded += quantity
    now_waiting = {
        "delivered_since": cells.delivered,
        "confirmed_since": cells.confirmed,
        "disputed_since": cells.disputed_delivered + cells.disputed_confirmed,
    }
    for since, units in now_waiting.items():
        if units == 0:
            setattr(line, since, 0)
        elif waiting[since] == 0:
            setattr(line, since, at)
    if POCKET_OF_CELL[source] != POCKET_OF_CELL[target]:
        project = redemption.project
        move_credits(
            draft, redemption.claim, (project, POCKET_OF_CELL[source]), (project, POCKET_OF_CELL[target]),
            quantity * line.unit_value,
        )  # fmt: skip
    if target == "released" and redemption.status == schema.REDEMPTION_STATUS_ACCEPTED:
        draft.edit(Keys.promise(redemption.claim, line.resource)).accepted -= quantity
    if not is_live(cells):
        _line_ended(draft, id_)


def _line_ended(draft, id_):
    schema = draft.schema
    redemption = draft.edit(Keys.redemption(id_))
    redemption.open_lines -= 1
    if redemption.open_lines:
        return
    lines = [draft.get(Keys.redemption_line(id_, n)) for n in range(redemption.lines)]
    accepted = redemption.status == schema.REDEMPTION_STATUS_ACCEPTED
    if all(line.cancelled == line.requested for line in lines):
        redemption.status = schema.REDEMPTION_STATUS_CANCELLED
    elif any(line.declined for line in lines):
        redemption.status = schema.REDEMPTION_STATUS_DECLINED
    elif not accepted and not any(line.cells.expired for line in lines):
        redemption.status = schema.REDEMPTION_STATUS_LAPSED
    else:
        redemption.status = schema.REDEMPTION_STATUS_ENDED


def due_id(ledger_id, time, kind, object_):
    return tagged("tallystick/due/1", ledger_id, pack(">Q", time), bytes([kind]), object_)


__all__ = ["AMOUNT_MAX", "Draft", "Keys", "Refused", "clone", "due_id", "key", "move_credits", "move_units", "sha256"]
