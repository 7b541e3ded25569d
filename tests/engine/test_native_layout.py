"""States of any width and symmetric elements, in models that are made for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.engine import Compiled, compile_model, explore
from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.engine.native import Compiler, Native
from kvmtla.front.scenario import read_project
from kvmtla.modules.points import points
from kvmtla.verdict import Verdict
from support.native import compare
from support.specs import load, project_of

WIDTHS = (63, 64, 65, 127, 128, 129, 192, 193)

# Tokens go round, and beside them what an entry says. Places that are known only when a step is
# taken lie on both sides of each border of words.
WIDE = """
from typing import Annotated
from kvmtla import *

Kind = Annotated[int, Between(0, 6)]

class Slot(Domain):
    "A place for tokens."

class Rest(Domain):
    "Another one."

class Pad(Domain):
    "What is missing to some width."

class Entry(Record):
    "Something that has a kind."
    kind: Kind = 0
    marked: bool = False

class M(Shared):
    "All of it."
    pad: Map[Pad, bool]
    entry: Map[Rest, Entry]
    first: Map[Slot, bool]
    copy: Entry
    second: Map[Slot, bool]
    at: Slot
    third: Map[Slot, bool]
    here: Rest
    last: Map[Rest, bool]

@initial
def begins(m: M) -> None:
    "At one of the places."
    m.at = choose(Slot)
    m.here = choose(Rest)
    m.entry = Map({r: Entry() for r in Rest})
    m.first = Map({s: s == m.at for s in Slot})
    m.second = Map({s: s != m.at for s in Slot})
    m.third = Map({s: False for s in Slot})
    m.pad = Map({p: False for p in Pad})
    m.last = Map({r: r == m.here for r in Rest})
    m.copy = Entry()

@hardware("step")
def moves(m: M, to: Slot, there: Rest) -> None:
    "The tokens go elsewhere, and an entry is counted up."
    require(m.entry[m.here].kind < 2)
    m.third[m.at] = False
    m.third[to] = m.copy.marked
    m.first[m.at] = False
    m.first[to] = True
    m.second[m.at] = True
    m.second[to] = False
    m.at = to
    m.copy = m.entry[m.here]
    m.pad = Map({p: m.copy.marked for p in Pad})
    m.entry[m.here] = Entry()
    m.entry[there] = Entry(kind=m.copy.kind + 1, marked=not m.copy.marked)
    m.last[m.here] = False
    m.last[there] = True
    m.here = there

@atomic()
def forgets(m: M) -> None:
    "The copy is gone, and what was noted."
    m.copy = Entry()
    m.pad = Map({p: False for p in Pad})
    m.third = Map({s: False for s in Slot})

@operation()
def note(m: M) -> None:
    "Somebody forgets it."
    forgets(m)

@invariant
def one_token(m: M) -> bool:
    "The tokens are where they should be."
    alone = all(s == m.at or m.second[s] and not m.third[s] for s in Slot)
    alike = all(m.pad[p] == m.pad[q] for p in Pad for q in Pad)
    return m.first[m.at] and not m.second[m.at] and alone and alike

@invariant
def kinds(m: M) -> bool:
    "No entry is counted up twice."
    return m.entry[m.here].kind < 2
"""


def _compiled(folder: Path, text: str, sizes: dict[str, int]) -> Compiled:
    found = points(read_project(project_of(load(folder, text), sizes)), folder)
    return compile_model(found[0].module.model)


def _as_wide_as(folder: Path, width: int) -> Compiled:
    slots, pad = (width - 30) // 3, 1
    for _ in range(20):
        made = _compiled(folder, WIDE, {"Slot": slots, "Rest": 2, "Pad": pad})
        left = width - (made.layout.bits - MIXED_BITS)
        if left == 0:
            return made
        slots, pad = slots + (pad - 1 + left) // 3, 1 + (pad - 1 + left) % 3
    raise AssertionError(width)


@pytest.mark.parametrize("width", WIDTHS)
def test_states_of_any_width(width: int, compiler: Compiler, tmp_path: Path) -> None:
    compiled = _as_wide_as(tmp_path, width)
    native = Native(compiled, compiler)
    assert native.words == -(-width // 64)
    assert compare(compiled, native)
    found = native.explore("one_token")
    assert found.verdict is Verdict.HOLDS
    assert native.explore("kinds").verdict is Verdict.VIOLATED


# What a state says of a CPU is in maps and sets, and in references to one of them.
CPUS = """
from typing import Annotated
from kvmtla import *

