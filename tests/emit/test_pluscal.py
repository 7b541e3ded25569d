"""Algorithms in PlusCal: the whole text of one, and that each says what its model says.

After a change that is meant, look at the difference that this makes:

    kvmtla --spec tests/emit/specs/turnstile.py gen --pluscal few --output tests/emit/specs/pluscal
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.check.pluscal import compare_graphs
from kvmtla.check.points import Point, points
from kvmtla.front.scenario import read_project
from kvmtla.generate import compare, pluscal_files
from kvmtla.load import load_package
from kvmtla.tlc import find_toolchain
from support.golden import NAMES, SPECS, points_of

REPOSITORY = Path(__file__).parents[2]


def modules(found: list[Point]) -> list[Point]:
    """A point for each module."""
    return list({p.module.name: p for p in found}.values())


def test_the_text_is_as_it_was() -> None:
    files = pluscal_files([p for p in points_of("turnstile") if p.claim.name == "few"], SPECS)
    assert not compare(SPECS / "pluscal", files)


def test_the_samples_are_up_to_date() -> None:
    package = load_package("kvmspec")
    found = points(read_project(package.project), package.root)
    there = {f.stem for f in (REPOSITORY / "tla" / "pluscal").rglob("*.tla")}
    files = pluscal_files([p for p in found if p.module.name in there], package.root)
    assert there
    assert not compare(REPOSITORY / "tla" / "pluscal", files)


@pytest.mark.parametrize(
    "point", [p for name in NAMES for p in modules(points_of(name))], ids=lambda p: p.module.name
)
def test_the_state_graph_is_the_models(point: Point) -> None:
    found = compare_graphs(point.module, SPECS, find_toolchain())
    assert found.states > 0
    assert (found.differences, found.undecided) == ((), None)
