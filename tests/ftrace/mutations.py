"""Ten ways in which a trace may lie. The number of events in its head is put right afterwards."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Sequence

CHANGE = "kvm_tdp_mmu_spte_changed:"
FIX = "fast_page_fault:"
MARK = "mark_dirty:"

Lines = list[str]
_COUNT = re.compile(r"entries-in-buffer/entries-written: \d+/\d+")
_EVENT = re.compile(r"\s\[\d{3}\]\s+\d+: \w+:")
# None is said for a trace in which there is nothing to change in this way.
Mutate = Callable[[Lines, random.Random], Lines | None]


def _at(lines: Lines, text: str, also: Callable[[str], bool] = lambda _: True) -> list[int]:
    """The lines that tell of one thing only: others say nothing, and do not end theirs."""
    return [i for i, x in enumerate(lines) if text in x and x.count("]") >= 1 and also(x)]


def dropped(lines: Lines, r: random.Random) -> Lines | None:
    i = r.choice(_at(lines, CHANGE))
    return [*lines[:i], *lines[i + 1 :]]


def doubled(lines: Lines, r: random.Random) -> Lines | None:
    i = r.choice(_at(lines, CHANGE))
    return [*lines[: i + 1], lines[i], *lines[i + 1 :]]


def swapped(lines: Lines, r: random.Random) -> Lines | None:
    """Two changes of one entry by one task, or of a table and of what is in it."""
    of: dict[tuple[str, str], list[int]] = {}
    for i in _at(lines, CHANGE):
        found = re.search(r"(\S+-\d+)\s+\[.* gfn (\w+) level (\d)", lines[i])
        assert found is not None
        of.setdefault((found[1], found[2]), []).append(i)
    said = {i: lines[i].partition(CHANGE)[2] for found in of.values() for i in found}
    pairs = [
        (i, j) for found in of.values() for i, j in itertools.pairwise(found) if said[i] != said[j]
    ]
    if not pairs:
        return None
    i, j = r.choice(pairs)
    made = list(lines)
    a, b = lines[i].index(CHANGE), lines[j].index(CHANGE)
    made[i], made[j] = lines[i][:a] + lines[j][b:], lines[j][:b] + lines[i][a:]
    return made


def _flipped(lines: Lines, r: random.Random, which: str) -> Lines | None:
    # An entry that is there: other values have no bits of their own.
    at = _at(lines, CHANGE, lambda x: re.search(rf"{which} (?!5a0|0|8000)\w{{4,}}", x) is not None)
    if not at:
        return None
    i = r.choice(at)
    found = re.search(rf"{which} (\w+)", lines[i])
    assert found is not None
    raw = int(found[1], 16) ^ (1 << r.choice([0, 1, 2, 9, 10, 11, 12, 15, 20]))
    return [
        *lines[:i],
        lines[i][: found.start(1)] + f"{raw:x}" + lines[i][found.end(1) :],
        *lines[i + 1 :],
    ]


def flipped_in_old(lines: Lines, r: random.Random) -> Lines | None:
    return _flipped(lines, r, "old_spte")


def flipped_in_new(lines: Lines, r: random.Random) -> Lines | None:
    return _flipped(lines, r, "new_spte")


def fix_dropped(lines: Lines, r: random.Random) -> Lines | None:
    at = _at(lines, FIX, lambda x: x.rstrip().endswith("fixed 1"))
    if not at:
        return None
    i = r.choice(at)
    return [*lines[:i], *lines[i + 1 :]]


def mark_dropped(lines: Lines, r: random.Random) -> Lines | None:
    at = _at(lines, MARK)
    if not at:
        return None
    i = r.choice(at)
    return [*lines[:i], *lines[i + 1 :]]


def other_gfn(lines: Lines, r: random.Random) -> Lines | None:
    i = r.choice(_at(lines, CHANGE))
    gfn = re.search(r" gfn (\w+)", lines[i])
    assert gfn is not None
    other = f" gfn {int(gfn[1], 16) ^ (1 << r.randrange(0, 12)):x}"
    return [*lines[:i], lines[i].replace(gfn[0], other), *lines[i + 1 :]]


def other_level(lines: Lines, r: random.Random) -> Lines | None:
    i = r.choice(_at(lines, CHANGE))
    level = re.search(r"level (\d)", lines[i])
    assert level is not None
    other = r.choice([n for n in "1234" if n != level[1]])
    return [*lines[:i], lines[i].replace(level[0], f"level {other}"), *lines[i + 1 :]]


def cut(lines: Lines, r: random.Random) -> Lines | None:
    """The end is missing: somewhere before the VM has gone."""
    last = _at(lines, CHANGE)[-1]
    return [x for x in lines[: r.randrange(len(lines) // 2, last)] if not x.startswith("#")]


KINDS: Sequence[Mutate] = (
    dropped,
    doubled,
    swapped,
    flipped_in_old,
    flipped_in_new,
    fix_dropped,
    mark_dropped,
    other_gfn,
    other_level,
    cut,
)


def counted(lines: Lines) -> str:
    """The text of a trace, with the right number of events in its head."""
    n = sum(len(_EVENT.findall(x)) for x in lines)
    text = "\n".join(lines) + "\n"
    return _COUNT.sub(f"entries-in-buffer/entries-written: {n}/{n}", text)
