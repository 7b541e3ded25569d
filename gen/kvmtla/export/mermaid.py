"""A counterexample as a Mermaid sequence diagram: actors, and the state that they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmtla.trace import Step, Trace
from kvmtla.trace.narration import Kind, Line, again, narrate
from kvmtla.trace.plain import plain

# Mermaid takes these literally wherever text may stand; all others are written as their numbers.
_LITERAL = frozenset(" _.,()[]=*+/|-'")
_SHARED = "S"
# What an actor does without shared state, or with locks.
_BY_ITSELF = (Kind.LOCK, Kind.UNLOCK, Kind.CHOICE, Kind.DECISION, Kind.OPERANDS)


def mermaid(trace: Trace) -> str:
    """Return the diagram's text; accesses to shared state are arrows, decisions and locks notes."""
    return "\n".join(_lines(trace)) + "\n"


def _lines(trace: Trace) -> Iterator[str]:
    ids = {lane: f"L{i}" for i, lane in enumerate(trace.lanes)}
    yield "sequenceDiagram"
    yield f"    accTitle: {_text(trace.title)}"
    yield from (f"    participant {ids[lane]} as {_text(lane)}" for lane in trace.lanes)
    yield f"    participant {_SHARED} as shared state"
    if trace.first_words:
        yield f"    Note over {_SHARED}: {_text('; '.join(trace.first_words))}"
    over = ",".join(dict.fromkeys([*list(ids.values())[:1], _SHARED]))
    for s, said in narrate(trace):
        if trace.loop == s.number - 1:
            yield "    loop again and again"
        yield from (f"    {line}" for line in _step(s, said, ids[s.lane]))
    if trace.goes_round:
        yield "    end"
    elif trace.loop is not None:
        yield f"    Note over {over}: {_text(again(trace))}"
    yield f"    Note over {over}: {'<br/>'.join(_text(line.strip()) for line in trace.failure)}"


def _step(s: Step, said: Sequence[Line], lane: str) -> Iterator[str]:
    notes = []
    for line in said:
        if line.kind is Kind.OPERATION:
            yield f"Note over {lane}: {_text(line.text)}"
        elif line.kind in (Kind.ACCESS, Kind.HARDWARE):
            yield f"{lane}->>{_SHARED}: {s.number}. {_text(line.text)}"
        elif line.kind is Kind.VALUE:
            yield f"{_SHARED}-->>{lane}: {_text(line.short or line.text)}"
        elif line.kind in _BY_ITSELF and line.short is not None:
            yield f"Note over {lane}: {s.number}. {_text(line.short)}"
        elif line.kind is Kind.CHANGE:
            notes.append(line.text)
        elif line.kind is Kind.UNDOES and line.short is not None:
            notes.append(line.short)
    if notes:
        yield f"Note right of {_SHARED}: {'<br/>'.join(map(_text, notes))}"


def _text(text: str) -> str:
    return "".join(
        c if (c.isascii() and c.isalnum()) or c in _LITERAL else f"#{ord(c)};" for c in plain(text)
    )
