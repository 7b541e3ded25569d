"""Mutants of a spec's operations: would the claims notice if the code were different?

Each mutant has one place changed. The second engine judges it; TLC confirms those that survive.
"""

from kvmtla.mutate.campaign import Campaign
from kvmtla.mutate.change import Change, Mutant
from kvmtla.mutate.confirm import Confirmed, confirm
from kvmtla.mutate.judge import Fate, Finding, Seen
from kvmtla.mutate.killers import Kill, killed_by

__all__ = [
    "Campaign",
    "Change",
    "Confirmed",
    "Fate",
    "Finding",
    "Kill",
    "Mutant",
    "Seen",
    "confirm",
    "killed_by",
]
