"""Which claims a name means."""

from __future__ import annotations

import dataclasses

import pytest

from kvmtla.check.select import Selection, SelectionError, matching, shortest_name
from kvmtla.front.scenario import Spec


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ([], ["L1", "L1b", "L2", "L3"]),
        (["L1"], ["L1"]),
        (["l3", "L1"], ["L1", "L3"]),
        (["L1*"], ["L1", "L1b"]),
        (["L[23]"], ["L2", "L3"]),
        (["*o*"], ["L1", "L1b", "L2", "L3"]),
        (["lost"], ["L1"]),
        (["L1 lost"], ["L1"]),
    ],
)
def test_matching(spec: Spec, names: list[str], numbers: list[str]) -> None:
    assert [c.number for c in matching(spec.claims, names)] == numbers


@pytest.mark.parametrize("name", ["L", "1", "L4", "los", "L4*", ""])
def test_what_means_nothing(spec: Spec, name: str) -> None:
    with pytest.raises(SelectionError):
        matching(spec.claims, ["L1", name])


def test_claims_that_share_a_number(spec: Spec) -> None:
    one, *rest = spec.claims
    claims = [one, dataclasses.replace(one, name="again"), *rest]
    assert [c.name for c in matching(claims, ["L1"])] == ["lost", "again"]
    assert [shortest_name(c, claims) for c in claims[:3]] == ["lost", "again", "L1b"]


def test_selection_that_is_empty(spec: Spec) -> None:
    with pytest.raises(SelectionError) as caught:
        Selection(["L3"], {"way": ["atomic"]}).check(spec)
    assert caught.value.hint == "there is: way plain"
    without = Selection(["L3", "L1b"], {"way": ["atomic"]}).check(spec)
    assert without == ["L3 wrong claims nothing for way atomic"]
    # Each combination that is named, for each name.
    some = Selection(["L3", "L1"], {"way": ["atomic", "plain"]}).check(spec)
    assert some == ["L3 wrong claims nothing for way atomic"]
    assert Selection(["L*"], {"way": ["atomic"]}).check(spec) == []
