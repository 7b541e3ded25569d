"""The small specification beside C that a test gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.csource.compare import Comparison, Result
from kvmtla.csource.program import CProgram
from kvmtla.csource.trees import SourceTree
from kvmtla.front.scenario import read_project
from kvmtla.load import load_package

FILE = Path(__file__).with_name("small.py")

Held = Callable[..., dict[str, Result]]


@pytest.fixture(scope="session")
def small() -> Any:
    """The project, and the texts of its C."""
    import sys  # noqa: PLC0415

    project = load_package(str(FILE)).project
    return project, sys.modules["small"]


@pytest.fixture(scope="session")
def held(small: Any) -> Held:
    """Compare C with the small specification; gives the results by operation."""
    project, module = small
    spec = read_project(project)

    def against(
        code: str | None = None,
        version: tuple[int, int] = (1, 0),
        **changes: Any,
    ) -> dict[str, Result]:
        source = replace(project.c, **changes)
        texts = {"mm.h": module.HEADER, "mm.c": module.CODE if code is None else code}
        tree = SourceTree("small", texts, version)
        program = CProgram(tree, source)
        found = Comparison(spec, source, program, source.kernels(version))
        return {r.operation: r for r in found.all()}

    return against
