"""The layout of results as a table: a column for each kernel, a row for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kvmtla.check.words import Found, unmistakable
from kvmtla.front.scenario import Spec

F = TypeVar("F", bound=Found)

Row = tuple[str, str]
"""A property, and the values of all constants except the one that the columns are for."""

_ONLY_COLUMN = "verdict"


@dataclass(frozen=True)
class Layout:
    """The columns: the values of one constant, or `verdict` where there is none."""

    across: str | None
    columns: tuple[str, ...]
    named: bool = False
    """Whether rows name the constants, since two rows would be the same by their values alone."""

    @classmethod
    def of(cls, results: Iterable[Found], spec: Spec) -> Layout:
        """Return the layout of `results`, with the first constant without a default as columns."""
        across = next((n for n, d in spec.constants.items() if d.default is None), None)
        all_settings = [r.point.settings for r in results]
        columns: tuple[str, ...] = (_ONLY_COLUMN,)
        if across is not None:
            there = {settings[across] for settings in all_settings}
            values = (str(m.value) for m in spec.constants[across].kind)
            columns = tuple(v for v in values if v in there)
        plain = cls(across, columns)
        exact = {tuple((n, v) for n, v in s.items() if n != across) for s in all_settings}
        rows = {plain._others(dict(settings)) for settings in exact}
        return replace(plain, named=len(rows) < len(exact))

    def column(self, result: Found) -> str:
        """Return the column of a result."""
        return result.point.settings[self.across] if self.across is not None else _ONLY_COLUMN

    def row(self, result: Found) -> Row:
        """Return the row of a result."""
        return result.point.prop, self._others(result.point.settings)

    def _others(self, settings: Mapping[str, str]) -> str:
        """Return the values of the constants that the columns are not for, in words."""
        return ", ".join(
            f"{n} {unmistakable(v)}" if self.named else v
            for n, v in settings.items()
            if n != self.across
        )

    def rows(self, results: Iterable[F]) -> dict[Row, dict[str, F]]:
        """Return row -> column -> result; the rows of one property follow each other."""
        found: dict[str, dict[Row, dict[str, F]]] = {}
        for r in results:
            row = self.row(r)
            found.setdefault(row[0], {}).setdefault(row, {})[self.column(r)] = r
        return {row: cells for rows in found.values() for row, cells in rows.items()}


def by_claim(results: Sequence[F]) -> dict[str, dict[str, list[F]]]:
    """Return source -> claim -> results, in the order of each."""
    found: dict[str, dict[str, list[F]]] = {}
    for r in results:
        claim = r.point.claim
        found.setdefault(claim.source, {}).setdefault(claim.full_name, []).append(r)
    return found
