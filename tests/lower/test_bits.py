"""Bits that no value of a word ever has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kvmtla.front.scenario import Spec
from kvmtla.ir.bits import never_set
from kvmtla.ir.types import MapT, OptionalT, RecordT, Type, Value
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions
from support.claims import SPEC
from support.explore import explore


@pytest.fixture(scope="module")
def spec() -> Spec:
    return SPEC


def _set_bits(value: Value, t: Type) -> Iterator[tuple[str, str]]:
    match t:
        case OptionalT(inner) if value is not None:
            yield from _set_bits(value, inner)
        case MapT(_, inner):
            assert isinstance(value, tuple)
            for v in value:
                yield from _set_bits(v, inner)
        case RecordT(name, fields, word=word):
            assert isinstance(value, tuple)
            for f, v in zip(fields, value, strict=True):
                if not word:
                    yield from _set_bits(v, f.type)
                elif v:
                    yield name, f.name


def _without(value: Value, t: Type, clear: frozenset[tuple[str, str]]) -> Value:
    match t:
        case OptionalT(inner) if value is not None:
            return _without(value, inner, clear)
        case MapT(_, inner):
            assert isinstance(value, tuple)
            return tuple(_without(v, inner, clear) for v in value)
        case RecordT(name, fields):
            assert isinstance(value, tuple)
            return tuple(
                _without(v, f.type, clear)
                for f, v in zip(fields, value, strict=True)
                if (name, f.name) not in clear
            )
    return value


@pytest.mark.parametrize(
    ("scenario", "some"),
    [
        ("zap", {("Spte", "mmio"), ("Spte", "large"), ("Spte", "removed")}),
        ("change_pte", {("Spte", "mmio"), ("Spte", "large")}),
        ("zap_both_levels", {("Spte", "mmio")}),
        ("memslot_for_mmio", {("Spte", "removed")}),
    ],
)
def test_such_bits_are_left_out(spec: Spec, scenario: str, some: set[tuple[str, str]]) -> None:
    claim = next(c for c in spec.claims if c.scenario.name == scenario)
    p = claim.points[0]
    whole, narrow = (
        lower(
            claim.scenario, spec.reader, dict(p.constants), [p.property], name="M", reductions=one
        )
        for one in (Reductions(bits=False), Reductions())
    )
    clear = never_set(whole)
    assert some <= clear
    assert not never_set(narrow)
    found, left = explore(whole), explore(narrow)
    types = [v.type for v in whole.variables.values()]
    for state in found.states:
        for value, t in zip(state, types, strict=True):
            assert not clear & set(_set_bits(value, t))
    assert {
        tuple(_without(v, t, clear) for v, t in zip(state, types, strict=True)): depth
        for state, depth in found.states.items()
    } == left.states
    assert (found.violated, found.stuck) == (left.violated, left.stuck)
