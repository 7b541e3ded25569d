"""Estimates of the number of states, from the layers that are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_FEWEST = 4
_MOST = 1e13


def expected(layers: Sequence[int]) -> int | None:
    """Return about how many states a search will find; `layers` are the sizes of the first layers.

    Layers grow faster and faster, then slower, and then become smaller; the proportion of each to
    the one before follows from the earlier ones. Before they become smaller, nothing can be said,
    and the result is None.
    """
    if len(layers) < 2 or layers[-1] >= max(layers):
        return None
    growth = [math.log(after / before) for before, after in pairwise(layers)]
    growth = growth[-max(_FEWEST, len(growth) // 2) :]
    n = len(growth)
    if n < _FEWEST:
        return None
    middle, mean = (n - 1) / 2, sum(growth) / n
    slope = sum((i - middle) * (g - mean) for i, g in enumerate(growth))
    slope /= sum((i - middle) ** 2 for i in range(n))
    if slope >= 0:
        return None
    total, size, rate = float(sum(layers)), float(layers[-1]), mean + slope * (n - middle)
    while size >= 1 and total < _MOST:
        size *= math.exp(rate)
        rate += slope
        total += size
    return round(total)
