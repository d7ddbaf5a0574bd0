"""Governing with the wallet against a real node: one authority becomes three by votes, they change a window, and the
auditor agrees with all of it. The authorities are made up."""

import json
import subprocess
import sys

import pytest
from nacl.signing import SigningKey

from wallet_test import DONE, FAILED, ROOT, TALLY, TALLYD, USAGE, World

sys.path.insert(0, str(ROOT / "tests" / "audit"))

from auditor import audit  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (TALLY.exists() and TALLYD.exists()), reason="tally and tallyd are not built"
)


def proof(key, ledger, account):
    message = b"tallystick/key/1\0" + bytes.fromhex(ledger) + account.encode() + key.verify_key.encode()
    return {"public_key": key.verify_key.encode().hex(), "signature": key.sign(message).signature.hex()}


class Council:
    """An authority to be: its officer's wallet, and the key of a node that it would run."""

    def __init__(self, world, handle, scheme_id):
        self.world, self.handle = world, handle
        self.wallet = world.person(handle)
        self.wallet.run("key", "create", handle, "--recovery-file", "sheet")
        self.node_key = SigningKey.generate()
        self.file = world.folder / f"{handle}.authority.json"
        self.file.write_text(json.dumps({
            "format": "tallystick-authority-1", "ledger_id": world.ledger, "handle": handle,
            "identifiers": [{"scheme": "GB-LAE", "id": scheme_id}],
            "names": [{"language": "en", "text": f"{handle} (an example)"}],
            "node": {**proof(self.node_key, world.ledger, handle), "power": 1},
        }))

    def admission(self):
        return ["proposal", "make", "admit-authority", self.file,
                "--proof", self.world.proof(self.wallet, self.handle, self.handle)]

    def join(self):
        self.world.join(self.wallet, self.handle, self.handle)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("governing"))
    made.norfolk = Council(made, "norfolk", "NFK")
    made.essex = Council(made, "essex", "ESX")
    yield made
    made.node.stop()


def handles(wallet, *flags):
    return [one["handle"] for one in wallet.run("authority", "list", *flags)["items"]]


def status(wallet, proposal):
    return wallet.run("proposal", "show", proposal)["proposal"]["status"]


def settled(wallet, proposal):
    """The proposal once the ledger has acted on it by itself: the next block at the latest."""
    for _ in range(200):
        shown = wallet.run("proposal", "show", proposal)["proposal"]
        if shown["status"] != "decided":
            return shown
    raise AssertionError("a decided proposal came to nothing")


