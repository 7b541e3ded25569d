"""TLC and the reference semantics find the same states, with and without reductions."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kvmspec import project
from kvmtla.check.points import Point, points
from kvmtla.front.scenario import read_project
from kvmtla.lower.symbolic import Reductions
from kvmtla.tlc import Verdict, find_toolchain, run_tlc
from support.explore import explore

ROOT = Path(__file__).parents[2] / "spec"
VARIANTS = {
    "all": Reductions(),
    "locks": Reductions(locks=False),
    "dead locals": Reductions(dead_locals=False),
    "slices": Reductions(slices=False),
    "none": Reductions.none(),
}


@cache
def _points(variant: str) -> list[Point]:
    return points(read_project(project), ROOT, VARIANTS[variant])


def _name(p: Point) -> str:
    return " ".join([p.claim.name, *p.settings.values(), p.prop])


@pytest.mark.parametrize("p", _points("all"), ids=_name)
def test_the_reference_semantics_gives_the_expected_verdict(p: Point) -> None:
    found = explore(p.module.model, [p.prop])
    assert ("violated" if p.prop in found.violated else "holds") == p.expected
    assert found.stuck is None


SMALL = [p for p in _points("all") if p.claim.name.startswith("clobbered")]


@pytest.mark.parametrize("variant", [v for v in VARIANTS if v != "all"])
@pytest.mark.parametrize("p", SMALL, ids=_name)
def test_no_reduction_changes_a_verdict(p: Point, variant: str) -> None:
    plain = next(q for q in _points(variant) if _name(q) == _name(p))
    found = explore(plain.module.model, [p.prop])
    assert ("violated" if p.prop in found.violated else "holds") == p.expected
    assert found.distinct >= explore(p.module.model, [p.prop]).distinct


@pytest.mark.parametrize("kernel", ["5.19", "6.0"])
@pytest.mark.parametrize(
    ("claim", "method"), [("missed_dirty_page_pml", "pml"), ("missed_dirty_page_wp", "wp")]
)
def test_nor_that_of_the_large_claims(claim: str, method: str, kernel: str) -> None:
    wanted = {"kernel": kernel, "method": method}
    p = next(q for q in _points("none") if q.claim.name == claim and q.settings == wanted)
    found = explore(p.module.model, [p.prop])
    assert ("violated" if p.prop in found.violated else "holds") == p.expected


@pytest.mark.parametrize(
    "p", [p for p in _points("all") if p.settings["kernel"] in ("5.19", "6.4")], ids=_name
)
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
