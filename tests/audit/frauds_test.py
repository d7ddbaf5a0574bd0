"""The auditor finds what an authority that holds the only node's key could plant, and names the place. Where it can, the
lie is told well: every root, header and commit follows from it, truly signed (resign.py)."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from auditor import Auditor, Finding, audit  # noqa: E402
from ledgers_test import make_ledgers  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402
from resign import SCHEMA, Export, rechain, reroot, root_of, sign_again, sign_bundle  # noqa: E402
from state import Keys  # noqa: E402
from wire import decode, encode  # noqa: E402

LEDGERS, ACTIONS_EACH, SEED = 12, 200, 20261122
MUCH = 100_000  # hundredths that nobody earned


class Recorder(Auditor):
    """Keeps the leaves as they are after each block."""

    def _block(self, block):
        super()._block(block)
        self.states = getattr(self, "states", [])
        self.states.append({key: encode(value) for key, value in self.state.leaves.items()})


class Ledger:
    """An honest ledger of one authority, and the key of its node."""

    def __init__(self, path, seed):
        self.path, self.trust_path, self.seed = path, path.with_suffix(".trust.json"), seed
        recorder = Recorder(SCHEMA, path, self.export().trust)
        recorder.run()
        self.states = recorder.states

    def export(self):
        return Export(self.path, self.trust_path)


def issues(export):
    """(height, entry) of every issue of credits."""
    for height, block in enumerate(export.blocks, 1):
        for index, data in enumerate(block.entries):
            movements = decode(SCHEMA.LogEntry, data).outcome.movements
            if any(getattr(m, "from") == SCHEMA.POCKET_ISSUE for m in movements):
                yield height, index


def ledger_of_one_node(path):
    """A ledger that one node signs from its first block to its last; None for any other."""
    export = Export(path, path.with_suffix(".trust.json"))
    genesis = decode(SCHEMA.Genesis, export.start.genesis.genesis)
    if genesis.engine == SCHEMA.ENGINE_COMETBFT or Keys.handover() in export.leaves:
        return None
    node = genesis.authorities[0].node.public_key
    seeds = [bytes.fromhex(line.split()[1]) for line in path.with_suffix(".keys").read_text().splitlines()]
    [seed] = {seed for seed in seeds if bytes(SigningKey(seed).verify_key) == node}
    return Ledger(path, seed)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frauds")
    make_ledgers(folder, LEDGERS, ACTIONS_EACH, SEED, "--with-key")
    for path in sorted(folder.glob("*.export")):
        found = ledger_of_one_node(path)
        if found and any(issues(found.export())):
            return found
    pytest.fail("no ledger of one node issued credits: choose another seed")


def block_where(export, fits):
    """The first height, after the first block, of a block that fits."""
    return next(h for h, block in enumerate(export.blocks, 1) if h > 1 and fits(block))


def envelopes_of(block):
    """(position of the bundle, its body) of bundles that the node itself signed, as the block has them."""
    for position, data in enumerate(block.bundles):
        yield position, decode(SCHEMA.BundleBody, decode(SCHEMA.Bundle, data).body)


def node_bundle(export, least):
    """(height, position, body) of a bundle of the known node with so many envelopes."""
    node = decode(SCHEMA.Genesis, export.start.genesis.genesis).authorities[0].node.public_key
    for height, block in enumerate(export.blocks, 1):
        for position, body in envelopes_of(block):
            if height > 1 and body.node_key == node and len(body.envelopes) >= least:
                return height, position, body
    raise AssertionError("no such bundle")


def finds(export, folder, place, reason):
    path = folder / "fraud.export"
    export.write(path)
    with pytest.raises(Finding) as finding:
        audit(path, path.with_suffix(".trust.json"))
    assert re.match(place + ": ", str(finding.value)), finding.value
    assert reason in str(finding.value)


def test_taken_apart_and_signed_again_an_honest_ledger_is_still_the_same(ledger, tmp_path):
    export = ledger.export()
    reroot(export, 1, lambda height, _: root_of(ledger.states[height - 1]))
    rechain(export, 1, ledger.seed)
    export.write(tmp_path / "same.export")
    assert (tmp_path / "same.export").read_bytes() == ledger.path.read_bytes()


# --- credits from nothing ---


def enriched(leaves, movement):
    """The leaves as if that much more had been issued to the movement's recipient, and still were there."""
    leaves = dict(leaves)

    def add(key, type_, *fields):
        value = decode(type_, leaves[key]) if key in leaves else type_()
        for field in fields:
            setattr(value, field, getattr(value, field) + MUCH)
        leaves[key] = encode(value)

    add(Keys.balance(movement.to_account, movement.claim), SCHEMA.Balance, "available")
    add(Keys.claim_totals(movement.claim), SCHEMA.Totals, "issued", "available")
    add(Keys.contract_totals(movement.claim.contract), SCHEMA.Totals, "issued", "available")
    return leaves


