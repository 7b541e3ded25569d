"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from kvmtla.errors import ToolError


def write_file(path: Path, text: str) -> None:
    """Make `text` the content of `path`, which is never seen half written.

    A link stays a link, and what is not a file (a terminal, a pipe) is written to directly. Raises
    ToolError where that is not possible; then the file is as it was before.
    """
    with _explained(path):
        if _is_special(path):
            path.write_text(text, encoding="utf-8")
            return
        target = path.resolve()
        new = _beside(target)
        try:
            with new.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            if target.exists():
                new.chmod(stat.S_IMODE(target.stat().st_mode))
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise ToolError where `write_file` could not write `path`; leave nothing behind."""
    with _explained(path):
        if _is_special(path):
            path.open("ab").close()
            return
        target = path.resolve()
        if target.exists():
            target.open("ab").close()
        new = _beside(target)
        try:
            new.touch(exist_ok=False)
        finally:
            new.unlink(missing_ok=True)


def _is_special(path: Path) -> bool:
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    return path.exists() and not path.is_file()


def _beside(path: Path) -> Path:
    """Return an unused name in the same folder, since a rename works only within one."""
    return path.with_name(f".kvmtla-{secrets.token_hex(6)}")


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> ToolError:
    """Return the error that tells the user that `path` cannot be written."""
    reason = error.strerror or str(error)
    hint = None
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        hint = f"there is no folder {path.parent}"
    return ToolError("KT806", f"cannot write {path}: {reason}", hint=hint)


def cannot_write_temporary(path: Path, error: OSError) -> ToolError:
    """Return the error where a temporary `path`, unknown to the user, cannot be written."""
    full = error.errno == errno.ENOSPC
    return no_room(path.parent.parent) if full else cannot_write(path, error)


def no_room(folder: Path) -> ToolError:
    """Return the error that tells the user that a disk is full."""
    return ToolError(
        "KT806",
        f"no room is left on the disk of {folder}",
        hint="make some; what is temporary goes to another folder with TMPDIR=...",
    )
