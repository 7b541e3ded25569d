"""Specs from text: written to a file, imported, read, lowered, emitted."""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from kvmtla import Actor, Claim, Project, Scenario, holds
from kvmtla.errors import KvmtlaError, MistakesError, SpecError, together
from kvmtla.front.scenario import read_project
from kvmtla.lang.decorators import ConstantDecl, mark_of
from kvmtla.lang.types import Domain, Shared
from kvmtla.load import explained
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.module import Module
from kvmtla.modules.points import points

HEADER = "from kvmtla import *\nfrom support.machine import *\n"

_numbers = itertools.count(1)


def load(folder: Path, text: str, name: str = "spec.py") -> ModuleType:
    """The module whose source is `text`, written to a file of this name in `folder`."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    unique = f"_spec_{next(_numbers)}"
    found = importlib.util.spec_from_file_location(unique, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    # Where spans look for the module that they belong to.
    sys.modules[unique] = module
    with explained(unique, folder, path):
        found.loader.exec_module(module)
    return module


def project_of(module: ModuleType, sizes: dict[str, int] | None = None) -> Project:
    """The module's `project`; where it has none, one in which all its invariants hold.

    The scenario is the module's `world`. Where it has none either, one actor runs the operations
    of the module, for ever, beside its hardware, from its first states.
    """
    if "project" in vars(module):
        found = module.project
        assert isinstance(found, Project)
        return found
    own = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]

    def marked(kind: str, otherwise: Sequence[str] = ()) -> list[object]:
        made = [f for f in own if mark_of(f) is not None and mark_of(f).kind == kind]  # type: ignore[union-attr]
        return made or [getattr(module, n) for n in otherwise]

    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    constants = [
        v
        for v in vars(module).values()
        if isinstance(v, ConstantDecl) and re.search(rf"\b{v.name}\b", text)
    ]
    domains = [
        v
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, Domain) and v is not Domain
    ]
    machines = [
        v
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, Shared) and v is not Shared
    ]
    operations = marked("operation", ["note"])
    scenario = vars(module).get("world") or Scenario(
        "world",
        "Everything at once.",
        machine=machines[-1],
        sizes={d: (sizes or {}).get(d.__name__, 1) for d in domains},
        initial=marked("initial", ["blank"])[0],  # type: ignore[arg-type]
        actors=[Actor("task", *operations)],  # type: ignore[arg-type]
        hardware=marked("hardware"),  # type: ignore[arg-type]
    )
    values = {c.name: list(c.kind) for c in constants}
    claim = Claim(
        "C1",
        "all_is_well",
        quote="",
        source="",
        scenario=scenario,
        expect=[holds(p, **values) for p in marked("invariant", ["fine"])],  # type: ignore[arg-type]
    )
    return Project("test", [claim], constants)


def modules(
    project: Project, root: Path, reductions: Reductions | None = None
) -> dict[str, Module]:
    """All generated modules of a project, by name, compiled."""
    made = {p.module.name: p.module for p in points(read_project(project), root, reductions)}
    assert all(m.text for m in made.values())
    return made


def complaint(folder: Path, text: str) -> str:
    """What the tool says of a wrong spec, file names without the folder; fails if it is none."""
    # This one has to be first in a file.
    future = "from __future__ import annotations\n"
    first, text = (future, text.replace(future, "", 1)) if future in text else ("", text)
    try:
        modules(project_of(load(folder, first + HEADER + text)), folder)
    except KvmtlaError as error:
        return said(error, folder)
    raise AssertionError("nothing is wrong with this spec")


def said(error: KvmtlaError, folder: Path) -> str:
    """What an error says, file names without the folder.

    Where there are several, those in other files are left out: a spec that is made from a few lines
    has a scenario that need not fit them.
    """
    own = [e for e in errors_in(error) if e.loc is None or e.loc.file.startswith(str(folder))]
    shown = together(own) if own else error
    return shown.render().replace(f"{folder}/", "")


def errors_in(error: KvmtlaError) -> list[SpecError]:
    """The errors that an error is made of."""
    if isinstance(error, MistakesError):
        return list(error.errors)
    return [error] if isinstance(error, SpecError) else []
