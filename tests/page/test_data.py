"""What a page holds agrees with the counterexample, and with the reference semantics."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from kvmtla.page import Shown, page, page_data
from kvmtla.page.model import Claim, PageData
from kvmtla.page.places import Places
from kvmtla.sem import Meaning, enabled
from kvmtla.trace import build_trace, path_trace
from kvmtla.trace.around import around
from kvmtla.trace.narration import Kind, narrate
from support.claims import ROOT
from support.counterexamples import C3, C4, IN_PLACE, ZAP, violation

CASES = pytest.mark.parametrize("case", [C3, C4, IN_PLACE, ZAP], ids=lambda c: f"{c[0]}-{c[1]}")
Case = tuple[str, str, str, str]


@cache
def shown(case: Case) -> Shown:
    found = violation(*case)
    trace = build_trace(found.model, found.raw, found.prop)
    claim = Claim("C0 claim", "a sentence", "a source", "")
    return Shown(found.model, trace, claim, "violated", "1 vCPU", "kvmtla show C0", "kvmtla", ROOT)


@cache
def data(case: Case) -> PageData:
    return page_data(shown(case))


@CASES
def test_the_path_leads_through_the_states_of_the_counterexample(case: Case) -> None:
    d, s = data(case), shown(case)
    places = Places(s.model)
    now = d.states[0]
    numbers = zip(d.path, s.trace.steps, narrate(s.trace), d.told, strict=True)
    for choice, step, (_, said), told in numbers:
        assert now.next is not None
        to, number = now.next[choice]
        now = d.states[to]
        assert [d.words[v] for v in now.values] == list(places.values(step.after))
        assert d.steps[number].actor == step.actor
        assert [d.lines[n].text for n in told] == [line.text for line in said]
        # By itself, it says the same, but nothing of other steps.
        own = [d.lines[n] for n in d.steps[number].lines]
        besides = (Kind.OPERATION, Kind.PATH, Kind.UNDOES, Kind.FOUND)
        apart = [line.text for line in said if line.kind not in besides]
        assert [n.text for n in own if Kind(n.kind) not in besides] == apart
    lights = {v.name: on for v, on in zip(d.invariants, now.invariants, strict=True)}
    assert lights[s.trace.property] == "0"
    assert d.failure == s.trace.failure


@CASES
def test_a_path_told_by_its_numbers_is_the_counterexample(case: Case) -> None:
    s = shown(case)
    again = path_trace(s.model, s.trace.first, data(case).path, s.trace.property)
    assert again.steps == s.trace.steps
    assert again.failure == s.trace.failure
    assert again.own


@CASES
def test_every_state_has_all_its_steps_or_is_an_end(case: Case) -> None:
    s = shown(case)
    meaning = Meaning(s.model)
    path = [s.trace.first, *(t.after for t in s.trace.steps)]
    nodes, own = around(meaning, path, 50)
    assert [nodes[i].state for i in own] == path
    found = [len(n.leads) for n in nodes[len(path) :] if n.leads is not None]
    assert sum(found[:-1]) <= 50
    for node in nodes:
        if node.leads is not None:
            steps = list(enabled(meaning, node.state))
            assert [(t.action.name, t.after) for t in steps] == [
                (t.action.name, nodes[to].state) for to, t in node.leads
            ]


@CASES
def test_invariants_are_lit_where_they_are_true(case: Case) -> None:
    s, d = shown(case), data(case)
    meaning = Meaning(s.model)
    nodes, _ = around(meaning, [s.trace.first, *(t.after for t in s.trace.steps)])
    for node, state in zip(nodes, d.states, strict=True):
        true = [meaning.invariant(v.name, node.state) for v in d.invariants]
        assert state.invariants == "".join("01"[t] for t in true)
        assert (state.why >= 0) is not all(true)


@CASES
def test_every_line_of_a_step_is_in_an_excerpt(case: Case) -> None:
    d = data(case)
    for spot in d.spots:
        excerpt = d.excerpts[spot.excerpt]
        real = (ROOT / spot.file).read_text(encoding="utf-8").splitlines()
        line = excerpt.lines[spot.line - excerpt.first]
        assert excerpt.file == spot.file
        assert line == real[spot.line - 1]


@CASES
def test_a_page_is_small_whole_and_always_the_same(case: Case) -> None:
    text = page(data(case), "the story")
    assert len(text.encode()) < 1_000_000
    assert not re.search(r'\b(src|href)="(?!#)', text)
    assert page(page_data(shown(case)), "the story") == text
    found: dict[str, Any] = json.loads(
        re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]  # type: ignore[index]
    )
    assert found["path"] == list(data(case).path)


def test_bits_are_where_the_scenario_has_them() -> None:
    for case, accessed in ((C3, 8), (C4, 5)):
        (word,) = (p for p in data(case).places if p.kind == "word" and not p.actor)
        assert word.name == "*sptep"
        assert {s.label: s.bit for s in word.slots}["A"] == accessed


def test_a_local_keeps_its_name() -> None:
    """Also where a shared variable of the same name is called something else."""
    names = {p.name for p in data(C3).places}
    assert {"*sptep", "vCPU 0: spte", "ager: old_spte", "vCPU 0 is at"} <= names
