"""One model in four languages: TLC, Spin, rumur and both engines, with the same states.

    PYTHONPATH=gen python bench/dirtylog/run.py [--vcpus 1 2 3] [--no-tlc] [--no-rumur]

Prints a table in Markdown. A tool that is not installed is left out; Debian's packages are spin
and rumur, and both need a C compiler. The CPU seconds are those of the search, and of TLC all that
a run takes; what it takes to translate and compile a model is not counted. All go through all
states, and symmetry is used by none. It fails where one finds another number of states.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvmtla.engine import Compiled, compile_model, explore
from kvmtla.engine.native import Native, find_compiler
from kvmtla.front.scenario import read_project
from kvmtla.lower.build import lower
from kvmtla.tlc import RunOptions, find_toolchain, run_tlc

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Found:
    """What a tool has found: states, steps, and the CPU seconds that it took."""

    states: int
    steps: int
    seconds: float


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def _timed(folder: Path, *command: str) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = _run(folder, *command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return said, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _number(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    if found is None:
        sys.exit(f"no {pattern!r} in {said}")
    return int(found[1].replace(",", ""))


def by_spin(vcpus: int, folder: Path) -> Found:
    """What Spin finds."""
    _run(folder, "spin", f"-DN={vcpus}", "-a", str(HERE / "dirtylog.pml"))
    cc = list(find_compiler().command)
    _run(folder, *cc, "-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=8000", "-o", "pan", "pan.c")
    said, seconds = _timed(folder, "./pan", "-E", "-m1000000", "-w24")
    assert "errors: 0" in said, said
    return Found(
        _number(r"(\d+) states, stored", said), _number(r"(\d+) transitions", said), seconds
    )


def by_rumur(vcpus: int, folder: Path) -> Found:
    """What rumur's checker finds."""
    text = (HERE / "dirtylog.m").read_text(encoding="utf-8")
    (folder / "model.m").write_text(text.replace("const N: 3;", f"const N: {vcpus};"))
    options = ["--symmetry-reduction=off", "--threads", "1", "--output", "model.c", "model.m"]
    _run(folder, "rumur", *options)
    cc = list(find_compiler().command)
    _run(folder, *cc, "-O2", "-std=c11", "-w", "model.c", "-o", "checker", "-lpthread")
    said, seconds = _timed(folder, "./checker")
    states, steps = r"([\d,]+) states", r"([\d,]+) rules fired"
    return Found(_number(states, said), _number(steps, said), seconds)


def by_tlc(vcpus: int, folder: Path) -> Found:
    """What TLC finds, with one worker."""
    shutil.copy(HERE / "DirtyLog.tla", folder)
    names = ", ".join(f"v{i}" for i in range(vcpus))
    (folder / "DirtyLog.cfg").write_text(
        f"INIT Init\nNEXT Next\nCONSTANT Vcpus = {{{names}}}\nCHECK_DEADLOCK FALSE\n"
        "INVARIANTS NoMiss MmuWritable PageTagged\n"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    options = RunOptions(large=vcpus > 1)
    found = run_tlc(find_toolchain(), folder, "DirtyLog.tla", "DirtyLog.cfg", options=options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert found.distinct is not None and found.generated is not None, found.reason
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Found(found.distinct, found.generated, used)


def _compiled(vcpus: int) -> Compiled:
    sys.path.insert(0, str(HERE))
    from model import project  # noqa: PLC0415 - it is no package

    spec = read_project(project)
    claim = spec.claims[vcpus - 1]
    properties = [p.property for p in claim.points]
    model = lower(claim.scenario, spec.reader, claim.points[0].constants, properties, name="Bench")
    return compile_model(model)


def by_python(vcpus: int, _folder: Path) -> Found:
    """What the engine in Python finds."""
    compiled = _compiled(vcpus)
    before = time.process_time()
    found = explore(compiled, symmetry=False, native=False)
    return Found(found.distinct, found.generated, time.process_time() - before)


def by_c(vcpus: int, _folder: Path) -> Found:
    """What the compiled engine finds, with one thread."""
    native = Native(_compiled(vcpus), find_compiler())
    before = time.process_time()
    found = native.explore(symmetry=False, threads=1)
    return Found(found.distinct, found.generated, time.process_time() - before)


def tools(tlc: bool, rumur: bool) -> Iterator[tuple[str, Callable[[int, Path], Found]]]:
    """Those that are there."""
    yield "compiled engine", by_c
    if shutil.which("spin"):
        yield "Spin", by_spin
    yield "engine in Python", by_python
    if rumur and shutil.which("rumur"):
        yield "rumur", by_rumur
    if tlc:
        yield "TLC", by_tlc


def main() -> None:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--vcpus", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--no-tlc", action="store_true")
    parser.add_argument("--no-rumur", action="store_true")
    given = parser.parse_args()
    print("| vCPUs | | states | steps | CPU s | steps a CPU second |\n|" + "---|" * 6)
    for vcpus in given.vcpus:
        states = set()
        for name, ask in tools(not given.no_tlc, not given.no_rumur):
            with tempfile.TemporaryDirectory() as folder:
                found = ask(vcpus, Path(folder))
            states.add(found.states)
            rate = found.steps / found.seconds if found.seconds else 0
            cells = [str(vcpus), name, f"{found.states:,}", f"{found.steps:,}"]
            cells += [f"{found.seconds:.2f}", f"{rate:,.0f}"]
            print("| " + " | ".join(cells) + " |", flush=True)
        if len(states) > 1:
            sys.exit(f"they do not agree: {states}")


if __name__ == "__main__":
    main()
