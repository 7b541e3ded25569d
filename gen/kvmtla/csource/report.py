"""What came out for a tree, in lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from kvmtla.csource.compare import Outcome, Result, Sides

_GAP = "   "
_WIDTH = 60


def summary(results: Sequence[Result]) -> str:
    """Return how many came out how."""
    open_ = ", ".join(_counted([r for r in results if not r.listed]))
    listed = ", ".join(_counted([r for r in results if r.listed]))
    return "; ".join([open_ or "nothing", *([f"listed, with reasons: {listed}"] if listed else [])])


def _counted(results: Sequence[Result]) -> Iterator[str]:
    for o in Outcome:
        if n := sum(r.outcome is o for r in results):
            yield f"{n} {o.value}"


def lines(results: Sequence[Result], *, everything: bool) -> Iterator[str]:
    """Yield a line for each function, and what there is to say of it.

    Without `everything`, what is listed is left out, unless it was compared.
    """
    shown = [r for r in results if everything or not r.listed or r.sides]
    names = {r.operation: _name(r) for r in shown}
    outcomes = {r.operation: r.outcome.value + ("*" if r.listed else "") for r in shown}
    width = max((len(o) for o in outcomes.values()), default=0)
    wide = max((len(n) for n in names.values()), default=0)
    for r in shown:
        where = f"{r.file}:{r.line}" if r.file else r.kernel.partition(":")[0]
        yield f"{outcomes[r.operation].ljust(width)}  {names[r.operation].ljust(wide)}  {where}"
        yield from (f"    {line}" for line in _more(r, everything))
    if any(r.listed for r in shown):
        yield "* listed, with the reason"


def _name(r: Result) -> str:
    kernel = r.kernel.partition(":")[2]
    called = f"{kernel}()" if r.name in ("", kernel) else f"{kernel}(), here {r.name}()"
    return called if r.operation in (kernel, r.name) else f"{called}, {r.operation}"


def _more(r: Result, everything: bool) -> Iterator[str]:
    yield from r.why
    if r.sides is not None and (everything or not r.fine):
        yield from sides(r.sides)
    if everything and r.outcome is Outcome.SAME:
        yield f"{r.runs} ways gone on both sides"
        for what, why in r.left.items():
            yield f"left out: {what}: {why}"


def sides(found: Sides) -> Iterator[str]:
    """Yield what the two sides did, beside each other, with the first difference marked."""
    world = ", ".join(f"{n} {v.value}" for n, v in found.world.items())
    yield "; ".join([world, *found.given])
    left = ["the specification", *found.model]
    right = ["the C", *found.c]
    width = min(max(map(len, left), default=0), _WIDTH)
    for i, (a, b) in enumerate(itertools.zip_longest(left, right, fillvalue="-")):
        mark = ">" if i == found.at + 1 else " "
        yield f"{mark} {a.ljust(width)}{_GAP}{b}".rstrip()


def left_out(results: Sequence[Result]) -> Iterator[str]:
    """Yield all that the C has and the model leaves out, why, and where it is needed."""
    found: dict[tuple[str, str], list[str]] = {}
    for r in results:
        for what, why in r.left.items():
            found.setdefault((why, what), []).append(r.operation)
    for why, group in itertools.groupby(sorted(found), key=lambda k: k[0]):
        yield why
        for _, what in group:
            users = sorted(set(found[why, what]))
            shown = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
            yield f"    {what}  ({shown})"
