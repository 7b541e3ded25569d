"""What a value of a type may be."""

from __future__ import annotations

from kvmtla.ir.model import Model
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
)
from kvmtla.sem import State


def well_typed(model: Model, state: State) -> bool:
    """Has every variable a value that its type has?"""
    return all(_is(state[v.name], v.type, model) for v in model.variables.values())


def _is(value: Value, t: Type, model: Model) -> bool:
    match t:
        case BoolT():
            return isinstance(value, bool)
        case IntT(low, high):
            return type(value) is int and low <= value <= high
        case DomainT(name):
            return type(value) is int and 0 <= value < model.sizes[name]
        case LockT():
            tasks = (
                model.sizes[a.domain] if a.domain else 1 for a in model.actors if not a.hardware
            )
            return type(value) is int and -1 <= value <= sum(tasks)
        case EnumT(_, members):
            return value in members
        case OptionalT(inner):
            return value is None or _is(value, inner, model)
        case RecordT(_, fields):
            assert isinstance(value, tuple)
            return all(_is(v, f.type, model) for v, f in zip(value, fields, strict=True))
        case MapT(_, inner):
            assert isinstance(value, tuple)
            return all(_is(v, inner, model) for v in value)
        case SetT(element):
            assert isinstance(value, frozenset)
            return all(_is(v, element, model) for v in value)
    raise AssertionError(t)
