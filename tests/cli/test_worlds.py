"""Exactly what was asked: each world that is named, all others that there are, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TWICE = "m.count < 2"
GONE = "reset() is gone from version 4.0 on"
NOT_YET = "reset() is there only from version 2.0 on"
NOT_MEANT = "the scenario resets is not meant for that"
CALLED = "add_at_once(), which add() calls, is there only from version 3.0 on"
LEFT_OUT = (
    f"not asked: mode fast ({NOT_MEANT}); version 1.0, mode slow ({NOT_YET}); "
    f"version 4.0, mode slow ({GONE}); other values of tweak"
)


@pytest.fixture
def versions() -> str:
    return (Path(__file__).parent / "specs" / "versions.py").read_text(encoding="utf-8")


def test_all_that_is_not_named(kvmtla: Any, versions: str) -> None:
    """What is claimed of it plays no part: of these, two are claimed."""
    done = kvmtla("check", "counters", "-i", TWICE, "--vacuity=ignore", spec=versions)
    assert done.returncode == 1, done.stderr
    assert done.stdout.split("\n\n")[0].splitlines() == [
        f"not asked: version 2.0, mode fast ({CALLED}); other values of tweak",
        "                      1.0         2.0         3.0         4.0",
        "  counters  (2 tasks; each task once)",
        "     invariant  fast  violated 4  -           violated 2  violated 2",
        "                slow  violated 4  violated 4  violated 2  violated 2",
    ]
    assert "invariant is violated: version 1.0, mode fast\n" in done.stdout


def test_all_that_is_named(kvmtla: Any, versions: str) -> None:
    options = ("--mode=fast", "--mode=slow", "--version=1.0", "--tweak=none", "--tweak=hasty")
    done = kvmtla("check", "counters", "-i", TWICE, *options, "--long", spec=versions)
    assert done.returncode == 1
    assert done.stdout.split("\n\n")[0].splitlines() == [
        "counters, version 1.0, mode fast: violated in 4 steps",
        "counters, version 1.0, mode fast, tweak hasty: violated in 4 steps",
        "counters, version 1.0, mode slow: violated in 4 steps",
        "counters, version 1.0, mode slow, tweak hasty: violated in 4 steps",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("counters", "--version=1.0", "--version=2.0", "--mode=fast"),
            f"there is no scenario 'counters' with version 2.0, mode fast: {CALLED}\n"
            "  help: there is: version 1.0, 3.0, 4.0, mode fast; mode slow\n",
        ),
        (
            ("resets", "--version=4.0", "--mode=slow"),
            f"there is no scenario 'resets' with version 4.0, mode slow: {GONE}\n"
            "  help: there is: version 2.0, 3.0, mode slow\n",
        ),
        (
            ("resets", "--version=1.0"),
            f"there is no scenario 'resets' with version 1.0: {NOT_MEANT} (mode fast); "
            f"{NOT_YET} (mode slow)\n  help: there is: version 2.0, 3.0, mode slow\n",
        ),
        (
            ("resets", "--mode=fast", "--mode=slow"),
            f"there is no scenario 'resets' with mode fast: {NOT_MEANT}\n"
            "  help: there is: version 2.0, 3.0, mode slow\n",
        ),
    ],
)
def test_what_there_is_not(
    kvmtla: Any, versions: str, options: tuple[str, ...], message: str
) -> None:
    for command in (("check", *options, "-i", "bounded"), ("table", *options)):
        done = kvmtla(*command, spec=versions)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"error[KT922]: {message}"


def test_the_other_commands_ask_the_same(kvmtla: Any, versions: str) -> None:
    done = kvmtla("table", "resets", spec=versions)
    assert done.stdout.splitlines()[0] == LEFT_OUT
    explained = kvmtla("explain", "bounded", "resets", "--version=3.0", spec=versions)
    assert "\n  nothing there, for these values\n" in explained.stdout
    assert "to be false in resets, version 3.0, mode slow\n" in explained.stdout
    gone = kvmtla("explain", "bounded", "resets", "--version=4.0", spec=versions)
    assert gone.returncode == 2
    assert GONE in gone.stderr
    shown = kvmtla("show", "V2", "--version=4.0", spec=versions)
    assert shown.returncode == 2
    assert "nothing is claimed in V2 bounded for version 4.0: there is no" in shown.stderr
    assert GONE in shown.stderr
    parted = kvmtla("diff", "V2", "2.0", "4.0", spec=versions)
    assert parted.returncode == 2
    assert GONE in parted.stderr


def test_what_nobody_claims_is_compared_too(kvmtla: Any, versions: str) -> None:
    done = kvmtla("diff", "V2", "2.0", "3.0", spec=versions)
    assert done.returncode in (0, 1)
    assert done.stdout.startswith("V2 bounded, bounded, mode slow\n  version 2.0  holds in all")


def test_each_combination_without_a_claim_is_noted(kvmtla: Any, versions: str) -> None:
    options = ("--version=1.0", "--version=2.0", "--mode=slow")
    done = kvmtla("verify", "V1", *options, spec=versions)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if line.startswith("note:")] == [
        "note: V1 counted_twice claims nothing for version 2.0, mode slow"
    ]


def test_a_claim_is_made_for_what_is_asked(kvmtla: Any, versions: str) -> None:
    done = kvmtla("new", "claim", "V3", "more", "resets", "bounded", "--found", spec=versions)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == LEFT_OUT
    text = (kvmtla.folder / "some_spec.py").read_text(encoding="utf-8")
    assert "expect=[holds(bounded, version=[V2, V3], mode=Mode.SLOW)]" in text
    without = kvmtla("new", "claim", "V4", "all", "counters", "bounded", spec=text)
    assert without.returncode == 0, without.stderr
    assert (
        kvmtla("verify", "V3", "V4", spec=(kvmtla.folder / "some_spec.py").read_text()).returncode
        == 0
    )


def test_a_claim_for_what_there_is_not(kvmtla: Any, versions: str) -> None:
    wrong = versions.replace("holds(bounded, version=V2", "holds(bounded, version=[V2, V4]")
    for command in ("verify", "gen", "mutate", "agree"):
        done = kvmtla(command, *(["-o", "out"] if command == "gen" else []), spec=wrong)
        assert (done.returncode, done.stdout) == (2, "")
        said = done.stderr.replace(f"{kvmtla.folder}/", "")
        head, line, caret, hint = said.splitlines()
        assert head == (
            "some_spec.py:141: error[KT625]: claim V2 is about version 4.0, mode slow, and that "
            f"has no meaning: {GONE}"
        )
        assert line.strip().endswith("expect=[holds(bounded, version=[V2, V4], mode=Mode.SLOW)],")
        assert caret.strip().strip("|").strip() == "^" * 48
        assert hint == "  help: there is: version 2.0, 3.0, mode slow"
    assert not (kvmtla.folder / "out").exists()


def test_no_unknown_is_lost_in_the_matrix(kvmtla: Any, endless: str) -> None:
    options = ("-i", "True", "--timeout", "0.5", "--engine", "python", "--vacuity=ignore")
    done = kvmtla("check", "endless", *options, spec=endless)
    assert done.returncode == 3
    assert "? unknown" in done.stdout
    assert "endless, size big: unknown: " in done.stdout
