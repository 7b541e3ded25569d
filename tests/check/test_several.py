"""What one run of TLC says of several modules is what it would have said of each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.check.points import Point, points
from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.check.several import MOST_MODULES, Gathering, SeveralModules
from kvmtla.front.scenario import read_project
from kvmtla.tlc import RunOptions, TlcOutcome, Toolchain, Verdict, run_tlc
from support.claims import all_points
from support.specs import load, project_of
from support.watching import Silent

# Fields, domains and scenarios are called as the module that stands for all would be.
SPEC = '''
from typing import Annotated
from kvmtla import *

class M1(Domain, label="task"):
    """Somebody who counts."""

class Counter(Shared):
    which: Annotated[int, Between(0, 3)]
    Init1: bool

class Switch(Shared):
    Next1: bool
    Holds1: bool

@initial
def zero(m: Counter) -> None:
    """Nobody has counted."""
    m.Init1 = True

@initial
def anything(m: Switch) -> None:
    """On or off."""
    m.Next1 = choose(bool)
    m.Holds1 = m.Next1

@operation()
def add(m: Counter) -> None:
    """Count."""
    old = READ_ONCE(m.which)
    if old < 3:
        WRITE_ONCE(m.which, old + 1)

@operation()
def add_too_often(m: Counter) -> None:
    """Count, and forget when to stop."""
    old = READ_ONCE(m.which)
    WRITE_ONCE(m.which, old + 1)

@operation()
def turn(m: Switch) -> None:
    """Turn both."""
    old = READ_ONCE(m.Next1)
    WRITE_ONCE(m.Next1, not old)
    WRITE_ONCE(m.Holds1, choose(bool))

@invariant
def low(m: Counter) -> bool:
    """Nobody counts to three."""
    return m.which <= 2

@invariant
def not_negative(m: Counter) -> bool:
    """Nobody counts down."""
    return m.which >= 0 and m.Init1

@invariant
def never_two(m: Counter) -> bool:
    """It is not so."""
    return m.which < 2

@invariant
def either(m: Switch) -> bool:
    """Not both, or both."""
    return m.Next1 or m.Holds1 or not (m.Next1 and m.Holds1)

def world(name, machine, first, op, times=1):
    actor = Actor("task", op, each=M1, times=times)
    return Scenario(name, "Tasks.", machine=machine, sizes={M1: 2}, initial=first, actors=[actor])

worlds = [
    world("Several", Counter, zero, add),
    world("adders", Counter, zero, add),
    world("switches", Switch, anything, turn, times=None),
    world("too_often", Counter, zero, add_too_often, times=None),
]
asked = {WORLDS}
project = Project(name="several", constants=[], claims=[
    Claim(w.name, w.name, quote="Q", source="S", scenario=w, expect=[*map(holds, asked[w.name])])
    for w in worlds if w.name in asked
])
'''
SOUND = {"Several": ["low", "not_negative"], "adders": ["not_negative"], "switches": ["either"]}
WRONG = [
    {"Several": ["never_two", "not_negative"]},
    {"adders": ["never_two"]},
    {"too_often": ["not_negative"]},
]


def wanted(folder: Path, asked: dict[str, list[str]]) -> list[Point]:
    names = ", ".join(f'"{n}": [{", ".join(props)}]' for n, props in asked.items())
    spec = load(folder, SPEC.replace("WORLDS", names))
    return points(read_project(project_of(spec)), folder)


def check(
    toolchain: Toolchain, asked: Sequence[Point], *, apart: bool = False
) -> tuple[list[Result], int]:
    """The results, and how many runs it took."""
    watcher = Silent()
    checker = Checker(toolchain, RunOptions(), jobs=1, cached=False, apart=apart)
    found = checker.check(asked, watcher)
    assert watcher.total == watcher.found == len(asked)
    assert not (apart and any(r.shared for r in found))
    return [replace(r, seconds=0.0, shared=False) for r in found], watcher.runs


def run(toolchain: Toolchain, folder: Path, asked: SeveralModules) -> TlcOutcome:
    folder.mkdir(exist_ok=True)
    files = asked.files()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    beside = [f for f in files if f.endswith(".tla") and f != asked.module]
    return run_tlc(toolchain, folder, asked.module, asked.cfg, beside=beside)


def several(asked: Sequence[Point]) -> SeveralModules:
    """One run for all of them."""
    groups: dict[str, list[Point]] = {}
    for p in asked:
        groups.setdefault(p.module.name, []).append(p)
    return SeveralModules(list(groups.values()))


def test_what_holds_takes_one_run(toolchain: Toolchain, tmp_path: Path) -> None:
    asked = wanted(tmp_path, SOUND)
    found, runs = check(toolchain, asked)
    assert runs == 1
    alone, runs = check(toolchain, asked, apart=True)
    # In two of the three, TLC reads the same but for what is asked.
    assert runs == 3
    assert found == alone
    said = [(r.point.prop, r.said, r.distinct) for r in found]
    assert said == [
        ("low", "holds", 12),
        ("not_negative", "holds", 12),
        ("not_negative", "holds", 12),
        ("either", "holds", 96),
    ]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: next(iter(w)))
@pytest.mark.parametrize("first", [True, False])
def test_what_is_wrongly_expected_to_hold_is_asked_by_itself(
    toolchain: Toolchain, tmp_path: Path, wrong: dict[str, list[str]], first: bool
) -> None:
    asked = wanted(tmp_path, {**wrong, **SOUND, **wrong} if first else SOUND | wrong)
    together = several(asked)
    outcome = run(toolchain, tmp_path / "run", together)
    assert outcome.verdict is not Verdict.HOLDS
    assert together.answers(outcome) is None
    found, runs = check(toolchain, asked)
    alone, fewer = check(toolchain, asked, apart=True)
    assert found == alone
    assert runs == fewer + 1
    assert any(r.said != "holds" for r in found)


@pytest.mark.parametrize("change", [{"distinct": 1}, {"depth": 1}, {"distinct": -1}, {"depth": -1}])
def test_numbers_that_do_not_add_up_are_no_answer(
    toolchain: Toolchain, tmp_path: Path, change: dict[str, int]
) -> None:
    asked = several(wanted(tmp_path, SOUND))
    outcome = run(toolchain, tmp_path / "run", asked)
    assert asked.answers(outcome) is not None
    wrong = {name: getattr(outcome, name) + by for name, by in change.items()}
    assert asked.answers(replace(outcome, **wrong)) is None  # type: ignore[arg-type]


def test_what_may_be_counted_more_than_once_is_not_told_apart(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    asked = several(wanted(tmp_path, SOUND))
    outcome = run(toolchain, tmp_path / "run", asked)
    assert outcome.generated is not None
    once, more = (asked.answers(replace(outcome, generated=outcome.generated + n)) for n in (0, 1))
    assert once is not None
    assert more == [replace(o, generated=None) for o in once]


def test_a_module_that_is_left_out_is_noticed(toolchain: Toolchain, tmp_path: Path) -> None:
    whole = several(wanted(tmp_path, SOUND))
    part = SeveralModules(whole.groups[1:])
    assert whole.answers(run(toolchain, tmp_path / "part", part)) is None
    assert part.answers(run(toolchain, tmp_path / "whole", whole)) is None


def test_the_module_as_a_whole() -> None:
    of_kernel: dict[str, list[Point]] = {}
    for p in all_points():
        of_kernel.setdefault(p.module.name, []).append(p)
    asked = SeveralModules([of_kernel["age_wp_6_4"], of_kernel["age_wp_6_15"]])
    files = dict(asked.files())
    for group in asked.groups:
        assert files.pop(group[0].module.file) == group[0].module.text
    here = Path(__file__).parent
    assert files == {
        name: (here / name.lower()).read_text(encoding="utf-8")
        for name in ("Several.tla", "Several.cfg")
    }


def test_of_two_modules_and_more(tmp_path: Path) -> None:
    asked = wanted(tmp_path, SOUND)
    gathering = Gathering()
    assert gathering.add(asked[:2], 2) is None
    pair = gathering.add([asked[2]], 2)
    assert pair is not None
    assert pair.points == asked[:3]
    assert gathering.add([asked[3]], 2) is None
    assert [r.points for r in gathering.rest()] == [[asked[3]]]
    assert not list(gathering.rest())
    by_itself = Gathering().add(asked[:2], 1)
    assert by_itself is not None
    assert by_itself.points == asked[:2]


def test_with_apart_nothing_is_taken_from_a_run_of_several(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    asked = wanted(tmp_path, SOUND)

    def runs(*, apart: bool) -> int:
        watcher = Silent()
        Checker(toolchain, RunOptions(), jobs=1, apart=apart).check(asked, watcher)
        return watcher.runs

    assert runs(apart=False) == 1
    assert runs(apart=False) == 0
    assert runs(apart=True) == 3
    assert runs(apart=True) == 0
    assert runs(apart=False) == 0


def _of_the_kernel() -> list[SeveralModules]:
    gathering = Gathering()
    modules: dict[str, list[Point]] = {}
    for p in all_points():
        modules.setdefault(p.module.name, []).append(p)
    made = [gathering.add(group, MOST_MODULES) for group in [*modules.values()][::7]]
    return [r for r in [*made, *gathering.rest()] if isinstance(r, SeveralModules)]


def test_of_the_kernel(toolchain: Toolchain) -> None:
    of_kernel = _of_the_kernel()
    assert len(of_kernel) >= 2
    for asked in of_kernel[:2]:
        found, _ = check(toolchain, asked.points)
        assert found == check(toolchain, asked.points, apart=True)[0]