class Cpu(Domain, symmetric=True):
    "A CPU."

class Page(Domain):
    "A page."

class Note(Record):
    "What a CPU knows."
    seen: bool = False
    count: Annotated[int, Between(0, 2)] = 0

class M(Shared):
    "All of it."
    notes: Map[Cpu, Note]
    seen: Map[Page, Map[Cpu, bool]]
    owner: Map[Page, Cpu | None]
    last: Cpu | None
    waiting: Set[Cpu]
    {more}

@initial
def begins(m: M) -> None:
    "Nobody knows anything."
    m.notes = Map({{c: Note() for c in Cpu}})
    m.seen = Map({{p: Map({{c: False for c in Cpu}}) for p in Page}})
    m.owner = Map({{p: None for p in Page}})
    m.last = None

@hardware("take")
def takes(m: M, cpu: Cpu, page: Page) -> None:
    "A CPU takes a page."
    require(m.owner[page] is None and m.notes[cpu].count < {most})
    m.owner[page] = cpu
    m.seen[page][cpu] = True
    m.notes[cpu] = m.notes[cpu].but(count=m.notes[cpu].count + 1)
    m.last = cpu
    {take}

@hardware("give")
def gives(m: M, cpu: Cpu, page: Page) -> None:
    "Its owner gives it back, and waits."
    require(m.owner[page] == cpu)
    m.waiting = m.waiting | Set({{cpu}})
    m.owner[page] = None

@hardware("look")
def looks(m: M, cpu: Cpu) -> None:
    "A CPU that waits looks."
    require(cpu in m.waiting)
    m.waiting = m.waiting - Set({{cpu}})
    m.notes[cpu] = m.notes[cpu].but(seen=True)

@atomic()
def forgets(m: M) -> None:
    "Who was the last."
    m.last = None

@operation()
def note(m: M) -> None:
    "Somebody forgets it."
    forgets(m)

@invariant
def taken_once(m: M) -> bool:
    "Who owns a page has seen it."
    return all(m.owner[p] is None or m.last is not None for p in Page)

@invariant
def not_all(m: M) -> bool:
    "Not every CPU has looked."
    return not all(m.notes[c].seen for c in Cpu)
"""


def _cpus(folder: Path, cpus: int, more: str = "", take: str = "pass", most: int = 1) -> Compiled:
    text = CPUS.format(more=more, take=take, most=most)
    return _compiled(folder, text, {"Cpu": cpus, "Page": 2})


@pytest.mark.parametrize("cpus", [2, 3, 4, 5, 6])
def test_symmetric_elements(cpus: int, compiler: Compiler, tmp_path: Path) -> None:
    compiled = _cpus(tmp_path, cpus)
    native = Native(compiled, compiler)
    apart = native.explore((), symmetry=False)
    as_one = native.explore(())
    assert as_one.distinct < apart.distinct
    if cpus < 5:
        assert compare(compiled, native)
        return
    # Python tries all ways to rename them.
    assert replace(explore(compiled, (), native=False), seconds=0.0) == replace(as_one, seconds=0.0)


def test_elements_that_speak_of_elements(compiler: Compiler, tmp_path: Path) -> None:
    """They cannot be sorted by what is said of each."""
    before = "before: Map[Cpu, Cpu | None]"
    take = "m.before[cpu] = m.last"
    compiled = _cpus(tmp_path, 4, before, take)
    native = Native(compiled, compiler)
    assert compare(compiled, native)
    assert native.explore(()).distinct != native.explore((), symmetry=False).distinct


def test_no_answer_depends_on_the_number_of_threads(compiler: Compiler, tmp_path: Path) -> None:
    compiled = _cpus(tmp_path, 6, most=2)
    native = Native(compiled, compiler)
    said = [
        replace(native.explore(props, symmetry=False, threads=n), seconds=0.0)
        for n in (1, 2, 3, 7)
        for props in ((), ("not_all",))
    ]
    assert said[0].distinct > 100_000
    assert said[1].verdict is Verdict.VIOLATED
    assert all(one == said[i % 2] for i, one in enumerate(said))
