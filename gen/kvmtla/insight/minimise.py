"""Reducing a scenario to what a property needs to be violated in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kvmtla.engine import Limits, explore, go_round
from kvmtla.errors import SpecError
from kvmtla.front.scenario import ActorRead, ScenarioRead, Spec
from kvmtla.lower.build import reductions_for
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.point import Point
from kvmtla.modules.points import module_of
from kvmtla.verdict import Verdict

# A smaller scenario has fewer states than the one it comes from, mostly by far.
_LIMIT = Limits(states=1_000_000, seconds=60)


@dataclass(frozen=True)
class Minimal:
    """A point in the smallest scenario, and in words what was left out of the original one."""

    point: Point
    left_out: tuple[str, ...]


def minimise(point: Point, spec: Spec, root: Path, reductions: Reductions | None = None) -> Minimal:
    """Return the point with a scenario of which nothing more can be left out.

    It tries, one after the other, to leave out an actor, an element of a domain, and one run of an
    actor. Somebody stays, since a scenario is about what somebody does. Where a property is about
    what happens in the end, the fair actors stay, and run as often: it would fail for want of them.
    The second engine says what still fails; `point` itself is returned where nothing can be spared.
    """
    claimed = next(
        p
        for p in point.claim.points
        if p.property.name == point.prop and spec.spoken(p.constants) == point.constants
    )

    fit = reductions_for(claimed.property, spec.reader.program, reductions or Reductions())

    def with_scenario(scenario: ScenarioRead) -> Point:
        module = module_of(spec, scenario, claimed.constants, [claimed.property], root, fit, "")
        return replace(point, claim=replace(point.claim, scenario=scenario), module=module)

    scenario = point.claim.scenario
    needed = {a.name for a in scenario.actors if a.fair and point.kind.temporal}
    left_out: dict[str, str] = {}
    while True:
        found = next(
            (
                (smaller, key, words)
                for smaller, key, words in _smaller(scenario, point.claim.scenario, needed)
                if _fails(partial(with_scenario, _named(smaller)))
            ),
            None,
        )
        if found is None:
            break
        scenario, key, words = found
        left_out[key] = words
    if not left_out:
        return Minimal(point, ())
    said = "; ".join(left_out.values())
    told = replace(_named(scenario), doc=f"{scenario.doc} Left out: {said}.")
    return Minimal(with_scenario(told), tuple(left_out.values()))


def _named(scenario: ScenarioRead) -> ScenarioRead:
    return replace(scenario, name=f"{scenario.name}_minimal")


def _fails(made: Callable[[], Point]) -> bool:
    """Return whether the property is still violated; False if the scenario cannot be made."""
    try:
        point = made()
        model = point.module.model
        if point.kind.temporal:
            outcome = go_round(model, point.prop, limit=_LIMIT)
        else:
            outcome = explore(model, point.prop, limit=_LIMIT)
    except SpecError:
        return False
    return outcome.verdict is Verdict.VIOLATED and outcome.name == point.prop


def _smaller(
    now: ScenarioRead, whole: ScenarioRead, needed: Collection[str]
) -> Iterator[tuple[ScenarioRead, str, str]]:
    """Yield scenarios with one thing less, what that is, and what is then left out of `whole`.

    The actors that are `needed` stay as they are.
    """
    spare = [a for a in now.actors if a.name not in needed]
    for a in spare if len(now.actors) > 1 or now.hardware else ():
        others = tuple(b for b in now.actors if b is not a)
        yield replace(now, actors=others), f"actor {a.name}", _who(a)
    for domain, size in now.sizes.items():
        if size > 1:
            label = now.domains[domain].label
            spared = whole.sizes[domain] - size + 1
            words = f"{spared} of {whole.sizes[domain]} {label}s"
            yield replace(now, sizes={**now.sizes, domain: size - 1}), f"size {domain}", words
    for a in spare:
        if a.times is None or a.times > 1:
            times = 1 if a.times is None else a.times - 1
            actors = tuple(replace(b, times=times) if b is a else b for b in now.actors)
            often = "once" if times == 1 else f"{times} times"
            yield replace(now, actors=actors), f"times {a.name}", f"{_who(a)}: {often} is enough"


def _who(a: ActorRead) -> str:
    if a.domain is None:
        return a.label
    return f"{', '.join(o.name for o in a.operations)} of each {a.label}"
