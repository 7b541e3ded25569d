"""What the command says of itself, of the spec and of the machine."""

from __future__ import annotations

from typing import Any

import pytest

COMMANDS = ["verify", "agree", "show", "list", "gen", "doctor"]


def test_all_commands_are_listed(kvmtla: Any) -> None:
    done = kvmtla("--help")
    assert done.returncode == 0
    assert [c for c in COMMANDS if f"\n  {c}" in done.stdout] == COMMANDS


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
    found = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    assert {"Java", "TLC version", "results", "spec"} <= set(found)
    assert kvmtla.environment["KVMTLA_CACHE"] in found["results"]


def test_doctor_without_java(kvmtla: Any) -> None:
    done = kvmtla("doctor", "--java", "nowhere")
    assert done.returncode == 2
    assert "Python" in done.stdout
    assert "nowhere" in done.stderr


def test_version(kvmtla: Any) -> None:
    done = kvmtla("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("kvmtla ")
