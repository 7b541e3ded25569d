"""How results are laid out as a table: a column for each kernel, a row for all else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kvmtla.check.words import Found, unmistakable
from kvmtla.front.scenario import Spec

F = TypeVar("F", bound=Found)

Row = tuple[str, str]
"""A property, and the values of all constants but the one that the columns are for."""

_ONLY_COLUMN = "verdict"


@dataclass(frozen=True)
class Layout:
    """The columns: the values of one constant, or `verdict` where there is none."""

    across: str | None
    columns: tuple[str, ...]
    named: bool = False
    """Whether rows name the constants, since by their values alone two would be the same."""

    @classmethod
    def of(cls, results: Iterable[Found], spec: Spec) -> Layout:
        """The layout for `results`: its columns are for the first constant without a default."""
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
        """The column that a result stands in."""
        return result.point.settings[self.across] if self.across is not None else _ONLY_COLUMN

    def row(self, result: Found) -> Row:
        """The row that a result stands in."""
        return result.point.prop, self._others(result.point.settings)

    def _others(self, settings: Mapping[str, str]) -> str:
        """The values of the constants that the columns are not for."""
        return ", ".join(
            f"{n} {unmistakable(v)}" if self.named else v
            for n, v in settings.items()
            if n != self.across
        )

    def rows(self, results: Iterable[F]) -> dict[Row, dict[str, F]]:
        """Row -> column -> result; the rows of one property come one after the other."""
        found: dict[str, dict[Row, dict[str, F]]] = {}
        for r in results:
            row = self.row(r)
            found.setdefault(row[0], {}).setdefault(row, {})[self.column(r)] = r
        return {row: cells for rows in found.values() for row, cells in rows.items()}


def by_claim(results: Sequence[F]) -> dict[str, dict[str, list[F]]]:
    """Source -> claim -> results, in the order of each."""
    found: dict[str, dict[str, list[F]]] = {}
    for r in results:
        claim = r.point.claim
        found.setdefault(claim.source, {}).setdefault(claim.full_name, []).append(r)
    return found
