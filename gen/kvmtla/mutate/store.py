"""The findings on mutants, stored for the next time that the same spec is asked about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kvmtla.cache import cache_folder, recall, remember
from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.memo import digest_of
from kvmtla.mutate.judge import Fate, Finding, Seen

_FORMAT = 2


class Store:
    """The findings on one spec in some of its scenarios (none: all), by the name of the mutant.

    Another spec, or another version of this code, has findings of its own. `everywhere` is as for
    `Judge`.
    """

    def __init__(
        self, spec: Spec, root: Path, scenarios: Sequence[ScenarioRead], *, everywhere: bool
    ) -> None:
        digest = digest_of(spec, root, Reductions())
        parts = [_FORMAT, digest, sorted(s.name for s in scenarios), everywhere]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        folder = cache_folder() / "mutants"
        self._entry = folder / f"{key}.json" if digest is not None else None
        self._known = _read(self._entry) if self._entry is not None else {}

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, mutant: str) -> Finding:
        return self._known[mutant]

    def __contains__(self, mutant: str) -> bool:
        return mutant in self._known

    def keep(self, findings: Iterable[Finding]) -> None:
        """Add findings, and write them to the cache if there is one for the spec."""
        self._known |= {f.mutant: f for f in findings}
        if self._entry is not None:
            text = {
                m: [[_encoded(s) for s in f.seen], f.asked] for m, f in sorted(self._known.items())
            }
            remember(self._entry, self._entry.name, json.dumps(text))


def _read(entry: Path) -> dict[str, Finding]:
    kept = recall(entry, entry.name)
    try:
        known: Mapping[str, list[Any]] = json.loads(kept.text if kept is not None else "{}")
        return {
            m: Finding(m, tuple(map(_decoded, seen)), tuple(map(str, asked)))
            for m, (seen, asked) in known.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def _encoded(seen: Seen) -> list[Any]:
    return [seen.world, seen.fate.value, dict(seen.kills), list(seen.lost)]


def _decoded(entry: list[Any]) -> Seen:
    world, fate, kills, lost = entry
    return Seen(world, Fate(fate), {str(p): int(n) for p, n in kills.items()}, tuple(lost))
