"""What modules are called: by what they say where that is plain, and never two of them alike.

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

# So many digits of a hash tell those apart that would be called the same.
_DIGITS = 8


class ModuleNames:
    """The names of the modules of one spec, which end in one of `suffixes` that are known.

    What a module is called depends on the scenarios and constants that there are, and not on what
    is asked of which.
    """

    def __init__(self, spec: Spec, suffixes: Iterable[str]) -> None:
        self._spec = spec
        self._suffixes = frozenset(suffixes)
        # Some file systems take large letters for small ones.
        self._scenarios = [n.casefold() for n in spec.scenarios]
        self._pieces = [
            [_piece(m, d.default).casefold() for m in d.kind]
            for d in reversed([*spec.constants.values()])
        ]

    def of(self, scenario: str, constants: Mapping[str, Enum], suffix: str) -> str:
        """The name of the module of a scenario for one value of each constant."""
        declared = self._spec.constants
        pieces = [_piece(constants[n], d.default) for n, d in reversed([*declared.items()])]
        plain = "".join([scenario, *pieces, suffix])
        if self._meanings(plain.casefold()) < 2:
            return plain
        exact = json.dumps([scenario, {n: constants[n].name for n in declared}, suffix])
        return f"{plain}_{hashlib.sha256(exact.encode()).hexdigest()[:_DIGITS]}"

    def _meanings(self, name: str) -> int:
        """How many modules of the spec could be called so."""
        found = 0
        for scenario in self._scenarios:
            if not name.startswith(scenario):
                continue
            # How often the constants so far can be written up to a place.
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
    """What a value adds to a name: nothing, where it is the default."""
    return "" if value is default else "_" + re.sub(r"[^A-Za-z0-9_]", "_", str(value.value))
