"""States that differ only in the names of interchangeable elements, brought to one of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kvmtla.engine.packing import Layout
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, Type, domains_in

Names = Mapping[str, tuple[int, ...]]
"""Domain -> for each of its elements, the one that it becomes."""
Swap = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Symmetry:
    """The symmetric domains of a model.

    `mask` are the bits that depend on the names of their elements; `swaps` rename them, one for
    each way to do it but the one that changes nothing. `canonical` gives the same state for all
    states that differ by renaming.
    """

    domains: tuple[str, ...]
    mask: int
    swaps: tuple[Swap, ...]

    def canonical(self, state: int) -> int:
        """Return the smallest of all states that differ from `state` by names only."""
        return min(state, *[swap(state) for swap in self.swaps])

    def orbit(self, state: int) -> set[int]:
        """Return all states that renaming makes of `state`."""
        return {swap(state) for swap in self.swaps}


def symmetry_of(layout: Layout) -> Symmetry | None:
    """Return the symmetry of a model; None if no two elements can be swapped."""
    domains = symmetric_domains(layout)
    if not domains:
        return None
    mask = 0
    swaps = []
    for moves in renamings(layout):
        for m in moves:
            if m.matters:
                mask |= ((1 << m.width) - 1) << m.source
        swaps.append(_swap(layout, moves))
    return Symmetry(domains, mask, tuple(swaps)) if mask else None


def renamings(layout: Layout) -> Iterator[list[Move]]:
    """Yield the moves of bits for each way to rename elements but the one that changes nothing."""
    domains = symmetric_domains(layout)
    ways = itertools.product(*(itertools.permutations(range(layout.sizes[d])) for d in domains))
    for way in itertools.islice(ways, 1, None):
        names = dict(zip(domains, way, strict=True))
        slots = layout.slots.values()
        yield [m for s in slots for m in _moves(layout, s.type, names, s.offset, s.offset)]


def count_of_renamings(layout: Layout) -> int:
    """Return the number of ways to rename elements, the one that changes nothing among them."""
    return math.prod(math.factorial(layout.sizes[d]) for d in symmetric_domains(layout))


def symmetric_domains(layout: Layout) -> tuple[str, ...]:
    """Return the symmetric domains of more than one element that a model's variables speak of."""
    found = (d for s in layout.slots.values() for d in domains_in(s.type))
    return tuple(dict.fromkeys(d.name for d in found if d.symmetric and layout.sizes[d.name] > 1))


@dataclass(frozen=True, slots=True)
class Move:
    """A run of bits that goes elsewhere; `codes` maps its value to the new one, if it changes."""

    source: int
    target: int
    width: int
    codes: tuple[int, ...] | None = None

    @property
    def matters(self) -> bool:
        """Does it change anything?"""
        return self.source != self.target or self.codes is not None


def _moves(layout: Layout, t: Type, names: Names, source: int, target: int) -> Iterator[Move]:
    """Yield where the bits of a value of type `t` go."""
    match t:
        case MapT(key, value):
            width = layout.width(value)
            for i in range(layout.sizes[key.name]):
                to = names[key.name][i] if key.name in names else i
                at = source + i * width
                yield from _moves(layout, value, names, at, target + to * width)
        case RecordT(_, fields):
            for f in fields:
                offset, inner = layout.field(t, f.name)
                yield from _moves(layout, inner, names, source + offset, target + offset)
        case OptionalT(inner) if layout.tagged(t):
            yield Move(source, target, 1)
            yield from _moves(layout, inner, names, source + 1, target + 1)
        case OptionalT(DomainT(name)) if name in names:
            codes = (0, *(to + 1 for to in names[name]))
            yield Move(source, target, layout.width(t), codes)
        case DomainT(name) if name in names:
            yield Move(source, target, layout.width(t), names[name])
        case SetT(DomainT(name)) if name in names:
            for i, to in enumerate(names[name]):
                yield Move(source + i, target + to, 1)
        case _:
            yield Move(source, target, layout.width(t))


def _swap(layout: Layout, moves: list[Move]) -> Swap:
    """Return the moves as one function; runs that go equally far are taken together."""
    shifts: dict[int, int] = {}
    parts = []
    for m in moves:
        run = (1 << m.width) - 1
        if m.codes is None:
            by = m.target - m.source
            shifts[by] = shifts.get(by, 0) | run << m.source
        elif run:
            code = f"{m.codes!r}[s >> {m.source} & {run}]"
            parts.append(f"{code} << {m.target}")
    for by, mask in shifts.items():
        if mask:
            move = f" << {by}" if by > 0 else f" >> {-by}" if by else ""
            parts.append(f"(s & {mask}){move}")
    made: Swap = eval(f"lambda s: {' | '.join(parts) or 's'}", {})
    return made
