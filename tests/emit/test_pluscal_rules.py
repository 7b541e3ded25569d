"""What PlusCal's translator asks of an algorithm, each in a spec that would break it.

What the translator makes of the text has the state graph of the model, whatever is in it:

| the translator | the specs |
|---|---|
| sets a right side in parentheses by the operators in its first line only | `wide` |
| puts a macro's argument as it is where it is a right side by itself | `wide` |
| lets a step assign to a variable once, or at several places of it at once | `places` |
| wants a label behind what may go elsewhere | `ways` |
| wants a statement in every block | `ways` |
| puts a subscript to each word that is a local of a process | `words` |
| has words, and names in its translation, of its own | `words` |
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.agree.pluscal import compare_graphs
from kvmtla.tlc import find_toolchain
from support.specs import load, modules, project_of

MACHINE = '''
from enum import Enum
from typing import Annotated
from kvmtla import *


class Page(Domain, label="page"):
    """A page."""


class Rec(Record):
    ok: bool = False
    dirty: bool = False
    n: Annotated[int, Between(0, 2)] = 0


class Kind(Enum):
    self = "self"
    old = "old"


class M(Shared):
    a_flag_with_a_long_name: bool
    another_flag_with_a_long_name: bool
    a_third_flag_with_a_long_name: bool
    a_flag_of_each_page: Map[Page, bool]
    rec: Map[Page, Rec]
    one: Rec
    pc: Kind


@invariant
def seen(m: M) -> bool:
    return (
        m.a_flag_with_a_long_name
        or m.another_flag_with_a_long_name
        or m.a_third_flag_with_a_long_name
        or any(m.a_flag_of_each_page[p] or m.rec[p].ok or m.rec[p].n > 0 for p in Page)
        or any(m.rec[p].dirty for p in Page)
        or m.one.ok
        or m.one.n > 0
        or m.one.dirty
        or m.pc == Kind.self
    )


@initial
def first(m: M) -> None:
    m.a_flag_with_a_long_name = choose(bool)
    m.another_flag_with_a_long_name = False
    m.a_third_flag_with_a_long_name = (
        m.another_flag_with_a_long_name == m.a_flag_with_a_long_name
    )
'''
SPECS = {
    "wide": '''
@atomic()
def compare(m: M) -> None:
    """Right sides of several lines: a comparison, a decision, one thing and another."""
    m.a_flag_of_each_page = Map({p: not m.a_flag_of_each_page[p] for p in Page})
    m.another_flag_with_a_long_name = m.one == Rec(
        ok=m.a_third_flag_with_a_long_name and not m.another_flag_with_a_long_name,
        dirty=m.a_flag_with_a_long_name or m.another_flag_with_a_long_name,
        n=m.one.n,
    )


@atomic()
def decide(m: M) -> None:
    m.one = m.one.but(
        ok=m.a_flag_with_a_long_name and m.another_flag_with_a_long_name
        or m.a_third_flag_with_a_long_name and not m.a_flag_with_a_long_name,
        dirty=not m.one.dirty,
    )
    m.a_third_flag_with_a_long_name = (
        m.a_flag_with_a_long_name or not m.another_flag_with_a_long_name
    ) and (m.a_third_flag_with_a_long_name or m.one.ok or m.one.dirty or m.one.n > 1)


@operation()
def op(m: M) -> None:
    compare(m)
    one = READ_ONCE(m.one)
    a_local_with_a_long_name = READ_ONCE(m.a_flag_with_a_long_name)
    another_local_with_a_long_name = READ_ONCE(m.another_flag_with_a_long_name)
    decide(m)
    WRITE_ONCE(
        m.a_flag_with_a_long_name,
        a_local_with_a_long_name
        and (another_local_with_a_long_name or one.ok or one.dirty)
        or not another_local_with_a_long_name
        and one.dirty,
    )
    old = xchg(
        m.a_third_flag_with_a_long_name,
        one == Rec(ok=a_local_with_a_long_name, dirty=another_local_with_a_long_name, n=2),
    )
    try_cmpxchg(
        m.another_flag_with_a_long_name,
        a_local_with_a_long_name or another_local_with_a_long_name or one.ok or one.dirty,
        old and not a_local_with_a_long_name or one.ok and another_local_with_a_long_name,
    )
''',
    "places": '''
@atomic()
def fill(m: M, page: Page) -> None:
    """Several places of one variable, one in another, and two variables that change places."""
    m.rec[page].ok = not m.rec[page].ok
    m.rec[page].n = 1 if m.rec[page].ok else m.one.n
    here = m.rec[page]
    m.rec[page] = Rec(ok=m.one.ok, n=m.rec[page].n)
    m.rec[page].dirty = here.ok
    m.one = here
    for p in Page:
        m.a_flag_of_each_page[p] = m.rec[p].ok != here.dirty


@operation()
def op(m: M, page: Page) -> None:
    fill(m, page)
    WRITE_ONCE(m.rec[page].dirty, True)
    old = READ_ONCE(m.rec)
    fill(m, page)
    WRITE_ONCE(m.rec, Map({p: old[page] if p == page else Rec(n=old[p].n) for p in Page}))
''',
    "ways": '''
@atomic(text="may do nothing: *) (* { || := }")
def perhaps(m: M, page: Page) -> bool:
    """Ends in several ways, on some of which nothing happens. *) (*"""
    if m.a_flag_with_a_long_name:
        if m.a_flag_of_each_page[page]:
            return True
        if m.another_flag_with_a_long_name:
            return False
        m.a_flag_of_each_page[page] = True
    elif not m.one.ok:
        m.one.ok = choose(bool)
    return m.one.ok


@operation()
def op(m: M, page: Page) -> None:
    while not perhaps(m, page):
        if test_bit(m.another_flag_with_a_long_name):
            break
        if choose(bool):
            set_bit(m.another_flag_with_a_long_name)
    if READ_ONCE(m.one).ok:
        if not test_and_clear_bit(m.a_flag_with_a_long_name):
            return
        perhaps(m, page)
    set_bit(m.a_flag_with_a_long_name)
''',
    "words": '''
@operation()
def begin(m: M, page: Page) -> None:
    """Locals with the names of fields, of members, of words of PlusCal."""
    ok = READ_ONCE(m.rec[page].ok)
    n = READ_ONCE(m.one).n
    self = READ_ONCE(m.pc)
    old = READ_ONCE(m.rec[page])
    stack = ok and all(goto != page or n > 0 for goto in Page)
    WRITE_ONCE(m.one, Rec(ok=stack, n=n).but(dirty=old.dirty))
    WRITE_ONCE(m.pc, Kind.old if self == Kind.self else Kind.self)
    WRITE_ONCE(m.rec[page], Rec(ok=not ok, n=old.n))
    WRITE_ONCE(m.a_flag_of_each_page, Map({goto: old.ok or goto == page for goto in Page}))
''',
}


@pytest.mark.parametrize("name", SPECS)
def test_the_state_graph_is_the_models(name: str, tmp_path: Path) -> None:
    project = project_of(load(tmp_path, MACHINE + SPECS[name]), {"Page": 2})
    for module in modules(project, tmp_path).values():
        found = compare_graphs(module, tmp_path, find_toolchain())
        assert (found.differences, found.undecided) == ((), None)
        assert found.states > 10
