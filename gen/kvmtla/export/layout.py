"""A layered drawing of a graph: ranks by distance from the start, few crossings, a spine.

Ranks are those of a breadth-first search, so that an edge leads to the next rank, back, or stays in
its rank. Inside a rank, boxes are ordered by the places of their neighbours; the order with the
fewest crossings is kept, and then each box is moved as near to its neighbours as the order and the
widths allow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 8
# The weight of a straight spine; being near its neighbours has weight 1 for any other box.
_SPINE = 1e6


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of the boxes: their middles, and the size of the whole."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    width: float
    height: float


def layered(
    sizes: Sequence[tuple[float, float]],
    edges: Collection[tuple[int, int]],
    firsts: Collection[int],
    spine: Collection[int],
    *,
    gap: float,
    between: float,
) -> Layout:
    """Return a drawing of boxes of these sizes.

    `firsts` make the first rank; all boxes can be reached from them. The boxes of `spine` are drawn
    below each other as far as possible. `gap` is the space between boxes, `between` that between
    ranks.
    """
    after: dict[int, list[int]] = {n: [] for n in range(len(sizes))}
    for a, b in edges:
        after[a].append(b)
    rank = _ranks(after, firsts)
    on = [(a, b) for a, b in edges if rank[b] == rank[a] + 1]
    ranks = _ordered(rank, on, spine)
    beside: dict[int, list[int]] = {n: [] for n in range(len(sizes))}
    for a, b in on:
        beside[a].append(b)
        beside[b].append(a)
    x = _placed(ranks, beside, spine, lambda n: sizes[n][0] + gap)
    left = min(x[n] - sizes[n][0] / 2 for n in range(len(sizes)))
    width = max(x[n] + sizes[n][0] / 2 for n in range(len(sizes))) - left
    y: dict[int, float] = {}
    top = 0.0
    for row in ranks:
        tall = max(sizes[n][1] for n in row)
        y |= dict.fromkeys(row, top + tall / 2)
        top += tall + between
    numbers = range(len(sizes))
    return Layout(
        tuple(round(x[n] - left, 1) for n in numbers),
        tuple(y[n] for n in numbers),
        round(width, 1),
        top - between,
    )


def _ranks(after: Mapping[int, Sequence[int]], firsts: Collection[int]) -> dict[int, int]:
    rank = dict.fromkeys(firsts, 0)
    todo = deque(firsts)
    while todo:
        n = todo.popleft()
        for m in after[n]:
            if m not in rank:
                rank[m] = rank[n] + 1
                todo.append(m)
    return rank


def _ordered(
    rank: Mapping[int, int], on: Sequence[tuple[int, int]], spine: Collection[int]
) -> list[list[int]]:
    """Return the ranks, each in an order that makes few edges between them cross."""
    above: dict[int, list[int]] = {n: [] for n in rank}
    below: dict[int, list[int]] = {n: [] for n in rank}
    for a, b in on:
        below[a].append(b)
        above[b].append(a)
    ranks: list[list[int]] = [[] for _ in range(max(rank.values()) + 1)]
    for n, r in rank.items():
        ranks[r].append(n)
    # The spine begins in the middle, with as many on both sides of it.
    for row in ranks:
        row.sort(key=lambda n: n not in spine)
        row[:] = [*row[1::2][::-1], *row[::2]]
    best = [list(row) for row in ranks]
    fewest = _crossings(ranks, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for row, fixed in zip(*_pairs(ranks, down), strict=True):
            at = {n: i for i, n in enumerate(fixed)}
            own = {n: i * len(fixed) / len(row) for i, n in enumerate(row)}
            row.sort(key=lambda n, at=at, own=own: _mean([at[m] for m in near[n]], own[n]))  # type: ignore[misc]
        if (now := _crossings(ranks, below)) < fewest:
            fewest, best = now, [list(row) for row in ranks]
    return best


def _pairs(ranks: list[list[int]], down: bool) -> tuple[list[list[int]], list[list[int]]]:
    """Return the ranks to order, and for each the rank that it is ordered by."""
    if down:
        return ranks[1:], ranks[:-1]
    return ranks[-2::-1], ranks[:0:-1]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(ranks: Sequence[Sequence[int]], below: Mapping[int, Sequence[int]]) -> int:
    count = 0
    for row, under in pairwise(ranks):
        at = {n: i for i, n in enumerate(under)}
        ends: list[int] = []
        for n in row:
            own = [at[m] for m in below[n]]
            count += sum(e > o for o in own for e in ends)
            ends += own
    return count


def _placed(
    ranks: Sequence[Sequence[int]],
    beside: Mapping[int, Sequence[int]],
    spine: Collection[int],
    room: Callable[[int], float],
) -> dict[int, float]:
    """Return the middles of the boxes: in order, apart, and near to their neighbours."""
    x: dict[int, float] = {}
    for row in ranks:
        at = 0.0
        for n in row:
            x[n] = at + room(n) / 2
            at += room(n)
        middle = next((x[n] for n in row if n in spine), at / 2)
        for n in row:
            x[n] -= middle
    for sweep in range(_SWEEPS):
        for row in ranks if sweep % 2 == 0 else reversed(ranks):
            wanted = [0.0 if n in spine else _mean([x[m] for m in beside[n]], x[n]) for n in row]
            weights = [_SPINE if n in spine else 1.0 for n in row]
            x |= dict(zip(row, _apart(wanted, weights, [room(n) for n in row]), strict=True))
    return x


def _apart(
    wanted: Sequence[float], weights: Sequence[float], rooms: Sequence[float]
) -> list[float]:
    """Return the places nearest to those wanted (least squares), in order, each with its room.

    Boxes that would overlap make a block that is placed as a whole.
    """
    offsets = [0.0]
    for a, b in pairwise(rooms):
        offsets.append(offsets[-1] + (a + b) / 2)
    blocks: list[tuple[float, float, int]] = []
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        place, total, count = want - offset, weight, 1
        while blocks and blocks[-1][0] > place:
            other, heavy, more = blocks.pop()
            place = (place * total + other * heavy) / (total + heavy)
            total, count = total + heavy, count + more
        blocks.append((place, total, count))
    places = [p for p, _, count in blocks for _ in range(count)]
    return [p + offset for p, offset in zip(places, offsets, strict=True)]
