"""From the states that TLC found to a trace that can be shown."""

from __future__ import annotations

from collections.abc import Sequence

from kvmtla.ir.model import Model
from kvmtla.sem import Meaning, State, Taken
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
    told, before = [], first
    for number, taken in enumerate(path, 1):
        told.append(teller.step(number, taken, before))
        before = taken.after
    if invariant is None:
        failure: tuple[str, ...] = (
            "deadlock: somebody is in the middle of something, and no step is possible",
        )
        words = "No actor waits for ever."
    else:
        failure = explain(meaning, Words(model), invariant, before)
        words = meaning.definitions[invariant].doc
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
