"""What came of the same spec the last time, so that what is known need not be compiled again.

For each module and property: the hash of the files that TLC is given, and the hash of its result
that was kept, and that replayed.
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
from kvmtla.front.scenario import Spec
from kvmtla.lower.symbolic import Reductions
from kvmtla.tlc.cache import cache_folder, recall, remember

_FORMAT = 1


class Memo:
    """The hashes that belong to one spec, compiled in one way by the code that is running."""

    def __init__(self, entry: Path | None) -> None:
        self._entry = entry
        self._known: dict[str, list[str]] = _read(entry) if entry is not None else {}
        self._changed = False

    @classmethod
    def of(cls, spec: Spec, root: Path, reductions: Reductions | None) -> Memo:
        """What is kept for `spec`; `root` and `reductions` as for `points`."""
        digest = digest_of(spec, root, reductions or Reductions())
        folder = cache_folder() / "memos"
        return cls(folder / f"{digest}.json" if digest is not None else None)

    def files(self, module: str, prop: str) -> str | None:
        """The hash of what TLC is given for a property of a module, if it is known."""
        found = self._known.get(f"{module} {prop}")
        return found[0] if found is not None else None

    def result(self, module: str, prop: str) -> str | None:
        """The hash of the result that came of it and has replayed, if it is known."""
        found = self._known.get(f"{module} {prop}")
        return found[1] if found is not None else None

    def note(self, module: str, prop: str, files: str, result: str) -> None:
        """Notes both hashes."""
        if self._known.get(f"{module} {prop}") != [files, result]:
            self._known[f"{module} {prop}"] = [files, result]
            self._changed = True

    def save(self) -> None:
        """Keeps what has been noted; does nothing where that cannot be written."""
        if self._changed and self._entry is not None:
            remember(self._entry, json.dumps(self._known, sort_keys=True))
            self._changed = False


def _read(entry: Path) -> dict[str, list[str]]:
    try:
        known = json.loads(recall(entry) or "{}")
        pairs = {str(k): [str(files), str(result)] for k, (files, result) in known.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
    return pairs


def digest_of(spec: Spec, root: Path, reductions: Reductions) -> str | None:
    """The hash of all that modules are made of; None where the spec cannot be written down."""
    values = [
        (n, [(m.name, m.value) for m in d.kind], d.doc) for n, d in sorted(spec.constants.items())
    ]
    parts = (_FORMAT, str(root), sys.version, astuple(reductions), values)
    try:
        read = pickle.dumps((parts, spec.reader.program, spec.scenarios, spec.claims))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    digest = hashlib.sha256(read)
    for file in code():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def code() -> Sequence[Path]:
    """The files that this package is made of."""
    folder = Path(kvmtla.__file__).parent
    return sorted(f for f in folder.rglob("*") if f.suffix in (".py", ".jinja", ".lark"))
