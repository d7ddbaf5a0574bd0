"""Lies of an authority that holds the node's key: takes an export apart, and puts it together again with every root,
header and commit recomputed, so that nothing but the rules gives the lie away. For tests."""

import json
import sys
from pathlib import Path
from struct import pack

from nacl.signing import SigningKey

sys.path.insert(0, str(Path(__file__).parent))

import chain  # noqa: E402
from auditor import MAGIC, PROTO, read_export  # noqa: E402
from state import TYPES  # noqa: E402
from trees import Log, StateTree, comet_root, sha256, tagged  # noqa: E402
from wire import Schema, decode, encode, varint  # noqa: E402

SCHEMA = Schema(PROTO)


class Export:
    """The records of an export, to be changed and written again."""

    def __init__(self, path, trust):
        records = list(read_export(SCHEMA, path))
        self.trust = json.loads(Path(trust).read_text())
        self.start = records[0].start
        self.blocks = [r.block for r in records if r.block is not None]
        self.leaves = {r.leaf.key: r.leaf.value for r in records if r.leaf is not None}
        self.end = records[-1].end

    def write(self, path):
        record = SCHEMA.ExportRecord
        records = [record(start=self.start), *(record(block=block) for block in self.blocks)]
        records += [record(leaf=SCHEMA.StateLeaf(key=k, value=self.leaves[k])) for k in sorted(self.leaves)]
        records.append(record(end=self.end))
        encoded = [encode(each) for each in records]
        Path(path).write_bytes(MAGIC + b"".join(varint(len(each)) + each for each in encoded))
        Path(path).with_suffix(".trust.json").write_text(json.dumps(self.trust))

    def entry(self, height, index):
        return decode(SCHEMA.LogEntry, self.blocks[height - 1].entries[index])

    def set_entry(self, height, index, entry):
        self.blocks[height - 1].entries[index] = encode(entry)

    def value(self, key):
        return decode(getattr(SCHEMA, TYPES[key[0]]), self.leaves[key])


def sign_again(commit, key, chain_id):
    """The one slot of a commit, signed by the key for what the commit says."""
    slot = commit.signatures[0]
    slot.signature = key.sign(chain.vote_bytes(chain_id, commit, slot)).signature


def reroot(export, height, state_root):
    """Recomputes log roots and log sizes of all blocks. From `height` on the state's root is what `state_root`, given
    the height and the root that stood there, makes of it."""
    log = Log()
    for number, block in enumerate(export.blocks, 1):
        for entry in block.entries:
            log.append(bytes(entry))
        block.app_state.log_root, block.app_state.log_size = log.root(), log.size
        if number >= height:
            block.app_state.state_root = state_root(number, block.app_state.state_root)


def root_of(leaves):
    tree = StateTree()
    for key, value in leaves.items():
        tree.put(key, value)
    return tree.root()


def rechain(export, height, seed):
    """From `height` on: headers and commits that follow from blocks and app states, signed with the node's key."""
    key = SigningKey(seed)
    for number in range(height, len(export.blocks) + 1):
        block = export.blocks[number - 1]
        previous = export.blocks[number - 2] if number > 1 else None
        header = block.header
        header.data_hash = comet_root([sha256(bundle) for bundle in block.bundles])
        last_commit = SCHEMA.Commit()
        if previous is not None:
            app = previous.app_state
            header.app_hash = tagged("tallystick/app/1", app.state_root, app.log_root, pack(">Q", app.log_size))
            header.last_block_id = previous.commit.block_id
            header.last_commit_hash = chain.commit_hash(previous.commit)
            header.last_results_hash = comet_root([b""] * len(previous.bundles))
            last_commit = previous.commit
        block_id = block.commit.block_id
        block_id.hash = chain.header_hash(header)
        if block.misbehaviours:  # the evidence in it is not in an export: its parts stay what they were
            sign_again(block.commit, key, header.chain_id)
            continue
        encoded = chain.block_bytes(
            chain.engine_header_bytes(header), list(block.bundles), chain.engine_commit_bytes(last_commit)
        )
        block_id.part_set_header.total, block_id.part_set_header.hash = chain.part_set(encoded)
        sign_again(block.commit, key, header.chain_id)


def sign_bundle(body, seed):
    """A bundle of this body by the node's key."""
    data = encode(body)
    signature = SigningKey(seed).sign(b"tallystick/bundle/1\0" + data).signature
    return encode(SCHEMA.Bundle(body=data, signature=signature))
