"""Counts of many modules, each made once and kept for the next time that the spec is the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kvmtla.check.counts import Counts, count
from kvmtla.check.memo import Memo
from kvmtla.check.points import Point
from kvmtla.engine import Limits
from kvmtla.tlc.cache import recall, remember

_FILE = "counts"


def counted(points: Sequence[Point], memo: Memo, seconds: float | None = None) -> dict[str, Counts]:
    """The counts of the points' modules, by their names.

    A module that takes more than so many seconds, or more memory than there is, is left out. What
    `memo` belongs to says what is known already.
    """
    kept = memo.beside(_FILE)
    known = _read(kept) if kept is not None else {}
    modules = {p.module.name: p.module for p in points}
    missing = [n for n in modules if n not in known]
    for name in missing:
        made = count(modules[name].model, Limits(seconds=seconds))
        if made is not None:
            known[name] = made
    if missing and kept is not None:
        import msgspec  # noqa: PLC0415 - a twentieth of a second, and not always needed

        remember(kept, msgspec.json.encode(known).decode())
    return {n: known[n] for n in modules if n in known}


def _read(kept: Path) -> dict[str, Counts]:
    import msgspec  # noqa: PLC0415 - as above

    text = recall(kept)
    try:
        return msgspec.json.decode(text, type=dict[str, Counts]) if text is not None else {}
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
