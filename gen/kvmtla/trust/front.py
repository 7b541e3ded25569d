"""The specification's own functions, run by Python, beside all that the tool makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from kvmtla.check.results import Result
from kvmtla.engine import Limits
from kvmtla.front.scenario import Spec
from kvmtla.fuzz.beside import Beside, Compared, compared
from kvmtla.ir.model import Model
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.lowered import lowered
from kvmtla.modules.point import Point
from kvmtla.mutate.parallel import in_parallel
from kvmtla.oracle import Budget, run_package
from kvmtla.patience import within
from kvmtla.trust.section import Found, Ground, Section

_BUDGET = Budget(states=30_000, seconds=30)
# In the short form, at most so many worlds, each of another scenario.
_SHORT = 8
_LIMIT = Limits(states=100_000, seconds=60)
# All steps and all fields are kept; a local that nobody reads is not compared.
_AS_WRITTEN = Reductions(locks=False, slices=False, bits=False)


def _run(ground: Ground) -> Found:
    worlds = _worlds(ground)
    if ground.short:
        worlds = _smallest(worlds)
    specification = run_package(ground.package.name, ground.package.root)

    def compare(results: Sequence[Result]) -> tuple[str, Compared]:
        point = results[0].point
        constants = _constants(ground.spec, point)
        found = compared(
            lambda: Beside(specification, point.claim.scenario.name, constants, _BUDGET),
            [(r.point.prop, r.verdict, r.reason) for r in results],
            lambda: _unreduced(ground, results),
            _LIMIT,
        )
        return point.module.name, found

    found = list(in_parallel(compare, worlds, ground.checker.jobs))
    fit = [c for _, c in found if c.verdicts]
    told = sum(len(c.differences) for c in fit)
    lines = [
        f"{sum(c.verdicts for c in fit) - told} of {len(ground.results)} verdicts are what Python "
        f"says, which found {sum(c.states for c in fit):,} states in {len(fit)} of {len(worlds)} "
        "worlds. The same can be shared in their models, with nothing merged or left out."
    ]
    if ground.short:
        lines.append("The others are compared in the long form.")
    left = len(worlds) - len(fit)
    if left:
        lines.append(
            f"{left} of them do not fit into {_BUDGET.states:,} states or {_BUDGET.seconds:g} s."
        )
    large = sum(c.left_out is not None for c in fit)
    if large:
        lines.append(f"{large} of the models have too many states to be compared with.")
    faults = [f"{name}: {d}" for name, c in found for d in c.differences]
    faults += [
        f"{name}: the model has {c.left_out}" for name, c in found if c.verdicts and c.left_out
    ]
    return Found(tuple(lines), tuple(faults))


def _worlds(ground: Ground) -> list[list[Result]]:
    """Return the results, grouped by scenario and constants."""
    found: dict[object, list[Result]] = {}
    for r in ground.results:
        constants = tuple(_constants(ground.spec, r.point).items())
        found.setdefault((r.point.claim.scenario.name, constants), []).append(r)
    return list(found.values())


def _smallest(worlds: Sequence[list[Result]]) -> list[list[Result]]:
    """Return the worlds with the fewest states, each of another scenario."""
    by_scenario: dict[str, list[Result]] = {}
    for results in sorted(worlds, key=lambda w: max(r.distinct or 0 for r in w)):
        by_scenario.setdefault(results[0].point.claim.scenario.name, results)
    return list(by_scenario.values())[:_SHORT]


def _constants(spec: Spec, point: Point) -> Mapping[str, Enum]:
    """Return the values of all constants."""
    defaults = {n: d.default for n, d in spec.constants.items() if d.default is not None}
    return {**defaults, **point.constants}


def _unreduced(ground: Ground, results: Sequence[Result]) -> Model:
    """Return the model that the results are about, with nothing merged or left out.

    Raises TooLongError where that takes longer than it may.
    """
    point, spec = results[0].point, ground.spec
    functions = spec.reader.program.functions
    properties = [functions[n] for n in dict.fromkeys(r.point.prop for r in results)]
    constants = _constants(spec, point)
    name = point.module.name
    with within(ground.checker.options.time_limit):
        return lowered(spec, point.claim.scenario, constants, properties, name, _AS_WRITTEN)


SECTION = Section(
    "front",
    "The front end",
    "The specification's own functions, run by Python with every interleaving, against the "
    "verdicts and against the states of the models: nothing of the tool has read them.",
    _run,
)
