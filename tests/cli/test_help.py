"""What the command says of itself, of the spec and of the machine."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from kvmtla.cli.doctor import conclude
from kvmtla.trust.known_bad import KNOWN_BAD, Answer, Bad
from kvmtla.verdict import Verdict

COMMANDS = ["verify", "agree", "show", "list", "gen", "doctor"]


def test_all_commands_are_listed(kvmtla: Any) -> None:
    done = kvmtla("--help")
    assert done.returncode == 0
    assert [c for c in COMMANDS if f"\n  {c}" in done.stdout] == COMMANDS


def test_no_command_is_imported_to_list_them() -> None:
    code = (
        "import contextlib, sys\n"
        "from kvmtla.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "print(*(m for m in sys.modules if m.startswith('kvmtla.')), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = done.stderr.split()
    assert "kvmtla.cli.main" in imported
    assert not {"kvmtla.cli.verify", "kvmtla.load", "kvmtla.tlc"} & set(imported)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_that_work(kvmtla: Any, counter: str, name: str) -> None:
    done = kvmtla(name, "--help", spec=counter)
    assert done.returncode == 0
    examples = done.stdout.partition("Examples:\n")[2].splitlines()
    assert examples[0].startswith(f"  kvmtla {name}")
    # Nothing in them comes from another spec than this one.
    assert "kernel" not in "".join(examples)
    if name in ("verify", "agree", "show"):
        assert "--way plain|atomic" in done.stdout
        assert "how the counter is written" in done.stdout


def test_list(kvmtla: Any, counter: str) -> None:
    done = kvmtla("list", "L1", spec=counter)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "L1 lost",
        '  "An update can be lost."',
        "  a mail",
        "  scenario adders: Two tasks count at once.",
        "  nothing_lost     violated  way plain",
        "  nothing_lost     holds     way atomic",
        "  nothing_counted  violated  way plain",
        "",
    ]
    everything = kvmtla("list", spec=counter).stdout.splitlines()
    assert everything[-2:] == ["", "way: how the counter is written (plain, atomic)"]


def test_doctor(kvmtla: Any) -> None:
    done = kvmtla("doctor")
    assert done.returncode == 0
    facts, guards, conclusion = done.stdout.split("\n\n")
    found = dict(line.split("  ", 1) for line in facts.splitlines())
    assert {"Java", "TLC version", "results", "spec"} <= set(found)
    assert conclusion == f"All {len(KNOWN_BAD)} guards hold.\n"
    assert len(guards.splitlines()) == 1 + len(KNOWN_BAD)
    assert kvmtla.environment["KVMTLA_CACHE"] in found["results"]


@pytest.mark.parametrize("bad", KNOWN_BAD, ids=lambda b: b.what)
def test_a_guard_that_does_not_hold_is_seen(bad: Bad) -> None:
    wrong = {Verdict.HOLDS, Verdict.VIOLATED, Verdict.UNKNOWN} - bad.allowed
    assert wrong
    assert not any(Answer(bad, "", verdict, None).holds_out for verdict in wrong)
    assert not Answer(bad, "", Verdict.HOLDS, None).holds_out or Verdict.HOLDS in bad.allowed


def test_what_is_unknown_is_no_wrong_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """A slow machine is told from a TLC that misleads."""
    well = [
        Answer(b, "", None if b.refused or b.unwritten else min(b.allowed, key=str), None)
        for b in KNOWN_BAD
    ]
    assert conclude(well) == 0
    assert capsys.readouterr().out == f"All {len(well)} guards hold.\n"
    first = KNOWN_BAD[0]
    assert Verdict.UNKNOWN not in first.allowed
    slow = Answer(first, "hangs", Verdict.UNKNOWN, "TLC hangs")
    assert conclude([slow, *well[1:]]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"? {first.what}: TLC hangs"
    assert said[1].startswith("No wrong verdict came out. Of 1 of ")
    wrong = Answer(first, "no error", Verdict.HOLDS, None)
    assert conclude([wrong, *well[1:]]) == 1
    assert conclude([wrong, slow, *well[1:]]) == 1
    assert "a wrong verdict came out" in capsys.readouterr().out


def test_doctor_without_java(kvmtla: Any) -> None:
    done = kvmtla("doctor", "--java", "nowhere")
    assert done.returncode == 2
    assert "Python" in done.stdout
    assert "nowhere" in done.stderr


def test_version(kvmtla: Any) -> None:
    done = kvmtla("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("kvmtla ")
