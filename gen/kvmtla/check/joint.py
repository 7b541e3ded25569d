"""Which points one run of TLC is asked for, and what it is given to read for all of them.

That two invariants hold takes no more looking than that one does, and most of the time that TLC
takes for a small model goes into its start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kvmtla.check.points import Module, Point
from kvmtla.emit.names import operator_of
from kvmtla.ir.property import PropertyKind


def asked_together(points: Iterable[Point]) -> list[list[Point]]:
    """`points` in groups, in the order of the first of each.

    Together are the invariants of one module that are expected to hold: of one that does not, TLC
    must be asked by itself, since it stops at the first.
    """
    groups: dict[tuple[str, str | None], list[Point]] = {}
    for point in points:
        joint = point.kind is PropertyKind.INVARIANT and point.expected == "holds"
        groups.setdefault((point.module.name, None if joint else point.prop), []).append(point)
    return list(groups.values())


def joint_cfg(module: Module, points: Sequence[Point]) -> str:
    """The text of a configuration that checks all `points`, invariants of `module` if several."""
    first, *others = points
    # The list of invariants is what a configuration ends with.
    more = [f"    {operator_of(p.kind, p.prop)}\n" for p in others]
    return "".join([module.cfgs[first.prop], *more])
