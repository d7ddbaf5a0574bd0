"""Four authorities' nodes as processes: founded, started, killed, stopped, put together wrongly, and what they say of it."""

import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from small_network import PROGRAMS, Network, ask, must, small_ledger, tallyd, wait_until

DONE = 1


@pytest.fixture(scope="module")
def network():
    """One network for the tests that leave it as they found it: whole and level."""
    with tempfile.TemporaryDirectory() as folder, Network(folder, 4) as running:
        for node in running.nodes:
            wait_until("every node sees every other", lambda node=node: node.metric("tallystick_engine_peers") == 3, 60)
        running.wait_ready()
        yield running


def decided(network, node, envelopes, wait=10):
    results = node.submit(*envelopes, wait=wait)
    assert [result.state for result in results] == [DONE] * len(envelopes), [(r.state, r.code) for r in results]


def test_envelopes_take_effect_through_every_node_and_all_agree(network):
    for node in network.nodes:
        decided(network, node, network.registrations(node.name, 3, f"through-{node.name}"))
    height, *_ = network.wait_level()
    assert height > 1
    for node in network.nodes:
        told = network.ledger(node)
        assert told["network"]["engine"] == "cometbft", told["network"]
        assert {authority["handle"] for authority in told["authorities"]} == set(network.authorities)
        for name in network.authorities:
            assert node.get(f"/v1/accounts/{name}%2Fthrough-{name}-0").status == 200


def test_one_envelope_through_two_nodes_takes_effect_once_and_both_callers_learn_the_same(network):
    [envelope] = network.registrations("essex", 1, "twice")
    first, second = (node.submit(envelope)[0] for node in network.nodes[:2])
    assert (first.state, first.log_index, first.entry) == (DONE, second.log_index, second.entry)
    before = network.wait_level()[3]
    assert network.nodes[2].submit(envelope)[0].log_index == first.log_index
    assert network.wait_level()[3] == before


