"""What is to be checked: every claim, for every value of the constants, and the modules for it."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path

from kvmtla.emit.module import ModuleWriter
from kvmtla.errors import SpecError, did_you_mean
from kvmtla.front.scenario import ClaimRead, ScenarioRead, Spec
from kvmtla.ir.model import Model
from kvmtla.ir.stmt import Function
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions


@dataclass(frozen=True)
class Compiled:
    """A model, the text of its module, and the text of a configuration for each property."""

    model: Model
    text: str
    cfgs: Mapping[str, str]


class Module:
    """A generated module with its configurations, compiled when they are first asked for.

    `folder` and the file names are relative to the folder of all generated files. Asking raises
    SpecError where the scenario cannot be lowered.
    """

    def __init__(self, name: str, folder: str, compile_: Callable[[], Compiled]) -> None:
        self.name = name
        self.folder = folder
        self._compile = compile_
        self._lock = threading.Lock()

    @cached_property
    def _compiled(self) -> Compiled:
        with self._lock:
            return self._compile()

    @property
    def model(self) -> Model:
        """What the module says."""
        return self._compiled.model

    @property
    def text(self) -> str:
        """The text of the module."""
        return self._compiled.text

    @property
    def cfgs(self) -> Mapping[str, str]:
        """Property -> text of the configuration that checks it."""
        return self._compiled.cfgs

    @property
    def file(self) -> str:
        """The name of the module's file."""
        return f"{self.name}.tla"

    def cfg_file(self, prop: str) -> str:
        """The name of the configuration that checks a property."""
        return f"{self.name}.{prop}.cfg"

    def digest(self, prop: str) -> str:
        """The hash of what TLC is given to check a property."""
        parts = [prop, self.name, self.text, self.cfgs[prop]]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Point:
    """One verdict to find: a property of a claim, for one value of each constant."""

    claim: ClaimRead
    prop: str
    constants: Mapping[str, Enum]
    """Those that have not got their default."""
    expected: str
    module: Module

    @property
    def settings(self) -> dict[str, str]:
        """The constants, as a user writes them: kernel 5.18, method pml."""
        return {n: str(v.value) for n, v in self.constants.items()}


def points(spec: Spec, root: Path, reductions: Reductions | None = None) -> list[Point]:
    """All points of all claims, in the order of the claims.

    `root` is the folder to which places in the spec are relative. A module is made once for each
    scenario and value of the constants, with all properties that claims check there.
    """
    asked: dict[tuple[str, tuple[Enum, ...]], dict[str, Function]] = {}
    for claim in spec.claims:
        for p in claim.points:
            key = (claim.scenario.name, tuple(p.constants[c] for c in spec.constants))
            asked.setdefault(key, {})[p.property.name] = p.property
    made: dict[tuple[str, tuple[Enum, ...]], Module] = {}
    found = []
    for claim in spec.claims:
        for p in claim.points:
            key = (claim.scenario.name, tuple(p.constants[c] for c in spec.constants))
            if key not in made:
                properties = list(asked[key].values())
                made[key] = _module(spec, claim.scenario, p.constants, properties, root, reductions)
            spoken = spec.spoken(p.constants)
            found.append(Point(claim, p.property.name, spoken, p.expected, made[key]))
    return found


def _word_format(spec: Spec, constants: Mapping[str, Enum]) -> str | None:
    """In which of its formats a word is laid out; a SpecError where no word has this one."""
    if spec.project.word_format is None:
        return None
    loc = spec.project.loc
    try:
        found = spec.project.word_format(constants)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise SpecError(f"word_format cannot be worked out: {what}", loc=loc) from error
    known = spec.reader.types.word_formats()
    if found not in known:
        hint = did_you_mean(str(found), known)
        raise SpecError(f"no word has the format {found!r}", loc=loc, hint=hint)
    return found


def _module(
    spec: Spec,
    scenario: ScenarioRead,
    constants: Mapping[str, Enum],
    properties: list[Function],
    root: Path,
    reductions: Reductions | None,
) -> Module:
    ordered = {c: constants[c] for c in spec.constants}
    spoken = {n: str(v.value) for n, v in spec.spoken(ordered).items()}
    values = [re.sub(r"[^A-Za-z0-9_]", "_", v) for v in reversed(spoken.values())]
    name = "_".join([scenario.name, *values])

    def compiled() -> Compiled:
        model = lower(
            scenario,
            spec.reader,
            ordered,
            properties,
            name=name,
            reductions=reductions,
            word_format=_word_format(spec, ordered),
        )
        writer = ModuleWriter(replace(model, constants=spoken), root)
        cfgs = {p.name: writer.cfg(p.name) for p in properties}
        return Compiled(writer.model, writer.module(), cfgs)

    return Module(name, scenario.name, compiled)
