"""Which points one run of TLC is asked for, and what it is given to read for all of them.

That two properties hold takes no more looking than that one does, and most of the time that TLC
takes for a small model goes into its start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kvmtla.check.points import Module, Point
from kvmtla.emit.names import operator_of
from kvmtla.ir.property import PropertyKind

_ONE_STATE_OR_STEP = (PropertyKind.INVARIANT, PropertyKind.STEP)


def asked_together(points: Iterable[Point]) -> list[list[Point]]:
    """`points` in groups, in the order of the first of each.

    Together are the invariants and properties of steps of one module that are expected to hold: of
    one that does not, TLC must be asked by itself, since it stops at the first.
    """
    groups: dict[tuple[str, str | None], list[Point]] = {}
    for point in points:
        joint = point.kind in _ONE_STATE_OR_STEP and point.expected == "holds"
        groups.setdefault((point.module.name, None if joint else point.prop), []).append(point)
    return list(groups.values())


def joint_cfg(module: Module, points: Sequence[Point]) -> str:
    """The text of a configuration that checks all `points` of `module`, which asks about several.

    What it ends with is the list of invariants, or of other properties, behind that of invariants.
    """
    of_steps = [p for p in points if p.kind is PropertyKind.STEP]
    first, *others = [p for p in points if p.kind is not PropertyKind.STEP] or of_steps
    parts = [module.cfgs[first.prop], *map(_line, others)]
    if of_steps and first is not of_steps[0]:
        parts += ["PROPERTIES\n", *map(_line, of_steps)]
    return "".join(parts)


def _line(point: Point) -> str:
    return f"    {operator_of(point.kind, point.prop)}\n"
