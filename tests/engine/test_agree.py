"""Answers are compared, and where they differ, a state shows who is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.agree.witness import witness
from kvmtla.check.agreement import Second
from kvmtla.check.results import Result, conclude
from kvmtla.engine import Limits, compile_model
from kvmtla.ir.expr import FALSE
from kvmtla.ir.model import Guard, Model
from kvmtla.modules.module import Compiled, Module
from kvmtla.modules.point import Point
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.verdict import Verdict
from support.claims import all_points


@pytest.fixture(scope="module")
def holding() -> Point:
    return next(
        p for p in all_points() if p.claim.name == "clobbered_dirty_zap" and p.expected == "holds"
    )


@pytest.fixture(scope="module")
def violated() -> Point:
    return next(
        p
        for p in all_points()
        if p.claim.name == "clobbered_dirty_zap" and p.expected == "violated"
    )


def _checked(point: Point, folder: Path) -> Result:
    module, cfg = point.module, point.module.cfg_file(point.prop)
    (folder / module.file).write_text(module.text, encoding="utf-8")
    (folder / cfg).write_text(module.cfgs[point.prop], encoding="utf-8")
    return conclude(point, run_tlc(find_toolchain(), folder, module.file, cfg))


def _with_text(point: Point, text: str) -> Point:
    """The point with a module that says something else than its model."""
    module = point.module
    made = Compiled(module.model, text, module.cfgs)
    return replace(point, module=Module(module.name, module.folder, lambda: made))


def _crippled(model: Model, name: str) -> Model:
    """The model without one of its actions."""
    return replace(
        model,
        actions=tuple(
            replace(a, tree=Guard(FALSE, a.tree)) if a.name == name else a for a in model.actions
        ),
    )


def test_the_same_is_found(holding: Point, violated: Point, tmp_path: Path) -> None:
    for point in (holding, violated):
        found = Second().compare(_checked(point, tmp_path))
        assert (found.differences, found.undecided) == ((), None)


def test_other_numbers_differ(holding: Point, violated: Point, tmp_path: Path) -> None:
    result = _checked(holding, tmp_path)
    assert result.distinct == 29
    assert result.searched is not None
    found = Second().compare(replace(result, distinct=28, searched=result.searched + 1))
    assert found.differences == ("states: TLC 28, the engine 29", "depth: TLC 8, the engine 7")
    result = _checked(violated, tmp_path)
    found = Second().compare(replace(result, states=result.states[:-1]))
    assert found.differences == ("steps: TLC 3, the engine 4",)
    found = Second().compare(replace(result, verdict=Verdict.HOLDS, states=()))
    assert found.differences[0] == "verdict: TLC holds, the engine violated"


def test_an_unknown_verdict_cannot_be_compared(holding: Point, tmp_path: Path) -> None:
    result = _checked(holding, tmp_path)
    unknown = replace(result, verdict=Verdict.UNKNOWN, reason="no idea")
    assert Second().compare(unknown).undecided == "no idea"
    found = Second(Limits(states=10)).compare(result)
    assert found.undecided == "the engine gave up: there are more than 10 states"


def test_a_state_that_the_engine_misses(holding: Point) -> None:
    crippled = compile_model(_crippled(holding.module.model, "evict"))
    said = witness(holding, crippled, find_toolchain())
    assert said[0] == "The reference semantics reaches a state that the engine does not:"
    assert [line.split()[0] for line in said[1:]] == list(holding.module.model.variables)


def test_a_state_that_only_the_engine_reaches(holding: Point) -> None:
    model = holding.module.model
    made = Compiled(_crippled(model, "evict"), holding.module.text, holding.module.cfgs)
    less = replace(holding, module=Module(model.name, holding.module.folder, lambda: made))
    said = witness(less, compile_model(model), find_toolchain())
    assert said[0] == "The engine reaches a state that the reference semantics does not:"


def test_a_state_that_tlc_misses(holding: Point) -> None:
    text = holding.module.text
    head = next(line for line in text.splitlines() if line.startswith("evict("))
    less = _with_text(holding, text.replace(head, f"{head}\n    /\\ FALSE"))
    said = witness(less, compile_model(holding.module.model), find_toolchain())
    assert said[0].endswith("TLC does not reach this one:")
    assert [line.split()[0] for line in said[1:]] == list(holding.module.model.variables)


def test_a_state_that_only_tlc_reaches(holding: Point) -> None:
    model = _crippled(holding.module.model, "evict")
    made = Compiled(model, holding.module.text, holding.module.cfgs)
    more = replace(holding, module=Module(model.name, holding.module.folder, lambda: made))
    said = witness(more, compile_model(model), find_toolchain())
    assert said[0].endswith("TLC reaches one that they do not:")


def test_the_same_states_and_another_verdict(holding: Point) -> None:
    model = holding.module.model
    said = witness(holding, compile_model(model), find_toolchain())
    assert said[0].endswith("So does TLC; what they say of them is what differs.")
