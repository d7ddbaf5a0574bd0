#!/usr/bin/env python3
"""Audits a public export against a trust file: recomputes every id, signature, outcome, balance, root, header and
commit, and the supply of every contract, from genesis on.

    auditor.py EXPORT TRUST.json [--proto FOLDER]

Exits 0 when everything agrees; 1 with the place and the reason of the first thing that does not; 2 on wrong usage.
Shares no code with the programs that made the export; written from docs/FORMATS.md and docs/RULES.md.
"""

import argparse
import json
import sys
from pathlib import Path
from struct import pack

sys.path.insert(0, str(Path(__file__).resolve().parent))

import chain  # noqa: E402
import due  # noqa: E402
import forms  # noqa: E402
from rules import ACTIONS, Context, value_moved  # noqa: E402
from state import TYPES, Draft, Keys, Refused  # noqa: E402
from trees import Log, StateTree, comet_root, sha256, tagged  # noqa: E402
from wire import Malformed, Schema, decode, encode, read_varint  # noqa: E402

PROTO = Path(__file__).resolve().parents[2] / "protocol" / "proto"
MAGIC = b"tallystick export 1\n"
VALIDITY_MAX = 2592000
CONSENSUS_HASH = sha256(bytes.fromhex("088080800210ffffffffffffffffff01"))


class Finding(Exception):
    """Something that does not agree, and where."""


def check(condition, place, what):
    if not condition:
        raise Finding(f"{place}: {what}")


class State:
    """The leaves after the entries so far, their tree, and the due items that they call for."""

    def __init__(self, schema, ledger_id):
        self.schema, self.leaves, self.tree = schema, {}, StateTree()
        self.due = due.DueIndex(ledger_id)

    def get(self, key):
        return self.leaves.get(key)

    def apply(self, changes):
        for key, value in changes.items():
            if value is None:
                self.leaves.pop(key, None)
                self.tree.remove(key)
            else:
                self.leaves[key] = value
                self.tree.put(key, encode(value))
        for key in changes:
            self.due.update(self, key)


