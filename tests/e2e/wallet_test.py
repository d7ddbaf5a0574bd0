"""The wallet against a real node: what people do, and what happens when something is wrong.

Programs are taken from $TALLYSTICK_BUILD, or build/release.
"""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TALLYSTICK_BUILD", ROOT / "build" / "release"))
TALLY = BUILD / "tally"
TALLYD = BUILD / "tallyd"

pytestmark = pytest.mark.skipif(
    not (TALLY.exists() and TALLYD.exists()), reason="tally and tallyd are not built"
)

DONE, FAILED, USAGE, LOCKED, REFUSED, NO_NODE, WAITING = 0, 1, 2, 4, 5, 6, 8


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Wallet:
    """One person's wallet folder."""

    def __init__(self, folder, passphrase="a long passphrase"):
        self.home = folder
        self.home.mkdir(mode=0o700)
        self.passphrase_file = folder / "passphrase"
        self.passphrase_file.write_text(passphrase + "\n")
        self.passphrase_file.chmod(0o600)

    def run(self, *arguments, code=DONE, cwd=None):
        command = [TALLY, "--json", "--yes", "--no-input", "--passphrase-file", self.passphrase_file]
        done = subprocess.run(
            [*command, *map(str, arguments)],
            env={**os.environ, "TALLY_HOME": str(self.home)},
            capture_output=True, text=True, timeout=300, cwd=cwd or self.home,
        )
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        self.messages = done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, name, *arguments):
        error = self.run(*arguments, code=REFUSED)["error"]
        assert error["code"] == name
        return error


class Node:
    def __init__(self, data, port):
        self.data, self.port = data, port
        self.url = f"http://127.0.0.1:{port}"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [TALLYD, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--ops-listen", "127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "tallyd ended"
            time.sleep(0.1)
        raise AssertionError("tallyd does not answer")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)


class World:
    """An authority with its node, a supplier, and a project for which two people sign."""

    CONTRACT = "suffolk:ocds-b5fd17-e2e:1"

    def __init__(self, folder):
        self.folder = folder
        self.trust = folder / "trust.json"
        self.officer = self.person("officer")
        began = time.monotonic()
        key = self.officer.run("key", "create", "officer", "--recovery-file", "sheet")["public_key"]
        # Windows that this machine's signing (Argon2id) fits into, however busy it is.
        self.window = min(60, 2 + int(6 * (time.monotonic() - began)))
        data = folder / "data"
        begun = subprocess.run(
            [TALLYD, "init", "--data", data, "--name", "e2e-credits", "--authority", "suffolk",
             "--display-name", "Suffolk", "--identifier", "GB-LAE:SFK", "--signer", key, "--json"],
            capture_output=True, text=True, timeout=60,
        )
        assert begun.returncode == 0, begun.stderr
        self.ledger = re.search(r'"ledger(?:_id)?"\s*:\s*"([0-9a-f]{64})"', begun.stdout).group(1)
        proof = self.proof(self.officer, "officer", "suffolk")
        subprocess.run([TALLYD, "genesis", "prove", "--data", data, "--proof", proof],
                       check=True, capture_output=True, timeout=60)
        self.node = Node(data, free_port())
        self.node.start()
        subprocess.run([TALLYD, "trust", "--data", data, "-o", self.trust],
                       check=True, capture_output=True, timeout=60)
        self.join(self.officer, "officer", "suffolk")
        self.builder = self.person("builder")
        self.builder.run("key", "create", "builder", "--recovery-file", "sheet")
        self.ann, self.bob = self.person("ann"), self.person("bob")
        self.ann.run("key", "create", "ann", "--recovery-file", "sheet")
        self.bob.run("key", "create", "bob", "--recovery-file", "sheet")

    def person(self, name):
        return Wallet(self.folder / name)

    def proof(self, wallet, key, account):
        path = wallet.home / f"{key}.proof"
        made = wallet.run("--key", key, "key", "proof", "--account", account, "--ledger", self.ledger)
        path.write_text(json.dumps(made))
        return path

    def join(self, wallet, key, account):
        wallet.run("--node", self.node.url, "--key", key, "profile", "add", "me",
                   "--account", account, "--trust", self.trust)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("wallet"))
    yield made
    made.node.stop()


def test_a_sheet_makes_the_key_again(world):
    again = world.person("again")
    sheet = world.officer.home / "sheet"
    made = again.run("key", "recover", "officer", "--recovery-file", sheet)
    assert made["public_key"] == world.officer.run("key", "show", "officer")["public_key"]


