"""Deciding whether an endless behaviour is fair, and whether it violates a temporal property.

A behaviour is written down as a lasso: states, each but the first made by a step from the one
before, and the number of the state from which it goes on again and again. The last state repeats
that one; where it is that very state, nothing happens any more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvmtla.ir.model import Fair
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import Value, elements
from kvmtla.sem.evaluate import Meaning, State
from kvmtla.sem.steps import Taken, steps


@dataclass(frozen=True)
class Broken:
    """A violation of a temporal property by a behaviour, with the values of its parameters.

    `since` is the number of the state, 0 for the first, from which on the goal never comes.
    """

    bound: Mapping[str, Value]
    since: int


def broken(meaning: Meaning, p: Property, states: Sequence[State], loop: int) -> Broken | None:
    """Return how a lasso violates a property; None where it does not."""
    last = max(len(states) - 1, loop + 1)
    for values in itertools.product(*(elements(v.type, meaning.model.sizes) for v in p.params)):
        bound = {v.name: value for v, value in zip(p.params, values, strict=True)}
        *premise, goal = p.parts
        come = [bool(meaning.value(goal, s, bound)) for s in states[:last]]
        if any(come[loop:]):
            continue
        # The first state from which on it never comes.
        quiet = max((i + 1 for i, good in enumerate(come) if good), default=0)
        if p.kind is PropertyKind.EVENTUALLY:
            if quiet == 0:
                return Broken(bound, 0)
            continue
        for i in range(quiet, last):
            if meaning.value(premise[0], states[i], bound):
                return Broken(bound, i)
    return None


def unfair(meaning: Meaning, states: Sequence[State], loop: int) -> tuple[Fair, Value] | None:
    """Return someone fair who could always take a step on a lasso's loop, and never does.

    The second value is its number among several (None: there is one only). None where the
    behaviour is fair.
    """
    around = states[loop:] if len(states) > loop + 1 else [states[loop], states[loop]]
    for fair in meaning.model.fairness:
        members: Sequence[Value] = [None]
        if fair.each is not None:
            members = range(meaning.model.sizes[fair.each])
        for me in members:
            possible = [
                [t.after for t in steps_of(meaning, fair, me, s) if t.after != s]
                for s in around[:-1]
            ]
            waits = not all(possible)
            moves = any(b in ways for b, ways in zip(around[1:], possible, strict=True))
            if not waits and not moves:
                return fair, me
    return None


def steps_of(meaning: Meaning, fair: Fair, me: Value, state: State) -> Iterator[Taken]:
    """Yield the steps that somebody fair can take in a state."""
    for action in meaning.model.actions:
        if action.name in fair.actions:
            for t in steps(meaning, action, state):
                if fair.each is None or t.bound[action.params[0].name] == me:
                    yield t
