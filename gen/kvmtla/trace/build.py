"""Turns the states that TLC found into a trace that can be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kvmtla.errors import ToolError
from kvmtla.ir.model import Model
from kvmtla.sem import Meaning, State, Taken, enabled, in_the_middle, stuck
from kvmtla.tlc import Lasso, RawState
from kvmtla.trace.best import easiest
from kvmtla.trace.explain import explain
from kvmtla.trace.links import linked
from kvmtla.trace.replay import MOST_AHEAD, Walk, replay
from kvmtla.trace.tell import Teller
from kvmtla.trace.trace import Trace
from kvmtla.trace.words import Words


def build_trace(
    model: Model,
    raw: Sequence[RawState],
    prop: str | None,
    lasso: Lasso | None = None,
    *,
    reorder: bool = True,
) -> Trace:
    """Return the trace of what TLC found, replayed and told.

    `prop` is the property that it is about, None where somebody is stuck; `lasso` says how it goes
    on for ever. With `reorder`, it is the trace of the same length with the fewest switches between
    actors, and then the fewest actors, where the model is small enough to be searched. Raises
    ReplayError where what TLC found does not replay.
    """
    return trace_of(model, replay(model, raw, prop, lasso), prop, reorder=reorder)


def trace_of(model: Model, walk: Walk, prop: str | None, *, reorder: bool = True) -> Trace:
    """Return the trace of a walk that was replayed or followed; the rest is as in `build_trace`."""
    meaning, teller = Meaning(model), Teller(model)
    if reorder and prop is not None and walk.loop is None:
        asked = model.asked(prop)
        walk = easiest(meaning, walk, asked, teller.lane)
    return _told(model, walk, prop)


def path_trace(model: Model, first: State, choices: Sequence[int], prop: str | None) -> Trace:
    """Return the trace of a path that somebody chose, step by step.

    `choices` says which of the possible steps is taken at each state, counted from 0 in the order
    of `enabled`. Raises ToolError for a step that does not exist.
    """
    meaning = Meaning(model)
    path: list[Taken] = []
    before = first
    for number, choice in enumerate(choices, 1):
        possible = list(enabled(meaning, before))
        if not 0 <= choice < len(possible):
            there = f"there are {len(possible)}, counted from 0" if possible else "there is none"
            raise ToolError(
                "KT910", f"no step {choice} is possible as step {number} of the path: {there}"
            )
        path.append(possible[choice])
        before = path[-1].after
    return replace(_told(model, Walk(first, path), prop), own=True)


def _told(model: Model, walk: Walk, name: str | None) -> Trace:
    meaning, teller = Meaning(model), Teller(model)
    told, before = [], walk.first
    for number, taken in enumerate(walk.path, 1):
        told.append(teller.step(number, taken, before))
        before = taken.after
    prop = model.asked(name) if name is not None else None
    if prop is None:
        words = "Nobody who is in the middle of an operation waits for ever."
        failure = tuple(_stuck(teller, meaning, before))
    else:
        words = prop.doc
        failure = explain(meaning, Words(model), prop, walk.states, walk.loop)
    if prop is not None and walk.loop == len(walk.path):
        failure = (*failure, *_idle(teller, meaning, before))
    return Trace(
        model.scenario,
        model.doc,
        model.constants,
        name or "stuck",
        words,
        tuple(dict.fromkeys(s.lane for s in told)),
        walk.first,
        tuple(teller.first(walk.first)),
        tuple(teller.words.legend()),
        linked(told),
        failure,
        kind=prop.kind if prop is not None else None,
        loop=walk.loop,
    )


def _idle(teller: Teller, meaning: Meaning, state: State) -> Iterator[str]:
    """Yield a line for each lane that could go on where nothing happens any more."""
    could = [t for t in enabled(meaning, state) if t.after != state]
    for lane in dict.fromkeys(map(teller.lane, could)):
        yield f"    {lane} could go on, but need not: it is not fair"


def _stuck(teller: Teller, meaning: Meaning, state: State) -> Iterator[str]:
    """Yield lines that say who can never go on, and where each of them is."""
    places = dict(in_the_middle(meaning.model, state))
    found = stuck(meaning, state, MOST_AHEAD)
    if not found:
        yield "whoever waits in the end can go on"
    for actor, me in found:
        yield f"{teller.name(actor, me)} can never go on, whatever the others do:"
        at = places[actor, me]
        own = (a for a in meaning.model.actions if (a.actor, a.at) == (actor, at))
        for a in own:
            where = f"{Path(a.loc.file).name}:{a.loc.line}"
            yield f"    it is in {a.operation}(), at {a.loc.text() or at} ({where})"
