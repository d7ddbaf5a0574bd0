"""Two nodes with one key, and an authority that signs twice: real nodes, real engines, released programs.

Kent's key is in two places. The second node, the twin, is reached by Essex alone and Kent's own by the others alone: so
neither is turned away as somebody who is connected already. First the twin is an honest mistake, in each form that
operators make it, and must be stopped before it signs. Then it is told a lie about what its key has signed, as nobody but
its operator could, and signs against Kent's other node: evidence, a vote, and a ledger that goes on without it.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "audit")]

from auditor import audit  # noqa: E402
from small_ledger import PROGRAMS  # noqa: E402
from small_network import Network, must, tallyd, wait_until  # noqa: E402

pytestmark = pytest.mark.skipif(not (PROGRAMS / "tallyd").exists(), reason="tallyd is not built")

SAME_KEY = "bears a signature of this node's key"


class World:
    """Three honest authorities, and Kent with its key in two places."""

    def __init__(self, network):
        self.network = network
        *self.honest, self.kent = network.nodes
        self.twin = network.guest("twin")
        self.twin.peer_id = self.kent.peer_id
        suffolk, norfolk, essex = self.honest
        self.turn = 0
        # Who finds Kent where.
        for node in self.honest:
            node.peers = [other.address for other in self.honest if other is not node] + \
                [self.twin.address if node is essex else self.kent.address]
        self.kent.peers = [suffolk.address, norfolk.address]
        self.twin.peers = [essex.address]

    def do_something(self):
        node = self.honest[self.turn % len(self.honest)]
        self.turn += 1
        self.network.decided(node, self.network.registrations(node.name, 1, f"turn-{self.turn}"))

    def wait_until_quiet(self):
        """Level and proved: no block comes while nobody asks for one. Gives the height."""
        def quiet():
            height = self.network.wait_level(60, [*self.honest, self.kent])[0]
            return height if all(node.metric("tallystick_provable_height") == height for node in self.honest) else None
        return wait_until("the ledger is quiet", quiet, 60)

    def fresh_twin(self, *key):
        """A folder that a member's network file made."""
        shutil.rmtree(self.twin.data, ignore_errors=True)
        file = self.twin.folder / "network.json"
        must("network", "export", "--data", self.honest[0].data, "-o", file)
        must("join", "--data", self.twin.data, "--network-file", file, *key)

    def wait_for_refusal(self, words):
        """The twin says why it does not sign, and no engine runs on its folder."""
        why = wait_until("the twin refuses", lambda: next((one for one in self.twin.ready() if words in one), None), 60)
        wait_until("its engine is gone", lambda: self.twin.engine_pid() is None, 60)
        return why

    def nothing_is_recorded(self):
        for _ in range(4):
            self.do_something()
        self.network.wait_level(60, [*self.honest, self.kent])
        for node in self.honest:
            assert node.misbehaviour("kent") == [], node.name


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    network = Network(tmp_path_factory.mktemp("double"), 4, start=False)
    with network:
        made = World(network)
        network.start()
        # More blocks than an engine takes part in that comes late: the older ones it takes as they are.
        for _ in range(4):
            made.do_something()
        yield made


def test_a_key_in_a_fresh_folder_signs_nothing_while_its_node_runs(world):
    world.fresh_twin()
    shutil.copy2(world.kent.data / "node.key", world.twin.data / "node.key")
    world.twin.start()
    assert "tallyd rejoin" in world.wait_for_refusal("made for another key")
    world.twin.stop(expect=1)
    moved = tallyd("rejoin", "--data", world.twin.data, "--moved")
    assert moved.returncode == 1 and "what another key signed" in moved.stderr, moved.stderr
    world.nothing_is_recorded()


def test_a_copy_of_the_whole_folder_signs_nothing_while_its_node_runs(world):
    shutil.rmtree(world.twin.data)
    # As a hasty move to another machine would, while the node runs.
    shutil.copytree(world.kent.data, world.twin.data, ignore=shutil.ignore_patterns("run"))
    (world.twin.data / "run").mkdir(mode=0o700)
    world.twin.start()
    why = world.wait_for_refusal("This folder is a copy")
    assert "--moved" in why and str(world.twin.data) in why
    assert world.twin.get("/v1/accounts/kent").status == 200, "reads go on"
    world.twin.stop(expect=1)
    world.nothing_is_recorded()


