"""Power cuts at random instants: whatever the disk had not made durable is dropped or torn, and nothing that was
acknowledged is missing afterwards, and nothing is there twice."""

import random
import time

import pytest

from ledgers import Broken, Ledger, Load, check_nothing_lost, check_sent_again

LEDGERS, CUTS = 10, 10


def live_through_cuts(folder, seed, cuts, ignore_sync=False):
    """One ledger and its lifetimes. Raises `Broken` if it forgot something; gives how many changes the disk lost."""
    chance = random.Random(f"power-cut-{seed}")
    acknowledged, lost_changes = {}, 0
    with Ledger(folder, f"ledger-{seed}", ignore_sync) as ledger:
        for cut in range(cuts):
            with Load(ledger, f"{seed}-{cut}") as load:
                time.sleep(chance.uniform(0.02, 0.4))
                ledger.kill()
            acknowledged.update(load.acknowledged)
            lost_changes += ledger.cut_power(chance.random())
            if cut % 2 == 1:
                # And again while it recovers from that.
                ledger.start_and_kill(chance.uniform(0, 0.15))
                lost_changes += ledger.cut_power(chance.random())
            ledger.start()
            check_nothing_lost(ledger, acknowledged)
            check_sent_again(ledger, load)
            acknowledged.update(load.acknowledged)
            if cut % 3 == 2:
                # A stop in order makes everything durable: this cut takes nothing that counts.
                ledger.stop()
                lost_changes += ledger.cut_power(chance.random())
                if findings := ledger.verify():
                    raise Broken(f"verify found {findings}")
                ledger.start()
                check_nothing_lost(ledger, acknowledged)
        ledger.stop()
        if findings := ledger.verify():
            raise Broken(f"verify found {findings}")
    return len(acknowledged), lost_changes


@pytest.mark.parametrize("seed", range(LEDGERS))
def test_power_cuts_lose_nothing_acknowledged(tmp_path, seed):
    acknowledged, lost_changes = live_through_cuts(tmp_path, seed, CUTS)
    assert acknowledged > CUTS, "there was nothing to lose"
    assert lost_changes > 0, "the disk lost nothing, so nothing was tested"


def test_a_build_without_syncs_is_caught(tmp_path):
    """The canary: if the harness does not see this loss, it sees none."""
    with pytest.raises(Broken):
        for seed in range(5):
            live_through_cuts(tmp_path, 1000 + seed, 3, ignore_sync=True)
