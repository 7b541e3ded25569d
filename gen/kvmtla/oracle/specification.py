"""A specification that was run: its claims, and the worlds that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from kvmtla.oracle.functions import PROPERTIES, Function
from kvmtla.oracle.loader import Loader
from kvmtla.oracle.scenario import Claim, Project, Scenario
from kvmtla.oracle.values import Constant
from kvmtla.oracle.world import World


class Specification:
    """The objects that the module of a specification has made; it need not have a project."""

    def __init__(self, module: ModuleType) -> None:
        project = vars(module).get("project")
        self._project = project if isinstance(project, Project) else None
        self._made = list(vars(module).values())

    @property
    def claims(self) -> Sequence[Claim]:
        """Its claims."""
        return self._project.claims if self._project is not None else ()

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """All scenarios, by name."""
        given = [*self._made, *(c.scenario for c in self.claims)]
        given += self._project.scenarios if self._project is not None else ()
        return {s.name: s for s in given if isinstance(s, Scenario)}

    @cached_property
    def properties(self) -> Mapping[str, Function]:
        """The properties, by name: those in the module, and those that claims are about."""
        given = [*self._made, *(e.property for c in self.claims for e in c.expect)]
        found = (p for p in given if isinstance(p, Function))
        return {p.__name__: p for p in found if p.kind in PROPERTIES}

    @cached_property
    def _constants(self) -> Sequence[Constant]:
        given = self._project.constants if self._project is not None else self._made
        return [c for c in given if isinstance(c, Constant)]

    def world(self, scenario: str, constants: Mapping[str, str]) -> World:
        """Return the world of a scenario; `constants` names the member of each, defaults aside."""
        values: dict[str, Any] = {}
        for c in self._constants:
            given = constants.get(c.name)
            values[c.name] = c.kind[given] if given is not None else c.default
        return World(self.scenarios[scenario], values)


def run_package(name: str, root: Path) -> Specification:
    """Run a specification in the folder `root`, by the name of its module."""
    return Specification(Loader(root).load(name))


def run_file(file: Path) -> Specification:
    """Run a specification that is a single file."""
    return Specification(Loader(file.parent).load_file(file.stem, file))
