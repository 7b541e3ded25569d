"""Compilers that do not work, caches that cannot be written, and too little memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.engine import Compiled, Limits, Watcher, compile_model, explore
from kvmtla.engine.native import Compiler, Native, Progress, find_compiler
from kvmtla.engine.native.compiler import library
from kvmtla.engine.native.emit import c_source
from kvmtla.verdict import Verdict
from support.claims import all_points

ROOT = Path(__file__).parents[2]


def _compiled() -> Compiled:
    points = all_points()
    return compile_model(next(p.module.model for p in points if p.expected == "holds"))


COMPILERS = {
    "missing": ("no-such-compiler", "names no-such-compiler, which is no command"),
    "empty": ("", "is empty"),
    "quotes": ("'", "is no command"),
    "fails": (
        "#!/bin/sh\necho 'model.c:1: error: no' >&2; [ $1 = --version ]",
        "fails: model.c:1:",
    ),
    "has no version": ("#!/bin/sh\nexit 1", "--version fails"),
    "makes nothing": ("#!/bin/sh\nexit 0", "makes nothing"),
    "makes nonsense": (
        '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && echo x >"$2"; shift; done',
        "cannot be loaded",
    ),
}


@pytest.mark.parametrize("kind", COMPILERS)
def test_without_a_compiler_that_works(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is that of Python, and why is said in one line."""
    text, message = COMPILERS[kind]
    if text.startswith("#!"):
        script = tmp_path / "cc"
        script.write_text(text)
        script.chmod(0o755)
        text = str(script)
    monkeypatch.setenv("KVMTLA_CC", text)
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    compiled, notes = _compiled(), list[str]()
    found = explore(compiled, native=True, watcher=Watcher(lambda _: None, notes.append))
    alone = explore(compiled, native=False)
    assert replace(found, seconds=0.0) == replace(alone, seconds=0.0)
    (note,) = notes
    assert message in note
    assert "\n" not in note
    assert not list(tmp_path.glob("cache/native/.new-*"))


def test_one_that_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler
) -> None:
    script = tmp_path / "cc"
    script.write_text(f'#!/bin/sh\necho "warning: beware" >&2\nexec {compiler.name} "$@"')
    script.chmod(0o755)
    monkeypatch.setenv("KVMTLA_CC", str(script))
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    assert Native(_compiled(), find_compiler()).explore(()).verdict is Verdict.HOLDS
    assert len(list(tmp_path.glob("cache/native/*.so"))) == 1


def test_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler
) -> None:
    (tmp_path / "cache").write_text("no folder")
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    assert Native(_compiled(), compiler).explore(()).verdict is Verdict.HOLDS


def test_a_library_that_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path))
    # It is not loaded before: then it would be there already.
    with library(c_source(_compiled()), compiler) as made:
        made.write_bytes(b"\x7fELF")
    assert Native(_compiled(), compiler).explore(()).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        (Limits(states=10), "there are more than 10 states"),
        (Limits(seconds=0), "the search did not end within 0 seconds"),
        (Limits(megabytes=0), "the states take more than 0 MiB"),
    ],
)
def test_a_limit_makes_it_unknown(limit: Limits, reason: str, compiler: Compiler) -> None:
    found = Native(_compiled(), compiler).explore(limit=limit)
    assert (found.verdict, found.reason, found.trace) == (Verdict.UNKNOWN, reason, ())
    assert found.distinct > 0


SEARCH = """
import resource, sys
sys.path[:0] = ["tests", "gen", "spec", "bench/dirtylog"]
from model import project
from kvmtla.engine import Limits, compile_model
from kvmtla.engine.native import Native, find_compiler
from kvmtla.front.scenario import read_project
from kvmtla.lower.build import lower
spec = read_project(project)
claim = spec.claims[4]
asked = [p.property for p in claim.points]
model = lower(claim.scenario, spec.reader, claim.points[0].constants, asked, name="Large")
native = Native(compile_model(model), find_compiler())
print("ready", flush=True)
"""


def _begun(then: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SEARCH + then],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def test_too_little_memory(compiler: Compiler) -> None:
    assert compiler
    then = """
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (48 << 20), -1))
found = native.explore(symmetry=False, threads=1, limit=Limits(seconds=300, megabytes=1 << 20))
print(found.verdict.value, found.reason, found.distinct > 0)
"""
    process = _begun(then)
    said, errors = process.communicate(timeout=500)
    assert said.splitlines()[1:] == ["unknown there is not enough memory for the states True"], (
        errors
    )


def test_it_can_be_interrupted(compiler: Compiler) -> None:
    assert compiler
    process = _begun("native.explore(symmetry=False, limit=Limits(seconds=300))")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=100)
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0


def test_it_says_how_far_it_is(compiler: Compiler) -> None:
    seen: list[Progress] = []
    found = Native(_compiled(), compiler).explore((), watch=seen.append)
    last = seen[-1]
    assert (last.states, last.generated, last.depth) == (
        found.distinct,
        found.generated,
        found.depth,
    )
    assert last.expected is None or last.expected >= 0.9 * found.distinct
