"""A trace as a notebook shows it: a table with a column for each lane, and rows of data."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from kvmtla.ir.property import PropertyKind
from kvmtla.trace.counterexample import READS, Change, Counterexample, Step
from kvmtla.trace.story import again, changes_in_words

_CELL = "text-align:left;vertical-align:top"
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
    for s in trace.steps:
        if trace.loop == s.number - 1:
            yield _wide(again(trace), len(trace.lanes))
        cells = "".join(
            f'<td style="{_CELL}">{_cell(s) if s.lane == lane else ""}</td>' for lane in trace.lanes
        )
        yield f'<tr><td style="{_CELL}">{s.number}</td>{cells}</tr>'
    if trace.loop == len(trace.steps):
        yield _wide(again(trace), len(trace.lanes))
    yield "</tbody></table>"
    yield f'<pre style="{_CELL}">{escape(chr(10).join(trace.failure))}</pre>'


def _wide(text: str, lanes: int) -> str:
    return f'<tr><td></td><td style="{_CELL}" colspan="{lanes}"><i>{escape(text)}</i></td></tr>'


def _cell(s: Step) -> str:
    said = [f"<code>{escape(s.text)}</code>"]
    said += [f"reads {escape(t.value)}" for t in s.told if t.kind in READS]
    said += [f"if ({escape(t.text)}): yes" for t in s.told if (t.kind, t.value) == ("test", "yes")]
    said += [f"<b>{escape(line)}</b>" for line in changes_in_words(s.changes)]
    said += [f"<i>{escape(link.text)}</i>" for link in s.links]
    return "<br/>".join(said)


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
