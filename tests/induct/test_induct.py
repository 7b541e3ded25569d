"""What is inductive holds; what is not is broken by a step; what is false somewhere is neither."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kvmtla.engine import Limits, explore
from kvmtla.front.scenario import read_project
from kvmtla.induct import induct
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.verdict import Verdict
from support.claims import all_points, name, of_each_scenario
from support.seeded import seeded_modules
from support.specs import load, project_of

# That no two are inside does not follow from itself. It follows from who the owner is, and that
# from what somebody has read who holds the lock.
TICKETS = '''
from typing import Annotated
from kvmtla import *


class Task(Domain, label="task"):
    """Somebody."""


entering = Span("Somebody has found that nobody is inside.")


class World(Shared):
    inside: Map[Task, bool]
    owner: Task | None
    lock: RwLock
    handed: bool


@initial
def first(m: World) -> None:
    m.owner = None


@operation()
def enter(m: World, me: Task) -> None:
    with write_lock(m.lock):
        found = READ_ONCE(m.owner)
        if found is None:
            with entering():
                take(m, me)


@atomic()
def take(m: World, me: Task) -> None:
    m.owner = me
    m.inside[me] = True


@operation()
def leave(m: World, me: Task) -> None:
    drop(m, me)


@atomic()
def drop(m: World, me: Task) -> None:
    require(m.owner == me)
    m.owner = None
    m.inside[me] = False


@invariant
def one_inside(m: World) -> bool:
    """No two are inside."""
    return not any(a != b and m.inside[a] and m.inside[b] for a in Task for b in Task)


@invariant
def owner_is_inside(m: World) -> bool:
    """Who is inside is the owner."""
    return all(m.owner == t for t in Task if m.inside[t])


@invariant
def nobody_yet(m: World) -> bool:
    """While somebody goes in, nobody is the owner."""
    return not entering.active() or m.owner is None


world = Scenario(
    "world",
    "Tasks go in and out.",
    machine=World,
    sizes={Task: 2},
    initial=first,
    actors=[Actor("tasks", enter, leave, each=Task)],
)
project = Project(
    "test",
    [
        Claim(
            "C1",
            "one",
            quote="",
            source="",
            scenario=world,
            expect=[holds(one_inside), holds(owner_is_inside), holds(nobody_yet)],
        )
    ],
    [],
)
'''


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> Point:
    folder = tmp_path_factory.mktemp("spec")
    found = points(read_project(project_of(load(folder, TICKETS, "tickets.py"))), folder)
    return found[0]


def test_a_helper_makes_it_inductive(tickets: Point) -> None:
    model = tickets.module.model
    assert explore(model).verdict is Verdict.HOLDS
    alone = induct(model, "one_inside")
    assert not alone.is_inductive
    assert alone.broken is not None
    assert alone.broken.taken is not None
    # Somebody is inside who is not the owner.
    assert any(alone.broken.before["inside"])  # type: ignore[call-overload]
    assert alone.broken.before["owner"] is None
    helpers = ["owner_is_inside", "nobody_yet"]
    assert not induct(model, "one_inside", helpers[:1]).is_inductive
    assert induct(model, "one_inside", helpers).is_inductive
    # The helper is kept because it is known who holds the lock where.
    helper = induct(model, "nobody_yet")
    assert helper.locks == ("lock",)
    assert helper.is_inductive


def test_what_is_violated_is_not_inductive_and_what_is_inductive_holds() -> None:
    seen = {"holds": 0, "violated": 0}
    for p in [q for e in ("violated", "holds") for q in of_each_scenario() if q.expected == e]:
        found = induct(p.module.model, p.prop)
        assert found.unknown is None, name(p)
        if found.is_inductive:
            assert p.expected == "holds", name(p)
        seen[p.expected] += 1
    assert min(seen.values()) > 10


def test_random_models(tmp_path: Path) -> None:
    answers = {True: 0, False: 0}
    for module in seeded_modules(tmp_path, range(60)):
        model = module.model
        if len(model.actions) > 30:
            continue
        for prop in model.invariants:
            outcome = explore(model, prop, limit=Limits(states=2000))
            if outcome.verdict is Verdict.UNKNOWN or outcome.name not in (prop, None):
                continue
            answer = induct(model, prop)
            assert answer.unknown is None, (model.initial_loc, prop)
            answers[answer.is_inductive] += 1
            if answer.is_inductive:
                assert outcome.verdict is Verdict.HOLDS, (model.initial_loc, prop)
    assert min(answers.values()) > 5, answers


def test_giving_up_is_unknown() -> None:
    point = next(p for p in all_points() if p.module.name == "split_pml_5_19")
    found = induct(point.module.model, point.prop, seconds=0.001)
    assert not found.is_inductive
    assert found.unknown is None or "z3 gave up on" in found.unknown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tickets.py").write_text(TICKETS, encoding="utf-8")
    return tmp_path


TOLD = """\
world: one_inside is not inductive

In this state it is true:
       inside: task 0: 0, task 1: 1
       lock: held for write
       task 0 is at take
One step, and it is not:
  1  task 0: enter() > take()
       take()
       write_unlock(lock)
         inside[task 0]: 0 -> 1
         owner: none -> task 0
         lock: held for write -> free
       done
       (tickets.py:31)

one_inside is false
    true:   task 0 != task 1
    true:   inside[task 0]
    true:   inside[task 1]

None of the 5 states that the model reaches is this one. What
rules it out is for a helper to say: --with 'all(...)'.
"""


def _command(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, *options.pop("python", ()), "-m", "kvmtla", "--spec", "./tickets.py"]
    return subprocess.run(
        [*line, "induct", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command(folder: Path) -> None:
    alone = _command(folder, "one_inside", "world")
    assert alone.returncode == 1, alone.stderr
    assert alone.stdout == TOLD
    both = ("--with", "owner_is_inside", "--with", "not entering.active() or m.owner is None")
    helped = _command(folder, "one_inside", "C1", *both)
    assert helped.returncode == 0, helped.stdout
    assert helped.stdout == (
        "world: one_inside is inductive: each of 3 sorts of step keeps it, given owner_is_inside "
        "and 'not entering.active() or m.owner is None'\n"
    )
    wrong = _command(folder, "one_insde", "world")
    assert wrong.returncode == 2
    assert "PROPERTY:1: error[KT301]: unknown name 'one_insde'" in wrong.stderr
    assert "did you mean 'one_inside'" in wrong.stderr


def test_without_z3(folder: Path) -> None:
    (folder / "z3.py").write_text("raise ImportError('no')", encoding="utf-8")
    done = _command(folder, "one_inside", "world")
    assert done.returncode == 2
    assert done.stderr == (
        "error[KT812]: this needs z3, which is not installed\n"
        "  help: pip install 'kvmtla[induct]'\n"
    )
