"""What is counted of a model, in all of it and in part of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kvmtla.engine import Limits
from kvmtla.insight.counts import count
from kvmtla.insight.kept_counts import Counting
from kvmtla.modules.memo import Memo
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError


def test_a_part_says_what_happens_and_nothing_of_premises(some_points: list[Point]) -> None:
    model = some_points[0].module.model
    everything = count(model, Limits())
    part = count(model, Limits(), enough=3)
    assert everything is not None
    assert part is not None
    assert (everything.whole, part.whole) == (True, False)
    assert 3 < part.states < everything.states
    assert everything.premises.keys() == set(model.invariants)
    assert not part.premises
    assert 0 < sum(part.steps.values()) < sum(everything.steps.values())
    assert part.steps.keys() == everything.steps.keys()
    assert [d.loc for d in part.decisions] == [d.loc for d in everything.decisions]
    assert count(model, Limits(), enough=everything.states) == everything
    with pytest.raises(TooLongError):
        count(model, Limits(seconds=1e-9))


def test_only_what_nothing_holds_of_is_counted_in_part(
    some_points: list[Point], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvmtla.insight.kept_counts._ENOUGH", 3)
    violated = next(p for p in some_points if p.expected == "violated")
    beside = replace(violated, expected="holds")
    module = violated.module
    assert not Counting([violated], Memo(None)).result()[module].whole
    assert Counting([violated, beside], Memo(None)).result()[module].whole
