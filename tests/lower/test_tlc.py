"""TLC and the reference semantics find the same in what the constructs become."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.fuzz.orbits import representatives
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.module import Module
from kvmtla.tlc import RunOptions, TlcOutcome, find_toolchain, run_tlc
from kvmtla.trace.replay import replay
from kvmtla.verdict import Kind, Verdict
from support.cases import project
from support.explore import explore
from support.specs import modules

ALL_STATES = [
    "calls: a call in a loop, and one that returns out of a lock",
    "locks: readers go together",
    "loops: around until it works",
    "one_step: first states that depend on each other",
    "locks: a return out of several locks, with spans in between",
    "spans: a span that begins with a lock, and one that ends with it",
    "values: optional values and sets",
    "values: records in maps",
]
VIOLATED = [
    "one_step: what a function says of the state, after a store",
    "values: words, bit by bit, in two formats",
]
DEADLOCKS = [
    "locks: two locks in two orders",
    "one_step: require in the middle, behind a lock",
]


def _run(module: Module, cfg: str, folder: Path, *, deadlock: bool = False) -> TlcOutcome:
    (folder / module.file).write_text(module.text, encoding="utf-8")
    (folder / "run.cfg").write_text(cfg, encoding="utf-8")
    options = RunOptions(check_deadlock=deadlock)
    return run_tlc(find_toolchain(), folder, module.file, "run.cfg", options=options)


def _without_property(module: Module) -> str:
    """A configuration that checks nothing but types, and so looks at all states."""
    prop, cfg = next(iter(module.cfgs.items()))
    return cfg.replace(f"    {prop}\n", "")


@pytest.mark.parametrize("name", ALL_STATES)
def test_tlc_finds_the_same_states(name: str, tmp_path: Path) -> None:
    # With all locals, and every step: as many states as there can be.
    module = next(iter(modules(project(name, tmp_path), tmp_path, Reductions.none()).values()))
    outcome = _run(module, _without_property(module), tmp_path)
    found = explore(module.model)
    symmetric = [d for d, n in module.model.sizes.items() if d == "Cpu" and n > 1]
    assert outcome.reason is None
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.distinct == len(representatives(module.model, symmetric, found.states))
    assert outcome.depth == found.depth


@pytest.mark.parametrize("name", VIOLATED)
def test_tlc_finds_the_same_counterexample(name: str, tmp_path: Path) -> None:
    module = next(iter(modules(project(name, tmp_path), tmp_path).values()))
    prop, cfg = next(iter(module.cfgs.items()))
    outcome = _run(module, cfg, tmp_path)
    assert outcome.verdict is Verdict.VIOLATED
    assert len(outcome.trace) == explore(module.model).violated[prop]


@pytest.mark.parametrize("name", DEADLOCKS)
def test_where_tlc_finds_a_deadlock_somebody_is_stuck(name: str, tmp_path: Path) -> None:
    module = next(iter(modules(project(name, tmp_path), tmp_path).values()))
    outcome = _run(module, _without_property(module), tmp_path, deadlock=True)
    assert outcome.kind is Kind.DEADLOCK
    soon = explore(module.model).stuck
    assert soon is not None
    assert soon <= len(outcome.trace)
    replay(module.model, outcome.trace, None)
