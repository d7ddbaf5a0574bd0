"""Several authorities on loopback, each with a `tallyd` and an engine of its own, and everything a test does to them.

    with Network(folder, 4) as network:
        first, *others = network.nodes
        network.do(first, network.body("suffolk", action))
        others[0].kill()
        network.wait_level(60)
"""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from nacl.signing import SigningKey

import small_ledger
from small_ledger import PROGRAMS, ask

DONE, PENDING, BUSY, UNAVAILABLE = 1, 5, 6, 7
YES, COMETBFT = 1, 2
NAMES = ["suffolk", "norfolk", "essex", "kent", "surrey", "dorset", "devon"]
LEDGER = "eastern-credits"


_given_ports = set()


def free_ports(count):
    """Ports on loopback that nobody has now, below those that the kernel gives away by itself: a node that asks for any
    port must not get one of these."""
    first_ephemeral = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found = []
    while len(found) < count:
        port = random.SystemRandom().randrange(10000, first_ephemeral)
        if port in _given_ports:
            continue
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given_ports.add(port)
        found.append(port)
    return found


# However steadily it comes on.
LEVEL_SECONDS_MAX = 900


def tallyd(*arguments, program=None, environment=None, timeout=60):
    return subprocess.run([program or PROGRAMS / "tallyd", *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, **(environment or {})})


def must(*arguments, **how):
    done = tallyd(*arguments, **how)
    assert done.returncode == 0, f"tallyd {' '.join(map(str, arguments))}: {done.stderr}"
    return done


