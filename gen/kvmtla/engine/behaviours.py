"""Properties of behaviours: the whole graph of a compiled model, and the cycles in it.

A behaviour that violates such a property goes, through states in which what should come has not
come, to a part of the graph in which it can go round for ever, and in which everybody fair takes a
step or somewhere cannot. With weak fairness, it is enough to look at the largest such parts, the
strongly connected components. To stay in one state for ever is to go round, too.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from kvmtla.engine.compile import Asked, Compiled, Stage, compiled_within
from kvmtla.engine.components import strongly_connected
from kvmtla.engine.outcome import Limits, Outcome, gave_up
from kvmtla.engine.search import Search
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.patience import TooLongError
from kvmtla.sem import State
from kvmtla.verdict import Kind, Verdict

Way = list[int]
Leads = Mapping[int, frozenset[int]]


def go_round(
    model: Model | Compiled, prop: str, *, limit: Limits | None = None, stuck: bool = False
) -> Outcome:
    """Check whether the temporal property `prop` holds in all fair behaviours of the model.

    As `explore`, without symmetry. A search that a limit ends is unknown. Raises KeyError for a
    temporal property that the model does not have.
    """
    try:
        compiled = compiled_within(model, limit or Limits())
    except TooLongError as error:
        return gave_up(error.message)
    asked = compiled.behaviours[prop]
    search = Search(compiled, symmetry=False)
    outcome = search.run((), limit=limit)
    if outcome.verdict is not Verdict.HOLDS:
        return outcome
    graph = _Graph(compiled, map(compiled.layout.pack, search.states()))
    found = [lasso for one in asked if (lasso := graph.violation(one)) is not None]
    if not found:
        return replace(outcome, stuck=search.stuck()) if stuck else outcome
    way, loop = min(found, key=lambda lasso: len(lasso[0]))
    return replace(
        outcome,
        verdict=Verdict.VIOLATED,
        kind=Kind.TEMPORAL,
        name=prop,
        trace=tuple(graph.told(way)),
        loop=loop,
    )


class _Graph:
    """All states of a model, by number, and the steps that change something."""

    def __init__(self, compiled: Compiled, states: Iterable[int]) -> None:
        self.compiled = compiled
        self.states = list(states)
        self.number = {s: i for i, s in enumerate(self.states)}
        self.leads = [sorted(self._after(i, compiled.stages)) for i in range(len(self.states))]
        self.fair = [
            {i: to for i in range(len(self.states)) if (to := self._after(i, [stage]))}
            for stage in compiled.fair
        ]
        """For everyone fair, each state in which it can take a step, with where that may lead."""
        starts = [self.number[compiled.blank ^ c] for c, _ in compiled.first(compiled.blank)]
        self.starts = sorted(set(starts))
        self.first = _Walks(self.leads, dict.fromkeys(self.starts, 0), lambda _: True)

    def _after(self, i: int, stages: Iterable[Stage]) -> frozenset[int]:
        """Return where the steps of some stages lead from a state."""
        state = self.states[i]
        changes = (c for stage in stages for c, _ in stage.from_state(state))
        return frozenset(self.number[state ^ c] for c in changes if c)

    def violation(self, asked: Asked) -> tuple[Way, int] | None:
        """Return a behaviour that violates a property, for some values of its parameters, or None.

        It is given as the numbers of its states, and how many of them come before the cycle.
        """
        *premise, goal = ([bool(p.test(s & p.mask)) for s in self.states] for p in asked.parts)
        if asked.kind is PropertyKind.EVENTUALLY:
            since = [i for i in self.starts if not goal[i]]
        else:
            since = [i for i in self.first.far if premise[0][i] and not goal[i]]
        dark = _Walks(self.leads, {i: self.first.far[i] for i in since}, lambda i: not goal[i])
        parts = {i: part for part in self._rounds(dark.far) for i in part}
        if not parts:
            return None
        end = min(parts, key=lambda i: (dark.far[i], i))
        behind = dark.to(end)
        way = [*self.first.to(behind[0]), *behind[1:]]
        return [*way, *self._round(end, parts[end])[1:]], len(way) - 1

    def _rounds(self, inside: Collection[int]) -> Iterator[frozenset[int]]:
        """Yield the parts in which one can go round for ever without unfairness to anybody."""
        for part in strongly_connected(inside, self.leads):
            if all(self._is_fair_to(f, part) for f in self.fair):
                yield part

    @staticmethod
    def _is_fair_to(leads: Leads, part: frozenset[int]) -> bool:
        return any(i not in leads or leads[i] & part for i in part)

    def _round(self, start: int, part: frozenset[int]) -> Way:
        """Return a way from a state back to it on which everybody fair took a step or could not."""
        way = [start]
        for leads in self.fair:
            if any(i not in leads for i in way):
                continue
            if any(j in leads[i] for i, j in pairwise(way)):
                continue
            walks = _Walks(self.leads, {way[-1]: 0}, part.__contains__)
            near = sorted(walks.far, key=lambda i: (walks.far[i], i))
            there = next(i for i in near if i not in leads or leads[i] & part)
            way += walks.to(there)[1:]
            if there in leads:
                way.append(min(leads[there] & part))
        return way + _Walks(self.leads, {way[-1]: 0}, part.__contains__).to(start)[1:]

    def told(self, way: Way) -> Iterator[tuple[str | None, State]]:
        """Yield the states on a way, each with the action that leads to it."""
        unpack = self.compiled.layout.unpack
        yield None, unpack(self.states[way[0]])
        for i, j in pairwise(way):
            before, after = self.states[i], self.states[j]
            steps = (step for stage in self.compiled.stages for step in stage.from_state(before))
            end = next(end for change, end in steps if before ^ change == after)
            yield self.compiled.ends[end], unpack(after)


class _Walks:
    """The shortest ways from some states to others; `starts` says how far away these are already.

    They go through states for which `inside` is true. `far` says how far away each state is.
    """

    def __init__(
        self,
        leads: Sequence[Sequence[int]],
        starts: Mapping[int, int],
        inside: Callable[[int], bool],
    ) -> None:
        self.far: dict[int, int] = {}
        self._before: dict[int, int] = {}
        todo = [(far, i, i) for i, far in starts.items()]
        heapq.heapify(todo)
        while todo:
            far, i, before = heapq.heappop(todo)
            if i not in self.far:
                self.far[i], self._before[i] = far, before
                for j in leads[i]:
                    if j not in self.far and inside(j):
                        heapq.heappush(todo, (far + 1, j, i))

    def to(self, end: int) -> Way:
        """Return a shortest way to a state, from one of the starts."""
        way = [end]
        while self._before[way[-1]] != way[-1]:
            way.append(self._before[way[-1]])
        return way[::-1]
