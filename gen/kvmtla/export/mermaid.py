"""A counterexample as a Mermaid sequence diagram: actors, and the state that they share."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.trace import Step, Trace
from kvmtla.trace.plain import plain
from kvmtla.trace.story import again, changes_in_words

# Mermaid takes these literally wherever text may stand; all others are written as their numbers.
_LITERAL = frozenset(" _.,()[]=*+/|-'")
_SHARED = "S"


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
    last: dict[str, Step] = {}
    for s in trace.steps:
        if trace.loop == s.number - 1:
            yield "    loop again and again"
        yield from (f"    {line}" for line in _step(s, ids[s.lane], last.get(s.lane)))
        last[s.lane] = s
    if trace.goes_round:
        yield "    end"
    elif trace.loop is not None:
        yield f"    Note over {over}: {_text(again(trace))}"
    yield f"    Note over {over}: {'<br/>'.join(_text(line.strip()) for line in trace.failure)}"


def _step(s: Step, lane: str, before: Step | None) -> Iterator[str]:
    if not s.is_hardware and s.opens(before):
        yield f"Note over {lane}: {_text(s.operation)}()"
    for i, t in enumerate(s.told):
        if t.begins and i > 0:
            yield f"Note over {lane}: {_text(t.path[0])}()"
        if t.kind == "test":
            if s.decides:
                yield f"Note over {lane}: {s.number}. {_text(f'if ({t.text}): {t.value}')}"
            continue
        if t.kind in ("lock", "unlock", "wait"):
            yield f"Note over {lane}: {s.number}. {_text(t.text)}"
            continue
        yield f"{lane}->>{_SHARED}: {s.number}. {_text(t.text)}"
        if t.value:
            yield f"{_SHARED}-->>{lane}: {_text(t.value)}"
    changes = list(changes_in_words(s.changes))
    changes += [link.short for link in s.links if link.short]
    if changes:
        yield f"Note right of {_SHARED}: {'<br/>'.join(map(_text, changes))}"


def _text(text: str) -> str:
    return "".join(
        c if (c.isascii() and c.isalnum()) or c in _LITERAL else f"#{ord(c)};" for c in plain(text)
    )
