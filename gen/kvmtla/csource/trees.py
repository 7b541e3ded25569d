"""A tree of C: a folder, a tarball, or a tag in a git repository."""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvmtla.errors import ToolError

_MAKEFILE = "Makefile"
_PATIENCE = 60


@dataclass(frozen=True)
class SourceTree:
    """The files of a tree that were asked for and are there, and its version if it says so."""

    name: str
    texts: Mapping[str, str]
    version: tuple[int, int] | None


def open_tree(where: str, files: Sequence[str]) -> SourceTree:
    """Return the files of a tree.

    `where` is a folder, a tarball, or `git:DIR@TAG`. Raises ToolError where it cannot be read, or
    has none of the files.
    """
    wanted = [*files, _MAKEFILE]
    if where.startswith("git:"):
        texts = _from_git(where, wanted)
    elif Path(where).is_dir():
        texts = _from_folder(Path(where), wanted)
    elif Path(where).is_file():
        texts = _from_tarball(Path(where), wanted)
    else:
        raise ToolError(
            "KT814",
            f"there is no tree {where!r}",
            hint="a folder, a tarball, or git:DIR@TAG",
        )
    if not any(f in texts for f in files):
        raise ToolError(
            "KT814",
            f"{where} has none of the files that are modelled",
            hint=f"it should have {files[0]}",
        )
    return SourceTree(where, texts, _version(texts.get(_MAKEFILE, "")))


def _version(makefile: str) -> tuple[int, int] | None:
    major = re.search(r"^VERSION = (\d+)", makefile, re.MULTILINE)
    minor = re.search(r"^PATCHLEVEL = (\d+)", makefile, re.MULTILINE)
    return (int(major[1]), int(minor[1])) if major and minor else None


def _from_folder(folder: Path, files: Sequence[str]) -> dict[str, str]:
    found = {}
    for f in files:
        path = folder / f
        if path.is_file():
            found[f] = path.read_text(encoding="utf-8", errors="replace")
    return found


def _from_tarball(path: Path, files: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = set(files)
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                inside = member.name.removeprefix("./").partition("/")[2]
                name = next((n for n in (inside, member.name) if n in wanted), None)
                if name is None or not member.isfile() or name in found:
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    found[name] = content.read().decode(errors="replace")
                if len(found) == len(wanted):
                    break
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ToolError("KT814", f"{path} is no tarball that can be read: {error}") from None
    return found


def _from_git(where: str, files: Sequence[str]) -> dict[str, str]:
    folder, _, tag = where.removeprefix("git:").rpartition("@")
    if not folder or not tag or tag.startswith("-"):
        raise ToolError("KT814", f"{where!r} does not say which tag", hint="git:DIR@TAG")
    _git(folder, where, "rev-parse", "--verify", "--quiet", f"{tag}^{{commit}}")
    there = _git(folder, where, "ls-tree", "-r", "--name-only", tag, "--", *files).splitlines()
    return {f: _git(folder, where, "show", f"{tag}:{f}") for f in there}


def _git(folder: str, where: str, *command: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", folder, *command],
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError("KT814", f"git cannot be asked about {where}: {error}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = f": {said[-1]}" if said else ""
        raise ToolError("KT814", f"git does not know {where}{reason}", hint="git:DIR@TAG")
    return done.stdout.decode(errors="replace")
