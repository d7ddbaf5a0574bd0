"""What an envelope must look like before any state is asked (docs/FORMATS.md, 2). Raises Malformed."""

import re

from nacl.bindings import crypto_core_ed25519_is_valid_point

from chain import verifies
from trees import sha256, tagged
from wire import Malformed, decode

AMOUNT_MAX = 2**53 - 1
TIME_MAX = 253402300799
PART = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]\Z")
CODE = re.compile(r"[A-Za-z0-9._-]{1,40}\Z")


def need(condition, what):
    if not condition:
        raise Malformed(what)


def is_part(text):
    return PART.match(text) is not None


def is_handle(text):
    parts = text.split("/")
    return len(parts) <= 2 and all(is_part(p) for p in parts)


def two_parts(text):
    return is_handle(text) and "/" in text


def ascends(items):
    return all(a < b for a, b in zip(items, items[1:]))


def code(text):
    need(CODE.match(text), "bad_code")


def codes(items, most):
    need(1 <= len(items) <= most, "bad_size")
    for item in items:
        code(item)
    need(ascends([i.encode() for i in items]), "bad_order")


def time(value):
    need(1 <= value <= TIME_MAX, "bad_time")


def amount(value):
    need(1 <= value <= AMOUNT_MAX, "bad_amount")


def quantity(value):
    need(1 <= value <= AMOUNT_MAX, "bad_quantity")


def hash_(value, empty=False):
    need(len(value) == 32 or (empty and not value), "bad_hash")


def printable(text, least):
    return least <= len(text) <= 80 and all("!" <= c <= "~" for c in text)


def contract_id(contract):
    good = contract is not None and is_part(contract.authority)
    need(good and printable(contract.ocid, 1) and printable(contract.lot, 0), "bad_contract_id")


def claim(value):
    need(value is not None, "bad_claim")
    contract_id(value.contract)
    need(two_parts(value.supplier), "bad_claim")


def reason(value):
    need(value is not None and value.code != 0 and len(value.text_hash) in (0, 32), "bad_reason")


def commitment_lines(lines):
    need(1 <= len(lines) <= 256, "bad_size")
    for line in lines:
        need(two_parts(line.project), "bad_handle")
        code(line.resource)
        quantity(line.quantity)
        code(line.outcome)
        code(line.ward)
        time(line.due)


def policy(value):
    good = value is not None and 1 <= len(value.keys) <= 16 and all(len(k) == 32 for k in value.keys)
    good = good and ascends(value.keys) and value.amount_limit <= AMOUNT_MAX
    good = good and 1 <= value.routine_threshold <= value.above_threshold <= len(value.keys)
    need(good and value.routine_threshold <= value.policy_threshold <= len(value.keys), "bad_policy")


def key_proof(proof, ledger_id, account):
    message = b"tallystick/key/1\0" + ledger_id + account.encode() + proof.public_key
    need(len(proof.public_key) == 32 and len(proof.signature) == 64, "bad_key_proof")
    need(verifies(proof.public_key, message, proof.signature), "bad_key_proof")


def identifiers(items):
    need(1 <= len(items) <= 16, "bad_size")
    for item in items:
        need(CODE.match(item.scheme) and printable(item.id, 1), "bad_identifier")
    need(ascends([(i.scheme.encode(), i.id.encode()) for i in items]), "bad_order")


def names(items):
    need(1 <= len(items) <= 8, "bad_size")
    for item in items:
        need(re.match(r"[a-z]{2,8}\Z", item.language), "bad_name")
        need(1 <= len(item.text.encode()) <= 200, "bad_name")
        need(not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in item.text), "bad_name")
    need(ascends([i.language for i in items]), "bad_order")


def register(a, body, schema):
    need(two_parts(a.handle), "bad_handle")
    roles = (schema.ROLE_SUPPLIER, schema.ROLE_PROJECT)
    need(1 <= len(a.roles) <= 2 and all(r in roles for r in a.roles) and ascends(a.roles), "bad_role")
    identifiers(a.identifiers)
    names(a.names)
    policy(a.policy)
    need([p.public_key for p in a.proofs] == list(a.policy.keys), "bad_key_proof")
    for proof in a.proofs:
        key_proof(proof, body.ledger_id, a.handle)


POWER_MAX = 1_000_000
LIMIT_MAX = 2**32 - 1
COUNTED = ("PARAMETER_RULE_SET", "PARAMETER_DUE_ITEMS_PER_BLOCK_MAX", "PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX")


def authority_part(text):
    need(is_part(text), "bad_handle")


def node(value):
    need(value is not None and len(value.public_key) == 32, "bad_node")
    need(crypto_core_ed25519_is_valid_point(value.public_key), "bad_node")
    need(1 <= value.power <= POWER_MAX, "bad_node")


