"""The specification of the language's reference, which has all that the language has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kvmtla
from kvmtla.engine import Outcome, explore, go_round
from kvmtla.front.scenario import Spec, read_project
from kvmtla.fuzz.beside import Beside
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.oracle import Specification, run_file
from support.specs import load, project_of

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
BLOCK = re.compile(r"^```python (?:file|append)=example\.py\n(.*?)^```$", re.M | re.S)
TEXT = "".join(BLOCK.findall(PAGE.read_text(encoding="utf-8")))

# What says that something never happens is not asked of anybody.
UNASKED = {"never_runs", "never_true", "never_false"}


def test_the_page_uses_every_name_that_there_is() -> None:
    used = set(re.findall(r"\w+", TEXT.partition("from kvmtla import")[2]))
    assert set(kvmtla.__all__) - used <= UNASKED


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Specification:
    file = tmp_path_factory.mktemp("page") / "example.py"
    file.write_text(TEXT, encoding="utf-8")
    return run_file(file)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    return read_project(project_of(load(tmp_path_factory.mktemp("page"), TEXT)))


@pytest.fixture(scope="module")
def worlds() -> dict[object, Beside]:
    return {}


def outcome(point: Point) -> Outcome:
    search = go_round if point.kind.temporal else explore
    return search(point.module.model, point.prop, stuck=True)


@pytest.mark.parametrize("reductions", [None, Reductions.none()], ids=["reduced", "as written"])
def test_python_says_the_same(
    specification: Specification,
    spec: Spec,
    worlds: dict[object, Beside],
    reductions: Reductions | None,
) -> None:
    compared = 0
    for p in points(spec, PAGE.parent, reductions):
        key = p.claim.scenario.name, tuple(p.constants.items())
        if key not in worlds:
            worlds[key] = Beside(specification, p.claim.scenario.name, p.constants)
        assert worlds[key].engine_differs(p.prop, outcome(p)) is None
        if reductions is not None:
            assert worlds[key].states_differ(p.module.model) is None
        compared += 1
    assert compared > 10
