"""Runs that are ended, disturbed or misled: no process, no file and no wrong verdict is left."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import kvmtla.tlc.process
import kvmtla.tlc.run
from kvmtla.errors import ToolError
from kvmtla.files import cannot_write, cannot_write_temporary
from kvmtla.tlc import RunOptions, TlcOutcome, TlcString, run_tlc
from kvmtla.verdict import Kind, Verdict

from .conftest import Recorded

ENDLESS = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1"
COUNTER = "VARIABLE x\nInit == x = 0\nUp == x < 3 /\\ x' = x + 1\nNext == Up\nInv == x < 3"
CFG = "INIT Init\nNEXT Next\n"

# Java with a child beside it; the numbers of both are in the file $PIDS once TLC has started.
WITH_CHILD = """
sleep 1000 &
"$JAVA" "$@" &
echo "$$ $!" > "$PIDS.new"
mv "$PIDS.new" "$PIDS"
wait
"""


def write(folder: Path, text: str, cfg: str = CFG, name: str = "X") -> None:
    frame = f"---- MODULE {name} ----\nEXTENDS Integers, TLC\n{text}\n====\n"
    (folder / f"{name}.tla").write_text(frame, encoding="utf-8")
    (folder / f"{name}.cfg").write_text(cfg, encoding="utf-8")


def wait_for(path: Path) -> list[int]:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(number) for number in path.read_text().split()]


def alive(group: int) -> bool:
    """Whether any process of the group is left; a dead one that nobody waited for is none."""
    if not Path("/proc/self/stat").exists():
        line = ["ps", "-eo", "stat=,pgid="]
        listing = subprocess.run(line, capture_output=True, text=True, check=True).stdout
        rows = [row.split() for row in listing.splitlines()]
    else:
        rows = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, _, number = path.read_text().rpartition(")")[2].split()[:3]
                rows.append([state, number])
    return any(int(number) == group and state[0] not in "ZX" for state, number in rows)


def gone(group: int) -> bool:
    deadline = time.monotonic() + 60
    while alive(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIDS", str(tmp_path / "pids"))
    return tmp_path / "pids"


def test_cancelled(fake_java, tmp_path: Path, private_tmp: Path, pids: Path) -> None:
    write(tmp_path, ENDLESS)
    cancel = threading.Event()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(run_tlc, fake_java(WITH_CHILD), tmp_path, "X", "X.cfg", cancel=cancel)
        group, _ = wait_for(pids)
        assert alive(group)
        cancel.set()
        outcome = future.result(60)
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, "the run was cancelled")
    assert gone(group)
    assert list(private_tmp.iterdir()) == []


def test_out_of_time(fake_java, tmp_path: Path, private_tmp: Path, pids: Path) -> None:
    write(tmp_path, ENDLESS)
    options = RunOptions(time_limit=1)
    outcome = run_tlc(fake_java(WITH_CHILD), tmp_path, "X", "X.cfg", options=options)
    assert outcome.verdict is Verdict.UNKNOWN
    # On a very slow machine not even the shell got so far.
    assert not pids.exists() or gone(wait_for(pids)[0])
    assert list(private_tmp.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_an_exception_in_the_callers_code(
    error, fake_java, tmp_path: Path, private_tmp: Path, pids: Path
) -> None:
    write(tmp_path, COUNTER)

    def fail(_: object) -> None:
        raise error

    # TLC is done by the time of its only report, but its sister is not.
    with pytest.raises(error):
        run_tlc(fake_java(WITH_CHILD), tmp_path, "X", "X.cfg", on_progress=fail)
    assert gone(wait_for(pids)[0])
    assert list(private_tmp.iterdir()) == []


PROGRAM = """
import signal, sys
from dataclasses import replace
from pathlib import Path
from kvmtla.tlc import find_toolchain, run_tlc
# A shell without job control has its children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
toolchain = find_toolchain()
java = replace(toolchain.java, path=Path(sys.argv[1]))
try:
    run_tlc(replace(toolchain, java=java), Path(sys.argv[2]), "X", "X.cfg")
except KeyboardInterrupt:
    sys.exit(77)