def test_credits_from_nothing_are_found_though_everything_follows_from_them(ledger, tmp_path):
    export = ledger.export()
    height, index = next(issues(export))
    entry = export.entry(height, index)
    movement = entry.outcome.movements[0]
    movement.amount += MUCH
    export.set_entry(height, index, entry)
    reroot(export, height, lambda at, _: root_of(enriched(ledger.states[at - 1], movement)))
    rechain(export, height, ledger.seed)
    export.leaves = enriched(export.leaves, movement)
    export.end.leaves = len(export.leaves)
    finds(export, tmp_path, f"block {height}, entry {index}", "the rules make")


def test_credits_that_only_the_state_knows_are_found(ledger, tmp_path):
    export = ledger.export()
    height, index = next(issues(export))
    movement = export.entry(height, index).outcome.movements[0]
    reroot(export, height, lambda at, _: root_of(enriched(ledger.states[at - 1], movement)))
    rechain(export, height, ledger.seed)
    export.leaves = enriched(export.leaves, movement)
    export.end.leaves = len(export.leaves)
    finds(export, tmp_path, f"block {height}", "the state root does not follow")


def test_a_raised_movement_is_found_though_nothing_was_recomputed(ledger, tmp_path):
    export = ledger.export()
    height, index = next(issues(export))
    entry = export.entry(height, index)
    entry.outcome.movements[0].amount += MUCH
    export.set_entry(height, index, entry)
    finds(export, tmp_path, f"block {height}, entry {index}", "the rules make")


def test_an_edited_leaf_is_found(ledger, tmp_path):
    export = ledger.export()
    key = next(key for key in export.leaves if key[0] == 12)
    totals = export.value(key)
    totals.issued += MUCH
    export.leaves[key] = encode(totals)
    finds(export, tmp_path, rf"leaf {key.hex()} \(Totals\)", "differs")


def test_leaves_left_out_or_made_up_are_found(ledger, tmp_path):
    export = ledger.export()
    key = next(key for key in export.leaves if key[0] == 10)
    contract = export.leaves.pop(key)
    export.end.leaves -= 1
    finds(export, tmp_path, rf"leaf {key.hex()} \(Contract\)", "is missing")
    export.leaves[key] = contract
    made_up = bytes([24]) + b"\0\x20" + b"\7" * 32
    export.leaves[made_up] = encode(SCHEMA.EvidenceUse(redemption=b"\7" * 32))
    export.end.leaves += 2
    finds(export, tmp_path, rf"leaf {made_up.hex()} \(EvidenceUse\)", "follows from no entry")


# --- entries and envelopes ---


@pytest.mark.parametrize("well", [True, False])
def test_a_dropped_entry_is_found(ledger, tmp_path, well):
    export = ledger.export()
    height = block_where(export, lambda block: len(block.entries) >= 2)
    export.blocks[height - 1].entries.pop()
    if well:
        reroot(export, height, lambda _, root: root)
        rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}", "entries, the rules make")


@pytest.mark.parametrize("well", [True, False])
def test_swapped_entries_are_found(ledger, tmp_path, well):
    export = ledger.export()
    height = block_where(export, lambda block: len(block.entries) >= 2)
    entries = export.blocks[height - 1].entries
    entries[0], entries[1] = entries[1], entries[0]
    if well:
        first, second = export.entry(height, 0), export.entry(height, 1)
        first.index, second.index = 0, 1
        export.set_entry(height, 0, first)
        export.set_entry(height, 1, second)
        reroot(export, height, lambda _, root: root)
        rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}, entry 0", "the rules make")


def test_a_signature_under_another_body_is_found(ledger, tmp_path):
    export = ledger.export()
    height, position, body = node_bundle(export, least=2)
    first, second = (decode(SCHEMA.Envelope, data) for data in body.envelopes[:2])
    second.signatures = first.signatures
    body.envelopes[1] = encode(second)
    export.blocks[height - 1].bundles[position] = sign_bundle(body, ledger.seed)
    rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}, bundle {position}", "false_signature")


