"""A counterexample as a mail: what is claimed, why it is not so, and the steps that matter."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from kvmtla.trace.commit import clipped, wrapped
from kvmtla.trace.counterexample import READS, Counterexample, Step
from kvmtla.trace.narration import Kind, Line, again, decision, in_short, lap, lines, narrate
from kvmtla.trace.plain import plain

_WIDTH = 75
_MEMORY = "memory sequentially consistent"
# What of a step is told where room is dear, and what stands behind the line before it.
_SHOWN = (
    *(Kind.OPERATION, Kind.ACCESS, Kind.HARDWARE, Kind.CHOICE, Kind.VALUE, Kind.DECISION),
    *(Kind.OPERANDS, Kind.WROTE, Kind.UNDOES),
)
_BEHIND = {Kind.VALUE: ": ", Kind.OPERANDS: ", "}
# How much further to the right each lane stands, if there is room; the last has so much at least.
_FURTHER, _NARROWEST = 24, 30


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mail is about: the claim, its sentence and source, the bounds, the command.

    `said` is the verdict in the word for it.
    """

    claim: str
    quote: str
    source: str
    said: str
    bounds: str
    command: str


def mail(trace: Counterexample, subject: Subject) -> str:
    """Return the mail, at most 75 characters wide."""
    return "\n".join(plain(line).rstrip() for line in _mail(trace, subject))


def _mail(trace: Counterexample, subject: Subject) -> Iterator[str]:
    yield from textwrap.wrap(f"{subject.claim}: {trace.property} is {subject.said}", _WIDTH)
    quote = " ".join(f'"{subject.quote}" {subject.source}'.split())
    yield from textwrap.wrap(quote, _WIDTH, initial_indent="> ", subsequent_indent="> ")
    where = [*(f"{n} {v}" for n, v in trace.constants.items()), subject.bounds]
    yield from textwrap.wrap(f"In {'; '.join(where)}; {_MEMORY}.", _WIDTH)
    yield from _on_several_lines(subject.command)
    matters = [s.number for s, _ in in_short(trace)]
    if short := list(_because(trace)):
        yield ""
        yield "In short:"
        for line in short:
            yield from textwrap.wrap(line, _WIDTH, subsequent_indent="     ")
    first = matters[0] if matters else 1
    yield ""
    if before := _set_up(trace, first):
        yield from textwrap.wrap(before, _WIDTH)
    yield from _lanes(trace, first, matters)
    if trace.loop is not None:
        yield from textwrap.wrap(again(trace), _WIDTH)
    yield from textwrap.wrap(_wrong(trace), _WIDTH, subsequent_indent="  ")


def _on_several_lines(command: str) -> Iterator[str]:
    """Yield a command as a shell takes it, on as many lines as its options need."""
    first, *options = map(shlex.quote, shlex.split(command))
    lines_, words = [f"  {first}"], ""
    for word in [*options, "--"]:
        if word.startswith("--") and words:
            if len(lines_[-1]) + len(f"{words} \\") > _WIDTH:
                lines_[-1] += " \\"
                lines_.append("   ")
            lines_[-1] += words
            words = ""
        words += f" {word}"
    yield from lines_


def _because(trace: Counterexample) -> Iterator[str]:
    """Yield the links between the steps that matter, and what is decided on them, as sentences."""
    for s, said in in_short(trace):
        if s.decides:
            operands = " ".join(f", {n}={v}" for t in s.told for n, v in t.operands)
            texts = " ".join(decision(t) for t in s.told if t.kind == "test")
            yield f"{s.number:>3}  {s.actor}: {texts}{operands}"
        for line in said:
            if line.kind in (Kind.UNDOES, Kind.FOUND):
                yield f"{s.number:>3}  {s.actor}: {line.text}"


def _set_up(trace: Counterexample, first: int) -> str:
    """Return what comes before the steps that are shown, in one sentence; "" for nothing."""
    parts = [f"At first, {'; '.join(trace.first_words)}."] if trace.first_words else []
    runs = [
        f"{s.actor}: {line.text}"
        for s, said in narrate(trace)[: first - 1]
        for line in said
        if line.kind in (Kind.OPERATION, Kind.HARDWARE)
    ]
    if runs:
        steps = "Step 1" if first == 2 else f"Steps 1 to {first - 1}"
        parts.append(f"{steps}: {', '.join(_together(runs))}.")
    return " ".join(parts)


def _together(runs: Sequence[str]) -> Iterator[str]:
    """Yield what follows each other, the name of who does it only where that changes."""
    last = ""
    for run in runs:
        who, _, what = run.partition(": ")
        yield what if who == last else run
        last = who


def _lanes(trace: Counterexample, first: int, matters: Collection[int]) -> Iterator[str]:
    """Yield the steps that matter, each lane further to the right than the one before.

    Only one of them acts at a time, so that a line may go on to the right below the next lane.
    """
    loop = len(trace.steps) if trace.loop is None else trace.loop
    shown = [
        s for s in trace.steps[first - 1 : loop + lap(trace)] if not matters or s.number in matters
    ]
    lanes = [n for n in trace.lanes if n in {s.lane for s in shown}]
    if not lanes:
        return
    step = min(_FURTHER, (_WIDTH - _NARROWEST) // max(1, len(lanes) - 1))
    yield "".join(clipped(n, step - 1).ljust(step) for n in lanes)
    last: dict[str, Step] = {}
    words = {c.field for s in shown for c in s.shared if c.field}
    for s in shown:
        left = lanes.index(s.lane) * step
        said = lines(s, last.get(s.actor), repeats=s.number > loop)
        for text, depth in _cell(s, said, words):
            for part in wrapped(text, depth, _WIDTH - left):
                yield " " * left + part
        last[s.actor] = s


def _cell(s: Step, said: Iterator[Line], words: Collection[str]) -> Iterator[tuple[str, int]]:
    """Yield what is said of a step; what was found or chosen stands behind what did it."""
    before: tuple[str, int] | None = None
    for line in said:
        if line.short is None or line.kind not in _SHOWN:
            continue
        if line.kind in _BEHIND and before is not None:
            value = _only(line.short, words) if any(t.kind in READS for t in s.told) else line.short
            before = f"{before[0]}{_BEHIND[line.kind]}{value}", before[1]
            continue
        if before is not None:
            yield before
        before = line.short, line.depth
    if before is not None:
        yield before


def _wrong(trace: Counterexample) -> str:
    """Return what is wrong in the end, as one text."""
    head, *rest = (line.strip() for line in trace.failure)
    parts: dict[str, list[str]] = {}
    for line in rest:
        label, _, what = line.rpartition(":  ")
        parts.setdefault(label, []).append(what.strip().removesuffix("."))
    said = (f"{n}: {', '.join(of)}" if n else "; ".join(of) for n, of in parts.items())
    return "; ".join([head, *said])


def _only(text: str, fields: Collection[str]) -> str:
    """Return a word with only these fields, or all of it where it has none of them."""
    kept = [p for p in text.split(" ") if p.partition("=")[0] in fields]
    return " ".join(kept) or text
