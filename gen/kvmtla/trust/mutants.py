"""Mutants of the operations, and whether anything notices them."""

from __future__ import annotations

from kvmtla.mutate import Campaign, Fate
from kvmtla.mutate.report import ENOUGH, Tally
from kvmtla.trust.section import Found, Ground, Section

# In the short form, so many mutants, always the same ones.
_SHORT = 3


def _run(ground: Ground) -> Found:
    sample = _SHORT if ground.short else None
    campaign = Campaign(ground.spec, ground.package.root, sample=sample)
    tally = Tally(campaign.mutants, campaign.run(ground.checker.jobs))
    counts = tally.counts
    lines = [
        f"{len(tally.mutants)} mutants{', a sample' if ground.short else ''}: "
        f"{counts[Fate.EQUIVALENT]} are the same as the original. Of the {tally.counted} others, "
        f"{counts[Fate.KILLED]} violate a property that holds of the original, "
        f"{counts[Fate.NOTICED]} do not reach what it reaches: {tally.score:.1f} %."
    ]
    left = counts[Fate.SURVIVED] + counts[Fate.UNKNOWN]
    if left:
        lines.append(f"`mutate` shows the {left} that nothing notices.")
    faults = []
    if ground.short:
        # A percentage of so few says nothing; that nothing at all is noticed does.
        if tally.counted and not tally.noticed:
            faults.append("none of those that differ is noticed")
    else:
        if tally.score < ENOUGH:
            faults.append(f"fewer than {ENOUGH:.0f} % of what differs is noticed")
        faults += [f"{p} kills nothing" for p in campaign.idle(tally.found)]
    return Found(tuple(lines), tuple(faults))


SECTION = Section(
    "mutation",
    "Mutation",
    "The operations, changed one place at a time as somebody could get them wrong, against all "
    "properties: one that misses everything would be worth nothing.",
    _run,
)
