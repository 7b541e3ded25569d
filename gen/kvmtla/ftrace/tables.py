"""The tables that a trace tells of: which there are, and what each entry has last been.

An event names an entry by what it maps and its level. Several tables may have such an entry at one
time: those of an old root that is on its way out and of a new one, or one that has been taken out
of its place and is being cleared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kvmtla.ftrace.words import Seen

Place = tuple[int, int, int]
"""A space, a level, and the first page that a table of this level maps."""


@dataclass(eq=False)
class Table:
    """A table; `removed_by` is the task that has taken it out of its place and clears it."""

    place: Place
    born: int
    otherwise: Callable[[int], Seen]
    """What an entry is that no event has told of."""
    entries: dict[int, Seen] = field(default_factory=dict)
    children: dict[int, Table] = field(default_factory=dict)
    removed_by: str | None = None
    complete: bool = True
    """Does `otherwise` say more than that an entry is empty?"""
    history: dict[int, list[int]] = field(default_factory=dict)
    """The events that have changed each entry."""

    def entry(self, index: int) -> Seen:
        """Return what an entry is."""
        found = self.entries.get(index)
        return self.otherwise(index) if found is None else found


class Tables:
    """All tables that have not gone yet."""

    def __init__(self, index_bits: int, top: int) -> None:
        self._bits = index_bits
        self.top = top
        self._at: dict[Place, list[Table]] = {}
        self.roots = 0

    def place(self, space: int, level: int, page: int) -> tuple[Place, int]:
        """Return the place of the table that has the entry for a page, and the entry's index."""
        shift = self._bits * level
        index = page >> shift - self._bits & (1 << self._bits) - 1
        return (space, level, page >> shift << shift), index

    def above(self, place: Place) -> tuple[Place, int] | None:
        """Return the place of the entry that leads to a table; None for a root."""
        space, level, first = place
        return None if level == self.top else self.place(space, level + 1, first)

    def at(self, place: Place) -> list[Table]:
        """Return the tables at a place, the newest first."""
        return self._at.get(place, [])

    def add(self, place: Place, born: int, otherwise: Callable[[int], Seen], whole: bool) -> Table:
        """Add a table."""
        made = Table(place, born, otherwise, complete=whole)
        self._at.setdefault(place, []).insert(0, made)
        self.roots += place[1] == self.top
        return made

    def drop(self, table: Table) -> None:
        """Forget a table that has gone."""
        self._at[table.place].remove(table)

    def all(self) -> Iterator[Table]:
        """Yield all tables."""
        for tables in self._at.values():
            yield from tables

    def pages(self, table: Table, index: int) -> int:
        """Return the first page that an entry maps."""
        _, level, first = table.place
        return first + (index << self._bits * (level - 1))

    def indexes(self) -> range:
        """Return the indexes of a table's entries."""
        return range(1 << self._bits)