class Auditor:
    def __init__(self, schema, export, trust):
        self.schema, self.trust = schema, trust
        self.records = read_export(schema, export)
        self.refusals = refusal_numbers()
        self.used = set()
        self.log = Log()
        self.heights = 0
        self.previous = None
        self.outcomes = {"done": {}, "refused": {}, "due": {}}

    def run(self):
        start = next(self.records).start
        check(start is not None, "export", "does not begin with its start record")
        self._start(start)
        leaves, end = {}, None
        for record in self.records:
            which = record.which("record")
            check(end is None, "export", "goes on after its end record")
            if which == "block":
                check(not leaves, "export", "a block stands behind the leaves")
                self._block(record.block)
            elif which == "leaf":
                check(record.leaf.key not in leaves, "export", "a leaf stands twice")
                leaves[record.leaf.key] = record.leaf.value
            elif which == "end":
                end = record.end
            else:
                raise Finding("export: a second start record")
        check(end is not None, "export", "is cut off: its end record is missing")
        self._leaves(leaves)
        check(end.height == end.blocks == self.heights, "end record", "does not count the blocks that are there")
        check(end.leaves == len(leaves), "end record", "does not count the leaves that are there")
        return self._supply()

    # --- genesis ---

    def _start(self, start):
        file = start.genesis
        self.ledger_id = sha256(file.genesis)
        check(self.ledger_id.hex() == self.trust["ledger_id"], "genesis", "is another ledger's than the trust file's")
        genesis = decode(self.schema.Genesis, file.genesis)
        self.chain_id = genesis.name + "-1"
        check(start.chain_id == self.chain_id, "start record", "names another chain than the genesis")
        check(len(file.proofs) == len(genesis.authorities), "genesis", "proofs are missing")
        for authority, proofs in zip(genesis.authorities, file.proofs):
            keys = [p.public_key for p in proofs.proofs]
            check(keys == list(authority.policy.keys), "genesis", f"proofs of {authority.handle} do not fit its policy")
            for proof in proofs.proofs:
                forms.key_proof(proof, self.ledger_id, authority.handle)
        self.validators = [(a.node.public_key, a.node.power) for a in genesis.authorities]
        self.nodes = {a.node.public_key for a in genesis.authorities}
        self.state = State(self.schema, self.ledger_id)
        self.state.apply(self._genesis_leaves(genesis))

    def _genesis_leaves(self, genesis):
        s = self.schema
        leaves = {Keys.parameters(): genesis.parameters}
        for a in genesis.authorities:
            leaves[Keys.account(a.handle)] = s.Account(
                roles=[s.ROLE_AUTHORITY], identifiers=a.identifiers, names=a.names, policy=a.policy,
                registered_at=genesis.time,
            )  # fmt: skip
            for identifier in a.identifiers:
                leaves[Keys.identifier(identifier)] = s.Owner(account=a.handle)
            for key in a.policy.keys:
                leaves[Keys.public_key(key)] = s.Owner(account=a.handle)
            leaves[Keys.node(a.handle)] = a.node
        return leaves

    # --- blocks ---

    def _block(self, block):
        self.heights += 1
        place = f"block {self.heights}"
        check(block.header is not None and block.commit is not None, place, "lacks its header or commit")
        self._header(block, place)
        self._commit(block, place)
        self._entries(block, place)
        root, log_root, size = self.state.tree.root(), self.log.root(), self.log.size
        given = block.app_state
        check(given is not None and given.state_root == root, place, "the state root does not follow from the entries")
        check(given.log_root == log_root and given.log_size == size, place, "the log root does not follow")
        self.previous = block

    def _app_hash(self):
        return tagged("tallystick/app/1", self.state.tree.root(), self.log.root(), pack(">Q", self.log.size))

    def _header(self, block, place):
        header, previous = block.header, self.previous
        check(header.height == self.heights, place, f"bears height {header.height}")
        check(header.chain_id == self.chain_id, place, "is of another chain")
        check((header.version.block, header.version.app) == (11, 1), place, "has another version")
        check(header.app_hash == self._app_hash(), place, "its app hash is not that of the state before it")
        validators_hash = chain.validators_hash(self.validators)
        check(header.validators_hash == validators_hash, place, "has other validators than the ledger's")
        check(header.next_validators_hash == validators_hash, place, "names other next validators than the ledger's")
        check(header.consensus_hash == CONSENSUS_HASH, place, "has another consensus hash")
        check(header.evidence_hash == sha256(b""), place, "has another evidence hash")
        addresses = {chain.address(key) for key, _ in self.validators}
        check(header.proposer_address in addresses, place, "was proposed by nobody known")
        check(header.data_hash == comet_root([sha256(b) for b in block.bundles]), place, "its data hash does not fit")
        if previous is None:
            check(header.last_commit_hash == sha256(b""), place, "the first block has a last commit")
            check(chain.block_id(header.last_block_id) == b"\x12\0", place, "the first block has a parent")
            results = 0
        else:
            check(header.last_block_id == previous.commit.block_id, place, "its parent is another block")
            check(header.last_commit_hash == chain.commit_hash(previous.commit), place, "its last commit hash does not fit")
            check(instant(header.time) > instant(previous.header.time), place, "is dated before its parent")
            results = len(previous.bundles)
        check(header.last_results_hash == comet_root([b""] * results), place, "its last results hash does not fit")
        trusted = self.trust["segments"][0]["trusted"]
        if header.height == trusted["height"]:
            agrees = chain.header_hash(header).hex() == trusted["header_hash"]
            check(agrees, place, "is not the block that the trust file trusts")

    def _commit(self, block, place):
        commit, header = block.commit, block.header
        check(commit.height == header.height, place, "its commit is for another height")
        check(commit.block_id.hash == chain.header_hash(header), place, "its commit is for another header")
        last_commit = self.previous.commit if self.previous else self.schema.Commit()
        total, hash_ = chain.part_set(
            chain.block_bytes(
                chain.engine_header_bytes(header), list(block.bundles), chain.engine_commit_bytes(last_commit)
            )
        )
        parts = commit.block_id.part_set_header
        check((parts.total, parts.hash) == (total, hash_), place, "its parts do not hash to what was signed")
        ordered = chain.sorted_validators(self.validators)
        check(len(commit.signatures) == len(ordered), place, "its commit has another number of slots")
        signed = 0
        for (key, power), slot in zip(ordered, commit.signatures):
            if slot.block_id_flag == chain.COMMIT:
                check(slot.validator_address == chain.address(key), place, "a signature stands in another's slot")
                message = chain.vote_bytes(self.chain_id, commit, slot)
                check(chain.verifies(key, message, slot.signature), place, "a signature of its commit is false")
                signed += power
        check(signed > sum(p for _, p in ordered) * 2 // 3, place, "too few authorities signed it")
        self._trusted_set(block.header.height, place)

    def _trusted_set(self, height, place):
        for set_ in self.trust["segments"][0]["validator_sets"]:
            if set_["first_height"] <= height and (set_["last_height"] is None or height <= set_["last_height"]):
                listed = [(bytes.fromhex(v["public_key"]), v["power"]) for v in set_["validators"]]
                same = chain.validators_hash(listed) == chain.validators_hash(self.validators)
                check(same, place, "its validators are not those of the trust file")
                return
        raise Finding(f"{place}: the trust file lists no validators for its height")

    # --- entries ---

    def _entries(self, block, place):
        now = block.header.time.seconds
        expected = self._due_entries(block, now)
        refused = {}
        for position, bundle in enumerate(block.bundles):
            for data in self._bundle(bundle, f"{place}, bundle {position}"):
                entry = self._envelope(data, now, refused, block.header.height, len(expected), place)
                if entry is not None:
                    expected.append(entry)
        check(len(block.entries) == len(expected), place, f"has {len(block.entries)} entries, the rules make {len(expected)}")
        for index, (given, made) in enumerate(zip(block.entries, expected)):
            if bytes(given) != encode(made):
                raise Finding(f"{place}, entry {index}: is {describe(self.schema, given)}, the rules make {made}")
        for entry in expected:
            self.log.append(encode(entry))

    def _due_entries(self, block, now):
        entries = []
        most = self.state.get(Keys.parameters()).due_items_per_block_max
        while len(entries) < most and (item := self.state.due.first(now)):
            time, kind, id_, object_ = item
            draft = Draft(self.schema, self.state)
            refusal = None
            try:
                due.run(draft, time, kind, object_)
            except Refused as refused:
                refusal = str(refused)
            self.state.apply(draft.changes)
            self._count("due", kind)
            outcome = self._outcome(draft, refusal)
            outcome.due = self.schema.DueItem(time=time, kind=kind, object=object_)
            entries.append(self._entry(id_, bytes(32), 0, now, block.header.height, len(entries), outcome))
        return entries

    def _bundle(self, data, place):
        bundle = decode(self.schema.Bundle, data)
        body = decode(self.schema.BundleBody, bundle.body)
        message = b"tallystick/bundle/1\0" + bundle.body
        check(chain.verifies(body.node_key, message, bundle.signature), place, "its signature is false")
        check(body.chain_id == self.chain_id, place, "is of another chain")
        return body.envelopes if body.node_key in self.nodes else []

    def _envelope(self, data, now, refused, height, index, place):
        try:
            id_, hash_, body, name, signers = forms.read_envelope(self.schema, data)
        except Malformed as error:
            raise Finding(f"{place}: holds a malformed envelope ({error})") from error
        if id_ in self.used or body.ledger_id != self.ledger_id:
            return None
        if not now <= body.valid_until <= now + VALIDITY_MAX:
            return None
        action = getattr(body, name)
        if not self._authorised(body, name, action, signers):
            return None
        parameters = self.state.get(Keys.parameters())
        context = Context(self.ledger_id, id_, body.account, list(body.co_signers), now, parameters)
        draft = Draft(self.schema, self.state)
        refusal = None
        try:
            ACTIONS[name](draft, action, context)
        except Refused as error:
            refusal = str(error)
        if self._deadline_pending(draft, now):
            return None
        if refused.get(body.account, 0) >= parameters.refusals_per_account_per_block_max:
            return None
        self.used.add(id_)
        if refusal is None:
            self.state.apply(draft.changes)
            self._count("done", name)
        else:
            refused[body.account] = refused.get(body.account, 0) + 1
            self._count("refused", refusal)
            draft.movements = []
        outcome = self._outcome(draft, refusal)
        return self._entry(id_, hash_, body.valid_until, now, height, index, outcome)

    def _authorised(self, body, name, action, signers):
        moved = value_moved(Draft(self.schema, self.state), name, action)
        for account in [body.account, *body.co_signers]:
            found = self.state.get(Keys.account(account))
            if found is None:
                return False
            policy = found.policy
            if name == "set_policy" and account == body.account:
                threshold = policy.policy_threshold
            else:
                threshold = policy.above_threshold if moved > policy.amount_limit else policy.routine_threshold
            if sum(1 for key in policy.keys if key in signers) < threshold:
                return False
        return True

    def _deadline_pending(self, draft, now):
        overdue = self.state.due.overdue(now)
        if not overdue:
            return False
        contracts = set()
        for object_ in overdue:
            parts = due.parts_of(object_)
            if object_[0] == 20:
                contracts.add(Keys.contract_totals(self.schema.ContractId(
                    authority=parts[1].decode(), ocid=parts[2].decode(), lot=parts[3].decode())))  # fmt: skip
            else:
                holder = Keys.award(parts[0]) if object_[0] in (18, 19) else Keys.redemption(parts[0])
                contracts.add(Keys.contract_totals(self.state.get(holder).claim.contract))
        return any(key in overdue or key in contracts for key in draft.touched)

    def _outcome(self, draft, refusal):
        s = self.schema
        if refusal is None:
            return s.Outcome(status=s.STATUS_DONE, movements=draft.movements)
        return s.Outcome(status=s.STATUS_REFUSED, refusal=self.refusals[refusal])

    def _entry(self, id_, hash_, valid_until, now, height, index, outcome):
        return self.schema.LogEntry(
            id=id_, envelope_hash=hash_, valid_until=valid_until, time=now, height=height, index=index, outcome=outcome
        )

    def _count(self, what, name):
        self.outcomes[what][name] = self.outcomes[what].get(name, 0) + 1

    # --- the end ---

    def _leaves(self, leaves):
        ours = {key: encode(value) for key, value in self.state.leaves.items()}
        for key in sorted(set(ours) | set(leaves)):
            kind = TYPES.get(key[0] if key else 0, "of no known kind")
            place = f"leaf {key.hex()} ({kind})"
            check(key in leaves, place, "is missing from the export")
            check(key in ours, place, "stands in the export and follows from no entry")
            check(bytes(leaves[key]) == ours[key], place, "differs from what the entries make of it")

    def _supply(self):
        """Per contract: issued = all pockets; balances recomputed from the leaves agree with the totals."""
        supply = {}
        pockets = ("available", "reserved", "disputed", "confirmed")
        held = {}
        for key, value in self.state.leaves.items():
            if key[0] == 20:
                parts = due.parts_of(key)
                sums = held.setdefault(tuple(parts[1:4]), dict.fromkeys(pockets, 0))
                for pocket in pockets:
                    sums[pocket] += getattr(value, pocket)
        for key, totals in self.state.leaves.items():
            if key[0] != 11:
                continue
            id_ = tuple(due.parts_of(key))
            sums = held.get(id_, dict.fromkeys(pockets, 0))
            name = b" ".join(id_).decode()
            for pocket in pockets:
                check(sums[pocket] == getattr(totals, pocket), f"contract {name}", f"{pocket} is not the sum of its balances")
            gone = totals.retired + totals.expired + totals.returned
            check(totals.issued == sum(sums.values()) + gone, f"contract {name}", "issued is not what became of it")
            supply[name] = {"issued": totals.issued, "retired": totals.retired, "expired": totals.expired,
                            "returned": totals.returned, "held": sum(sums.values())}  # fmt: skip
        return supply


def instant(time):
    return time.seconds, time.nanos


def describe(schema, data):
    try:
        return decode(schema.LogEntry, data)
    except Malformed:
        return data.hex()


def refusal_numbers():
    """Names and numbers of section 9 of docs/FORMATS.md."""
    import re

    text = (PROTO.parents[1] / "docs" / "FORMATS.md").read_text()
    section = text[text.index("## 9.") :]
    section = section[: section.index("A skipped envelope")]
    return {name: int(number) for number, name in re.findall(r"(\d+) `([a-z_]+)`", section)}


def read_export(schema, path):
    data = Path(path).read_bytes()
    check(data.startswith(MAGIC), "export", "is no export: its first line is another")
    at = len(MAGIC)
    while at < len(data):
        try:
            size, at = read_varint(data, at)
            if size > len(data) - at:
                raise Malformed("a record breaks off")
            yield decode(schema.ExportRecord, data[at : at + size])
        except Malformed as error:
            raise Finding(f"export, byte {at}: {error}") from error
        at += size


def audit(export, trust, proto=PROTO):
    """The auditor after a run that found nothing; raises Finding otherwise."""
    schema = Schema(proto)
    try:
        auditor = Auditor(schema, export, json.loads(Path(trust).read_text()))
        auditor.supply = auditor.run()
    except Malformed as error:
        raise Finding(f"export: {error}") from error
    return auditor


def main():
    parser = argparse.ArgumentParser(description="Audit an export of a ledger against a trust file.")
    parser.add_argument("export")
    parser.add_argument("trust")
    parser.add_argument("--proto", default=PROTO, help="folder of the published .proto files")
    arguments = parser.parse_args()
    try:
        done = audit(arguments.export, arguments.trust, arguments.proto)
    except Finding as finding:
        print(f"Does not agree. {finding}")
        return 1
    print(f"Agrees: {done.heights} blocks, {done.log.size} entries, {len(done.state.leaves)} state entries.")
    for contract, sums in done.supply.items():
        print(f"  {contract}: " + ", ".join(f"{name} {amount / 100:,.2f}" for name, amount in sums.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
