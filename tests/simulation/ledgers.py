"""Nodes that die: a ledger on a disk that can fail, the load that it is under, and what it must still know afterwards."""

import hashlib
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from nacl.signing import SigningKey  # noqa: E402
from small_ledger import PROGRAMS, PROTOBUF, Node, Programme, ask  # noqa: E402, F401

import disk  # noqa: E402

SHIM = PROGRAMS / "libdisk_shim.so"
DONE, REFUSED, UNAVAILABLE = 1, 2, 7
START_SECONDS_MAX = 60


class Broken(AssertionError):
    """A promise of the ledger that was not kept."""


class Ledger(Node):
    """A node on a disk that remembers what was not synced. Each start after a power cut is another boot."""

    def __init__(self, folder, name, ignore_sync=False):
        assert SHIM.exists(), f"{SHIM} is not built: without it these tests test nothing"
        folder = pathlib.Path(folder) / name
        folder.mkdir()
        super().__init__(folder, "--set", "api.requests_per_second=0")
        self.journal = folder / "journal"
        self.fault_file = folder / "fault"
        self.ignore_sync = ignore_sync
        self.boot = 0

    def __exit__(self, *_):
        self.kill()

    def start(self):
        os.environ.update(self.environment())
        # A start that hangs is a failure too.
        alarm = threading.Timer(START_SECONDS_MAX, lambda: self.process.kill())
        alarm.start()
        try:
            super().start()
        except AssertionError as error:
            self.kill()
            raise Broken(f"it does not start any more: {error}") from error
        finally:
            alarm.cancel()
            for name in self.environment():
                del os.environ[name]

    def environment(self):
        variables = {"LD_PRELOAD": str(SHIM), "DISK_SHIM_FOLDER": str(self.data.resolve()),
                     "DISK_SHIM_JOURNAL": str(self.journal), "DISK_SHIM_FAULT": str(self.fault_file),
                     "DISK_SHIM_BOOT_ID": f"boot-{self.boot}"}
        if self.ignore_sync:
            variables["DISK_SHIM_IGNORE_SYNC"] = "1"
        return variables

    def start_and_kill(self, seconds):
        """Dies while it starts, which after a power cut means: while it rebuilds its state."""
        process = subprocess.Popen([PROGRAMS / "tallyd", "serve", "--data", self.data, "--set", "api.listen=127.0.0.1:0",
                                    "--set", "ops.listen=127.0.0.1:0"], env={**os.environ, **self.environment()},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        died_of = process.poll()
        process.kill()
        process.wait()
        if died_of is not None:
            raise Broken(f"it died by itself while it started: {died_of}")

    def kill(self):
        if self.process is None:
            return
        self.process.kill()
        self.code = self.process.wait()
        self.close()

    def stop(self):
        """In order, so that everything is durable afterwards."""
        if self.process is None:
            return
        self.process.terminate()
        if self.process.wait(60) != 0:
            self.close()
            raise Broken(f"it did not stop in order: {(self.folder / 'log.jsonl').read_text()[-1000:]}")
        self.close()

    def close(self):
        self.process.stdout.close()
        self.log.close()
        self.process = None

    def cut_power(self, seed):
        """After `kill` or `stop`: takes away what the disk had not made durable."""
        self.boot += 1
        return disk.cut_power(self.journal, seed) if self.journal.exists() else 0

    def registration(self, handle):
        """An envelope that is always valid: a fresh project under the authority."""
        key = SigningKey.generate()
        public = key.verify_key.encode()
        register = self.pb.Register(handle=handle, roles=[3])
        register.identifiers.add(scheme="GB-COH", id=hashlib.sha256(handle.encode()).hexdigest()[:8])
        register.names.add(language="en", text=handle)
        register.policy.CopyFrom(self.pb.Policy(keys=[public], routine_threshold=1, above_threshold=1,
                                                policy_threshold=1, amount_limit=2**53 - 1))
        register.proofs.add(public_key=public, signature=self.key_proof(handle, key))
        return self.sign(self.body("suffolk", register))

    def post(self, *envelopes):
        """The whole answer to a request with these envelopes."""
        request = self.pb.SubmitRequest(envelopes=envelopes)
        return ask("POST", f"{self.api}/v1/envelopes", request.SerializeToString(), {"Content-Type": PROTOBUF})

    def entries(self):
        """The whole log as JSON entries, oldest first."""
        entries, path = [], "/v1/log/entries?limit=1000&from=0"
        while path:
            answer = ask("GET", self.api + path)
            assert answer.status == 200, answer.content
            page = answer.json()
            entries += page["items"]
            path = f"/v1/log/entries?limit=1000&from={len(entries)}" if page["items"] and "next" in page else None
        return entries

    def verify(self, data=None):
        """Findings of `tallyd verify` in the data folder or a copy of it; no node may run on it."""
        done = subprocess.run([PROGRAMS / "tallyd", "verify", "--json", "--data", data or self.data],
                              capture_output=True, text=True, timeout=120)
        if not done.stdout:
            raise Broken(f"verify could not run: {done.stderr}")
        findings = json.loads(done.stdout)["findings"]
        assert (done.returncode == 0) == (not findings), done.stderr
        return findings


class DamagedLedger(Ledger):
    """A node on a copy of another's data folder, with an ordinary disk."""

    def __init__(self, folder):
        self.folder, self.data, self.flags = folder, folder / "data", ("--set", "api.requests_per_second=0")
        self.process = None

    def __enter__(self):
        return self

    def environment(self):
        return {}

    def said_why(self):
        """Did it name a reason before it ended, and not blame itself?"""
        said = (self.folder / "log.jsonl").read_text()
        last = said.rstrip("\n").rpartition("\n")[2]
        return last.startswith("tallyd: ") and "stopped by a bug" not in said and "terminate called" not in said

    def ask(self, path, body=None):
        """The answer, or nothing if the process died over the question."""
        try:
            return ask("GET" if body is None else "POST", self.api + path, body, {} if body is None else {"Content-Type": PROTOBUF})
        except (OSError, http.client.HTTPException):
            if self.process.wait(60) == 0:
                raise Broken(f"{path} was not answered, and the node calls that a success") from None
            return None


class Load:
    """Clients that send envelopes and remember what was acknowledged, until the node dies."""

    def __init__(self, ledger, seed, clients=3):
        self.ledger = ledger
        self.lock = threading.Lock()
        self.acknowledged = {}  # id -> log index
        self.envelopes = {}  # the last of them, by id
        self.unanswered = []  # envelopes; they may have taken effect or not
        self.surprises = []  # answers that such envelopes never deserve
        self.sent = 0
        self.threads = [threading.Thread(target=self._client, args=(seed, number)) for number in range(clients)]
        self.stopping = threading.Event()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert not self.surprises, self.surprises[0]

    def _client(self, seed, number):
        chance = random.Random(f"{seed}/{number}")
        where = urllib.parse.urlparse(self.ledger.api)
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        try:
            while not self.stopping.is_set():
                batch = [self.ledger.registration(f"suffolk/p-{seed}-{number}-{self._next()}")
                         for _ in range(chance.randint(1, 4))]
                try:
                    results = self._post(connection, batch)
                except (OSError, http.client.HTTPException):
                    with self.lock:
                        self.unanswered += batch
                    return
                with self.lock:
                    for envelope, result in zip(batch, results):
                        if result.state in (DONE, REFUSED):
                            self.acknowledged[result.id.hex()] = result.log_index
                            self.envelopes[result.id.hex()] = envelope
                        else:
                            self.unanswered.append(envelope)
                            if result.state != UNAVAILABLE:
                                self.surprises.append(result)
        finally:
            connection.close()

    def _next(self):
        with self.lock:
            self.sent += 1
            return self.sent

    def _post(self, connection, batch):
        request = self.ledger.pb.SubmitRequest(envelopes=batch)
        connection.request("POST", "/v1/envelopes", request.SerializeToString(), {"Content-Type": PROTOBUF})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status in (429, 503):
            return [self.ledger.pb.SubmitResult(state=UNAVAILABLE)] * len(batch)
        assert answer.status == 200, content
        return self.ledger.pb.SubmitResponse.FromString(content).results


def wait_until_acknowledged(load, number):
    """However slow the machine is: what follows must have something to look at."""
    end = time.monotonic() + 60
    while len(load.acknowledged) < number:
        assert time.monotonic() < end, f"only {len(load.acknowledged)} outcomes in a minute"
        time.sleep(0.01)


def check_nothing_lost(ledger, acknowledged):
    """Every acknowledged outcome is in the log at its place, and nothing is there twice."""
    entries = ledger.entries()
    places = {}
    for place, entry in enumerate(entries):
        if entry["log_index"] != place:
            raise Broken(f"entry {place} of the log says that it is {entry['log_index']}")
        if entry["id"] in places:
            raise Broken(f"{entry['id']} took effect twice, at {places[entry['id']]} and {place}")
        places[entry["id"]] = place
    lost = [id for id, place in acknowledged.items() if places.get(id) != place]
    if lost:
        raise Broken(f"{len(lost)} of {len(acknowledged)} acknowledged outcomes are lost or moved")


def check_sent_again(ledger, load):
    """Envelopes without an answer take effect now at the latest; one that was answered is told its first outcome."""
    for envelope, result in zip(load.unanswered, ledger.submit(*load.unanswered) if load.unanswered else []):
        if result.state != DONE:
            raise Broken(f"an envelope sent again was not taken: {result}")
        load.acknowledged[result.id.hex()] = result.log_index
    load.unanswered.clear()
    for id, envelope in list(load.envelopes.items())[-5:]:
        [result] = ledger.submit(envelope)
        if not result.first_outcome or result.log_index != load.acknowledged[id]:
            raise Broken(f"{id} was decided a second time: {result}")
    load.envelopes.clear()
