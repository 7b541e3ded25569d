"""A trace as a notebook shows it: a table with a column for each lane, and rows of data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from kvmtla.ir.property import PropertyKind
from kvmtla.trace.counterexample import Change, Counterexample, Step
from kvmtla.trace.narration import Kind, Line, again, narrate

_CELL = "text-align:left;vertical-align:top"
# The lines that stand below what a step is called, and how they look.
_TAGS = {
    **dict.fromkeys((Kind.VALUE, Kind.DECISION, Kind.OPERANDS), "span"),
    Kind.CHANGE: "b",
    **dict.fromkeys((Kind.UNDOES, Kind.FOUND), "i"),
}
_ABOUT = ("lane", "actor", "operation", "text", "held", "place", "kernel")


def headline(trace: Counterexample) -> str:
    """Return one line that says what the trace shows."""
    settings = "".join(f", {n} {v}" for n, v in trace.constants.items())
    goal = trace.kind is PropertyKind.GOAL
    what = "along a chosen path" if trace.own else "reached" if goal else "violated"
    steps = f"{len(trace.steps)} step{'s' if len(trace.steps) != 1 else ''}"
    return f"{trace.property} in {trace.scenario}{settings}: {what}, {steps}"


def html(trace: Counterexample) -> str:
    """Return the trace as an HTML table: steps are rows, lanes are columns, changes are bold."""
    return "\n".join(_lines(trace))


def _lines(trace: Counterexample) -> Iterator[str]:
    yield f"<p><b>{escape(headline(trace))}</b><br/>{escape(trace.meaning)}</p>"
    if trace.first_words:
        yield f"<p>At first, <code>{escape('; '.join(trace.first_words))}</code>.</p>"
    heads = "".join(f'<th style="{_CELL}">{escape(h)}</th>' for h in ("", *trace.lanes))
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for s, said in narrate(trace):
        if trace.loop == s.number - 1:
            yield _wide(again(trace), len(trace.lanes))
        told = "<br/>".join(_cell(s, said))
        cells = "".join(
            f'<td style="{_CELL}">{told if s.lane == lane else ""}</td>' for lane in trace.lanes
        )
        yield f'<tr><td style="{_CELL}">{s.number}</td>{cells}</tr>'
    if trace.loop == len(trace.steps):
        yield _wide(again(trace), len(trace.lanes))
    yield "</tbody></table>"
    yield f'<pre style="{_CELL}">{escape(chr(10).join(trace.failure))}</pre>'


def _wide(text: str, lanes: int) -> str:
    return f'<tr><td></td><td style="{_CELL}" colspan="{lanes}"><i>{escape(text)}</i></td></tr>'


def _cell(s: Step, said: Sequence[Line]) -> Iterator[str]:
    yield f"<code>{escape(s.text)}</code>"
    for line in said:
        tag = _TAGS.get(line.kind)
        # A step that only decides is called after what it decides.
        if tag is not None and not line.minor and not (s.decides and line.kind is Kind.DECISION):
            yield f"<{tag}>{escape(line.text)}</{tag}>"


def rows(trace: Counterexample) -> list[dict[str, object]]:
    """Return a row for the first state and one for each step, with the values after it.

    The values are those of all that changes anywhere in the trace, in words, by place and field:
    `*sptep.D`. Local variables come last, each with its actor in front: `ager: gfn`.
    """
    now: dict[str, object] = {}
    changes = (c for s in trace.steps for c in s.changes)
    for c in sorted(changes, key=lambda c: c.local is not None):
        now.setdefault(_name(c), c.before)
    found = [{"step": 0, **dict.fromkeys(_ABOUT, ""), **now}]
    for s in trace.steps:
        now |= {_name(c): c.after for c in s.changes}
        place = f"{s.file}:{s.line}"
        about = (s.lane, s.actor, s.operation, s.text, s.held, place, s.kernel_source or "")
        found.append({"step": s.number, **dict(zip(_ABOUT, about, strict=True)), **now})
    return found


def _name(c: Change) -> str:
    owner = f"{c.local}: " if c.local else ""
    return f"{owner}{c.place}{'.' if c.field else ''}{c.field}"
