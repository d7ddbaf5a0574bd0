"""A disk that is full or fails: reads go on, writes are refused and say why, and nothing acknowledged is lost."""

import time

import pytest

from ledgers import Ledger, Load, ask, check_nothing_lost, check_sent_again, wait_until_acknowledged

PLACES = {"chain": "/ledger/chain/data.mdb", "state": "/ledger/state/data.mdb"}


def wait_until_not_ready(ledger):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = ask("GET", ledger.ops + "/readyz")
        if answer.status == 503:
            return answer.json()["failing"]
        time.sleep(0.01)
    raise AssertionError("the node noticed nothing")


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path, "ledger") as running:
        yield running


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_disk_that_fails_stops_writing_and_nothing_else(ledger, fault, place):
    with Load(ledger, f"{fault.lower()}-{place}") as load:
        wait_until_acknowledged(load, 30)
        ledger.fault_file.write_text(f"{fault} {PLACES[place]}\n")
        failing = wait_until_not_ready(ledger)
    # Monitors are told what failed and how.
    [reason] = failing
    assert place in reason and {"ENOSPC": "No space left", "EIO": "Input/output"}[fault] in reason, reason
    # The process itself is well: to start it again and again would help nobody.
    assert ask("GET", ledger.ops + "/healthz").status == 200

    # Reads go on.
    assert load.acknowledged
    check_nothing_lost(ledger, load.acknowledged)
    some = next(iter(load.acknowledged))
    assert ledger.get(f"/v1/envelopes/{some}").status == 200
    assert ledger.get("/v1/accounts/suffolk").status == 200
    assert ask("GET", f"{ledger.api}/v1/receipts/outcome/{some}").status == 200

    # Writes are refused, with a code for machines; even after the fault is over, until someone looked at it.
    for _ in range(2):
        refused = ledger.post(ledger.registration("suffolk/too-late"))
        assert (refused.status, refused.json()["code"]) == (503, "read_only"), refused.content
        assert refused.headers["Retry-After"]
        ledger.fault_file.unlink(missing_ok=True)

    # A stop says that it was not in order; the next start finds everything.
    assert "it did not stop in order" in str(pytest.raises(AssertionError, ledger.stop).value)
    ledger.start()
    check_nothing_lost(ledger, load.acknowledged)
    check_sent_again(ledger, load)
    assert ask("GET", ledger.ops + "/readyz").status == 200
    ledger.stop()
    assert ledger.verify() == []


@pytest.mark.parametrize("place", ["/ledger/state/data.mdb", "/ledger/state.marker"])
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_disk_that_fails_while_the_state_is_rebuilt_is_named(ledger, fault, place):
    with Load(ledger, "start") as load:
        wait_until_acknowledged(load, 30)
        ledger.kill()
    ledger.cut_power(7)
    ledger.fault_file.write_text(f"{fault} {place}\n")
    failure = str(pytest.raises(AssertionError, ledger.start).value)
    assert {"ENOSPC": "No space left", "EIO": "Input/output"}[fault] in failure, failure
    ledger.fault_file.unlink()
    ledger.start()
    check_nothing_lost(ledger, load.acknowledged)
    ledger.stop()
    assert ledger.verify() == []
