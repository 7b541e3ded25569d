"""Real TLC on small modules, and its output recorded for tests that alter it."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.tlc import RunOptions, TlcOutcome, Toolchain, find_toolchain, prepare_archive, run_tlc
from kvmtla.tlc.command import command
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.verdict import FinishedRun, judge

INIT_NEXT = "INIT Init\nNEXT Next\n"

Check = Callable[..., TlcOutcome]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("KVMTLA_CACHE")
    os.environ["KVMTLA_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["KVMTLA_CACHE"]
    else:
        os.environ["KVMTLA_CACHE"] = before


@pytest.fixture(scope="session")
def toolchain(_own_cache: None) -> Toolchain:
    found = find_toolchain()
    # There are more runs than it takes for this to pay.
    prepare_archive(found)
    return found


@pytest.fixture
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that takes the place of the system's temporary one, to see what is left in it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def write_module(folder: Path, text: str, cfg: str) -> str:
    """Writes the module and X.cfg; gives the module's name. The frame may be left out."""
    found = re.search(r"MODULE (\w+)", text)
    name = found[1] if found else "X"
    if not found:
        text = f"---- MODULE X ----\nEXTENDS Integers, Sequences, TLC\n{text}\n====\n"
    (folder / f"{name}.tla").write_text(text, encoding="utf-8")
    (folder / "X.cfg").write_text(cfg, encoding="utf-8")
    return name


@pytest.fixture
def check(toolchain: Toolchain, tmp_path: Path) -> Check:
    """Writes a module and a cfg into a folder and checks it there."""

    def run(text: str, cfg: str = INIT_NEXT, **options: Any) -> TlcOutcome:
        name = write_module(tmp_path, text, cfg)
        return run_tlc(toolchain, tmp_path, name, "X.cfg", options=RunOptions(**options))

    return run


@dataclass(frozen=True)
class Recorded:
    """Standard output and exit status of a real run."""

    text: str
    run: FinishedRun

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def judged(self, lines: list[str] | None = None, **changes: Any) -> TlcOutcome:
        protocol = Protocol()
        for line in self.lines if lines is None else lines:
            protocol.feed(line)
        protocol.close()
        return judge(replace(self.run, output=protocol, **changes))


Record = Callable[..., Recorded]


@pytest.fixture(scope="session")
def record(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Record:
    known: dict[tuple[str, str], Recorded] = {}

    def run(text: str, cfg: str = INIT_NEXT, *, coverage: bool = False) -> Recorded:
        if (text, cfg) not in known:
            folder = tmp_path_factory.mktemp("recorded")
            temporal = "PROPERTY" in cfg
            options = RunOptions(temporal=temporal, coverage=coverage, check_deadlock=True)
            name = write_module(folder, text, cfg)
            (private := folder / "private").mkdir()
            done = subprocess.run(
                command(toolchain, name, "X.cfg", private, options),
                cwd=folder,
                capture_output=True,
                encoding="utf-8",
                env=java_environment(),
                check=False,
            )
            finished = FinishedRun(
                output=Protocol(),
                exit_code=done.returncode,
                stopped=None,
                stderr=done.stderr,
                seconds=0.0,
                temporal=temporal,
                of_steps=False,
                coverage=coverage,
                collision_limit=1e-4,
                modules=frozenset({folder / f"{name}.tla"}),
            )
            known[text, cfg] = Recorded(done.stdout, finished)
        return known[text, cfg]

    return run


@pytest.fixture
def fake_java(toolchain: Toolchain, tmp_path: Path) -> Callable[[str], Toolchain]:
    """A toolchain whose Java is a shell script; `$JAVA` in it is the real one."""

    def make(script: str) -> Toolchain:
        path = tmp_path / "fake java"
        path.write_text(f"#!/bin/sh\nJAVA='{toolchain.java.path}'\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return replace(toolchain, java=replace(toolchain.java, path=path))

    return make
