"""The importer over real published records, where they lie beside the project."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TALLYSTICK_BUILD", ROOT / "build" / "release"))
DATA = Path(os.environ.get("TALLYSTICK_SHARED", ROOT.parent / "shared")) / "data"

pytestmark = [
    pytest.mark.skipif(not (BUILD / "tallyd").exists(), reason="the programs are not built"),
    pytest.mark.skipif(not DATA.is_dir(), reason="no published records here"),
]


def preview(subject, *arguments):
    command = [BUILD / "tallyd", "import", "preview", subject, *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["read"] == counts["kept"] + counts["returned"] + counts["duplicates"]
    assert sum(counts["reasons"].values()) == counts["returned"]
    return counts


def releases(file):
    return json.loads(file.read_text(encoding="utf-8-sig"))["releases"]


@pytest.mark.parametrize("file", sorted((DATA / "contracts").glob("*.json")), ids=lambda f: f.name)
def test_every_release_with_ocid_buyer_and_tender_or_award_is_kept(file):
    good = [
        r for r in releases(file)
        if r.get("ocid") and (r.get("buyer") or {}).get("name") and (r.get("tender") or r.get("awards"))
    ]
    counts = preview("contracts", file)
    assert counts["read"] == len(releases(file))
    assert counts["kept"] == len(good)
    twice = preview("contracts", file, file)
    assert twice["kept"] == counts["kept"]


@pytest.mark.parametrize("file", sorted((DATA / "organisations").glob("*")), ids=lambda f: f.name)
def test_lists_of_organisations_are_kept_but_for_rows_without_an_identifier(file, tmp_path):
    returned = tmp_path / "returned.csv"
    counts = preview("organisations", file, "--returned", returned)
    assert counts["kept"] > 600
    assert counts["returned"] < 10
    assert len(returned.read_text(encoding="utf-8-sig").splitlines()) == counts["returned"] + 1
    twice = preview("organisations", file, file)
    assert twice["kept"] == counts["kept"]


def test_bodies_bear_no_free_text_and_no_person(tmp_path):
    file = DATA / "contracts" / "contracts_finder_2025-01-23.json"
    terms = tmp_path / "terms.toml"
    terms.write_text(
        'authority = "council"\noutcomes = ["o"]\nwards = ["w"]\nbids_close = 2030-01-01\nstandstill_days = 10\n'
        'redemption_deadline = 2031-01-01\n[allocation]\ncredits = "1000"\n'
        '[[price]]\nresource = "hour"\nkind = "time"\nunit = "hour"\ncredits = "10"\n'
    )
    bodies = tmp_path / "bodies"
    counts = preview("contracts", file, "--template", terms, "--bodies", bodies)
    assert counts["bodies"] == len({r["ocid"] for r in releases(file)})
    content = bodies.read_bytes()
    for release in releases(file):
        for text in (release["tender"].get("title"), release["tender"].get("description"), release["buyer"]["name"]):
            assert not text or text.encode() not in content
