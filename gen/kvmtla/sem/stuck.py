"""Finding who waits in the middle of an operation, and whether that can ever end."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.ir.types import Value
from kvmtla.sem.evaluate import Meaning, State
from kvmtla.sem.steps import enabled, steps

Task = tuple[str, int | None]
"""An actor, and its number where it is one of several."""


def in_the_middle(model: Model, state: State) -> Iterator[tuple[Task, str]]:
    """Yield those who are in the middle of an operation, with the place at which each is."""
    for actor in model.actors:
        if not actor.hardware:
            at = state[f"{actor.name}_pc"]
            places = enumerate(at) if isinstance(at, tuple) else [(None, at)]
            for me, place in places:
                if place not in (IDLE, DONE):
                    yield (actor.name, me), str(place)


def waiting(meaning: Meaning, state: State) -> Iterator[Task]:
    """Yield those who are in the middle of an operation and have no step."""
    for (actor, me), place in in_the_middle(meaning.model, state):
        own = (a for a in meaning.model.actions if (a.actor, a.at) == (actor, place))
        taken = (t for a in own for t in steps(meaning, a, state))
        if all(me is not None and t.bound[t.action.params[0].name] != me for t in taken):
            yield actor, me


def stuck(meaning: Meaning, state: State, most: int) -> list[Task]:
    """Return those who wait in a state and will never have a step again, in any continuation.

    Where it would take a look at more than `most` states, those not found to go on are taken to be
    stuck.
    """
    return [task for task in waiting(meaning, state) if not _goes_on(meaning, state, task, most)]


def _goes_on(meaning: Meaning, state: State, task: Task, most: int) -> bool:
    names = tuple(meaning.model.variables)
    todo, seen = [state], set[tuple[Value, ...]]()
    while todo and len(seen) < most:
        now = todo.pop()
        key = tuple(now[n] for n in names)
        if key in seen:
            continue
        seen.add(key)
        if task not in waiting(meaning, now):
            return True
        todo += (t.after for t in enabled(meaning, now))
    return False
