"""The folder in which a user keeps what is costly to find or make again."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def cache_folder() -> Path:
    """The folder: `$KVMTLA_CACHE`, or else the platform's place for it. It need not exist."""
    chosen = os.environ.get("KVMTLA_CACHE")
    # Java runs in another working directory.
    return Path(chosen).absolute() if chosen else _usual_folder()


def _usual_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - takes longer than a small question

    return platformdirs.user_cache_path("kvmtla", appauthor=False).absolute()


@contextlib.contextmanager
def new_entry(entry: Path) -> Iterator[Path]:
    """A private empty folder next to `entry`, in which to make what is to become `entry`.

    The maker moves it there with one rename, so that nobody ever sees half of it; whatever is left
    in the folder is removed. Raises OSError where the cache cannot be written.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def recall(entry: Path) -> str | None:
    """The text remembered under `entry`, or None."""
    try:
        return entry.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def remember(entry: Path, text: str) -> None:
    """Remembers `text` under `entry`; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError), new_entry(entry) as work:
        (work / "text").write_text(text, encoding="utf-8")
        (work / "text").replace(entry)
