"""Names of modules: made of what they say where that is unambiguous, and never two alike.

Names are for people, and for files. Nothing is looked up by them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum

from kvmtla.front.scenario import Spec

# So many digits of a hash tell apart modules that would have the same name.
_DIGITS = 8


class ModuleNames:
    """The names of the modules of one spec, each of which ends in one of `suffixes`.

    A name depends on the scenarios and constants that exist, and not on what is asked of which.
    """

    def __init__(self, spec: Spec, suffixes: Iterable[str]) -> None:
        self._spec = spec
        self._suffixes = frozenset(suffixes)
        # Some file systems do not distinguish large and small letters.
        self._scenarios = [n.casefold() for n in spec.scenarios]
        self._pieces = [
            [_piece(m, d.default).casefold() for m in d.kind]
            for d in reversed([*spec.constants.values()])
        ]

    def of(self, scenario: str, constants: Mapping[str, Enum], suffix: str) -> str:
        """Return the name of a scenario's module for one value of each constant."""
        declared = self._spec.constants
        pieces = [_piece(constants[n], d.default) for n, d in reversed([*declared.items()])]
        plain = "".join([scenario, *pieces, suffix])
        if self._meanings(plain.casefold()) < 2:
            return plain
        exact = json.dumps([scenario, {n: constants[n].name for n in declared}, suffix])
        return f"{plain}_{hashlib.sha256(exact.encode()).hexdigest()[:_DIGITS]}"

    def _meanings(self, name: str) -> int:
        """Return how many modules of the spec could have this name."""
        found = 0
        for scenario in self._scenarios:
            if not name.startswith(scenario):
                continue
            # In how many ways the constants so far can be written up to a place.
            ends = Counter({len(scenario): 1})
            for pieces in self._pieces:
                ahead: Counter[int] = Counter()
                for at, times in ends.items():
                    for piece in pieces:
                        if name.startswith(piece, at):
                            ahead[at + len(piece)] += times
                ends = ahead
            found += sum(n for at, n in ends.items() if name[at:] in self._suffixes)
        return found


def _piece(value: Enum, default: Enum | None) -> str:
    """Return what a value adds to a name: nothing where it is the default."""
    return "" if value is default else "_" + re.sub(r"[^A-Za-z0-9_]", "_", str(value.value))
