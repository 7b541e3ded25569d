"""What one run of TLC answers for several is what each would have been told by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.check.runs import asked_together
from kvmtla.front.scenario import read_project
from kvmtla.modules.module import Compiled, Module
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.tlc import RunOptions, Toolchain
from support.specs import load, project_of
from support.watching import Silent

SPEC = '''
from typing import Annotated
from kvmtla import *

class Task(Domain, label="task"):
    """Somebody who counts."""

class World(Shared):
    count: Annotated[int, Between(0, 3)]

@initial
def nothing(m: World) -> None:
    """Nobody has counted."""
    m.count = 0

@operation()
def add(m: World, me: Task) -> None:
    """Count."""
    old = READ_ONCE(m.count)
    if old < 3:
        WRITE_ONCE(m.count, old + 1)

@invariant
def low(m: World) -> bool:
    """It holds."""
    return m.count <= 2

@invariant
def not_negative(m: World) -> bool:
    """It holds as well."""
    return m.count >= 0

@invariant
def never_two(m: World) -> bool:
    """It does not."""
    return m.count < 2

@step_invariant
def upwards(before: World, after: World) -> bool:
    """It is about steps."""
    return after.count >= before.count

@step_invariant
def one_by_one(before: World, after: World) -> bool:
    """So is this."""
    return after.count <= before.count + 1

@step_invariant
def not_from_one(before: World, after: World) -> bool:
    """It does not hold."""
    return before.count != 1 or after.count == 1

@reachable
def two(m: World) -> bool:
    """It is reached."""
    return m.count == 2

adders = Scenario(
    "adders", "Two tasks count.", machine=World, sizes={Task: 2}, initial=nothing,
    actors=[Actor("adder", add, each=Task, times=1)],
)
project = Project(name="counters", constants=[], claims=[
    Claim("C", "all", quote="Q", source="S", scenario=adders, expect=[EXPECT]),
])
'''


def asked(folder: Path, expect: str) -> list[Point]:
    text = SPEC.replace("EXPECT", expect)
    return points(read_project(project_of(load(folder, text))), folder)


def check(toolchain: Toolchain, wanted: Sequence[Point]) -> tuple[list[Result], int]:
    """The results, and how many runs it took."""
    watcher = Silent()
    found = Checker(toolchain, RunOptions(), jobs=2, cached=False).check(wanted, watcher)
    # What is asked twice is answered twice, and run once.
    assert watcher.total == watcher.found == len(wanted)
    return [replace(r, seconds=0.0) for r in found], watcher.runs


def by_itself(toolchain: Toolchain, wanted: Sequence[Point]) -> list[Result]:
    return [check(toolchain, [p])[0][0] for p in wanted]


def test_what_holds_takes_one_run(toolchain: Toolchain, tmp_path: Path) -> None:
    wanted = asked(
        tmp_path,
        "holds(upwards), holds(low), violated(never_two), violated(not_from_one), "
        "holds(not_negative), holds(one_by_one), reached(two)",
    )
    together = ["upwards", "low", "not_negative", "one_by_one"]
    groups = [[p.prop for p in group] for group in asked_together(wanted)]
    assert groups == [together, ["never_two"], ["not_from_one"], ["two"]]
    found, runs = check(toolchain, wanted)
    assert runs == 4
    said = {r.point.prop: r.said for r in found}
    assert said == {
        **dict.fromkeys(together, "holds"),
        "never_two": "violated",
        "not_from_one": "violated",
        "two": "reached",
    }
    assert found == by_itself(toolchain, wanted)


_WRONG = ["never_two", "not_from_one"]


@pytest.mark.parametrize(
    "order",
    [
        "low never_two not_negative",
        "never_two low",
        "low not_from_one upwards",
        "upwards not_from_one",
    ],
)
def test_what_is_wrongly_expected_to_hold_is_asked_by_itself(
    toolchain: Toolchain, tmp_path: Path, order: str
) -> None:
    wanted = asked(tmp_path, ", ".join(f"holds({name})" for name in order.split()))
    found, _ = check(toolchain, wanted)
    said = {r.point.prop: r.said for r in found}
    assert said == {p.prop: "violated" if p.prop in _WRONG else "holds" for p in wanted}
    assert found == by_itself(toolchain, wanted)


def test_modules_that_say_the_same_take_one_run(toolchain: Toolchain, tmp_path: Path) -> None:
    wanted = asked(tmp_path, "holds(low), violated(never_two)")

    def named(point: Point, name: str, change: tuple[str, str] = ("", "")) -> Point:
        made = point.module
        text = made.text.replace(f"MODULE {made.name} -", f"MODULE {name} -").replace(*change)
        assert text != made.text
        cfgs = {p: cfg.replace(made.name, name) for p, cfg in made.cfgs.items()}
        other = Module(name, made.folder, lambda: Compiled(made.model, text, cfgs))
        return replace(point, module=other)

    same = [named(p, "likewise", ("\\* ", "\\* In other words: ")) for p in wanted]
    assert check(toolchain, [*wanted, *wanted])[1] == 2
    found, runs = check(toolchain, [*wanted, *same])
    assert runs == 2
    assert found == [*found[:2], *(replace(r, point=p) for r, p in zip(found, same, strict=False))]
    # The module says one thing, and its model another: the trace of another module would be taken.
    differs = named(wanted[1], "otherwise", ("count = 0", "count = 1"))
    assert differs.module.digest("never_two") != wanted[1].module.digest("never_two")
    assert check(toolchain, [*wanted, differs])[1] == 3
