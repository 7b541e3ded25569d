"""`--watch`: runs a command again whenever a file of the spec is saved."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing
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
    """Run the command line now, and anew each time a Python file of `spec` changes; never return.

    Such a file is one of its package, or one beside it that it imports. Each run is a process of
    its own, since what Python has imported stays as it was. Raises ToolError where there is no such
    spec; KeyboardInterrupt ends it.
    """
    file = spec_file(spec)
    what = file.parent if file.stem == "__init__" else file
    changed: list[str] = []
    while True:
        folders = folders_of(file)
        with closing(_changes(folders)) as changes:
            # The watch begins with the first look, so that nothing saved during a run is missed.
            next(changes)
            _run(arguments, what, changed)
            changed = next(
                sorted(p.name for p in found if p.suffix == ".py")
                for found in changes
                if any(p.suffix == ".py" for p in found) or (found and folders_of(file) != folders)
            )


def _changes(folders: Collection[Path]) -> Generator[set[Path], None, None]:
    """Yield the Python files, and the folders, that have just changed; none at first."""
    python = PythonFilter()
    for found in watch(
        *folders,
        watch_filter=lambda change, name: python(change, name) or Path(name).is_dir(),
        debounce=_QUIET,
        step=_LOOK,
        rust_timeout=_NO_CHANGE,
        yield_on_timeout=True,
        recursive=False,
    ):
        yield {Path(name) for _, name in found}


def folders_of(file: Path) -> frozenset[Path]:
    """Return the folders of the files of the spec that begins with `file`, and of what it imports.

    A module that is not there yet would be in one of them, too.
    """
    is_package = file.stem == "__init__"
    root = file.parent.parent if is_package else file.parent
    found = {file.parent}
    if is_package:
        found |= {f.parent for f in file.parent.rglob("*.py")}
    todo, seen = [*file.parent.rglob("*.py")] if is_package else [file], set[Path]()
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            found.add(one.parent)
            todo += _imported(one, root)
    return frozenset(found)


def _imported(file: Path, root: Path) -> Iterator[Path]:
    """Yield the files below `root` that a file may import; none for one that is not Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        names: list[str] = []
        start = root
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                start = file.parents[node.level - 1]
            module = node.module or ""
            names = [module, *(f"{module}.{a.name}".strip(".") for a in node.names)]
        for name in filter(None, names):
            parts = name.split(".")
            for i in range(len(parts)):
                at = start.joinpath(*parts[: i + 1])
                yield from (f for f in (at.with_suffix(".py"), at / "__init__.py") if f.is_file())


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
