"""`--watch`: the verdict again after each change of the spec, a wrong one included."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

CONDITION = "m.pte.dirty or not m.page_written"


def test_watch(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    model = kvmtla.folder / "mine" / "model.py"
    first = model.read_text(encoding="utf-8")
    line = kvmtla.line("check", "aging", "-i", CONDITION, "--way=atomic", "--watch", "--spec=mine")
    with subprocess.Popen(
        line,
        cwd=kvmtla.folder,
        env=kvmtla.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None

            def round_of() -> list[str]:
                """The lines up to where it waits again."""
                found: list[str] = []
                assert process.stdout is not None
                for text in process.stdout:
                    found.append(text.rstrip("\n"))
                    if "waiting for a change in mine" in text:
                        break
                return found

            begun = round_of()
            assert begun[0].startswith("aging, way atomic: holds in all 7 states")
            assert "exit status 0; waiting for a change in mine, Ctrl-C ends" in begun[-1]
            plain = "WRITE_ONCE(m.pte, old.but(accessed=False))"
            model.write_text(first.replace("atomic_fetch_and(m.pte, ~Pte(accessed=True))", plain))
            changed = round_of()
            assert changed[:2] == ["model.py changed", "aging, way atomic: violated in 3 steps"]
            assert "exit status 1;" in changed[-1]
            model.write_text(first.replace("READ_ONCE(m.pte)", "READ_ONCE(m.pt)"))
            wrong = round_of()
            assert "error[KT302]: the shared state has no field 'pt'" in "\n".join(wrong)
            assert "exit status 2;" in wrong[-1]
            model.write_text(first)
            assert round_of()[1] == begun[0]
            # Not SIGINT, which whoever runs the tests in the background has ignored.
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 128 + signal.SIGTERM
            assert process.stdout.read() == "interrupted\n"
        finally:
            process.kill()


HELPER = """
from pathlib import Path
LIMIT = 3
"""
SINGLE = """
from typing import Annotated
from kvmtla import *
from parts.limits import LIMIT
import {helper}
class Machine(Shared):
    x: Annotated[int, Between(0, 3)]
@initial
def start(m: Machine) -> None:
    "zero"
    m.x = 0
@operation()
def up(m: Machine) -> None:
    "Count."
    WRITE_ONCE(m.x, 2)
@invariant
def small(m: Machine) -> bool:
    "x is small."
    return m.x < LIMIT
s = Scenario("s", "Counts.", machine=Machine, sizes={{}}, initial=start, actors=[Actor("t", up)])
project = Project("p", constants=[], claims=[Claim("1", "c", quote="", source="me", scenario=s,
    expect=[holds(small)])])
"""


def test_what_a_single_file_imports_is_watched_too(kvmtla: Any) -> None:
    folder = kvmtla.folder / "single"
    (folder / "parts").mkdir(parents=True)
    (folder / "mine.py").write_text(SINGLE.format(helper="helper"))
    (folder / "parts" / "limits.py").write_text(HELPER)
    (folder / "notes").mkdir()
    line = kvmtla.line("check", "s", "-i", "small", "--watch", "--spec=single/mine.py")
    with subprocess.Popen(
        line,
        cwd=kvmtla.folder,
        env=kvmtla.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:

            def round_of() -> str:
                assert process.stdout is not None
                found = ""
                for text in process.stdout:
                    found += text
                    if "waiting for a change in mine.py" in text:
                        break
                return found

            assert "No module named 'helper'" in round_of()
            (folder / "helper.py").write_text("LIMIT = 1\n")
            begun = round_of()
            assert begun.startswith("helper.py changed\n")
            assert "s: holds in all 2 states" in begun
            (folder / "parts" / "limits.py").write_text(HELPER.replace("3", "2"))
            assert "limits.py changed\ns: violated in 1 step" in round_of()
        finally:
            process.kill()


def test_no_spec_to_watch(kvmtla: Any) -> None:
    done = kvmtla("verify", "--watch", "--spec", "./nowhere")
    assert done.returncode == 2
    assert "error[KT001]: there is no spec " in done.stderr
