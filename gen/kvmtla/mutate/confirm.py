"""Has TLC check mutants that survived, where the second engine says that nothing is violated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvmtla.check.points import Point, module_of
from kvmtla.check.results import Result
from kvmtla.check.run import Checker, Watcher
from kvmtla.check.words import said
from kvmtla.engine import census
from kvmtla.front.scenario import Spec
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.judge import Fate, Finding
from kvmtla.mutate.program import with_mutant
from kvmtla.mutate.worlds import HOLDING, World
from kvmtla.tlc import Verdict


@dataclass(frozen=True)
class Confirmed:
    """What TLC says of a survivor, and what the second engine does: `found`, in the same words."""

    mutant: str
    world: str
    result: Result
    found: str

    @property
    def agrees(self) -> bool:
        """Do both say the same?"""
        return self.result.said == self.found

    @property
    def disputed(self) -> bool:
        """Do they say different things? TLC may also say that it does not know."""
        return self.result.verdict is not Verdict.UNKNOWN and not self.agrees


def confirm(
    spec: Spec,
    root: Path,
    worlds: Iterable[World],
    survivors: Iterable[tuple[Mutant, Finding]],
    checker: Checker,
    watcher: Watcher,
) -> list[Confirmed]:
    """What TLC says of each survivor, in the first world in which it differs from the original."""
    by_name = {w.name: w for w in worlds}
    points: dict[str, tuple[str, Point]] = {}
    for mutant, finding in survivors:
        differs = finding.at(Fate.SURVIVED)
        if differs:
            world = by_name[differs[0].world]
            points[mutant.name] = (world.name, point_with(spec, mutant, world, root))
    results = checker.check([p for _, p in points.values()], watcher)
    return [
        Confirmed(name, world, result, _found(result.point))
        for (name, (world, _)), result in zip(points.items(), results, strict=True)
    ]


def _found(point: Point) -> str:
    """What the second engine says of a point, in the word for it.

    It is asked about the mutant. What the spec claims is about the original, and may be wrong.
    """
    found = census(point.module.model, [point.prop], stuck=True)
    verdict = Verdict.UNKNOWN if found.stuck is not None else Verdict.HOLDS
    return said(Verdict.VIOLATED if point.prop in found.violated else verdict, point.kind)


def point_with(spec: Spec, mutant: Mutant, world: World, root: Path) -> Point:
    """A point of the spec with the mutant in it: a property that is to hold, if there is one."""
    mutated = with_mutant(spec, mutant)
    functions = mutated.reader.program.functions
    expected: Mapping[str, str] = world.expected
    prop = min(expected, key=lambda p: expected[p] not in HOLDING)
    module = module_of(
        mutated,
        mutated.scenarios[world.scenario.name],
        world.constants,
        [functions[p] for p in expected],
        root,
        world.reductions,
        f"_mutant_{mutant.name}",
    )
    claim = next(c for c in mutated.claims if c.scenario.name == world.scenario.name)
    kind = functions[prop].property
    assert kind is not None
    return Point(claim, prop, kind, spec.spoken(world.constants), expected[prop], module)
