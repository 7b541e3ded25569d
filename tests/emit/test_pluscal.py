"""Algorithms in PlusCal: the whole text of one, and that each says what its model says.

After a change that is meant, look at the difference that this makes:

    kvmtla --spec tests/emit/specs/turnstile.py gen --pluscal few --output tests/emit/specs/pluscal
    make gen

`KVMTLA_RANDOM_ALGORITHMS` says how many random models are to be compared (8 if it is not set),
`KVMTLA_RANDOM_SEED` which is the first.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kvmtla.agree.pluscal import compare_graphs
from kvmtla.emit.pluscal import PlusCalWriter
from kvmtla.engine import Limits, explore
from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.generate import compare, pluscal_files
from kvmtla.ir.property import PropertyKind
from kvmtla.load import load_package
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.tlc import RunOptions, find_toolchain, run_tlc, translate
from kvmtla.verdict import Verdict
from support.golden import NAMES, SPECS, points_of
from support.seeded import seeded_modules
from support.specs import load, modules, project_of

REPOSITORY = Path(__file__).parents[2]
MODELS = int(os.environ.get("KVMTLA_RANDOM_ALGORITHMS", "8"))
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
# Of KVM: operations of all sorts, in few states.
SAMPLE = [
    "zap_pml_5_18",
    "change_pte_pml_6_4",
    "write_back_pml_5_19",
    "log_by_rings_pml_6_15",
    "zap_both_levels_pml_5_18",
]
WIDTH = 100


def one_of_each(found: list[Point]) -> list[Module]:
    return list({p.module.name: p.module for p in found}.values())


@pytest.fixture(scope="module")
def of_kvm() -> list[Point]:
    package = load_package("kvmspec")
    return points(read_project(package.project), package.root)


def test_the_text_is_as_it_was() -> None:
    files = pluscal_files([p for p in points_of("turnstile") if p.claim.name == "few"], SPECS)
    assert not compare(SPECS / "pluscal", files)


def test_the_samples_are_up_to_date(of_kvm: list[Point]) -> None:
    folder = REPOSITORY / "tla" / "pluscal"
    there = {f.stem for f in folder.rglob("*.tla")}
    assert there
    files = pluscal_files([p for p in of_kvm if p.module.name in there], REPOSITORY / "spec")
    assert there == {Path(path).stem for path in files if path.endswith(".tla")}
    assert not compare(folder, files)
    for text in files.values():
        # The first line is as long as the name of the module.
        assert max(map(len, text.splitlines()[1:])) <= WIDTH


@pytest.mark.parametrize(
    "module", [m for n in NAMES for m in one_of_each(points_of(n))], ids=lambda m: m.name
)
def test_the_state_graph_is_the_models(module: Module) -> None:
    assert_same(module)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_state_graph_is_that_of_kvm(name: str, of_kvm: list[Point]) -> None:
    assert_same(next(p.module for p in of_kvm if p.module.name == name))


def assert_same(module: Module) -> None:
    found = compare_graphs(module, SPECS, find_toolchain())
    assert (found.differences, found.undecided) == ((), None)
    assert found.states > 0


def random_models(folder: Path) -> Iterator[Module]:
    """Models of random specs that keep to their types, in few states."""
    for module in seeded_modules(folder, itertools.count(SEED)):
        try:
            PlusCalWriter(module.model, folder)
        except SpecError:
            # PlusCal does not accept it after all.
            continue
        found = explore(module.model, (), limit=Limits(states=500))
        if found.verdict is Verdict.HOLDS:
            yield module


def test_random_models(tmp_path: Path) -> None:
    models = [m for m, _ in zip(random_models(tmp_path), range(MODELS), strict=False)]
    assert len(models) == MODELS
    for module in models:
        assert_same(module)


SHIFTED = """
from kvmtla import *


class World(Shared):
    a: bool
    b: bool
    c: bool
    d: bool


@initial
def any_first(m: World) -> None:
    m.a = choose(bool)
    m.b = m.a
    m.c = choose(bool)
    require(m.a or m.c)


@hardware("all at once")
def shift(m: World) -> None:
    a = m.a
    b = m.b
    if m.c:
        m.a = not m.a
    m.b = a
    m.d = b


@operation()
def turn(m: World) -> None:
    c = READ_ONCE(m.c)
    WRITE_ONCE(m.c, not c)


@invariant
def never(m: World) -> bool:
    return not (m.a and m.b and m.c and m.d)
"""


def test_values_that_go_round(tmp_path: Path) -> None:
    """What is read by what comes later in the text, and first states that depend on each other."""
    found = modules(project_of(load(tmp_path, SHIFTED)), tmp_path)
    assert_same(next(iter(found.values())))


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("turnstile", "hall_careful.few_at_once"),
        ("turnstile", "hall_hasty.gates_are_taken"),
        ("kinds", "kick.done_when_clean"),
        ("kinds", "kick.two_requests"),
    ],
)
def test_what_tlc_says_of_it(spec: str, name: str, tmp_path: Path) -> None:
    module, _, prop = name.partition(".")
    p = next(p for p in points_of(spec) if (p.module.name, p.prop) == (module, prop))
    toolchain = find_toolchain()
    for path, text in pluscal_files([p], SPECS, partial(translate, toolchain)).items():
        (tmp_path / Path(path).name).write_text(text, encoding="utf-8")
    options = RunOptions(of_steps=p.kind is PropertyKind.STEP)
    cfg = p.module.cfg_file(prop)
    outcome = run_tlc(toolchain, tmp_path, p.module.file, cfg, options=options)
    # TLC is told that a goal is never reached.
    found = {"violated": "reached", "holds": "unreached"} if p.kind is PropertyKind.GOAL else {}
    assert found.get(outcome.verdict.value, outcome.verdict.value) == p.expected


def test_ids_of_processes(tmp_path: Path) -> None:
    text = (SPECS / "turnstile.py").read_text(encoding="utf-8")
    again = text.replace('Actor("guard", watch, times=2)', 'Actor("other", go, each=Cpu)')
    found = modules(project_of(load(tmp_path, again, "again.py")), tmp_path)
    with pytest.raises(SpecError, match="actors 'visitor' and 'other' are both one for each Cpu"):
        PlusCalWriter(found["hall_careful"].model, tmp_path)
