"""What a network acknowledged, and what each of its nodes says of it afterwards."""

import hashlib
import threading

DONE, REFUSED = "done", "refused"


class Acknowledged:
    """Every outcome that a node told a caller, by envelope id. Many threads may write."""

    def __init__(self):
        self.lock = threading.Lock()
        self.outcomes = {}   # id -> (log index, hash of the entry)
        self.contradictions = []

    def note(self, envelope_id, log_index, entry):
        told = (log_index, hashlib.sha256(entry).digest())
        with self.lock:
            known = self.outcomes.setdefault(envelope_id, told)
        if known != told:
            self.contradictions.append((envelope_id.hex(), known[0], log_index))

    def so_far(self):
        """What was told up to now: what comes later may be in blocks that nobody has read yet."""
        with self.lock:
            return dict(self.outcomes)

    def __len__(self):
        return len(self.outcomes)


class Witness:
    """Reads the log of every node and holds it against the others' and against what was acknowledged."""

    def __init__(self, acknowledged):
        self.acknowledged = acknowledged
        self.log = []        # (id, hash of the entry), as the first node that had it said
        self.read = {}       # node's name -> entries read so far

    def forget(self, name):
        """A node that was wiped is read from its beginning again."""
        self.read.pop(name, None)

    def read_node(self, name, pages):
        """`pages(from_index)` yields (log_index, id, entry bytes) from there on, ascending."""
        begin = self.read.get(name, 0)
        for log_index, envelope_id, entry in pages(begin):
            mine = (envelope_id, hashlib.sha256(entry).digest())
            if log_index < len(self.log):
                assert self.log[log_index] == mine, f"{name} has another entry {log_index} than the others"
            else:
                assert log_index == len(self.log), f"{name} left out entries before {log_index}"
                self.log.append(mine)
            self.read[name] = log_index + 1

    def check(self, told):
        """Everything that was told before the logs were read stands in them once, where and as it was told."""
        assert not self.acknowledged.contradictions, f"told in two ways: {self.acknowledged.contradictions[:3]}"
        places = {}
        for index, (envelope_id, _) in enumerate(self.log):
            assert envelope_id not in places, f"{envelope_id.hex()} took effect twice: {places[envelope_id]}, {index}"
            places[envelope_id] = index
        for envelope_id, (log_index, entry_hash) in told.items():
            assert log_index < len(self.log), \
                f"{envelope_id.hex()} was acknowledged as entry {log_index} and is lost: there are {len(self.log)}"
            assert self.log[log_index] == (envelope_id, entry_hash), f"{envelope_id.hex()} is not as it was told"
