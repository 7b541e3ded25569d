"""The parts of a graph in which one can go round for ever (Tarjan's algorithm)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def strongly_connected(
    nodes: Collection[int], leads: Sequence[Sequence[int]]
) -> Iterator[frozenset[int]]:
    """Yield the largest sets of nodes in which a way leads from each to each other.

    `leads` says where the steps from each node lead. Those to other than `nodes`, which have a
    quick look-up, do not count. A node that no way leads back to is a set by itself.
    """
    found: dict[int, int] = {}
    """Each node that has been found, with its number."""
    back: dict[int, int] = {}
    """The lowest number of an open node that a way leads to, as far as it is known."""
    unfinished: list[int] = []
    closed: set[int] = set()
    for start in nodes:
        if start in found:
            continue
        found[start] = back[start] = len(found)
        unfinished.append(start)
        way = [(start, iter(leads[start]))]
        while way:
            node, ahead = way[-1]
            for other in ahead:
                if other not in nodes or other in closed:
                    continue
                if other not in found:
                    found[other] = back[other] = len(found)
                    unfinished.append(other)
                    way.append((other, iter(leads[other])))
                    break
                back[node] = min(back[node], found[other])
            else:
                way.pop()
                if way:
                    before = way[-1][0]
                    back[before] = min(back[before], back[node])
                if back[node] == found[node]:
                    part = {unfinished.pop()}
                    while node not in part:
                        part.add(unfinished.pop())
                    closed |= part
                    yield frozenset(part)
