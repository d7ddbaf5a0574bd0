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
import governing  # noqa: E402
from rules import ACTIONS, Context, value_moved  # noqa: E402
from state import TYPES, Draft, Keys, Refused, clone, due_id  # noqa: E402
from trees import Log, StateTree, comet_root, sha256, tagged  # noqa: E402
from wire import Malformed, Schema, decode, encode, read_varint  # noqa: E402

PROTO = Path(__file__).resolve().parents[2] / "protocol" / "proto"
MAGIC = b"tallystick export 1\n"
VALIDITY_MAX = 2592000
RULE_SET = 1
BUNDLE_ENVELOPES_MAX, BUNDLE_BYTES_MAX = 512, 524288  # under CometBFT
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


class Segment:
    """One stretch of the chain: who signs the block to come, and who the one behind it."""

    def __init__(self, chain_id, first_height, engine, validators):
        self.chain_id, self.first_height, self.engine = chain_id, first_height, engine
        self.validators = self.next_validators = validators
        self.last_height = None  # set once a handover says it

    def executed(self, named):
        """A block was executed, and the state behind it names these validators."""
        self.validators = self.next_validators
        if self.engine == "cometbft":
            self.next_validators = named


class Auditor:
    def __init__(self, schema, export, trust):
        self.schema, self.trust = schema, trust
        self.records = read_export(schema, export)
        self.refusals = refusal_numbers()
        self.used = set()
        self.log = Log()
        self.heights = 0
        self.proved = 0  # headers and commits were seen up to here: a network's newest blocks may still lack theirs
        self.previous = None
        self.outcomes = {"done": {}, "refused": {}, "due": {}}
        self.notes = []  # what an auditor cannot judge, or finds worth saying
        self.with_evidence = self.distrusted = 0
        self.well_formed = {}  # what read_envelope made of a block's envelopes: bundles may repeat them

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
        self._say()
        return self._supply()

    # --- genesis ---

    def _start(self, start):
        file = start.genesis
        self.ledger_id = sha256(file.genesis)
        check(self.ledger_id.hex() == self.trust["ledger_id"], "genesis", "is another ledger's than the trust file's")
        genesis = decode(self.schema.Genesis, file.genesis)
        self.name = genesis.name
        check(start.chain_id == genesis.name + "-1", "start record", "names another chain than the genesis")
        check(len(file.proofs) == len(genesis.authorities), "genesis", "proofs are missing")
        for authority, proofs in zip(genesis.authorities, file.proofs):
            keys = [p.public_key for p in proofs.proofs]
            check(keys == list(authority.policy.keys), "genesis", f"proofs of {authority.handle} do not fit its policy")
            for proof in proofs.proofs:
                forms.key_proof(proof, self.ledger_id, authority.handle)
        self.state = State(self.schema, self.ledger_id)
        self.state.apply(self._genesis_leaves(genesis))
        engine = self._engine(genesis.engine)
        check(engine != "solo" or len(genesis.authorities) == 1, "genesis", "gives one node's engine to several authorities")
        self.segments = [Segment(start.chain_id, 1, engine, governing.validators_of(self._view()))]

    def _engine(self, number):
        return "cometbft" if number == self.schema.ENGINE_COMETBFT else "solo"

    def _view(self):
        """The state to be read by rules."""
        return Draft(self.schema, self.state)

    @property
    def segment(self):
        return self.segments[-1]

    def _genesis_leaves(self, genesis):
        s = self.schema
        leaves = {
            Keys.parameters(): genesis.parameters,
            Keys.authorities(): s.Authorities(handles=[a.handle for a in genesis.authorities]),
        }
        for a in genesis.authorities:
            owner = s.Owner(account=a.handle)
            leaves[Keys.account(a.handle)] = s.Account(
                roles=[s.ROLE_AUTHORITY], identifiers=a.identifiers, names=a.names, policy=a.policy,
                registered_at=genesis.time,
            )  # fmt: skip
            for identifier in a.identifiers:
                leaves[Keys.identifier(identifier)] = owner
            for key in [*a.policy.keys, a.node.public_key]:
                check(Keys.public_key(key) not in leaves, "genesis", f"a key of {a.handle} stands twice")
                leaves[Keys.public_key(key)] = owner
            leaves[Keys.node_address(chain.address(a.node.public_key))] = owner
            leaves[Keys.node(a.handle)] = a.node
        return leaves

    # --- blocks ---

    def _block(self, block):
        self.heights += 1
        place = f"block {self.heights}"
        self.well_formed = {}
        if block.header is None or block.commit is None:
            check(block.header is not None or block.time is not None, place, "has neither a header nor a time")
        else:
            last = f"block {self.heights - 1}"
            check(self.proved == self.heights - 1, last, "lacks its header or commit, and a later block has them")
            self._header(block, place)
            self._commit(block, place)
            self.proved = self.heights
        self._entries(block, place)
        root, log_root, size = self.state.tree.root(), self.log.root(), self.log.size
        given = block.app_state
        check(given is not None and given.state_root == root, place, "the state root does not follow from the entries")
        check(given.log_root == log_root and given.log_size == size, place, "the log root does not follow")
        self.previous = block
        self._go_on()

    def _go_on(self):
        """To the next block of the segment, or to the next segment."""
        view = self._view()
        self.segment.executed(governing.validators_of(view))
        handover = view.get(Keys.handover())
        if handover is None or handover.segment <= len(self.segments):
            return
        self.segment.last_height = handover.initial_height - 1
        if self.heights == self.segment.last_height:
            validators = [(v.public_key, v.power) for v in handover.validators.validators]
            engine = self._engine(handover.engine)
            self.segments.append(Segment(handover.chain_id, handover.initial_height, engine, validators))

    def _app_hash(self):
        return tagged("tallystick/app/1", self.state.tree.root(), self.log.root(), pack(">Q", self.log.size))

    def _header(self, block, place):
        header, previous, segment = block.header, self.previous, self.segment
        check(header.height == self.heights, place, f"bears height {header.height}")
        check(header.chain_id == segment.chain_id, place, f"is of the chain {header.chain_id}, not {segment.chain_id}")
        check((header.version.block, header.version.app) == (11, 1), place, "has another version")
        check(header.app_hash == self._app_hash(), place, "its app hash is not that of the state before it")
        here, there = chain.validators_hash(segment.validators), chain.validators_hash(segment.next_validators)
        check(header.validators_hash == here, place, "has other validators than the ledger's")
        check(header.next_validators_hash == there, place, "names other next validators than the ledger's")
        check(header.consensus_hash == CONSENSUS_HASH, place, "has another consensus hash")
        self._evidence(block, place)
        addresses = {chain.address(key) for key, _ in segment.validators}
        check(header.proposer_address in addresses, place, "was proposed by nobody known")
        check(header.data_hash == comet_root([sha256(b) for b in block.bundles]), place, "its data hash does not fit")
        if previous is not None:
            check(instant(header.time) > instant(previous.header.time), place, "is dated before its parent")
        if header.height == segment.first_height:
            check(header.last_commit_hash == sha256(b""), place, "the first block of its segment has a last commit")
            check(chain.block_id(header.last_block_id) == b"\x12\0", place, "the first block of its segment has a parent")
            results = 0
        else:
            check(header.last_block_id == previous.commit.block_id, place, "its parent is another block")
            check(header.last_commit_hash == chain.commit_hash(previous.commit), place, "its last commit hash does not fit")
            results = len(previous.bundles)
        check(header.last_results_hash == comet_root([b""] * results), place, "its last results hash does not fit")
        self._trusted_header(header, place)

    def _evidence(self, block, place):
        """The evidence itself is the engine's: here it only counts whether there is any."""
        none = block.header.evidence_hash == sha256(b"")
        check(none == (not block.misbehaviours), place, "its misbehaviour and its evidence hash do not fit")
        if not none:
            self.with_evidence += 1

    def _trusted_header(self, header, place):
        trusted = (self._trust_segment() or {}).get("trusted")
        if trusted and header.height == trusted["height"]:
            agrees = chain.header_hash(header).hex() == trusted["header_hash"]
            check(agrees, place, "is not the block that the trust file trusts")

    def _trust_segment(self):
        """What the trust file says of this segment; None where it is older than that."""
        for segment in self.trust["segments"]:
            if segment["chain_id"] == self.segment.chain_id:
                return segment
        return None

    def _commit(self, block, place):
        commit, header = block.commit, block.header
        check(commit.height == header.height, place, "its commit is for another height")
        check(commit.block_id.hash == chain.header_hash(header), place, "its commit is for another header")
        self._parts(block, place)
        ordered = chain.sorted_validators(self.segment.validators)
        check(len(commit.signatures) == len(ordered), place, "its commit has another number of slots")
        signed = 0
        for (key, power), slot in zip(ordered, commit.signatures):
            if slot.block_id_flag == chain.ABSENT:
                nothing = not slot.validator_address and not slot.signature and slot.timestamp is None
                check(nothing, place, "an absent slot of its commit is not empty")
                continue
            check(slot.block_id_flag in (chain.COMMIT, chain.NIL), place, "a slot of its commit is of no known kind")
            check(slot.validator_address == chain.address(key), place, "a signature stands in another's slot")
            message = chain.vote_bytes(header.chain_id, commit, slot)
            true = chain.verifies_in_commit(key, message, slot.signature)
            check(true, place, "a signature of its commit is false")
            signed += power if slot.block_id_flag == chain.COMMIT else 0
        check(signed > sum(p for _, p in ordered) * 2 // 3, place, "too few authorities signed it")
        self._trusted_set(header.height, place)

    def _parts(self, block, place):
        """The block's bytes, cut into parts, are what was signed. Evidence is not in an export, so a block with some
        cannot be put together again: its header is signed all the same."""
        if block.misbehaviours:
            return
        first = block.header.height == self.segment.first_height
        last_commit = self.schema.Commit() if first else self.previous.commit
        total, hash_ = chain.part_set(
            chain.block_bytes(
                chain.engine_header_bytes(block.header), list(block.bundles), chain.engine_commit_bytes(last_commit)
            )
        )
        parts = block.commit.block_id.part_set_header
        check((parts.total, parts.hash) == (total, hash_), place, "its parts do not hash to what was signed")

    def _trusted_set(self, height, place):
        """Where the trust file lists a set up to some height, it is the ledger's. One without a last height says how
        it was when the file was written: what was voted since stands on the ledger and was recomputed."""
        listed = (self._trust_segment() or {}).get("validator_sets", [])
        for set_ in listed:
            if set_["first_height"] > height or (set_["last_height"] or height) < height:
                continue
            validators = [(bytes.fromhex(v["public_key"]), v["power"]) for v in set_["validators"]]
            same = chain.validators_hash(validators) == chain.validators_hash(self.segment.validators)
            since = set_["last_height"] is None and height > self._trust_segment()["trusted"]["height"]
            check(same or since, place, "its validators are not those of the trust file")
            self.distrusted += not same
            return
        self.distrusted += 1

    def _say(self):
        if self.proved < self.heights:
            self.notes.append(
                f"From block {self.proved + 1} on the export has no header and commit, as a network's newest blocks may "
                "for a moment: their entries follow from the rules, but not who signed them. Export again to see it."
            )
        if self.with_evidence:
            self.notes.append(
                f"{self.with_evidence} block(s) carry evidence of misbehaviour. What is recorded follows from it; whether "
                "the evidence is true only the validators judged, who signed the blocks."
            )
        if self.distrusted:
            self.notes.append(
                f"{self.distrusted} block(s) were signed by validators that the trust file does not list. They follow "
                "from the votes on the ledger; a newer trust file lists them."
            )
        for segment in self.trust["segments"]:
            place = f"the trust file's block {segment['trusted']['height']} of {segment['chain_id']}"
            if segment["trusted"]["height"] > self.proved:
                self.notes.append(f"The export ends before {place}.")
            elif segment["chain_id"] not in [known.chain_id for known in self.segments]:
                raise Finding(f"{place}: the ledger has no such segment")

    # --- entries ---

    def _entries(self, block, place):
        if self.heights == self.segment.last_height:
            expected = []  # whatever it holds is skipped
            for position, bundle in enumerate(block.bundles):
                self._bundle(bundle, f"{place}, bundle {position}")
        else:
            expected = self._executed(block, place)
        check(len(block.entries) == len(expected), place, f"has {len(block.entries)} entries, the rules make {len(expected)}")
        for index, (given, made) in enumerate(zip(block.entries, expected)):
            if bytes(given) != encode(made):
                raise Finding(f"{place}, entry {index}: is {describe(self.schema, given)}, the rules make {made}")
        for entry in expected:
            self.log.append(encode(entry))

    def _executed(self, block, place):
        """The entries that the rules make of a block. Limits, rule set and current nodes are those before it."""
        now = (block.time if block.header is None else block.header.time).seconds
        before = clone(self.state.get(Keys.parameters()))
        check(before.rule_set == RULE_SET, place, f"rule set {before.rule_set} is in force, this auditor knows {RULE_SET}")
        nodes = {key for key, _ in governing.validators_of(self._view())}
        if self.segment.engine == "solo":
            # Whatever becomes of its authority by vote, nobody else can order a block.
            nodes |= {key for key, _ in self.segment.validators}
        expected = self._misbehaviour_entries(block, now)
        self._due_entries(now, expected, before.due_items_per_block_max)
        self.overdue = self.state.due.overdue(now)
        refused = {}
        for position, bundle in enumerate(block.bundles):
            where = f"{place}, bundle {position}"
            body = self._bundle(bundle, where)
            for data in body.envelopes:
                read = self._read(data, where)
                if body.node_key not in nodes:
                    continue
                most = before.refusals_per_account_per_block_max
                entry = self._envelope(read, now, refused, most, self.heights, len(expected))
                if entry is not None:
                    expected.append(entry)
        return expected

    def _misbehaviour_entries(self, block, now):
        entries = []
        for report in block.misbehaviours:
            draft = Draft(self.schema, self.state)
            key = governing.record_misbehaviour(draft, report, self.heights)
            if key is None:
                continue
            self.state.apply(draft.changes)
            self._count("due", due.MISBEHAVIOUR)
            entries.append(self._due_entry(now, len(entries), (now, due.MISBEHAVIOUR, key), draft, None))
        return entries

    def _due_entries(self, now, entries, most):
        where = due.Block(self.segment.chain_id, self.heights, self.refusals)
        first = len(entries)
        while len(entries) - first < most and (item := self.state.due.first(now)):
            time, kind, _, object_ = item
            draft = Draft(self.schema, self.state)
            refusal = None
            try:
                due.run(draft, time, kind, object_, where)
            except Refused as refused:
                refusal = str(refused)
            self.state.apply(draft.changes)
            self._count("due", kind)
            entries.append(self._due_entry(now, len(entries), (time, kind, object_), draft, refusal))
            if Keys.handover() in draft.changes:
                break

    def _due_entry(self, now, index, item, draft, refusal):
        time, kind, object_ = item
        outcome = self._outcome(draft, refusal)
        outcome.due = self.schema.DueItem(time=time, kind=kind, object=object_)
        id_ = due_id(self.ledger_id, time, kind, object_)
        return self._entry(id_, bytes(32), 0, now, self.heights, index, outcome)

    def _bundle(self, data, place):
        bundle = decode(self.schema.Bundle, data)
        body = decode(self.schema.BundleBody, bundle.body)
        message = b"tallystick/bundle/1\0" + bundle.body
        check(chain.verifies(body.node_key, message, bundle.signature), place, "its signature is false")
        check(body.chain_id == self.segment.chain_id, place, "is of another chain")
        if self.segment.engine == "cometbft":
            small = len(data) <= BUNDLE_BYTES_MAX and len(body.envelopes) <= BUNDLE_ENVELOPES_MAX
            check(small, place, "is larger than a bundle may be")
        return body

    def _read(self, data, place):
        data = bytes(data)
        if data not in self.well_formed:
            try:
                self.well_formed[data] = forms.read_envelope(self.schema, data)
            except Malformed as error:
                raise Finding(f"{place}: holds a malformed envelope ({error})") from error
        return self.well_formed[data]

    def _envelope(self, read, now, refused, most, height, index):
        id_, hash_, body, name, signers = read
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
            removed = any(governing.was_removed(draft, account) for account in [body.account, *body.co_signers])
            governing.refuse(removed, "authority_removed")
            ACTIONS[name](draft, action, context)
        except Refused as error:
            refusal = str(error)
        if self._deadline_pending(draft):
            return None
        if refused.get(body.account, 0) >= most:
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
            if name in ("set_policy", "propose", "vote") and account == body.account:
                threshold = policy.policy_threshold
            else:
                threshold = policy.above_threshold if moved > policy.amount_limit else policy.routine_threshold
            if sum(1 for key in policy.keys if key in signers) < threshold:
                return False
        return True

    def _deadline_pending(self, draft):
        """Does the entry touch what the block's due items left overdue? What becomes due by its envelopes (a proposal
        decided just now) is the next block's."""
        overdue = self.overdue
        if not overdue:
            return False
        contracts = set()
        for object_ in overdue:
            parts = due.parts_of(object_)
            if object_[0] == 7:
                continue  # a proposal is of no contract
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
    for note in done.notes:
        print(f"Note: {note}")
    print(f"Agrees: {done.heights} blocks in {len(done.segments)} segment(s), {done.log.size} entries, {len(done.state.leaves)} state entries.")
    for contract, sums in done.supply.items():
        print(f"  {contract}: " + ", ".join(f"{name} {amount / 100:,.2f}" for name, amount in sums.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
