"""Who comes beside the authorities' nodes of a running network: an observer that joins late, a sentry before a node, a node
that was set up with another genesis. And a node whose engine has lost its data."""

import json
import shutil
import subprocess

import pytest

from small_network import PROGRAMS, Network, ask, must, small_ledger, tallyd, wait_until
from wallet_test import NO_NODE, Wallet


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with Network(tmp_path_factory.mktemp("guests"), 4) as running:
        for node in running.nodes:
            running.decided(node, running.registrations(node.name, 3, "before"))
        running.wait_level()
        yield running


def join(network, name):
    """An observer's folder, made from what a member exports."""
    guest = network.guest(name)
    file = guest.folder / "network.json"
    must("network", "export", "--data", network.nodes[0].data, "-o", file)
    guest.peer_id = json.loads(must("join", "--data", guest.data, "--network-file", file, "--json").stdout)["peer_id"]
    return guest


def admit(node, *guests):
    """The node's operator lets them in, which takes a restart."""
    node.stop()
    node.flags = ["network.extra_peers=" + ",".join(guest.peer_id for guest in guests)]
    node.start()


@pytest.fixture(scope="module")
def observer(network):
    made = join(network, "observer")
    made.peers = [network.nodes[0].address]
    made.start()
    wait_until("it says that nobody lets it in",
               lambda: any("none admits this node's key" in why for why in made.ready()), 60)
    admit(network.nodes[0], made)
    return made


def test_an_observer_that_joins_late_follows_and_serves_what_is_proved(network, observer, tmp_path):
    [envelope] = network.registrations("essex", 1, "observed")
    network.decided(network.nodes[2], [envelope])
    everyone = [*network.nodes, observer]
    network.wait_level(60, everyone)
    assert network.ledger(observer)["network"]["observer"] is True
    assert network.ledger(network.nodes[0])["network"]["observer"] is False
    identifier = network.id_of(envelope)
    place = f"/v1/receipts/outcome/{identifier}"
    wait_until("it can be proved there", lambda: observer.get(place).status == 200, 60)
    receipt, trust = tmp_path / "receipt.tally", tmp_path / "trust.json"
    receipt.write_bytes(observer.get(place).content)
    must("trust", "--data", network.nodes[1].data, "-o", trust)
    done = subprocess.run([PROGRAMS / "tally", "receipt", "verify", receipt, "--trust", trust], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    wait_until("it is ready", lambda: not observer.ready(), 60)


def test_an_observer_takes_nothing_and_says_where_to_go(network, observer, tmp_path):
    [envelope] = network.registrations("essex", 1, "refused")
    request = network.pb.SubmitRequest(envelopes=[envelope]).SerializeToString()
    answer = ask("POST", f"{observer.api}/v1/envelopes?wait=5", request, {"Content-Type": small_ledger.PROTOBUF})
    assert answer.status == 503, answer.content
    assert answer.json()["code"] == "observer", answer.content
    assert "Send it to an authority's node" in answer.json()["detail"], answer.content

    # So does a wallet; with an authority's node beside it, that one is asked.
    wallet = Wallet(tmp_path / "wallet")
    key = wallet.run("key", "create", "ann", "--recovery-file", "sheet")["public_key"]
    proof = wallet.run("--key", "ann", "key", "proof", "--account", "kent/green", "--ledger", network.ledger_id.hex())
    registration = network.registration("kent/green", network.keys["kent"])
    registration.policy.keys[0] = bytes.fromhex(key)
    registration.proofs[0].public_key = bytes.fromhex(key)
    registration.proofs[0].signature = bytes.fromhex(proof["signature"])
    network.decided(network.nodes[3], [network.sign(network.body("kent", registration))])
    network.wait_level(60, [*network.nodes, observer])
    act = ["account", "policy", "set", "--limit", "100", "--above", "1"]
    wallet.run("--key", "ann", "profile", "add", "me", "--account", "kent/green", "--node", observer.api)
    error = wallet.run(*act, code=NO_NODE)["error"]
    assert error["code"] == "observer" and "Send it to an authority's node" in error["message"], error
    assert "The node of" not in error["message"]
    wallet.run("--key", "ann", "profile", "add", "me", "--node", observer.api, "--other-node", network.nodes[1].api)
    assert wallet.run("envelope", "resume")["became_known"] == 1


def test_a_node_behind_a_sentry_votes_and_takes_envelopes_through_it(network, observer):
    *outside, hidden = network.nodes
    sentry = join(network, "sentry")
    sentry.peers = [node.address for node in network.nodes]
    hidden.stop()
    hidden.peers, hidden.flags = [sentry.address], [f"network.extra_peers={sentry.peer_id}"]
    for node in outside:
        node.peers = [other.address for other in outside if other is not node]
        admit(node, observer, sentry)
    sentry.start()
    hidden.start()
    everyone = [*network.nodes, sentry]
    network.wait_level(60, everyone)
    assert hidden.metric("tallystick_engine_peers") == 1
    network.decided(hidden, network.registrations("kent", 3, "behind-a-sentry"))
    # Its vote is needed where another is down.
    outside[2].kill()
    network.decided(outside[0], network.registrations("suffolk", 3, "with-its-vote"))
    assert hidden.ready() == []
    outside[2].start()
    network.wait_level(60, everyone)


def test_a_node_whose_engine_lost_its_data_says_so_and_comes_back_from_its_peers(network):
    victim = network.nodes[1]
    victim.stop()
    engine = victim.data / "engine"

    def refused():
        done = tallyd("serve", "--data", victim.data, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
        assert done.returncode == 1 and "A node that lost its disk" in done.stderr, done.stderr
        return done.stderr
    for lost in (engine / "data").iterdir():
        if lost.name != "priv_validator_state.json":
            shutil.rmtree(lost)
    assert "has lost its blocks" in refused()
    shutil.rmtree(engine)
    assert "has lost its genesis" in refused()
    network.decided(network.nodes[0], network.registrations("norfolk", 3, "meanwhile"))
    victim.wipe()
    victim.rejoin()
    network.decided(victim, network.registrations("norfolk", 3, "back"))
    network.wait_level(60, network.nodes)
