"""A node on loopback and a small programme on it, spoken to over HTTP with keys of the test's own."""

import hashlib
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from nacl.signing import SigningKey

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("TALLYSTICK_PROGRAMS", ROOT / "build" / "release"))
PROTOBUF = "application/x-protobuf"


class Answer:
    """What a server said to one request, whatever its status."""

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content

    def json(self):
        return json.loads(self.content)

    @property
    def media_type(self):
        return self.headers.get("Content-Type", "").split(";")[0]


def ask(method, url, body=None, headers=None, query=None):
    if query:
        url += "?" + urllib.parse.urlencode(query)
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


def messages(folder):
    """Compiles the published .proto files for Python and gives one namespace with every message."""
    protos = sorted((ROOT / "protocol" / "proto").rglob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'protocol' / 'proto'}", f"--python_out={folder}",
                    *map(str, protos)], check=True)
    sys.path.insert(0, str(folder))
    pb = type("Messages", (), {})()
    for proto in protos:
        module = importlib.import_module(f"tallystick.v1.{proto.stem}_pb2")
        for name in dir(module):
            if name[0].isupper():
                setattr(pb, name, getattr(module, name))
    return pb


class Node:
    """One authority's `tallyd` with a fresh data folder. Use as a context."""

    def __init__(self, folder, *flags):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.flags = flags
        self.pb = messages(tempfile.mkdtemp(dir=folder))
        self.keys = {}
        self.process = None

    def __enter__(self):
        key = self.keys["suffolk"] = SigningKey.generate()
        public = key.verify_key.encode().hex()
        self.run("init", "--data", self.data, "--name", "suffolk-credits", "--authority", "suffolk",
                 "--identifier", "GB-LAE:SFK", "--signer", public, "--parameter", "reveal_seconds=1")
        genesis_file = self.pb.GenesisFile.FromString((self.data / "genesis.pb").read_bytes())
        self.ledger_id = hashlib.sha256(genesis_file.genesis).digest()
        proof = self.folder / "proof.json"
        proof.write_text(json.dumps({"public_key": public,
                                     "signature": self.key_proof("suffolk", key).hex()}))
        self.run("genesis", "prove", "--data", self.data, "--proof", proof)
        try:
            self.start()
        except BaseException:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @staticmethod
    def run(*arguments):
        done = subprocess.run([PROGRAMS / "tallyd", *map(str, arguments)], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def start(self):
        self.log = open(self.folder / "log.jsonl", "ab")
        self.process = subprocess.Popen(
            [PROGRAMS / "tallyd", "serve", "--data", self.data, "--set", "api.listen=127.0.0.1:0",
             "--set", "ops.listen=127.0.0.1:0", *self.flags],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "API http://" in line, f"the node said {line!r} and {(self.folder / 'log.jsonl').read_text()}"
        addresses = json.loads((self.data / "run" / "addresses.json").read_text())
        self.api, self.ops = addresses["api"], addresses["ops"]

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0
        self.log.close()
        self.process = None

    # --- signing

    def key_proof(self, account, key):
        return key.sign(b"tallystick/key/1\0" + self.ledger_id + account.encode()
                        + key.verify_key.encode()).signature

    def body(self, account, action, co_signers=(), valid_for=3600, **changes):
        body = self.pb.Body(ledger_id=self.ledger_id, account=account, nonce=os.urandom(16),
                            co_signers=sorted(co_signers), valid_until=int(time.time()) + valid_for)
        name = next(f.name for f in self.pb.Body.DESCRIPTOR.oneofs_by_name["action"].fields
                    if f.message_type == action.DESCRIPTOR)
        getattr(body, name).CopyFrom(action)
        for field, value in changes.items():
            setattr(body, field, value)
        return body

    def sign(self, body, *accounts):
        raw = body.SerializeToString(deterministic=True)
        envelope = self.pb.Envelope(body=raw)
        keys = [self.keys[a] for a in (accounts or [body.account, *body.co_signers])]
        for key in sorted(keys, key=lambda k: k.verify_key.encode()):
            envelope.signatures.add(public_key=key.verify_key.encode(),
                                    signature=key.sign(b"tallystick/tx/1\0" + raw).signature)
        return envelope.SerializeToString(deterministic=True)

    def id_of(self, envelope):
        body = self.pb.Envelope.FromString(envelope).body
        return hashlib.sha256(b"tallystick/tx/1\0" + body).hexdigest()

    # --- sending

    def submit(self, *envelopes, wait=10):
        request = self.pb.SubmitRequest(envelopes=envelopes)
        answer = ask("POST", f"{self.api}/v1/envelopes?wait={wait}", request.SerializeToString(),
                     {"Content-Type": PROTOBUF})
        assert answer.status == 200, answer.content
        return list(self.pb.SubmitResponse.FromString(answer.content).results)

    def do(self, account, action, co_signers=(), **changes):
        """Signs, sends, and expects it done. Gives the id, 32 bytes."""
        envelope = self.sign(self.body(account, action, co_signers, **changes))
        [result] = self.submit(envelope)
        assert result.state == 1, (result.state, result.code, action)
        return result.id

    def register(self, handle, *roles):
        key = self.keys[handle] = SigningKey.generate()
        public = key.verify_key.encode()
        register = self.pb.Register(handle=handle, roles=sorted(roles))
        register.identifiers.add(scheme="GB-COH", id=hashlib.sha256(handle.encode()).hexdigest()[:8])
        register.names.add(language="en", text=handle)
        register.policy.CopyFrom(self.pb.Policy(
            keys=[public], routine_threshold=1, above_threshold=1, policy_threshold=1,
            amount_limit=2**53 - 1))
        register.proofs.add(public_key=public, signature=self.key_proof(handle, key))
        self.do("suffolk", register)

    def get(self, path, **query):
        return ask("GET", self.api + path, query=query)


def wait_until(moment):
    time.sleep(max(0.0, moment - time.time()) + 0.05)


class Programme:
    """A contract with something in every list: bids, awards, balances, redemptions, a queue."""

    project, supplier = "suffolk/befriending", "suffolk/builders"

    def __init__(self, node):
        pb = node.pb
        self.node = node
        node.register(self.supplier, 2)
        node.register(self.project, 3)
        now = int(time.time())
        self.contract = pb.ContractId(authority="suffolk", ocid="ocds-b5fd17-1", lot="1")
        self.claim = pb.Claim(contract=self.contract, supplier=self.supplier)
        closes = now + 3
        terms = pb.OpenContract(contract=self.contract, value_pence=1000000,
                                allocation_fixed=100000000, outcomes=["skills"], wards=["E1"],
                                bids_close=closes, standstill_seconds=1,
                                redemption_deadline=now + 86400)
        terms.prices.add(resource="bid-writer", kind=1, unit=1, hundredths_per_unit=5000)
        terms.prices.add(resource="laptop", kind=2, unit=3, hundredths_per_unit=20000,
                         deadweight_basis_points=1000)
        node.do("suffolk", terms)
        node.do(self.project, pb.ApplyForAccreditation(contract=self.contract, outcomes=["skills"],
                                                       wards=["E1"]))
        node.do("suffolk", pb.Accredit(contract=self.contract, project=self.project,
                                       outcomes=["skills"], wards=["E1"], expires=now + 80000,
                                       relevance=pb.Reason(code=1)))
        node.do(self.project, pb.PublishNeed(contract=self.contract, resource="laptop", quantity=4,
                                             by_when=now + 70000, ward="E1"))
        line = pb.CommitmentLine(project=self.project, resource="laptop", quantity=10,
                                 outcome="skills", ward="E1", due=now + 60000)
        hidden = pb.CommitmentLines(lines=[line])
        salt = os.urandom(32)
        parts = [self.contract.authority, self.contract.ocid, self.contract.lot, self.supplier]
        sealed = b"".join(len(p).to_bytes(2, "big") + p.encode() for p in parts)
        seal = hashlib.sha256(b"tallystick/seal/1\0" + node.ledger_id + sealed + salt
                              + hidden.SerializeToString(deterministic=True)).digest()
        node.do(self.supplier, pb.SealLines(contract=self.contract, hash=seal))
        wait_until(closes + 0.5)  # a network's clock is that of the votes for the block before
        node.do(self.supplier, pb.RevealLines(contract=self.contract, salt=salt, lines=[line]))
        ends = int(time.time()) + 3
        self.award = node.do("suffolk", pb.Award(contract=self.contract, supplier=self.supplier,
                                                 lines=[line], standstill_ends=ends),
                             co_signers=[self.supplier])
        wait_until(ends + 1)
        node.do(self.supplier, pb.TransferAwarded(award=self.award, line=0, quantity=6,
                                                  to=self.project))
        redeem = pb.Redeem(claim=self.claim, wanted_by=now + 50000)
        redeem.lines.add(resource="laptop", quantity=2, outcome="skills", ward="E1")
        self.redemption = node.do(self.project, redeem)
