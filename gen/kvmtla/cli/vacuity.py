"""Telling a user what did nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from kvmtla.cli.running import Running
from kvmtla.insight.counts import Counts
from kvmtla.insight.kept_counts import Counting
from kvmtla.insight.vacuity import Finding
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point

ERROR, IGNORE = "error", "ignore"
# Conditions are many where operations are new; so many are shown unless all are asked for.
_SHOWN = 3


def vacuity_option() -> click.Option:
    """Return the option that says what to make of what did nothing."""
    return click.Option(
        ["--vacuity"],
        type=click.Choice(["warn", ERROR, IGNORE]),
        default="warn",
        show_default=True,
        help="What to do where a property holds of nothing, or an operation or one way of a "
        "condition never ran: warn; fail, with exit status 1; or not even count.",
    )


def counting_for(points: Sequence[Point], memo: Memo, running: Running) -> Counting:
    """Return the counts of the points' modules, still to be made."""
    return Counting(points, memo, running["timeout"])


def counts_of(counting: Counting, vacuity: str) -> dict[Module, Counts]:
    """Return the counts of the modules; none where nobody wants to know."""
    return {} if vacuity == IGNORE else counting.result()


def complaints(
    findings: Sequence[Finding], vacuity: str, root: Path, otherwise: str | None
) -> Iterator[str]:
    """Yield the lines that say what did nothing, styled.

    These are all lines, or some where there is a command `otherwise` that says all.
    """
    colour = "red" if vacuity == ERROR else "yellow"
    kind = "error" if vacuity == ERROR else "warning"
    conditions = [f for f in findings if f.kind == "condition"]
    few = otherwise is None or len(conditions) <= _SHOWN + 1
    hidden = [] if few else conditions[_SHOWN:]
    for f in findings:
        if f not in hidden:
            yield click.style(f"{kind}: {f.line(root)}", fg=colour)
    if hidden:
        text = (
            f"{kind}: {len(hidden)} more conditions that always come out the same: see {otherwise}"
        )
        yield click.style(text, fg=colour)


def status_of(findings: Sequence[Finding], vacuity: str, status: int) -> int:
    """Return the exit status of a command that would end with `status`."""
    return status or int(bool(findings) and vacuity == ERROR)
