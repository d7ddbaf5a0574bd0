"""A wallet that follows the chain, in front of nodes that lie, are behind, are silent, or sign two histories."""

import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
import small_ledger

TALLY = small_ledger.PROGRAMS / "tally"
FAILED, NO_NODE = 1, 6


class Proxy:
    """Passes requests on to a node; `mangle(path, content)` may change what comes back. Use as a context."""

    def __init__(self, upstream, mangle=lambda path, content: content):
        self.upstream, self.mangle = upstream, mangle
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                request = urllib.request.Request(outer.upstream + self.path,
                                                 headers={"Accept": self.headers.get("Accept", "*/*")})
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, headers, content = answer.status, answer.headers, answer.read()
                except urllib.error.HTTPError as error:
                    status, headers, content = error.code, error.headers, error.read()
                if status == 200:
                    content = outer.mangle(self.path, content)
                self.send_response(status)
                self.send_header("Content-Type", headers.get("Content-Type", ""))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Wallet:
    """One person's wallet folder with one profile."""

    def __init__(self, folder):
        self.home = folder
        self.home.mkdir(mode=0o700)
        self.messages = ""

    def run(self, *arguments, code=0):
        done = subprocess.run([TALLY, "--json", "--yes", "--no-input", *map(str, arguments)],
                              env={**os.environ, "TALLY_HOME": str(self.home)}, capture_output=True,
                              text=True, timeout=120, cwd=self.home)
        self.messages = done.stderr
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def refused(self, code, *arguments, status=FAILED):
        error = self.run(*arguments, code=status)["error"]
        assert error["code"] == code, error
        return error["message"]

    def profile(self, trust, node, *others):
        flags = [flag for other in others for flag in ("--other-node", other)]
        return self.run("profile", "add", "me", "--node", node, *flags, "--trust", trust)


class QuickNode(small_ledger.Node):
    """The ledger's trusting period is a few seconds."""

    seconds = 6

    def run(self, *arguments):
        if arguments[0] == "init":
            arguments = (*arguments, "--parameter", f"trusting_period_seconds={self.seconds}")
        small_ledger.Node.run(*arguments)


def trust_file(node, path):
    small_ledger.Node.run("trust", "--data", node.data, "-o", path)
    return path


@pytest.fixture
def node(tmp_path):
    folder = tmp_path / "node"
    folder.mkdir()
    with small_ledger.Node(folder) as made:
        yield made


def account_key(handle):
    return (b"\x02" + len(handle).to_bytes(2, "big") + handle.encode()).hex()


def flip(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1:]