def node_proof(proof, node_, ledger_id, authority):
    need(proof is not None and proof.public_key == node_.public_key, "bad_key_proof")
    key_proof(proof, ledger_id, authority)


def policy_proofs(a, ledger_id, account):
    policy(a.policy)
    need(ascends([p.public_key for p in a.proofs]), "bad_order")
    for proof in a.proofs:
        need(proof.public_key in a.policy.keys, "bad_key_proof")
        key_proof(proof, ledger_id, account)


def set_policy(a, body, schema):
    policy_proofs(a, body.ledger_id, body.account)


def admit_authority(a, body, schema):
    authority_part(a.handle)
    identifiers(a.identifiers)
    names(a.names)
    policy(a.policy)
    need([p.public_key for p in a.proofs] == list(a.policy.keys), "bad_key_proof")
    for proof in a.proofs:
        key_proof(proof, body.ledger_id, a.handle)
    node(a.node)
    need(a.node.public_key not in a.policy.keys, "bad_node")
    node_proof(a.node_proof, a.node, body.ledger_id, a.handle)


def remove_authority(a, body, schema):
    authority_part(a.authority)
    authority_part(a.successor)
    need(a.authority != a.successor, "to_oneself")


def set_authority_policy(a, body, schema):
    authority_part(a.authority)
    policy_proofs(a, body.ledger_id, a.authority)


def set_node(a, body, schema):
    authority_part(a.authority)
    node(a.node)
    node_proof(a.node_proof, a.node, body.ledger_id, a.authority)


def set_parameter(a, body, schema):
    need(a.parameter != 0, "bad_enum")
    counted = a.parameter in [getattr(schema, name) for name in COUNTED]
    need(1 <= a.value <= (LIMIT_MAX if counted else TIME_MAX), "bad_parameter")


def take_power(a, body, schema):
    authority_part(a.authority)


def hand_over(a, body, schema):
    need(a.engine != 0, "bad_enum")
    need(a.segment >= 2, "bad_quantity")


CHANGES = {
    f.__name__: f
    for f in (
        admit_authority, remove_authority, set_authority_policy, set_node, set_parameter, take_power, hand_over,
    )
}  # fmt: skip


def propose(a, body, schema):
    name = a.change.which("change") if a.change is not None else None
    need(name, "missing_field")
    CHANGES[name](getattr(a.change, name), body, schema)
    need(a.effective_at <= TIME_MAX, "bad_time")


def vote(a, body, schema):
    hash_(a.proposal)
    need(a.choice != 0, "bad_enum")


def open_contract(a, body, schema):
    contract_id(a.contract)
    need(a.value_pence <= AMOUNT_MAX, "bad_amount")
    which = a.which("allocation")
    need(which, "missing_field")
    if which == "allocation_fixed":
        amount(a.allocation_fixed)
    elif which == "allocation_rate":
        need(1 <= a.allocation_rate.basis_points <= 10000, "bad_amount")
        amount(a.allocation_rate.pence_per_credit)
    else:
        bands = a.allocation_bands.bands
        need(1 <= len(bands) <= 64, "bad_size")
        for band in bands:
            need(band.from_pence <= AMOUNT_MAX, "bad_amount")
            amount(band.allocation)
        need(ascends([b.from_pence for b in bands]), "bad_order")
    need(1 <= len(a.prices) <= 512, "bad_size")
    for price in a.prices:
        code(price.resource)
        need(price.kind and price.unit, "bad_enum")
        amount(price.hundredths_per_unit)
        need(price.deadweight_basis_points <= 10000, "bad_amount")
    need(ascends([p.resource.encode() for p in a.prices]), "bad_order")
    codes(a.outcomes, 64)
    codes(a.wards, 512)
    time(a.bids_close)
    need(a.standstill_seconds <= TIME_MAX, "bad_time")
    time(a.redemption_deadline)


def contract_only(a, body, schema):
    contract_id(a.contract)


def apply_for_accreditation(a, body, schema):
    contract_id(a.contract)
    codes(a.outcomes, 64)
    codes(a.wards, 512)
    hash_(a.reference, empty=True)


def decline_application(a, body, schema):
    contract_id(a.contract)
    need(two_parts(a.project), "bad_handle")
    reason(a.reason)


def accredit(a, body, schema):
    contract_id(a.contract)
    need(two_parts(a.project), "bad_handle")
    codes(a.outcomes, 64)
    codes(a.wards, 512)
    time(a.expires)
    reason(a.relevance)


def publish_need(a, body, schema):
    contract_id(a.contract)
    code(a.resource)
    quantity(a.quantity)
    time(a.by_when)
    code(a.ward)


