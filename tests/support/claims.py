"""The points of KVM's own claims, and samples of them."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from kvmtla.front.scenario import read_project
from kvmtla.ir.property import PropertyKind
from kvmtla.load import load_package
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.point import Point
from kvmtla.modules.points import points

T = TypeVar("T")
ROOT = Path(__file__).parents[2] / "spec"
# Read at once: what has been imported since may have been imported anew when a test runs.
SPEC = read_project(load_package("kvmspec").project)


@cache
def all_points(reductions: Reductions | None = None) -> tuple[Point, ...]:
    """All points, lowered with these reductions (None: all of them)."""
    return tuple(points(SPEC, ROOT, reductions))


def sample(among: Sequence[T], one_in: int) -> Sequence[T]:
    """Return one in so many, from where `KVMTLA_RANDOM_SEED` says; with `KVMTLA_ALL`, all."""
    if os.environ.get("KVMTLA_ALL"):
        return among
    return among[int(os.environ.get("KVMTLA_RANDOM_SEED", "0")) % one_in :: one_in]


def shuffled(among: Sequence[T]) -> Sequence[T]:
    """Return the same in another order, which `KVMTLA_RANDOM_SEED` says."""
    seed = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
    return random.Random(seed).sample(among, len(among))


def name(p: Point) -> str:
    """What tests call a point."""
    return " ".join([p.claim.full_name, *p.settings.values(), p.prop])


def of_each_scenario(*others: str) -> list[Point]:
    """A point for each scenario with one vCPU, and for each value there of `others`.

    `others` are names of constants. With several vCPUs, TLC and the engine count states that differ
    only in their names as one, and the reference semantics does not.
    """
    found: dict[tuple[str, ...], Point] = {}
    for p in all_points():
        if p.claim.scenario.sizes.get("Vcpu", 1) > 1 or p.kind is not PropertyKind.INVARIANT:
            continue
        kept = [p.settings.get(n, "") for n in others]
        found.setdefault((p.claim.scenario.name, *kept, p.expected), p)
    return list(found.values())


def of_the_commit(kernel: str) -> list[Point]:
    """The claims C1 to C5 of the commit itself, with one vCPU, in one kernel."""
    wanted = ("C1", "C2", "C3", "C4", "C5")
    return [
        p
        for p in all_points()
        if p.claim.number in wanted
        and p.settings["kernel"] == kernel
        and p.claim.scenario.sizes.get("Vcpu") == 1
    ]
