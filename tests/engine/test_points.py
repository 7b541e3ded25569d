"""The engine finds what the reference semantics and TLC find, in all that is claimed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.check.engine_results import ask
from kvmtla.check.words import said
from kvmtla.engine import Limits, explore
from kvmtla.fuzz.orbits import representatives
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.point import Point
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.trace import follow, trace_of
from kvmtla.verdict import Kind, Verdict
from support.claims import SPEC, all_points, name, of_each_scenario, of_the_commit, sample
from support.explore import Explored
from support.explore import explore as by_reference

_known: dict[str, Explored] = {}


def _reference(p: Point) -> Explored:
    module = p.module
    if module.name not in _known:
        _known[module.name] = by_reference(module.model)
    return _known[module.name]


# Of each answer of TLC, `verify` asks the engine; this is without TLC.
@pytest.mark.parametrize("p", sample(all_points(), 8), ids=name)
def test_all_verdicts_are_as_expected(p: Point) -> None:
    answer = ask(p, Limits())
    assert answer.reason is None
    assert said(answer.verdict, p.kind) == p.expected


@pytest.mark.parametrize("p", sample(of_each_scenario("method"), 4), ids=name)
def test_it_agrees_with_the_reference_semantics(p: Point) -> None:
    expected, model = _reference(p), p.module.model
    everything = explore(model, ())
    assert everything.verdict is Verdict.HOLDS
    assert everything.distinct == expected.distinct
    assert everything.generated == expected.generated
    assert everything.depth == expected.depth
    assert {n for n, count in everything.fired.items() if count} == expected.taken
    assert expected.stuck is None
    found = explore(model, p.prop)
    assert found.verdict.value == p.expected
    assert (found.verdict is Verdict.VIOLATED) == (p.prop in expected.violated)
    if found.verdict is Verdict.VIOLATED:
        assert (found.kind, found.name) == (Kind.INVARIANT, p.prop)
        assert len(found.trace) == expected.violated[p.prop]
        way = follow(model, found.trace, p.prop)
        assert len(trace_of(model, way, p.prop, reorder=False).steps) == len(way.path)


@pytest.mark.parametrize("p", sample([*of_the_commit("5.19"), *of_the_commit("6.4")], 4), ids=name)
def test_also_where_nothing_is_reduced(p: Point) -> None:
    plain = next(q for q in all_points(Reductions.none()) if name(q) == name(p))
    assert explore(plain.module.model, p.prop).verdict.value == p.expected


def _with_vcpus(p: Point, count: int) -> Model:
    scenario = replace(p.claim.scenario, sizes={**p.claim.scenario.sizes, "Vcpu": count})
    asked = next(
        c
        for c in p.claim.points
        if c.property.name == p.prop and SPEC.spoken(c.constants) == p.constants
    )
    return lower(scenario, SPEC.reader, asked.constants, [asked.property], name="several")


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    "p",
    sample([p for p in of_the_commit("5.18") if "clobbered" in p.claim.name], 3),
    ids=name,
)
def test_symmetry_leaves_one_state_of_each_sort(p: Point, count: int) -> None:
    model = _with_vcpus(p, count)
    expected = by_reference(model)
    apart = explore(model, (), symmetry=False)
    assert (apart.distinct, apart.depth) == (expected.distinct, expected.depth)
    assert apart.generated == expected.generated
    together = explore(model, ())
    assert together.distinct == len(representatives(model, ["Vcpu"], expected.states))
    assert together.depth == expected.depth
    found = explore(model, p.prop)
    if p.prop in expected.violated:
        assert len(found.trace) == expected.violated[p.prop]
        follow(model, found.trace, p.prop)
    else:
        assert found.verdict is Verdict.HOLDS


@pytest.mark.parametrize("p", sample(of_the_commit("5.18"), 4), ids=name)
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
