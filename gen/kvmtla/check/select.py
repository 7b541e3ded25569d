"""Which points a user asks for: by the claims' names, by the constants' values, by property."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kvmtla.check.points import Point
from kvmtla.errors import KvmtlaError, did_you_mean
from kvmtla.front.scenario import ClaimPoint, ClaimRead, Spec


class SelectionError(KvmtlaError):
    """What is asked for does not exist."""


@dataclass(frozen=True)
class Selection:
    """What to check; anything that is empty means all.

    `names` as in `matching`, `settings` the values of constants as a user writes them.
    """

    names: Sequence[str] = ()
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    properties: Sequence[str] = ()

    def check(self, spec: Spec) -> list[ClaimRead]:
        """Raises SelectionError where a name is unknown or nothing at all is selected.

        Gives the claims of names that mean none that is made for any of the settings.
        """
        claims = matching(spec.claims, self.names)
        known = {p.property.name for c in claims for p in c.points}
        for prop in self.properties:
            if prop not in known:
                raise SelectionError(
                    "KT906",
                    f"there is no property {prop!r} in {_list(c.full_name for c in claims)}",
                    hint=did_you_mean(prop, known),
                )
        without = [c for c in claims if not any(self._wants(p) for p in c.points)]
        if len(without) == len(claims):
            raise SelectionError(
                "KT907",
                f"nothing is claimed in {_list(c.full_name for c in claims)} for {self.words()}",
                hint=_offer(claims, spec),
            )
        silent = {c.full_name for c in without}
        in_vain = [n for n in self.names if {c.full_name for c in matching(claims, [n])} <= silent]
        return [c for c in without if any(_means(n, c) for n in in_vain)]

    def words(self) -> str:
        """The settings and properties that are asked for."""
        asked = [f"{n} {' or '.join(v)}" for n, v in self.settings.items() if v]
        return ", ".join([*asked, *self.properties])

    def choose(self, points: Sequence[Point], spec: Spec) -> list[Point]:
        """Those of `points`, which are those of `spec`, that are selected."""
        # A point does not mention a constant that has its default, but a user may.
        defaults = {n: str(d.default.value) for n, d in spec.constants.items() if d.default}
        claims = {p.claim.full_name: p.claim for p in points}
        wanted = {c.full_name for c in matching(list(claims.values()), self.names)}
        return [
            p
            for p in points
            if p.claim.full_name in wanted
            and self._agrees({**defaults, **p.settings})
            and (not self.properties or p.prop in self.properties)
        ]

    def _wants(self, point: ClaimPoint) -> bool:
        settings = {n: str(v.value) for n, v in point.constants.items()}
        return self._agrees(settings) and (
            not self.properties or point.property.name in self.properties
        )

    def _agrees(self, settings: Mapping[str, str]) -> bool:
        return all(not v or settings.get(n) in v for n, v in self.settings.items())


def matching(claims: Sequence[ClaimRead], names: Sequence[str]) -> list[ClaimRead]:
    """The claims that one of `names` means, in their own order; all where there are no names.

    A name is a claim's number (of which there may be several), its name, both as results are filed
    under, or a pattern with `*`, `?` or `[...]` for any of these. The number C2 does not mean
    claim C2b; the pattern `C2*` does. Case does not matter. Raises SelectionError for a name that
    means nothing.
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
    """What means this one of `claims` and no other: its number if possible, otherwise its name."""
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
    """For which values of the constants the claims are made."""
    parts = []
    for name, decl in spec.constants.items():
        values = {p.constants[name] for c in claims for p in c.points}
        parts.append(f"{name} {', '.join(str(v.value) for v in decl.kind if v in values)}")
    return f"there is: {'; '.join(parts)}"
