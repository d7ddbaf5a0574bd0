"""The three Merkle trees of a ledger, from docs/FORMATS.md: the state's sparse tree, the log of RFC 6962 and the
tree of CometBFT headers."""

import hashlib

EMPTY = bytes(32)


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def tagged(domain, *parts):
    return sha256(domain.encode(), b"\0", *parts)


def _bit(path, depth):
    return path[depth >> 3] >> (7 - (depth & 7)) & 1


class StateTree:
    """Compact binary sparse Merkle tree. A node is None, a leaf (path, hash) or an inner [left, right, hash]."""

    def __init__(self):
        self._root = None

    def root(self):
        return self._hash(self._root)

    def put(self, key, value):
        path = sha256(key)
        leaf = (path, sha256(b"\0", path, sha256(value)))
        self._root = self._insert(self._root, leaf, 0)

    def remove(self, key):
        self._root = self._delete(self._root, sha256(key), 0)

    @staticmethod
    def _hash(node):
        if node is None:
            return EMPTY
        if isinstance(node, tuple):
            return node[1]
        if node[2] is None:
            node[2] = sha256(b"\1", StateTree._hash(node[0]), StateTree._hash(node[1]))
        return node[2]

    def _insert(self, node, leaf, depth):
        if node is None:
            return leaf
        if isinstance(node, tuple):
            if node[0] == leaf[0]:
                return leaf
            inner = [None, None, None]
            inner[_bit(node[0], depth)] = node
            side = _bit(leaf[0], depth)
            inner[side] = self._insert(inner[side], leaf, depth + 1)
            return inner
        side = _bit(leaf[0], depth)
        node[side] = self._insert(node[side], leaf, depth + 1)
        node[2] = None
        return node

    def _delete(self, node, path, depth):
        if node is None:
            return None
        if isinstance(node, tuple):
            return None if node[0] == path else node
        side = _bit(path, depth)
        node[side] = self._delete(node[side], path, depth + 1)
        node[2] = None
        left, right = node[0], node[1]
        if left is None and (right is None or isinstance(right, tuple)):
            return right
        if right is None and isinstance(left, tuple):
            return left
        return node


class Log:
    """RFC 6962, kept as the roots of its complete subtrees, largest first."""

    def __init__(self):
        self.size = 0
        self._stack = []  # (height, hash)

    def append(self, entry):
        node = (0, sha256(b"\0", entry))
        while self._stack and self._stack[-1][0] == node[0]:
            height, left = self._stack.pop()
            node = (height + 1, sha256(b"\1", left, node[1]))
        self._stack.append(node)
        self.size += 1

    def root(self):
        if not self._stack:
            return sha256(b"")
        result = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            result = sha256(b"\1", left, result)
        return result


def comet_root(leaves):
    """CometBFT's tree: split at the largest power of two below the number of leaves."""
    count = len(leaves)
    if count == 0:
        return sha256(b"")
    if count == 1:
        return sha256(b"\0", leaves[0])
    split = 1 << (count - 1).bit_length() - 1
    return sha256(b"\1", comet_root(leaves[:split]), comet_root(leaves[split:]))
