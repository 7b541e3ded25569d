"""Links between the steps of a trace: who made what a step finds, and what its stores undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from kvmtla.trace.counterexample import Change, Link, Step

# The primitives that return the value they replace.
_GIVE_BACK = ("xchg", "atomic_fetch_and", "atomic_fetch_or")


def linked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the same steps, each with its links to earlier ones."""
    found: list[Step] = []
    for s in steps:
        found.append(replace(s, links=(*_undone(s, found), *_found(s, found))))
    return tuple(found)


def digest(steps: Sequence[Step]) -> tuple[int, ...]:
    """Return the numbers of the steps that matter most: those that undo others, the steps they are
    linked to, those that find something undone with the decisions that follow, and the last one.
    There are none where nothing is undone, or where they would be more than half of all steps.
    """
    undoing = {s.number for s in steps for link in s.links if link.kind == "undoes"}
    if not undoing:
        return ()
    found = {steps[-1].number} | undoing
    for s in steps:
        for link in s.links:
            if link.kind == "undoes":
                found |= {link.number, *link.read}
            elif link.number in undoing:
                found |= {s.number, *_decided(s, steps)}
    return tuple(sorted(found)) if 2 * len(found) <= len(steps) else ()


def _decided(s: Step, steps: Sequence[Step]) -> Iterator[int]:
    """Yield the numbers of the decisions that the actor of a step takes later in the operation."""
    rest = [t for t in steps[s.number :] if t.actor == s.actor and not s.ends]
    for before, t in pairwise([s, *rest]):
        if t.opens(before):
            return
        if t.decides:
            yield t.number
        if t.ends:
            return


def _undone(s: Step, earlier: Sequence[Step]) -> Iterator[Link]:
    """Yield links to changes by others that a step undoes, as it stores what its actor read."""
    undone: dict[tuple[int, int], list[Change]] = {}
    for c in s.shared:
        read = _last_read(s, c, earlier)
        if read is None:
            continue
        since = [(t, d) for t in earlier[read.number :] for d in t.shared if _same(c, d)]
        if since and since[0][1].before == c.after and since[-1][0].actor != s.actor:
            undone.setdefault((read.number, since[-1][0].number), []).append(c)
    yield from _overwritten(s, earlier, undone)
    gives = next((t.kind for t in s.told if t.kind in _GIVE_BACK and t.value), None)
    for (read_in, number), changes in undone.items():
        other = earlier[number - 1].actor
        stored = " ".join(_said(c, c.after) for c in changes)
        lost = " ".join(_said(c, c.before) for c in changes)
        text = (
            f"stores {stored} as read in step {read_in}: undoes {lost} of step {number} ({other})"
        )
        if gives is not None:
            text += f"; only what {gives} returns still has it"
        yield Link("undoes", number, text, f"undoes {lost} of {other}", (read_in,))


def _overwritten(
    s: Step, earlier: Sequence[Step], undone: Mapping[tuple[int, int], Sequence[Change]]
) -> Iterator[Link]:
    """Yield links to changes by others that are lost where a number made from an old one is stored.

    Those in `undone` have been told, where the number is what it was.
    """
    for t in s.told:
        if not t.makes:
            continue
        lost = Change(t.place, "", "", t.makes)
        read = _last_read(s, lost, earlier)
        if read is None:
            continue
        since = [(u, d) for u in earlier[read.number :] for d in u.shared if _same(lost, d)]
        if not since or since[-1][0].actor == s.actor:
            continue
        other, change = since[-1]
        if (read.number, other.number) in undone:
            continue
        old = since[0][1].before
        text = (
            f"stores {_said(lost, t.makes)}, made from {old} as read in step {read.number}: "
            f"undoes {_said(change, change.after)} of step {other.number} ({other.actor})"
        )
        short = f"undoes {_said(change, change.after)} of {other.actor}"
        yield Link("undoes", other.number, text, short, (read.number,))


def _last_read(s: Step, c: Change, earlier: Sequence[Step]) -> Step | None:
    """Return the step of the same operation in which the actor last read what it now changes."""
    if _reads(s, c):
        return None
    after = s
    for t in reversed(earlier):
        if t.actor == s.actor:
            if after.opens(t) or t.ends:
                return None
            if _reads(t, c):
                return t
            after = t
    return None


def _reads(s: Step, c: Change) -> bool:
    return any(
        place == c.place and (not field or f"{c.field}.".startswith(f"{field}."))
        for t in s.told
        for place, field in t.reads
    )


def _found(s: Step, earlier: Sequence[Step]) -> Iterator[Link]:
    """Yield links to the earlier steps that made what a step finds, if it is news to its actor."""
    made: dict[int, dict[str, list[Change]]] = {}
    settled: set[tuple[str, str]] = set()
    for t in reversed(earlier):
        if t.actor == s.actor and not s.is_hardware:
            # Whatever the actor has read or written already is no news.
            settled |= {(c.place, c.field) for c in t.shared}
            settled |= {r for told in t.told for r in told.reads}
        for c in t.shared:
            if (c.place, c.field) in settled or (c.place, "") in settled:
                continue
            settled.add((c.place, c.field))
            if _reads(s, c):
                made.setdefault(t.number, {}).setdefault(c.place, []).append(c)
    for number, places in sorted(made.items()):
        for place, changes in places.items():
            said = " ".join(_said(c, c.after) for c in changes)
            where = f"{place}: " if changes[0].field else ""
            other = earlier[number - 1].actor
            whose = "" if other == s.actor else f" ({other})"
            yield Link("found", number, f"{where}{said} since step {number}{whose}")


def _same(a: Change, b: Change) -> bool:
    return (a.place, a.field) == (b.place, b.field)


def _said(c: Change, value: str) -> str:
    return f"{c.field or c.place}={value}"