def withdraw_need(a, body, schema):
    hash_(a.need)


def seal_lines(a, body, schema):
    contract_id(a.contract)
    hash_(a.hash)


def reveal_lines(a, body, schema):
    contract_id(a.contract)
    hash_(a.salt)
    commitment_lines(a.lines)


def award(a, body, schema):
    contract_id(a.contract)
    need(two_parts(a.supplier), "bad_handle")
    need(a.revealed or a.lines, "missing_field")
    need(not (a.revealed and a.lines), "bad_size")
    if a.revealed:
        need(len(a.revealed) <= 256, "bad_size")
        need(ascends(a.revealed), "bad_order")
    else:
        commitment_lines(a.lines)
    time(a.standstill_ends)


def cancel_award(a, body, schema):
    hash_(a.award)
    reason(a.reason)


def transfer_awarded(a, body, schema):
    hash_(a.award)
    quantity(a.quantity)
    need(is_handle(a.to), "bad_handle")
    need(a.to != body.account, "to_oneself")


def transfer(a, body, schema):
    claim(a.claim)
    amount(a.amount)
    need(is_handle(a.to), "bad_handle")
    need(a.to != body.account, "to_oneself")
    hash_(a.reference, empty=True)


def return_credits(a, body, schema):
    claim(a.claim)
    amount(a.amount)


def return_awarded(a, body, schema):
    hash_(a.award)
    quantity(a.quantity)


def redeem(a, body, schema):
    claim(a.claim)
    need(1 <= len(a.lines) <= 64, "bad_size")
    for line in a.lines:
        code(line.resource)
        quantity(line.quantity)
        code(line.outcome)
        code(line.ward)
    time(a.wanted_by)


def accept_redemption(a, body, schema):
    hash_(a.redemption)
    time(a.date)


def decline_redemption(a, body, schema):
    hash_(a.redemption)
    reason(a.reason)


def cancel_redemption(a, body, schema):
    hash_(a.redemption)
    need(1 <= len(a.lines) <= 64, "bad_size")
    need(ascends(a.lines), "bad_order")


def record_delivery(a, body, schema):
    hash_(a.redemption)
    quantity(a.quantity)
    need(1 <= len(a.evidence) <= 16, "bad_size")
    for tag in a.evidence:
        hash_(tag)
    need(ascends(a.evidence), "bad_order")


def line_quantities(a, body, schema):
    need(1 <= len(a.lines) <= 256, "bad_size")
    for line in a.lines:
        hash_(line.redemption)
        quantity(line.quantity)
    need(ascends([(x.redemption, x.line) for x in a.lines]), "bad_order")


def dispute(a, body, schema):
    hash_(a.redemption)
    quantity(a.quantity)
    need(getattr(a, "from") in (schema.CELL_DELIVERED, schema.CELL_CONFIRMED), "bad_enum")
    reason(a.reason)


def resolve_dispute(a, body, schema):
    hash_(a.redemption)
    need(a.to_project <= AMOUNT_MAX and a.to_retire <= AMOUNT_MAX, "bad_quantity")
    need(a.to_project or a.to_retire, "bad_quantity")


close_contract = withdraw_lines = contract_only
confirm_delivery = verify_delivery = line_quantities


def read_envelope(schema, data):
    """(id, envelope hash, Body, action's name, signers) of a well-formed envelope with true signatures."""
    need(len(data) <= 131072, "too_large")
    envelope = decode(schema.Envelope, data)
    body = decode(schema.Body, envelope.body)
    need(len(body.ledger_id) == 32, "bad_ledger_id")
    need(is_handle(body.account), "bad_account")
    others = body.co_signers
    good = len(others) <= 4 and all(is_handle(o) for o in others) and ascends([o.encode() for o in others])
    need(good and body.account not in others, "bad_co_signers")
    need(len(body.nonce) == 16, "bad_nonce")
    need(1 <= body.valid_until <= TIME_MAX, "bad_valid_until")
    name = body.which("action")
    need(name, "no_action")
    need(1 <= len(envelope.signatures) <= 32, "no_signatures or too_many_signatures")
    for signature in envelope.signatures:
        need(len(signature.public_key) == 32 and len(signature.signature) == 64, "bad_signature_form")
    signers = [s.public_key for s in envelope.signatures]
    need(ascends(signers), "signatures_unsorted")
    globals()[name](getattr(body, name), body, schema)
    message = b"tallystick/tx/1\0" + envelope.body
    for signature in envelope.signatures:
        need(verifies(signature.public_key, message, signature.signature), "false_signature")
    return tagged("tallystick/tx/1", envelope.body), sha256(data), body, name, signers
