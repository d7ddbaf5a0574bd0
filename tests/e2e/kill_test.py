"""kill -9 at random instants, 200 times, with envelopes on their way. Afterwards every outcome that was acknowledged is
there, the same as it was told, none stands twice, and a replay from the genesis meets the same roots.

TALLYSTICK_KILLS and TALLYSTICK_KILL_SEED change how often and when."""

import hashlib
import os
import random
import signal
import subprocess
import tempfile
import threading
import urllib.error

from nacl.signing import SigningKey

from small_ledger import PROGRAMS, Node

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "200"))
SEED = int(os.environ.get("TALLYSTICK_KILL_SEED", "20261122"))
DONE, REFUSED = 1, 2
SECONDS_TO_LIVE_MAX = 0.35


class Sender(threading.Thread):
    """Sends batches until the node dies; keeps what was acknowledged, and what it does not know of."""

    def __init__(self, node, batches, acknowledged):
        super().__init__(daemon=True)
        self.node, self.batches, self.acknowledged = node, batches, acknowledged
        self.unknown = []

    def run(self):
        while self.batches:
            batch = self.batches.pop()
            try:
                results = self.node.submit(*batch)
            except (OSError, AssertionError, urllib.error.URLError):
                self.unknown.append(batch)
                return
            except Exception:  # an answer that broke off in the middle
                self.unknown.append(batch)
                return
            for envelope, result in zip(batch, results):
                if result.state in (DONE, REFUSED):
                    told = self.acknowledged.setdefault(result.id, (envelope, result.log_index, result.entry))
                    assert told[1:] == (result.log_index, result.entry), "an outcome was told in two ways"
                else:
                    self.unknown.append([envelope])


def registrations(node, count):
    """Distinct registrations by the authority, so that every one of them is done."""
    made = []
    for number in range(count):
        handle = f"suffolk/group-{number}"
        key = SigningKey(hashlib.sha256(handle.encode()).digest())
        public = key.verify_key.encode()
        register = node.pb.Register(handle=handle, roles=[3])
        register.identifiers.add(scheme="GB-CHC", id=str(1000000 + number))
        register.names.add(language="en", text=f"Group {number}")
        register.policy.CopyFrom(node.pb.Policy(keys=[public], routine_threshold=1, above_threshold=1,
                                                policy_threshold=1, amount_limit=2**53 - 1))
        register.proofs.add(public_key=public, signature=node.key_proof(handle, key))
        made.append(node.sign(node.body("suffolk", register, valid_for=86400)))
    return made


def start(node, log):
    return subprocess.Popen(
        [PROGRAMS / "tallyd", "serve", "--data", node.data, "--set", "api.listen=127.0.0.1:0",
         "--set", "ops.listen=127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, text=True)


def killed_once(node, chance, batches, acknowledged, log):
    """Starts the node, sends until its end comes, and gives back what is not known to be decided."""
    process = start(node, log)
    # From the start of the process: some die while they open the store.
    end = threading.Timer(chance.uniform(0.0, SECONDS_TO_LIVE_MAX), process.send_signal, [signal.SIGKILL])
    end.start()
    line = process.stdout.readline()
    unknown = []
    if "API http://" in line:
        node.api = line.split("API ")[1].split("/v1")[0]
        senders = [Sender(node, batches, acknowledged) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
            unknown += sender.unknown
    assert process.wait(30) == -signal.SIGKILL, "the node ended before it was killed"
    end.join()
    process.stdout.close()
    return unknown


def test_no_kill_loses_or_doubles_what_was_acknowledged():
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        with Node(folder) as node:
            envelopes = registrations(node, 20 * KILLS)
        batches = [envelopes[i:i + 4] for i in range(0, len(envelopes), 4)]
        acknowledged = {}
        with open(os.path.join(folder, "killed.jsonl"), "ab") as log:
            for _ in range(KILLS):
                # Whoever got no answer sends again: it must take effect once.
                batches += killed_once(node, chance, batches, acknowledged, log)
        assert len(acknowledged) > KILLS, "too little was acknowledged for the test to mean anything"

        verified = subprocess.run([PROGRAMS / "tallyd", "verify", "--data", node.data], capture_output=True,
                                  text=True, timeout=120)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        node.start()
        told = list(acknowledged.items())
        for i in range(0, len(told), 500):
            piece = told[i:i + 500]
            for (id_, (_, index, entry)), result in zip(piece, node.submit(*(t[1][0] for t in piece))):
                assert result.first_outcome, "an acknowledged envelope was taken again"
                assert (result.id, result.log_index, result.entry) == (id_, index, entry)
        places = [index for _, index, _ in acknowledged.values()]
        assert len(set(places)) == len(places), "two envelopes have one entry"
        every_id = [entry["id"] for entry in all_entries(node)]
        assert len(set(every_id)) == len(every_id), "an envelope has two entries"
        node.stop()


def all_entries(node):
    """Ids of all entries, read from an export."""
    target = os.path.join(node.folder, "export")
    subprocess.run([PROGRAMS / "tallyd", "export", "--data", node.data, "-o", target], check=True,
                   capture_output=True, timeout=60)
    with open(target, "rb") as file:
        raw = file.read()
    magic = b"tallystick export 1\n"
    assert raw.startswith(magic)
    at = len(magic)
    while at < len(raw):
        size = shift = 0
        while True:
            byte = raw[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        record = node.pb.ExportRecord.FromString(raw[at:at + size])
        at += size
        for entry in record.block.entries:
            yield {"id": node.pb.LogEntry.FromString(entry).id}
