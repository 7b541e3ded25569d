"""One world for all tests of traces: to find out what operations do takes its time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvmtla.front.scenario import Spec, read_project
from kvmtla.ftrace.choose import Choice
from kvmtla.ftrace.text import read
from kvmtla.ftrace.world import Known
from kvmtla.load import load_package

HOT = Path(__file__).parents[2] / "docs" / "recorded" / "hot.trace"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that the command finds as well."""
    before = os.environ.get("KVMTLA_CACHE")
    folder = tmp_path_factory.mktemp("cache")
    os.environ["KVMTLA_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["KVMTLA_CACHE"]
    else:
        os.environ["KVMTLA_CACHE"] = before


@pytest.fixture(scope="session")
def spec() -> Spec:
    return read_project(load_package("kvmspec").project)


@pytest.fixture(scope="session")
def known(cache: Path, spec: Spec) -> Known:
    """What v6.1 does on a CPU with NPT."""
    recorded = spec.project.recorded
    assert recorded is not None
    root = load_package("kvmspec").root
    return Choice(spec, root, recorded, "6.1", {}).of(read(HOT))
