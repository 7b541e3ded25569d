"""Runs TLC as a process that leaves nothing behind, and has its output judged."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kvmtla.errors import ToolError
from kvmtla.tlc.archive import find_archive
from kvmtla.tlc.cfg import has_temporal_property, unsound_reduction
from kvmtla.tlc.command import RunOptions, command
from kvmtla.tlc.outcome import Progress, TlcOutcome
from kvmtla.tlc.process import ended, listen, running
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.residents import Residents
from kvmtla.tlc.toolchain import Toolchain
from kvmtla.tlc.verdict import FinishedRun, judge

# Of standard error the end is kept, in characters.
_STDERR_KEPT = 20_000


def run_tlc(
    toolchain: Toolchain,
    folder: Path,
    module: str,
    cfg: str,
    *,
    options: RunOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    residents: Residents | None = None,
) -> TlcOutcome:
    """Checks `module` with the configuration file `cfg`, both in `folder`, and judges the result.

    `folder` is only read. `on_progress` is called in this thread: some seconds after the start,
    then once a minute, and at the end. Setting `cancel` ends the run within a moment. Whatever ends
    it (also an exception in `on_progress` or KeyboardInterrupt, which go on to the caller), the
    process and all its children are dead and its files removed afterwards; only a signal that ends
    Python itself at once leaves them. May be called from several threads at once. With `residents`,
    the run is one of theirs where they take it, and the outcome says so.

    Raises ToolError where there is nothing to run: no such file, a file in another folder, a
    temporal property together with a reduction that makes its answer worthless, or no process.
    """
    options = options or RunOptions()
    options = _guarded(options, _inputs(folder, module, cfg))
    if residents is not None:
        outcome = residents.run(folder, module, cfg, options, on_progress, cancel)
        if outcome is not None:
            return outcome
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as private:
        line = command(
            toolchain, module, cfg, Path(private), options, archive=find_archive(toolchain)
        )
        stderr_path = Path(private) / "stderr"
        started = time.monotonic()
        protocol = Protocol()
        with stderr_path.open("wb") as stderr, running(line, folder, stderr) as run:
            heard = listen(run.lines, protocol, options.time_limit, on_progress, cancel)
            stopped = heard.stopped or ended(run.process)
        protocol.close()
        return judge(
            FinishedRun(
                output=protocol,
                exit_code=run.process.returncode,
                stopped=stopped,
                stderr=stderr_path.read_text("utf-8", "replace")[-_STDERR_KEPT:],
                seconds=time.monotonic() - started,
                temporal=options.temporal,
                of_steps=options.of_steps,
                coverage=options.coverage,
                collision_limit=options.collision_limit,
            )
        )


def _inputs(folder: Path, module: str, cfg: str) -> str:
    """The text of the cfg, after a look that both files are where TLC will look for them."""
    source = module if module.endswith(".tla") else f"{module}.tla"
    for name in (source, cfg):
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
