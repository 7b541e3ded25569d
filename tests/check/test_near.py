"""Near misses, counted here by going through all states."""

from __future__ import annotations

from kvmtla.engine import Limits
from kvmtla.insight.near_misses import nearness
from kvmtla.sem import Meaning
from support.claims import all_points
from support.explore import explore


def test_counts_and_the_shortest_way() -> None:
    point = next(
        p
        for p in all_points()
        if p.prop == "writable_implies_flushed"
        and p.claim.scenario.name == "age"
        and p.settings == {"kernel": "5.19", "method": "wp"}
    )
    model = point.module.model
    found = nearness(model, point.prop, Limits())
    meaning = Meaning(model)
    tlb = model.variables["tlb"].type.value.value  # type: ignore[union-attr]
    spte = model.variables["spte"].type.value  # type: ignore[union-attr]
    owed = meaning.definitions["flush_owed"]
    says, by_spte, by_flush = [], [], []
    for key, depth in explore(model).states.items():
        state = dict(zip(model.variables, key, strict=True))
        if not state["tlb"][0][0][tlb.index("writable")]:  # type: ignore[index]
            continue
        allowed = state["spte"][0][spte.index("mmu_writable")]  # type: ignore[index]
        flush = meaning.value(owed.body, state, {owed.params[0].name: 0})
        says.append(depth)
        by_spte += [depth] if allowed and not flush else []
        by_flush += [depth] if flush and not allowed else []
    assert says
    assert by_spte
    assert found.premise == len(says)
    assert [n.states for n in found.parts] == [len(by_spte), len(by_flush)]
    nearest = found.parts[0]
    assert nearest.steps == min(by_spte) - 1
    trace = nearest.trace()
    assert trace is not None
    assert len(trace.steps) == nearest.steps
    assert found.parts[1].trace() is None or by_flush


def test_a_limit_makes_it_unknown() -> None:
    point = next(p for p in all_points() if p.expected == "holds")
    found = nearness(point.module.model, point.prop, Limits(states=3))
    assert found.unknown == "there are more than 3 states"
    assert found.parts == ()