def test_a_receipt_names_the_authorities_that_signed(network, tmp_path):
    [envelope] = network.registrations("kent", 1, "receipt")
    decided(network, network.nodes[3], [envelope])
    identifier = network.id_of(envelope)
    node = network.nodes[0]
    wait_until("the outcome can be proved",
               lambda: ask("GET", f"{node.api}/v1/receipts/outcome/{identifier}").status == 200, 30)
    trust = tmp_path / "trust.json"
    must("trust", "--data", node.data, "-o", trust)
    receipt = tmp_path / "receipt.tally"
    receipt.write_bytes(ask("GET", f"{node.api}/v1/receipts/outcome/{identifier}").content)
    done = subprocess.run([PROGRAMS / "tally", "receipt", "verify", receipt, "--trust", trust], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert sum(name in done.stdout for name in network.authorities) >= 3, done.stdout


def test_a_killed_node_is_missed_by_nobody_and_catches_up(network):
    victim, *others = network.nodes
    victim.kill()
    assert not victim._engines(), "no engine outlives its tallyd"
    decided(network, others[0], network.registrations("norfolk", 5, "meanwhile"), wait=20)
    victim.start()
    network.wait_level()
    network.wait_ready()


def test_nodes_with_more_than_a_bundle_each_order_all_of_it_once_though_one_is_killed(network):
    *others, killed = network.nodes
    batches = [(node, network.registrations(node.name, 512, f"busy-{number}")) for node in others for number in range(3)]
    lost = network.registrations(killed.name, 512, "busy-lost")
    before = network.wait_level()[3]
    with ThreadPoolExecutor(len(batches) + 1) as callers:
        outcomes = [callers.submit(network.decided, node, batch) for node, batch in batches]
        unheard = callers.submit(killed.submit, *lost)
        wait_until("some of it is ordered", lambda: network.state(others[0])[3] > before, 60)
        killed.kill()
        unheard.exception()
        # Whoever heard nothing sends the same through another node.
        network.decided(others[0], lost)
        for outcome in outcomes:
            outcome.result()
    killed.start()
    assert network.wait_level()[3] == before + sum(len(batch) for _, batch in batches) + len(lost)


def test_a_killed_engine_is_started_again_by_its_node(network):
    victim, *others = network.nodes
    before = victim.metric("tallystick_engine_restarts_total")
    os.kill(victim.engine_pid(), signal.SIGKILL)
    decided(network, others[0], network.registrations("norfolk", 2, "engine-killed"), wait=20)
    wait_until("the engine is started again",
               lambda: victim.metric("tallystick_engine_restarts_total") == before + 1, 30)
    network.wait_level()
    network.wait_ready()
    assert victim.is_running
    assert any(event.get("event") == "engine_died" for event in victim.events())


def test_a_node_stops_in_order_and_starts_again(network):
    victim = network.nodes[2]
    victim.stop()
    last = list(victim.events())[-1]
    assert last["event"] == "stopped", last
    victim.start()
    network.wait_level()
    network.wait_ready()


def test_with_two_of_four_down_it_says_so_and_reads_go_on(network):
    left, down = network.nodes[:2], network.nodes[2:]
    height = network.wait_level()[0]
    for node in down:
        node.kill()
    [envelope] = network.registrations("suffolk", 1, "too-few")
    result = left[0].submit(envelope, wait=1)[0]
    assert result.state != DONE
    for node in left:
        failing = wait_until("readiness names it", node.ready, 60)
        assert any("two thirds" in sentence for sentence in failing), failing
        assert network.height(node) == height
        assert node.get("/v1/accounts/suffolk").status == 200
    down[0].start()
    network.wait_for_height(height + 1, nodes=left)  # what waited is ordered now
    down[1].start()
    network.wait_level()
    network.wait_ready()
    decided(network, left[0], [envelope])


def test_metrics_and_status_tell_how_the_network_does(network):
    network.wait_ready()
    node = network.nodes[1]
    assert node.metric("tallystick_engine_up") == 1
    # A peer that was killed and came back is found again when its turn comes.
    wait_until("all peers are connected", lambda: node.metric("tallystick_engine_peers") == 3, 60)
    assert node.metric("tallystick_blocks_behind_head") == 0
    status = json.loads(must("network", "status", "--data", node.data, "--json").stdout)
    assert status["running"] and status["peers"] == 3 and status["failing"] == [], status
    assert status["ledger_id"] == network.ledger_id.hex() and status["peers_known"] == 4
    words = must("network", "status", "--data", node.data).stdout
    assert node.peer_id in words and "3 peers" in words


def test_a_second_tallyd_on_one_folder_is_refused(network):
    second = tallyd("serve", "--data", network.nodes[0].data, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
    assert second.returncode == 1 and "use" in second.stderr


def test_no_key_is_on_the_disk_but_the_nodes_own_or_in_a_log(network):
    node = network.nodes[0]
    seed = (node.data / "node.key").read_text().splitlines()[1]
    forms = [seed.encode(), base64.b64encode(bytes.fromhex(seed))[:40], bytes.fromhex(seed)]
    for file in [path for path in node.folder.rglob("*") if path.is_file() and path.name != "node.key"]:
        content = file.read_bytes()
        assert not any(form in content for form in forms), file
    command = f"/proc/{node.engine_pid()}/environ"
    environment = open(command, "rb").read()
    assert not any(form in environment for form in forms)


# --- put together wrongly

@pytest.fixture
def founded(tmp_path):
    """Two authorities that have founded a ledger and not started it."""
    made = Network(tmp_path / "n", 2, start=False)
    made.found()
    yield made
    made.kill_all()


def refused(node, *settings):
    done = tallyd("serve", "--data", node.data, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
                  *[argument for setting in settings for argument in ("--set", setting)])
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_a_network_is_not_served_by_solo_nor_a_solo_ledger_by_cometbft(founded, tmp_path):
    assert "would fork it" in refused(founded.nodes[0], "engine=solo")
    with small_ledger.Node(tmp_path) as alone:
        alone.stop()
        words = refused(alone, "engine=cometbft")
        assert "only after the ledger has handed over" in words and "tallyd handover" in words
        alone.start()


def test_an_engine_of_another_version_is_refused(founded, tmp_path):
    real = find_engine()
    other = tmp_path / "cometbft"
    other.write_bytes(real.read_bytes().replace(b"mod\tgithub.com/cometbft/cometbft\tv0.40.0\t",
                                                b"mod\tgithub.com/cometbft/cometbft\tv0.40.1\t"))
    other.chmod(0o755)
    words = refused(founded.nodes[0], f"network.program={other}")
    assert "is CometBFT v0.40.1" in words and "v0.40.0 and no other" in words
    shutil.copy2("/bin/true", other)
    assert "was built" in refused(founded.nodes[0], f"network.program={other}")
    assert "there is no program" in refused(founded.nodes[0], "network.program=/nowhere/cometbft")


def find_engine():
    for place in (PROGRAMS / "cometbft", PROGRAMS.parent / "engine" / "cometbft", shutil.which("cometbft"),
                  pathlib.Path.home() / "go" / "bin" / "cometbft"):
        if place and pathlib.Path(place).exists():
            return pathlib.Path(place)
    raise AssertionError("no engine is installed")


def test_a_genesis_that_differs_by_one_byte_starts_nowhere(founded):
    """Its ledger id is another, so the proofs of the signers' keys do not fit it."""
    node = founded.nodes[1]
    raw = bytearray((node.data / "genesis.pb").read_bytes())
    name = raw.index(b"eastern-credits")
    raw[name] = ord("w")
    (node.data / "genesis.pb").write_bytes(raw)
    words = refused(node)
    assert "has not proved itself" in words or "keys" in words
    proof = founded.nodes[0].folder / "proof.json"
    again = tallyd("genesis", "prove", "--data", node.data, "--proof", proof)
    assert again.returncode == 1 and "is not for this ledger" in again.stderr


def test_founders_with_another_founder_file_see_another_ledger_id(tmp_path):
    made = Network(tmp_path, 2, start=False)
    try:
        made.make_founders()
        first = made.nodes[0]
        file = first.data / "suffolk.founder.json"
        altered = json.loads(file.read_text())
        altered["parameters"]["reveal_seconds"] += 1
        other = tmp_path / "altered.json"
        other.write_text(json.dumps(altered))
        done = tallyd("join", "--data", made.nodes[1].data, "--founder", other,
                      "--founder", made.nodes[1].data / "norfolk.founder.json")
        assert done.returncode == 1 and "altered on its way" in done.stderr
    finally:
        made.kill_all()


def test_joining_wrongly_is_refused_with_a_sentence(founded, tmp_path):
    first, second = founded.nodes
    files = [node.data / f"{node.name}.founder.json" for node in founded.nodes]
    fresh = tmp_path / "fresh"
    assert "tallyd init --network" in tallyd("join", "--data", fresh, "--founder", files[0]).stderr
    proved = tallyd("join", "--data", first.data, "--founder", files[1])
    assert proved.returncode == 1 and "has a ledger already" in proved.stderr
    must("init", "--network", "--data", tmp_path / "third", "--name", "eastern-credits", "--authority", "third",
         "--signer", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "--peer", "127.0.0.1:1")
    lone = tallyd("join", "--data", tmp_path / "third", "--founder", files[1])
    assert lone.returncode == 1 and "None of the founder files is of this node" in lone.stderr
    usage = tallyd("join", "--data", fresh)
    assert usage.returncode == 2 and "--founder" in usage.stderr
    network_file = tmp_path / "network.json"
    must("network", "export", "--data", first.data, "-o", network_file)
    told = json.loads(network_file.read_text())
    key = first.data / "node.key"
    no_height = tallyd("join", "--data", fresh, "--network-file", network_file, "--node-key", key)
    assert no_height.returncode == 2 and "--highest-height" in no_height.stderr
    for change, words in ((lambda t: t.pop("genesis"), "has no genesis"),
                          (lambda t: t.update(ledger_id="00" * 32), "does not fit together"),
                          (lambda t: t.update(format="x"), "no network file"),
                          (lambda t: t["peers"][0].update(id="zz"), "40 hexadecimal digits")):
        copy = json.loads(json.dumps(told))
        change(copy)
        network_file.write_text(json.dumps(copy))
        done = tallyd("join", "--data", fresh, "--network-file", network_file)
        assert done.returncode == 1 and words in done.stderr, done.stderr
        assert not fresh.exists() or not any(fresh.iterdir())


def test_peers_that_joining_wrote_down_can_be_listed_and_changed(founded):
    node, other = founded.nodes
    listed = must("network", "peers", "--data", node.data).stdout.splitlines()
    assert f"norfolk={other.peer_id}@127.0.0.1:{other.peer_port}" in listed
    changed = must("network", "peers", "--data", node.data, "--add", f"norfolk={other.peer_id}@10.1.2.3:7712").stdout
    assert f"norfolk={other.peer_id}@10.1.2.3:7712" in changed and len(changed.splitlines()) == 2
    removed = must("network", "peers", "--data", node.data, "--remove", other.peer_id).stdout
    assert other.peer_id not in removed
    assert tallyd("network", "peers", "--data", node.data, "--remove", other.peer_id).returncode == 1
    assert tallyd("network", "peers", "--data", node.data, "--add", "nonsense").returncode == 2


def test_a_network_file_of_another_ledger_is_refused(founded):
    node = founded.nodes[0]
    file = node.data / "network.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "ledger_id": "ab" * 32}))
    assert "is of ledger abab" in refused(node)


def test_a_data_folder_with_too_long_a_name_is_refused(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    made = Network(deep, 1, start=False)
    made.found()
    assert "Move the data folder to a place with a shorter name" in refused(made.nodes[0])


def test_a_nearly_full_disk_is_named_before_it_is_full(tmp_path):
    with Network(tmp_path, 1, settings=["ops.disk_free_mib_min=1000000000"]) as alone:
        failing = alone.nodes[0].ready()
        assert any("nearly full" in sentence for sentence in failing), failing
        decided(alone, alone.nodes[0], alone.registrations("suffolk", 1))
