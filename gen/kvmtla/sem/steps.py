"""The steps that are possible in a state, and where they lead."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kvmtla.ir.expr import TRUE, Expr
from kvmtla.ir.model import Action, Branch, Event, Guard, Leaf, Let, Pick, Tree
from kvmtla.ir.types import Value, elements
from kvmtla.sem.evaluate import Meaning, State


@dataclass(frozen=True)
class Taken:
    """A step: the action, the values of its parameters and choices, its events, where it leads.

    `enters` says whether a kernel function begins where it comes to rest.
    """

    action: Action
    bound: Mapping[str, Value]
    events: tuple[Event, ...]
    after: State
    enters: bool = False


def first_states(meaning: Meaning) -> Iterator[State]:
    """Yield all states in which the model may begin."""
    blank = {v.name: v.first for v in meaning.model.variables.values()}
    for leaf, bound in _ends(meaning, meaning.model.initial, blank, {}):
        values = {n: meaning.value(e, blank, bound) for n, e in leaf.updates.items()}
        yield {**blank, **values}


def enabled(meaning: Meaning, state: State) -> Iterator[Taken]:
    """Yield all steps that are possible in `state`."""
    for action in meaning.model.actions:
        yield from steps(meaning, action, state)


def steps(meaning: Meaning, action: Action, state: State) -> Iterator[Taken]:
    """Yield the steps of one action that are possible in `state`, for all its parameters."""
    model = meaning.model
    ranges = [elements(p.type, model.sizes) for p in action.params]
    indexed = any(i.name == action.actor and i.domain is not None for i in model.actors)
    for values in itertools.product(*ranges):
        bound = {p.name: v for p, v in zip(action.params, values, strict=True)}
        me = values[0] if indexed and action.at is not None else None
        if action.at is not None:
            pc = state[f"{action.actor}_pc"]
            if me is not None:
                assert isinstance(pc, tuple)
                assert isinstance(me, int)
                pc = pc[me]
            if pc != action.at:
                continue
        for leaf, inner in _ends(meaning, action.tree, state, bound):
            after = dict(state)
            for name, e in leaf.updates.items():
                after[name] = _new_value(meaning, name, e, state, inner, me)
            yield Taken(action, inner, _happening(meaning, leaf, state, inner), after, leaf.enters)


def _happening(
    meaning: Meaning, leaf: Leaf, state: State, bound: Mapping[str, Value]
) -> tuple[Event, ...]:
    """Return the events on the way to an end that is taken in a state."""
    return tuple(e for e in leaf.events if e.when == TRUE or meaning.value(e.when, state, bound))


def _new_value(
    meaning: Meaning,
    name: str,
    e: Expr,
    state: State,
    bound: Mapping[str, Value],
    me: Value,
) -> Value:
    value = meaning.value(e, state, bound)
    if me is None or meaning.model.variables[name].actor is None:
        return value
    # An actor that is one of several changes its own entry only.
    held = state[name]
    assert isinstance(held, tuple)
    assert isinstance(me, int)
    return (*held[:me], value, *held[me + 1 :])


def _ends(
    meaning: Meaning, tree: Tree, state: State, bound: Mapping[str, Value]
) -> Iterator[tuple[Leaf, Mapping[str, Value]]]:
    """Yield the ends that a tree comes to in a state, with the values chosen on the way."""
    match tree:
        case Leaf():
            yield tree, bound
        case Branch(cond, then, other):
            way = then if meaning.value(cond, state, bound) else other
            yield from _ends(meaning, way, state, bound)
        case Guard(cond, body):
            if meaning.value(cond, state, bound):
                yield from _ends(meaning, body, state, bound)
        case Let(names, body):
            inner = dict(bound)
            for b in names:
                if b.when == TRUE or meaning.value(b.when, state, inner):
                    inner[b.var.name] = meaning.value(b.value, state, inner)
            yield from _ends(meaning, body, state, inner)
        case Pick(var, body, when):
            values = elements(var.type, meaning.model.sizes)
            if when != TRUE and not meaning.value(when, state, bound):
                values = values[:1]
            for v in values:
                yield from _ends(meaning, body, state, {**bound, var.name: v})
