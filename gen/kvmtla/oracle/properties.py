"""Properties of the states, the steps and the behaviours of a world."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kvmtla.oracle.asks import asked
from kvmtla.oracle.functions import Function
from kvmtla.oracle.lasso import fair_parts, reachable_in
from kvmtla.oracle.search import Graph
from kvmtla.oracle.states import View
from kvmtla.oracle.world import Moment, World


@dataclass(frozen=True)
class Answer:
    """The answer whether a property is violated, or a goal reached.

    `depth` is the number of states on a shortest way there, None for a property of behaviours.
    """

    violated: bool
    depth: int | None = None


class Questions:
    """Questions about the graph of a world."""

    def __init__(self, world: World, graph: Graph) -> None:
        self.world = world
        self.graph = graph
        self._known: dict[tuple[Function, Any], Any] = {}

    def ask(self, prop: Function) -> Answer:
        """Return the answer for a property."""
        ask: Callable[[Function], Answer] = {
            "invariant": self._invariant,
            "reachable": self._goal,
            "step_invariant": self._step_invariant,
            "eventually": self._eventually,
            "leads_to": self._leads_to,
        }[prop.kind]
        with self.world.inside():
            return ask(prop)

    # -- states and steps

    def _first_where(self, test: Callable[[Moment], bool]) -> Answer:
        for i, moment in enumerate(self.graph.moments):
            if test(moment):
                return Answer(True, self.graph.depth[i])
        return Answer(False)

    def _invariant(self, prop: Function) -> Answer:
        return self._first_where(lambda m: not self._value(prop, m))

    def _goal(self, prop: Function) -> Answer:
        return self._first_where(lambda m: bool(self._value(prop, m)))

    def _step_invariant(self, prop: Function) -> Answer:
        fields, spans = asked(prop)
        numbers = [self.world.machine.index[f] for f in sorted(fields)]

        def about(moment: Moment) -> Any:
            inside = {s for s in self.world.spans(moment) if s[0] in spans} if spans else ()
            return [self.world.shared(moment)[n] for n in numbers], inside

        seen = list(map(about, self.graph.moments))
        depth, known = None, dict[Any, bool]()
        for i, j in self.graph.steps():
            if seen[i] == seen[j] or (depth is not None and self.graph.depth[i] >= depth - 1):
                continue
            before, after = self._view(self.graph.moments[i]), self._view(self.graph.moments[j])
            key = self._key(i), self._key(j)
            if key not in known:
                known[key] = bool(prop.plain(before, after))
            if not known[key]:
                depth = self.graph.depth[i] + 1
        return Answer(depth is not None, depth)

    def _key(self, i: int) -> Any:
        moment = self.graph.moments[i]
        return moment.shared, self.world.spans(moment)

    def _view(self, moment: Moment) -> View:
        return View(self.world.machine, self.world.shared(moment), self.world.spans(moment))

    def _value(self, prop: Function, moment: Moment, args: Sequence[Any] = ()) -> Any:
        """Return what the function of a property returns in a state."""
        key = prop, (moment.shared, self.world.spans(moment), args)
        if key not in self._known:
            self._known[key] = prop.plain(*prop.given(self._view(moment), args))
        return self._known[key]

    # -- behaviours

    def _each(self, prop: Function) -> Iterator[tuple[Any, ...]]:
        """Return all combinations of values of a property's parameters."""
        return itertools.product(*(t.values() for _, t in prop.params if t is not None))

    def _eventually(self, prop: Function) -> Answer:
        for args in self._each(prop):
            values = self._values(prop, args)
            without = {i for i, v in enumerate(values) if not v}
            if self._goes_on_in(without, [i for i in self.graph.first if i in without]):
                return Answer(True)
        return Answer(False)

    def _leads_to(self, prop: Function) -> Answer:
        for args in self._each(prop):
            values = self._values(prop, args)
            without = {i for i, v in enumerate(values) if not v[1]}
            begun = {i for i, v in enumerate(values) if v[0]}
            if self._goes_on_in(without, sorted(begun & without)):
                return Answer(True)
        return Answer(False)

    def _values(self, prop: Function, args: Sequence[Any]) -> list[Any]:
        return [self._value(prop, m, args) for m in self.graph.moments]

    def _goes_on_in(self, states: Set[int], begin: Sequence[int]) -> bool:
        """Can a fair behaviour stay in `states` for ever, from one of `begin` on?"""
        inside = reachable_in(self.graph, states, begin)
        return any(fair_parts(self.graph, inside, self.world.fair))

    # -- who is stuck

    @cached_property
    def stuck(self) -> list[str]:
        """The actors that can get into the middle of an operation and never take a step again."""
        found = []
        for i, (name, me) in enumerate(self.world.agents):
            can = {
                s
                for s, after in enumerate(self.graph.after)
                if any(a == (name, me) for a, _ in after)
            }
            if self._waits(i, self._leading_to(can)):
                found.append(name if me is None else f"{name} {me}")
        return found

    def _waits(self, i: int, goes_on: Set[int]) -> bool:
        """Is actor `i` in the middle of an operation in a state outside of `goes_on`?"""
        return any(
            m.tasks[i].at is not None and s not in goes_on and s not in self.graph.outside
            for s, m in enumerate(self.graph.moments)
        )

    def _leading_to(self, states: Set[int]) -> Set[int]:
        """Return the states from which one of `states`, or one out of bounds, can be reached."""
        found = set(states) | set(self.graph.outside)
        todo = list(found)
        while todo:
            for before in self._before[todo.pop()]:
                if before not in found:
                    found.add(before)
                    todo.append(before)
        return found

    @cached_property
    def _before(self) -> list[list[int]]:
        before: list[list[int]] = [[] for _ in self.graph.moments]
        for i, j in self.graph.steps():
            before[j].append(i)
        return before
