"""Runs TLC as a process that leaves nothing behind, and has its output judged."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from kvmtla.cache import throw_away
from kvmtla.errors import ToolError
from kvmtla.files import no_room
from kvmtla.tlc.archive import find_archive, prepare_archive
from kvmtla.tlc.cfg import has_temporal_property, unsound_reduction
from kvmtla.tlc.command import RunOptions, command, file_of
from kvmtla.tlc.outcome import Progress, TlcOutcome
from kvmtla.tlc.process import ended, listen, running
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.residents import Residents
from kvmtla.tlc.toolchain import Toolchain
from kvmtla.tlc.verdict import FinishedRun, judge
from kvmtla.verdict import Verdict

# The end of standard error that is kept, in characters.
_STDERR_KEPT = 20_000
# The signals that end a Java that crashes, of itself or over a file that it has mapped.
_CRASHES = frozenset(
    getattr(signal, name)
    for name in ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP")
    if hasattr(signal, name)
)
# With less room than this, in bytes, what TLC has to write does not fit.
_ROOM = 1 << 20


def run_tlc(
    toolchain: Toolchain,
    folder: Path,
    module: str,
    cfg: str,
    *,
    beside: Collection[str] = (),
    options: RunOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    residents: Residents | None = None,
) -> TlcOutcome:
    """Check `module` with the configuration file `cfg`, both in `folder`, and judge the result.

    `beside` are the files of other modules there, of which it is made. `folder` is only read.
    `on_progress` is called in this thread: some seconds after the start, then once a minute, and at
    the end. Setting `cancel` ends the run within a moment. Whatever ends it (also an exception in
    `on_progress` or KeyboardInterrupt, which go on to the caller), the process and all its children
    are dead and its files removed afterwards; only a signal that ends Python itself at once leaves
    them. May be called from several threads at once. With `residents`, one of them does the run
    where they take it, and the outcome says so.

    Raises ToolError where there is nothing to run: no such file, a file in another folder, a
    temporal property together with a reduction that makes its answer worthless, or no process; and
    where there is no room for what TLC writes.
    """
    options = options or RunOptions()
    options = _guarded(options, _inputs(folder, module, cfg))
    if residents is not None:
        outcome = residents.run(folder, module, cfg, options, on_progress, cancel, beside)
        if outcome is not None:
            return outcome
    modules = frozenset(folder / file_of(m) for m in (module, *beside))
    archive = find_archive(toolchain)
    ran = partial(_ran, toolchain, folder, module, cfg, options, modules, on_progress, cancel)
    run = ran(archive)
    if archive is not None and _died(run):
        run = ran(None)
        if not _died(run):
            # It died of what it took from the archive.
            throw_away(archive)
            prepare_archive(toolchain)
    return judge(run)


def _ran(
    toolchain: Toolchain,
    folder: Path,
    module: str,
    cfg: str,
    options: RunOptions,
    modules: frozenset[Path],
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
    archive: Path | None,
) -> FinishedRun:
    """Run TLC once; raise ToolError where the disk is full afterwards and the verdict UNKNOWN."""
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as private:
        line = command(toolchain, module, cfg, Path(private), options, archive=archive)
        stderr_path = Path(private) / "stderr"
        started = time.monotonic()
        protocol = Protocol()
        with stderr_path.open("wb") as stderr, running(line, folder, stderr) as run:
            heard = listen(run.lines, protocol, options.time_limit, on_progress, cancel)
            stopped = heard.stopped or ended(run.process)
        protocol.close()
        finished = FinishedRun(
            output=protocol,
            exit_code=run.process.returncode,
            stopped=stopped,
            stderr=stderr_path.read_text("utf-8", "replace")[-_STDERR_KEPT:],
            seconds=time.monotonic() - started,
            temporal=options.temporal,
            of_steps=options.of_steps,
            coverage=options.coverage,
            collision_limit=options.collision_limit,
            modules=modules,
        )
        # A run that gave a verdict has found room all the same.
        full = stopped is None and not _has_room(private)
        if full and judge(finished).verdict is Verdict.UNKNOWN:
            raise no_room(Path(private).parent)
    return finished


def _has_room(folder: str) -> bool:
    try:
        return shutil.disk_usage(folder).free >= _ROOM
    except OSError:
        return True


def _died(run: FinishedRun) -> bool:
    """Did Java end before TLC said a word, or crash?"""
    crashed = -run.exit_code in _CRASHES
    return run.stopped is None and (crashed or not run.output.messages)


def _inputs(folder: Path, module: str, cfg: str) -> str:
    """Return the text of the cfg, after checking that both files are where TLC looks for them."""
    for name in (file_of(module), cfg):
        if Path(name).name != name:
            raise ToolError("KT807", f"{name!r} is not the plain name of a file in {folder}")
        if not (folder / name).is_file():
            raise ToolError("KT807", f"there is no file {folder / name}")
    try:
        return (folder / cfg).read_text("utf-8", "replace")
    except OSError as error:
        raise ToolError("KT807", f"cannot read {folder / cfg}: {error.strerror}") from error


def _guarded(options: RunOptions, cfg: str) -> RunOptions:
    if options.of_steps:
        return options
    if keyword := unsound_reduction(cfg):
        raise ToolError(
            "KT809",
            f"the configuration has both a temporal property and {keyword}",
            hint=f"check the property without {keyword}: TLC's answer would mean nothing",
        )
    return replace(options, temporal=options.temporal or has_temporal_property(cfg))
