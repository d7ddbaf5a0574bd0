"""The short form of the perturbation run: a few minutes of four real nodes that are killed, frozen, cut off and wiped.

TALLYSTICK_PERTURB_SEED and TALLYSTICK_PERTURBATIONS change what happens and how often; perturb.py has the long form."""

import os

import perturb

SEED = int(os.environ.get("TALLYSTICK_PERTURB_SEED", "20261123"))
PERTURBATIONS = int(os.environ.get("TALLYSTICK_PERTURBATIONS", "14"))


def test_nothing_acknowledged_is_lost_and_roots_stay_equal(tmp_path, capfd):
    said = []
    summary = perturb.Trial(tmp_path, 4, SEED, said.append).run(PERTURBATIONS, 10**6)
    assert summary["perturbations"] == PERTURBATIONS, said
    assert summary["acknowledged"] > 20 * PERTURBATIONS, summary
