"""The manifest of all modules: one line for each, so that a difference shows which have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from kvmtla.cache import recall, remember
from kvmtla.engine import Limits, explore
from kvmtla.insight.kept_counts import Counting
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError
from kvmtla.verdict import Verdict

_KEPT = "manifest"
# So many digits of a hash tell apart what has changed from what has not.
_DIGITS = 12
# A module with more states is not counted: its line has no numbers.
_MOST_STATES = 3_000_000
_HEAD = """\
# Written by `kvmtla gen`: the modules of all claims, in the order of the claims. Those that are not
# in this folder are written by `kvmtla gen --all`. The hash is that of what TLC is given, without
# comments; the second engine counts the states, and how deep they are.
#
# hash           states  depth  module: property expected (claims)
"""


@dataclass(frozen=True)
class Entry:
    """What the manifest says of a module besides its name and what is expected.

    `states` and `depth` are None where there are too many states to count.
    """

    hash: str
    states: int | None
    depth: int | None


class Entries:
    """The entries of modules, of which those are kept that have been made before.

    An entry is found by what its module is made of, and by the code that makes it. `memo` and
    `counting` know what has been found out beside verdicts.
    """

    def __init__(self, points: Sequence[Point], memo: Memo, counting: Counting) -> None:
        self._memo = memo
        self._counting = counting
        self._kept = memo.by_content(_KEPT)
        self._known: dict[str, Entry] = {}
        self._used: dict[str, Entry] = {}
        self._asked: dict[Module, list[str]] = {}
        for p in points:
            asked = self._asked.setdefault(p.module, [])
            if p.prop not in asked:
                asked.append(p.prop)
        if self._kept is not None and (found := recall(self._kept, self._kept.name)) is not None:
            self._known = {k: Entry(*entry) for k, entry in json.loads(found.text).items()}

    def of(self, module: Module) -> Entry:
        """Return the entry of a module; raise SpecError where it cannot be lowered."""
        key = module.fingerprint
        entry = self._known.get(key) or Entry(self._hash(module), *self._size(module))
        self._used[key] = entry
        return entry

    def save(self) -> None:
        """Keep the entries that were asked for; do nothing where that cannot be written."""
        if self._kept is not None and self._used != self._known:
            entries = {k: (e.hash, e.states, e.depth) for k, e in self._used.items()}
            remember(self._kept, self._kept.name, json.dumps(entries))
            self._known = dict(self._used)

    def _hash(self, module: Module) -> str:
        asked = self._asked[module]
        digests = [self._memo.files(module, prop) or module.digest(prop) for prop in asked]
        return hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:_DIGITS]

    def _size(self, module: Module) -> tuple[int | None, int | None]:
        counts = self._counting.whole(module)
        if counts is not None:
            return counts.states, counts.depth
        try:
            found = explore(module.model, (), limit=Limits(states=_MOST_STATES))
        except TooLongError:
            return None, None
        return (found.distinct, found.depth) if found.verdict is Verdict.HOLDS else (None, None)


def manifest(points: Sequence[Point], entries: Entries) -> str:
    """Return the text of the manifest; raise SpecError where a module cannot be lowered."""
    lines = []
    for module in dict.fromkeys(p.module for p in points):
        entry = entries.of(module)
        states, depth = ("-" if n is None else f"{n:,}" for n in (entry.states, entry.depth))
        said = _expected([p for p in points if p.module is module])
        lines.append(f"{entry.hash}  {states:>9}  {depth:>5}  {module.name}: {said}\n")
    return _HEAD + "".join(lines)


def _expected(points: Sequence[Point]) -> str:
    """Return what is expected of each property of a module, and the numbers of the claims."""
    numbers: dict[str, dict[str, None]] = {}
    for p in points:
        numbers.setdefault(f"{p.prop} {p.expected}", {})[p.claim.number] = None
    return ", ".join(f"{said} ({' '.join(by)})" for said, by in numbers.items())
