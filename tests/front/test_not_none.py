"""What has been tested for None is a plain value from there on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.agree.pluscal import compare_graphs
from kvmtla.engine import explore as searched
from kvmtla.front.scenario import read_project
from kvmtla.modules.points import points
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.trace import follow, trace_of
from support.explore import explore
from support.specs import HEADER, load, modules, project_of

SPEC = """
@operation()
def op(m: Machine, page: Page) -> None:
    WRITE_ONCE(m.owner[page], choose(Cpu))
    cpu = READ_ONCE(m.owner[page])
    if cpu is not None:
        {statement}

@invariant
def inv(m: Machine) -> bool:
    return all(m.owner[page] is None for page in Page)
"""


@pytest.mark.parametrize(
    "statement",
    [
        "WRITE_ONCE(m.waiting, Set({cpu}))",
        "WRITE_ONCE(m.waiting, READ_ONCE(m.waiting) | Set({cpu}))",
        "WRITE_ONCE(m.tlb[cpu][page], Entry(valid=True))",
    ],
)
def test_it_goes_where_a_value_is_wanted(tmp_path: Path, statement: str) -> None:
    text = HEADER + SPEC.replace("{statement}", statement)
    assert modules(project_of(load(tmp_path, text)), tmp_path)


# Words and records that may not be there, and what is in them.
PARTS = """
class Pair(Record):
    left: bool = False
    pte: Pte = Pte()
class Table(Shared):
    ptes: Map[Page, Pte | None]
    pair: Pair | None
    level: Level | None
    count: Annotated[int, Between(0, 3)] | None
    cpus: Set[Zone] | None
    keys: Map[Page, bool] | None
@operation()
def save(m: Table, page: Page) -> None:
    WRITE_ONCE(m.ptes[page], Pte(present=True))
    old = READ_ONCE(m.ptes[page])
    if old is not None and old.present:
        WRITE_ONCE(m.ptes[page], old.but(dirty=True))
    p = READ_ONCE(m.pair)
    if p is None:
        WRITE_ONCE(m.pair, Pair(left=True))
    elif p.pte.present:
        WRITE_ONCE(m.pair, None)
    else:
        WRITE_ONCE(m.pair, p.but(pte=Pte(present=True, dirty=p.left), left=False))
@hardware("drops")
def drop(m: Table, page: Page) -> None:
    require(m.ptes[page] is not None and m.ptes[page].dirty)
    m.ptes[page] = None
@hardware("turns")
def turn(m: Table, page: Page) -> None:
    require(not (m.level is not None and m.level >= Level.HIGH))
    m.level = Level.HIGH if m.level is not None and m.level > Level.LOW else Level.MID
    m.count = m.count + 1 if m.count is not None and m.count < 2 else 0
    full = m.cpus is not None and Zone.DMA in m.cpus
    m.cpus = m.cpus | Set({Zone.NORMAL}) if m.cpus is not None and full else Set({Zone.DMA})
    m.keys = None if m.keys is not None and m.keys[page] else Map({p: p == page for p in Page})


@invariant
def counted(m: Table) -> bool:
    return m.count is None or (m.count <= 1 and m.level is not None and Level.LOW < m.level)


@invariant
def low(m: Table) -> bool:
    return m.level is None or m.level <= Level.MID or m.cpus is None or Zone.NORMAL not in m.cpus


@initial
def empty(m: Table) -> None:
    pass
@invariant
def present(m: Table) -> bool:
    return all(m.ptes[page] is None or m.ptes[page].present for page in Page)
@invariant
def clean(m: Table) -> bool:
    return m.pair is None or m.pair.left or not m.pair.pte.dirty
world = Scenario("world", "d", machine=Table, sizes={Page: 2}, initial=empty,
                 actors=[Actor("task", save)], hardware=[drop, turn])
"""


def test_a_part_of_it_is_read_and_changed(tmp_path: Path) -> None:
    """The same by TLC, also from PlusCal, by the reference semantics and by the second engine.

    The local p is not taken for the letter that runs over pages in the text.
    """
    project = project_of(load(tmp_path, "from typing import Annotated\n" + HEADER + PARTS))
    found = {p.prop: p for p in points(read_project(project), tmp_path)}
    module = found["present"].module
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    (tmp_path / module.cfg_file("present")).write_text(module.cfgs["present"], encoding="utf-8")
    outcome = run_tlc(find_toolchain(), tmp_path, module.file, module.cfg_file("present"))
    seen = explore(module.model, ["present", "clean", "counted", "low"])
    quick = searched(module.model, "present")
    compared = compare_graphs(module, tmp_path, find_toolchain())
    assert (compared.differences, compared.undecided) == ((), None)
    assert outcome.distinct == seen.distinct == quick.distinct
    assert set(seen.violated) == {"clean", "low"}
    broken = searched(module.model, "clean")
    assert len(broken.trace) == seen.violated["clean"]
    told = trace_of(module.model, follow(module.model, broken.trace, "clean"), "clean")
    assert "pair" in "".join(c.place for s in told.steps for c in s.changes)
