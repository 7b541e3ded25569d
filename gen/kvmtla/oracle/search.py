"""All states of a world, breadth first, with what leads from one to another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kvmtla.oracle.world import Agent, Moment, World


class DoesNotFitError(Exception):
    """A world is larger than what is allowed for it; the message says in what."""


@dataclass(frozen=True)
class Budget:
    """How much a search may take; the seconds are those of the processor."""

    states: int = 100_000
    seconds: float = 60.0


@dataclass
class Graph:
    """The states that can be reached, in the order in which they were found."""

    moments: list[Moment] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    after: list[list[tuple[Agent, int]]] = field(default_factory=list)
    """For each state the steps that are possible in it. None lead on from `outside`."""
    outside: dict[int, str] = field(default_factory=dict)
    """The states in which a field or a local has a value that its type has not, with its name."""
    depth: list[int] = field(default_factory=list)
    """For each state the number of states on a shortest way to it."""

    def steps(self) -> Iterator[tuple[int, int]]:
        """All steps, from one state to another or the same."""
        for i, after in enumerate(self.after):
            for j in dict.fromkeys(j for _, j in after):
                yield i, j


def explore(world: World, budget: Budget | None = None) -> Graph:
    """Find all states of a world; raises DoesNotFitError where they are too many."""
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
