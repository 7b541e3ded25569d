"""Whether a scenario and the models that it is lowered to say the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from kvmtla import Project
from kvmtla.engine import explore
from kvmtla.front.scenario import read_project
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions
from support.graphs import Graph, as_lowered, as_written, same_steps, spans_of
from support.interpret import Interpreter

VARIANTS = {
    "none": Reductions.none(),
    "dead locals": Reductions(locks=False, slices=False, bits=False),
    "bits": Reductions(locks=False, slices=False, dead_locals=False),
    "slices": Reductions(locks=False, bits=False),
    "locks": Reductions(slices=False, bits=False),
    "all": Reductions(),
    # Ways that meet become one even where there are few.
    "merged": replace(Reductions.none(), most_ends=0),
    "all merged": replace(Reductions(), most_ends=0),
}
# Those that keep each step: nothing may differ, not even in what follows what.
EXACT = ("none", "dead locals", "bits", "merged")


class Comparison:
    """The first scenario of a project, with the constants and properties of its first claim."""

    def __init__(self, project: Project, most: int = 100_000) -> None:
        self.spec = read_project(project)
        self.claim = self.spec.claims[0]
        self.constants = self.claim.points[0].constants
        self.most = most

    @cached_property
    def written(self) -> Graph:
        values = {n: v.name for n, v in self.constants.items()}
        program = self.spec.reader.program
        meaning = Interpreter(self.claim.scenario, program, values)
        return as_written(meaning, self._names(), self.most)

    def _names(self) -> list[str]:
        return list(dict.fromkeys(p.property.name for p in self.claim.points))

    def model(self, variant: str) -> Model:
        """The model with these reductions."""
        return lower(
            self.claim.scenario,
            self.spec.reader,
            self.constants,
            [self.spec.reader.program.functions[n] for n in self._names()],
            name="test",
            reductions=VARIANTS[variant],
        )

    @cached_property
    def _actors(self) -> list[str]:
        """The name of each actor, as often as there are of it."""
        scenario = self.claim.scenario
        return [
            a.name
            for a in scenario.actors
            for _ in range(scenario.sizes[a.domain.name] if a.domain is not None else 1)
        ]

    def differences(self, variant: str) -> list[str]:
        """In what the model with these reductions differs from what is written."""
        model = self.model(variant)
        a, b = self.written, as_lowered(model, self.claim.scenario, self.most)
        spans = spans_of(model)
        fields = [n for n, v in model.variables.items() if v.actor is None]
        seen = [s.only(fields, spans) for s in a.seen]
        by_name = {self._actors[i] for i in a.stuck}
        found = []
        if variant in EXACT and not same_steps(
            Graph([s.only(fields, spans) for s in a.seen], a.after, a.first), b
        ):
            found.append("the steps")
        if {(s.shared, s.spans) for s in seen} != {(s.shared, s.spans) for s in b.seen}:
            found.append("what is shared, with the spans")
        if {(s.shared, s.locks) for s in seen if s.at_rest} != {
            (s.shared, s.locks) for s in b.seen if s.at_rest
        }:
            found.append("what is shared when all are at rest")
        if a.failing != b.failing:
            found.append(f"what is violated: {sorted(a.failing)}, not {sorted(b.failing)}")
        if a.stuck != b.stuck:
            found.append(f"who gets stuck: {sorted(a.stuck)}, not {sorted(b.stuck)}")
        if by_name != (said := _by_engine(model)):
            found.append(f"who gets stuck, by the engine: {sorted(by_name)}, not {sorted(said)}")
        return found

    def all_differences(self) -> dict[str, list[str]]:
        """For each set of reductions, in what its model differs from what is written."""
        found = {v: self.differences(v) for v in VARIANTS}
        return {v: what for v, what in found.items() if what}


def _by_engine(model: Model) -> set[str]:
    """Who gets stuck, as the second engine finds with symmetry and without."""
    found = [explore(model, (), stuck=True, symmetry=same).stuck for same in (True, False)]
    names = [set(f.actors) if f is not None else {"unknown"} for f in found]
    assert names[0] == names[1]
    return names[0]
