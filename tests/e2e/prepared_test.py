"""What an importer prepares, the wallet signs: contracts at once, organisations with their own people's keys."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wallet_test import BUILD, TALLYD, USAGE, World  # noqa: E402

pytestmark = pytest.mark.skipif(not TALLYD.exists(), reason="the programs are not built")

TERMS = """authority = "suffolk"
outcomes = ["skills"]
wards = ["E05000001"]
bids_close = 2030-01-01
standstill_days = 10
redemption_deadline = 2031-01-01
[allocation]
basis_points = 100
pence_per_credit = 100
[[price]]
resource = "hour"
kind = "time"
unit = "hour"
credits = "10"
"""

PACKAGE = """{"releases": [
  {"ocid": "ocds-x-1", "id": "1", "buyer": {"name": "Suffolk Council"},
   "tender": {"title": "Roads", "value": {"amount": 250000, "currency": "GBP"}}},
  {"ocid": "ocds-x-2", "id": "2", "buyer": {"name": "Suffolk Council"}, "tender": {"title": "No value"}}]}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("prepared"))
    yield made
    made.node.stop()


def prepare(subject, source, bodies, *arguments):
    command = [BUILD / "tallyd", "import", "preview", subject, source, "--bodies", bodies, *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_notice_becomes_a_contract_once(world, tmp_path):
    (tmp_path / "terms.toml").write_text(TERMS)
    (tmp_path / "notices.json").write_text(PACKAGE)
    bodies = tmp_path / "contracts.bodies"
    said = prepare("contracts", tmp_path / "notices.json", bodies, "--template", tmp_path / "terms.toml")
    assert "1 body written" in said and "none was published" in said
    shown = world.officer.run("bodies", "show", bodies)
    assert "2,500.00 credits" in shown["items"][0]["sentence"]
    assert world.officer.run("bodies", "send", bodies)["counts"] == {"done": 1}
    assert world.officer.run("bodies", "send", bodies, code=5)["counts"] == {"refused": 1}


def test_an_organisation_is_registered_with_its_own_peoples_keys(world, tmp_path):
    source = tmp_path / "groups.csv"
    source.write_text("id,name\nGB-CHC- 1153055 ,Caffi Dŷ Gwyn\nGB-COH-n/a,Nobody Known\n", encoding="utf-8")
    bodies, returned = tmp_path / "groups.bodies", tmp_path / "returned.csv"
    prepare("organisations", source, bodies, "--authority", "suffolk", "--returned", returned)
    assert "Nobody Known" in returned.read_text(encoding="utf-8-sig")
    error = world.officer.run("bodies", "send", bodies, code=USAGE)["error"]
    assert error["code"] == "keys_needed" and "suffolk/caffi-dy-gwyn" in error["message"]
    gwen = world.person("gwen")
    gwen.run("key", "create", "gwen", "--recovery-file", "sheet")
    proof = world.proof(gwen, "gwen", "suffolk/caffi-dy-gwyn")
    done = world.officer.run("account", "register", "suffolk/caffi-dy-gwyn", "--prepared", bodies, "--proof", proof)
    assert done["result"] == "done" and "Caffi Dŷ Gwyn" in done["sentence"]
    error = world.officer.run(
        "account", "register", "suffolk/other", "--prepared", bodies, "--proof", proof, code=USAGE
    )["error"]
    assert error["code"] == "not_prepared"
