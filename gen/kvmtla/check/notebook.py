"""Verdicts as a notebook shows them: one with its counterexample, many as a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any, SupportsIndex, TypeVar, overload

from kvmtla.check.words import Found, differs, in_words, said
from kvmtla.frames import frame
from kvmtla.trace import Trace
from kvmtla.verdict import Verdict

_CELL = "text-align:left"
_GAP = "  "


def headline(found: Found) -> str:
    """Return the label of the point, and what was found."""
    verb = "" if found.verdict is Verdict.HOLDS else "is "
    expected = f", expected {found.expected}" if differs(found) else ""
    return f"{found.point.label} {verb}{in_words(found)}{expected}"


def html(found: Found, trace: Trace | None) -> str:
    """Return the verdict on a line, and the counterexample below it."""
    return f"<p>{escape(headline(found))}</p>{trace._repr_html_() if trace is not None else ''}"


F = TypeVar("F", bound=Found)


class Verdicts(list[F]):
    """A list of verdicts that shows itself: a row for each property, a column for each kernel.

    The columns are the values of the first constant. A verdict that is not as expected is marked
    with `!`, an unknown one with `?`. A slice is such a list again. `not_asked` says in words for
    which values of the constants there is no verdict.
    """

    def __init__(self, found: Iterable[F] = (), *, not_asked: Sequence[str] = ()) -> None:
        super().__init__(found)
        self.not_asked = tuple(not_asked)

    @overload
    def __getitem__(self, at: SupportsIndex) -> F: ...
    @overload
    def __getitem__(self, at: slice) -> Verdicts[F]: ...
    def __getitem__(self, at: SupportsIndex | slice) -> F | Verdicts[F]:
        if isinstance(at, slice):
            return Verdicts(super().__getitem__(at), not_asked=self.not_asked)
        return super().__getitem__(at)

    def __repr__(self) -> str:
        lines = list(self._grid())
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = (
            _GAP.join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines
        )
        return "\n".join([*self._left_out(), *(line.rstrip() for line in padded)])

    def _repr_html_(self) -> str:
        head, *rows = self._grid()
        top = "".join(f'<th style="{_CELL}">{escape(c)}</th>' for c in head)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        left_out = "".join(f"<p>{escape(line)}</p>" for line in self._left_out())
        return f"{left_out}<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"

    def to_frame(self) -> Any:
        """Return a DataFrame with a row for each verdict, and a column for each constant too.

        Raises ToolError where pandas is not installed.
        """
        return frame([_row(f) for f in self])

    def _left_out(self) -> list[str]:
        return [f"not asked: {'; '.join(self.not_asked)}"] if self.not_asked else []

    def _grid(self) -> Iterator[list[str]]:
        """Yield the head of the matrix, then its rows."""
        across = next((n for f in self for n in f.point.constants), None)
        values = {f.point.constants[across]: None for f in self if across is not None}
        # As the spec lists them.
        columns = [str(v.value) for e in {type(v): None for v in values} for v in e if v in values]
        cells: dict[tuple[str, str, str], dict[str, str]] = {}
        for f in self:
            settings = f.point.settings
            others = ", ".join(v for n, v in settings.items() if n != across)
            row = cells.setdefault((f.point.claim.full_name, f.point.prop, others), {})
            row[settings[across] if across is not None else ""] = _marked(f)
        yield ["claim", "property", "", *(columns or ["verdict"])]
        before = ""
        for (claim, *of_row), found in cells.items():
            shown = claim if claim != before else ""
            yield [shown, *of_row, *(found.get(c, "-") for c in columns or [""])]
            before = claim


def _marked(found: Found) -> str:
    if found.verdict is Verdict.UNKNOWN:
        return "? unknown"
    mark = "! " if differs(found) else ""
    number = found.steps if found.verdict is Verdict.VIOLATED else found.distinct
    return f"{mark}{said(found.verdict, found.point.kind)} {number:,}"


def _cell(text: str) -> str:
    shown = f"<b>{escape(text)}</b>" if text.startswith(("!", "?")) else escape(text)
    return f'<td style="{_CELL}">{shown}</td>'


def _row(found: Found) -> dict[str, object]:
    point = found.point
    return {
        "claim": point.claim.number,
        "name": point.claim.name,
        "property": point.prop,
        **point.settings,
        "verdict": said(found.verdict, point.kind),
        "expected": found.expected or "",
        "steps": found.steps,
        "states": found.distinct,
        "reason": found.reason or "",
    }
