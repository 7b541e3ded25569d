"""The points of all claims, for every value of the constants, and the modules for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from enum import Enum
from functools import cached_property
from pathlib import Path

from kvmtla.emit.module import Asked, ModuleWriter
from kvmtla.emit.names import Places
from kvmtla.errors import Loc
from kvmtla.front.scenario import ClaimPoint, ClaimRead, ScenarioRead, Spec
from kvmtla.front.types import field_location
from kvmtla.ir.stmt import Function
from kvmtla.lower.build import reductions_for
from kvmtla.lower.parts import Parts
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.fingerprint import Fingerprints
from kvmtla.modules.lowered import lowered, word_format
from kvmtla.modules.module import Content, Module
from kvmtla.modules.names import ModuleNames
from kvmtla.modules.point import Point
from kvmtla.modules.worlds import check_claims
from kvmtla.patience import TooLongError

_Key = tuple[str, tuple[Enum, ...], Reductions]
# The suffix of a module in which locks are not merged with the steps beside them, and of one in
# which nothing is left out either.
_SUFFIXES = {
    (False, False): "",
    (True, False): "_lock_by_lock",
    (True, True): "_step_by_step",
    (False, True): "_step_by_step",
}


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
    claims: dict[_Key, list[Asked]] = {}
    for claim in spec.claims:
        for p in claim.points:
            key, prop = key_of(claim, p), p.property
            asked.setdefault(key, {})[prop.name] = prop
            said = Asked(claim.full_name, claim.quote, claim.source, prop.name, p.expected)
            claims.setdefault(key, []).append(said)
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
                    claims[key],
                )
            kind, spoken = p.property.property, spec.spoken(p.constants)
            assert kind is not None
            found.append(
                Point(claim, p.property.name, kind, spoken, p.expected, made[key], p.nothing)
            )
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
    claims: Sequence[Asked] = (),
) -> Module:
    """Return the module of a scenario for one value of each constant, to check `properties` with.

    `root` is as for `points`; `suffix` becomes part of its name. `fingerprints`, `parts` and
    `names` are those of the spec, where they are needed for other modules as well. What `claims`
    ask is told at the top of the module.
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
        writer = ModuleWriter(replace(model, constants=spoken), root, places, claims)
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
