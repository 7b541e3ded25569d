"""An invariant from the command line: its verdict, its story, and what is wrong with it."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import Any

import pytest

SUM = "any(not m.done[t] for t in Task) or m.count == 2"


@pytest.mark.parametrize("engine", ["auto", "python", "tlc"])
def test_violated(kvmtla: Any, counter: str, engine: str) -> None:
    options = ("--way", "plain", "--engine", engine)
    done = kvmtla("check", "adders", "--invariant", SUM, *options, spec=counter)
    assert done.returncode == 1, done.stderr
    head, blank, *told = done.stdout.splitlines()
    assert head == "adders, way plain: violated in 6 steps"
    assert not blank
    assert told[:2] == ["invariant is violated: way plain", f"  {SUM}"]
    assert told[-1] == "    false:  count == 2"


def test_holds_for_all_values(kvmtla: Any, counter: str) -> None:
    for name in ("adders", "L1", "L1 lost", "LOST"):
        asked = ("check", name, "-i", " m.count < 3\n", "--vacuity", "ignore")
        done = kvmtla(*asked, spec=counter)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [
            "                  plain     atomic",
            "  adders  (2 tasks; each task once)",
            "     invariant    holds 12  holds 13",
            "",
            "violated N: in N steps; holds N: in all N states",
        ]
    long = kvmtla(*asked, "--long", spec=counter)
    assert long.stdout.splitlines() == [
        "adders, way plain: holds in all 12 states",
        "adders, way atomic: holds in all 13 states",
    ]


GOALS = """
from kvmtla import reachable


@reachable
def all_are_counted(m: World) -> bool:
    \"\"\"Both have counted.\"\"\"
    return m.count == 2


@reachable
def more_are_counted(m: World) -> bool:
    \"\"\"Somebody is done, and nobody has counted.\"\"\"
    return m.count == 0 and any(m.done[t] for t in Task)
