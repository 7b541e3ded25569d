"""The results for the mutants, counted, and as JSON for other programs.

The JSON is an object: `schema_version`, `kvmtla`, `counts` (fate -> how many mutants), `invariants`
(property -> the mutants that it kills, by name, with the steps it takes) and `mutants`. A mutant is
an object:

- `name`, `function`, `operator`, `file`, `line`, `before`, `after` ("" where the line is gone);
- `fate`: killed, noticed, survived, equivalent, unknown or no program;
- `kills`: property, `stuck` or `TypeOK` -> steps; `asked`: the number of worlds it was judged in;
  `seen`: worlds with what was seen there, up to the first that decides the fate of the mutant;
  `lost` in them are the properties that should be violated or reached, and are not;
- `tlc`: null, or what TLC says of a survivor: `world`, `property`, `verdict`, `agrees`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kvmtla.mutate.change import Mutant
from kvmtla.mutate.confirm import Confirmed
from kvmtla.mutate.judge import Fate, Finding

SCHEMA_VERSION = 1

ENOUGH = 95.0
"""The percentage of what differs that should be killed or noticed."""

# The fates that count: nobody could notice a mutant that is equivalent or not a program.
COUNTED = (Fate.KILLED, Fate.NOTICED, Fate.SURVIVED, Fate.UNKNOWN)


@dataclass(frozen=True)
class Tally:
    """The mutants and their fates."""

    mutants: Sequence[Mutant]
    found: Mapping[str, Finding]
    confirmed: Mapping[str, Confirmed] = field(default_factory=dict)

    def of(self, *fates: Fate) -> list[Mutant]:
        """Return the mutants that have one of these fates."""
        return [m for m in self.mutants if self.found[m.name].fate in fates]

    @cached_property
    def counts(self) -> dict[Fate, int]:
        """The number of mutants with each fate."""
        known = Counter(self.found[m.name].fate for m in self.mutants)
        return {fate: known[fate] for fate in Fate}

    @property
    def counted(self) -> int:
        """The number of mutants that count: not those that are equivalent or not a program."""
        return sum(self.counts[f] for f in COUNTED)

    @property
    def noticed(self) -> int:
        """The number of mutants that change the verdict of a claim, whichever way."""
        return self.counts[Fate.KILLED] + self.counts[Fate.NOTICED]

    @property
    def score(self) -> float:
        """The percentage of mutants that change a verdict, among those that count."""
        return 100 * self.noticed / self.counted if self.counted else 100.0

    @cached_property
    def kills(self) -> dict[str, dict[str, int]]:
        """The mutants that each property kills, by name, with the steps that it takes."""
        found: dict[str, dict[str, int]] = {}
        for m in self.mutants:
            for prop, steps in self.found[m.name].kills.items():
                found.setdefault(prop, {})[m.name] = steps
        return found

    @property
    def disputed(self) -> list[Confirmed]:
        """The survivors on which TLC and the second engine disagree."""
        return [c for c in self.confirmed.values() if c.disputed]


def as_json(tally: Tally, version: str, root: Path) -> str:
    """Return the JSON text; `root` is the folder to which places in the spec are relative."""
    whole = {
        "schema_version": SCHEMA_VERSION,
        "kvmtla": version,
        "counts": {fate.value: n for fate, n in tally.counts.items()},
        "invariants": tally.kills,
        "mutants": [_mutant(m, tally, root) for m in tally.mutants],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _mutant(mutant: Mutant, tally: Tally, root: Path) -> dict[str, Any]:
    finding, change = tally.found[mutant.name], mutant.change
    confirmed = tally.confirmed.get(mutant.name)
    return {
        "name": mutant.name,
        "function": mutant.function,
        "operator": change.operator,
        "file": place(mutant, root),
        "line": change.loc.line,
        "before": change.before,
        "after": change.after,
        "fate": finding.fate.value,
        "kills": finding.kills,
        "asked": len(finding.asked),
        "seen": [
            {"world": s.world, "fate": s.fate.value, "lost": list(s.lost)} for s in finding.seen
        ],
        "tlc": _confirmed(confirmed) if confirmed is not None else None,
    }


def _confirmed(confirmed: Confirmed) -> dict[str, Any]:
    result = confirmed.result
    return {
        "world": confirmed.world,
        "property": result.point.prop,
        "verdict": result.said,
        "agrees": confirmed.agrees,
    }


def place(mutant: Mutant, root: Path) -> str:
    """Return the file that a mutant is in, relative to `root` if it is below it."""
    file = Path(mutant.change.loc.file)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
