"""A cache that is cut, altered or mixed up gives the answers of one that is empty."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COUNTER = Path(__file__).parent / "specs" / "counter.py"

Files = dict[Path, bytes]


def _empty(files: Files) -> Files:
    return dict.fromkeys(files, b"")


def _other_bytes(files: Files) -> Files:
    """Each cut, with another byte in it, or no text any more."""
    found, r = {}, random.Random(len(files))
    for i, (f, data) in enumerate(files.items()):
        at = r.randrange(len(data))
        flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        found[f] = [data[:at], flipped, b"\xff" + data][i % 3]
    return found


def _mixed(files: Files) -> Files:
    """Each in the place of another, of its own kind where there are two."""
    found: Files = {}
    folders: dict[str, list[Path]] = {}
    for f in files:
        folders.setdefault(f.parts[0], []).append(f)
    rest = [f for alike in folders.values() if len(alike) == 1 for f in alike]
    for alike in [*(a for a in folders.values() if len(a) > 1), rest]:
        for f, other in zip(alike, alike[1:] + alike[:1], strict=True):
            found[f] = files[other]
    return found


DAMAGE: dict[str, Callable[[Files], Files]] = {
    "empty": _empty,
    "other bytes": _other_bytes,
    "mixed": _mixed,
}


@pytest.fixture(scope="module")
def whole(with_own_cache: Any) -> tuple[Files, list[Any]]:
    """What is kept after a verify, and what it said."""
    kvmtla = with_own_cache()
    said = _said(kvmtla)
    return _kept(Path(kvmtla.environment["KVMTLA_CACHE"])), said


def _said(kvmtla: Any) -> list[Any]:
    done = kvmtla("verify", "L1", "--json", "-", "--spec", COUNTER)
    assert done.returncode in (0, 1), done.stderr
    results: list[Any] = json.loads(done.stdout)["results"]
    timeless = [{k: v for k, v in r.items() if k not in ("seconds", "cached")} for r in results]
    return [timeless, all(r["cached"] for r in results)]


def _kept(folder: Path) -> Files:
    return {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_says_the_same_and_heals(
    with_own_cache: Any, whole: tuple[Files, list[Any]], damage: str
) -> None:
    kvmtla = with_own_cache()
    folder = Path(kvmtla.environment["KVMTLA_CACHE"])
    files, said = whole
    assert {f.parts[0] for f in files} == {"java", "jar", "memos", "results"}
    damaged = DAMAGE[damage](files)
    assert all(damaged[f] != data for f, data in files.items())
    for f, data in damaged.items():
        (folder / f).parent.mkdir(parents=True, exist_ok=True)
        (folder / f).write_bytes(data)
    assert _said(kvmtla) == [said[0], False]
    healed = _kept(folder)
    assert healed.keys() == files.keys()
    # Seconds are part of a result, and of what is noted of it.
    same = [f for f in files if f.parts[0] in ("java", "jar") or "counts" in f.name]
    assert len(same) == 3
    assert all(healed[f] == files[f] for f in same)
    assert _said(kvmtla) == [said[0], True]