def test_an_envelope_that_was_changed_after_it_was_signed_is_found(ledger, tmp_path):
    export = ledger.export()
    height, position, body = node_bundle(export, least=1)
    envelope = decode(SCHEMA.Envelope, body.envelopes[0])
    inner = decode(SCHEMA.Body, envelope.body)
    inner.valid_until += 1
    envelope.body = encode(inner)
    body.envelopes[0] = encode(envelope)
    export.blocks[height - 1].bundles[position] = sign_bundle(body, ledger.seed)
    rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}, bundle {position}", "false_signature")


def test_an_envelope_taken_out_of_its_block_is_found(ledger, tmp_path):
    export = ledger.export()
    ids = lambda block: {decode(SCHEMA.LogEntry, data).id for data in block.entries}
    height, position, body = node_bundle(export, least=1)
    assert ids(export.blocks[height - 1]), "the block answered somebody"
    body.envelopes = []
    export.blocks[height - 1].bundles[position] = sign_bundle(body, ledger.seed)
    rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}(, entry [0-9]+)?", "the rules make")


def test_a_bundle_of_a_false_node_is_found(ledger, tmp_path):
    export = ledger.export()
    height, position, body = node_bundle(export, least=1)
    export.blocks[height - 1].bundles[position] = sign_bundle(body, b"\1" * 32)
    rechain(export, height, ledger.seed)
    finds(export, tmp_path, f"block {height}, bundle {position}", "its signature is false")


# --- headers and commits ---


def test_a_false_signature_of_a_commit_is_found(ledger, tmp_path):
    export = ledger.export()
    slot = export.blocks[4].commit.signatures[0]
    slot.signature = slot.signature[:-1] + bytes([slot.signature[-1] ^ 1])
    finds(export, tmp_path, "block 5", "a signature of its commit is false")


def test_a_commit_that_too_few_signed_is_found(ledger, tmp_path):
    export = ledger.export()
    export.blocks[4].commit.signatures[0] = SCHEMA.CommitSig(block_id_flag=1)
    finds(export, tmp_path, "block 5", "too few authorities signed it")


def test_a_commit_of_another_key_is_found(ledger, tmp_path):
    other = SigningKey(b"\2" * 32)
    export = ledger.export()
    commit = export.blocks[4].commit
    sign_again(commit, other, export.start.chain_id)
    finds(export, tmp_path, "block 5", "a signature of its commit is false")
    import chain

    commit.signatures[0].validator_address = chain.address(bytes(other.verify_key))
    finds(export, tmp_path, "block 5", "a signature stands in another's slot")


def test_a_chain_of_other_validators_is_found(ledger, tmp_path):
    import chain

    other = SigningKey(b"\2" * 32)
    public_key = bytes(other.verify_key)
    export = ledger.export()
    for block in export.blocks[4:]:
        block.header.validators_hash = chain.validators_hash([(public_key, 3)])
        block.header.next_validators_hash = block.header.validators_hash
        block.commit.signatures[0].validator_address = chain.address(public_key)
    rechain(export, 5, b"\2" * 32)
    finds(export, tmp_path, "block 5", "has other validators than the ledger's")


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_block_dated_before_its_parent_is_found(ledger, tmp_path, seconds):
    export = ledger.export()
    parent, block = export.blocks[4], export.blocks[5]
    block.header.time.seconds = parent.header.time.seconds - seconds
    block.header.time.nanos = parent.header.time.nanos
    rechain(export, 6, ledger.seed)
    finds(export, tmp_path, "block 6", "is dated before its parent")


def test_a_block_taken_out_is_found(ledger, tmp_path):
    export = ledger.export()
    del export.blocks[5]
    rechain(export, 6, ledger.seed)
    finds(export, tmp_path, "block 6", "bears height 7")


def test_another_history_from_the_first_block_on_is_found_by_the_trust_file(ledger, tmp_path):
    export = ledger.export()
    export.blocks[0].header.time.nanos += 1
    rechain(export, 1, ledger.seed)
    finds(export, tmp_path, "block 1", "is not the block that the trust file trusts")


def test_an_export_that_is_cut_off_is_found(ledger, tmp_path):
    data = ledger.path.read_bytes()
    path = tmp_path / "short.export"
    for size in (len(data) - 1, len(data) - 6, len(data) // 2):
        path.write_bytes(data[:size])
        with pytest.raises(Finding, match="^export"):
            audit(path, ledger.trust_path)
