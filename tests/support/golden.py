"""The specs in `tests/emit/specs`, with the modules that are made of them next to them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.modules.point import Point
from kvmtla.modules.points import points

SPECS = Path(__file__).parents[1] / "emit" / "specs"
NAMES = sorted(file.stem for file in SPECS.glob("*.py"))


@cache
def points_of(name: str) -> list[Point]:
    """All points of one of the specs."""
    package = load_package(str(SPECS / f"{name}.py"))
    return points(read_project(package.project), package.root)
