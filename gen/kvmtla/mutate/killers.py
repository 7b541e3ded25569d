"""Which mutants a property kills, as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvmtla.front.scenario import Spec
from kvmtla.mutate.campaign import Campaign
from kvmtla.mutate.change import Mutant


@dataclass(frozen=True)
class Kill:
    """A mutant that violates a property: where, and in how many steps."""

    mutant: Mutant
    world: str
    steps: int


def killed_by(spec: Spec, root: Path, prop: str) -> list[Kill] | None:
    """The mutants that `prop` kills, by what `kvmtla mutate` has found; nothing is run.

    Those killed in few steps come first. None where nothing is known of this spec: the command has
    not been run since it was changed. Of a mutant that another property kills first, it may be
    unknown that this one kills it, too, unless the whole matrix was asked for.
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
