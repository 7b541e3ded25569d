"""Tells what has come out of a check of traces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kvmtla.ftrace.check import Problem, Report
from kvmtla.ftrace.world import Changed, Known
from kvmtla.verdict import Verdict

WORDS = {
    Verdict.HOLDS: "conforms",
    Verdict.VIOLATED: "deviates",
    Verdict.UNKNOWN: "unknown",
}


def lines(report: Report, known: Known | None, most: int) -> Iterator[str]:
    """Yield what has come out for one trace, with the first `most` problems.

    `known` may be None where there is nothing in the trace to hold against it.
    """
    yield f"{report.file}: {WORDS[report.verdict]}"
    changes = sum(report.explained.values()) + sum(report.left.values())
    yield from _counted("explained by operations of the model", report.explained)
    yield from _counted("left out of the model, each with its reason", report.left)
    if report.changes:
        rest = report.changes - changes
        roots = f"{report.roots} root{'s' * (report.roots != 1)}"
        yield f"  {report.changes} changes in {report.events} events, {roots}; {rest} not explained"
        yield (
            f"  {report.grown} times the hardware came in between, {report.moved} changes stood "
            "behind one that came later"
        )
    if report.marks_checked:
        yield f"  {report.marks_checked} marks of the log where they have to be"
    if report.told is not None:
        told = report.told
        yield (
            f"  {told.checked} writes of the guest were told of, or had to be; {told.skipped} were "
            "not asked for; "
            f"{len(told.lost)} were lost"
        )
        yield f"  {report.compared} entries as they are in memory at the end"
        for w in told.lost[:most]:
            yield f"  truth, line {w.line}: a write to gfn {w.page:#x} was never told of"
    for name, count in sorted(report.unknown_events.items()):
        yield f"  not looked at: {name} ({count})"
    for flaw in report.flaws[:most]:
        yield f"  unknown: {flaw}"
    for problem in report.problems[:most]:
        assert known is not None
        yield from _problem(problem, known)
    if len(report.problems) > most:
        yield f"  and {len(report.problems) - most} more"


def _counted(what: str, counts: Counter[str]) -> Iterator[str]:
    if not counts:
        return
    yield f"  {sum(counts.values()):6}  {what}"
    for name, count in sorted(counts.items(), key=lambda c: (-c[1], c[0])):
        yield f"          {count:6}  {name}"


def _problem(problem: Problem, known: Known) -> Iterator[str]:
    where = f"line {problem.line}" if problem.line else "at the end"
    yield f"  {where}: {problem.what}: {problem.why}"
    if problem.nearest:
        yield f"    nearest: {problem.nearest}"
    for c in problem.before:
        yield f"    line {c.event.line}: {_change(c, known)}"
    if problem.changed is not None:
        yield f"    line {problem.line}: {_change(problem.changed, known)}"


def _change(c: Changed, known: Known) -> str:
    level = c.level or 1
    old, new = known.words.read(c.old, level), known.after(c, level)
    shown = [
        known.shown(seen) if seen is not None else f"{raw:#x}" if raw is not None else "?"
        for seen, raw in ((old, c.old), (new, c.new))
    ]
    inside = f" in {c.bracket}" if c.bracket is not None else ""
    return f"{c.event.task}{inside}: gfn {c.page:#x}, level {level}: {shown[0]} -> {shown[1]}"


def whole(reports: Sequence[Report]) -> Verdict:
    """Return the verdict on several traces: the worst."""
    verdicts = {r.verdict for r in reports}
    for verdict in (Verdict.VIOLATED, Verdict.UNKNOWN):
        if verdict in verdicts:
            return verdict
    return Verdict.HOLDS