def test_a_folder_that_was_moved_signs_again_when_its_operator_says_so(world):
    kent = world.kent
    kent.stop()
    copied = kent.folder / "copied"
    shutil.copytree(kent.data, copied)
    shutil.rmtree(kent.data)
    copied.rename(kent.data)
    kent.start()
    wait_until("it refuses", lambda: any("This folder is a copy" in why for why in kent.ready()), 60)
    kent.stop(expect=1)
    must("rejoin", "--data", kent.data, "--moved")
    kent.start()
    world.network.decided(kent, world.network.registrations("kent", 2, "moved"))
    world.nothing_is_recorded()


def test_a_key_whose_operator_understates_what_it_signed_is_stopped_by_the_chain(world):
    world.fresh_twin("--node-key", world.kent.data / "node.key", "--highest-height", 0)
    world.twin.start()
    assert "Another node runs with the same key" in world.wait_for_refusal(SAME_KEY)
    world.twin.stop(expect=1)
    world.nothing_is_recorded()


def sign_on(world, node):
    """What a traitor does whose node has stopped itself: it lies about what its key has signed."""
    if not any(SAME_KEY in why for why in node.ready()):
        return
    node.process.terminate()
    node.process.wait(60)
    node.wait_for_end()
    must("rejoin", "--data", node.data, "--highest-height", max(world.network.height(one) for one in world.honest))
    node.start()


def test_an_authority_that_signs_twice_is_convicted_loses_its_power_and_the_ledger_goes_on(world, tmp_path):
    network = world.network
    height = world.wait_until_quiet()
    world.fresh_twin("--node-key", world.kent.data / "node.key", "--highest-height", height)
    world.twin.start()
    wait_until("the twin has the blocks", lambda: network.height(world.twin) >= height, 60)

    def convicted():
        for node in (world.kent, world.twin):
            sign_on(world, node)
        world.do_something()
        return all(node.misbehaviour("kent") for node in world.honest)
    wait_until("every honest node shows it", convicted, 180)

    trust, export = tmp_path / "trust.json", tmp_path / "ledger.export"
    must("trust", "--data", world.honest[0].data, "-o", trust)
    every = [node.misbehaviour("kent") for node in world.honest]
    assert every[0] == every[1] == every[2]
    record = every[0][0]
    assert record["kind"] == "duplicate_vote" and int(record["height"]) > height, record
    for node in world.honest:
        assert node.metric("tallystick_misbehaviours") >= 1
        said = [event for event in node.events() if event.get("event") == "misbehaviour"]
        assert said[0]["node"] == world.kent.peer_id and said[0]["signed_twice_at"] == str(record["height"]), said
        assert node.misbehaviour("essex") == []
        shown = tally(tmp_path, node, "authority", "show", "kent")
        assert "Misbehaviour: its node" in shown and f"at height {record['height']}" in shown, shown
        assert "The node of kent" in tally(tmp_path, node, "ledger", "show")

    # Kent has no vote on what concerns it; the three others agree.
    take = network.pb.Change(take_power=network.pb.TakePower(authority="kent"))
    network.agree(world.honest[2], take, ["norfolk", "suffolk", "essex"])
    for node in world.honest:
        wait_until(f"{node.name} validates without kent", lambda node=node: len(network.ledger(node)["validators"]) == 3, 60)
    for node in (world.kent, world.twin):
        node.kill()
    for _ in range(3):
        world.do_something()
    network.wait_level(60, world.honest)
    must("export", "--data", world.honest[1].data, "-o", export, timeout=120)
    done = audit(export, trust)
    assert done.outcomes["due"][6] >= 1, done.outcomes["due"]
    for node in world.honest:
        node.stop()
        verified = tallyd("verify", "--data", node.data, "--json", timeout=600)
        assert verified.returncode == 0, f"{node.name}: {verified.stdout} {verified.stderr}"


def tally(folder, node, *arguments):
    done = subprocess.run([PROGRAMS / "tally", "--no-input", "--node", node.api, *arguments], capture_output=True, text=True,
                          env={**os.environ, "TALLY_HOME": str(folder / "wallet")}, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