"""


def test_interrupted_from_the_keyboard(
    fake_java, tmp_path: Path, private_tmp: Path, pids: Path
) -> None:
    write(tmp_path, ENDLESS)
    path = fake_java(WITH_CHILD).java.path
    line = [sys.executable, "-c", PROGRAM, str(path), str(tmp_path)]
    with subprocess.Popen(line) as program:
        group, _ = wait_for(pids)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 77
    assert gone(group)
    assert list(private_tmp.iterdir()) == []


def test_killed(fake_java, tmp_path: Path, private_tmp: Path, pids: Path) -> None:
    """TLC dies by the hand of somebody else, such as the kernel's when memory runs out."""
    write(tmp_path, ENDLESS)
    script = 'echo "$$ $$" > "$PIDS.new"\nmv "$PIDS.new" "$PIDS"\nexec "$JAVA" "$@"'
    with ThreadPoolExecutor() as pool:
        future = pool.submit(run_tlc, fake_java(script), tmp_path, "X", "X.cfg")
        os.kill(wait_for(pids)[0], signal.SIGKILL)
        outcome = future.result(60)
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, "TLC was killed by signal 9")
    assert list(private_tmp.iterdir()) == []


def said_of(recorded: Recorded, folder: Path) -> str:
    """What was recorded, as if the module had been in this folder."""
    (file,) = recorded.run.modules
    return recorded.text.replace(str(file.parent), str(folder))


def test_good_output_of_a_process_that_ends_badly(fake_java, tmp_path: Path, record) -> None:
    recorded = record(COUNTER.replace("x < 3 /\\ x' = x + 1", "x' = (x + 1) % 3"))
    assert recorded.judged().verdict is Verdict.HOLDS
    write(tmp_path, ENDLESS)
    (tmp_path / "output").write_text(said_of(recorded, tmp_path))

    def verdict(script: str) -> Verdict:
        return run_tlc(fake_java(script), tmp_path, "X", "X.cfg").verdict

    assert verdict("cat output") is Verdict.HOLDS
    for end in ("exit 1", "exit 12", "kill -9 $$", "kill -TERM $$", "echo Exception >&2"):
        assert verdict(f"cat output\n{end}") is Verdict.UNKNOWN, end
    assert verdict("head -n 20 output") is Verdict.UNKNOWN
    assert verdict("cat output; printf '\\377\\n'") is Verdict.UNKNOWN
    assert verdict("cat output output") is Verdict.UNKNOWN
    assert verdict("true") is Verdict.UNKNOWN


def test_a_process_that_does_not_end(
    fake_java, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record
) -> None:
    recorded = record(COUNTER.replace("x < 3 /\\ x' = x + 1", "x' = (x + 1) % 3"))
    write(tmp_path, ENDLESS)
    (tmp_path / "output").write_text(said_of(recorded, tmp_path))
    monkeypatch.setattr(kvmtla.tlc.process, "_GRACE", 0.5)
    toolchain = fake_java("cat output\nexec >/dev/null 2>&1\nexec sleep 1000")
    outcome = run_tlc(toolchain, tmp_path, "X", "X.cfg")
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == "TLC closed its output and went on running"


def test_folder_with_spaces_and_umlauts(
    toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    folder = tmp_path / "Übung mit «Leerzeichen»"
    folder.mkdir()
    write(folder, 'VARIABLE x\nInit == x = "grün"\nNext == x\' = x\nInv == x = "rot"', "")
    (folder / "X.cfg").write_text(CFG + "INVARIANT Inv\n")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    outcome = run_tlc(toolchain, folder, "X", "X.cfg")
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert outcome.trace[0].variables == {"x": TlcString("grün")}
    assert sorted(path.name for path in folder.iterdir()) == ["X.cfg", "X.tla"]


def test_read_only_folder(toolchain, tmp_path: Path) -> None:
    folder = tmp_path / "spec"
    folder.mkdir()
    write(folder, COUNTER, CFG + "INVARIANT Inv\n")
    folder.chmod(0o555)
    before = folder.stat().st_mtime_ns
    outcome = run_tlc(toolchain, folder, "X", "X.cfg")
    assert (outcome.verdict, outcome.kind) == (Verdict.VIOLATED, Kind.INVARIANT)
    # Root may write there all the same; nothing did.
    assert folder.stat().st_mtime_ns == before
    folder.chmod(0o755)


def test_two_runs_at_once_in_one_folder(toolchain, tmp_path: Path) -> None:
    write(tmp_path, COUNTER, CFG + "INVARIANT Inv\n")
    (tmp_path / "Y.cfg").write_text(CFG)
    options = RunOptions(check_deadlock=True)

    def run(cfg: str) -> TlcOutcome:
        return run_tlc(toolchain, tmp_path, "X", cfg, options=options)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, ["X.cfg", "Y.cfg"] * 2))
    assert [outcome.kind for outcome in outcomes] == [Kind.INVARIANT, Kind.DEADLOCK] * 2


