"""The page of operations: each is in the spec, and in the claims that the page says."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import kvmspec
from kvmspec.constants import Kernel, Variant
from kvmtla.lang.scenario import Scenario
from kvmtla.lower.reached import reached
from kvmtla.lower.specialise import Specialiser
from kvmtla.modules.point import Point
from kvmtla.modules.worlds import Worlds
from support.claims import SPEC, all_points

from .conftest import ROOT, Page

Function = Callable[..., Any]


def test_operations_are_in_the_claims_that_the_page_says(updating: bool) -> None:
    page = Page.read(ROOT / "docs" / "operations.md")
    (table,) = page.tables("operations")
    new = [*table.lines[:3], *(_row(line) for line in table.lines[3:] if line), ""]
    if updating:
        page.replace([(table.first, table.first + len(table.lines), new)])
    else:
        assert table.lines == new


def _row(line: str) -> str:
    operation, kernel, places = (c.strip() for c in line.split("|")[1:4])
    functions = [_function(place) for place in places.split(", ")]
    found = [p for p in all_points() if any(_happens(f, p) for f in functions)]
    assert found, f"no claim has {places}"
    numbers = ", ".join(dict.fromkeys(p.claim.number for p in found))
    return f"| {operation} | {kernel} | {places} | {numbers} | {_kernels(found)} |"


def _function(place: str) -> Function:
    module, name = place.strip("`").split(".")
    return getattr(getattr(kvmspec, module), name)  # type: ignore[no-any-return]


def _kernels(found: list[Point]) -> str:
    """Of which kernels, as released, there is a verdict."""
    released = {
        p.constants["kernel"].value
        for p in found
        if "variant" not in p.settings or _nothing_changed(p)
    }
    # By value: the spec that was read may have been imported anew since.
    in_order = [k.value for k in Kernel if k.value in released]
    return "all" if len(in_order) == len(Kernel) else ", ".join(in_order)


def _nothing_changed(p: Point) -> bool:
    same = (Variant.RELEASE, Variant.FLUSH_IN_STEPS)
    return p.constants["variant"].name in {v.name for v in same}


def _happens(function: Function, p: Point) -> bool:
    """Can it be called, and with these constants?"""
    key = _step_functions().get((Path(inspect.getfile(function)).name, function.__name__))
    return function in _called_in(p) and (key is None or key in _reached(p))


@cache
def _step_functions() -> dict[tuple[str, str], str]:
    """File and name -> key of the functions that are more than an expression."""
    functions = SPEC.reader.program.functions.items()
    return {(Path(f.loc.file).name, f.name): key for key, f in functions if f.kind != "pure"}


def _reached(p: Point) -> frozenset[str]:
    return _reached_in(p.claim.scenario.name, tuple((n, v.name) for n, v in p.constants.items()))


@cache
def _reached_in(scenario: str, constants: tuple[tuple[str, str], ...]) -> frozenset[str]:
    found = next(c.scenario for c in SPEC.claims if c.scenario.name == scenario)
    world = {n: d.default.name for n, d in SPEC.constants.items() if d.default is not None}
    special = Specialiser(SPEC.reader.program, {**world, **dict(constants)})
    return frozenset(reached(Worlds(SPEC, found).roots, special))


def _called_in(p: Point) -> frozenset[Function]:
    (scenario,) = (c.scenario for c in kvmspec.project.claims if c.name == p.claim.name)
    assert isinstance(scenario, Scenario)
    return _called_by(scenario)


@cache
def _called_by(scenario: Scenario) -> frozenset[Function]:
    """What its actors and CPUs call, whatever the constants are."""
    todo = [*scenario.hardware, *(o for a in scenario.actors for o in a.operations)]
    found: set[Function] = set()
    while todo:
        if (function := todo.pop()) not in found:
            found.add(function)
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
            names = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
            known = inspect.unwrap(function).__globals__
            todo += [known[n] for n in names if hasattr(known.get(n), "__kvmtla__")]
    return frozenset(found)
