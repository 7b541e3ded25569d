"""What survives is explained, and what is explained is there to survive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.mutate import Campaign

from .conftest import ROOT, Page, command

# Of all that there are, as many as CI has the time for; always the same.
_SAMPLE = 3


@pytest.fixture(scope="module")
def explained() -> dict[str, list[str]]:
    """Name of a mutant -> its row on the page."""
    (table,) = Page.read(ROOT / "docs" / "mutation.md").tables("survivors")
    return {cells[0]: cells for cells in table.cells()}


def test_what_survives_is_explained(
    explained: dict[str, list[str]], environment: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "mutants.json"
    line = ["kvmtla", "mutate", "--sample", str(_SAMPLE), "--no-tlc", "--json", str(target)]
    done = command(line, environment)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    survived = {m["name"]: m for m in report["mutants"] if m["fate"] == "survived"}
    assert not {n: m for n, m in survived.items() if n not in explained}
    others = {m["name"] for m in report["mutants"]} - survived.keys()
    assert not others & explained.keys(), "these do not survive"


def test_what_is_explained_is_a_mutant(explained: dict[str, list[str]]) -> None:
    package = load_package(str(ROOT / "spec" / "kvmspec"))
    mutants = Campaign(read_project(package.project), package.root).mutants
    known = {m.name: [m.name, f"{m.function}()", m.change.shown] for m in mutants}
    assert [row[:3] for row in explained.values()] == [known.get(n) for n in explained]
    assert all(row[3] for row in explained.values())
