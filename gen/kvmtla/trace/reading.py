"""Turns the values that TLC prints into values of a model."""

from __future__ import annotations

from collections.abc import Mapping

from kvmtla.emit.slots import slots_of
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
from kvmtla.tlc.values import ModelValue, TlcFunction, TlcRecord, TlcString, TlcValue

NONE = ModelValue("None")


class MismatchError(Exception):
    """A value that is not of the type of its variable."""


class StateReader:
    """A reader of the states of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._slots = {s.name: s for s in slots_of(model)}

    def state(self, variables: Mapping[str, TlcValue]) -> dict[str, Value]:
        """Return the values of all of the model's variables in a state of its module.

        Raises MismatchError where they do not fit.
        """
        missing = self._slots.keys() ^ variables.keys()
        if missing:
            raise MismatchError(f"the state and the model differ in variables: {sorted(missing)}")
        found: dict[str, Value] = {}
        for n, slot in self._slots.items():
            found |= slot.parts(read_value(variables[n], slot.type, self._model.sizes, n))
        return {n: found[n] for n in self._model.variables}


def read_value(v: TlcValue, t: Type, sizes: Mapping[str, int], what: str) -> Value:
    """Return `v` as a value of type `t`; raise MismatchError, which names `what`, if it is none."""
    match t, v:
        case BoolT(), bool():
            return v
        case ((IntT() | LockT()), int()) if not isinstance(v, bool):
            return v
        case EnumT(), TlcString(text):
            return text
        case DomainT(), _:
            return _element(v, t, sizes, what)
        case OptionalT(inner), _:
            return None if v == NONE else read_value(v, inner, sizes, what)
        case RecordT(_, fields), TlcRecord() if {f.name for f in fields} == set(v):
            return tuple(read_value(v[f.name], f.type, sizes, f"{what}.{f.name}") for f in fields)
        case MapT(key, inner), _:
            entries = entries_of(v)
            values = {_element(k, key, sizes, what): e for k, e in entries.items()}
            if set(values) == set(range(sizes[key.name])):
                return tuple(
                    read_value(values[i], inner, sizes, f"{what}[{i}]")
                    for i in range(sizes[key.name])
                )
        case SetT(element), frozenset():
            return frozenset(read_value(e, element, sizes, what) for e in v)
    raise MismatchError(f"{what} is {v}, which is no {t}")


def entries_of(v: TlcValue) -> Mapping[TlcValue, TlcValue]:
    """Return the values of a function by argument; an empty mapping if `v` is not a function."""
    if isinstance(v, TlcFunction):
        return v
    if isinstance(v, tuple):
        # TLC prints a function over 1..n as a tuple.
        return dict(enumerate(v, 1))
    return {}


def _element(v: TlcValue, t: DomainT, sizes: Mapping[str, int], what: str) -> int:
    if t.symmetric and isinstance(v, ModelValue):
        tail = v.name.removeprefix(t.name.lower())
        if tail.isdigit() and int(tail) < sizes[t.name]:
            return int(tail)
    elif not t.symmetric and type(v) is int and 0 <= v < sizes[t.name]:
        return v
    raise MismatchError(f"{what}: {v} is no element of {t}")
