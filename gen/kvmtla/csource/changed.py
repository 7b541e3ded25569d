"""What changed between two trees in functions that are modelled, and what that concerns."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kvmtla.csource.compare import Comparison, Result
from kvmtla.csource.parse import without_comments
from kvmtla.csource.program import CProgram
from kvmtla.front.scenario import Spec
from kvmtla.lower.reached import reached
from kvmtla.lower.specialise import Specialiser


@dataclass(frozen=True)
class Change:
    """A function that is not the same text in two trees, apart from comments and spaces.

    `how` is "changed", "gone" or "came". `operations` model it, or go through it.
    """

    function: str
    file: str
    how: str
    operations: tuple[str, ...]
    claims: tuple[str, ...]
    diff: tuple[str, ...]


def changes(
    spec: Spec, old: Comparison, new: Comparison, results: Sequence[Result]
) -> list[Change]:
    """Return the functions that changed from one tree to another.

    `results` are those of both trees: they say which functions an operation goes through.
    """
    through: dict[str, set[str]] = {}
    for r in results:
        for name in (r.name, *r.followed):
            if name:
                through.setdefault(name, set()).add(r.operation)
    claims = claims_of(spec, new.source.worlds(new.kernel))
    found = []
    for name, operations in through.items():
        before, after = _text(old.program, name), _text(new.program, name)
        if before == after:
            continue
        how = "gone" if after is None else "came" if before is None else "changed"
        there = new.program.function(name) or old.program.function(name)
        concerned = sorted({c for o in operations for c in claims.get(o, ())})
        found.append(
            Change(
                name,
                there.file if there is not None else "",
                how,
                tuple(sorted(operations)),
                tuple(concerned),
                tuple(_diff(old.program, new.program, name)),
            )
        )
    return sorted(found, key=lambda c: (c.file, c.function))


def _text(program: CProgram, name: str) -> str | None:
    function = program.function(name)
    if function is None:
        return None
    return " ".join(re.findall(r"\w+|[^\w\s]", without_comments(function.source)))


def _diff(old: CProgram, new: CProgram, name: str) -> Iterator[str]:
    before, after = (_lines(program, name) for program in (old, new))
    yield from difflib.unified_diff(before, after, old.tree.name, new.tree.name, lineterm="")


def _lines(program: CProgram, name: str) -> list[str]:
    function = program.function(name)
    return [] if function is None else function.source.split("\n")


def claims_of(spec: Spec, worlds: Sequence[Mapping[str, Enum]]) -> dict[str, tuple[str, ...]]:
    """Return the claims whose scenario leads to each operation, in any of some worlds."""
    found: dict[str, dict[str, None]] = {}
    leads: dict[str, set[str]] = {}
    specials = [
        Specialiser(spec.reader.program, {n: v.name for n, v in world.items()}) for world in worlds
    ]
    for claim in spec.claims:
        scenario = claim.scenario
        if scenario.name not in leads:
            operations = [o for a in scenario.actors for o in a.operations]
            leads[scenario.name] = {k for s in specials for k in reached(operations, s)}
        for key in leads[scenario.name]:
            found.setdefault(key, {})[claim.number] = None
    return {key: tuple(names) for key, names in found.items()}


def lines(found: Sequence[Change], old: str, new: str, *, show: bool) -> Iterator[str]:
    """Yield what changed; with `show`, each change as a difference."""
    claims = sorted({c for change in found for c in change.claims})
    yield f"{old} to {new}: {_many(len(found), 'function')}, {_many(len(claims), 'claim')}"
    for change in found:
        yield f"{change.how.ljust(7)}  {change.function}()  {change.file}"
        yield f"    operations: {', '.join(change.operations)}"
        if change.claims:
            yield f"    claims: {', '.join(change.claims)}"
        if show:
            yield from (f"    {line}" for line in change.diff)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
