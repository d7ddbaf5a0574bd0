"""A traitor offers false snapshots to a node that lost its disk, or lies to it over its API: the lie is refused by
name, the next snapshot is tried, and what the node ends with is what the honest have."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE / "traitor"), str(HERE.parent / "e2e")]

from lying_api import LyingApi  # noqa: E402
from small_ledger import PROGRAMS  # noqa: E402
from small_network import Network  # noqa: E402
from traitor_test import TRAITOR, Traitor  # noqa: E402

pytestmark = pytest.mark.skipif(not (TRAITOR.exists() and (PROGRAMS / "tallyd").exists()),
                                reason="traitor and tallyd are not built")

DONE = 1

# What each lie is called where it is refused: the event, its field, and words in it. The snapshot from the future never
# gets so far: the light client finds no header for it.
REFUSED = {
    "snapshot_false_chunk": ("snapshot_chunk_refused", "reason", "names another chunk 0 in its manifest"),
    "snapshot_altered": ("snapshot_chunk_refused", "reason", "the snapshot "),
    "snapshot_cut": ("snapshot_chunk_refused", "reason", "does not end with its last chunk"),
    "snapshot_of_another_ledger": ("snapshot_offered", "answer", "is not of the app hash that the verified header"),
    "snapshot_from_the_future": None,
}


class World:
    """Four authorities: two honest ones, one whose disk is lost again and again, and the traitor."""

    def __init__(self, network):
        self.network = network
        *self.honest, self.victim, self.false = network.nodes
        self.turn = 0
        self.seen = 0

    def do_something(self):
        node = self.honest[self.turn % 2]
        self.turn += 1
        results = node.submit(*self.network.registrations(node.name, 2, f"turn-{self.turn}"), wait=20)
        assert [result.state for result in results] == [DONE] * 2, [result.code for result in results]

    def newest(self, node):
        return max((item["height"] for item in node.get("/v1/snapshots").json()["items"]), default=0)

    def until_the_traitors_is_the_newest(self):
        """The engine takes the newest that is offered: that must be the lie."""
        for _ in range(200):
            honest = [self.newest(node) for node in self.honest]
            if min(honest) > 0 and self.newest(self.false) > max(honest):
                return max(honest)
            self.do_something()
        raise AssertionError("the traitor has no snapshot that is newer than the others'")

    def bring_back(self, apis, seconds=60):
        """The victim's disk is lost, and it comes back. Gives what it logged meanwhile."""
        self.network.wait_ready(90, [*self.honest, self.false])
        self.victim.kill()
        self.victim.wipe()
        self.seen = len(list(self.victim.events()))
        self.victim.rejoin(apis=apis, wait=False)
        self.victim.wait_until_serving(seconds)
        self.network.wait_level(60)
        for _ in range(3):
            self.do_something()
        self.network.wait_level(60)
        return list(self.victim.events())[self.seen:]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Network(tmp_path_factory.mktemp("false"), 4, start=False) as network:
        for node in network.nodes:
            node.flags.append("network.snapshot_blocks=" + ("1" if node is network.nodes[3] else "60"))
        network.start()
        yield World(network)


@pytest.fixture(scope="module")
def traitor(world):
    with Traitor(world.false) as traitor:
        yield traitor


def heights(events, name):
    return [int(event["height"]) for event in events if event.get("event") == name]


@pytest.mark.parametrize("lie", REFUSED)
def test_a_false_snapshot_is_refused_by_name_and_the_next_one_taken(world, traitor, lie):
    honest = world.until_the_traitors_is_the_newest()
    # The only one who has a snapshot is waited for two minutes, even when it will not be asked again.
    seconds = 200 if lie == "snapshot_false_chunk" else 60
    with traitor.lying(lie) as told:
        events = world.bring_back([node.api for node in (*world.honest, world.false)], seconds)
        assert told() > 0, "it was never asked"
    assert heights(events, "snapshot_restored") == [honest], "an honest one, and one only"
    if REFUSED[lie] is None:
        assert heights(events, "snapshot_offered") == [honest]
        return
    name, field, words = REFUSED[lie]
    refused = [event for event in events if event.get("event") == name and event.get(field) != "taken"]
    assert len(refused) == 1, "the liar is not asked again"
    assert words in refused[0][field]


@pytest.mark.parametrize("lie", [("flip", 0.5), ("turns",)])
def test_an_api_that_lies_is_outvoted(world, lie):
    world.until_the_traitors_is_the_newest()
    with LyingApi(world.false.api) as api:
        api.lie = lie
        events = world.bring_back([api.url, *(node.api for node in world.honest)])
        assert api.told > 0
    assert len(heights(events, "snapshot_restored")) == 1
    expected = "state_sync_priorities_differ" if lie[0] == "turns" else "state_sync_peer_refused"
    assert [event for event in events if event.get("event") == expected]
    # It knows whose turn it is: with another node down its votes for the others' proposals are needed.
    for turn in range(4):
        world.do_something()
    world.honest[1].kill()
    for _ in range(4):
        [envelope] = world.network.registrations(world.honest[0].name, 1, f"needed-{lie[0]}-{world.turn}")
        world.turn += 1
        [result] = world.honest[0].submit(envelope, wait=20)
        assert result.state == DONE
    world.honest[1].start()
    world.network.wait_level(60)
