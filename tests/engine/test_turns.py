"""Who is fair has taken a step whether it changed anything or not: TLC and the engine agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.emit.module import ModuleWriter
from kvmtla.engine import go_round
from kvmtla.front.scenario import read_project
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.trace import follow
from kvmtla.verdict import Verdict
from support.specs import load, project_of

SPEC = """
from kvmtla import *

class Cpu(Domain):
    pass

class M(Shared):
    a: bool
    b: Map[Cpu, bool]

@operation()
def setter(m: M) -> None:
    set_bit(m.a)

@operation()
def one_read(m: M) -> None:
    READ_ONCE(m.a)

@operation()
def loops(m: M) -> None:
    while not READ_ONCE(m.a):
        if choose(bool):
            set_bit(m.a)

@operation()
def maybe(m: M, me: Cpu) -> None:
    turn = choose(bool)
    if turn:
        set_bit(m.a)
    READ_ONCE(m.b[me])
    if turn:
        set_bit(m.b[me])

@operation()
def nothing(m: M) -> None:
    pass

@hardware("it may set b", fair=True)
def may_set(m: M, cpu: Cpu) -> None:
    if choose(bool):
        m.b[cpu] = True

@hardware("it sets b", fair=True)
def sets(m: M, cpu: Cpu) -> None:
    m.b[cpu] = True

@initial
def first(m: M) -> None:
    m.a = False

@eventually
def gets_a(m: M) -> bool:
    return m.a

@eventually
def gets_b(m: M, cpu: Cpu) -> bool:
    return m.b[cpu]

world = Scenario("world", "w.", machine=M, sizes={Cpu: 2}, initial=first,
                 hardware=[HARDWARE], actors=[ACTORS])
project = Project("p", [Claim("T1", "c", quote="", source="", scenario=world,
                              expect=[holds(ASKED)])], constants=[])
"""


def _point(folder: Path, asked: str, actors: str, hardware: str = "") -> Point:
    text = SPEC.replace("HARDWARE", hardware).replace("ACTORS", actors).replace("ASKED", asked)
    (point,) = points(read_project(project_of(load(folder, text, "turns.py"))), folder)
    return point


@pytest.mark.parametrize(
    ("asked", "actors", "hardware", "expected"),
    [
        ("gets_a", 'Actor("f", one_read, setter, fair=True)', "", Verdict.VIOLATED),
        ("gets_a", 'Actor("f", nothing, setter, fair=True)', "", Verdict.HOLDS),
        ("gets_a", 'Actor("f", loops, fair=True)', "", Verdict.VIOLATED),
        ("gets_a", 'Actor("f", maybe, each=Cpu, fair=True)', "", Verdict.VIOLATED),
        ("gets_b", 'Actor("f", setter)', "may_set", Verdict.VIOLATED),
        ("gets_b", 'Actor("f", setter)', "sets", Verdict.HOLDS),
    ],
)
def test_what_somebody_fair_does_counts(
    tmp_path: Path, asked: str, actors: str, hardware: str, expected: Verdict
) -> None:
    model = _point(tmp_path, asked, actors, hardware).module.model
    found = go_round(model, asked)
    assert found.verdict is expected
    if expected is Verdict.VIOLATED:
        follow(model, found.trace, asked, found.loop)
    writer = ModuleWriter(model, tmp_path)
    (tmp_path / f"{model.name}.tla").write_text(writer.module(), encoding="utf-8")
    (tmp_path / "one.cfg").write_text(writer.cfg(asked), encoding="utf-8")
    said = run_tlc(find_toolchain(), tmp_path, f"{model.name}.tla", "one.cfg")
    assert said.verdict is expected
