"""Strongly connected components are those that networkx finds, in random graphs."""

from __future__ import annotations

import random

import networkx
import pytest

from kvmtla.engine.components import strongly_connected


@pytest.mark.parametrize("seed", range(200))
def test_the_parts_of_a_random_graph_are_those_that_networkx_finds(seed: int) -> None:
    pick = random.Random(seed)
    size = pick.randrange(1, 40)
    most = pick.choice((1, 2, 4))
    leads = [[pick.randrange(size) for _ in range(pick.randrange(most + 1))] for _ in range(size)]
    inside = {n: 0 for n in range(size) if pick.random() < 0.8}
    graph = networkx.DiGraph()
    graph.add_nodes_from(inside)
    graph.add_edges_from((i, j) for i in inside for j in leads[i] if j in inside)
    expected = {frozenset(part) for part in networkx.strongly_connected_components(graph)}
    found = list(strongly_connected(inside, leads))
    assert set(found) == expected
    assert sum(map(len, found)) == len(inside)


def test_a_long_way_round_is_one_part() -> None:
    size = 50_000
    leads = [[(n + 1) % size] for n in range(size)]
    assert list(strongly_connected(range(size), leads)) == [frozenset(range(size))]
