"""What a reader sees: the story and the commit form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from kvmtla.check.question import question
from kvmtla.front.scenario import read_project
from kvmtla.ir.types import RecordT
from kvmtla.load import load_package
from kvmtla.lower.build import lower
from kvmtla.modules.points import points
from kvmtla.sem import Meaning, enabled, first_states
from kvmtla.trace import build_trace, commit_form, story
from kvmtla.trace.tell import Teller
from kvmtla.trace.words import Words
from support.claims import ROOT, SPEC


def _switches(trace: Any) -> int:
    lanes = [s.lane for s in trace.steps]
    return sum(a != b for a, b in pairwise(lanes))


def test_reordering_keeps_the_length_and_saves_switches(found: Any) -> None:
    as_found = build_trace(found.model, found.raw, found.prop, reorder=False)
    best = build_trace(found.model, found.raw, found.prop)
    assert len(best.steps) == len(as_found.steps)
    assert _switches(best) <= _switches(as_found)
    assert best.failure[0] == as_found.failure[0]


def test_the_commit_form_fits_into_75_columns(found: Any) -> None:
    for line in commit_form(build_trace(found.model, found.raw, found.prop)).splitlines():
        assert len(line) <= 75
        assert line == line.rstrip()


def test_every_step_is_in_the_story_with_its_place_in_the_spec(found: Any) -> None:
    trace = build_trace(found.model, found.raw, found.prop)
    text = story(trace)
    for s in trace.steps:
        assert re.search(rf"^ *{s.number}  {re.escape(s.actor)}: ", text, re.M)
        assert f".py:{s.line}" in text
        # Nothing is said to happen where something else does.
        assert (s.file, s.line) in {(t.file, t.line) for t in s.told} or not s.told
    assert text.count("\n\n") >= len(trace.steps)


def test_changes_add_up_to_the_last_state(found: Any) -> None:
    """Whatever differs between two states is told, and nothing else."""
    trace = build_trace(found.model, found.raw, found.prop)
    before = trace.first
    for s in trace.steps:
        differs = {n for n in before if before[n] != s.after[n] and not n.endswith("_pc")}
        assert bool(differs) == bool(s.changes)
        assert all(c.before != c.after for c in s.changes)
        before = s.after


def test_the_story_of_a_zap_that_clobbers_dirty(zap: Any) -> None:
    assert (
        commit_form(build_trace(zap.model, zap.raw, zap.prop))
        == """\
  At first, *sptep: P=1 W=1 MMU_W=1 HOST_W=1 A=1 D=0.

  zapper                                         vCPU 0
  ---------------------------------------------  -------------------------
  kvm_unmap_gfn_range()
    write_lock(mmu_lock)
    old_spte = READ_ONCE(*sptep)
      P=1 W=1 MMU_W=1 HOST_W=1 A=1 D=0
                                                 write: the CPU sets D
                                                   *sptep: D=0 -> D=1
                                                   TLB: W=0 D=0 -> W=1 D=1
                                                 write through the TLB
                                                   page written: 0 -> 1
    WRITE_ONCE(*sptep, NOT_PRESENT)
      P=1 W=1 MMU_W=1 HOST_W=1 A=1 D=1 -> P=0
        W=0 MMU_W=0 HOST_W=0 A=0 D=0
      undoes D=1 of CPU of vCPU 0

  page_tagged is false for gfn 0
      true:   page written
      false:  backing page dirty
      false:  *sptep.D
      false:  A running operation will tag the backing page dirty."""
    )


def test_a_record_in_a_record_is_told_by_its_fields() -> None:
    spec = SPEC
    claim = next(c for c in spec.claims if c.scenario.name == "zap_and_map")
    point = claim.points[0]
    model = lower(claim.scenario, spec.reader, point.constants, [point.property], name="M")
    words, upper = Words(model), model.variables["upper"].type
    assert isinstance(upper, RecordT)
    spte = upper.fields[0].type
    assert isinstance(spte, RecordT)
    clear = (False,) * (len(spte.fields) - 1)
    mapped, zapped = ((True, *clear), 0), ((False, *clear), None)
    said = words.value(mapped, upper)
    assert said.startswith("SPTE=(P=1 W=0 ")
    assert said.endswith(") child=page table 0")
    changes = [("SPTE.P", "1", "0"), ("child", "page table 0", "none")]
    assert list(words.field_changes(upper, mapped, zapped)) == changes


def _all_shortest(found: Any, steps: int) -> Iterator[list[str]]:
    """The lanes of every counterexample of so many steps, by plain enumeration."""
    meaning, teller = Meaning(found.model), Teller(found.model)

    def go(state: Any, lanes: list[str]) -> Iterator[list[str]]:
        bad = not meaning.invariant(found.prop, state)
        if bad or len(lanes) == steps:
            if bad and len(lanes) == steps:
                yield lanes
            return
        for t in enabled(meaning, state):
            yield from go(t.after, [*lanes, teller.lane(t)])

    for first in first_states(meaning):
        yield from go(first, [])


def test_a_step_of_which_nothing_is_told_goes_on_where_it_stands() -> None:
    """An access to what is left out is still a step; it is one of the function that it is in."""
    text = "all(not m.tlb[cpu][gfn].dirty or flush_owed.active(gfn) for cpu in Vcpu for gfn in Gfn)"
    # Read here: what is asked is read with the modules that are imported now.
    spec = read_project(load_package("kvmspec").project)
    settings = {"kernel": ("6.0",), "method": ("pml",)}
    asked = question(spec, "kvmspec", "age_and_log", text, "here", settings=settings)
    model = points(replace(spec, claims=(asked,)), ROOT)[0].module.model
    meaning, teller = Meaning(model), Teller(model)
    silent = 0
    todo = list(first_states(meaning))
    known = {tuple(s.values()) for s in todo}
    for state in todo:
        for taken in enabled(meaning, state):
            if not taken.events:
                silent += 1
                assert teller.step(1, taken, state).operation == "enable_dirty_logging"
            if (key := tuple(taken.after.values())) not in known:
                known.add(key)
                todo.append(taken.after)
    assert silent


def test_the_fewest_switches_and_then_the_fewest_actors(zap: Any) -> None:
    best = build_trace(zap.model, zap.raw, zap.prop)
    every = list(_all_shortest(zap, len(best.steps)))
    assert len(every) > 1
    mine = (_switches(best), len({s.lane for s in best.steps}))
    assert mine == min((sum(a != b for a, b in pairwise(x)), len(set(x))) for x in every)


def test_a_model_too_large_is_told_as_it_was_found(zap: Any, monkeypatch: Any) -> None:
    as_found = build_trace(zap.model, zap.raw, zap.prop, reorder=False)
    for limit in ("MOST_STATES", "MOST_ON_THE_WAY"):
        with monkeypatch.context() as patch:
            patch.setattr(f"kvmtla.trace.best.{limit}", 3)
            assert build_trace(zap.model, zap.raw, zap.prop) == as_found
