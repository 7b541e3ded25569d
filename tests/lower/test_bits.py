"""Bits that no value of a word ever has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kvmspec import project
from kvmtla.front.scenario import Spec, read_project
from kvmtla.ir.bits import never_set
from kvmtla.ir.types import MapT, OptionalT, RecordT, Type, Value
from kvmtla.lower.build import lower
from support.explore import explore


@pytest.fixture(scope="module")
def spec() -> Spec:
    return read_project(project)


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


@pytest.mark.parametrize(
    ("scenario", "some"),
    [
        ("zap", {("Spte", "mmio"), ("Spte", "large"), ("Spte", "removed")}),
        ("change_pte", {("Spte", "mmio"), ("Spte", "large")}),
        ("zap_both_levels", {("Spte", "mmio")}),
        ("memslot_for_mmio", {("Spte", "removed")}),
    ],
)
def test_no_state_has_such_a_bit(spec: Spec, scenario: str, some: set[tuple[str, str]]) -> None:
    claim = next(c for c in spec.claims if c.scenario.name == scenario)
    p = claim.points[0]
    model = lower(claim.scenario, spec.reader, dict(p.constants), [p.property], name="M")
    clear = never_set(model)
    assert some <= clear
    for state in explore(model).states:
        for variable, value in zip(model.variables.values(), state, strict=True):
            assert not clear & set(_set_bits(value, variable.type))
