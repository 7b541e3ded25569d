"""Results as a table that fits the terminal, and the words below it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from shlex import quote

import click
from click.core import ParameterSource

from kvmtla.check.results import Result, Tally, because
from kvmtla.check.select import shortest_name
from kvmtla.front.scenario import ClaimRead
from kvmtla.insight.counts import Counts
from kvmtla.insight.vacuity import premise_of
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.verdict import Verdict

_GAP = "  "
_DIFFERS, _UNKNOWN = "!", "?"
# Columns of numbers, which are aligned to the right.
_NUMBERS = frozenset({"steps", "states", "premise", "seconds"})


def table(
    results: Sequence[Result], width: int | None, counts: Mapping[Module, Counts]
) -> Iterator[str]:
    """Yield the lines of the table, styled; claim and property become headings if it is too wide.

    `width` None means as wide as it comes. `counts` are those of the modules; without any, there is
    no column for premises.
    """
    settings = settings_shown(r.point for r in results)
    cells = [_cells(r, settings, counts) for r in results]
    widths = {n: max(len(n), *(len(c[n]) for c in cells)) for n in cells[0]}
    if width is None or sum(widths.values()) + len(_GAP) * (len(widths) - 1) <= width:
        yield _heading(widths)
        for result, row in zip(results, cells, strict=True):
            yield _line(result, row, widths)
        return
    for n in ("claim", "property"):
        del widths[n]
    pairs = zip(results, cells, strict=True)
    groups = groupby(pairs, key=lambda p: (p[1]["claim"], p[1]["property"]))
    for i, ((claim, prop), rows) in enumerate(groups):
        if i:
            yield ""
        yield click.style(f"{claim}: {prop}", bold=True)
        yield _heading(widths)
        for result, row in rows:
            yield _line(result, row, widths)


def settings_shown(points: Iterable[Point]) -> tuple[str, ...]:
    """Return the constants that a table of points has a column for.

    A constant that has its default is not mentioned in the settings of a point.
    """
    return tuple(dict.fromkeys(n for p in points for n in p.settings))


def _cells(
    result: Result, settings: Sequence[str], counts: Mapping[Module, Counts]
) -> dict[str, str]:
    premise = premise_of(result, counts)
    return {
        "": _DIFFERS if result.differs else _UNKNOWN if result.verdict is Verdict.UNKNOWN else " ",
        "claim": result.point.claim.full_name,
        **{n: result.point.settings.get(n, "") for n in settings},
        "property": result.point.prop,
        "expected": result.point.expected,
        "verdict": result.said,
        "steps": str(result.depth) if result.shows else "",
        "states": f"{result.distinct:,}" if result.distinct is not None else "",
        **({"premise": f"{premise:,}" if premise is not None else ""} if counts else {}),
        "seconds": f"{result.seconds:.1f}",
        " ": "cached" if result.cached else "",
    }


def _heading(widths: dict[str, int]) -> str:
    return click.style(_joined({n: n for n in widths}, widths), dim=True)


def _line(result: Result, row: dict[str, str], widths: dict[str, int]) -> str:
    line = _joined(row, widths)
    if result.differs:
        return click.style(line, fg="red", bold=True)
    if result.verdict is Verdict.UNKNOWN:
        return click.style(line, fg="yellow")
    return line


def _joined(
    row: dict[str, str], widths: dict[str, int], numbers: Collection[str] = _NUMBERS
) -> str:
    return _GAP.join(
        row[n].rjust(w) if n in numbers else row[n].ljust(w) for n, w in widths.items()
    ).rstrip()


def columns(rows: Sequence[dict[str, str]], numbers: Collection[str]) -> Iterator[str]:
    """Yield the lines of a table of cells by heading; columns in `numbers` align to the right."""
    widths = {n: max(len(n), *(len(r[n]) for r in rows)) for n in rows[0]}
    yield click.style(_joined({n: n for n in widths}, widths, numbers), dim=True)
    for row in rows:
        yield _joined(row, widths, numbers)


def summary(results: Sequence[Result], claims: Sequence[ClaimRead]) -> Iterator[str]:
    """Yield what differs and what is unknown in words, the counts, and how to see more.

    `claims` are all that there are.
    """
    for r in results:
        if r.verdict is Verdict.UNKNOWN:
            yield click.style(f"{_UNKNOWN} {r.point.label} is unknown:", fg="yellow")
            yield from (f"    {line}" for line in (r.reason or "").splitlines())
    for r in results:
        if r.differs:
            text = f"{_DIFFERS} {r.point.label} is {r.said}, expected {r.point.expected}"
            yield click.style(text, fg="red", bold=True)
    yield from _stuck(results)
    yield _counts(results)
    shown = sorted((r for r in results if r.shows), key=lambda r: not r.differs)
    if shown:
        yield f"To see a counterexample: {show_command(shown[0], results, claims)}"


def _stuck(results: Sequence[Result]) -> Iterator[str]:
    """Yield who gets stuck beside what is violated, and what holds where that was not asked."""
    for r in results:
        if r.verdict is Verdict.VIOLATED and (why := because(r.stuck)) is not None:
            yield click.style(f"{r.point.label} is {r.said}; and {why}", fg="yellow")
    unasked = [r for r in results if r.verdict is Verdict.HOLDS and r.stuck is None]
    for r in unasked:
        yield f"{r.point.label}: it takes too long, or too much room, to ask who gets stuck"


def _counts(results: Sequence[Result]) -> str:
    tally, total = Tally.of(results), len(results)
    if total == 1:
        state = "unknown" if tally.unknown else "not as expected" if tally.differ else "as expected"
        said = f"The verdict is {state}"
    elif tally.expected == total:
        said = f"All {total} verdicts are as expected"
    else:
        said = f"Of {total} verdicts {tally.expected} {_are(tally.expected)} as expected"
        if tally.differ:
            said += f", {tally.differ} {_are(tally.differ)} not"
        if tally.unknown:
            said += f", {tally.unknown} {_are(tally.unknown)} unknown"
    cached = sum(r.cached for r in results)
    if cached:
        said += f" ({'all' if cached == total > 1 else cached} from the cache)"
    return f"{said}."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def show_command(result: Result, results: Sequence[Result], claims: Sequence[ClaimRead]) -> str:
    """Return the command that shows this counterexample only; `claims` are all that there are."""
    point = result.point
    words = ["kvmtla show", shortest_name(point.claim, claims)]
    given = click.get_current_context().find_root().get_parameter_source("spec")
    if given is not ParameterSource.DEFAULT:
        words.append(f"--spec {quote(click.get_current_context().find_root().params['spec'])}")
    words += [f"--{n.replace('_', '-')} {quote(v)}" for n, v in point.settings.items()]
    if any(
        r.shows and r.point.prop != point.prop
        for r in results
        if r.point.claim is point.claim and r.point.constants == point.constants
    ):
        words.append(f"--property {point.prop}")
    return " ".join(words)
