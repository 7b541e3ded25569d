"""What `kvmtla verify` writes for CI systems."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest


def test_all_forms(counting: pytest.Pytester) -> None:
    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "kvmtla", "--spec", "./counting.py", "verify", *arguments]
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
    (run,) = json.loads(said.stdout)["runs"]
    rules = {r["id"] for r in run["tool"]["driver"]["rules"]}
    assert {r["ruleId"] for r in run["results"]} == rules == {"verdict-differs", "verdict-unknown"}
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
