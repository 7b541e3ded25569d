"""Counts of many modules, each made once and kept for the next time that the spec is the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvmtla.cache import recall, remember
from kvmtla.engine import Compiled, Limits
from kvmtla.insight.counts import Countable, Counts, GetsStuck, count, countable
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError

_FILE = "counts"
# Whoever waits for something else looks at it again after at most so many seconds.
_SHORT = 2.0
# TLC stops at what is violated. So of a module in which nothing is expected to hold, only as much
# is searched as shows what happens there; it may have millions of states.
_ENOUGH = 50_000
_STOPS = frozenset({"violated", "reached"})


class Countables:
    """Models of modules, each compiled once for counting; may be asked from several threads."""

    def __init__(self) -> None:
        self._made: dict[Module, Countable] = {}
        self._lock = threading.Lock()

    def of(self, module: Module, limit: Limits) -> Countable:
        """Return the compiled model of a module; raise TooLongError beyond the time limit."""
        with self._lock:
            if module not in self._made:
                self._made[module] = countable(module.model, limit)
            return self._made[module]

    def compiled(self, module: Module, limit: Limits) -> Compiled:
        """Return what the engine searches; raise TooLongError as `of` does."""
        return self.of(module, limit).compiled


class Counting:
    """The counts of the points' modules, made one by one while something else is waited for.

    A module that takes more than `seconds`, or more memory than there is, is left out. Counts that
    are known already are read from beside the file of `memo`.
    """

    def __init__(self, points: Sequence[Point], memo: Memo, seconds: float | None = None) -> None:
        self._kept = memo.beside(_FILE)
        self._known = _read(self._kept) if self._kept is not None else {}
        self._modules = list(dict.fromkeys(p.module for p in points))
        self._whole = {p.module for p in points if p.expected not in _STOPS}
        self._missing = [m for m in self._modules if not self._is_known(m)]
        self._seconds = seconds
        self._new = False
        self.countables = Countables()
        self.steps = self._steps(min(_SHORT, seconds or _SHORT))
        """An iterator that counts one module after another, except large ones; resumable."""

    def _is_known(self, module: Module) -> bool:
        known = self._known.get(module.key)
        return known is not None and (known.whole or module not in self._whole)

    def _steps(self, seconds: float | None) -> Iterator[None]:
        for module in self._missing:
            if not self._is_known(module):
                enough = None if module in self._whole else _ENOUGH
                made = self._count(module, seconds, enough)
                if made is not None:
                    self._known[module.key] = made
                    self._new = True
                yield

    def stuck(self, module: Module, *, whole: bool) -> GetsStuck | None:
        """Return who gets stuck in a module; None where that is not known.

        Where the `whole` of it is wanted, it is searched now, whatever is expected of it.
        """
        known = self._known.get(module.key)
        if whole and (known is None or not known.whole):
            made = self._count(module, self._seconds)
            if made is not None:
                known = self._known[module.key] = made
                self._new = True
        return known.stuck if known is not None else None

    def whole(self, module: Module) -> Counts | None:
        """Return the counts of all of a module that are known already; None where they are not."""
        known = self._known.get(module.key)
        return known if known is not None and known.whole else None

    def result(self) -> dict[Module, Counts]:
        """Return the counts of each module; make and keep those that are missing."""
        for _ in self._steps(self._seconds):
            pass
        self.save()
        return {m: self._known[m.key] for m in self._modules if m.key in self._known}

    def save(self) -> None:
        """Keep what has been made; do nothing where that cannot be written."""
        if self._new and self._kept is not None:
            # Imported here: it is slow to load, and a question of one property keeps nothing.
            import msgspec  # noqa: PLC0415

            remember(self._kept, self._kept.name, msgspec.json.encode(self._known).decode())
        self._new = False

    def _count(
        self, module: Module, seconds: float | None, enough: int | None = None
    ) -> Counts | None:
        limit = Limits(seconds=seconds)
        try:
            return count(self.countables.of(module, limit), limit, enough)
        except TooLongError:
            return None


def _read(kept: Path) -> dict[str, Counts]:
    import msgspec  # noqa: PLC0415 - as above

    found = recall(kept, kept.name)
    try:
        return msgspec.json.decode(found.text, type=dict[str, Counts]) if found else {}
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
