"""A node without a ledger begins with a snapshot of its peers, and is then one like any other."""

import json
import shutil

import pytest

from api_test import hold_against_description, problem_of
from small_network import Network, NetworkNode, free_ports, must, tallyd, wait_until

DONE = 1


@pytest.fixture
def network(tmp_path):
    with Network(tmp_path / "n", 4, settings=["network.snapshot_blocks=10"]) as running:
        running.wait_ready()
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """For tests that leave it as they found it."""
    with Network(tmp_path_factory.mktemp("shared"), 4, settings=["network.snapshot_blocks=10"]) as running:
        running.wait_ready()
        yield running


def decided(node, envelopes, wait=20):
    results = node.submit(*envelopes, wait=wait)
    assert [result.state for result in results] == [DONE] * len(envelopes), [(r.state, r.code) for r in results]
    return [bytes(result.id) for result in results]


def snapshots(node):
    return [item["height"] for item in node.get("/v1/snapshots").json()["items"]]


def busy_until_offered(network, nodes, above=0):
    """Blocks come until each of the nodes offers a snapshot of a block above that height. Gives the ids decided."""
    ids = []
    for turn in range(200):
        if all(any(height > above for height in snapshots(node)) for node in nodes):
            return ids
        node = nodes[turn % len(nodes)]
        ids += decided(node, network.registrations(node.name, 3, f"busy-{above}-{turn}"))
    raise AssertionError("no snapshot is offered")


def events(node, name):
    return [event for event in node.events() if event.get("event") == name]


def lose_disk(node):
    node.kill()
    node.wipe()


def go_past_what_it_signed(network):
    for name in ("past-it", "past-it-too"):
        decided(network.nodes[0], network.registrations("suffolk", 2, name))


def go_on_without_the_first(network):
    """With one of four down the signature of every other is needed."""
    first, second = network.nodes[:2]
    first.kill()
    for turn in range(4):
        decided(second, network.registrations("norfolk", 2, f"needed-{turn}"))
    first.start()
    network.wait_level()


def serves(node):
    addresses = node.data / "run" / "addresses.json"
    if not addresses.exists():
        return False
    told = json.loads(addresses.read_text())
    node.api, node.ops = told["api"], told["ops"]
    try:
        return not node.ready()
    except (OSError, ValueError, KeyError):
        return False


def test_a_node_that_lost_its_disk_is_back_by_a_snapshot_and_signs_again(network):
    *others, victim = network.nodes
    old = busy_until_offered(network, others)
    lose_disk(victim)
    decided(others[1], network.registrations("norfolk", 5, "meanwhile"))
    victim.rejoin(apis=[node.api for node in others])
    network.wait_level()
    network.wait_ready()

    [restored] = events(victim, "snapshot_restored")
    first = victim.get("/v1/ledger").json()["first_height"]
    assert first == int(restored["height"]) + 1 > 1
    assert victim.metric("tallystick_first_height") == first
    # Ids that were used before it came are known to it: what comes again is answered, not done again.
    assert victim.get(f"/v1/envelopes/{old[-1].hex()}").status == 200
    # It signs nothing up to the height that it may have signed before.
    go_past_what_it_signed(network)
    go_on_without_the_first(network)
    # Whose turn it is to propose it sees as the others do: no header hashes that.
    turns = [[node.get(f"/v1/proposer-priorities/{height}").json() for node in (victim, others[1])]
             for height in range(first, first + 4)]
    assert all(here == there for here, there in turns)
    assert len({item["priority"] for here, _ in turns for item in here["items"]}) > 1
    for node in network.nodes:
        node.stop()
    network.verify_folders()


def test_a_node_that_began_with_a_snapshot_and_lost_its_ledger_begins_anew(network):
    *others, victim = network.nodes
    busy_until_offered(network, others)
    lose_disk(victim)
    victim.rejoin(apis=[node.api for node in others])
    network.wait_level()
    go_past_what_it_signed(network)
    network.wait_level()
    victim.stop()
    assert not events(victim, "engine_begins_anew")
    shutil.rmtree(victim.data / "ledger")
    victim.start()
    network.wait_level()
    network.wait_ready()
    # Its engine has no block from before the snapshot, so it cannot give the ledger back: both begin with another.
    assert len(events(victim, "engine_begins_anew")) == 1
    assert len(events(victim, "snapshot_restored")) == 2
    # What it signed before is remembered: it takes part again, and nothing is signed twice.
    decided(others[0], network.registrations("suffolk", 2, "once-more"))
    go_on_without_the_first(network)
    assert not any(events(node, "misbehaviour") for node in network.nodes)
    for node in network.nodes:
        node.stop()
    network.verify_folders()


def test_of_three_none_goes_on_without_a_lost_node_so_it_may_sign_the_height_that_waits(tmp_path):
    with Network(tmp_path / "three", 3) as network:
        network.wait_ready()
        first, second, victim = network.nodes
        decided(first, network.registrations("suffolk", 2))
        network.wait_level()
        victim.kill()
        # The others vote for a block with it, which needs a third vote.
        envelopes = network.registrations("suffolk", 1, "waits")
        assert first.submit(*envelopes, wait=1)[0].state != DONE
        victim.wipe()
        victim.rejoin(beyond=0)
        network.decided(first, envelopes)
        network.wait_level()
        decided(victim, network.registrations(victim.name, 2, "again"))
        assert not any(events(node, "misbehaviour") for node in network.nodes)
        for node in network.nodes:
            node.stop()
        network.verify_folders()


