"""Raw values of entries as words of the model, and what is in them besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kvmtla.ir.types import Value
from kvmtla.lang.recorded import Layout
from kvmtla.lang.types import Word

LEAF = "leaf"


class Seen(NamedTuple):
    """A raw value: the word, what the model leaves out, and where a table is, if it is one."""

    value: Value
    """As the model holds it: a word, or for an upper entry a word and whether there is a table."""
    rest: int
    table: int | None
    there: bool
    word: Word
    raw: int


class Words:
    """Reads the raw values of one layout; `levels` says of which sort an entry is at each level."""

    def __init__(self, layout: Layout, levels: Mapping[int, str], word: type[Word]) -> None:
        self.layout = layout
        self._levels = levels
        self._bits: dict[str, int] = {}
        for name in word.bit_names():
            info = vars(word)[name]
            if layout.format in info.positions:
                self._bits[name] = 1 << info.positions[layout.format]
        self._word = word
        self._named = {n: self._bits[n] for n in layout.bits if n in self._bits}
        self._left = ~(sum(self._named.values()) | layout.loose) & ((1 << 64) - 1)
        self._known: dict[tuple[int, int], Seen | None] = {}
        self.none = next(raw for raw, w in layout.special.items() if not any(w.values()))

    def read(self, raw: int, level: int) -> Seen | None:
        """Return what a raw value is at a level; None if no entry ever has it."""
        key = (raw, level)
        if key not in self._known:
            self._known[key] = self._read(raw, level)
        return self._known[key]

    def _read(self, raw: int, level: int) -> Seen | None:
        layout = self.layout
        upper = self._levels[level] != LEAF
        special = layout.special.get(raw)
        if special is not None:
            return self._seen(special, 0, None, False, upper, raw)
        if not raw & layout.present:
            if raw & layout.device_mask == layout.device_value:
                return self._seen(layout.device, raw, None, False, upper, raw)
            return None
        if raw & layout.always != layout.always or raw & layout.never:
            return None
        word = self._word(**{n: bool(raw & b) for n, b in self._named.items()})
        if not upper and layout.lowest_ignores is not None:
            word = word & ~layout.lowest_ignores
        table = raw & layout.address if upper and not raw & layout.large else None
        return self._seen(word, raw & self._left, table, True, upper, raw)

    def _seen(
        self, word: Word, rest: int, table: int | None, there: bool, upper: bool, raw: int
    ) -> Seen:
        value: Value = word.values()
        if upper:
            value = (value, 0 if table is not None else None)
        return Seen(value, rest, table, there, word, raw)

    def with_word(self, seen: Seen, value: Value, level: int) -> Seen | None:
        """Return a value with another word in it, and everything else as it is."""
        names = self._word.bit_names()
        assert isinstance(value, tuple)
        word = value[0] if self._levels[level] != LEAF else value
        assert isinstance(word, tuple)
        bits = dict(zip(names, word, strict=True))
        raw = seen.raw
        for name, bit in self._named.items():
            raw = raw | bit if bits[name] else raw & ~bit
        return self.read(raw, level)

    def part(
        self, seen: Seen, index: int, level: int, index_bits: int, page_shift: int
    ) -> Seen | None:
        """Return what an entry of a table is that takes the place of a large entry at `level`."""
        raw = seen.raw & ~self.layout.large if level == 2 else seen.raw
        return self.read(raw + (index << page_shift + index_bits * (level - 2)), level - 1)
