"""A property that nobody claims, to be checked in a scenario of the spec."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from kvmtla.errors import KvmtlaError, did_you_mean
from kvmtla.front.quoted import names_of, quoted_invariant
from kvmtla.front.scenario import ClaimPoint, ClaimRead, ScenarioRead, Spec, read_property
from kvmtla.ir.property import PROPERTIES
from kvmtla.ir.stmt import Function
from kvmtla.lang.decorators import ConstantDecl, mark_of
from kvmtla.lang.scenario import Scenario

NAME = "invariant"
"""What a quoted property is called."""


class QuestionError(KvmtlaError):
    """What is asked about does not exist."""


def question(
    spec: Spec,
    package: str,
    scenario: str,
    text: str,
    origin: str,
    *,
    settings: Mapping[str, Sequence[str]],
    helpers: Sequence[str] = (),
    helper_origin: str = "",
) -> ClaimRead:
    """The question whether a property holds in a scenario, as a claim that it does.

    `scenario` is the name of one, or of a claim; `text` is a property of the spec by its name, or
    an invariant as an expression, `origin` where it comes from, `package` the name of the spec's
    package. With `helpers`, written in the same way, the claim is about these as well; its first
    points are about the property. For which values of the constants it is asked, `configs` says.
    Raises QuestionError for an unknown scenario and
    SpecError for anything wrong in the text.
    """
    found = scenario_of(spec, scenario)
    names = names_of(package, _declared(spec, found.name).machine)
    texts = [(text, NAME, origin)]
    texts += [(h, f"helper_{i}", helper_origin) for i, h in enumerate(helpers, 1)]
    props = {p.name: p for p in (_property(spec, found, names, *one) for one in texts)}
    at = configs(spec, found, settings)
    points = tuple(ClaimPoint(p, c, "holds") for p in props.values() for c in at)
    prop = next(iter(props.values()))
    return ClaimRead(found.name, "", " ".join(text.split()), origin, "", found, points, prop.loc)


def _property(
    spec: Spec,
    scenario: ScenarioRead,
    names: Mapping[str, object],
    text: str,
    name: str,
    origin: str,
) -> Function:
    text = text.strip()
    known = names.get(text)
    mark = mark_of(known)
    if mark is None or mark.kind not in PROPERTIES:
        state = _declared(spec, scenario.name).machine
        known = quoted_invariant(text, name=name, origin=origin, machine=state, names=names)
    return read_property(known, spec.reader, scenario, scenario.loc)


def scenario_of(spec: Spec, name: str) -> ScenarioRead:
    """The scenario of this name, or of the claim of this name; case does not matter.

    Raises QuestionError where there is none.
    """
    asked = name.casefold()
    for known in spec.scenarios.values():
        if known.name.casefold() == asked:
            return known
    for claim in spec.claims:
        if asked in (claim.number.casefold(), claim.name.casefold(), claim.full_name.casefold()):
            return claim.scenario
    raise QuestionError(
        "KT908",
        f"there is no scenario {name!r}",
        hint=did_you_mean(name, spec.scenarios) or _list(spec),
    )


def _list(spec: Spec) -> str:
    return f"there is: {', '.join(spec.scenarios)}"


def _declared(spec: Spec, name: str) -> Scenario:
    project = spec.project
    declared = [*project.scenarios, *(c.scenario for c in project.claims)]
    return next(s for s in declared if isinstance(s, Scenario) and s.name == name)


def configs(
    spec: Spec, scenario: ScenarioRead, settings: Mapping[str, Sequence[str]]
) -> list[dict[str, Enum]]:
    """The values of the constants for which to look at a scenario.

    They agree with `settings`, the values that a user has chosen, in his spelling. If there are
    any, they are those for which something is claimed of the scenario; else all others. A constant
    that has a default has that one, unless another is asked for, or nothing else is claimed.
    """
    claimed = [p.constants for c in spec.claims if c.scenario is scenario for p in c.points]
    distinct = {tuple(c[n] for n in spec.constants): dict(c) for c in claimed}
    order = [_members(d) for d in spec.constants.values()]
    agreeing = sorted(
        (c for c in distinct.values() if _agrees(spec, c, settings)),
        key=lambda c: [v.index(c[n]) for n, v in zip(spec.constants, order, strict=True)],
    )
    if agreeing:
        return [c for c in agreeing if _is_plain(spec, c, settings)] or agreeing
    values = [_values(d, settings.get(n, ())) for n, d in spec.constants.items()]
    return [dict(zip(spec.constants, one, strict=True)) for one in itertools.product(*values)]


def _agrees(spec: Spec, config: Mapping[str, Enum], settings: Mapping[str, Sequence[str]]) -> bool:
    return all(not settings.get(n) or str(config[n].value) in settings[n] for n in spec.constants)


def _is_plain(
    spec: Spec, config: Mapping[str, Enum], settings: Mapping[str, Sequence[str]]
) -> bool:
    return not any(
        d.default is not None and config[n] is not d.default and not settings.get(n)
        for n, d in spec.constants.items()
    )


def _values(decl: ConstantDecl[Any], chosen: Sequence[str]) -> list[Enum]:
    if chosen:
        return [m for m in _members(decl) if str(m.value) in chosen]
    return [decl.default] if decl.default is not None else _members(decl)


def _members(decl: ConstantDecl[Any]) -> list[Enum]:
    members: Any = decl.kind
    return list(members)
