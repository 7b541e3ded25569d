"""What is left of a scenario in which a property is violated, when nothing more can be spared."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.check.results import conclude
from kvmtla.front.scenario import read_project
from kvmtla.insight.minimise import Minimal, minimise
from kvmtla.modules.points import points
from kvmtla.tlc import RunOptions, find_toolchain, run_tlc
from support.specs import load

SPEC = """
from kvmtla import *


class M(Shared):
    busy: bool
    done: bool
    other: bool


@operation()
def work(m: M) -> None:
    WRITE_ONCE(m.busy, True)
    if READ_ONCE(m.done):
        WRITE_ONCE(m.busy, False)


@operation()
def finish(m: M) -> None:
    WRITE_ONCE(m.done, True)


@operation()
def turn(m: M) -> None:
    old = READ_ONCE(m.other)
    WRITE_ONCE(m.other, not old)


@initial
def first(m: M) -> None:
    m.busy = False


@eventually
def idle(m: M) -> bool:
    return m.done and not m.busy and m.other == m.other


@invariant
def never(m: M) -> bool:
    return m.busy or m.done or m.other


world = Scenario(
    "world",
    "Somebody works.",
    machine=M,
    sizes={},
    initial=first,
    actors=[
        Actor("worker", work, times=2, fair=True),
        Actor("finisher", finish),
        Actor("turner", turn),
    ],
)
project = Project(
    "p",
    [Claim("C1", "c", quote="", source="", scenario=world, expect=[violated(PROP)])],
    constants=[],
)
"""


def _minimal(folder: Path, prop: str) -> Minimal:
    spec = read_project(load(folder, SPEC.replace("PROP", prop)).project)
    (point,) = points(spec, folder)
    return minimise(point, spec, folder)


def test_who_is_fair_is_needed_for_what_happens_in_the_end(tmp_path: Path) -> None:
    found = _minimal(tmp_path, "idle")
    assert found.left_out == ("finisher", "turner")
    (worker,) = found.point.claim.scenario.actors
    assert (worker.name, worker.times, worker.fair) == ("worker", 2, True)


@pytest.mark.parametrize("prop", ["idle", "never"])
def test_tlc_says_the_same_of_what_is_left(prop: str, tmp_path: Path) -> None:
    point = _minimal(tmp_path, prop).point
    assert len(point.claim.scenario.actors) == 1
    module = point.module
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    cfg = module.cfg_file(prop)
    (tmp_path / cfg).write_text(module.cfgs[prop], encoding="utf-8")
    result = conclude(
        point, run_tlc(find_toolchain(), tmp_path, module.file, cfg, options=RunOptions())
    )
    assert (result.said, result.reason) == ("violated", None)
