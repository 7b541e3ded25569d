"""The state graph of a small model for GraphViz, with the counterexample marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmtla.export.states import StateGraph, state_graph
from kvmtla.ir.model import Model
from kvmtla.trace import Trace
from kvmtla.trace.commit import clipped
from kvmtla.trace.plain import plain

_LONGEST = 60
# So many of the steps between two groups are named.
_NAMED = 3


def dot(model: Model, trace: Trace, by: Sequence[str] = ()) -> str:
    """Return the graph's text: all states, each with what differs from the first; bad ones are red.

    States that are alike in the fields and places of `by` are put together. Raises ToolError as
    `state_graph` does.
    """
    graph = state_graph(model, trace, by)
    return "\n".join(_lines(model, trace, graph)) + "\n"


def _lines(model: Model, trace: Trace, graph: StateGraph) -> Iterator[str]:
    yield f"digraph {_quoted(model.name)} {{"
    yield f"    label={_quoted(trace.title)};"
    yield '    node [shape=box, fontname="monospace", fontsize=10];'
    yield '    edge [fontname="monospace", fontsize=9, color="#888888"];'
    for i, group in enumerate(graph.groups):
        lines = list(group.lines)
        if graph.by:
            lines.append("one state" if group.states == 1 else f"{group.states} states")
        shown = "\n".join(clipped(plain(line), _LONGEST) for line in lines)
        looks = [f"label={_quoted(shown)}"]
        if group.steps:
            looks.append("penwidth=2")
        if group.bad:
            looks.append('style=filled, fillcolor="#ffd0d0"')
        yield f"    s{i} [{', '.join(looks)}];"
    for edge in graph.edges:
        said = [clipped(text, _LONGEST) for text in edge.texts[:_NAMED]]
        if len(edge.texts) > _NAMED:
            said.append(f"and {len(edge.texts) - _NAMED} more")
        looks = [f"label={_quoted(chr(10).join(said))}"]
        if edge.steps:
            looks.append('color="#b3121d", penwidth=2')
        yield f"    s{edge.start} -> s{edge.end} [{', '.join(looks)}];"
    yield "}"


def _quoted(text: str) -> str:
    """Return a string of DOT; several lines are set to the left."""
    lines = [plain(line) for line in text.split("\n")]
    safe = "\\l".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{safe}\\l"' if len(lines) > 1 else f'"{safe}"'
