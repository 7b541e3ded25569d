"""The PlusCal of the claims' models, with all its states beside those of the models."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from kvmtla.agree.pluscal import MOST_STATES, GraphComparison, compare_graphs
from kvmtla.modules.module import Module
from kvmtla.trust.section import Found, Ground, Section

# In the short form, at most so many algorithms, each of another scenario.
_SHORT = 4


def _run(ground: Ground) -> Found:
    modules = list(dict.fromkeys(r.point.module for r in ground.results))
    if ground.short:
        modules = _smallest(ground, modules)
    found = _compared(ground, modules)
    same = [c for c in found if c.states and not c.differences]
    large = sum(not c.states and c.undecided is None for c in found)
    faults = [f"{c.module.name}: {'; '.join(c.differences)}" for c in found if c.differences]
    faults += [f"{c.module.name} cannot be compared: {c.undecided}" for c in found if c.undecided]
    lines = [
        f"The algorithms of {len(same)} of {len(modules)} models have their state graph: "
        f"{sum(c.states for c in same):,} states, {sum(c.steps for c in same):,} steps."
    ]
    if ground.short:
        lines.append("The others are compared in the long form.")
    if large:
        lines.append(f"{large} models have more than {MOST_STATES:,} states, and were left out.")
    return Found(tuple(lines), tuple(faults))


def _smallest(ground: Ground, modules: Sequence[Module]) -> list[Module]:
    """Return the models with the fewest states, each of another scenario."""
    states: dict[Module, int] = {}
    for r in ground.results:
        module = r.point.module
        states[module] = max(states.get(module, 0), r.distinct or 0)
    # No other model of a scenario replaces its smallest.
    by_scenario: dict[str, Module] = {}
    for m in sorted(modules, key=lambda m: states[m]):
        by_scenario.setdefault(m.folder, m)
    return list(by_scenario.values())[:_SHORT]


def _compared(ground: Ground, modules: Sequence[Module]) -> list[GraphComparison]:
    check = ground.checker
    compare = partial(
        compare_graphs,
        root=ground.package.root,
        toolchain=check.toolchain,
        time_limit=check.options.time_limit,
    )
    with ThreadPoolExecutor(check.jobs) as threads:
        return list(threads.map(compare, modules))


SECTION = Section(
    "pluscal",
    "PlusCal",
    "What pcal.trans makes of the generated algorithms, explored by TLC, against the reference "
    "semantics of the models: every state, and every step between two.",
    _run,
)
