"""TLC and the reference semantics find the same states, with and without reductions."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.point import Point
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.verdict import Verdict
from support.claims import all_points, name, of_each_scenario, of_the_commit, sample
from support.explore import explore

WITHOUT = {
    "locks": Reductions(locks=False),
    "dead locals": Reductions(dead_locals=False),
    "slices": Reductions(slices=False),
    "bits": Reductions(bits=False),
    "any": Reductions.none(),
}


def _without(p: Point, what: str) -> Point:
    """The same point, lowered without a reduction."""
    return next(q for q in all_points(WITHOUT[what]) if name(q) == name(p))


SMALL = [p for p in of_the_commit("5.18") if p.claim.name.startswith("clobbered")]


@pytest.mark.parametrize("what", WITHOUT)
@pytest.mark.parametrize("p", SMALL, ids=name)
def test_no_reduction_changes_a_verdict(p: Point, what: str) -> None:
    found = explore(_without(p, what).module.model, [p.prop])
    assert ("violated" if p.prop in found.violated else "holds") == p.expected
    assert found.distinct >= explore(p.module.model, [p.prop]).distinct


@pytest.mark.parametrize("p", sample(of_each_scenario(), 4), ids=name)
def test_tlc_finds_the_same_states(p: Point, tmp_path: Path) -> None:
    module = p.module
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    (tmp_path / module.cfg_file(p.prop)).write_text(module.cfgs[p.prop], encoding="utf-8")
    outcome = run_tlc(find_toolchain(), tmp_path, module.file, module.cfg_file(p.prop))
    found = explore(module.model, [p.prop])
    if p.expected == "holds":
        assert outcome.verdict is Verdict.HOLDS
        assert outcome.distinct == found.distinct
        assert outcome.depth == found.depth
    else:
        assert outcome.verdict is Verdict.VIOLATED
        assert len(outcome.trace) == found.violated[p.prop]