"""


@pytest.mark.parametrize("engine", ["python", "tlc"])
def test_goals_are_reached_or_not(kvmtla: Any, counter: str, engine: str) -> None:
    options = ("--way", "plain", "--vacuity", "ignore", "--engine", engine)
    done = kvmtla("check", "adders", "-i", "all_are_counted", *options, spec=counter + GOALS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("adders, way plain: reached in 4 steps\n\nall_are_counted is")
    done = kvmtla("check", "adders", "-i", "more_are_counted", *options, spec=counter + GOALS)
    assert done.returncode == 1, done.stderr
    assert done.stdout == "adders, way plain: unreached in all 24 states\n"


def test_as_commit_and_from_standard_input(kvmtla: Any, counter: str) -> None:
    done = kvmtla("check", "adders", "-i", SUM, "--way=plain", "--as=commit", spec=counter)
    assert max(map(len, done.stdout.splitlines())) <= 75
    assert "WRITE_ONCE(" in done.stdout
    empty = kvmtla("check", "adders", "-i", "-", spec=counter)
    assert (empty.returncode, empty.stderr) == (
        2,
        "error[KT002]: --invariant says nothing\n  help: write a condition, such as all(...)\n",
    )


@pytest.mark.parametrize("engine", ["auto", "tlc"])
def test_where_somebody_is_stuck_nothing_is_known(kvmtla: Any, counter: str, engine: str) -> None:
    options = ("--way=plain", "--engine", engine)
    done = kvmtla("check", "crossed", "-i", "m.count <= 2", *options, spec=counter)
    assert done.returncode == 3
    assert "crossed, way plain: unknown: forth and back can never go on" in done.stdout
    assert "stuck is violated" in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "m.cuont == 1",
            "--invariant:1: error[KT302]: the shared state has no field 'cuont'\n"
            " 1 | m.cuont == 1\n"
            "   | ^^^^^^^\n  help: did you mean 'count'?\n",
        ),
        (
            "all(m.done[t]\n    for t in Tusk)",
            "--invariant:2: error[KT301]: there is no Tusk\n 2 |     for t in Tusk)\n"
            "   |              ^^^^\n  help: did you mean 'Task'?\n",
        ),
        (
            "m.count = 1",
            "--invariant:1: error[KT002]: invalid syntax\n 1 | m.count = 1\n   |         ^\n"
            "  help: write == to compare\n",
        ),
        (
            "m.count < 2 && m.count > 0",
            "--invariant:1: error[KT002]: invalid syntax\n 1 | m.count < 2 && m.count > 0\n"
            "   |              ^\n  help: write `and`\n",
        ),
        (
            "m.count",
            "--invariant:1: error[KT306]: bool is wanted, this is int 0..2\n"
            " 1 | m.count\n   | ^^^^^^^\n"
            "  help: compare it: a condition is a bool or a word\n",
        ),
        (
            "WRITE_ONCE(m.count, 1)",
            "",
        ),
        ("open('x')", ""),
        ("(lambda: True)()", ""),
        ("invariant(m)", ""),
        ("nothing_lost(m) and ä", ""),
    ],
)
def test_what_is_wrong_with_it(kvmtla: Any, counter: str, text: str, message: str) -> None:
    done = kvmtla("check", "adders", "-i", text, spec=counter)
    assert done.returncode == 2
    assert not done.stdout
    assert done.stderr == message or (
        not message and done.stderr.startswith("--invariant:1: error[KT")
    )
    assert "Traceback" not in done.stderr


def test_unknown_scenario(kvmtla: Any, counter: str) -> None:
    done = kvmtla("check", "adder", "-i", "True", spec=counter)
    assert done.returncode == 2
    assert (
        done.stderr
        == "error[KT908]: there is no scenario 'adder'\n  help: did you mean 'adders'?\n"
    )


def test_also_where_nothing_is_claimed(kvmtla: Any, counter: str) -> None:
    # Of `crossed`, something is claimed only as it is without a change of `way`.
    done = kvmtla("check", "crossed", "-i", "m.count <= 2", "--way=atomic", spec=counter)
    assert done.stdout.startswith("crossed, way atomic: unknown: forth and back can never go on")


def test_small_questions_need_no_java(kvmtla: Any, counter: str) -> None:
    done = kvmtla("check", "adders", "-i", "m.count <= 2", "--java", "/nowhere", spec=counter)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_engine_gives_up_is_unknown_or_goes_to_tlc(kvmtla: Any, endless: str) -> None:
    options = ("-i", "True", "--size", "big", "--timeout", "0.5")
    alone = kvmtla("check", "endless", *options, "--engine", "python", spec=endless)
    assert alone.returncode == 3
    assert "unknown: " in alone.stdout
    both = kvmtla("check", "endless", *options, spec=endless)
    assert both.returncode == 3
    assert "unknown: TLC did not finish within 0.5 seconds" in both.stdout


def test_stepping(kvmtla: Any, counter: str) -> None:
    line = kvmtla.line("check", "adders", "-i", SUM, "--way=plain", "--step", spec=counter)
    without = kvmtla("check", "adders", "-i", SUM, "--way=plain", "--step", spec=counter)
    assert without.returncode == 2
    assert without.stdout == "adders, way plain: violated in 6 steps\n"
    assert "error[KT917]: --step needs a terminal" in without.stderr

    user, program = pty.openpty()
    environment = {**kvmtla.environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    with subprocess.Popen(
        line, cwd=kvmtla.folder, env=environment, stdin=program, stdout=program, stderr=program
    ) as running:
        os.close(program)
        seen = b""
        for wanted, key in ((b"step 0 of 6", b"n"), (b"step 1 of 6", b"G"), (b"step 6 of 6", b"q")):
            while wanted not in seen:
                seen += os.read(user, 4096)
            os.write(user, key)
        assert running.wait(60) == 1
    os.close(user)
