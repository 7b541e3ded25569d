"""From the states that TLC found to a trace that can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kvmtla.errors import ToolError
from kvmtla.ir.model import Model
from kvmtla.sem import Meaning, State, Taken, enabled
from kvmtla.tlc import RawState
from kvmtla.trace.best import fewest_switches
from kvmtla.trace.explain import explain
from kvmtla.trace.replay import replay
from kvmtla.trace.tell import Teller
from kvmtla.trace.trace import Trace
from kvmtla.trace.words import Words


def build_trace(
    model: Model, raw: Sequence[RawState], invariant: str | None, *, reorder: bool = True
) -> Trace:
    """The trace of a counterexample that TLC found, replayed and told.

    `invariant` is the property that it violates, None for a deadlock. With `reorder`, it is the
    counterexample of the same length with the fewest switches between actors, where the model is
    small enough to be searched. Raises ReplayError where what TLC found does not replay.
    """
    return trace_of(model, *replay(model, raw, invariant), invariant, reorder=reorder)


def trace_of(
    model: Model,
    first: State,
    path: Sequence[Taken],
    invariant: str | None,
    *,
    reorder: bool = True,
) -> Trace:
    """The trace of a counterexample that was replayed or followed; the rest as in `build_trace`."""
    meaning, teller = Meaning(model), Teller(model)
    if reorder and invariant is not None:
        path = fewest_switches(meaning, first, path, invariant, teller.lane)
    return _told(model, first, path, invariant)


def path_trace(model: Model, first: State, choices: Sequence[int], invariant: str | None) -> Trace:
    """The trace of a path that somebody chose: at each state, which of the possible steps.

    They are counted from 0, in the order of `enabled`. Raises ToolError for a step that there is
    not.
    """
    meaning = Meaning(model)
    path: list[Taken] = []
    before = first
    for number, choice in enumerate(choices, 1):
        possible = list(enabled(meaning, before))
        if not 0 <= choice < len(possible):
            there = f"there are {len(possible)}, counted from 0" if possible else "there is none"
            raise ToolError(f"no step {choice} is possible as step {number} of the path: {there}")
        path.append(possible[choice])
        before = path[-1].after
    return replace(_told(model, first, path, invariant), own=True)


def _told(model: Model, first: State, path: Sequence[Taken], invariant: str | None) -> Trace:
    meaning, teller = Meaning(model), Teller(model)
    told, before = [], first
    for number, taken in enumerate(path, 1):
        told.append(teller.step(number, taken, before))
        before = taken.after
    if invariant is None:
        words = "No actor waits for ever."
        failure = _stuck(any(True for _ in enabled(meaning, before)))
    else:
        words = meaning.definitions[invariant].doc
        failure = (f"{invariant} is true in the end",)
        if not meaning.invariant(invariant, before):
            failure = explain(meaning, Words(model), invariant, before)
    return Trace(
        model.scenario,
        model.doc,
        model.constants,
        invariant or "deadlock",
        words,
        tuple(dict.fromkeys(s.lane for s in told)),
        first,
        tuple(teller.first(first)),
        tuple(teller.words.legend()),
        tuple(told),
        failure,
    )


def _stuck(possible: bool) -> tuple[str, ...]:
    if possible:
        return ("somebody can go on in the end",)
    return ("deadlock: somebody is in the middle of something, and no step is possible",)
