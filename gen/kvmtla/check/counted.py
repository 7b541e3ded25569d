"""Counts of many modules, each made once and kept for the next time that the spec is the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kvmtla.check.counts import Counts, count
from kvmtla.check.memo import Memo
from kvmtla.check.points import Point
from kvmtla.engine import Limits
from kvmtla.tlc.cache import recall, remember

_FILE = "counts"
# Who waits for something else looks for it again after so many seconds.
_SHORT = 0.5


class Counting:
    """The counts of the points' modules, to be made one by one while something else is waited for.

    A module that takes more than so many seconds, or more memory than there is, is left out. What
    `memo` belongs to says what is known already.
    """

    def __init__(self, points: Sequence[Point], memo: Memo, seconds: float | None = None) -> None:
        self._kept = memo.beside(_FILE)
        self._known = _read(self._kept) if self._kept is not None else {}
        self._modules = {p.module.name: p.module for p in points}
        self._missing = [n for n in self._modules if n not in self._known]
        self._seconds = seconds
        self.steps = self._steps(min(_SHORT, seconds or _SHORT))
        """Makes one after another, but for large ones; may be left off and gone on with."""

    def _steps(self, seconds: float | None) -> Iterator[None]:
        for name in self._missing:
            if name not in self._known:
                made = count(self._modules[name].model, Limits(seconds=seconds))
                if made is not None:
                    self._known[name] = made
                yield

    def result(self) -> dict[str, Counts]:
        """All counts, by the names of the modules; makes and keeps what is missing."""
        for _ in self._steps(self._seconds):
            pass
        if self._missing and self._kept is not None:
            # Imported here: it is slow to load, and a question of one property keeps nothing.
            import msgspec  # noqa: PLC0415

            remember(self._kept, msgspec.json.encode(self._known).decode())
        return {n: self._known[n] for n in self._modules if n in self._known}


def _read(kept: Path) -> dict[str, Counts]:
    import msgspec  # noqa: PLC0415 - as above

    text = recall(kept)
    try:
        return msgspec.json.decode(text, type=dict[str, Counts]) if text is not None else {}
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
