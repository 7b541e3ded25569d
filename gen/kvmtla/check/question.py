"""A property that is not claimed anywhere, to be checked in a scenario of the spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmtla.errors import KvmtlaError, did_you_mean
from kvmtla.front.quoted import names_of, quoted_invariant
from kvmtla.front.scenario import ClaimPoint, ClaimRead, ScenarioRead, Spec, read_property
from kvmtla.ir.property import PROPERTIES
from kvmtla.ir.stmt import Function
from kvmtla.lang.decorators import mark_of
from kvmtla.lang.types import Shared
from kvmtla.modules.worlds import Settings, Worlds

NAME = "invariant"
"""The name of a quoted property."""


class QuestionError(KvmtlaError):
    """The scenario or claim that is asked about does not exist."""


def question(
    spec: Spec,
    package: str,
    scenario: str,
    text: str,
    origin: str,
    *,
    settings: Settings,
    helpers: Sequence[str] = (),
    helper_origin: str = "",
) -> ClaimRead:
    """Return the question whether a property holds in a scenario, as a claim that it does.

    `scenario` is the name of a scenario or a claim. `text` is a property of the spec by its name,
    or an invariant as an expression; `origin` is where it comes from, `package` the name of the
    spec's package. With `helpers`, written in the same way, the claim is about these as well; its
    first points are about the property. `Worlds.asked` chooses the values of the constants. Raises
    QuestionError for an unknown scenario, WorldError for what cannot be asked of it, and SpecError
    for anything wrong in the text.
    """
    found = scenario_of(spec, scenario)
    declared = spec.declared(found.name)
    assert declared is not None
    state = declared.machine
    names = names_of(package, state)
    texts = [(text, NAME, origin)]
    texts += [(h, f"helper_{i}", helper_origin) for i, h in enumerate(helpers, 1)]
    props = {p.name: p for p in (_property(spec, found, state, names, *one) for one in texts)}
    at = Worlds(spec, found).asked(settings).worlds
    points = tuple(ClaimPoint(p, c, "holds") for p in props.values() for c in at)
    prop = next(iter(props.values()))
    return ClaimRead(found.name, "", " ".join(text.split()), origin, "", found, points, prop.loc)


def _property(
    spec: Spec,
    scenario: ScenarioRead,
    state: type[Shared],
    names: Mapping[str, object],
    text: str,
    name: str,
    origin: str,
) -> Function:
    text = text.strip()
    known = names.get(text)
    mark = mark_of(known)
    if mark is None or mark.kind not in PROPERTIES:
        known = quoted_invariant(text, name=name, origin=origin, machine=state, names=names)
    return read_property(known, spec.reader, scenario, scenario.loc)


def scenario_of(spec: Spec, name: str) -> ScenarioRead:
    """Return the scenario of this name, or of the claim of this name; case does not matter.

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
