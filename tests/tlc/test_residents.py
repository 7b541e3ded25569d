"""TLC run again and again in one process: it says what it says in a process of its own."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.tlc import RunOptions, TlcOutcome, Toolchain, run_tlc
from kvmtla.tlc.residents import RESIDENT_JAR, Residents
from kvmtla.verdict import Verdict

ROOT = Path(__file__).parents[2]
OPTIONS = RunOptions(time_limit=120)
# What is said of the machine, of the moment, and of who has run it.
_OF_THE_RUN = {
    "seconds": 0.0,
    "messages": (),
    "notes": "",
    "resident": False,
}

COUNTER = "VARIABLE x\nInit == x = 0\nUp == x < 3 /\\ x' = x + 1\nNext == Up\nInv == x < {n}"
RECORDS = """VARIABLES f, s
Init == f = [i \\in {1, 2} |-> [a |-> {i}, b |-> "s"]] /\\ s = <<>>
Add(i) == Len(s) < 3 /\\ s' = Append(s, i) /\\ f' = [f EXCEPT ![i].a = @ \\cup {Len(s)}]
Next == \\E i \\in {1, 2} : Add(i)
Inv == \\A i \\in {1, 2} : f[i].a # {1, 2} \\cup {0}"""
SYMMETRIC = """CONSTANTS P, a, b, c
VARIABLE s
Init == s = {}
Next == \\E p \\in P : p \\notin s /\\ s' = s \\cup {p}
Symmetry == Permutations(P)"""
SYMMETRIC_CFG = """CONSTANTS
a = a
b = b
c = c
P = {a, b, c}
SYMMETRY Symmetry
"""
ASSERTS = 'VARIABLE x\nInit == x = 0\nNext == Assert(x < 2, "too large") /\\ x\' = x + 1'
FRAME = "INIT Init\nNEXT Next\n"
STEPS = "VARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 4\nRises == [][x' > x]_x"
# Text of a module and its cfg, for each way in which a run can end.
INPUTS = {
    "holds": (COUNTER.format(n=4), f"{FRAME}INVARIANT Inv\n"),
    "violated": (COUNTER.format(n=3), f"{FRAME}INVARIANT Inv\n"),
    "violated at once": (COUNTER.format(n=0), f"{FRAME}INVARIANT Inv\n"),
    "no invariant": (COUNTER.format(n=0), FRAME),
    "records": (RECORDS, f"{FRAME}INVARIANT Inv\n"),
    "symmetry": (SYMMETRIC, FRAME + SYMMETRIC_CFG),
    "steps": (STEPS, "SPECIFICATION Spec\nPROPERTY Rises\n"),
    "assertion": (ASSERTS, FRAME),
    "no such name": (COUNTER.format(n=3), f"{FRAME}INVARIANT Nobody\n"),
    "does not parse": ("VARIABLE x\nInit == x = \nNext == x' = x", FRAME),
    "cannot be evaluated": ("VARIABLE x\nInit == x = 0\nNext == x' = x[1]", FRAME),
    "no first state": ("VARIABLE x\nInit == x = 0 /\\ x = 1\nNext == x' = x", FRAME),
    "constant missing": ("CONSTANT C\nVARIABLE x\nInit == x = C\nNext == x' = x", FRAME),
    "not a number": ('VARIABLE x\nInit == x = "a"\nNext == x\' = x + 1', FRAME),
    "strings": (
        'VARIABLE x\nInit == x \\in {"u", "v"}\nNext == x\' \\in {"w", x}\nInv == x # "w"',
        f"{FRAME}INVARIANT Inv\n",
    ),
}


def write(folder: Path, text: str, cfg: str) -> Path:
    folder.mkdir()
    spec = "\nSpec == Init /\\ [][Next]_x" if "Spec" in cfg else ""
    frame = (
        f"---- MODULE X ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n{text}{spec}\n====\n"
    )
    (folder / "X.tla").write_text(frame, encoding="utf-8")
    (folder / "X.cfg").write_text(cfg, encoding="utf-8")
    return folder


def options_of(cfg: str) -> RunOptions:
    return replace(OPTIONS, check_deadlock=False, of_steps="PROPERTY" in cfg)


def essence(outcome: TlcOutcome, folder: Path | None = None) -> TlcOutcome:
    """What two runs of the same say alike."""
    reason = outcome.reason
    if reason is not None:
        # A file is where it is read, and the standard modules where Java unpacks them.
        reason = " ".join(w for w in reason.split() if "/" not in w)
    return replace(outcome, reason=reason, **_OF_THE_RUN)


@pytest.fixture
def residents(toolchain: Toolchain, private_tmp: Path) -> Iterator[Residents]:
    with Residents(toolchain, OPTIONS, 1) as made:
        yield made
    assert list(private_tmp.iterdir()) == []


