"""States that Python's sets can tell apart well.

The place of an integer in a set comes from its lowest bits, and packed states differ little there:
looking up a state would cost several times as much as it has to. So the lowest bits of each state
are a check sum of the others. It is made by exclusive or: the check sum of a state after a change
is the exclusive or of those of the state and of the change. Nothing has to be worked out again.
"""

from __future__ import annotations

import random

# As many bits as one of the digits that Python's integers are made of.
MIXED_BITS = 30
_MASK = (1 << MIXED_BITS) - 1


class Mixer:
    """Adds check sums to states and changes of `bits` bits, the lowest of which are still 0."""

    def __init__(self, bits: int) -> None:
        # Anything that looks random will do, as long as it is the same each time.
        numbers = random.Random(bits)
        self._words = [numbers.getrandbits(MIXED_BITS) for _ in range(bits)]

    def mixed(self, plain: int) -> int:
        """Return a state or change with its check sum."""
        rest, made = plain, plain
        while rest:
            lowest = rest & -rest
            made ^= self._words[lowest.bit_length() - 1]
            rest ^= lowest
        return made


def plain(mixed: int) -> int:
    """Return a state or change without its check sum."""
    return mixed & ~_MASK
