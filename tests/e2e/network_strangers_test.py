"""A node that was set up with another genesis than the others: one byte of it is another, and everything that follows from
it is done as it should be. It has the keys of an authority, the others know its address, and the chain has the same name."""

import hashlib
import json
import shutil


from small_network import Network, must, wait_until


def with_another_genesis(network, node):
    """Its operator got one letter wrong: an identifier. Gives the id of the ledger that comes of it."""
    file = network.pb.GenesisFile.FromString((node.data / "genesis.pb").read_bytes())
    assert file.genesis.count(b"KEN") == 1
    altered = network.pb.GenesisFile(genesis=file.genesis.replace(b"KEN", b"KEM"))
    for _ in file.proofs:
        altered.proofs.add()
    (node.data / "genesis.pb").write_bytes(altered.SerializeToString(deterministic=True))
    shutil.rmtree(node.data / "ledger", ignore_errors=True)
    right, wrong = network.ledger_id, hashlib.sha256(altered.genesis).digest()
    known = node.data / "network.json"
    known.write_text(json.dumps({**json.loads(known.read_text()), "ledger_id": wrong.hex()}))
    network.ledger_id = wrong
    proofs = []
    for name in network.authorities:
        proof = node.folder / f"wrong-{name}.json"
        key = network.keys[name]
        proof.write_text(json.dumps({"public_key": key.verify_key.encode().hex(),
                                     "signature": network.key_proof(name, key).hex()}))
        proofs += ["--proof", proof]
    must("genesis", "prove", "--data", node.data, *proofs)
    network.ledger_id = right
    return wrong


def test_a_node_with_another_genesis_is_told_so_and_disturbs_nobody(tmp_path):
    network = Network(tmp_path / "n", 4, start=False)
    with network:
        *honest, stranger = network.nodes
        wrong = with_another_genesis(network, stranger)
        for node in network.nodes:
            node.start(wait=False)
        for node in network.nodes:
            node.wait_until_serving()
        for node in honest:
            network.decided(node, network.registrations(node.name, 3, "undisturbed"))
        network.wait_level(60, honest)
        assert stranger.get("/v1/ledger").json()["ledger_id"] == wrong.hex()
        why = wait_until("it names what is wrong",
                         lambda: next((one for one in stranger.ready() if "serves another ledger" in one), None), 60)
        assert "Compare the ledger ids that `tallyd network status` shows" in why
        status = json.loads(must("network", "status", "--data", stranger.data, "--json").stdout)
        assert status["ledger_id"] == wrong.hex()
        network.wait_ready(nodes=honest)
        for node in honest:
            wait_until(f"{node.name} names the stranger",
                       lambda node=node: any(event["event"] == "peer_of_another_ledger" and stranger.peer_id in event["peer"]
                                             for event in node.events() if "event" in event), 60)
            assert node.misbehaviour("kent") == []

        # Set up anew with the genesis that the others have, it is one of them.
        stranger.kill()
        stranger.wipe()
        stranger.rejoin()
        network.decided(stranger, network.registrations("kent", 3, "back"))
        network.wait_level()


def test_a_node_of_a_ledger_that_nobody_here_knows_is_not_let_in(tmp_path):
    with Network(tmp_path / "n", 1) as network:
        [member] = network.nodes
        elsewhere = Network(tmp_path / "elsewhere", 1, start=False)
        with elsewhere:
            [visitor] = elsewhere.nodes
            visitor.peers = [member.address]
            visitor.start()
            assert visitor.peer_id != member.peer_id
            for one in (network, elsewhere):
                one.decided(one.nodes[0], one.registrations("suffolk", 3))
            assert member.metric("tallystick_engine_peers") == 0
            wait_until("it says that nobody lets it in",
                       lambda: any("none admits this node's key" in why for why in visitor.ready()), 60)
            assert member.ready() == []
