"""A spec of one's own begins with one that works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
MATRIX = """\
the author
                              plain       atomic
  A1 no_write_is_lost  (ager once)
     written_implies_dirty    violated 3  holds 7
     dirty_implies_written    holds 9     holds 7
"""


def test_new_spec(kvmtla: Any) -> None:
    made = kvmtla("new", "spec", "mine")
    assert made.returncode == 0
    assert made.stdout.splitlines()[1:] == [
        "  kvmtla verify --spec mine",
        "  kvmtla show A1 --spec mine",
    ]
    done = kvmtla("verify", "--spec", "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(MATRIX)
    assert "To see a counterexample: kvmtla show A1 --spec mine --way plain\n" in done.stdout
    shown = kvmtla("show", "A1", "--spec=mine", "--way", "plain")
    assert shown.returncode == 0
    assert "(mine/model.py:65, mm/example.c:age_page)" in shown.stdout
    # What the author does next goes to the same place as what he has.
    assert kvmtla("gen", "--spec", "./mine").returncode == 0
    assert (kvmtla.folder / "tla" / "aging" / "aging_plain.tla").is_file()


def test_a_new_spec_is_good_python(kvmtla: Any) -> None:
    kvmtla("new", "spec", "other")
    for line in (
        ["mypy", "--strict", "--cache-dir", "/dev/null", "other"],
        ["ruff", "check", "--isolated", "--line-length", "100", "--no-cache", "other"],
        ["ruff", "format", "--isolated", "--line-length", "100", "--no-cache", "--check", "other"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *line],
            cwd=kvmtla.folder,
            env={**kvmtla.environment, "MYPYPATH": str(REPOSITORY / "gen")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a-b", "'a-b' is no name for a package: use letters, digits and underscores."),
        ("class", "'class' is no name for a package"),
        ("json", "'json' is the name of another package: choose another one."),
        ("kvmspec", "'kvmspec' is the name of another package"),
    ],
)
def test_names_that_would_not_work(kvmtla: Any, name: str, message: str) -> None:
    done = kvmtla("new", "spec", name)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (kvmtla.folder / name).exists()


def test_nothing_is_overwritten(kvmtla: Any) -> None:
    (kvmtla.folder / "there").mkdir()
    done = kvmtla("new", "spec", "there")
    assert done.returncode == 2
    assert done.stderr == (
        "error: there is a there already\n  help: choose another name, or move it away\n"
    )
    assert not list((kvmtla.folder / "there").iterdir())