def test_a_new_observer_begins_with_a_snapshot_too(network, tmp_path):
    member = network.nodes[0]
    busy_until_offered(network, network.nodes)
    observer = NetworkNode(network, "observer", *free_ports(1))
    must("network", "export", "--data", member.data, "-o", tmp_path / "network.json")
    must("trust", "--data", member.data, "-o", tmp_path / "trust.json")
    must("join", "--data", observer.data, "--network-file", tmp_path / "network.json", "--trust",
         tmp_path / "trust.json", *(flag for node in network.nodes[:2] for flag in ("--api", node.api)))
    observer.peer_id = json.loads(must("network", "status", "--data", observer.data, "--json").stdout)["peer_id"]
    for node in network.nodes:  # one after the other: the ledger goes on
        node.stop()
        node.flags = [f"network.extra_peers={observer.peer_id}"]
        node.start()
        network.wait_ready()
    apis = "network.apis=" + ",".join(node.api for node in network.nodes[:2])
    observer.flags = [apis]  # where they are now
    observer.start()
    try:
        network.wait_level(60, [member, observer])
        assert len(events(observer, "snapshot_restored")) == 1
        assert observer.get("/v1/ledger").json()["network"]["observer"]
    finally:
        observer.kill()
        observer.log.close()


@pytest.mark.parametrize("who", ["tallyd", "engine", "both"])
@pytest.mark.parametrize("when", ["state_sync_begins", "snapshot_offered", "snapshot_restored", "state_sync_done"])
def test_a_kill_while_it_joins_leaves_nothing_half_done(shared, who, when):
    network = shared
    *others, victim = network.nodes
    busy_until_offered(network, others)
    lose_disk(victim)
    victim.make_anew([node.api for node in others])
    before = len(events(victim, when))
    victim.start(wait=False)
    wait_until(when, lambda: len(events(victim, when)) > before, 60, pause=0.001)
    if who == "engine":
        wait_until("an engine", victim.engine_pid, 10)
    victim.signal(9, who)
    if who == "engine":
        # It goes on with a new engine, or says that it cannot and ends.
        wait_until("it is back or has ended", lambda: not victim.is_running or serves(victim), 120)
    if who != "engine" or not victim.is_running:
        victim.process.wait(60)
        victim.wait_for_end()
        victim.start()
    network.wait_level(90)
    decided(others[0], network.registrations(others[0].name, 2, f"after-{who}-{when}".replace("_", "-")))
    network.wait_level(30)
    # Where its peers do not answer in time it takes their blocks, and says so.
    gave_up = events(victim, "state_sync_given_up") + events(victim, "state_sync_skipped")
    assert victim.get("/v1/ledger").json()["first_height"] > 1 or gave_up
    victim.stop()
    done = tallyd("verify", "--data", victim.data, "--json", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (victim.data / "engine" / "joining").exists()
    assert not (victim.data / "ledger.joining").exists() and not (victim.data / "ledger.old").exists()
    victim.start()


def test_who_joins_late_is_told_what_the_description_says(shared):
    network = shared
    node = network.nodes[0]
    busy_until_offered(network, [node])
    hold_against_description("/v1/snapshots", "get", node.get("/v1/snapshots"))
    height = snapshots(node)[0]
    answer = node.get(f"/v1/proposer-priorities/{height}")
    assert answer.status == 200 and len(answer.json()["items"]) == 4
    hold_against_description("/v1/proposer-priorities/{height}", "get", answer)
    problem_of(node.get(f"/v1/proposer-priorities/{height + 1000}"), 404, "unknown_block")
    # A snapshot is not offered before the two blocks after it have their headers, which its taker wants.
    assert max(snapshots(node)) + 2 <= network.ledger(node)["provable_height"] + 1


def test_a_node_joins_the_second_segment_of_a_ledger_by_a_snapshot(network):
    first, *_, victim = network.nodes
    network.hand_over(2)
    network.wait_ready()
    ended = network.height(first)
    others = network.nodes[:3]
    busy_until_offered(network, others, above=ended)
    lose_disk(victim)
    victim.rejoin(apis=[node.api for node in others])
    network.wait_level()
    network.wait_ready()
    assert len(events(victim, "snapshot_restored")) == 1
    ledger = victim.get("/v1/ledger").json()
    assert ledger["chain_id"].endswith("-2") and ledger["first_height"] > ended + 1
    decided(victim, network.registrations(victim.name, 2, "second"))
    for node in network.nodes:
        node.stop()
    network.verify_folders()


def test_without_a_snapshot_or_enough_apis_it_executes_every_block(network):
    *others, victim = network.nodes
    decided(others[0], network.registrations("suffolk", 3))
    for apis, reason in (([node.api for node in others], "No peer offers a snapshot"),
                         ([others[0].api, "http://127.0.0.1:1"], "1 gave what could be verified, and 2 are needed")):
        lose_disk(victim)
        victim.rejoin(apis=apis)
        network.wait_level()
        assert reason in events(victim, "state_sync_skipped")[-1]["reason"]
        assert victim.get("/v1/ledger").json()["first_height"] == 1
        busy_until_offered(network, others)
        network.wait_level()


def test_a_snapshot_of_several_chunks_is_taken(shared):
    network = shared
    *others, victim = network.nodes
    for turn in range(30):
        decided(others[turn % 3], network.registrations(others[turn % 3].name, 500, f"many-{turn}"), wait=30)
    busy_until_offered(network, others, above=network.height(others[0]))
    chunks = max(item["chunks"] for node in others for item in node.get("/v1/snapshots").json()["items"])
    assert chunks >= 2
    lose_disk(victim)
    before = len(events(victim, "snapshot_restored"))
    victim.rejoin(apis=[node.api for node in others])
    network.wait_level()
    network.wait_ready()
    assert len(events(victim, "snapshot_restored")) == before + 1
    victim.stop()
    done = tallyd("verify", "--data", victim.data, "--json", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    victim.start()