def test_a_wallet_follows_names_the_liar_and_asks_another(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    node.register("suffolk/builders", 2)

    def lie(path, content):
        is_proof = path.startswith(("/v1/trail", "/v1/receipts"))
        return flip(content, len(content) // 2) if is_proof else content

    with Proxy(node.api, lie) as liar:
        kept = wallet.profile(trust, liar.url, node.api)
        assert kept["nodes"] == [node.api]
        followed = wallet.run("ledger", "follow")
        assert [said["state"] for said in followed["nodes"]] == ["unproved", "agrees"]
        assert followed["height"] >= 1 and followed["age_seconds"] < 60
        # Receipts too: what the liar says is not shown, the other node is asked.
        node.register("suffolk/befriending", 3)
        receipt = wallet.run("receipt", "state", account_key("suffolk/befriending"), "-o", "a.tally")
        assert receipt["verified"] and "Asking " + node.api in wallet.messages
        # With the liar alone nothing is believed.
        wallet.refused("unproved", "--node", liar.url, "ledger", "follow")


def test_every_byte_of_the_way_is_verified(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    node.register("suffolk/builders", 2)
    place = [0]
    with Proxy(node.api, lambda path, content: flip(content, place[0] % len(content))
               if path.startswith("/v1/trail") else content) as liar:
        wallet.profile(trust, liar.url)
        for place[0] in range(0, 700, 47):
            wallet.refused("unproved", "ledger", "follow")


def test_a_silent_node_is_passed_over(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    with Proxy(node.api) as gone:
        silent = gone.url
    wallet.profile(trust, silent, node.api)
    assert wallet.run("ledger", "show")["name"] == "suffolk-credits"
    assert f"{silent} does not answer. Asking {node.api}." in wallet.messages
    states = [said["state"] for said in wallet.run("ledger", "follow")["nodes"]]
    assert states == ["silent", "agrees"]
    wallet.profile(trust, silent)
    wallet.run("profile", "remove", "me")
    wallet.profile(trust, silent)
    wallet.refused("no_node", "ledger", "follow", status=NO_NODE)


def test_a_node_that_shows_an_old_head_is_behind(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    node.register("suffolk/builders", 2)
    kept = {}

    def replay(path, content):
        return kept.setdefault("trail", content) if path.startswith("/v1/trail") else content

    with Proxy(node.api, replay) as stale:
        wallet.profile(trust, stale.url)
        first = wallet.run("ledger", "follow")
        node.register("suffolk/befriending", 3)
        # The honest node shows that the ledger has gone on; then the stale one cannot go back.
        newer = wallet.run("--node", node.api, "ledger", "follow")
        assert newer["height"] > first["height"] and newer["log_size"] > first["log_size"]
        message = wallet.refused("node_behind", "ledger", "follow", status=NO_NODE)
        assert f"block {newer['height']}" in message


def test_two_histories_under_one_key_are_kept_as_evidence(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    node.register("suffolk/builders", 2)
    wallet.profile(trust, node.api)
    assert wallet.run("ledger", "evidence")["items"] == []
    wallet.run("ledger", "follow")
    node.stop()
    twin = small_ledger.Node(tmp_path / "node")
    twin.folder = tmp_path / "twin"
    twin.folder.mkdir()
    twin.data = twin.folder / "data"
    shutil.copytree(node.data, twin.data, ignore=shutil.ignore_patterns("run"))
    (twin.data / "run").mkdir(mode=0o700)
    twin.keys, twin.ledger_id = node.keys, node.ledger_id
    node.start()
    twin.start()
    try:
        node.register("suffolk/befriending", 3)
        twin.register("suffolk/gardening", 3)
        wallet.profile(trust, node.api, twin.api)
        message = wallet.refused("fork", "ledger", "follow")
        assert "contradicts itself" in message and "tally ledger evidence" in message
        [item] = [one for one in wallet.run("ledger", "evidence")["items"] if one["is_fork"]]
        assert item["heights"][0] == item["heights"][1]
        assert item["header_hashes"][0] != item["header_hashes"][1]
        [authority] = json.loads(trust.read_text())["segments"][0]["validator_sets"][0]["validators"]
        assert item["signed_both"] == [authority["public_key"]]
    finally:
        twin.stop()


def test_a_trust_file_is_led_on_and_older_receipts_still_verify(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    shutil.copy(trust, tmp_path / "original.json")
    wallet.profile(trust, node.api)
    node.register("suffolk/builders", 2)
    key = account_key("suffolk/builders")
    wallet.run("receipt", "state", key, "-o", "old.tally")
    node.register("suffolk/befriending", 3)
    before = wallet.run("trust", "show")["segments"][0]["trusted"]["height"]
    after = wallet.run("trust", "follow")
    assert after["segments"][0]["trusted"]["height"] > before and not after["expired"]
    [validator] = after["segments"][0]["validator_sets"][0]["validators"]
    assert validator["authority"] == "suffolk"
    assert (tmp_path / "trust.json.before").read_text() == (tmp_path / "original.json").read_text()
    wallet.run("receipt", "state", key, "-o", "new.tally")
    for file in ("old.tally", "new.tally"):
        for trusted in (trust, tmp_path / "original.json"):
            assert wallet.run("receipt", "verify", file, "--trust", trusted)["verified"]


def test_behind_the_trusting_period_a_fresh_trust_file_is_needed(tmp_path):
    folder = tmp_path / "node"
    folder.mkdir()
    with QuickNode(folder) as node:
        wallet = Wallet(tmp_path / "wallet")
        trust = trust_file(node, tmp_path / "trust.json")
        wallet.profile(trust, node.api)
        ends = wallet.run("trust", "show")["trust_ends"]
        small_ledger.wait_until(ends + 1)
        assert wallet.run("trust", "show")["expired"]
        message = wallet.refused("trust_expired", "ledger", "follow")
        assert "fresh trust file" in message and "6 seconds" in message
        wallet.refused("trust_expired", "trust", "follow")
        # What one has keeps its proof: receipts have no clock.
        node.register("suffolk/builders", 2)
        assert wallet.run("receipt", "state", account_key("suffolk/builders"), "-o", "a.tally")["verified"]
        deadline = time.time() + 30
        while True:  # a slow machine may need the whole period to come from here to there
            fresh = trust_file(node, tmp_path / "fresh.json")
            wallet.run("profile", "add", "me", "--trust", fresh)
            try:
                assert wallet.run("ledger", "follow")["height"] >= 1
                break
            except AssertionError:
                if time.time() > deadline:
                    raise
                node.register(f"suffolk/group{int(time.time() * 1000) % 10**9}", 3)


def test_a_handover_record_that_is_none_is_refused(tmp_path, node):
    wallet = Wallet(tmp_path / "wallet")
    trust = trust_file(node, tmp_path / "trust.json")
    wallet.profile(trust, node.api)
    file = tmp_path / "two.handover"
    file.write_bytes(b"tallystick handover 1\n")
    wallet.refused("handover_incomplete", "trust", "add-handover", file)
    file.write_bytes(b"hello")
    wallet.refused("not_a_handover", "trust", "add-handover", file)
    assert node.get("/v1/handovers/2").status == 404
