"""The models of random specifications that the language accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.fuzz.specification import seeded
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.module import Module
from kvmtla.modules.points import points
from support.specs import load, project_of


def seeded_modules(
    folder: Path, seeds: Iterable[int], reductions: Reductions | None = None
) -> Iterator[Module]:
    """The modules of the specifications of these numbers, written to a folder."""
    for seed in seeds:
        try:
            project = project_of(load(folder, seeded(seed), f"s{seed}.py"))
            found = points(read_project(project), folder, reductions)
        except SpecError:
            continue
        yield from {p.module.name: p.module for p in found}.values()
