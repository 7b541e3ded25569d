"""The points of a small spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.front.scenario import Spec, read_project
from kvmtla.load import load_package
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.tlc import Toolchain, find_toolchain

SPECS = Path(__file__).parents[1] / "cli" / "specs"


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return find_toolchain()


@pytest.fixture(scope="session")
def spec() -> Spec:
    return read_project(load_package(str(SPECS / "counter.py")).project)


@pytest.fixture(scope="session")
def some_points(spec: Spec) -> list[Point]:
    """A violated one and one that holds."""
    found = points(spec, SPECS)
    return [p for p in found if p.claim.number == "L1" and p.prop == "nothing_lost"]
