"""Where two kernels part, and what can be left out of a scenario."""

from __future__ import annotations

from typing import Any

import pytest

from kvmtla.check.select import Selection, SelectionError
from kvmtla.cli.diff import _title, both_of, pair, values_of
from kvmtla.engine import explore, go_round
from kvmtla.insight.difference import first_difference, sides
from kvmtla.insight.minimise import minimise
from kvmtla.sem import enabled
from kvmtla.verdict import Verdict
from support.claims import ROOT, SPEC, all_points
from support.counterexamples import C3, C4, point

VALUES = ("without_7c8a4742c4ab", "the release")


def test_the_next_kernel_flushes_where_this_one_finds_nothing_to_clear() -> None:
    old = point(*C3).module.model
    new = point(C3[0], "6.0", *C3[2:]).module.model
    one, other = sides(old, new)
    found = first_difference(other, one).parting
    assert found is not None
    assert found.step is not None
    assert found.step.action.operation == "log_twice"
    assert [e.text for e in found.step.events] == ["kvm_flush_remote_tlbs(kvm)"]
    # It is a way that the one with the step can go, and the other has no such step there.
    state = found.first
    for taken in (*found.path, found.step):
        assert taken.after in [t.after for t in enabled(other.meaning, state)]
        state = taken.after
    seen = other.seen_of(found.step)
    assert all(one.seen_of(t) != seen for _, t in found.others)


def test_a_model_does_not_part_from_itself() -> None:
    model = point(*C3).module.model
    one, other = sides(model, model)
    assert first_difference(one, other).parting is None
    assert first_difference(one, other).complete
    assert not first_difference(one, other, most=5).complete


def test_what_is_left_out_is_not_needed_and_the_rest_is() -> None:
    p = point(*C4)
    found = minimise(p, SPEC, ROOT)
    assert found.left_out == ("direct_page_fault, vmx_handle_exit of each vCPU: once is enough",)
    outcome = explore(found.point.module.model, p.prop)
    assert outcome.verdict is Verdict.VIOLATED
    assert "Left out: " in found.point.module.model.doc
    # Nothing more can be spared.
    assert minimise(found.point, SPEC, ROOT).left_out == ()


def test_a_behaviour_is_made_smaller_too() -> None:
    (p,) = (p for p in all_points() if p.kind.temporal and p.expected == "violated")
    found = minimise(p, SPEC, ROOT)
    assert found.left_out
    outcome = go_round(found.point.module.model, p.prop)
    assert (outcome.verdict, outcome.name) == (Verdict.VIOLATED, p.prop)


def test_locks_are_seen_where_the_property_is_about_them() -> None:
    name, prop = "w_never_cleared_out_of_mmu_lock", "w_is_cleared_under_mmu_lock"
    models = [point(name, kernel, "no_ad", prop).module.model for kernel in ("6.13", "6.15")]
    assert first_difference(*sides(*models)).parting is None
    parting = first_difference(*sides(*models, prop)).parting
    assert parting is not None
    assert parting.step is not None
    assert parting.step.events[0].kind == "lock"


def test_a_default_may_be_asked_for() -> None:
    """Also where no output mentions it."""
    asked = Selection(("7c8a4742c4ab",), values_of(SPEC, "the release"))
    found = asked.choose(all_points(), SPEC)
    assert found
    assert all("variant" not in p.settings for p in found)
    variant = Selection(("7c8a4742c4ab",), values_of(SPEC, "without_7c8a4742c4ab"))
    two, _ = pair(variant.choose(all_points(), SPEC), found, {"variant"}, "it")
    assert [
        _title(p, values_of(SPEC, v), {"variant"}) for p, v in zip(two, VALUES, strict=True)
    ] == [f"variant {v}" for v in VALUES]


def test_what_cannot_be_compared() -> None:
    with pytest.raises(SelectionError, match="KT919"):
        values_of(SPEC, "5.19,none_such")
    with pytest.raises(SelectionError, match="KT918"):
        pair([point(*C3)], [point(*C4)], {"kernel"}, "KVM")
    with pytest.raises(SelectionError, match=r"KT918.*kernel cannot be 5\.19 and 6\.0 at once"):
        values_of(SPEC, "5.19,6.0")
    for one, other in (("5.19", "5.19"), ("5.19", "pml"), ("pml,5.19", "5.19")):
        with pytest.raises(SelectionError, match=r"KT918.*both are "):
            both_of(SPEC, values_of(SPEC, one), values_of(SPEC, other))
    one, other = both_of(SPEC, values_of(SPEC, "5.19"), values_of(SPEC, f"5.19,{VALUES[0]}"))
    assert (one["variant"], other["variant"]) == (("the release",), (VALUES[0],))
    # What has no default, and only one of them says, goes for both.
    both = both_of(SPEC, values_of(SPEC, "5.19,pml"), values_of(SPEC, "6.0"))
    assert both == (
        {"kernel": ("5.19",), "method": ("pml",)},
        {"kernel": ("6.0",), "method": ("pml",)},
    )


def test_goals_are_reached_or_not(kvmtla: Any, counter: str) -> None:
    """Also in what `mutate` says of a survivor."""
    spec = (
        counter.replace(
            "    invariant,", "    invariant,\n    reachable,\n    reached,\n    unreached,"
        )
        .replace("@invariant\ndef nothing_lost", "@reachable\ndef nothing_lost")
        .replace("m.count == 2 or not all(", "m.count != 2 and all(")
        .replace("violated(nothing_lost", "reached(nothing_lost")
        .replace("holds(nothing_lost", "unreached(nothing_lost")
    )
    done = kvmtla("diff", "L1", "plain", "atomic", spec=spec)
    assert done.stdout.startswith(
        "L1 lost, nothing_lost\n  way plain   reached in 6 steps\n"
        "  way atomic  unreached in all 24 states\n"
    )
    done = kvmtla("mutate", "adders", spec=spec)
    assert "\n  TLC: nothing_lost unreached in all 4 states\n" in done.stdout