def test_options_of_java_from_outside_do_not_count(
    toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.setenv(name, "-Dtlc2.TLC.stopAfter=0 -Xnonsense")
    write(tmp_path, COUNTER, CFG + "INVARIANT Inv\n")
    assert run_tlc(toolchain, tmp_path, "X", "X.cfg").kind is Kind.INVARIANT


@pytest.mark.parametrize("keyword", ["CONSTRAINT", "SYMMETRY", "VIEW"])
def test_liveness_with_a_reduction_is_refused(keyword: str, toolchain, tmp_path: Path) -> None:
    write(tmp_path, COUNTER, f"SPECIFICATION Spec\nPROPERTY Live\n{keyword} Inv\n")
    with pytest.raises(ToolError, match=f"KT809.*{keyword}"):
        run_tlc(toolchain, tmp_path, "X", "X.cfg")


@pytest.mark.parametrize(
    ("module", "cfg"), [("Y", "X.cfg"), ("X", "Y.cfg"), ("../X", "X.cfg"), ("X", "a/X.cfg")]
)
def test_files_that_are_not_there_are_refused(
    module: str, cfg: str, toolchain, tmp_path: Path
) -> None:
    write(tmp_path, COUNTER)
    with pytest.raises(ToolError, match="KT807"):
        run_tlc(toolchain, tmp_path, module, cfg)


def test_java_that_cannot_be_started(toolchain, tmp_path: Path, private_tmp: Path) -> None:
    write(tmp_path, COUNTER)
    broken = replace(toolchain, java=replace(toolchain.java, path=tmp_path / "nothing"))
    with pytest.raises(ToolError, match="cannot run"):
        run_tlc(broken, tmp_path, "X", "X.cfg")
    assert list(private_tmp.iterdir()) == []


def test_java_that_refuses_an_option(toolchain, tmp_path: Path) -> None:
    write(tmp_path, COUNTER)
    outcome = run_tlc(toolchain, tmp_path, "X", "X.cfg", options=RunOptions(heap_mb=10**9))
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason is not None
    assert "heap" in outcome.reason


def test_a_full_disk_is_called_that(
    toolchain, tmp_path: Path, private_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kvmtla.tlc.run, "_ROOM", 1 << 62)
    write(tmp_path, "VARIABLE x\nInit == x = 0\nNext == x' = x")
    # What has found room all the same is not complained of.
    assert run_tlc(toolchain, tmp_path, "X", "X.cfg").verdict is Verdict.HOLDS
    # As TLC says where it could not write the modules that it brings.
    write(tmp_path, "VARIABLE x\nInit == x = 0 /\\\nNext == x' = x")
    with pytest.raises(ToolError) as caught:
        run_tlc(toolchain, tmp_path, "X", "X.cfg")
    assert caught.value.message == f"no room is left on the disk of {private_tmp}"
    assert "TMPDIR" in str(caught.value.hint)
    assert list(private_tmp.iterdir()) == []
    no_room = OSError(errno.ENOSPC, "No space left on device")
    assert cannot_write_temporary(private_tmp / "made" / "X.tla", no_room).message == (
        f"no room is left on the disk of {private_tmp}"
    )
    # Of a file that the user has named, it is said which.
    assert "X.tla" in cannot_write(tmp_path / "X.tla", no_room).message
