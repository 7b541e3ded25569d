"""Actors that are in the middle of an operation and can never go on, whatever happens.

An actor that waits stays where it is until it takes a step. So a pair of a state and an actor that
waits there is followed by pairs with the same actor, in states in which it still waits, or by a
state in which it can go on. An actor is stuck if its pair cannot come to such a state.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Protocol, TypeVar

from kvmtla.engine.compile import Compiled, Task

_N = TypeVar("_N", bound=Hashable)
# The number of states that are looked at at once.
_CHUNK = 4096


class Explored(Protocol):
    """All states that a search has found; those that symmetry makes one only once."""

    compiled: Compiled

    @property
    def by_depth(self) -> Sequence[Sequence[int]]:
        """The states in the order of depth, each as `ahead` takes it."""

    def ahead(self, states: Sequence[int]) -> Iterator[Iterable[int]]:
        """Yield where the steps from each of these states lead."""

    def apart(self, state: int) -> Iterable[int]:
        """Return where the steps from a state lead, without symmetry."""

    def named(self, task: Task) -> bool:
        """Does the name of the task always stand for the same actor?"""


class StuckStates:
    """The states in which somebody is stuck.

    `actors` are the names of those who are stuck somewhere. `nearest` is the depth of the first
    state in which somebody is, with the least such state of that depth; None if there is none.
    """

    def __init__(self, found: Explored) -> None:
        self._found = found
        self._stuck: list[tuple[Task, set[int]]] = []
        self.actors: tuple[str, ...] = ()
        self.nearest: tuple[int, int] | None = None
        for actor, tasks in groupby(found.compiled.tasks, key=lambda t: t.actor):
            self._look_at(actor, list(tasks))

    def who(self, state: int) -> Iterator[Task]:
        """Yield those who are stuck in a state, which is taken as it is."""
        for task in self._found.compiled.tasks:
            pair = (state, task)
            waits = task.actor in self.actors and task.waits(state)
            if waits and pair not in self._goes_on([pair]):
                yield task

    def _look_at(self, actor: str, tasks: Sequence[Task]) -> None:
        # Where states stand for others, an actor that waits may have another name a step later.
        named = [t for t in tasks if self._found.named(t)]
        groups = [[t] for t in named] if len(named) == len(tasks) else [tasks]
        for group in groups:
            where = self._never_left(group)
            if not where:
                continue
            if len(group) > 1:
                pairs = [(s, t) for s in where for t in group if t.waits(s)]
                free = self._goes_on(pairs)
                where = {s for s, t in pairs if (s, t) not in free}
            if where:
                self._note(actor, where)

    def _note(self, actor: str, where: set[int]) -> None:
        self.actors = tuple(dict.fromkeys((*self.actors, actor)))
        for depth, layer in enumerate(self._found.by_depth):
            if self.nearest is not None and depth > self.nearest[0]:
                return
            if there := where.intersection(layer):
                least = (depth, min(there))
                self.nearest = least if self.nearest is None else min(self.nearest, least)
                return

    def _never_left(self, group: Sequence[Task]) -> set[int]:
        """Return the states from which no way leads to where nobody of the group waits."""
        tables = [_Waiting(t) for t in group]
        layers = [_waiting(layer, tables) for layer in self._found.by_depth]
        left = set(chain.from_iterable(layers))
        # Steps mostly lead further away; then going through all states once is enough.
        rest: list[int] = []
        for layer in reversed(layers):
            for i in range(0, len(layer), _CHUNK):
                chunk = layer[i : i + _CHUNK]
                for state, ahead in zip(chunk, self._found.ahead(chunk), strict=True):
                    if all(map(left.__contains__, ahead)):
                        rest.append(state)
                    else:
                        left.discard(state)

        def following(state: int) -> list[int] | None:
            ahead = [*next(self._found.ahead([state]))]
            return ahead if all(map(left.__contains__, ahead)) else None

        out = _leading_out(rest, following)
        return left - out

    def _goes_on(self, pairs: Iterable[tuple[int, Task]]) -> set[tuple[int, Task]]:
        """Return those of the pairs, and of those they lead to, that can take a step some time."""

        def following(pair: tuple[int, Task]) -> list[tuple[int, Task]] | None:
            state, task = pair
            return [(s, task) for s in self._found.apart(state)] if task.waits(state) else None

        return _leading_out(pairs, following)


def _leading_out(starts: Iterable[_N], following: Callable[[_N], list[_N] | None]) -> set[_N]:
    """Return those of `starts` and all that follows that can lead to where `following` is None."""
    before: dict[_N, list[_N]] = {n: [] for n in starts}
    out: list[_N] = []
    todo = list(before)
    while todo:
        node = todo.pop()
        ahead = following(node)
        if ahead is None:
            out.append(node)
            continue
        for n in ahead:
            if n not in before:
                before[n] = []
                todo.append(n)
            before[n].append(node)
    found = set(out)
    while out:
        for n in before[out.pop()]:
            if n not in found:
                found.add(n)
                out.append(n)
    return found


class _Waiting(dict[int, bool]):
    """The verdicts whether an actor waits in a state, by the bits that say so."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        self._mask = task.mask

    def __missing__(self, key: int) -> bool:
        made = self[key] = self._task.waits(key)
        return made

    def of(self, states: Sequence[int]) -> Iterator[bool]:
        """Return whether the actor waits in each of the states."""
        return map(self.__getitem__, map(self._mask.__and__, states))


def _waiting(states: Sequence[int], tables: Sequence[_Waiting]) -> list[int]:
    """Return the states in which somebody waits."""
    said = [table.of(states) for table in tables]
    return [s for s, waits in zip(states, map(any, zip(*said, strict=True)), strict=True) if waits]
