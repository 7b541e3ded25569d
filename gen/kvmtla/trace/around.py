"""The part of the state graph around a counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmtla.ir.types import Value
from kvmtla.sem import Meaning, State, Taken, enabled

# Few enough steps that telling them takes well under a second, and that a page stays small.
MOST_STEPS = 2_400


@dataclass(slots=True)
class Node:
    """A state, with the steps that are possible there and the states they lead to.

    `leads` is None where the search went no further than the state.
    """

    state: State
    leads: list[tuple[int, Taken]] | None = None


def around(
    meaning: Meaning, path: Sequence[State], most: int = MOST_STEPS
) -> tuple[list[Node], list[int]]:
    """Return the states nearest to those of `path`, by number, and the numbers of the path's own.

    The steps of all states of the path are followed, those of others until there are `most` steps.
    """
    names = tuple(meaning.model.variables)
    nodes: list[Node] = []
    known: dict[tuple[Value, ...], int] = {}

    def number(state: State) -> int:
        key = tuple(state[n] for n in names)
        if key not in known:
            known[key] = len(nodes)
            nodes.append(Node(state))
        return known[key]

    own = [number(s) for s in path]
    least, steps = len(nodes), 0
    # Nodes are numbered as they are found: breadth first, from all states of the path at once.
    for i, node in enumerate(nodes):
        if i >= least and steps >= most:
            break
        node.leads = [(number(t.after), t) for t in enabled(meaning, node.state)]
        steps += len(node.leads)
    return nodes, own
