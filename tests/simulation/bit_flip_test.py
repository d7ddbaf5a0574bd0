"""Flipped bits. In any record: `tallyd verify` finds every one and says where. Anywhere in the files: the node does not
start and says why, or it serves what is true."""

import base64
import json
import os
import random
import shutil
import subprocess

import pytest

from ledgers import (PROGRAMS, UNAVAILABLE, Broken, DamagedLedger, Ledger, Load, Programme, ask,
                     wait_until_acknowledged)

RECORD_FLIPS = FILE_FLIPS = int(os.environ.get("TALLYSTICK_FLIPS", 100))
ENTRIES_MIN = 100  # from 64 on the log has nodes that are stored


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A ledger with something of every kind, stopped in order, and what it answered."""
    with Ledger(tmp_path_factory.mktemp("sound"), "ledger") as ledger:
        programme = Programme(ledger)
        with Load(ledger, "before", clients=2) as load:
            wait_until_acknowledged(load, ENTRIES_MIN)
        ledger.trust = ledger.folder / "trust.json"
        ledger.trust.write_bytes(ledger.get("/v1/trust").content)
        ledger.truth = answers(ledger, questions(ledger, programme))
        ledger.stop()
        assert ledger.verify() == []
        yield ledger


def questions(ledger, programme):
    """Addresses of everything that the node knows."""
    claim = "authority=suffolk&ocid=ocds-b5fd17-1&lot=1&supplier=suffolk%2Fbuilders"
    paths = ["/v1/ledger", "/v1/genesis", "/v1/trust", "/v1/accounts?limit=1000", "/v1/contracts", "/v1/needs",
             "/v1/bids", "/v1/awards", "/v1/redemptions", "/v1/log/entries?limit=1000", "/v1/light-blocks/2",
             "/v1/accreditations?authority=suffolk&ocid=ocds-b5fd17-1&lot=1",
             "/v1/contracts/suffolk/ocds-b5fd17-1?lot=1", "/v1/contracts/suffolk/ocds-b5fd17-1/report?lot=1",
             f"/v1/receipts/balance?account=suffolk%2Fbefriending&{claim}",
             f"/v1/receipts/redemption/{programme.redemption.hex()}"]
    for account in ("suffolk", "suffolk%2Fbefriending", "suffolk%2Fbuilders"):
        paths += [f"/v1/accounts/{account}", f"/v1/accounts/{account}/balances", f"/v1/queue?account={account}",
                  f"/v1/accounts/{account}/statement"]
    entries = ledger.entries()
    for entry in entries[:12] + entries[-4:]:
        paths += [f"/v1/envelopes/{entry['id']}", f"/v1/receipts/outcome/{entry['id']}"]
    heights = sorted({entry["height"] for entry in entries})
    return paths + [f"/v1/blocks/{height}" for height in heights[:6] + heights[-2:]]


def answers(ledger, paths):
    return {path: ask("GET", ledger.api + path) for path in paths}


def copy_of(sound, folder):
    data = folder / "data"
    shutil.copytree(sound.data, data, ignore=shutil.ignore_patterns("control"))
    return data


# --- in a record


@pytest.mark.parametrize("environment", ["chain", "state"])
def test_verify_finds_a_flipped_bit_in_any_record(sound, tmp_path, environment):
    tables = set()
    for seed in range(RECORD_FLIPS // 2):
        folder = tmp_path / str(seed)
        data = copy_of(sound, folder)
        flipped = json.loads(subprocess.run(
            [PROGRAMS / "flip_record", data / "ledger" / environment, str(seed)],
            check=True, capture_output=True, text=True).stdout)
        findings = sound.verify(data)
        assert findings, f"nobody noticed {flipped}"
        place = f"{environment}/{flipped['table']}"
        assert any(finding["place"].startswith(place) for finding in findings), (flipped, findings)
        tables.add(flipped["table"])
        shutil.rmtree(folder)
    chain = {"meta", "segments", "validators", "blocks", "bundles", "entries", "ids", "nodes", "runs"}
    assert tables == {"chain": chain, "state": {"leaves", "meta"}}[environment]


# --- anywhere


def any_byte(data, chance):
    """File and offset; every byte of the folder is as likely as any other."""
    files = sorted(f for f in data.rglob("*") if f.is_file())
    place = chance.randrange(sum(f.stat().st_size for f in files))
    for file in files:
        if place < file.stat().st_size:
            return file, place
        place -= file.stat().st_size
    raise AssertionError("unreachable")


def byte_of_a_page_head(data, chance):
    """Where LMDB keeps its own books: the head and the index of a page, the first two pages above all."""
    file = data / "ledger" / chance.choice(["chain", "state"]) / "data.mdb"
    page = chance.choice([0, 1, chance.randrange(file.stat().st_size // 4096)])
    if page < 2:  # a meta page; half of the time its transaction number, which says which of the two is newer
        return file, page * 4096 + chance.choice([chance.randrange(144), 144 + chance.randrange(2)])
    return file, page * 4096 + chance.randrange(64)


@pytest.mark.parametrize("choose, flips", [(any_byte, FILE_FLIPS), (byte_of_a_page_head, FILE_FLIPS // 2)])
def test_a_flipped_bit_in_any_file_never_makes_the_node_say_something_false(sound, tmp_path, choose, flips):
    served = 0
    for seed in range(flips):
        chance = random.Random(f"{choose.__name__}-{seed}")
        folder = tmp_path / str(seed)
        file, offset = choose(copy_of(sound, folder), chance)
        content = bytearray(file.read_bytes())
        content[offset] ^= 1 << chance.randrange(8)
        file.write_bytes(content)
        with DamagedLedger(folder) as damaged:
            try:
                damaged.start()
            except Broken as refusal:
                assert damaged.said_why(), (file, offset, refusal)
            else:
                served += 1
                for path, truth in sound.truth.items():
                    check_true(damaged, path, truth, (str(file), offset))
        shutil.rmtree(folder)
    assert served > flips // 2, "hardly ever was anything served, so hardly anything was looked at"


def test_without_a_flip_every_answer_is_the_same_after_a_restart(sound, tmp_path):
    """The yardstick of the test above."""
    copy_of(sound, tmp_path)
    with DamagedLedger(tmp_path) as again:
        again.start()
        for path, truth in sound.truth.items():
            assert essence(again.ask(path)) == essence(truth), path


def essence(answer):
    if "json" not in answer.media_type:
        return answer.status, answer.content
    now = ("node_time", "network")  # what is said of the moment, not of the ledger
    return answer.status, {name: value for name, value in answer.json().items() if name not in now}


def check_true(damaged, path, truth, where):
    """What was so before, an error that says that it is one, or a death."""
    answer = damaged.ask(path)
    if answer is None or answer.status in (500, 503):
        return
    assert essence(answer) == essence(truth), (where, path)


def check_once(damaged, sound, where):
    """An envelope of the log, sent again, is told its first outcome or nothing."""
    for path, truth in sound.truth.items():
        if not path.startswith("/v1/envelopes/") or damaged.process.poll() is not None:
            continue
        told = truth.json()
        if "envelope" not in told:  # a due item
            continue
        request = sound.pb.SubmitRequest(envelopes=[base64.b64decode(told["envelope"])])
        answer = damaged.ask("/v1/envelopes", request.SerializeToString())
        if answer is None or answer.status in (500, 503):
            continue
        [result] = sound.pb.SubmitResponse.FromString(answer.content).results
        first = (result.first_outcome, result.log_index) == (True, told["entry"]["log_index"])
        assert first or result.state == UNAVAILABLE, (where, path, result)
