"""Findings of what was true only because nothing happened.

A property that holds says little where its premise is true in no state. An operation that never
runs, and a condition that always comes out the same, have not been checked. What is dead in one
scenario may be alive in another, so only operations and conditions dead in all are findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kvmtla.errors import Loc
from kvmtla.front.scenario import Spec
from kvmtla.front.source import definition
from kvmtla.insight.counts import Counts
from kvmtla.ir.stmt import Function
from kvmtla.lang.accepts import Never
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.verdict import Verdict


@dataclass(frozen=True)
class Finding:
    """Something that did nothing, in words, and where it stands in the spec.

    `kind` is "property", "operation", "condition" or "accepted". The last is for what the spec
    wrongly says never happens, or holds of nothing.
    """

    kind: str
    text: str
    loc: Loc

    def line(self, root: Path) -> str:
        """Return all of it on a line; files are relative to `root`."""
        file = Path(self.loc.file)
        shown = file.relative_to(root).as_posix() if file.is_relative_to(root) else self.loc.file
        return f"{shown}:{self.loc.line}: {self.text}"


class Judged(Protocol):
    """A point and the verdict on it, from either engine."""

    @property
    def point(self) -> Point:
        """The point that was asked about."""

    @property
    def verdict(self) -> Verdict:
        """The verdict that came out."""


def premise_of(result: Judged, counts: Mapping[Module, Counts]) -> int | None:
    """Return in how many states the premise of a property that holds is true.

    None where it does not hold, so that TLC did not see all states, or where it was not counted.
    """
    found = counts.get(result.point.module)
    if found is None or result.verdict is not Verdict.HOLDS:
        return None
    return found.premises.get(result.point.prop)


def empty_properties(results: Iterable[Judged], counts: Mapping[Module, Counts]) -> list[Finding]:
    """Find properties that hold of nothing without saying so, or that wrongly say so.

    Each is told once for the module that it was checked in.
    """
    found: dict[str, Finding] = {}
    for r in results:
        premise, point = premise_of(r, counts), r.point
        if premise is None:
            continue
        of = counts[point.module]
        why = None
        if point.prop in of.certain:
            why = f"cannot be false: {of.certain[point.prop]}"
        elif not premise:
            why = f"holds of nothing: its premise is true in none of {of.states:,} states"
        if (why is None) == (point.nothing is None):
            continue
        if why is not None:
            said = Finding("property", f"{point.label} {why}", _loc(point))
        else:
            text = f"{point.label} is said to hold of nothing, and holds in {premise:,} states"
            said = Finding("accepted", text, _loc(point))
        found.setdefault(said.text, said)
    return list(found.values())


def _loc(point: Point) -> Loc:
    of = (p.property for p in point.claim.points if p.property.name == point.prop)
    return next((fn.loc for fn in of), point.claim.loc)


def idle(
    points: Sequence[Point], counts: Mapping[Module, Counts], spec: Spec, *, whole: bool
) -> list[Finding]:
    """Find what never happened in any of the points, and is not accepted.

    Where they are the `whole` of the spec, also find what is accepted in vain, and operations that
    are in no module because no property could see anything of them. Nothing is found where some
    module was not counted: it might have happened there.
    """
    modules = {p.module for p in points}
    if modules - counts.keys():
        return []
    dead = [*_operations(points, counts, whole), *_conditions(counts.values(), spec)]
    accepted = [n for n in spec.project.accepts if any(_is(n, d) for d in dead)]
    left = [d.finding for d in dead if not any(_is(n, d) for n in accepted)]
    vain = (n for n in spec.project.accepts if whole and n not in accepted)
    return left + [Finding("accepted", _in_vain(n), n.loc) for n in vain]


@dataclass(frozen=True)
class _Dead:
    """A finding, with what an acceptance is compared with."""

    finding: Finding
    function: Function
    test: str | None = None
    way: bool | None = None


def _operations(
    points: Sequence[Point], counts: Mapping[Module, Counts], whole: bool
) -> Iterator[_Dead]:
    functions: dict[str, Function] = {}
    for point in points:
        scenario = point.claim.scenario
        of_actors = (o for a in scenario.actors for o in a.operations)
        functions |= {fn.key: fn for fn in (*of_actors, *scenario.hardware)}
    for fn in functions.values():
        times = [c.steps[fn.name] for c in counts.values() if fn.name in c.steps]
        if not any(times) and (times or whole):
            # An operation that is in no module may well run: there is nobody to see it.
            what = "never runs" if times else "changes nothing that is asked about"
            yield _Dead(Finding("operation", f"{fn.name}() {what}", fn.loc), fn)


def _conditions(counts: Iterable[Counts], spec: Spec) -> Iterator[_Dead]:
    times: dict[Loc, tuple[int, int]] = {}
    for c in counts:
        for d in c.decisions:
            true, false = times.get(d.loc, (0, 0))
            times[d.loc] = (true + d.true, false + d.false)
    functions = list(spec.reader.program.functions.values())
    for loc in sorted(times, key=lambda at: (at.file, at.line, at.column)):
        fn = max(
            (f for f in functions if f.loc.file == loc.file and f.loc.line <= loc.line),
            key=lambda f: f.loc.line,
        )
        test = loc.text() or "this condition"
        for way, often in zip((True, False), times[loc], strict=True):
            # A condition that is never asked is not reported: the reason why it is never asked is.
            if not often and any(times[loc]):
                what = "true" if way else "false"
                said = Finding("condition", f"{fn.name}(): {test} is never {what}", loc)
                yield _Dead(said, fn, test, way)


def _is(never: Never, dead: _Dead) -> bool:
    file, node = definition(never.function)
    return (
        (never.test, never.way) == (dead.test, dead.way)
        and file == dead.function.loc.file
        and node.name == dead.function.name
    )


def _in_vain(never: Never) -> str:
    name = never.function.__name__
    if never.test is None:
        return f"{name}() runs, and is accepted as what never does"
    what = "true" if never.way else "false"
    return f"{name}(): {never.test} is accepted as never {what}, and it is, or is never asked"
