"""The spec whose mutants are all known."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.front.scenario import Spec, read_project
from support.specs import load, project_of

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def box_text() -> str:
    return (HERE / "specs" / "box.py").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def box(box_text: str, tmp_path_factory: pytest.TempPathFactory) -> Spec:
    return read_project(project_of(load(tmp_path_factory.mktemp("box"), box_text)))
