"""The state graph as the engine has it is that of the reference semantics."""

from __future__ import annotations

from collections import Counter

import pytest

from kvmtla.engine import Graph, Limits
from kvmtla.ir.model import Model
from kvmtla.sem import Meaning, enabled
from support.counterexamples import C3, C4, point
from support.explore import explore

CASES = [C3, C4, ("stale_or_huge_3_vcpus", "6.13", "pml", "one_translation")]


def _model(case: tuple[str, str, str, str]) -> Model:
    return point(*case).module.model


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0])
def test_states_and_steps(case: tuple[str, str, str, str]) -> None:
    model = _model(case)
    graph, meaning = Graph(model, Limits()), Meaning(model)
    assert graph.complete
    reached = explore(model, [case[3]])
    assert len(set(graph.states)) == len(graph.states) == len(reached.states)
    false = 0
    for packed in graph.states:
        state = graph.unpack(packed)
        assert graph.pack(state) == packed
        steps = [(graph.action(end), packed ^ change) for change, end, _ in graph.steps(packed)]
        taken = [(t.action.name, graph.pack(t.after)) for t in enabled(meaning, state)]
        assert not Counter(set(steps)) - Counter(taken)
        assert set(taken) == set(steps)
        said = graph.is_false(case[3], packed)
        assert said == meaning.ends(model.asked(case[3]), state, None)
        false += said
    assert false


def test_bits_are_those_of_a_part() -> None:
    model = _model(C3)
    graph = Graph(model, Limits())
    state = dict(graph.unpack(graph.states[0]))
    for field in ("writable", "dirty"):
        mask = graph.bits("spte", (0,), field)
        changed = graph.unpack(graph.states[0] ^ mask)
        assert [n for n in state if state[n] != changed[n]] == ["spte"]
        assert sum(a != b for a, b in zip(state["spte"][0], changed["spte"][0], strict=True)) == 1
    assert not Graph(model, Limits(states=10)).complete
