"""`--watch`: runs a command again whenever a file of the spec is saved."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from watchfiles import PythonFilter, watch

from kvmtla.load import spec_file

# How long a file has to be left alone before the command runs, in milliseconds: an editor saves in
# several strokes.
_QUIET = 50
_LOOK = 20
_NO_CHANGE = 100


def run_and_watch(arguments: Sequence[str], spec: str) -> int:
    """Runs the command line now, and anew each time a Python file of `spec` changes; never ends.

    Each run is a process of its own, since what Python has imported stays as it was. Raises
    ToolError where there is no such spec; KeyboardInterrupt ends it.
    """
    file = spec_file(spec)
    folder = file.parent if file.stem == "__init__" else file
    changes = watch(
        folder,
        watch_filter=PythonFilter(),
        debounce=_QUIET,
        step=_LOOK,
        rust_timeout=_NO_CHANGE,
        yield_on_timeout=True,
    )
    # The watch begins with the first look, so that nothing saved during a run is missed.
    next(changes)
    _run(arguments, folder, ())
    for changed in changes:
        if changed:
            _run(arguments, folder, sorted({Path(name).name for _, name in changed}))
    return 0


def _run(arguments: Sequence[str], folder: Path, changed: Sequence[str]) -> None:
    if sys.stdout.isatty():
        click.clear()
    if changed:
        click.echo(click.style(f"{', '.join(changed)} changed", dim=True), err=True)
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "kvmtla", *arguments], check=False)
    took = f"{time.monotonic() - started:.1f} s, exit status {done.returncode}"
    said = f"{took}; waiting for a change in {folder.name}, Ctrl-C ends"
    click.echo(click.style(said, dim=True), err=True)
