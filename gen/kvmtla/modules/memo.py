"""The results of the last time for the same spec, so that what is known is not compiled again.

For each module and property, it has the hash of the files that TLC is given, and the hash of the
kept result that has replayed. They are looked up by the spec as a whole; where that has changed, by
what the module is made of, so that only what the change touches is compiled anew.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import kvmtla
from kvmtla.cache import cache_folder, recall, remember
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.lowered import word_format
from kvmtla.modules.module import Module
from kvmtla.sources import imported

_FORMAT = 3
# Results are kept for at most so many modules and properties, of this spec and former ones.
_MOST_PARTS = 5000


class Memo:
    """The hashes that belong to one spec, compiled in one way by the code that is running.

    `entry` is the file for the spec as it is, `parts` the file for all that modules have been made
    of; None where nothing is kept. Both are named by what they are about.
    """

    def __init__(self, entry: Path | None, parts: Path | None = None) -> None:
        self._entry = entry
        self._known: dict[str, list[str]] = _read(entry) if entry is not None else {}
        self._parts = parts
        self._made: dict[str, list[str]] | None = None
        self._noted: dict[str, list[str]] = {}

    @classmethod
    def of(cls, spec: Spec, root: Path, reductions: Reductions | None) -> Memo:
        """Return what is kept for `spec`; `root` and `reductions` are as for `points`."""
        digest = digest_of(spec, root, reductions or Reductions())
        way = _way(reductions or Reductions()).hex()
        folder = cache_folder() / "memos"
        entry = folder / f"{digest}.json" if digest is not None else None
        return cls(entry, folder / f"parts-{way}.json")

    def files(self, module: Module, prop: str) -> str | None:
        """Return the hash of what TLC is given for a property of a module; None if unknown."""
        found = self._found(module, prop)
        return found[0] if found is not None else None

    def result(self, module: Module, prop: str) -> str | None:
        """Return the hash of the result that has replayed for it; None if unknown."""
        found = self._found(module, prop)
        return found[1] if found is not None else None

    def _found(self, module: Module, prop: str) -> list[str] | None:
        found = self._known.get(f"{module.key} {prop}")
        if found is None and self._parts is not None:
            if self._made is None:
                self._made = _read(self._parts)
            if self._made and (found := self._made.get(f"{module.fingerprint} {prop}")):
                self.note(module, prop, *found)
        return found

    def note(self, module: Module, prop: str, files: str, result: str) -> None:
        """Note both hashes."""
        if self._known.get(f"{module.key} {prop}") != [files, result]:
            self._known[f"{module.key} {prop}"] = [files, result]
            self._noted[f"{module.fingerprint} {prop}"] = [files, result]

    def beside(self, name: str) -> Path | None:
        """Return the file of this name for more about the same spec; None where none is kept."""
        return self._entry.with_suffix(f".{name}.json") if self._entry is not None else None

    def by_content(self, name: str) -> Path | None:
        """Return the file of this name for more about what modules are made of, in any spec.

        None where nothing is kept.
        """
        return self._parts.with_suffix(f".{name}.json") if self._parts is not None else None

    def save(self) -> None:
        """Keep what has been noted; do nothing where that cannot be written."""
        if self._noted and self._entry is not None:
            remember(self._entry, self._entry.name, json.dumps(self._known, sort_keys=True))
        if self._noted and self._parts is not None:
            made = [*{**_read(self._parts), **self._noted}.items()]
            remember(self._parts, self._parts.name, json.dumps(dict(made[-_MOST_PARTS:])))
        self._noted = {}


def _read(entry: Path) -> dict[str, list[str]]:
    kept = recall(entry, entry.name)
    try:
        known = json.loads(kept.text if kept is not None else "{}")
        pairs = {str(k): [str(files), str(result)] for k, (files, result) in known.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return pairs


def digest_of(spec: Spec, root: Path, reductions: Reductions) -> str | None:
    """Return the hash of all that modules are made of; None where the spec cannot be pickled.

    It covers what has been read, what the spec says of it only when asked, and, lest anything be
    forgotten, every file that was imported for it.
    """
    values = [
        (n, [(m.name, m.value) for m in d.kind], d.doc, d.default and d.default.name)
        for n, d in sorted(spec.constants.items())
    ]
    known = (values, spec.reader.program, spec.scenarios, spec.claims)
    try:
        read = pickle.dumps((known, _word_formats(spec), sorted(imported().items())))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    way = _way(reductions) + str(root).encode()
    return hashlib.sha256(way + read).hexdigest()


def _word_formats(spec: Spec) -> list[tuple[list[str], str | None]]:
    """Return the word format for each setting of a claim, or what is wrong with it."""
    settings = {
        tuple(p.constants[n].name for n in spec.constants): p.constants
        for c in spec.claims
        for p in c.points
    }
    found = []
    for names, constants in settings.items():
        try:
            form = word_format(spec, constants)
        except SpecError as error:
            form = error.render()
        found.append(([*names], form))
    return found


def _way(reductions: Reductions) -> bytes:
    """Return the hash of how a spec is compiled: by which code, and with which reductions.

    The folder that the spec is in shows in comments only, which TLC is not asked about.
    """
    parts = (_FORMAT, sys.version, astuple(reductions))
    digest = hashlib.sha256(repr(parts).encode())
    for file in code():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.digest()


def code() -> Sequence[Path]:
    """Return the files that this package is made of."""
    folder = Path(kvmtla.__file__).parent
    return sorted(f for f in folder.rglob("*") if f.suffix in (".py", ".jinja", ".lark"))
