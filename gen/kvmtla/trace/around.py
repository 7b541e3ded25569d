"""The part of the state graph around a counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmtla.ir.types import Value
from kvmtla.sem import Meaning, State, Taken, enabled

# So many that telling them takes well under a second, and the page stays small.
MOST_STATES = 600


@dataclass(slots=True)
class Node:
    """A state, and the steps that are possible there with the states they lead to.

    `leads` is None where the search went no further.
    """

    state: State
    leads: list[tuple[int, Taken]] | None = None


def around(
    meaning: Meaning, path: Sequence[State], most: int = MOST_STATES
) -> tuple[list[Node], list[int]]:
    """The states nearest to those of `path`: nodes by number, and the numbers of the path's own.

    At least all states of the path are looked into, and not more than `most` others.
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
    most += len(nodes)
    # Nodes are numbered as they are found: breadth first, from all states of the path at once.
    for i, node in enumerate(nodes):
        if i >= most:
            break
        node.leads = [(number(t.after), t) for t in enabled(meaning, node.state)]
    return nodes, own
