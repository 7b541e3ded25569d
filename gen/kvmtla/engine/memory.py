"""The memory that the states of a search take."""

from __future__ import annotations

import os
import sys

from kvmtla.engine.outcome import Limits

_MIB = 1 << 20
# Assumed if the machine does not say how much memory it has.
_USUAL = 4096


class Memory:
    """The limit to memory; the states may take `megabytes` MiB."""

    def __init__(self, limit: Limits) -> None:
        self.megabytes = limit.megabytes if limit.megabytes is not None else megabytes()

    def is_full(self, seen: set[int]) -> bool:
        """Do the states take more than they may?"""
        state = sys.getsizeof(next(iter(seen)))
        # Besides the set, each state is in the list of its layer.
        return sys.getsizeof(seen) + len(seen) * (state + 8) > self.megabytes * _MIB


def megabytes() -> int:
    """Return how many MiB states may take by default: half of the machine's memory."""
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return _USUAL
    return pages // 2 // _MIB
