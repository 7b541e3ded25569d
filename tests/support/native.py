"""The compiled engine beside the one in Python."""

from __future__ import annotations

from kvmtla.engine import Compiled, explore
from kvmtla.engine.native import Native
from kvmtla.trust.compiled import difference


def compare(compiled: Compiled, native: Native) -> int:
    """Asserts that both find the same for all properties of a model; gives how many it asked."""
    names = [*compiled.invariants, *compiled.steps]
    asked = [[], names, *([n] for n in names)]
    for symmetry in (True, False):
        for props in asked:
            python = explore(compiled, props, symmetry=symmetry, native=False)
            c = native.explore(props, symmetry=symmetry)
            assert difference(compiled, python, c) is None
    return 2 * len(asked)
