"""The mutants that a property kills, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvmtla.front.scenario import Spec
from kvmtla.mutate.campaign import Campaign
from kvmtla.mutate.change import Mutant


@dataclass(frozen=True)
class Kill:
    """A mutant that violates a property, with the world and the number of steps."""

    mutant: Mutant
    world: str
    steps: int


def killed_by(spec: Spec, root: Path, prop: str) -> list[Kill] | None:
    """Return the mutants that `prop` kills, as found by `kvmtla mutate`; nothing is run.

    Those killed in the fewest steps come first. Returns None if nothing is known of this spec,
    since the command has not been run after it was changed. A mutant that another property kills
    first may be missing, unless the whole matrix was asked for.
    """
    for everywhere in (True, False):
        campaign = Campaign(spec, root, everywhere=everywhere)
        known = campaign.known()
        if known:
            kills = [
                Kill(m, s.world, s.kills[prop])
                for m in campaign.mutants
                if m.name in known
                for s in known[m.name].seen
                if prop in s.kills
            ]
            best: dict[str, Kill] = {}
            for k in sorted(kills, key=lambda k: k.steps):
                best.setdefault(k.mutant.name, k)
            return list(best.values())
    return None
