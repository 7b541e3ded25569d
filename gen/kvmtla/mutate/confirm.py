"""TLC runs on mutants that survived, where the second engine says that nothing is violated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvmtla.check.results import Result
from kvmtla.check.run import Checker, Watcher
from kvmtla.check.words import said
from kvmtla.engine import census
from kvmtla.front.scenario import Spec
from kvmtla.modules.point import Point
from kvmtla.modules.points import module_of
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.judge import Fate, Finding
from kvmtla.mutate.program import with_mutant
from kvmtla.mutate.worlds import HOLDING, World
from kvmtla.verdict import Verdict


@dataclass(frozen=True)
class Confirmed:
    """The verdict of TLC on a survivor, and the second engine's, `found`, in the same words."""

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
        """Do they say different things? If TLC does not know, they do not."""
        return self.result.verdict is not Verdict.UNKNOWN and not self.agrees


def confirm(
    spec: Spec,
    root: Path,
    worlds: Iterable[World],
    survivors: Iterable[tuple[Mutant, Finding]],
    checker: Checker,
    watcher: Watcher,
) -> list[Confirmed]:
    """Return TLC's result on each survivor in the first world where it was seen to differ."""
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
    """Return the word for what the second engine says of a point.

    It is asked about the mutant. The claims of the spec are about the original, and may be wrong.
    """
    found = census(point.module.model, [point.prop], stuck=True)
    verdict = Verdict.UNKNOWN if found.stuck is not None else Verdict.HOLDS
    return said(Verdict.VIOLATED if point.prop in found.violated else verdict, point.kind)


def point_with(spec: Spec, mutant: Mutant, world: World, root: Path) -> Point:
    """Return a point of the spec with the mutant: a property that should hold, if there is one."""
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
