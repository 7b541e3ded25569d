"""The points to check: every claim, for every value of the constants, and the modules for them."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from kvmtla.check.fingerprint import Fingerprints
from kvmtla.check.names import ModuleNames
from kvmtla.check.worlds import Worlds, check_claims
from kvmtla.emit.module import ModuleWriter
from kvmtla.emit.names import Places
from kvmtla.errors import Loc, SpecError, did_you_mean
from kvmtla.front.scenario import ClaimPoint, ClaimRead, ScenarioRead, Spec
from kvmtla.front.types import field_location
from kvmtla.ir.bits import without_position
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.stmt import Function
from kvmtla.lower.build import Lowering, reductions_for
from kvmtla.lower.parts import Parts
from kvmtla.lower.symbolic import Reductions
from kvmtla.patience import TooLongError, within
from kvmtla.tlc import without_comments

_T = TypeVar("_T")
_Key = tuple[str, tuple[Enum, ...], Reductions]
_HEAD = re.compile(r"-{4,} MODULE \w+ -{4,}")
# The suffix of a module in which locks are not merged with the steps beside them, and of one in
# which nothing is left out either.
_SUFFIXES = {
    (False, False): "",
    (True, False): "_lock_by_lock",
    (True, True): "_step_by_step",
    (False, True): "_step_by_step",
}


class Content(Protocol):
    """A model, the text of its module, and the text of a configuration for each property."""

    @property
    def model(self) -> Model:
        """The model that the module expresses."""

    @property
    def text(self) -> str:
        """The text of the module."""

    @property
    def cfgs(self) -> Mapping[str, str]:
        """Property -> text of the configuration that checks it."""


@dataclass(frozen=True)
class Compiled:
    """Content that is complete from the start."""

    model: Model
    text: str
    cfgs: Mapping[str, str]


class _Written:
    """Content whose texts are written only when TLC is to read them."""

    def __init__(self, writer: ModuleWriter, properties: Sequence[str]) -> None:
        self.model = writer.model
        self._writer = writer
        self._properties = properties

    @cached_property
    def text(self) -> str:
        return self._writer.module()

    @cached_property
    def cfgs(self) -> Mapping[str, str]:
        return {p: self._writer.cfg(p) for p in self._properties}


class Module:
    """A generated module with its configurations, compiled when they are first asked for.

    `folder` and the file names are relative to the folder of all generated files. Asking raises
    SpecError where the scenario cannot be lowered. `made_of` gives the hash of all that the module
    is made of, except places in the spec; without it, its name and texts are hashed. `key` tells it
    from all others of the same spec. The name is for people and for files: nothing is looked up by
    it.
    """

    def __init__(
        self,
        name: str,
        folder: str,
        compile_: Callable[[], Content],
        made_of: Callable[[], str] | None = None,
        key: str | None = None,
    ) -> None:
        self.name = name
        self.key = key or name
        self.folder = folder
        self._compile = compile_
        self._made_of = made_of
        self._lock = threading.Lock()
        self._seconds: float | None = None
        self._spent = 0.0
        self._failed: TooLongError | None = None

    def give(self, seconds: float | None) -> None:
        """Let it be compiled and written in so many seconds, or else not at all.

        None is as long as it takes. After that time, asking for its content raises TooLongError,
        and does so at once where it has taken too long before.
        """
        more = seconds is None or (self._seconds is not None and seconds > self._seconds)
        if more:
            self._failed, self._spent = None, 0.0
        self._seconds = seconds

    def _in_time(self, make: Callable[[], _T]) -> _T:
        if self._failed is not None:
            raise self._failed.again()
        started = time.monotonic()
        try:
            with within(self._seconds, spent=self._spent):
                return make()
        except TooLongError as error:
            self._failed = error
            raise
        finally:
            self._spent += time.monotonic() - started

    @cached_property
    def _compiled(self) -> Content:
        with self._lock:
            return self._in_time(self._compile)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that is the same for modules made of the same, wherever in the spec it stands."""
        if self._made_of is not None:
            return self._made_of()
        parts = [self.name, self.text, dict(self.cfgs)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def model(self) -> Model:
        """The model that the module expresses."""
        return self._compiled.model

    @property
    def text(self) -> str:
        """The text of the module."""
        made = self._compiled
        return self._in_time(lambda: made.text)

    @property
    def cfgs(self) -> Mapping[str, str]:
        """Property -> text of the configuration that checks it."""
        made = self._compiled
        return self._in_time(lambda: made.cfgs)

    @property
    def file(self) -> str:
        """The name of the module's file."""
        return f"{self.name}.tla"

    def cfg_file(self, prop: str) -> str:
        """Return the name of the configuration that checks a property."""
        return f"{self.name}.{prop}.cfg"

    def digest(self, prop: str) -> str:
        """Return the hash of what TLC is given to check a property.

        Modules that differ only in their names and comments have the same hash.
        """
        parts = [prop, self._code, without_comments(self.cfgs[prop])]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def _code(self) -> str:
        """The text of the module, without its name and comments."""
        head, _, rest = without_comments(self.text).partition("\n")
        return rest if _HEAD.fullmatch(head) else f"{head}\n{rest}"


@dataclass(frozen=True, repr=False)
class Point:
    """One verdict to find: a property of a claim, for one value of each constant."""

    claim: ClaimRead
    prop: str
    kind: PropertyKind
    constants: Mapping[str, Enum]
    """The constants whose value is not their default."""
    expected: str
    module: Module
    nothing: str | None = None
    """The reason why the property holds of nothing, where that is intended."""

    @property
    def settings(self) -> dict[str, str]:
        """The constants, as a user writes them: kernel 5.18, method pml."""
        return {n: str(v.value) for n, v in self.constants.items()}

    @property
    def label(self) -> str:
        """The claim, the constants and the property, on one line."""
        settings = "".join(f", {n} {v}" for n, v in self.settings.items())
        return f"{self.claim.full_name}{settings}: {self.prop}"

    def __repr__(self) -> str:
        return f"<{self.label}>"


def points(spec: Spec, root: Path, reductions: Reductions | None = None) -> list[Point]:
    """Return all points of all claims, in the order of the claims.

    `root` is the folder to which places in the spec are relative. A module is made once for each
    scenario and value of the constants, with all properties that claims check there; properties
    that some reduction does not suit get a module of their own. Raises SpecError for a claim about
    a world that does not exist.
    """
    check_claims(spec)
    given = reductions or Reductions()

    def key_of(claim: ClaimRead, p: ClaimPoint) -> _Key:
        fit = reductions_for(p.property, spec.reader.program, given)
        return claim.scenario.name, tuple(p.constants[c] for c in spec.constants), fit

    asked: dict[_Key, dict[str, Function]] = {}
    for claim in spec.claims:
        for p in claim.points:
            asked.setdefault(key_of(claim, p), {})[p.property.name] = p.property
    made: dict[_Key, Module] = {}
    prints, parts, names = Fingerprints(spec), Parts(spec.reader.program), _names(spec)
    found = []
    for claim in spec.claims:
        for p in claim.points:
            key = key_of(claim, p)
            if key not in made:
                properties = list(asked[key].values())
                suffix = _SUFFIXES[given.locks > key[2].locks, given.slices > key[2].slices]
                made[key] = module_of(
                    spec,
                    claim.scenario,
                    p.constants,
                    properties,
                    root,
                    key[2],
                    suffix,
                    prints,
                    parts,
                    names,
                )
            kind, spoken = p.property.property, spec.spoken(p.constants)
            assert kind is not None
            found.append(
                Point(claim, p.property.name, kind, spoken, p.expected, made[key], p.nothing)
            )
    return found


def lowered(
    spec: Spec,
    scenario: ScenarioRead,
    constants: Mapping[str, Enum],
    properties: Sequence[Function],
    name: str,
    reductions: Reductions | None,
    parts: Parts | None = None,
) -> Model:
    """Return the model of a scenario for one value of each constant; raise as `finished` does.

    `parts` are those that are known from models of this spec.
    """
    parts = parts or Parts(spec.reader.program)
    return finished(spec, Lowering(scenario, parts, constants, properties, name, reductions))


def finished(spec: Spec, lowering: Lowering) -> Model:
    """Return the model that comes of a scenario of `spec`.

    Raises SpecError as `lower` does, and for a world that does not exist.
    """
    scenario = lowering.scenario
    Worlds(spec, scenario).check(lowering.constants, f"scenario {scenario.name!r} is asked of")
    model = lowering.model(word_format(spec, lowering.constants))
    _check_positions(spec, model)
    return model


def _check_positions(spec: Spec, model: Model) -> None:
    """Raise SpecError for a bit that can be set but has no position in the format in use."""
    for word, bit in without_position(model):
        known = "".join(f"{form}={n}, " for form, n in bit.bits.items())
        raise SpecError(
            "KT118",
            f"{word.name}.{bit.name} can be set in scenario {model.scenario!r}, and has no "
            f"position in format {model.word_format!r}",
            loc=spec.reader.types.location(word.name, bit.name),
            hint=f"{bit.name}: bool = Bit({known}{model.word_format}=...)",
        )


def word_format(spec: Spec, constants: Mapping[str, Enum]) -> str | None:
    """Return the format in which words are laid out; None where the project has no `word_format`.

    Raises SpecError where it cannot be worked out, or no word has this format.
    """
    if spec.project.word_format is None:
        return None
    loc = spec.project.loc
    try:
        found = spec.project.word_format(constants)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise SpecError(
            "KT618",
            f"word_format cannot be worked out: {what}",
            loc=loc,
            hint='it is given the values of the constants by name: config["name"]',
        ) from error
    known = spec.reader.types.word_formats()
    if found not in known:
        hint = did_you_mean(str(found), known)
        raise SpecError("KT618", f"no word has the format {found!r}", loc=loc, hint=hint)
    return found


def module_of(
    spec: Spec,
    scenario: ScenarioRead,
    constants: Mapping[str, Enum],
    properties: Sequence[Function],
    root: Path,
    reductions: Reductions | None,
    suffix: str = "",
    fingerprints: Fingerprints | None = None,
    parts: Parts | None = None,
    names: ModuleNames | None = None,
) -> Module:
    """Return the module of a scenario for one value of each constant, to check `properties` with.

    `root` is as for `points`; `suffix` becomes part of its name. `fingerprints`, `parts` and
    `names` are those of the spec, where they are needed for other modules as well.
    """
    ordered = {c: constants[c] for c in spec.constants}
    spoken = {n: str(v.value) for n, v in spec.spoken(ordered).items()}
    name = (names or _names(spec)).of(scenario.name, ordered, suffix)
    reduced = astuple(reductions or Reductions())

    def place(field: str) -> Loc | None:
        declared = spec.declared(scenario.name)
        return field_location(declared.machine, field) if declared is not None else None

    places = Places(place, spec.reader.types.location, scenario.loc)

    def compiled() -> Content:
        try:
            model = lowered(spec, scenario, ordered, properties, name, reductions, parts)
        except TooLongError:
            # Nothing that is only half made may become a part of another model.
            if parts is not None:
                parts.forget()
            raise
        writer = ModuleWriter(replace(model, constants=spoken), root, places)
        return _Written(writer, [p.name for p in properties])

    def made_of() -> str:
        form = word_format(spec, ordered)
        prints = fingerprints or Fingerprints(spec)
        return prints.of(scenario, ordered, properties, name, spoken, form, reduced)

    values = {n: v.name for n, v in ordered.items()}
    exact = [scenario.name, values, reduced, suffix, [p.key for p in properties]]
    key = hashlib.sha256(json.dumps(exact).encode()).hexdigest()[:32]
    return Module(name, scenario.name, compiled, made_of, key)


def _names(spec: Spec) -> ModuleNames:
    return ModuleNames(spec, _SUFFIXES.values())
