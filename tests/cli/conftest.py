"""The command as a user runs it, in a folder of its own, with a cache that the tests share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvmtla.tlc import Toolchain, find_toolchain

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


class Kvmtla:
    """Runs the command in `folder`; calling it gives what came out."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def line(self, *arguments: object, spec: str | None = None) -> list[str]:
        """The command line; `spec` is the text of one to use instead of the default."""
        start = [sys.executable, "-m", "kvmtla"]
        if spec is not None:
            (self.folder / "some_spec.py").write_text(spec, encoding="utf-8")
            start += ["--spec", "./some_spec.py"]
        return [*start, *map(str, arguments)]

    def __call__(
        self, *arguments: object, spec: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.line(*arguments, spec=spec),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def results(self, *arguments: object, spec: str, **environment: str) -> list[dict[str, Any]]:
        """The results of `verify`, from its JSON."""
        done = self("verify", *arguments, "--json", "-", spec=spec, **environment)
        found: list[dict[str, Any]] = json.loads(done.stdout)["results"]
        return found


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the command finds: this repository, nothing that the user has set, and a cache."""
    base = tmp_path_factory.getbasetemp()
    # One cache for all processes of pytest-xdist.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    unwanted = ("KVMTLA_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(str(REPOSITORY / root) for root in ("gen", "spec")),
        # Compiled once for all commands, and beside no source.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(shared / "bytecode"),
        "KVMTLA_CACHE": str(shared / "kvmtla-cache"),
    }


@pytest.fixture
def kvmtla(environment: dict[str, str], tmp_path: Path) -> Kvmtla:
    return Kvmtla(tmp_path, environment)


@pytest.fixture(scope="session")
def with_own_cache(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Kvmtla]:
    """Makes one with a cache that it shares with nobody."""

    def make() -> Kvmtla:
        folder = tmp_path_factory.mktemp("own")
        return Kvmtla(folder, {**environment, "KVMTLA_CACHE": str(folder / "cache")})

    return make


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return find_toolchain()


@pytest.fixture
def counter() -> str:
    return (HERE / "specs" / "counter.py").read_text(encoding="utf-8")


@pytest.fixture
def endless() -> str:
    return (HERE / "specs" / "endless.py").read_text(encoding="utf-8")
