"""The story of a counterexample, for a terminal: one paragraph per step, only what matters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from kvmtla.ir.property import PropertyKind
from kvmtla.trace.counterexample import READS, Change, Counterexample, Step, Told
from kvmtla.trace.links import digest
from kvmtla.trace.plain import plain


def story(trace: Counterexample, *, full: bool = False, root: Path | None = None) -> str:
    """Return the trace as text: who did what in the kernel's words, which bits changed, what broke.

    `full` adds the changes of locks and locals, and the decisions that went the other way; where a
    decision is all that a step does, it is told in any case. Places in the spec are relative to
    `root`, if that is given.
    """
    return "\n".join(map(plain, _lines(trace, full, root)))


def _lines(trace: Counterexample, full: bool, root: Path | None) -> Iterator[str]:
    settings = ", ".join(f"{k} {v}" for k, v in trace.constants.items())
    settings = f": {settings}" if settings else ""
    what = " is reached" if trace.kind is PropertyKind.GOAL else " is violated"
    yield f"{trace.property}{', along a chosen path' if trace.own else what}{settings}"
    yield f"  {trace.meaning}"
    yield ""
    yield f"{trace.scenario}: {trace.doc}"
    if trace.first_words:
        yield f"At first, {'; '.join(trace.first_words)}."
    if full:
        yield from (f"Bits of {line}." for line in trace.legend)
    last: dict[str, Step] = {}
    for s in trace.steps:
        yield ""
        if trace.loop == s.number - 1:
            yield from (again(trace), "")
        yield from _step(s, full, root, last.get(s.lane))
        last[s.lane] = s
    yield ""
    if trace.loop == len(trace.steps):
        yield from (again(trace), "")
    yield from trace.failure
    if short := digest(trace.steps):
        yield ""
        yield "In short:"
        yield from (line for n in short for line in _in_short(trace.steps[n - 1], short))


def _in_short(s: Step, numbers: Collection[int]) -> Iterator[str]:
    """Yield a step on one line, then what it reads and decides, what it changes, and its links."""
    yield f"{s.number:>3}  {s.actor}: {s.text}"
    for t in s.told:
        if t.kind in READS:
            yield f"       reads {t.value}"
        elif t.kind == "test" and t.value == "yes" and not s.decides:
            yield f"       if ({t.text}): yes"
    yield from (f"       {line}" for line in changes_in_words(s.changes))
    said = [n.text for n in s.links if n.kind == "undoes" or n.number in numbers]
    yield from (f"       {line}" for line in said)


def again(trace: Counterexample) -> str:
    """Return a sentence that says how a trace goes on for ever."""
    assert trace.loop is not None
    first, last = trace.loop + 1, len(trace.steps)
    if first > last:
        return "From here on, nothing happens any more."
    steps = f"step {first}" if first == last else f"steps {first} to {last}"
    return f"From here on, again and again: {steps}."


def step_in_words(s: Step, *, full: bool = False, root: Path | None = None) -> Iterator[str]:
    """Return the lines of the paragraph of one step; `full` and `root` are as in `story`."""
    return map(plain, _step(s, full, root))


def _step(s: Step, full: bool, root: Path | None, before: Step | None = None) -> Iterator[str]:
    same = before is not None and before.operation == s.operation and not before.ends
    anew = ", called again" if same and s.opens(before) else ""
    yield f"{s.number:>3}  {s.actor}: {_heading(s)}{anew}"
    for i, t in enumerate(s.told):
        if t.begins and i > 0:
            yield f"       {t.path[0]}()"
        yield from (f"       {line}" for line in _told(t, full or s.decides))
    yield from (f"         {line}" for line in changes_in_words(s.changes, full=full))
    yield from (f"         {link.text}" for link in s.links)
    if s.ends:
        yield "       done"
    source = f", {s.kernel_source}" if s.kernel_source else ""
    yield f"       ({_relative(s.file, root)}:{s.line}{source})"


def _heading(s: Step) -> str:
    """Return the deepest call path of the step's events, tests and unlocks apart."""
    paths = [t.path for t in s.told if t.kind not in ("test", "unlock")]
    # A step may only drop a lock, where a span ends between that and the access before.
    paths = paths or [t.path for t in s.told if t.kind == "unlock"] or [(s.operation,)]
    return " > ".join(f"{f}()" for f in max(paths, key=len))


def _told(t: Told, full: bool) -> Iterator[str]:
    if t.kind == "test":
        if full or t.value == "yes":
            yield f"if ({t.text}): {t.value}"
        return
    yield t.text
    if t.kind in READS:
        yield f"  reads {t.value}"
    elif t.kind == "try_cmpxchg" and t.value == "no":
        yield "  fails: it is no longer what was read"
    elif t.value and t.kind != "try_cmpxchg":
        yield f"  returns {t.value}"


def changes_in_words(changes: Sequence[Change], *, full: bool = False) -> Iterator[str]:
    """Yield a line per changed place, `*sptep: D=1 -> D=0`; locks and locals only if `full`."""
    places: dict[tuple[str, str | None], list[Change]] = {}
    for c in changes:
        if full or (c.local is None and not c.is_lock):
            places.setdefault((c.place, c.local), []).append(c)
    for (place, local), found in places.items():
        if all(c.field for c in found):
            before = " ".join(f"{c.field}={c.before}" for c in found)
            after = " ".join(f"{c.field}={c.after}" for c in found)
        else:
            before, after = found[0].before, found[0].after
        owner = f"{local}'s " if local else ""
        yield f"{owner}{place}: {before} -> {after}"


def _relative(file: str, root: Path | None) -> str:
    path = Path(file)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name
