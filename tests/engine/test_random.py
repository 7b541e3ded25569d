"""Random models: the engine, the reference semantics and TLC find the same in each.

`KVMTLA_RANDOM_MODELS` says how many there are to be (300 if it is not set), `KVMTLA_RANDOM_SEED`
which ones.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvmtla.check.points import Module, points
from kvmtla.engine import TYPE_OK, Compiled, Limits, Outcome, compile_model, explore
from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.fuzz.orbits import representatives
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import expressions
from kvmtla.ir.types import BOOL, elements
from kvmtla.tlc import Kind, RunOptions, TlcOutcome, Verdict, find_toolchain, run_tlc
from kvmtla.trace import follow
from support.batch import count
from support.explore import explore as by_reference
from support.randomspec import random_spec
from support.specs import load, project_of

MODELS = int(os.environ.get("KVMTLA_RANDOM_MODELS", "300"))
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
CHUNK = 75
MOST_STATES = 1000
# What is written out of expressions grows fast where loops and quantifiers meet.
MOST_NODES = 50_000
# Of the models of a chunk in which something is wrong, so many are given to TLC, one by one.
ALONE = 4


@dataclass(frozen=True)
class Made:
    """A model, compiled, and what the engine finds in all of it."""

    seed: str
    module: Module
    compiled: Compiled
    outcome: Outcome


def _modules(folder: Path, text: str, name: str) -> list[Module]:
    """The modules of a spec; none where the language does not accept it after all."""
    try:
        found = points(read_project(project_of(load(folder, text, f"{name}.py"))), folder)
        modules = {p.module.name: p.module for p in found}
        assert all(m.model.variables for m in modules.values())
    except SpecError:
        return []
    return list(modules.values())


def _nodes(e: Expr, sizes: Mapping[str, int]) -> int:
    """How large an expression is once its binders are written out."""
    times = (
        len(elements(e.var.type, sizes)) if isinstance(e, x.Quant | x.MapOf | x.SetFilter) else 1
    )
    return 1 + times * sum(_nodes(c, sizes) for c in x.children(e))


def _made(module: Module, seed: str) -> Made | None:
    """None for a model that is too large to be compared."""
    model = module.model
    trees = (model.initial, *(a.tree for a in model.actions))
    parts = [*(e for t in trees for e in expressions(t)), *(d.body for d in model.definitions)]
    if sum(_nodes(e, model.sizes) for e in parts) > MOST_NODES:
        return None
    # How often a condition is true that says that an invariant is not.
    watch = {n: x.Un("not", x.Call(n, (), BOOL), BOOL) for n in model.invariants}
    compiled = compile_model(model, watch)
    apart = explore(compiled, (), limit=Limits(states=MOST_STATES), symmetry=False)
    if apart.verdict is Verdict.UNKNOWN:
        return None
    _compare_with_reference(compiled, apart)
    return Made(seed, module, compiled, explore(compiled, ()))


def _compare_with_reference(compiled: Compiled, apart: Outcome) -> None:
    """Compares all that the engine finds in a model with what the reference semantics does."""
    model = compiled.model
    expected = by_reference(model)
    wrong = {TYPE_OK: expected.ill_typed}
    if apart.verdict is Verdict.HOLDS:
        assert not any(wrong.values())
        assert apart.distinct == expected.distinct
        assert apart.generated == expected.generated
        assert apart.depth == expected.depth
        assert {n for n, fired in apart.fired.items() if fired} == expected.taken
        together = explore(compiled, (), stuck=True)
        for found in (together, explore(compiled, (), stuck=True, symmetry=False)):
            assert found.stuck is not None
            assert set(found.stuck.actors) == expected.who
            assert (len(found.stuck.trace) or None) == expected.stuck
            if found.stuck.who:
                follow(model, found.stuck.trace, None)
        assert together.distinct == len(representatives(model, ["Cpu"], expected.states))
        assert together.depth == expected.depth
    for name in model.invariants:
        lengths = {**wrong, name: expected.violated.get(name)}
        known = [length for length in lengths.values() if length is not None]
        found = explore(compiled, name)
        if not known:
            assert found.verdict is Verdict.HOLDS
            continue
        assert found.verdict is Verdict.VIOLATED
        assert found.name is not None
        assert len(found.trace) == min(known) == lengths[found.name]
        if found.name != TYPE_OK:
            follow(model, found.trace, found.name)


def _specs(chunk: int, cpus: int, folder: Path) -> Iterator[Made]:
    for i in range(10 * CHUNK):
        seed = f"{SEED} {chunk} {i}"
        r = random.Random(seed)
        for module in _modules(folder, random_spec(r, r.randint(1, 4), cpus), f"s{i}"):
            made = _made(module, seed)
            if made is not None:
                yield made


@pytest.mark.parametrize("chunk", range(-(-MODELS // CHUNK)))
def test_all_agree(
    chunk: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    models = [m for m, _ in zip(_specs(chunk, 1 + chunk % 3, tmp_path), range(CHUNK), strict=False)]
    assert len(models) == CHUNK
    # Where a type is left, TLC would come no further.
    sound = [m for m in models if m.outcome.verdict is Verdict.HOLDS]
    for lazy in (True, False):
        folder = tmp_path / f"lazy {lazy}"
        folder.mkdir()
        toolchain = find_toolchain()
        outcome, counted = count(
            toolchain, folder, [m.compiled.model for m in sound], lazy_values=lazy
        )
        assert outcome.verdict is Verdict.HOLDS, (outcome.reason, outcome.name, outcome.trace)
        assert outcome.depth == max(m.outcome.depth for m in sound)
        for made, one in zip(sound, counted, strict=True):
            assert made.outcome.distinct == one.distinct, made.seed
            assert made.outcome.watched == one.false, made.seed
    record_property("random models compared", len(models))
    record_property("random models given to TLC together", len(sound))
    record_property("random models given to TLC alone", _alone(models, tmp_path))


def _alone(models: list[Made], folder: Path) -> int:
    """Compares counterexamples with TLC's; gives how many."""
    by_kind: dict[str | Kind | None, list[tuple[Made, str, Outcome]]] = {}
    for made in models:
        for prop, body in ((d.name, d.body) for d in made.compiled.model.definitions):
            if prop not in made.compiled.invariants or isinstance(body, x.Const):
                # TLC does not accept an invariant that is plainly false.
                continue
            found = explore(made.compiled, prop)
            if found.verdict is Verdict.VIOLATED:
                kind = TYPE_OK if found.name == TYPE_OK else found.kind
                by_kind.setdefault(kind, []).append((made, prop, found))
    chosen = [one for some in by_kind.values() for one in some[: ALONE // 2]][:ALONE]
    for number, (made, prop, found) in enumerate(chosen):
        tlc = _run(made.module, prop, folder / f"alone {number}")
        assert tlc.verdict is Verdict.VIOLATED, (made.seed, tlc.reason)
        if tlc.name != found.name:
            # Which one TLC meets first depends on the order of states equally far away.
            assert len(tlc.trace) <= len(found.trace), made.seed
            continue
        assert len(tlc.trace) == len(found.trace), made.seed
    return len(chosen)


def _run(module: Module, prop: str, folder: Path) -> TlcOutcome:
    folder.mkdir()
    (folder / module.file).write_text(module.text, encoding="utf-8")
    (folder / module.cfg_file(prop)).write_text(module.cfgs[prop], encoding="utf-8")
    return run_tlc(
        find_toolchain(), folder, module.file, module.cfg_file(prop), options=RunOptions()
    )


@settings(
    max_examples=max(20, MODELS // 15),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False), st.integers(0, 2), st.integers(1, 3))
def test_a_small_one_is_found_where_they_do_not(
    tmp_path_factory: pytest.TempPathFactory, r: random.Random, size: int, cpus: int
) -> None:
    """Hypothesis makes a failing spec smaller."""
    folder = tmp_path_factory.mktemp("spec")
    for module in _modules(folder, random_spec(r, size, cpus), "small"):
        _made(module, "")
