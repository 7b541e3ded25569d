"""The points that a user asks for, by claim names, by values of constants, by property."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from kvmtla.errors import KvmtlaError, did_you_mean
from kvmtla.front.scenario import ClaimPoint, ClaimRead, Spec
from kvmtla.modules.point import Point
from kvmtla.modules.worlds import Settings, WorldError, Worlds, combinations, members


class SelectionError(KvmtlaError):
    """What is selected does not exist."""


@dataclass(frozen=True)
class Selection:
    """The choice of what to check; anything that is empty means all.

    `names` are as in `matching`, `settings` the values of constants as a user writes them.
    """

    names: Sequence[str] = ()
    settings: Settings = field(default_factory=dict)
    properties: Sequence[str] = ()

    def check(self, spec: Spec) -> list[str]:
        """Raise SelectionError where a name is unknown or nothing at all is selected.

        Raises WorldError for a constant or value that does not exist. Returns a line for each thing
        asked for by name that is not claimed.
        """
        chosen = members(spec, self.settings)
        claims = matching(spec.claims, self.names)
        known = {p.property.name for c in claims for p in c.points}
        for prop in self.properties:
            if prop not in known:
                raise SelectionError(
                    "KT906",
                    f"there is no property {prop!r} in {_list(c.full_name for c in claims)}",
                    hint=did_you_mean(prop, known),
                )
        if not any(self._wants(p, chosen) for c in claims for p in c.points):
            raise SelectionError(
                "KT907",
                f"nothing is claimed in {_list(c.full_name for c in claims)} for {self.words()}"
                f"{self._why(claims, spec)}",
                hint=_offer(claims, spec),
            )
        return [
            f"{_list(c.full_name for c in meant)} "
            f"{'claims' if len(meant) == 1 else 'claim'} nothing for {self._words(named)}"
            for meant in (matching(claims, [n]) for n in self.names)
            for named in combinations(chosen)
            if not any(
                self._wants(p, {n: [v] for n, v in named.items()}) for c in meant for p in c.points
            )
        ]

    def _why(self, claims: Sequence[ClaimRead], spec: Spec) -> str:
        """Return why nothing can be claimed for these settings, if so for all the claims."""
        reasons: list[str] = []
        for scenario in {c.scenario.name: c.scenario for c in claims}.values():
            try:
                Worlds(spec, scenario).asked(self.settings)
            except WorldError as error:
                reasons.append(error.message)
            else:
                return ""
        return f": {'; '.join(reasons)}"

    def words(self) -> str:
        """Return the settings and properties that are asked for, in words."""
        asked = [f"{n} {' or '.join(v)}" for n, v in self.settings.items() if v]
        return ", ".join([*asked, *self.properties])

    def _words(self, named: Mapping[str, Enum]) -> str:
        return ", ".join([*(f"{n} {v.value}" for n, v in named.items()), *self.properties])

    def choose(self, points: Sequence[Point], spec: Spec) -> list[Point]:
        """Return those of `points`, which are the points of `spec`, that are selected."""
        chosen = members(spec, self.settings)
        # A point does not mention a constant that has its default, but a user may.
        defaults = {n: d.default for n, d in spec.constants.items() if d.default is not None}
        claims = {p.claim.full_name: p.claim for p in points}
        wanted = {c.full_name for c in matching(list(claims.values()), self.names)}
        return [
            p
            for p in points
            if p.claim.full_name in wanted
            and _agrees({**defaults, **p.constants}, chosen)
            and (not self.properties or p.prop in self.properties)
        ]

    def _wants(self, point: ClaimPoint, chosen: Mapping[str, Sequence[Enum]]) -> bool:
        return _agrees(point.constants, chosen) and (
            not self.properties or point.property.name in self.properties
        )


def _agrees(constants: Mapping[str, Enum], chosen: Mapping[str, Sequence[Enum]]) -> bool:
    return all(constants.get(n) in values for n, values in chosen.items())


def matching(claims: Sequence[ClaimRead], names: Sequence[str]) -> list[ClaimRead]:
    """Return the claims that one of `names` means, in their own order; all if there are no names.

    A name is a claim's number (which several claims may share), its name, both as results are filed
    under, or a pattern with `*`, `?` or `[...]` for any of these. The number C2 does not mean claim
    C2b; the pattern `C2*` does. Case does not matter. Raises SelectionError for a name that means
    nothing.
    """
    if not names:
        return list(claims)
    found: set[str] = set()
    for name in names:
        hits = {c.full_name for c in claims if _means(name, c)}
        if not hits:
            what = "no claim matches" if _is_pattern(name) else "there is no claim"
            known = [k for c in claims for k in (c.number, c.name)]
            near = did_you_mean(name, known)
            listed = f"there is: {_list(dict.fromkeys(c.number for c in claims))}"
            raise SelectionError(
                "KT905", f"{what} {name!r}", hint=near if near and "did you" in near else listed
            )
        found |= hits
    return [c for c in claims if c.full_name in found]


def shortest_name(claim: ClaimRead, claims: Iterable[ClaimRead]) -> str:
    """Return what means this claim and no other: its number if possible, otherwise its name."""
    shared = any(c.number == claim.number and c.name != claim.name for c in claims)
    return claim.name if shared else claim.number


def _means(name: str, claim: ClaimRead) -> bool:
    known = [k.casefold() for k in (claim.number, claim.name, claim.full_name)]
    asked = name.casefold()
    if _is_pattern(name):
        return any(fnmatch.fnmatchcase(k, asked) for k in known)
    return asked in known


def _is_pattern(name: str) -> bool:
    return any(c in name for c in "*?[")


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _offer(claims: Sequence[ClaimRead], spec: Spec) -> str:
    """Return in words for which values of the constants the claims are made."""
    parts = []
    for name, decl in spec.constants.items():
        values = {p.constants[name] for c in claims for p in c.points}
        parts.append(f"{name} {', '.join(str(v.value) for v in decl.kind if v in values)}")
    return f"there is: {'; '.join(parts)}"
