"""Counterexamples of the project's own spec, found by the reference semantics, without Java."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kvmtla.ir.model import Model
from kvmtla.ir.types import DomainT, EnumT, MapT, OptionalT, RecordT, SetT, Type, Value
from kvmtla.modules.point import Point
from kvmtla.sem import Meaning, State, enabled, first_states
from kvmtla.tlc import ModelValue, RawState, TlcFunction, TlcRecord, TlcString, TlcValue
from support.claims import all_points


@dataclass(frozen=True)
class Found:
    """A shortest violation, as TLC would print it."""

    model: Model
    prop: str
    raw: tuple[RawState, ...]


def point(name: str, kernel: str, method: str, prop: str, **others: str) -> Point:
    for p in all_points():
        if (p.claim.name, p.prop) == (name, prop) and p.settings == {
            "kernel": kernel,
            "method": method,
            **others,
        }:
            return p
    raise LookupError(name)


@cache
def violation(name: str, kernel: str, method: str, prop: str) -> Found:
    p = point(name, kernel, method, prop)
    model = p.module.model
    return Found(model, prop, _shortest(model, prop))


def _shortest(model: Model, prop: str) -> tuple[RawState, ...]:
    meaning = Meaning(model)

    def key(state: State) -> tuple[Value, ...]:
        return tuple(state[n] for n in model.variables)

    before: dict[tuple[Value, ...], tuple[State, str] | None] = {}
    todo: deque[State] = deque()
    for s in first_states(meaning):
        before[key(s)] = None
        todo.append(s)
    while todo:
        s = todo.popleft()
        if not meaning.invariant(prop, s):
            path: list[tuple[State, str | None]] = []
            now: State = s
            while (step := before[key(now)]) is not None:
                path.insert(0, (now, step[1]))
                now = step[0]
            path.insert(0, (now, None))
            return tuple(
                RawState(i, action, as_printed(model, state))
                for i, (state, action) in enumerate(path, 1)
            )
        for t in enabled(meaning, s):
            if key(t.after) not in before:
                before[key(t.after)] = (s, t.action.name)
                todo.append(t.after)
    raise AssertionError(f"{prop} holds")


def as_printed(model: Model, state: State) -> Mapping[str, TlcValue]:
    """A state as TLC has it: of each task that has locals, one record."""
    shown = {n: printed(state[n], v.type) for n, v in model.variables.items()}
    for actor in model.actors:
        own = {n: v for n, v in model.variables.items() if v.actor == actor.name}
        if len(own) < 2:
            continue
        values = {n.removeprefix(f"{actor.name}_"): shown.pop(n) for n in own}
        if actor.domain is None:
            shown[actor.name] = TlcRecord(values)
            continue
        (keys,) = {v.type.key for v in own.values() if isinstance(v.type, MapT)}
        names = [printed(i, keys) for i in range(model.sizes[actor.domain])]
        of_each = {f: v for f, v in values.items() if isinstance(v, TlcFunction)}
        assert of_each.keys() == values.keys()
        shown[actor.name] = TlcFunction(
            {name: TlcRecord({f: v[name] for f, v in of_each.items()}) for name in names}
        )
    return shown


def printed(value: Value, t: Type) -> TlcValue:
    """A value as TLC's would be read, written here without a look at the reader under test."""
    match t:
        case EnumT():
            return TlcString(str(value))
        case OptionalT(inner):
            return ModelValue("None") if value is None else printed(value, inner)
        case DomainT(name, symmetric):
            assert isinstance(value, int)
            return ModelValue(f"{name.lower()}{value}") if symmetric else value
        case RecordT(_, fields):
            assert isinstance(value, tuple)
            return TlcRecord(
                {f.name: printed(v, f.type) for f, v in zip(fields, value, strict=True)}
            )
        case MapT(key, inner):
            assert isinstance(value, tuple)
            return TlcFunction({printed(i, key): printed(v, inner) for i, v in enumerate(value)})
        case SetT(element):
            assert isinstance(value, frozenset)
            return frozenset(printed(v, element) for v in value)
    assert isinstance(value, bool | int)
    return value


C3 = ("missed_dirty_page_pml", "5.19", "pml", "dirty_implies_logged")
C4 = ("missed_dirty_page_wp", "5.19", "wp", "dirty_implies_logged")
IN_PLACE = ("clobbered_writable_in_place", "5.19", "wp", "writable_implies_flushed_w")
ZAP = ("clobbered_dirty_zap", "5.18", "pml", "page_tagged")
