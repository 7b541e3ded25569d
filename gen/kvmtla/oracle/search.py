"""The search for all states of a world, breadth first, and for the steps between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kvmtla.oracle.world import Agent, Moment, World


class DoesNotFitError(Exception):
    """An error for a world that is larger than allowed; the message says in what."""


@dataclass(frozen=True)
class Budget:
    """The limits of a search; the seconds are CPU time."""

    states: int = 100_000
    seconds: float = 60.0


@dataclass
class Graph:
    """The states that can be reached, in the order in which they were found."""

    moments: list[Moment] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    after: list[list[tuple[Agent, int]]] = field(default_factory=list)
    """The steps that are possible in each state. No steps lead on from `outside`."""
    outside: dict[int, str] = field(default_factory=dict)
    """The states in which a field or a local has left its type, with its name."""
    depth: list[int] = field(default_factory=list)
    """The number of states on a shortest way to each state."""

    def steps(self) -> Iterator[tuple[int, int]]:
        """Yield all steps, from one state to another or the same."""
        for i, after in enumerate(self.after):
            for j in dict.fromkeys(j for _, j in after):
                yield i, j


def explore(world: World, budget: Budget | None = None) -> Graph:
    """Find all states of a world; raise DoesNotFitError if that exceeds the budget."""
    budget = budget or Budget()
    end = time.process_time() + budget.seconds
    graph, known = Graph(), dict[Moment, int]()

    def reach(moment: Moment, depth: int) -> int:
        if moment not in known:
            known[moment] = len(graph.moments)
            graph.moments.append(moment)
            graph.after.append([])
            graph.depth.append(depth)
            wrong = world.outside(moment)
            if wrong is not None:
                graph.outside[known[moment]] = wrong
        return known[moment]

    with world.inside():
        graph.first = list(dict.fromkeys(reach(m, 1) for m in world.first()))
        at = 0
        while at < len(graph.moments):
            if len(graph.moments) > budget.states:
                raise DoesNotFitError(f"more than {budget.states:,} states")
            if time.process_time() > end:
                raise DoesNotFitError(f"more than {budget.seconds:g} s")
            if at not in graph.outside:
                depth = graph.depth[at] + 1
                graph.after[at] = [(a, reach(m, depth)) for a, m in world.next(graph.moments[at])]
            at += 1
    return graph
