"""A small ledger of several authorities, made by the auditor's own rules, to be lied about: every header, commit and root
follows from what the maker does, so that only the lie itself can give it away. For tests. What the ledger itself makes is
held against the auditor by ledgers_test.py."""

import hashlib
import json
from contextlib import contextmanager
from struct import pack

import chain
import governing
from auditor import CONSENSUS_HASH, MAGIC, PROTO, Auditor
from nacl.signing import SigningKey
from trees import comet_root, sha256, tagged
from wire import Schema, encode, varint

SCHEMA = Schema(PROTO)
PARAMETERS = dict(
    rule_set=1, reveal_seconds=3600, pass_on_seconds=3600, answer_seconds=3600,
    accepted_date_after_wanted_seconds_max=3600, undelivered_seconds=3600, settling_seconds=3600,
    due_items_per_block_max=10, refusals_per_account_per_block_max=10, trusting_period_seconds=2592000,
    proposal_seconds=1000,
)  # fmt: skip
BEGAN = 1_800_000_000


def key_of(name):
    return SigningKey(hashlib.sha256(name.encode()).digest())


def public(key):
    return bytes(key.verify_key)


class SmallChain:
    """Authorities with one officer and one node each; the keys follow from their names."""

    def __init__(self, *handles, engine=None):
        s = SCHEMA
        self.now, self.nonce, self.blocks, self.nodes = BEGAN, 0, [], {}
        genesis = s.Genesis(name="small", time=BEGAN, parameters=s.Parameters(**PARAMETERS),
                            engine=engine or s.ENGINE_COMETBFT)  # fmt: skip
        for handle in sorted(handles):
            genesis.authorities.append(
                s.GenesisAuthority(
                    handle=handle, identifiers=[s.Identifier(scheme="X", id=handle)],
                    names=[s.DisplayName(language="en", text=handle)], policy=self.policy(handle), node=self.node(handle),
                )
            )  # fmt: skip
        raw = encode(genesis)
        self.ledger_id = sha256(raw)
        proofs = [s.GenesisProofs(proofs=[self.proof(key_of(h), h)]) for h in sorted(handles)]
        self.start = s.ExportStart(genesis=s.GenesisFile(genesis=raw, proofs=proofs), chain_id="small-1")
        self.maker = Auditor.__new__(Auditor)
        Auditor.__init__(self.maker, s, None, {"ledger_id": self.ledger_id.hex(), "segments": []})
        self.maker._start(self.start)

    # --- people and nodes

    def node(self, handle, name=None, power=1):
        key = key_of(name or handle + " node")
        self.nodes[public(key)] = key
        return SCHEMA.AuthorityNode(public_key=public(key), power=power)

    def policy(self, handle):
        return SCHEMA.Policy(keys=[public(key_of(handle))], routine_threshold=1, above_threshold=1,
                             policy_threshold=1, amount_limit=2**53 - 1)  # fmt: skip

    def proof(self, key, account):
        message = b"tallystick/key/1\0" + self.ledger_id + account.encode() + public(key)
        return SCHEMA.KeyProof(public_key=public(key), signature=key.sign(message).signature)

    def admission(self, handle, power=1):
        s = SCHEMA
        return s.Change(
            admit_authority=s.AdmitAuthority(
                handle=handle, identifiers=[s.Identifier(scheme="X", id=handle)],
                names=[s.DisplayName(language="en", text=handle)], policy=self.policy(handle),
                proofs=[self.proof(key_of(handle), handle)], node=self.node(handle, power=power),
                node_proof=self.proof(key_of(handle + " node"), handle),
            )
        )  # fmt: skip

    # --- envelopes

    def envelope(self, account, signer=None, **action):
        self.nonce += 1
        body = SCHEMA.Body(ledger_id=self.ledger_id, account=account, nonce=pack(">QQ", 0, self.nonce),
                           valid_until=self.now + 86400, **action)  # fmt: skip
        raw, key = encode(body), key_of(signer or account)
        signature = key.sign(b"tallystick/tx/1\0" + raw).signature
        self.last_id = tagged("tallystick/tx/1", raw)
        return encode(
            SCHEMA.Envelope(body=raw, signatures=[SCHEMA.Signature(public_key=public(key), signature=signature)])
        )

    def propose(self, account, change, effective_at=0):
        return self.envelope(account, propose=SCHEMA.Propose(change=change, effective_at=effective_at))

    def vote(self, account, proposal, yes=True, signer=None):
        choice = SCHEMA.CHOICE_YES if yes else SCHEMA.CHOICE_NO
        return self.envelope(account, signer, vote=SCHEMA.Vote(proposal=proposal, choice=choice))

    def bundle(self, envelopes, node=None):
        key = node or self.nodes[self.maker.segment.validators[0][0]]
        body = encode(SCHEMA.BundleBody(node_key=public(key), chain_id=self.maker.segment.chain_id,
                                        time_ms=self.now * 1000, counter=len(self.blocks), envelopes=envelopes))  # fmt: skip
        signature = key.sign(b"tallystick/bundle/1\0" + body).signature
        return encode(SCHEMA.Bundle(body=body, signature=signature))

    def decide(self, change, *voters):
        """Proposes and votes, one block each, and one more in which it takes effect. Gives the proposal."""
        self.block(self.bundle([self.propose(voters[0], change)]))
        proposal = self.last_id
        if voters[1:]:
            self.block(self.bundle([self.vote(voter, proposal) for voter in voters[1:]]))
        self.block()
        return proposal

    # --- blocks

    def block(self, *bundles, misbehaviours=(), absent=0, nil=0, forge=None, seconds=1):
        """Executes, seals and signs a block. `forge` may change it (header, entries, state of the maker) before it is
        hashed and signed; the last slots of its commit are absent, those before them nil."""
        s, maker = SCHEMA, self.maker
        segment, previous = maker.segment, maker.previous
        self.now += seconds
        maker.heights += 1
        maker.well_formed = {}
        first = maker.heights == segment.first_height
        header = s.Header(
            version=s.Version(block=11, app=1), chain_id=segment.chain_id, height=maker.heights,
            time=s.Timestamp(seconds=self.now, nanos=maker.heights),
            last_block_id=None if first else previous.commit.block_id,
            last_commit_hash=sha256(b"") if first else chain.commit_hash(previous.commit),
            validators_hash=chain.validators_hash(segment.validators),
            next_validators_hash=chain.validators_hash(segment.next_validators), consensus_hash=CONSENSUS_HASH,
            app_hash=maker._app_hash(), last_results_hash=comet_root([b""] * (0 if first else len(previous.bundles))),
            evidence_hash=sha256(b"evidence") if misbehaviours else sha256(b""),
            data_hash=comet_root([sha256(b) for b in bundles]),
            proposer_address=chain.address(segment.validators[0][0]),
        )  # fmt: skip
        block = s.BlockRecord(header=header, bundles=list(bundles), misbehaviours=list(misbehaviours))
        entries = [] if maker.heights == segment.last_height else maker._executed(block, "the maker")
        block.entries = [encode(entry) for entry in entries]
        if forge:
            forge(block)
        for entry in block.entries:
            maker.log.append(entry)
        block.app_state = s.AppState(state_root=maker.state.tree.root(), log_root=maker.log.root(),
                                     log_size=maker.log.size)  # fmt: skip
        self._sign(block, segment.validators, previous if not first else None, absent, nil)
        self.blocks.append(block)
        maker.previous = block
        maker._go_on()
        return block

    def _sign(self, block, validators, previous, absent, nil):
        s, header = SCHEMA, block.header
        last_commit = previous.commit if previous else s.Commit()
        encoded = chain.block_bytes(
            chain.engine_header_bytes(header), list(block.bundles), chain.engine_commit_bytes(last_commit)
        )
        total, hash_ = chain.part_set(encoded)
        id_ = s.BlockId(hash=chain.header_hash(header), part_set_header=s.PartSetHeader(total=total, hash=hash_))
        block.commit = s.Commit(height=header.height, round=1, block_id=id_)
        ordered = chain.sorted_validators(validators)
        for number, (key, _) in enumerate(ordered):
            left = len(ordered) - number
            if left <= absent:
                block.commit.signatures.append(s.CommitSig(block_id_flag=chain.ABSENT))
                continue
            slot = s.CommitSig(
                block_id_flag=chain.NIL if left <= absent + nil else chain.COMMIT, validator_address=chain.address(key),
                timestamp=s.Timestamp(seconds=self.now, nanos=500 + number),
            )  # fmt: skip
            slot.signature = self.nodes[key].sign(chain.vote_bytes(header.chain_id, block.commit, slot)).signature
            block.commit.signatures.append(slot)

    def sets(self, last_height=None):
        validators = governing_validators(self.start)
        return [{"first_height": 1, "last_height": last_height, "validators": validators}]

    def write(self, path):
        """The export and its trust file, which trusts the first block."""
        s = SCHEMA
        leaves = {key: encode(value) for key, value in self.maker.state.leaves.items()}
        records = [s.ExportRecord(start=self.start), *(s.ExportRecord(block=block) for block in self.blocks)]
        records += [s.ExportRecord(leaf=s.StateLeaf(key=key, value=leaves[key])) for key in sorted(leaves)]
        count = len(self.blocks)
        records.append(s.ExportRecord(end=s.ExportEnd(height=count, blocks=count, leaves=len(leaves))))
        encoded = [encode(record) for record in records]
        path.write_bytes(MAGIC + b"".join(varint(len(each)) + each for each in encoded))
        header = self.blocks[0].header
        trust = path.with_suffix(".trust.json")
        trust.write_text(json.dumps({
            "format": "tallystick-trust-1", "ledger_id": self.ledger_id.hex(), "name": "small",
            "segments": [{"chain_id": "small-1", "validator_sets": self.sets(),
                          "trusted": {"height": 1, "header_hash": chain.header_hash(header).hex()}}],
            "trusting_period_seconds": 2592000,
        }))  # fmt: skip
        return path, trust


def governing_validators(start):
    from wire import decode

    genesis = decode(SCHEMA.Genesis, start.genesis.genesis)
    return [{"authority": a.handle, "public_key": a.node.public_key.hex(), "power": a.node.power}
            for a in genesis.authorities]  # fmt: skip


@contextmanager
def a_rule_broken(table, name, broken):
    """While it lasts, the maker's rule `name` of a table of governing.py is another."""
    kept = table[name]
    table[name] = broken
    try:
        yield
    finally:
        table[name] = kept


@contextmanager
def a_function_broken(name, broken):
    kept = getattr(governing, name)
    setattr(governing, name, broken)
    try:
        yield
    finally:
        setattr(governing, name, kept)
