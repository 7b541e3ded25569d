"""One run of TLC for all that it is asked at once."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from kvmtla.check.joint import Run
from kvmtla.files import cannot_write_temporary
from kvmtla.tlc import Progress, Residents, RunOptions, TlcOutcome, Toolchain, run_tlc


def answer(
    run: Run,
    toolchain: Toolchain,
    options: RunOptions,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    residents: Residents | None = None,
) -> TlcOutcome:
    """Return the outcome of `run`; `options` apply to all runs, the rest is as for `run_tlc`.

    Raises ToolError where TLC cannot be run, or there is no room for the files that it reads.
    """
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, text in run.files().items():
            try:
                (folder / file).write_text(text, encoding="utf-8")
            except OSError as error:
                raise cannot_write_temporary(folder / file, error) from error
        return run_tlc(
            toolchain,
            folder,
            run.module,
            run.cfg,
            options=run.options(options),
            on_progress=on_progress,
            cancel=cancel,
            residents=residents,
        )