def wait_until(what, condition, seconds, pause=0.05):
    """Gives the condition's first true value; says what did not come about if none does."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(pause)


class NetworkNode(small_ledger.Node):
    """One authority's node, or an observer's. `network` gives it keys, messages and the ledger's id. Its `flags` are more
    settings, its `peers` others than joining wrote down."""

    def __init__(self, network, name, port, data=None):
        self.network, self.name, self.peer_port = network, name, port
        self.folder = network.folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = data or self.folder / "data"
        self.flags = []
        self.peers = None
        self.process = None
        self.log = None
        self.fault_file = None
        self.api = self.ops = None

    address = property(lambda self: f"{self.peer_id}@127.0.0.1:{self.peer_port}")
    pb = property(lambda self: self.network.pb)
    keys = property(lambda self: self.network.keys)
    ledger_id = property(lambda self: self.network.ledger_id)

    # --- its process

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self, program=None, wait=True, **environment):
        """Starts `tallyd`; with `wait` returns when its API answers, else at once."""
        assert not self.is_running, f"{self.name} runs already"
        (self.data / "run" / "addresses.json").unlink(missing_ok=True)
        if self.log is None:
            self.log = open(self.folder / "log.jsonl", "ab")
        settings = ["api.listen=127.0.0.1:0", "ops.listen=127.0.0.1:0", f"network.listen=127.0.0.1:{self.peer_port}",
                    "api.requests_per_second=0", *self.network.settings, *self.flags]
        peers = self.network.peers_of(self) if self.peers is None else self.peers
        if peers is not None:
            settings.append("network.peers=" + ",".join(peers))
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        self.process = subprocess.Popen([program or PROGRAMS / "tallyd", "serve", "--data", self.data, *arguments],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **self.network.environment, **environment})
        if wait:
            self.wait_until_serving()

    def wait_until_serving(self, seconds=60):
        addresses = self.data / "run" / "addresses.json"

        def serving():
            assert self.is_running, f"{self.name} ended: {self.last_words()}"
            if not addresses.exists():
                return False
            told = json.loads(addresses.read_text())
            self.api, self.ops = told["api"], told["ops"]
            try:
                return ask("GET", self.ops + "/healthz").status == 200
            except OSError:
                return False
        wait_until(f"{self.name} serves", serving, seconds)

    def last_words(self):
        return (self.folder / "log.jsonl").read_text(errors="replace")[-2000:]

    def events(self):
        """What it logged, as objects."""
        for line in (self.folder / "log.jsonl").read_text(errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                yield json.loads(line)

    def engine_pid(self):
        """Of its engine's process; nothing while none runs."""
        if not self.is_running:
            return None
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = stat.read_text()
                if int(text[text.rindex(")") + 2:].split()[1]) == self.process.pid:
                    return int(stat.parent.name)
        return None

    def signal(self, number, who="tallyd"):
        """To `tallyd`, the `engine`, or `both`; to the engine first, which is found through its parent."""
        assert who in ("tallyd", "engine", "both")
        if who != "tallyd":
            engine = self.engine_pid()
            if engine is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(engine, number)
        if who != "engine" and self.is_running:
            self.process.send_signal(number)

    def kill(self):
        """kill -9 of tallyd; its engine goes with it."""
        if self.is_running:
            self.process.kill()
        self.wait_for_end()

    def wait_for_end(self, seconds=30):
        """Until neither tallyd nor its engine is left. A node that runs on is a fault of the test."""
        if self.process is None:
            return
        self.process.wait(seconds)
        self.process = None
        wait_until(f"{self.name}'s engine is gone", lambda: not self._engines(), seconds)

    def _engines(self):
        """Engines on this node's folder, whoever started them."""
        found = []
        home = str(pathlib.Path(self.data).absolute() / "engine")
        for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if home.encode() in line.read_bytes().split(b"\0"):
                    found.append(int(line.parent.name))
        return found

    def stop(self, expect=0):
        """In order: SIGTERM."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(40) == expect, self.last_words()
        self.wait_for_end()

    # --- its disk

    def wipe(self):
        """The machine is lost; the key lies in a safe."""
        assert not self.is_running
        self.network.safe[self.name] = (self.data / "node.key").read_bytes()
        shutil.rmtree(self.data)

    def rejoin(self, wait=True, apis=(), beyond=1):
        """Back from its peers with its key, as OPERATIONS.md says; with their APIs by a snapshot if they have one.
        It signs nothing up to their newest block and so many `beyond`."""
        self.make_anew(apis, beyond)
        self.start(wait=wait)

    def make_anew(self, apis=(), beyond=1):
        """Its folder, from a member's network file and the key from the safe."""
        others = [node for node in self.network.nodes if node is not self and node.is_running]
        network_file = self.folder / "network.json"
        must("network", "export", "--data", others[0].data, "-o", network_file)
        key = self.folder / "safe.key"
        key.write_bytes(self.network.safe[self.name])
        key.chmod(0o600)
        newest = max(self.network.height(node) for node in others)
        must("join", "--data", self.data, "--network-file", network_file, "--node-key", key, "--highest-height",
             newest + beyond, *(flag for api in apis for flag in ("--api", api)))
        key.unlink()

    @contextlib.contextmanager
    def full_disk(self, place="/ledger/chain/data.mdb"):
        """Nothing more can be written to one of its files. Needs a network with `disk_faults`."""
        assert self.network.disk_faults, "the network must be made with disk_faults=True"
        self.network.fault_file(self).write_text(f"ENOSPC {place}\n")
        try:
            yield
        finally:
            self.network.fault_file(self).unlink(missing_ok=True)

    # --- what it says

    def node_key(self):
        """Its signing key, as its folder has it."""
        return SigningKey(bytes.fromhex((self.data / "node.key").read_text().splitlines()[1]))

    def ready(self):
        """Why it is not ready; empty when it is."""
        answer = ask("GET", self.ops + "/readyz")
        return answer.json()["failing"]

    def metric(self, name):
        text = ask("GET", self.ops + "/metrics").content.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found.group(1)) if found else None

    def misbehaviour(self, authority):
        """What the ledger recorded against the authority's node, as this node's API shows it."""
        [shown] = [one for one in self.get("/v1/authorities").json()["items"] if one["handle"] == authority]
        return shown["misbehaviour"]

    def register(self, handle, *roles):
        """An organisation of the authority whose handle is its first part."""
        key = self.keys[handle] = SigningKey.generate()
        self.do(handle.split("/")[0], self.network.registration(handle, key, roles))


