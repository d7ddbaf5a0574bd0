"""A node as a process: one a data folder, stopped in order, backed up while it runs, restored without forking."""

import json
import signal
import subprocess
import tempfile
import threading
import time

from kill_test import registrations
from small_ledger import PROGRAMS, Node, ask

DONE = 1


def tallyd(*arguments):
    return subprocess.run([PROGRAMS / "tallyd", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_a_second_node_on_the_same_folder_refuses():
    with tempfile.TemporaryDirectory() as folder, Node(folder) as node:
        second = tallyd("serve", "--data", node.data, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0")
        assert second.returncode == 1
        assert "use" in second.stderr
        assert ask("GET", node.ops + "/readyz").status == 200


def test_a_node_that_is_told_to_stop_answers_what_it_has_taken():
    with tempfile.TemporaryDirectory() as folder, Node(folder) as node:
        envelopes = registrations(node, 300)
        results = []
        sender = threading.Thread(target=lambda: results.extend(node.submit(*envelopes)))
        sender.start()
        time.sleep(0.02)
        node.stop()
        sender.join()
        assert [r.state for r in results] == [DONE] * 300
        verified = tallyd("verify", "--data", node.data, "--json")
        assert verified.returncode == 0, verified.stdout
        assert json.loads(verified.stdout)["entries"] == 300


def test_a_backup_of_a_running_node_restores_and_does_not_sign_until_confirmed():
    with tempfile.TemporaryDirectory() as folder, Node(folder) as node:
        envelopes = registrations(node, 30)
        assert all(r.state == DONE for r in node.submit(*envelopes[:20]))
        backup = node.folder / "backup"
        made = tallyd("backup", "--data", node.data, "-o", backup)
        assert made.returncode == 0, made.stderr
        assert not (backup / "node.key").exists()
        restored = node.folder / "restored"
        assert tallyd("restore", "--from", backup, "--data", restored).returncode == 0
        (restored / "node.key").write_bytes((node.data / "node.key").read_bytes())
        (restored / "node.key").chmod(0o600)
        height = json.loads(tallyd("verify", "--data", restored, "--json").stdout)["height"]

        # The ledger went on after the backup: signing there again would fork it.
        assert all(r.state == DONE for r in node.submit(*envelopes[20:]))
        node.stop()
        released = json.loads(tallyd("verify", "--data", node.data, "--json").stdout)["height"]
        assert released > height
        too_old = tallyd("restore", "--data", restored, "--confirm-height", released)
        assert too_old.returncode == 4
        assert "fork" in too_old.stderr

        node.data = restored
        node.start()
        assert ask("GET", node.ops + "/readyz").status == 503
        request = node.pb.SubmitRequest(envelopes=envelopes[20:21]).SerializeToString()
        answer = ask("POST", node.api + "/v1/envelopes", request, {"Content-Type": "application/x-protobuf"})
        assert answer.status == 503
        node.stop()
        assert tallyd("restore", "--data", restored, "--confirm-height", height).returncode == 0
        node.start()
        assert all(r.state == DONE for r in node.submit(*envelopes[20:]))


def test_a_folder_that_is_none_or_newer_or_without_its_key_is_refused():
    with tempfile.TemporaryDirectory() as folder, Node(folder) as node:
        node.stop()
        assert "not a Tallystick data folder" in tallyd("serve", "--data", node.folder).stderr
        key = node.data / "node.key"
        key.chmod(0o644)
        assert "chmod 600" in tallyd("serve", "--data", node.data).stderr
        key.chmod(0o600)
        kept = (node.data / "format").read_text()
        (node.data / "format").write_text("tallystick data 2\n")
        assert "newer version" in tallyd("serve", "--data", node.data).stderr
        (node.data / "format").write_text(kept)
        node.start()


def test_a_ledger_does_not_start_before_every_key_has_proved_itself():
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        made = tallyd("init", "--data", data, "--name", "suffolk-credits", "--authority", "suffolk",
                      "--signer", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "--json")
        assert made.returncode == 0, made.stderr
        ledger_id = json.loads(made.stdout)["ledger_id"]
        refused = tallyd("serve", "--data", data)
        assert refused.returncode == 1
        assert ledger_id in refused.stderr and "tallyd genesis prove" in refused.stderr
        assert tallyd("init", "--data", data, "--name", "other", "--authority", "suffolk",
                      "--signer", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").returncode == 1


def test_a_trust_file_can_be_had_from_a_running_node_and_from_its_folder():
    with tempfile.TemporaryDirectory() as folder, Node(folder) as node:
        running = node.folder / "running.json"
        assert tallyd("trust", "--data", node.data, "-o", running).returncode == 0
        node.process.send_signal(signal.SIGTERM)
        assert node.process.wait(30) == 0
        node.process = None
        at_rest = node.folder / "at-rest.json"
        assert tallyd("trust", "--data", node.data, "-o", at_rest).returncode == 0
        assert json.loads(running.read_text()) == json.loads(at_rest.read_text())
