"""Results of TLC, kept for the next time that exactly the same is asked.

An entry is found by the hash of its question, which is all that it depends on. The question stands
in the entry too. Of a counterexample, the entry holds TLC's states and nothing derived from them,
so that whoever gets one replays it again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple
from functools import lru_cache
from pathlib import Path
from typing import Any

import kvmtla.tlc
from kvmtla.cache import cache_folder, recall, remember, throw_away
from kvmtla.tlc import Lasso, RunOptions, TlcOutcome, Toolchain
from kvmtla.tlc.encoding import decode_states, encode_states
from kvmtla.verdict import Kind, Verdict

_FORMAT = 6
# These change when or where a run gives up, but not what a finished run says.
_LIMITS = ("time_limit", "heap_mb")


def results_folder() -> Path:
    """Return the folder of the results."""
    return cache_folder() / "results"


class ResultCache:
    """The results of one Java and one jar, run with the same options."""

    def __init__(self, toolchain: Toolchain, options: RunOptions) -> None:
        settings = {n: v for n, v in asdict(options).items() if n not in _LIMITS}
        self._common = [
            _FORMAT,
            _driver(),
            toolchain.jar.sha256,
            toolchain.java.version,
            settings,
        ]

    def recall(self, digest: str) -> tuple[TlcOutcome, str] | None:
        """Return the outcome that is kept for this digest, and its seal.

        None where there is none, or the entry cannot be read or answers something else.
        """
        entry = self.entry(digest)
        kept = recall(entry, self._question(digest))
        if kept is None:
            return None
        try:
            return _decoded(json.loads(kept.text)), kept.seal
        except (ValueError, TypeError, KeyError, AttributeError):
            throw_away(entry)
            return None

    def remember(self, digest: str, outcome: TlcOutcome) -> str:
        """Keep an answer, where that can be written; return its seal."""
        assert outcome.verdict is not Verdict.UNKNOWN
        body = json.dumps(_encoded(outcome), sort_keys=True)
        return remember(self.entry(digest), self._question(digest), body)

    def entry(self, digest: str) -> Path:
        """Return the file in which the result for this digest is kept."""
        key = hashlib.sha256(self._question(digest).encode()).hexdigest()
        return results_folder() / key[:2] / f"{key[2:]}.json"

    def _question(self, digest: str) -> str:
        return json.dumps([*self._common, digest])


def _encoded(outcome: TlcOutcome) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict.value,
        "kind": outcome.kind.value if outcome.kind is not None else None,
        "name": outcome.name,
        "trace": encode_states(outcome.trace),
        "lasso": astuple(outcome.lasso) if outcome.lasso is not None else None,
        "generated": outcome.generated,
        "distinct": outcome.distinct,
        "depth": outcome.depth,
        "seconds": outcome.seconds,
        "resident": outcome.resident,
    }


def _decoded(entry: dict[str, Any]) -> TlcOutcome:
    kind, lasso = entry["kind"], entry["lasso"]
    return TlcOutcome(
        verdict=Verdict(entry["verdict"]),
        kind=Kind(kind) if kind is not None else None,
        name=entry["name"],
        trace=decode_states(entry["trace"]),
        lasso=Lasso(*lasso) if lasso is not None else None,
        generated=entry["generated"],
        distinct=entry["distinct"],
        depth=entry["depth"],
        seconds=float(entry["seconds"]),
        resident=bool(entry["resident"]),
    )


@lru_cache(maxsize=1)
def _driver() -> str:
    """Return the hash of the code that runs and judges TLC: another version may judge otherwise."""
    digest = hashlib.sha256()
    for file in sorted(Path(kvmtla.tlc.__file__).parent.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
