"""What a property of steps is about is what is written in it, whatever is reduced."""

from __future__ import annotations

import pytest

from kvmtla import Project
from kvmtla.engine import explore
from kvmtla.front.scenario import read_project
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.verdict import Verdict
from support.compare import VARIANTS
from support.specs import load

SPEC = '''
"""A counter, and whether it may change: it is never armed."""
from enum import Enum
from typing import Annotated
from kvmtla import *

class Kernel(OrderedEnum):
    OLD = "old"
    NEW = "new"

kernel = constant("kernel", Kernel)
moving = Span("Somebody moves it.")

class Machine(Shared):
    armed: bool
    x: Annotated[int, Between(0, 2)]
    y: bool

@initial
def start(m: Machine) -> None:
    m.x = 0

@operation()
def up(m: Machine) -> None:
    set_bit(m.y)
    with moving():
        WRITE_ONCE(m.x, 1)

@pure
def may(m: Machine) -> bool:
    return kernel >= Kernel.NEW or m.armed

@pure
def somebody_moves(m: Machine) -> bool:
    return moving.active()

@step_invariant
def armed(before: Machine, after: Machine) -> bool:
    return before.armed and before.x <= after.x

@step_invariant
def through_a_function(before: Machine, after: Machine) -> bool:
    return may(before) or (before.y and False)

@step_invariant
def in_a_branch(before: Machine, after: Machine) -> bool:
    if kernel < Kernel.NEW:
        return False
    return before.x == after.x

@step_invariant
def of_a_span(before: Machine, after: Machine) -> bool:
    return before.armed and somebody_moves(after)

@step_invariant
def of_what_never_changes(before: Machine, after: Machine) -> bool:
    return before.armed and after.armed

world = Scenario("world", "Counts.", machine=Machine, sizes={}, initial=start,
                 actors=[Actor("t", up, times=1)])
expect = [holds(p, kernel=Kernel)
          for p in (armed, through_a_function, in_a_branch, of_a_span, of_what_never_changes)]
project = Project("step", [Claim("1", "c", quote="", source="", scenario=world, expect=expect)],
                  [kernel])
'''
# What is asked, and after how many steps it is violated, with the old kernel and with the new one.
EXPECTED = {
    "armed": ("x", 2, 2),
    "through_a_function": ("y", 1, None),
    "in_a_branch": ("x", 2, 2),
    "of_a_span": ("moving", 1, 1),
    "of_what_never_changes": ("", None, None),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    found = load(tmp_path_factory.mktemp("spec"), SPEC).project
    assert isinstance(found, Project)
    return found


def _asked(model: Model, prop: str) -> set[str]:
    found = (y for e in model.asked(prop).asks for y in x.walk(e))
    return {
        y.name if isinstance(y, x.Shared) else y.span
        for y in found
        if isinstance(y, x.Shared | x.Active)
    }


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("prop", EXPECTED)
def test_it_is_violated_where_what_is_named_changes(
    prop: str, variant: str, project: Project
) -> None:
    spec = read_project(project)
    asked, *lengths = EXPECTED[prop]
    for point in (p for p in spec.claims[0].points if p.property.name == prop):
        model = lower(
            spec.claims[0].scenario,
            spec.reader,
            point.constants,
            [point.property],
            name="test",
            reductions=VARIANTS[variant],
        )
        assert _asked(model, prop) == {asked} - {""}
        found = explore(model, prop)
        steps = lengths[point.constants["kernel"].name == "NEW"]
        said = Verdict.HOLDS if steps is None else Verdict.VIOLATED
        assert (found.verdict, found.reason) == (said, None)
        # A step that only writes what nothing reads may be left out.
        if steps is not None:
            assert 0 < len(found.trace) - 1 <= steps
