"""What is checked in of the generated modules: up to date, few enough to be read, and true."""

from __future__ import annotations

import re
from typing import Any

from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.modules.points import points

from .conftest import ROOT, command

TLA = ROOT / "tla"
LINE = re.compile(r"(?P<hash>[0-9a-f]{12}) +(?P<states>\S+) +(?P<depth>\S+)  (?P<name>\w+): .+")


def test_it_is_what_the_spec_says(verdicts: dict[str, object], environment: dict[str, str]) -> None:
    # Whatever order Python keeps its sets in.
    done = command(["kvmtla", "gen", "--check"], {**environment, "PYTHONHASHSEED": "300"})
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_it_can_be_read() -> None:
    files = [f for f in TLA.rglob("*") if f.is_file()]
    assert len(files) <= 80
    assert sum(f.stat().st_size for f in files) <= 3_000_000


def test_the_manifest_has_as_many_states_as_tlc_finds(verdicts: dict[str, Any]) -> None:
    lines = (TLA / "manifest.txt").read_text(encoding="utf-8").splitlines()
    entries = {m["name"]: m for m in map(LINE.fullmatch, lines) if m is not None}
    package = load_package("kvmspec")
    asked = points(read_project(package.project), package.root)
    compared = 0
    for p, result in zip(asked, verdicts["results"], strict=True):
        assert (result["claim"], result["property"]) == (p.claim.full_name, p.prop)
        entry = entries[p.module.name]
        if result["verdict"] in ("holds", "unreached"):
            compared += 1
            found = f"{result['distinct']:,}", f"{result['depth']:,}"
            assert (entry["states"], entry["depth"]) == found, p.label
    assert compared > len(asked) / 2
    assert entries.keys() == {p.module.name for p in asked}
