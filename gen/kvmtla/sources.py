"""Imports of a spec, compiled each time from the text that is on disk.

Python trusts bytecode if its source has the same size and time as when it was compiled. A copy, an
archive or two saves within a second can have both and still say something else. So bytecode is
neither read nor written here.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import io
import linecache
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from kvmtla.front.source import forget

_OWN_FOLDER = Path(__file__).parent
# Name of a module -> its file, and the hash of what was compiled.
_known: dict[str, tuple[str, str]] = {}


class _FromSource(SourceFileLoader):
    """Compiles a module from its text, and keeps that for whoever looks for the source."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the module."""
        data = self.get_data(self.path)
        code: CodeType = self.source_to_code(data, self.path)
        lines = io.StringIO(importlib.util.decode_source(data)).readlines()
        # Without a time, so that nobody looks whether the file has changed since.
        linecache.cache[self.path] = (len(data), None, lines, self.path)
        _known[fullname] = (self.path, hashlib.sha256(data).hexdigest())
        return code


class _Finder(MetaPathFinder):
    """Finds what Python finds, and has it compiled from its text where it belongs to a spec.

    That is whatever is in the spec's package `name`, and all else that is not installed.
    """

    def __init__(self, name: str) -> None:
        self._top = name.partition(".")[0]

    def is_own(self, fullname: str) -> bool:
        """Is it the spec's package, or in it? Python's own modules never are."""
        top = fullname.partition(".")[0]
        return top == self._top and top not in sys.stdlib_module_names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module as it is to be loaded; None where Python is to go on as usual."""
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or type(found.loader) is not SourceFileLoader or found.origin is None:
            return None
        if not self.is_own(fullname) and _is_installed(Path(found.origin)):
            return None
        found.loader = _FromSource(fullname, found.origin)
        found.cached = None
        return found


@contextmanager
def from_source(name: str) -> Iterator[None]:
    """Let the import of the spec `name` take what is on disk.

    Where anything that was imported in this way differs from what would be imported now, all of it
    is imported anew; so is whatever was imported from the spec's package in the usual way.
    """
    finder = _Finder(name)
    if any(_is_stale(n) for n in _known):
        for known in _known:
            sys.modules.pop(known, None)
        _known.clear()
        forget()
    for other in [n for n in sys.modules if n not in _known and finder.is_own(n)]:
        del sys.modules[other]
    importlib.invalidate_caches()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def imported() -> Mapping[str, str]:
    """Return file -> hash of its content, for all that was imported for specs."""
    return dict(_known.values())


def _is_stale(name: str) -> bool:
    """Would something else be imported under this name now?"""
    file, digest = _known[name]
    if name not in sys.modules:
        return True
    try:
        data = Path(file).read_bytes()
        # A module in a package is where the package is.
        found = PathFinder.find_spec(name) if "." not in name else None
    except (OSError, ImportError, ValueError):
        return True
    moved = "." not in name and (found is None or found.origin != file)
    return moved or hashlib.sha256(data).hexdigest() != digest


def _is_installed(file: Path) -> bool:
    """Does it belong to Python, to a package that was installed, or to this program?"""
    folders = [*sysconfig.get_paths().values(), *site.getsitepackages()]
    others = (Path(f) for f in (*folders, site.getusersitepackages()))
    return any(file.is_relative_to(f) for f in (*others, _OWN_FOLDER))
