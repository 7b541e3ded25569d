"""Nothing that the reference semantics cannot reproduce is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from kvmtla.emit.slots import slots_of
from kvmtla.ir.types import BoolT, EnumT, MapT, OptionalT, RecordT, Type
from kvmtla.sem import Meaning
from kvmtla.tlc import ModelValue, RawState, TlcFunction, TlcRecord, TlcString, TlcValue
from kvmtla.trace import ReplayError, build_trace
from kvmtla.trace.reading import StateReader
from kvmtla.trace.replay import replay


def test_a_true_counterexample_replays(found: Any) -> None:
    way = replay(found.model, found.raw, found.prop)
    steps = len(way.path)
    assert steps == len(found.raw) - 1
    meaning = Meaning(found.model)
    assert [meaning.invariant(found.prop, s) for s in way.states] == [True] * steps + [False]


def test_values_are_read_as_they_were_printed(found: Any) -> None:
    way = replay(found.model, found.raw, found.prop)
    for raw, state in zip(found.raw, way.states, strict=True):
        assert StateReader(found.model).state(raw.variables) == state


def _others(v: TlcValue, t: Type) -> Iterator[TlcValue]:
    """Values of the same type that differ from `v` in one place."""
    match t, v:
        case BoolT(), bool():
            yield not v
        case EnumT(_, members), TlcString(text):
            yield from (TlcString(m) for m in members if m != text)
        case OptionalT(), ModelValue("None"):
            yield 0
        case RecordT(_, fields), TlcRecord():
            for f in fields:
                for other in _others(v[f.name], f.type):
                    yield TlcRecord({**v, f.name: other})
        case MapT(_, inner), TlcFunction():
            for k in v:
                for other in _others(v[k], inner):
                    yield TlcFunction({**v, k: other})


def test_no_state_can_be_changed_in_one_place(zap: Any) -> None:
    """Every state with every variable changed in one place, one at a time."""
    changes = 0
    for i, state in enumerate(zap.raw):
        for slot in slots_of(zap.model):
            name = slot.name
            for other in _others(state.variables[name], slot.type):
                changed = replace(state, variables={**state.variables, name: other})
                raw = (*zap.raw[:i], changed, *zap.raw[i + 1 :])
                changes += 1
                with pytest.raises(ReplayError):
                    replay(zap.model, raw, zap.prop)
    assert changes > 50


def _without(i: int) -> Callable[[tuple[RawState, ...]], tuple[RawState, ...]]:
    return lambda raw: (*raw[:i], *raw[i + 1 :])


def test_no_state_can_be_left_out_repeated_or_moved(zap: Any) -> None:
    raw = zap.raw
    for i in range(len(raw)):
        # Two steps in a row that do not touch each other are a path the other way round as well:
        # leaving out or repeating one never is.
        for altered in (_without(i)(raw), (*raw[: i + 1], raw[i], *raw[i + 1 :])):
            with pytest.raises(ReplayError):
                replay(zap.model, altered, zap.prop)
    with pytest.raises(ReplayError):
        replay(zap.model, tuple(reversed(raw)), zap.prop)
    with pytest.raises(ReplayError, match="there is no state"):
        replay(zap.model, (), zap.prop)


def test_the_action_has_to_be_the_one_that_leads_there(zap: Any) -> None:
    actions = {a.name for a in zap.model.actions}
    for i, state in enumerate(zap.raw[1:], 1):
        for wrong in (actions - {state.action}) | {"Next", None}:
            raw = (*zap.raw[:i], replace(state, action=wrong), *zap.raw[i + 1 :])
            with pytest.raises(ReplayError) as e:
                replay(zap.model, raw, zap.prop)
            assert e.value.step == state.number


def test_the_end_has_to_be_the_first_violation(zap: Any) -> None:
    with pytest.raises(ReplayError, match="page_tagged is true here"):
        replay(zap.model, zap.raw[:-1], zap.prop)


def test_nobody_is_stuck_where_all_can_go_on(zap: Any) -> None:
    with pytest.raises(ReplayError, match="nobody is stuck here"):
        build_trace(zap.model, zap.raw, None)


def test_a_missing_and_a_foreign_variable_are_noticed(zap: Any) -> None:
    state = zap.raw[0]
    fewer = {n: v for n, v in state.variables.items() if n != "mmu_lock"}
    for variables in (fewer, {**state.variables, "other": True}):
        raw = (replace(state, variables=variables), *zap.raw[1:])
        with pytest.raises(ReplayError, match=r"\['(mmu_lock|other)'\]"):
            replay(zap.model, raw, zap.prop)


def test_what_does_not_replay_is_told_with_both_values(zap: Any) -> None:
    last = zap.raw[-1]
    changed = replace(last, variables={**last.variables, "mmu_lock": 1})
    with pytest.raises(ReplayError) as e:
        replay(zap.model, (*zap.raw[:-1], changed), zap.prop)
    assert str(e.value) == (
        f"the counterexample does not replay at state {last.number}: {last.action} does not lead "
        "there; TLC has mmu_lock = held for read by 1; the model has mmu_lock = "
        + ("held for write" if last.variables["mmu_lock"] == -1 else "free")
    )
