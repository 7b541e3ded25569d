"""The folder in which a user keeps what is costly to find or make again.

What is remembered there is sealed together with its question. So what was cut, altered, or put in
the place of something else is as good as nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that was remembered, and the seal that ties it to its question."""

    text: str
    seal: str


def recall(entry: Path, question: str) -> Kept | None:
    """What is remembered under `entry`, if it is whole, and the answer to this very question.

    Anything else that is found there is thrown away, so that it is made anew.
    """
    try:
        content = entry.read_bytes().decode("utf-8")
    except (UnicodeDecodeError, IsADirectoryError):
        content = ""
    except OSError:
        return None
    seal, _, sealed = content.partition("\n")
    asked, _, text = sealed.partition("\n")
    if asked == question and seal == _seal(question, text):
        return Kept(text, seal)
    throw_away(entry)
    return None


def remember(entry: Path, question: str, text: str) -> str:
    """Remembers `text` under `entry` as the answer to a question of one line; gives its seal.

    A cache that cannot be written is no error.
    """
    assert "\n" not in question
    seal = _seal(question, text)
    with contextlib.suppress(OSError), new_entry(entry) as work:
        (work / "text").write_bytes(f"{seal}\n{question}\n{text}".encode())
        (work / "text").replace(entry)
    return seal


def throw_away(entry: Path) -> None:
    """Removes what is under `entry`, as far as that can be done."""
    with contextlib.suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def _seal(question: str, text: str) -> str:
    return hashlib.sha256(f"{question}\n{text}".encode()).hexdigest()
