"""The engine finds what the reference semantics and TLC find, in all that is claimed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from kvmspec import project
from kvmtla.check.points import Point, points
from kvmtla.engine import explore
from kvmtla.front.scenario import Spec, read_project
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions
from kvmtla.tlc import Kind, Verdict, find_toolchain, run_tlc
from kvmtla.trace import follow, trace_of
from support.explore import Explored
from support.explore import explore as by_reference
from support.orbits import orbits

ROOT = Path(__file__).parents[2] / "spec"


@cache
def _spec() -> Spec:
    return read_project(project)


@cache
def _points(reduced: bool = True) -> list[Point]:
    return points(_spec(), ROOT, None if reduced else Reductions.none())


def _name(p: Point) -> str:
    return " ".join([p.claim.name, *p.settings.values(), p.prop])


_known: dict[str, Explored] = {}


def _reference(p: Point) -> Explored:
    name = p.module.name
    if name not in _known:
        _known[name] = by_reference(p.module.model)
    return _known[name]


@pytest.mark.parametrize("p", _points(), ids=_name)
def test_it_agrees_with_the_reference_semantics(p: Point) -> None:
    expected, model = _reference(p), p.module.model
    everything = explore(model, ())
    assert everything.verdict is Verdict.HOLDS
    assert everything.distinct == expected.distinct
    assert everything.generated == expected.generated
    assert everything.depth == expected.depth
    assert {n for n, count in everything.fired.items() if count} == expected.taken
    found = explore(model, p.prop)
    assert found.verdict.value == p.expected
    assert (found.verdict is Verdict.VIOLATED) == (p.prop in expected.violated)
    if found.verdict is Verdict.VIOLATED:
        assert (found.kind, found.name) == (Kind.INVARIANT, p.prop)
        assert len(found.trace) == expected.violated[p.prop]
        first, path = follow(model, found.trace, p.prop)
        assert len(trace_of(model, first, path, p.prop, reorder=False).steps) == len(path)


@pytest.mark.parametrize(
    "p", [p for p in _points(False) if p.settings["kernel"] == "6.4"], ids=_name
)
def test_also_where_nothing_is_reduced(p: Point) -> None:
    found = explore(p.module.model, p.prop)
    assert found.verdict.value == p.expected


def _with_vcpus(p: Point, count: int) -> Model:
    scenario = replace(p.claim.scenario, sizes={**p.claim.scenario.sizes, "Vcpu": count})
    prop = next(c.property for c in p.claim.points if c.property.name == p.prop)
    return lower(scenario, _spec().reader, p.constants, [prop], name="several")


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    "p",
    [p for p in _points() if "clobbered" in p.claim.name and p.settings["kernel"] == "5.18"],
    ids=_name,
)
def test_symmetry_leaves_one_state_of_each_sort(p: Point, count: int) -> None:
    model = _with_vcpus(p, count)
    expected = by_reference(model)
    apart = explore(model, (), symmetry=False)
    assert (apart.distinct, apart.depth) == (expected.distinct, expected.depth)
    assert apart.generated == expected.generated
    together = explore(model, ())
    assert together.distinct == orbits(model, ["Vcpu"], expected.states)
    assert together.depth == expected.depth
    found = explore(model, p.prop)
    if p.prop in expected.violated:
        assert len(found.trace) == expected.violated[p.prop]
        follow(model, found.trace, p.prop)
    else:
        assert found.verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    "p", [p for p in _points() if p.settings["kernel"] in ("5.18", "6.0")], ids=_name
)
def test_it_agrees_with_tlc(p: Point, tmp_path: Path) -> None:
    module = p.module
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    (tmp_path / module.cfg_file(p.prop)).write_text(module.cfgs[p.prop], encoding="utf-8")
    expected = run_tlc(find_toolchain(), tmp_path, module.file, module.cfg_file(p.prop))
    found = explore(module.model, p.prop)
    assert (found.verdict, found.kind, found.name) == (
        expected.verdict,
        expected.kind,
        expected.name,
    )
    assert len(found.trace) == len(expected.trace)
    if found.verdict is Verdict.HOLDS:
        assert (found.distinct, found.depth) == (expected.distinct, expected.depth)
