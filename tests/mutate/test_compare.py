"""What cannot be told apart: the same sequences of what is seen, on graphs made by chance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.mutate.compare import VisibleGraph, same_graph, same_traces

_STATES = 4
# Longer than any sequence that is needed to tell two such graphs apart, as far as was found.
_LENGTH = 9

_state = st.integers(0, _STATES - 1)
_graphs = st.builds(
    VisibleGraph,
    st.frozensets(_state, min_size=1, max_size=2),
    st.lists(st.sampled_from("ab"), min_size=_STATES, max_size=_STATES),
    st.lists(
        st.frozensets(st.tuples(st.sampled_from(("x", "y")), _state), max_size=3),
        min_size=_STATES,
        max_size=_STATES,
    ),
)


def traces(graph: VisibleGraph) -> set[str]:
    """All that may be seen, in one order after the other; what stays the same is seen once."""

    def ahead(state: int, so_far: str, around: frozenset[int]) -> Iterator[str]:
        yield so_far
        for _, to in graph.steps[state]:
            if graph.seen[to] == graph.seen[state]:
                if to not in around:
                    yield from ahead(to, so_far, around | {to})
            elif len(so_far) < _LENGTH:
                yield from ahead(to, so_far + str(graph.seen[to]), frozenset({to}))

    return {t for i in graph.first for t in ahead(i, str(graph.seen[i]), frozenset({i}))}


@given(_graphs, _graphs)
@settings(max_examples=400, deadline=None)
def test_the_same_is_seen(a: VisibleGraph, b: VisibleGraph) -> None:
    assert same_traces(a, b) == (traces(a) == traces(b))


@given(_graphs, st.permutations(range(_STATES)))
@settings(max_examples=200, deadline=None)
def test_names_of_states_do_not_count(graph: VisibleGraph, order: list[int]) -> None:
    other = VisibleGraph(
        frozenset(order.index(i) for i in graph.first),
        [graph.seen[i] for i in order],
        [frozenset((who, order.index(to)) for who, to in graph.steps[i]) for i in order],
    )
    assert same_graph(graph, other)
    assert same_traces(graph, other)


@given(_graphs, st.lists(st.integers(0, 1), min_size=1))
@settings(max_examples=200, deadline=None)
def test_which_of_two_copies_a_step_leads_to_is_not_seen(
    graph: VisibleGraph, ways: list[int]
) -> None:
    way = cycle(ways)
    steps = [
        frozenset((who, to + next(way) * _STATES) for who, to in some)
        for some in (*graph.steps, *graph.steps)
    ]
    other = VisibleGraph(graph.first, [*graph.seen, *graph.seen], steps)
    assert same_graph(graph, other)
    assert same_traces(graph, other)
