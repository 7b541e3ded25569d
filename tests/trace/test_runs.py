"""Every form of a counterexample tells where one run of a function ends and the next begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.engine import explore
from kvmtla.export.mermaid import mermaid
from kvmtla.trace import Trace, commit_form, follow, story, trace_of
from support.specs import load, modules, project_of

MACHINE = '''
from typing import Annotated
from kvmtla import *


class M(Shared):
    n: Annotated[int, Between(0, 3)]
    on: bool


@operation(kernel="lib/count.c:count")
def count(m: M) -> None:
    """One more."""
    old = READ_ONCE(m.n)
    if old < 3:
        WRITE_ONCE(m.n, old + 1)


@atomic(kernel="lib/count.c:count_at_once", text="n++")
def count_at_once(m: M) -> None:
    """One more, in one step."""
    if m.n < 3:
        m.n += 1


@initial
def first(m: M) -> None:
    m.n = 0


@invariant
def few(m: M) -> bool:
    return m.n < 3


world = Scenario("world", "w.", machine=M, sizes={}, initial=first,
                 actors=[Actor("one", op, times=TIMES)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[violated(few)])], constants=[])
'''
WAYS = {
    "run again": ("count", "    count(m)\n", 3),
    "called again": ("count", "    count(m)\n    count(m)\n    count(m)\n", 1),
    "in a loop": ("count", "    while True:\n        count(m)\n", 1),
    "one step": ("count_at_once", "    while True:\n        count_at_once(m)\n", 1),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_run_has_its_heading(tmp_path: Path, way: str) -> None:
    name, body, times = WAYS[way]
    head, tail = MACHINE.replace("TIMES", str(times)).split("@initial")
    operation = f"@operation()\ndef op(m: M) -> None:\n{body}\n\n"
    project = project_of(load(tmp_path, f"{head}{operation}@initial{tail}"))
    (module,) = modules(project, tmp_path).values()
    found = explore(module.model, "few")
    trace = trace_of(module.model, follow(module.model, found.trace, "few"), "few")
    assert commit_form(trace).count(f"{name}()") == 3
    assert mermaid(trace).count(f"Note over L0: {name}()") == 3
    told = story(trace)
    assert told.count("called again") == (0 if times > 1 else 2)
    assert times == 1 or told.count("done\n") == times


NAMES = """
from enum import Enum
from kvmtla import *


class Zone_pc(Enum):
    A = 1
    B = 2


class M(Shared):
    x_pc: Zone_pc
    y: bool


@operation()
def op(m: M) -> None:
    result = xchg(m.x_pc, Zone_pc.B)
    WRITE_ONCE(m.y, result == Zone_pc.A)


@initial
def first(m: M) -> None:
    m.y = False


@invariant
def fine(m: M) -> bool:
    return not (m.x_pc == Zone_pc.B and m.y)
"""


def test_a_name_is_a_name(tmp_path: Path) -> None:
    """It says nothing of what it stands for, whatever is in it or at its end."""
    (module,) = modules(project_of(load(tmp_path, NAMES)), tmp_path).values()
    found = explore(module.model, "fine")
    trace = trace_of(module.model, follow(module.model, found.trace, "fine"), "fine")
    told = story(trace)
    assert "result = xchg(x_pc, B)" in told
    assert "x_pc: A -> B" in told
    assert "result" not in story(trace_without_result(tmp_path))


def trace_without_result(folder: Path) -> Trace:
    """The same where the result has no name, which is told without one."""
    text = NAMES.replace("result == Zone_pc.A", "True").replace("result = ", "")
    text = text.replace(
        "xchg(m.x_pc, Zone_pc.B)\n    WRITE_ONCE(m.y, True)",
        "WRITE_ONCE(m.y, xchg(m.x_pc, Zone_pc.B) == Zone_pc.A)",
    )
    (module,) = modules(project_of(load(folder, text, "other.py")), folder).values()
    found = explore(module.model, "fine")
    return trace_of(module.model, follow(module.model, found.trace, "fine"), "fine")
