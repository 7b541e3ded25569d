"""The folder in which a user keeps what is costly to find or make again.

What is remembered there is sealed together with its question, and files that others load are named
by their content. So what was cut, altered, or put in the place of something else is as good as
nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


def cache_folder() -> Path:
    """Return `$KVMTLA_CACHE`, or else the platform's cache folder. It need not exist."""
    chosen = os.environ.get("KVMTLA_CACHE")
    # Java runs in another working directory.
    return Path(chosen).absolute() if chosen else _usual_folder()


def _usual_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - takes longer than a small question

    return platformdirs.user_cache_path("kvmtla", appauthor=False).absolute()


@contextlib.contextmanager
def new_entry(entry: Path) -> Iterator[Path]:
    """Yield a private empty folder next to `entry`, in which to make what becomes `entry`.

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
    """Return what is remembered under `entry`, if it is whole and answers this very question.

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
    """Remember `text` under `entry` as the answer to a one-line question; return its seal.

    A cache that cannot be written is no error.
    """
    assert "\n" not in question
    seal = _seal(question, text)
    with contextlib.suppress(OSError), new_entry(entry) as work:
        (work / "text").write_bytes(f"{seal}\n{question}\n{text}".encode())
        (work / "text").replace(entry)
    return seal


def throw_away(entry: Path) -> None:
    """Remove what is under `entry`, as far as that is possible."""
    with contextlib.suppress(OSError):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def keep_file(made: Path, folder: Path, name: str) -> Path:
    """Move a file into `folder`, named by `name` and the hash of its content; return its new path.

    The hash comes before the suffix of `name`, which is that of the file. Raises OSError.
    """
    kept = folder / _with_digest(name, _digest(made))
    made.replace(kept)
    return kept


def kept_files(folder: Path, name: str) -> list[Path]:
    """Return the files that were kept there as `name`, whatever has become of them."""
    return sorted(folder.glob(_with_digest(name, "*")))


def whole_file(folder: Path, name: str) -> Path | None:
    """Return a file that was kept there as `name` and still has the hash in its name."""
    for path in kept_files(folder, name):
        with contextlib.suppress(OSError):
            status = path.stat()
            if path.name == _with_digest(
                name, _known_digest(path, status.st_mtime_ns, status.st_size)
            ):
                return path
    return None


def _with_digest(name: str, digest: str) -> str:
    file = Path(name)
    return f"{file.stem}-{digest}{file.suffix}"


@lru_cache(maxsize=64)
def _known_digest(path: Path, _mtime: int, _size: int) -> str:
    """Return the digest of a file, which is read again where it has changed."""
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _seal(question: str, text: str) -> str:
    return hashlib.sha256(f"{question}\n{text}".encode()).hexdigest()
