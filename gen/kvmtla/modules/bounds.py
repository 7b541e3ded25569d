"""The sizes of a scenario: the bounds within which a verdict is true."""

from __future__ import annotations

from kvmtla.front.scenario import ActorRead, ScenarioRead

_OFTEN = {1: "once", 2: "twice"}


def bounds(scenario: ScenarioRead) -> str:
    """Return the sizes of a scenario, and how often each of its actors runs, in words."""
    sizes = [
        f"{n} {scenario.domains[d].label}{'' if n == 1 else 's'}" for d, n in scenario.sizes.items()
    ]
    actors = [f"{_who(a)} {_often(a)}" for a in scenario.actors]
    return "; ".join(filter(None, [", ".join(sizes), *actors])) or "nobody acts"


def _who(actor: ActorRead) -> str:
    return f"each {actor.domain.label}" if actor.domain is not None else actor.label


def _often(actor: ActorRead) -> str:
    if actor.times is None:
        return "without end"
    return _OFTEN.get(actor.times, f"{actor.times} times")