def test_a_wrong_passphrase_and_a_loose_file_open_nothing(world):
    other = world.person("other")
    other.run("key", "create", "mine", "--recovery-file", "sheet")
    other.passphrase_file.write_text("another passphrase\n")
    error = other.run("key", "proof", "--account", "suffolk", "--ledger", "0" * 64, code=LOCKED)["error"]
    assert error["code"] == "wrong_passphrase"
    key_file = other.home / "keys" / "mine.key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    key_file.chmod(0o644)
    error = other.run("key", "proof", "--account", "suffolk", "--ledger", "0" * 64, code=LOCKED)["error"]
    assert error["code"] == "file_open_to_others"


def test_a_credit_goes_its_whole_way(world):
    officer, builder, ann, bob = world.officer, world.builder, world.ann, world.bob
    contract = world.CONTRACT

    officer.run("account", "register", "suffolk/acme-build", "--role", "supplier",
                "--identifier", "GB-COH:01234567", "--name", "en=Acme Build",
                "--proof", world.proof(builder, "builder", "suffolk/acme-build"))
    officer.run("account", "register", "suffolk/food-bank", "--role", "project",
                "--identifier", "GB-CHC:1234567", "--name", "en=Food Bank", "--name", "cy=Banc Bwyd Tŷ Gŵyr",
                "--proof", world.proof(ann, "ann", "suffolk/food-bank"),
                "--proof", world.proof(bob, "bob", "suffolk/food-bank"),
                "--limit", "100", "--above", "2")
    world.join(builder, "builder", "suffolk/acme-build")
    world.join(ann, "ann", "suffolk/food-bank")
    world.join(bob, "bob", "suffolk/food-bank")

    opening = ["contract", "open", contract, "--value", "1000000", "--allocation", "10000",
               "--price", "laptop:materials:item:250", "--price", "mentor:time:hour:40:1000",
               "--outcome", "skills", "--ward", "E05000001", "--bids-close", f"+{world.window}s",
               "--standstill", "1s", "--deadline", "+20d"]
    assert officer.run("--dry-run", *opening)["result"] == "done"
    opened = officer.run(*opening)
    closes = time.time() + world.window
    assert opened["result"] == "done"
    assert "10,000.00 credits" in opened["sentence"]
    officer.refused("contract_exists", *opening)

    ann.run("accreditation", "apply", contract, "--outcome", "skills", "--ward", "E05000001")
    officer.run("accreditation", "grant", contract, "suffolk/food-bank", "--outcome", "skills",
                "--ward", "E05000001", "--expires", "+10d", "--reason", "relevant-to-outcomes")
    need = ann.run("need", "publish", contract, "--resource", "laptop", "--quantity", "3",
                   "--by", "+9d", "--ward", "E05000001")
    ann.run("need", "withdraw", need["id"][:12])

    # An award of lines from elsewhere counts only once the supplier has signed it too.
    time.sleep(max(0, closes + 1 - time.time()))
    draft = world.folder / "award.draft"
    waiting = officer.run("award", "make", contract, "suffolk/acme-build", "--line",
                          "suffolk/food-bank:laptop:3:skills:E05000001:+15d",
                          "--standstill-ends", f"+{3 * world.window}s", "--draft", draft, code=WAITING)
    assert waiting["missing"][0]["account"] == "suffolk/acme-build"
    shown = builder.run("draft", "show", draft)
    assert not shown["complete"] and "3 × laptop (worth 750.00 credits)" in shown["sentence"]
    award = builder.run("draft", "approve", draft)
    assert award["result"] == "done"
    time.sleep(3 * world.window + 1)

    builder.run("transfer", "pass", award["id"][:16], "--line", "0", "--quantity", "3",
                "--to", "suffolk/food-bank")
    held = ann.run("account", "balances")
    assert held["proved"] and held["total"]["available"] == "75000"

    # 750 credits are above what one person of the project may move.
    request = ["redemption", "request", "--contract", contract, "--supplier", "suffolk/acme-build",
               "--line", "laptop:3:skills:E05000001", "--wanted-by", "+10d"]
    draft = world.folder / "redeem.draft"
    assert ann.run("--dry-run", *request)["result"] == "done"
    ann.run(*request, "--draft", draft, code=WAITING)
    ann.run("draft", "approve", draft, code=LOCKED)
    bob.run("draft", "return", draft, "--reason", "two would do")
    ann.run("draft", "show", draft)
    assert "two would do" in ann.messages
    redemption = bob.run("draft", "approve", draft)["id"]

    builder.run("redemption", "accept", redemption, "--date", "+12d")
    evidence = world.folder / "photo"
    evidence.write_bytes(os.urandom(64))
    builder.run("delivery", "record", redemption, "--line", "0", "--quantity", "2", "--evidence", evidence)
    builder.refused("evidence_used", "delivery", "record", redemption, "--line", "0", "--quantity", "1",
                    "--evidence", evidence)
    draft = world.folder / "confirm.draft"
    ann.run("delivery", "confirm", f"{redemption}:0:2", "--draft", draft, code=WAITING)
    bob.run("draft", "approve", draft)
    verified = officer.run("delivery", "verify", f"{redemption}:0:2")
    assert verified["movements"][0]["amount"] == "50000"

    held = ann.run("account", "balances")
    assert held["total"] == {"available": "0", "reserved": "25000", "disputed": "0", "confirmed": "0"}
    assert ann.run("account", "statement")["proved"]
    report = officer.run("contract", "report", contract)
    assert report["total"]["verified"] == "50000"
    queue = officer.run("queue")["items"]
    assert [(one["task"], one["waits_for"], one["quantity"]) for one in queue] == [
        ("deliver", "suffolk/acme-build", 1)]

    receipt = world.folder / "verified.tally"
    officer.run("receipt", "get", verified["id"], "-o", receipt)
    nobody = world.person("nobody")
    assert nobody.run("receipt", "verify", receipt, "--trust", world.trust)["verified"]
    content = bytearray(receipt.read_bytes())
    content[len(content) // 2] ^= 1
    altered = world.folder / "altered.tally"
    altered.write_bytes(content)
    nobody.run("receipt", "verify", altered, "--trust", world.trust, code=FAILED)


class LosingProxy:
    """Passes everything on to the node, but loses the answers to envelopes that were sent."""

    def __init__(self, port):
        self.upstream = port
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.pass_on(client)

    def pass_on(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(65536)
        head, body = request.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length.group(1)):
            body += client.recv(65536)
        with socket.create_connection(("127.0.0.1", self.upstream)) as node:
            node.sendall(head + b"\r\n\r\n" + body)
            answer = b""
            while piece := node.recv(65536):
                answer += piece
        if head.startswith(b"POST /v1/envelopes"):
            self.lost += 1
        else:
            client.sendall(answer)


def test_an_envelope_whose_answer_was_lost_is_not_done_twice(world):
    officer = world.officer
    opening = ["contract", "open", "suffolk:ocds-b5fd17-later", "--allocation", "10",
               "--price", "laptop:materials:item:1", "--outcome", "skills", "--ward", "E05000001",
               "--bids-close", "+1d", "--standstill", "1d", "--deadline", "+20d"]
    proxy = LosingProxy(world.node.port)
    error = officer.run("--node", proxy.url, *opening, code=NO_NODE)["error"]
    assert "tally envelope resume" in error["message"] and proxy.lost > 0
    proxy.listener.close()
    kept = [one for one in officer.run("envelope", "list")["items"] if one["status"] == "pending"]
    assert len(kept) == 1
    resumed = officer.run("envelope", "resume")
    assert resumed["became_known"] == 1 and resumed["still_pending"] == 0
    again = [one for one in officer.run("envelope", "list")["items"] if one["id"] == kept[0]["id"]]
    assert [one["status"] for one in again] == ["done"]
    officer.refused("contract_exists", *opening)


def test_without_a_node_nothing_is_signed(world):
    officer = world.officer
    before = officer.run("envelope", "list")["items"]
    nobody = f"http://127.0.0.1:{free_port()}"
    officer.run("--node", nobody, "contract", "close", world.CONTRACT, code=NO_NODE)
    assert officer.run("envelope", "list")["items"] == before


def test_a_balance_that_cannot_be_proved_is_not_shown(world):
    stranger = world.person("stranger")
    stranger.run("--node", world.node.url, "profile", "add", "me", "--account", "suffolk/food-bank")
    assert stranger.run("account", "balances", code=FAILED)["error"]["code"] == "no_trust"

    other = json.loads(world.trust.read_text())
    segment = other["segments"][0]
    text = world.trust.read_text().replace(segment["chain_id"], "other-chain-1")
    forged = world.folder / "other-trust.json"
    forged.write_text(text)
    stranger.run("profile", "add", "me", "--trust", forged)
    error = stranger.run("account", "balances", "suffolk/food-bank", code=FAILED)["error"]
    assert error["code"] == "unproved" and "Unproved" in error["message"]


def test_completion_and_manual_name_every_command(world):
    for shell in ("bash", "zsh", "fish"):
        assert "redemption" in world.officer.run("completion", shell)["script"]
    page = world.officer.run("man")["page"]
    assert ".TH TALLY 1" in page and "redemption request" in page
