"""The story of a counterexample, for a terminal: one paragraph per step, only what matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kvmtla.ir.property import PropertyKind
from kvmtla.trace.counterexample import Counterexample, Step
from kvmtla.trace.narration import Kind, Line, again, in_short, lines, narrate
from kvmtla.trace.plain import plain

# What a line of one of these kinds says, others say: what changed stands at the end of a step.
_LEFT_OUT = (Kind.PATH, Kind.WROTE)


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
    for s, said in narrate(trace):
        yield ""
        if trace.loop == s.number - 1:
            yield from (again(trace), "")
        yield from _step(s, said, full, root)
    yield ""
    if trace.loop == len(trace.steps):
        yield from (again(trace), "")
    yield from trace.failure
    if short := in_short(trace):
        yield ""
        yield "In short:"
        for s, essence in short:
            yield f"{s.number:>3}  {s.actor}: {s.text}"
            yield from (f"       {line.text}" for line in essence)


def step_in_words(s: Step, *, full: bool = False, root: Path | None = None) -> Iterator[str]:
    """Return the lines of the paragraph of one step; `full` and `root` are as in `story`."""
    return map(plain, _step(s, list(lines(s)), full, root))


def _step(s: Step, said: Sequence[Line], full: bool, root: Path | None) -> Iterator[str]:
    at = next(i for i, line in enumerate(said) if line.kind is Kind.PATH)
    yield f"{s.number:>3}  {s.actor}: {said[at].text}"
    # The heading says which operation it is, if one begins here.
    for line in said[at:]:
        if line.kind not in _LEFT_OUT and (full or not line.minor):
            yield f"{' ' * (9 if line.depth > 1 else 7)}{line.text}"
    source = f", {s.kernel_source}" if s.kernel_source else ""
    yield f"       ({_relative(s.file, root)}:{s.line}{source})"


def _relative(file: str, root: Path | None) -> str:
    path = Path(file)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name
