"""What holds only because nothing happens is told, unless the spec says why that is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SPEC = (Path(__file__).parent / "specs" / "idle.py").read_text(encoding="utf-8")


def _line(text: str) -> int:
    return 1 + next(i for i, line in enumerate(SPEC.splitlines()) if text in line)


TOLD = [
    (
        "accepted",
        "V1 idle: used_when_ready is said to hold of nothing, and holds in 1 states",
        _line("def used_when_ready"),
    ),
    (
        "property",
        "V1 idle: broken_is_unused holds of nothing: its premise is true in none of 5 states",
        _line("def broken_is_unused"),
    ),
    ("operation", "mend() never runs", _line("def mend")),
    ("condition", "use(): READ_ONCE(m.ready) is never false", _line("if READ_ONCE(m.ready)")),
    (
        "accepted",
        "use() runs, and is accepted as what never does",
        _line("never_runs(use"),
    ),
]


def test_verify(kvmtla: Any) -> None:
    # From the cache, which other tests fill, the rows would have one word more.
    asked = ("verify", "--no-cache", "--vacuity", "error", "--long", "--json", "found.json")
    done = kvmtla(*asked, spec=SPEC)
    assert done.returncode == 1
    report = json.loads((kvmtla.folder / "found.json").read_text(encoding="utf-8"))
    assert [(f["kind"], f["text"], f["line"]) for f in report["vacuity"]] == TOLD
    assert {f["file"] for f in report["vacuity"]} == {"some_spec.py"}
    complaints = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert complaints == [f"error: some_spec.py:{line}: {text}" for _, text, line in TOLD]
    premises = {r["property"]: r["premise"] for r in report["results"]}
    assert premises["broken_is_unused"] == 0
    assert premises["never_used"] is None
    head, *rows = done.stdout.splitlines()[:5]
    assert head.split()[-3:] == ["states", "premise", "seconds"]
    assert [row.split()[-2] for row in rows[:2]] == ["1", "0"]


@pytest.mark.parametrize("how", ["warn", "ignore"])
def test_it_need_not_fail(kvmtla: Any, how: str) -> None:
    done = kvmtla("verify", "--vacuity", how, spec=SPEC)
    assert done.returncode == 0
    assert done.stdout.count("warning: ") == (len(TOLD) if how == "warn" else 0)


def test_of_a_part_only_properties_are_told(kvmtla: Any) -> None:
    done = kvmtla("verify", "V1", spec=SPEC)
    told = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert told == [f"warning: some_spec.py:{line}: {text}" for _, text, line in TOLD[:2]]


def test_check(kvmtla: Any) -> None:
    done = kvmtla("check", "world", "-i", "m.ready or not m.used", "--vacuity", "error", spec=SPEC)
    assert done.returncode == 1
    first, *complaints = done.stdout.splitlines()
    assert first.startswith("world: holds in all ")
    assert " states, its premise in " in first
    assert any(line.endswith(": mend() never runs") for line in complaints)
    done = kvmtla("check", "world", "-i", "m.ready or not m.ready or m.used", spec=SPEC)
    assert done.returncode == 0
    said = "cannot be false: it is true of all values that the fields can have"
    assert said in done.stdout
