"""Fair behaviours that stay in a part of a graph for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from kvmtla.oracle.search import Graph
from kvmtla.oracle.world import Agent


def reachable_in(graph: Graph, states: Set[int], begin: Iterable[int]) -> Set[int]:
    """Return what can be reached from `begin` without leaving `states`."""
    found = set(begin)
    todo = list(found)
    while todo:
        for _, j in graph.after[todo.pop()]:
            if j in states and j not in found:
                found.add(j)
                todo.append(j)
    return found


def fair_parts(graph: Graph, states: Set[int], fair: Set[Agent]) -> Iterator[Set[int]]:
    """Yield the parts of `states` in which a behaviour can stay for ever and be fair.

    It may also stop, unless somebody fair can take a step. Each fair agent takes a step again and
    again, or cannot take one somewhere on the way round. A step that leads to the same state counts
    as a step.
    """
    for part in components(graph, states):
        if all(_served(graph, part, agent) for agent in fair):
            yield part


def _served(graph: Graph, part: Set[int], agent: Agent) -> bool:
    for i in part:
        steps = [j for a, j in graph.after[i] if a == agent]
        if not steps or any(j in part for j in steps):
            return True
    return False


def components(graph: Graph, states: Set[int]) -> Iterator[Set[int]]:
    """Yield the strongly connected parts of a graph, restricted to `states` (Tarjan)."""
    search = _Tarjan(graph, states)
    for root in states:
        if root not in search.number:
            yield from search.parts_from(root)


class _Tarjan:
    def __init__(self, graph: Graph, states: Set[int]) -> None:
        self.number: dict[int, int] = {}
        self._graph = graph
        self._states = states
        self._low: dict[int, int] = {}
        self._stack: list[int] = []
        self._inside: set[int] = set()
        self._way: list[tuple[int, Iterator[int]]] = []

    def _enter(self, s: int) -> None:
        self.number[s] = self._low[s] = len(self.number)
        self._stack.append(s)
        self._inside.add(s)
        self._way.append((s, (j for _, j in self._graph.after[s] if j in self._states)))

    def parts_from(self, root: int) -> Iterator[Set[int]]:
        low = self._low
        self._enter(root)
        while self._way:
            s, rest = self._way[-1]
            for j in rest:
                if j not in self.number:
                    self._enter(j)
                    break
                if j in self._inside:
                    low[s] = min(low[s], self.number[j])
            else:
                self._way.pop()
                if self._way:
                    before = self._way[-1][0]
                    low[before] = min(low[before], low[s])
                if low[s] == self.number[s]:
                    yield self._part(s)

    def _part(self, root: int) -> Set[int]:
        part: set[int] = set()
        while root not in part:
            part.add(self._stack.pop())
        self._inside -= part
        return part
