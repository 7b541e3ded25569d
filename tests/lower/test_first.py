"""First states: a field that holds an element of a domain has no value until it is given one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.errors import SpecError
from support.compare import Comparison
from support.specs import load, project_of

SPEC = '''
from kvmtla import *
class Page(Domain, label="page"):
    """A page."""
class M(Shared):
    a: Page
    n: Page
    o: Map[Page, Page]
    x: bool
@atomic()
def differs(m: M) -> bool:
    return m.a != choose(Page)
@operation()
def op(m: M) -> None:
    set_bit(m.x)
@initial
def first(m: M) -> None:
    BODY
@invariant
def fine(m: M) -> bool:
    return m.x or m.a == m.n or m.o[m.a] == m.n
world = Scenario("world", "w.", machine=M, sizes={Page: 2}, initial=first,
                 actors=[Actor("one", op, times=1)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(fine)])], constants=[])
'''
A, N, MAP = "m.a = choose(Page)", "m.n = m.a", "m.o = Map({p: p for p in Page})"
LOOP = "for p in Page:"


def _comparison(folder: Path, lines: list[str]) -> Comparison:
    return Comparison(project_of(load(folder, SPEC.replace("BODY", "\n    ".join(lines)))))


@pytest.mark.parametrize("variant", ["all", "none"])
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["m.x = m.a != choose(Page)", A, N, MAP], "reads M.a before it has a value"),
        (["m.x = differs(m)", A, N, MAP], "reads M.a before it has a value"),
        ([N, A, MAP], "reads M.a before it has a value"),
        ([A, N, LOOP, "    m.x = m.o[p] == m.n", "    m.o[p] = m.a"], "reads M.o before"),
        ([A, N, "m.o[m.a] = m.a"], "gives M.o no first value"),
        (["m.n = choose(Page)", MAP], "gives M.a no first value"),
    ],
)
def test_what_has_no_value_yet_is_not_read(
    lines: list[str], said: str, variant: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as failed:
        _comparison(tmp_path, lines).model(variant)
    assert failed.value.code == "KT703"
    assert said in failed.value.message
    assert failed.value.loc is not None


@pytest.mark.parametrize(
    "lines",
    [
        [A, N, MAP],
        [A, N, LOOP, "    m.o[p] = m.a"],
        [A, N, LOOP, "    m.o[p] = choose(Page)", "m.x = m.o[m.a] == m.n"],
    ],
)
def test_what_has_a_value_may_be_read(lines: list[str], tmp_path: Path) -> None:
    comparison = _comparison(tmp_path, lines)
    assert comparison.differences("all") == []
    assert comparison.differences("none") == []
