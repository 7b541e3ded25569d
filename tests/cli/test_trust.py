"""A report on what there is to believe in, and what it says where something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SOUND = Path(__file__).parents[1] / "emit" / "specs" / "turnstile.py"


def test_a_sound_spec(kvmtla: Any) -> None:
    done = kvmtla("trust", "claims", "engines", "replay", spec=SOUND.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stdout
    heads = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads == ["Claims", "Two engines", "Replay", "Nothing speaks against it, in 3 sections."]
    assert "  4 of 4 verdicts agree: " in done.stdout


def test_what_is_wrong_is_named(kvmtla: Any, counter: str) -> None:
    done = kvmtla("trust", "--short", "claims", spec=counter)
    assert done.returncode == 1
    faults = [line for line in done.stdout.splitlines() if line.startswith("  ! ")]
    assert len(faults) == 2
    assert faults[0].startswith("  ! L2 crossed, way plain: ")
    assert faults[1].startswith("  ! L3 wrong, way plain: ")
    assert "2 things speak against it." in done.stdout


def test_mutants_that_nothing_notices_are_a_fault(kvmtla: Any) -> None:
    done = kvmtla("trust", "--short", "mutation", spec=SOUND.read_text(encoding="utf-8"))
    assert done.returncode == 1
    assert "Of the 3 others, 0\n  violate a property" in done.stdout
    assert "  ! none of those that differ is noticed" in done.stdout


def test_an_unknown_section(kvmtla: Any, counter: str) -> None:
    done = kvmtla("trust", "luck", spec=counter)
    assert done.returncode == 2
    assert "'luck' is not one of" in done.stderr
