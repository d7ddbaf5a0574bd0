"""One authority of four is a traitor: every lie that its node can tell, and that nobody honest is stopped by it or
believes it.

The traitor's node runs as every other, but for the program `traitor` between it and its engine, which changes what the
engine hears (tests/simulation/traitor/). The engine is the released one: what it signs are votes and blocks like any
authority's. What a node says to wallets passes through `LyingApi`. Signing twice is in double_signing_test.py.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE / "traitor"), str(HERE.parent / "e2e")]

from lying_api import LyingApi  # noqa: E402
from small_ledger import PROGRAMS, Programme  # noqa: E402
from small_network import Network, tallyd, wait_until  # noqa: E402

TRAITOR, TALLY = PROGRAMS / "traitor", PROGRAMS / "tally"
pytestmark = pytest.mark.skipif(not (TRAITOR.exists() and (PROGRAMS / "tallyd").exists()),
                                reason="traitor and tallyd are not built")

DONE = 1

# Proposals that no honest node votes for, with what it logs of them.
REJECTED = {
    "bad_envelope_signature": "an envelope is malformed or has a false signature",
    "bad_bundle_signature": "a bundle is malformed or its node did not sign it",
    "malformed_bundle": "a bundle is malformed or its node did not sign it",
    "unordered_bundle": "a bundle is malformed or its node did not sign it",
    "wrong_chain": "a bundle is of another chain",
    "twice": "it holds a bundle twice",
    "overfull_bundle": "a bundle is malformed or its node did not sign it",
    "oversize_bundle": "a bundle is malformed or its node did not sign it",
    "too_many_bundles": "more bundles than a block may hold",
}
# What may be ordered and changes nothing, or only keeps the others waiting.
HARMLESS = ["strangers_bundle", "replayed_bundle", "replayed_envelopes", "proposes_nothing", "proposes_late",
            "votes_for_nothing", "passes_nothing_on"]


class Traitor:
    """Between a running node and its engine. Use as a context."""

    def __init__(self, node):
        self.node = node
        self.lie_file = node.folder / "lie"
        self.log = node.folder / "traitor.log"
        self.process = None

    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        self.tell("none")
        self.log.write_text("")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([TRAITOR, self.node.data, self.lie_file], stdout=log, stderr=log)
        wait_until("the traitor is ready", lambda: "ready" in self.said(), 30)
        self.renew_engine()

    def end(self):
        self.tell("none")
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def renew_engine(self):
        """The next engine of the node connects to whoever has the socket now."""
        old = wait_until("an engine", self.node.engine_pid, 60)
        os.kill(old, signal.SIGKILL)
        wait_until("the next engine", lambda: self.node.engine_pid() not in (None, old), 60)

    def tell(self, lie):
        new = self.lie_file.with_suffix(".new")
        new.write_text(lie + "\n")
        new.replace(self.lie_file)

    def said(self):
        return self.log.read_text()

    def told(self, lie):
        return self.said().count(f"lied {lie}:")

    @contextlib.contextmanager
    def lying(self, lie):
        self.tell(lie)
        try:
            yield lambda: self.told(lie)
        finally:
            self.tell("none")


class World:
    """Four authorities, the last of whom is the traitor, and everything the honest ones had acknowledged."""

    def __init__(self, network):
        self.network = network
        *self.honest, self.false = network.nodes
        self.acknowledged = []
        self.turn = 0

    def do_something(self, seconds=20):
        """An honest node takes an envelope and answers that it is done, in time."""
        node = self.honest[self.turn % len(self.honest)]
        self.turn += 1
        [envelope] = self.network.registrations(node.name, 1, f"turn-{self.turn}")
        began = time.monotonic()
        [result] = self.network.submit(node, envelope, wait=seconds)
        assert result.state == DONE, f"{node.name}: {result.code} after {time.monotonic() - began:.1f} s"
        self.acknowledged.append(bytes(result.id))

    def keep_going_until(self, what, condition, seconds=90):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{what}: not within {seconds} s"
            self.do_something()

    @contextlib.contextmanager
    def busy(self):
        """Blocks keep coming: a block's time is that of the votes before it, so a quiet ledger's clock lags."""
        over = threading.Event()
        faults = []

        def work():
            while not over.wait(0.2):
                try:
                    self.do_something()
                except BaseException as fault:
                    faults.append(fault)
                    return
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        assert not faults, faults

    def check_honest(self):
        """Equal roots, and every acknowledged envelope there exactly once."""
        self.network.wait_level(60, self.honest)
        entries = [id for _, id, _ in self.network.entries(self.honest[0])]
        assert len(entries) == len(set(entries)), "something took effect twice"
        assert set(self.acknowledged) <= set(entries), "something acknowledged is lost"

    def rejections(self, node):
        return [event for event in node.events() if event.get("event") == "proposal_rejected"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Network(tmp_path_factory.mktemp("traitor"), 4, parameters=["reveal_seconds=5"]) as network:
        made = World(network)
        made.do_something(30)
        yield made


@pytest.fixture(scope="module")
def traitor(world):
    with Traitor(world.false) as traitor:
        yield traitor


def test_a_node_behind_the_traitors_program_is_like_any_other(world, traitor):
    # Its engine asks through the program, and while no lie is told everything is as it was.
    for _ in range(8):
        world.do_something()
    world.network.wait_level(60)
    assert "lied" not in traitor.said()


@pytest.mark.parametrize("lie", REJECTED)
def test_a_false_proposal_is_voted_down_and_the_next_is_honest(world, traitor, lie):
    before = {node.name: len(world.rejections(node)) for node in world.honest}
    with traitor.lying(lie) as told:
        world.keep_going_until(f"{lie} is told", told)
        for node in world.honest:
            world.keep_going_until(f"{node.name} votes against it",
                                   lambda node=node: len(world.rejections(node)) > before[node.name])
        world.do_something()
    for node in world.honest:
        new = world.rejections(node)[before[node.name]:]
        assert {one["reason"] for one in new} == {REJECTED[lie]}, node.name
        assert {one["proposer"] for one in new} == {world.false.peer_id}, "it has a name"
    world.check_honest()


@pytest.mark.parametrize("lie", HARMLESS)
def test_what_cannot_be_voted_down_does_no_harm(world, traitor, lie):
    before = {node.name: len(world.rejections(node)) for node in world.honest}
    with traitor.lying(lie) as told:
        world.keep_going_until(f"{lie} is told", told)
        for _ in range(4):
            world.do_something()
    world.check_honest()
    for node in world.honest:
        assert len(world.rejections(node)) == before[node.name], "an honest proposal was voted down"


def test_a_proposal_beyond_the_engines_bounds_stops_its_proposer_alone(world, traitor):
    with traitor.lying("oversize_proposal") as told:
        world.keep_going_until("it is told", told)
        for _ in range(4):
            world.do_something()
    world.check_honest()
    # Its own engine gives up. The next one goes on where the others are.
    traitor.renew_engine()
    world.do_something()
    world.network.wait_level(60)


@pytest.mark.parametrize("lie", ["flood", "bad_flood"])
def test_a_flood_is_cut_off_at_each_honest_node(world, traitor, lie):
    refused = "tallystick_bundles_refused_total"
    before = {node.name: node.metric(refused) for node in world.honest}
    with traitor.lying(lie) as told:
        world.keep_going_until(f"{lie} is told", told)
        for node in world.honest:
            world.keep_going_until(f"{node.name} refuses some of it",
                                   lambda node=node: node.metric(refused) > before[node.name], 120)
        for _ in range(6):
            world.do_something(30)
    world.check_honest()


class Wallet:
    """`tally` with a folder of its own and no key: it only reads, and believes what is proved."""

    def __init__(self, folder, trust):
        self.home = folder
        self.home.mkdir(mode=0o700)
        self.trust = trust

    def run(self, node, *arguments):
        """(exit code, what it printed)"""
        done = subprocess.run([TALLY, "--json", "--yes", "--no-input", "--node", node, *map(str, arguments)],
                              env={**os.environ, "TALLY_HOME": str(self.home)}, capture_output=True, text=True,
                              timeout=120, cwd=self.home)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr


@pytest.fixture(scope="module")
def programme(world):
    with world.busy():
        return Programme(world.honest[0])


@pytest.fixture()
def wallet(world, programme, tmp_path):
    if not TALLY.exists():
        pytest.skip("tally is not built")
    trust = tmp_path / "trust.json"
    # The newest block may have no header yet.
    wait_until("a trust file", lambda: tallyd("trust", "--data", world.honest[0].data, "-o", trust).returncode == 0, 30)
    made = Wallet(tmp_path / "wallet", trust)
    code, _, error = made.run(world.honest[0].api, "profile", "add", "me", "--account", programme.project, "--trust",
                              trust)
    assert code == 0, error
    return made


SHARES = [0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]


@pytest.mark.parametrize("share", SHARES)
def test_a_wallet_believes_no_altered_proof(world, wallet, share):
    code, truth, error = wallet.run(world.honest[0].api, "account", "balances")
    assert code == 0, error
    with LyingApi(world.false.api) as api:
        api.lie = ("flip", share)
        code, shown, error = wallet.run(api.url, "account", "balances")
        assert api.told > 0
    # Either it says that it cannot be proved, or the altered bit was in nothing that it shows.
    assert code != 0 or shown == truth, error


def test_a_wallet_shows_proved_balances_whatever_a_list_says(world, wallet):
    code, truth, error = wallet.run(world.honest[0].api, "account", "balances")
    assert code == 0, error
    assert int(truth["total"]["available"]) > 0
    with LyingApi(world.false.api) as api:
        api.lie = ("richer",)
        code, shown, error = wallet.run(api.url, "account", "balances")
        assert api.told > 0
    assert code != 0 or shown["total"] == truth["total"], error


def test_a_wallet_that_has_seen_newer_blocks_notices_a_stale_head(world, programme, wallet):
    with LyingApi(world.false.api) as api:
        assert wallet.run(api.url, "account", "balances")[0] == 0
        api.lie = ("stale",)
        for _ in range(3):
            world.do_something()
        code, _, error = wallet.run(world.honest[0].api, "account", "balances")
        assert code == 0, error
        code, _, error = wallet.run(api.url, "account", "balances")
        assert api.told > 0
    assert code != 0 or "is behind" in error, "an old state was shown as if it were the newest"


@pytest.mark.parametrize("lie", ["false_app_hash", "false_power"])
def test_a_node_with_a_state_of_its_own_stops_itself_alone_and_can_come_back(world, traitor, lie):
    """Its engine finds that nobody else has that state, and cannot go on."""
    with traitor.lying(lie) as told:
        world.keep_going_until("it lies about the state", told)
        for _ in range(6):
            world.do_something()
        stuck = world.network.height(world.false)
        for _ in range(4):
            world.do_something()
        assert world.network.height(world.false) == stuck
    world.check_honest()
    # Without its lies it is one of four again, from the others' blocks.
    traitor.end()
    world.false.kill()
    world.false.wipe()
    world.false.rejoin()
    world.network.wait_level(120)
    traitor.begin()
    for _ in range(4):
        world.do_something()
    world.network.wait_level(60)
