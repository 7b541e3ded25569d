"""The state graph of a small model for GraphViz, with the counterexample marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmtla.errors import ToolError
from kvmtla.export.plain import plain
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.sem import Meaning
from kvmtla.trace import Trace
from kvmtla.trace.around import Node, around
from kvmtla.trace.tell import Teller
from kvmtla.trace.words import Words

# More than that nobody can read.
MOST_STATES = 150
# From each of them on average; with more, the picture would be black.
_STEPS = 20
_LONGEST = 60


def dot(model: Model, trace: Trace) -> str:
    """The graph's text: all states, each with what differs from the first; bad ones are red.

    Raises ToolError for a model with more than `MOST_STATES` states.
    """
    meaning = Meaning(model)
    path = [trace.first, *(s.after for s in trace.steps)]
    nodes, own = around(meaning, path, MOST_STATES * _STEPS)
    if len(nodes) > MOST_STATES or any(n.leads is None for n in nodes):
        raise ToolError(
            "KT911",
            f"{model.name} has more than {MOST_STATES} states, too many for a picture of them",
            hint="--as html shows the states around the counterexample, and --as svg its steps",
        )
    return "\n".join(_lines(model, trace, nodes, own)) + "\n"


def _lines(model: Model, trace: Trace, nodes: Sequence[Node], own: Sequence[int]) -> Iterator[str]:
    meaning, teller, words = Meaning(model), Teller(model), Words(model)
    steps = {
        (before, after): s.action
        for before, after, s in zip(own, own[1:], trace.steps, strict=False)
    }
    of_states = trace.kind in (PropertyKind.INVARIANT, PropertyKind.GOAL)
    settings = ", ".join(f"{k} {v}" for k, v in trace.constants.items())
    yield f"digraph {_quoted(model.name)} {{"
    yield f"    label={_quoted(f'{trace.property}, {settings}')};"
    yield '    node [shape=box, fontname="monospace", fontsize=10];'
    yield '    edge [fontname="monospace", fontsize=9, color="#888888"];'
    for i, node in enumerate(nodes):
        looks = [f"label={_quoted(_state(words, model, trace, node))}"]
        if i in own:
            looks.append("penwidth=2")
        if of_states and meaning.ends(model.asked(trace.property), node.state, None):
            looks.append('style=filled, fillcolor="#ffd0d0"')
        yield f"    s{i} [{', '.join(looks)}];"
    for i, node in enumerate(nodes):
        for to, taken in node.leads or ():
            told = teller.step(0, taken, node.state)
            label = f"{told.actor}: {told.text}"
            label = label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"
            looks = [f"label={_quoted(label)}"]
            if steps.get((i, to)) == taken.action.name:
                looks.append('color="#b3121d", penwidth=2')
            yield f"    s{i} -> s{to} [{', '.join(looks)}];"
    yield "}"


def _state(words: Words, model: Model, trace: Trace, node: Node) -> str:
    """What is otherwise than in the first state: shared places, and where actors are."""
    lines = []
    for name, v in model.variables.items():
        own = v.actor is not None
        if own and not name.endswith("_pc"):
            continue
        before, after = trace.first[name], node.state[name]
        for place, field, _, now in words.changes(name, v.type, before, after):
            what = f"{place}.{field}" if field else place
            lines.append(f"{v.actor} at {now}" if own else f"{what}={now}")
    return "\n".join(lines) or "the first state"


def _quoted(text: str) -> str:
    """A string of DOT; lines are set to the left."""
    lines = [plain(line) for line in text.split("\n")]
    safe = "\\l".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{safe}\\l"' if len(lines) > 1 else f'"{safe}"'