def test_one_authority_becomes_three_by_votes_that_each_can_read(world, tmp_path):
    suffolk, norfolk, essex = world.officer, world.norfolk, world.essex

    # --- what cannot be proposed

    wrong = tmp_path / "wrong.json"
    wrong.write_text(norfolk.file.read_text().replace('"norfolk"', '"dorset"'))
    made = suffolk.run("proposal", "make", "admit-authority", wrong, "--proof",
                       world.proof(norfolk.wallet, "norfolk", "dorset"), code=FAILED)
    assert made["error"]["code"] == "false_key_proof"
    assert suffolk.run("proposal", "make", "admit-authority", norfolk.file,
                       code=USAGE)["error"]["code"] == "policy_twice_or_never"
    assert suffolk.run("proposal", "make", "parameter", "no_such_seconds", "5d",
                       code=USAGE)["error"]["code"] == "unknown_parameter"
    suffolk.refused("nothing_changes", "proposal", "make", "parameter", "answer_seconds", "14d")
    suffolk.refused("too_few_authorities", "proposal", "make", "take-power", "suffolk")
    suffolk.refused("unknown_proposal", "proposal", "vote", "0" * 64, "yes")

    # --- alone, a proposal is decided at once

    assert handles(suffolk) == ["suffolk"]
    dry = suffolk.run("--dry-run", *norfolk.admission())
    assert dry["result"] == "done" and 'admit "norfolk (an example)"' in dry["sentence"]
    made = suffolk.run(*norfolk.admission())
    assert "1 of the 1 authority must agree, and proposing it is your yes" in made["sentence"]
    assert settled(suffolk, made["id"])["status"] == "in_force"
    assert handles(suffolk) == ["norfolk", "suffolk"]
    shown = suffolk.run("authority", "show", "norfolk")["authority"]
    assert shown["node"]["public_key"] == norfolk.node_key.verify_key.encode().hex()
    assert shown["current"] and shown["misbehaviour"] == []
    suffolk.refused("account_exists", *norfolk.admission())
    norfolk.join()

    # --- two must both agree

    made = suffolk.run(*essex.admission())
    assert status(suffolk, made["id"]) == "open"
    [waiting] = norfolk.wallet.run("queue")["items"]
    assert (waiting["task"], waiting["id"], waiting["proposer"]) == ("vote", made["id"], "suffolk")
    assert suffolk.run("queue")["items"] == []
    listed = norfolk.wallet.run("proposal", "list", "--waits-for", "norfolk")["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    suffolk.refused("already_voted", "proposal", "vote", made["id"], "yes")
    assert norfolk.wallet.run("proposal", "vote", made["id"], "perhaps", code=USAGE)
    vote = norfolk.wallet.run("proposal", "vote", made["id"][:12], "yes")
    assert 'of suffolk: to admit "essex (an example)" as the authority essex' in vote["sentence"]
    assert "so far 1 yes and 0 no; a vote cannot be taken back" in vote["sentence"]
    assert settled(suffolk, made["id"])["status"] == "in_force"
    norfolk.wallet.refused("proposal_not_open", "proposal", "vote", made["id"], "no")
    assert handles(suffolk) == ["essex", "norfolk", "suffolk"]
    essex.join()


def test_a_window_changes_by_vote_at_its_time_and_a_no_ends_what_cannot_be_decided(world):
    suffolk, norfolk, essex = world.officer, world.norfolk.wallet, world.essex.wallet
    made = norfolk.run("proposal", "make", "parameter", "answer_seconds", "21d")
    assert "from 14 days to 21 days" in made["sentence"]
    suffolk.run("proposal", "vote", made["id"], "yes")
    essex.run("proposal", "vote", made["id"], "yes")
    assert settled(suffolk, made["id"])["status"] == "in_force"
    assert suffolk.run("proposal", "parameters")["parameters"]["answer_seconds"] == 21 * 86400

    later = essex.run("proposal", "make", "parameter", "reveal_seconds", "2d", "--effective", "+30d")
    suffolk.run("proposal", "vote", later["id"], "yes")
    norfolk.run("proposal", "vote", later["id"], "yes")
    assert status(suffolk, later["id"]) == "decided"
    [coming] = suffolk.run("proposal", "parameters")["parameters_coming"]
    assert (coming["parameter"], coming["value"], coming["proposal"]) == ("reveal_seconds", 2 * 86400, later["id"])
    essex.refused("effective_too_late", "proposal", "make", "parameter", "pass_on_seconds", "1d",
                  "--effective", "+400d")

    lost = essex.run("proposal", "make", "remove", "norfolk", "--successor", "suffolk")
    assert "but norfolk has no vote on it" in lost["sentence"]
    norfolk.refused("concerns_your_authority", "proposal", "vote", lost["id"], "yes")
    suffolk.run("proposal", "vote", lost["id"], "no")
    assert status(suffolk, lost["id"]) == "lapsed"
    assert "norfolk" in handles(suffolk)


def test_an_authority_that_was_removed_signs_nothing_more_and_the_auditor_agrees(world, tmp_path):
    suffolk, norfolk, essex = world.officer, world.norfolk.wallet, world.essex.wallet
    stranger = SigningKey.generate()
    given = tmp_path / "node.proof"
    given.write_text(json.dumps(proof(stranger, world.ledger, "essex")))
    moved = suffolk.run("proposal", "make", "node", "essex", "--node-proof", given, "--power", "1")
    assert "in place of a node of power 1" in moved["sentence"]
    norfolk.run("proposal", "vote", moved["id"], "yes")
    assert settled(suffolk, moved["id"])["status"] == "in_force"
    assert suffolk.run("authority", "show", "essex")["authority"]["node"]["public_key"] == \
        stranger.verify_key.encode().hex()
    suffolk.refused("no_misbehaviour", "proposal", "make", "take-power", "essex")

    gone = suffolk.run("proposal", "make", "remove", "norfolk", "--successor", "essex")
    essex.run("proposal", "vote", gone["id"], "yes")
    assert settled(suffolk, gone["id"])["status"] == "in_force"
    assert handles(suffolk) == ["essex", "suffolk"]
    assert handles(suffolk, "--all") == ["essex", "norfolk", "suffolk"]
    assert suffolk.run("authority", "show", "norfolk")["authority"]["successor"] == "essex"
    norfolk.refused("authority_removed", "proposal", "make", "parameter", "answer_seconds", "1d")

    proved = tmp_path / "proposal.tally"
    suffolk.run("receipt", "get", gone["id"], "-o", proved)
    verified = subprocess.run([TALLY, "receipt", "verify", proved, "--trust", world.trust],
                              capture_output=True, text=True, timeout=60)
    assert verified.returncode == DONE, verified.stderr
    assert "remove the authority norfolk and let essex take over" in verified.stdout

    export = tmp_path / "ledger.export"
    subprocess.run([TALLYD, "export", "--data", world.node.data, "-o", export], check=True,
                   capture_output=True, timeout=60)
    done = audit(export, world.trust)
    assert done.outcomes["done"]["vote"] >= 6
    assert done.outcomes["due"][5] >= 5
    assert done.outcomes["refused"]["authority_removed"] == 1