class Network:
    """Authorities that found a ledger together. Use as a context: it begins with every node running.

    `links(dialler, target)` gives the port by which node `dialler` reaches node `target`, for tests that cut wires.
    `parameters` are of the ledger ("reveal_seconds=1"), `settings` of every node ("log.level=debug")."""

    def __init__(self, folder, count, peer_ports=None, links=None, parameters=(), settings=(), disk_faults=False,
                 start=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.links, self.parameters, self.settings = links, parameters, list(settings)
        self.disk_faults, self.start_at_once = disk_faults, start
        self.environment = {}
        self.pb = small_ledger.messages(tempfile.mkdtemp(dir=self.folder))
        self.keys, self.safe = {}, {}
        self.ledger_id = None
        self.authorities = NAMES[:count]
        ports = peer_ports or free_ports(count)
        self.nodes = [NetworkNode(self, name, port) for name, port in zip(self.authorities, ports)]
        self.guests = []   # nodes of no authority, and twins

    def guest(self, name):
        """A node beside the authorities', stopped with them; its folder is the test's to make."""
        made = NetworkNode(self, name, free_ports(1)[0])
        self.guests.append(made)
        return made

    def __enter__(self):
        self.found()
        try:
            if self.start_at_once:
                self.start()
        except BaseException:
            self.kill_all()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            return self.kill_all()
        try:
            for node in self.nodes + self.guests:
                if node.is_running:
                    node.process.send_signal(signal.SIGTERM)
            for node in self.nodes + self.guests:
                if node.process is not None:
                    node.process.wait(60)
                    node.wait_for_end()
        finally:
            self.kill_all()

    def kill_all(self):
        for node in self.nodes + self.guests:
            node.signal(signal.SIGCONT, "both")
            node.kill()
            if node.log is not None:
                node.log.close()
                node.log = None

    # --- the first day

    def make_founders(self):
        """Every authority's folder and founder file; gives the files."""
        founders = []
        for node in self.nodes:
            key = self.keys[node.name] = SigningKey.generate()
            options = [option for parameter in self.parameters for option in ("--parameter", parameter)]
            made = must("init", "--network", "--data", node.data, "--name", LEDGER, "--authority", node.name,
                        "--identifier", f"GB-LAE:{node.name[:3].upper()}", "--signer", key.verify_key.encode().hex(),
                        "--peer-address", f"127.0.0.1:{node.peer_port}", "--json", *options)
            founders.append(json.loads(made.stdout)["founder_file"])
        return founders

    def found(self):
        """Every authority makes its founder file; all take all of them; every signer proves the key."""
        founders = self.make_founders()
        for node in self.nodes:
            flags = [flag for file in founders for flag in ("--founder", file)]
            told = json.loads(must("join", "--data", node.data, "--json", *flags).stdout)
            assert self.ledger_id in (None, bytes.fromhex(told["ledger_id"])), "the same files gave another genesis"
            self.ledger_id = bytes.fromhex(told["ledger_id"])
            node.peer_id = told["peer_id"]
        proofs = []
        for node in self.nodes:
            key = self.keys[node.name]
            proof = node.folder / "proof.json"
            proof.write_text(json.dumps({"public_key": key.verify_key.encode().hex(),
                                         "signature": self.key_proof(node.name, key).hex()}))
            proofs += ["--proof", proof]
        for node in self.nodes:
            must("genesis", "prove", "--data", node.data, *proofs)

    def start(self):
        for node in self.nodes:
            node.start(wait=False, **self.faults(node))
        for node in self.nodes:
            node.wait_until_serving()
        self.wait_for_height(1)

    def faults(self, node):
        if not self.disk_faults:
            return {}
        return {"LD_PRELOAD": str(PROGRAMS / "libdisk_shim.so"), "DISK_SHIM_FOLDER": str(node.data.resolve()),
                "DISK_SHIM_FAULT": str(self.fault_file(node))}

    def fault_file(self, node):
        return node.folder / "fault"

    def peers_of(self, node):
        """Where a node finds the others; nothing if what joining wrote down is right."""
        if self.links is None:
            return None
        here = self.nodes.index(node)
        return [f"{other.peer_id}@127.0.0.1:{self.links(here, there)}"
                for there, other in enumerate(self.nodes) if other is not node]

    # --- signing; as small_ledger.Node does it

    key_proof = small_ledger.Node.key_proof
    body = small_ledger.Node.body
    sign = small_ledger.Node.sign
    id_of = small_ledger.Node.id_of

    def registration(self, handle, key, roles=(3,)):
        public = key.verify_key.encode()
        register = self.pb.Register(handle=handle, roles=sorted(roles))
        register.identifiers.add(scheme="GB-COH", id=hashlib.sha256(handle.encode()).hexdigest()[:8])
        register.names.add(language="en", text=handle)
        register.policy.CopyFrom(self.pb.Policy(keys=[public], routine_threshold=1, above_threshold=1,
                                                policy_threshold=1, amount_limit=2**53 - 1))
        register.proofs.add(public_key=public, signature=self.key_proof(handle, key))
        return register

    def registrations(self, authority, count, tag="group"):
        """That many envelopes, each of which registers a project of the authority."""
        return [self.sign(self.body(authority, self.registration(f"{authority}/{tag}-{number}", SigningKey.generate())))
                for number in range(count)]

    # --- sending and reading

    def wait_proved(self, node):
        """Until the newest block's header and commit have followed."""
        def proved():
            ledger = self.ledger(node)
            return ledger["provable_height"] == ledger["as_of"]["height"]
        wait_until(f"the newest block of {node.name} has its header", proved, 60)

    def submit(self, node, *envelopes, wait=10):
        return node.submit(*envelopes, wait=wait)

    def do(self, node, account, action, co_signers=(), **changes):
        """Signs, sends through the node, and expects it done. Gives the id."""
        return node.do(account, action, co_signers, **changes)

    def decided(self, node, envelopes, seconds=120):
        """Sends the same bytes until each has its outcome, whatever the machine's load makes of it, and expects it done:
        once is enough."""
        request = self.pb.SubmitRequest(envelopes=envelopes).SerializeToString()

        def outcomes():
            answer = ask("POST", f"{node.api}/v1/envelopes?wait=10", request, {"Content-Type": small_ledger.PROTOBUF})
            if answer.status != 200:
                assert answer.status == 503, answer.content
                return None
            results = self.pb.SubmitResponse.FromString(answer.content).results
            said = [(result.state, result.code) for result in results]
            assert {state for state, _ in said} <= {DONE, PENDING, BUSY, UNAVAILABLE}, said
            return all(state == DONE for state, _ in said)
        wait_until(f"{node.name} has an outcome for each of {len(envelopes)}", outcomes, seconds)

    def agree(self, node, change, voters):
        """The first proposes, the others vote for it; all of them through one node. As many as are needed: a vote after
        the decision is refused."""
        made = self.sign(self.body(voters[0], self.pb.Propose(change=change)))
        self.decided(node, [made])
        proposal = bytes.fromhex(self.id_of(made))
        for voter in voters[1:]:
            self.decided(node, [self.sign(self.body(voter, self.pb.Vote(proposal=proposal, choice=YES)))])

    def admission(self, name, node_key):
        """The change that admits an authority with this node."""
        key = self.keys[name]
        admit = self.pb.AdmitAuthority(handle=name)
        admit.identifiers.add(scheme="GB-LAE", id=name.upper())
        admit.names.add(language="en", text=name)
        admit.policy.CopyFrom(self.pb.Policy(keys=[key.verify_key.encode()], routine_threshold=1, above_threshold=1,
                                             policy_threshold=1, amount_limit=2**53 - 1))
        admit.proofs.add(public_key=key.verify_key.encode(), signature=self.key_proof(name, key))
        admit.node.CopyFrom(self.pb.AuthorityNode(public_key=node_key.verify_key.encode(), power=10))
        admit.node_proof.CopyFrom(self.pb.KeyProof(public_key=node_key.verify_key.encode(),
                                                   signature=self.key_proof(name, node_key)))
        return self.pb.Change(admit_authority=admit)

    def hand_over(self, segment, engine=COMETBFT):
        """The authorities decide the next segment, and every node goes over to it as OPERATIONS.md says: it stops once
        each says that it has all of the old one."""
        self.agree(self.nodes[0], self.pb.Change(hand_over=self.pb.HandOver(segment=segment, engine=engine)),
                   self.authorities[:len(self.authorities) * 2 // 3 + 1])
        for node in self.nodes:
            wait_until(f"{node.name} has all of the segment",
                       lambda node=node: any("This node has all of it" in why for why in node.ready()), 60)
        for node in self.nodes:
            node.stop()
        for node in self.nodes:
            must("handover", "--data", node.data)
        Network.start(self)

    def ledger(self, node):
        return node.get("/v1/ledger").json()

    def height(self, node):
        return self.ledger(node)["as_of"]["height"]

    def state(self, node):
        """(height, state root, log root, log size) after the node's newest block."""
        height = self.height(node)
        state = node.get(f"/v1/blocks/{height}").json()["app_state"]
        return height, state["state_root"], state["log_root"], state["log_size"]

    def entries(self, node, begin=0):
        """(log index, id, entry) from an index on."""
        cursor = begin
        while cursor is not None:
            page = node.get("/v1/log/entries", **{"from": cursor, "limit": 1000}).json()
            for item in page["items"]:
                yield int(item["log_index"]), bytes.fromhex(item["id"]), base64.b64decode(item["bytes"])
            cursor = int(page["next"]) if "next" in page else None

    # --- waiting

    def running(self):
        return [node for node in self.nodes if node.is_running]

    def wait_for_height(self, height, seconds=60, nodes=None):
        for node in nodes or self.running():
            wait_until(f"{node.name} reaches block {height}", lambda node=node: self._height(node) >= height, seconds)

    def _height(self, node):
        try:
            return self.height(node)
        except (OSError, KeyError, ValueError, TypeError):
            return -1

    def wait_level(self, seconds=60, nodes=None):
        """Until every node that runs shows the same block with the same roots; gives them. Fails at once if two differ
        in the roots of one height, and when the hindmost has not come on for `seconds`: one that executes a long chain
        anew takes as long as that takes."""
        nodes = nodes or self.running()
        hindmost, since = -1, time.monotonic()

        def level():
            try:
                states = [self.state(node) for node in nodes]
            except (OSError, KeyError, ValueError, TypeError):
                return None
            for one in states:
                for other in states:
                    assert one[0] != other[0] or one == other, f"roots differ at block {one[0]}: {one} and {other}"
            return states[0] if len(set(states)) == 1 else None

        end = since + LEVEL_SECONDS_MAX
        while not (reached := level()):
            now, lowest = time.monotonic(), min(self._height(node) for node in nodes)
            if lowest > hindmost:
                hindmost, since = lowest, now
            assert now < min(since + seconds, end), f"the nodes are not level: the hindmost is at block {hindmost}"
            time.sleep(0.1)
        return reached

    def wait_ready(self, seconds=60, nodes=None):
        for node in nodes or self.running():
            wait_until(f"{node.name} is ready", lambda node=node: not node.ready(), seconds)

    def verify_folders(self):
        """`tallyd verify` of every folder; no node may run."""
        for node in self.nodes:
            assert not node.is_running
            done = tallyd("verify", "--data", node.data, "--json", timeout=600)
            assert done.returncode == 0, f"{node.name}: {done.stdout} {done.stderr}"


class Founded(Network):
    """A network whose ledger begins with one authority under solo: the first node is that authority's, the others are
    invited. An `officer` is a wallet (wallet_test.Wallet) whose key signs for the authority beside the test's own."""

    def __init__(self, folder, count, officer=None, **how):
        super().__init__(folder, count, **how)
        self.officer = officer

    def found(self):
        first = self.nodes[0]
        key = self.keys[first.name] = SigningKey.generate()
        signers = [key.verify_key.encode().hex()]
        if self.officer:
            signers.append(self.officer.run("key", "create", "officer", "--recovery-file", "sheet")["public_key"])
        options = [option for signer in signers for option in ("--signer", signer)]
        options += [option for parameter in self.parameters for option in ("--parameter", parameter)]
        made = json.loads(must("init", "--data", first.data, "--name", LEDGER, "--authority", first.name, "--identifier",
                               "GB-LAE:SUF", "--json", *options).stdout)
        self.ledger_id = bytes.fromhex(made["ledger_id"])
        proofs = [{"public_key": signers[0], "signature": self.key_proof(first.name, key).hex()}]
        if self.officer:
            proofs.append(self.officer.run("--key", "officer", "key", "proof", "--account", first.name, "--ledger",
                                           self.ledger_id.hex()))
        for number, proof in enumerate(proofs):
            file = first.folder / f"proof-{number}.json"
            file.write_text(json.dumps(proof))
            must("genesis", "prove", "--data", first.data, "--proof", file)
        first.peer_id = json.loads(must("network", "status", "--data", first.data, "--json").stdout)["peer_id"]

    def start(self):
        self.nodes[0].start()

    def invite(self, member):
        """A member makes its folder and key from what the first exports."""
        first = self.nodes[0]
        must("network", "peers", "--data", first.data, "--add",
             f"{first.name}={first.peer_id}@127.0.0.1:{first.peer_port}")
        network_file = member.folder / "network.json"
        must("network", "export", "--data", first.data, "-o", network_file)
        told = json.loads(must("join", "--data", member.data, "--network-file", network_file, "--json").stdout)
        assert told["ledger_id"] == self.ledger_id.hex()
        member.peer_id = told["peer_id"]
        self.keys[member.name] = SigningKey.generate()