@pytest.fixture(scope="module")
def alone(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TlcOutcome]:
    """What each of the inputs gives in a process of its own."""
    base = tmp_path_factory.mktemp("alone")
    folders = {n: write(base / f"{i}", *given) for i, (n, given) in enumerate(INPUTS.items())}

    def one(name: str) -> TlcOutcome:
        options = options_of(INPUTS[name][1])
        return run_tlc(toolchain, folders[name], "X", "X.cfg", options=options)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(folders, pool.map(one, folders), strict=True))


def test_the_inputs_end_in_different_ways(alone: dict[str, TlcOutcome]) -> None:
    ways = {(o.verdict, o.kind, o.exit_code) for o in alone.values()}
    assert len(ways) >= 7
    assert {o.verdict for o in alone.values()} == set(Verdict)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_was_run_before(
    residents: Residents, alone: dict[str, TlcOutcome], tmp_path: Path, seed: int
) -> None:
    names = [*INPUTS, *INPUTS]
    random.Random(seed).shuffle(names)
    for number, name in enumerate(names):
        folder = write(tmp_path / f"{number}", *INPUTS[name])
        options = options_of(INPUTS[name][1])
        outcome = residents.run(folder, "X", "X.cfg", options)
        assert outcome is not None, residents.trouble
        assert outcome.resident
        assert essence(outcome) == essence(alone[name]), (name, names[:number], outcome.reason)


def test_a_temporal_property_has_a_process_of_its_own(
    residents: Residents, toolchain: Toolchain, tmp_path: Path
) -> None:
    text = "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x\nEver == <>(x = 2)"
    folder = write(tmp_path / "1", text, "SPECIFICATION Spec\nPROPERTY Ever\n")
    assert residents.run(folder, "X", "X.cfg", replace(OPTIONS, temporal=True)) is None
    outcome = run_tlc(toolchain, folder, "X", "X.cfg", residents=residents)
    assert (outcome.verdict, outcome.resident) == (Verdict.VIOLATED, False)


ENDLESS = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1"


def pid_of_child() -> int:
    """The process of the one resident that this process has started."""
    own = os.getpid()
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    return next(int(p) for p, parent, args in rows if int(parent) == own and "Resident" in args)


def test_one_that_dies_takes_only_its_own_question(
    residents: Residents, toolchain: Toolchain, tmp_path: Path
) -> None:
    holds = write(tmp_path / "1", *INPUTS["holds"])
    first = residents.run(holds, "X", "X.cfg", options_of(""))
    assert first is not None
    endless = write(tmp_path / "2", ENDLESS, FRAME)
    before = pid_of_child()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(residents.run, endless, "X", "X.cfg", options_of(""))
        time.sleep(0.5)
        os.kill(before, signal.SIGKILL)
        # It is asked again, in a process of its own.
        assert future.result(60) is None
    again = residents.run(holds, "X", "X.cfg", options_of(""))
    assert again is not None
    assert essence(again) == essence(first)
    assert pid_of_child() != before


def test_one_that_does_not_come_to_an_end(residents: Residents, tmp_path: Path) -> None:
    endless = write(tmp_path / "2", ENDLESS, FRAME)
    options = replace(options_of(""), time_limit=2)
    outcome = residents.run(endless, "X", "X.cfg", options)
    assert outcome is not None
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == "TLC did not finish within 2 seconds"
    cancel = threading.Event()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(residents.run, endless, "X", "X.cfg", options_of(""), None, cancel)
        time.sleep(1)
        cancel.set()
        cancelled = future.result(60)
    assert cancelled is not None
    assert cancelled.reason == "the run was cancelled"
    holds = write(tmp_path / "3", *INPUTS["holds"])
    outcome = residents.run(holds, "X", "X.cfg", options_of(""))
    assert outcome is not None
    assert outcome.verdict is Verdict.HOLDS


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense; exit 0", "sleep 0.2"])
def test_a_java_that_does_not_stay(fake_java, tmp_path: Path, script: str) -> None:
    holds = write(tmp_path / "1", *INPUTS["holds"])
    with Residents(fake_java(script), OPTIONS, 2) as residents:
        assert residents.run(holds, "X", "X.cfg", options_of("")) is None
        assert residents.trouble == "Java ended before it gave an answer"
        assert not residents.takes(OPTIONS)


def test_a_jar_without_tlc(toolchain: Toolchain, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jar"
    with zipfile.ZipFile(empty, "w") as jar:
        jar.writestr("nothing", "")
    wrong = replace(toolchain, jar=replace(toolchain.jar, path=empty))
    holds = write(tmp_path / "1", *INPUTS["holds"])
    with Residents(wrong, OPTIONS, 1) as residents:
        assert residents.run(holds, "X", "X.cfg", options_of("")) is None
        assert residents.trouble is not None


def test_the_classes_are_those_of_the_source(tmp_path: Path) -> None:
    made = tmp_path / "made.jar"
    subprocess.run(["sh", ROOT / "tools" / "resident.sh", made], check=True)
    assert shutil.which("javac")

    def contents(path: Path) -> dict[str, bytes]:
        with zipfile.ZipFile(path) as jar:
            return {n: jar.read(n) for n in jar.namelist() if not n.endswith("/")}

    assert contents(made) == contents(RESIDENT_JAR)
