"""The story of a counterexample, for a terminal: one paragraph a step, only what matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvmtla.trace.trace import Change, Step, Told, Trace


def story(trace: Trace, *, full: bool = False, root: Path | None = None) -> str:
    """The trace as text: who, what in the kernel's words, which bits changed, and why that is bad.

    `full` adds the changes of locals and the decisions taken. Places in the spec are relative to
    `root`, where that is given.
    """
    return "\n".join(_lines(trace, full, root))


def _lines(trace: Trace, full: bool, root: Path | None) -> Iterator[str]:
    settings = ", ".join(f"{k} {v}" for k, v in trace.constants.items())
    yield f"{trace.property} is violated ({settings})"
    yield f"  {trace.meaning}"
    yield ""
    yield f"Scenario {trace.scenario}: {trace.doc}"
    if trace.first_words:
        yield "At first:"
        yield from (f"  {w}" for w in trace.first_words)
    last_actor, last_operation = "", ""
    for s in trace.steps:
        yield ""
        where = f"{_relative(s.file, root)}:{s.line}"
        if (s.actor, s.operation) != (last_actor, last_operation):
            yield f"{s.number:>3}  {s.actor}: {s.operation}()"
        else:
            yield f"{s.number:>3}  {s.actor}"
        last_actor, last_operation = s.actor, s.operation
        for t in s.told:
            yield from (f"       {line}" for line in _told(t, full))
        yield from (f"         {line}" for line in _changes(s, full))
        if s.ends:
            yield f"       {s.operation}() is done"
        yield f"       [{where}{', ' + s.kernel_source if s.kernel_source else ''}]"
    yield ""
    yield from trace.failure


def _told(t: Told, full: bool) -> Iterator[str]:
    if t.kind == "test":
        if full or t.value == "yes":
            yield f"if {t.text}: {t.value}"
        return
    yield t.text
    if t.kind in ("READ_ONCE", "test_bit"):
        yield f"  finds {t.value}"
    elif t.kind in ("try_cmpxchg", "cmpxchg"):
        yield "  stored" if t.value == "yes" else "  fails: somebody has changed it"
    elif t.value and t.kind not in ("lock", "unlock"):
        yield f"  gives {t.value}"


def _changes(s: Step, full: bool) -> Iterator[str]:
    places: dict[tuple[str, str | None], list[Change]] = {}
    for c in s.changes:
        if c.local is None or full:
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
