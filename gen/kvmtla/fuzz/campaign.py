"""Compares many random specifications, each in its own process with a budget.

Results are kept by the number of the specification and the code that found them, so that a campaign
goes on where it was left.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import kvmtla
from kvmtla.errors import SpecError
from kvmtla.fuzz.compare import VARIANTS, Compared, TooBigError, compare
from kvmtla.fuzz.constructs import constructs
from kvmtla.fuzz.joint import Part, of_behaviours, of_states
from kvmtla.fuzz.specification import seeded
from kvmtla.tlc import Toolchain
from kvmtla.verdict import Verdict

BATCH = 25
"""The number of specifications that go to TLC together."""
_MOST_CPU_SECONDS = 6
# The limit in real time, however slow the machine is.
_MOST_SECONDS = 300.0
# A model with few states has a longer text only by mistake.
_MOST_TEXT = 400_000
_CONTEXT = multiprocessing.get_context("fork")
COMPARED = "compared"


@dataclass
class Record:
    """The result for one specification.

    `status` is COMPARED, or says why it was not: too big in something, not accepted by the language
    (with the code of the error), or failed.
    """

    seed: int
    status: str
    constructs: Sequence[str] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    differences: Sequence[str] = ()


@dataclass
class Campaign:
    """The results of a campaign."""

    records: list[Record]
    known: int
    """The number of specifications known from an earlier campaign."""
    seconds: float

    @property
    def compared(self) -> int:
        """The number of specifications that were compared."""
        return sum(r.status == COMPARED for r in self.records)

    def faults(self) -> Iterator[str]:
        """Yield each difference, with the number of the specification."""
        for r in self.records:
            yield from (f"{r.seed}: {d}" for d in r.differences)

    def lines(self) -> Iterator[str]:
        """Yield lines with figures that say what was done."""
        kinds, notes = Counter[str](), Counter[str]()
        for r in self.records:
            kinds.update(r.kinds)
            notes.update(r.notes)
        yield (
            f"{self.compared:,} of {len(self.records):,} random specifications were compared, "
            f"{self.known:,} of them earlier; {kinds.total():,} comparisons, "
            f"{sum(1 for _ in self.faults()):,} differences."
        )
        others = Counter(r.status for r in self.records if r.status != COMPARED)
        for status, many in others.most_common():
            seeds = ", ".join(str(r.seed) for r in self.records if r.status == status)
            yield f"{many:,} {status}: {seeds if many <= 12 else seeds[:60] + ' ...'}"
        for what, many in kinds.most_common():
            yield f"{many:,} x {what}"
        yield "Among them: " + ", ".join(f"{n:,} x {what}" for what, n in notes.most_common()) + "."

    def census(self) -> Counter[str]:
        """Return how many of the compared specifications contain each construct."""
        return Counter(c for r in self.records if r.status == COMPARED for c in r.constructs)


def run(
    toolchain: Toolchain,
    seeds: Sequence[int],
    *,
    jobs: int,
    kept: Path | None = None,
    variants: Sequence[str] = tuple(VARIANTS),
    said: Callable[[str], None] = lambda _: None,
) -> Campaign:
    """Compare the specifications with these numbers, in `jobs` processes.

    Results in the folder `kept` are used, and new ones are added to it; unless `variants` are all
    of them, it is neither read nor written.
    `said` is told how far it is.
    """
    started = time.monotonic()
    file = (
        None
        if kept is None or set(variants) != set(VARIANTS)
        else kept / f"{_code_hash(toolchain)}.jsonl"
    )
    wanted = set(seeds)
    known = {r.seed: r for r in _read(file) if r.seed in wanted}
    found = dict(known)
    left = [s for s in seeds if s not in known]
    batches = [left[i : i + BATCH] for i in range(0, len(left), BATCH)]
    with ProcessPoolExecutor(jobs, mp_context=_CONTEXT) as pool:
        waiting = [pool.submit(_batch, toolchain, b, variants) for b in batches]
        try:
            for done in as_completed(waiting):
                records = done.result()
                found |= {r.seed: r for r in records}
                _keep(file, records)
                new = len(found) - len(known)
                rest = (time.monotonic() - started) / new * (len(left) - new)
                wrong = sum(bool(r.differences) for r in found.values())
                said(
                    f"{len(found):,} of {len(seeds):,}, {wrong:,} with differences, "
                    f"about {rest / 60:.0f} min left"
                )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Campaign([found[s] for s in seeds], len(known), time.monotonic() - started)


def _code_hash(toolchain: Toolchain) -> str:
    """Return a hash of all that a result depends on."""
    root = Path(kvmtla.__file__).parent
    made = hashlib.sha256(f"{sys.version} {toolchain}".encode())
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in _CODE):
        made.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return made.hexdigest()[:16]


_CODE = (".py", ".jinja", ".lark")


def _read(file: Path | None) -> Iterator[Record]:
    if file is None or not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        # The last line may be cut.
        with contextlib.suppress(ValueError, TypeError):
            yield Record(**json.loads(line))


def _keep(file: Path | None, records: Iterable[Record]) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as to:
            to.writelines(f"{json.dumps(asdict(r))}\n" for r in records)


# -- one batch, in a process of its own


def _batch(toolchain: Toolchain, seeds: Sequence[int], variants: Sequence[str]) -> list[Record]:
    found = {}
    records = {}
    for seed in seeds:
        result = _apart(seed, variants)
        if isinstance(result, Compared):
            found[seed] = result
            records[seed] = Record(seed, COMPARED, sorted(constructs(seeded(seed))))
        else:
            records[seed] = result
    by_tlc(toolchain, found)
    for seed, result in found.items():
        records[seed].kinds = dict(result.kinds)
        records[seed].notes = dict(result.notes)
        records[seed].differences = result.differences
    return [records[s] for s in seeds]


def _apart(seed: int, variants: Sequence[str]) -> Compared | Record:
    """Compare one specification in its own process, which is ended where it takes too long."""
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_one, args=(seed, variants, theirs))
    process.start()
    theirs.close()
    try:
        if not ours.poll(_MOST_SECONDS):
            return Record(seed, f"too big: not done in {_MOST_SECONDS:.0f} s")
        result = ours.recv()
    except EOFError:
        process.join()
        if process.exitcode != -signal.SIGXCPU:
            return Record(seed, "ended", differences=[f"ended with status {process.exitcode}"])
        result = Record(seed, f"too big: not done in {_MOST_CPU_SECONDS} CPU seconds")
    finally:
        process.kill()
        process.join()
    assert isinstance(result, Compared | Record)
    return result


def _one(seed: int, variants: Sequence[str], to: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU_SECONDS, _MOST_CPU_SECONDS + 1))
    try:
        with tempfile.TemporaryDirectory(prefix="kvmtla-") as folder:
            compared = compare(seeded(seed), f"s{seed}", Path(folder), variants)
        too_big = any(len(p.text) > _MOST_TEXT for p in compared.parts)
        result: Compared | Record = Record(seed, "too big: text") if too_big else compared
    except TooBigError as error:
        result = Record(seed, f"too big: {error}")
    except SpecError as error:
        result = Record(seed, f"not accepted: {error.code}")
    except Exception:
        last = traceback.format_exc().strip().splitlines()[-3:]
        result = Record(seed, "failed", differences=[" ".join(map(str.strip, last))])
    to.send(result)


def by_tlc(toolchain: Toolchain, found: Mapping[int, Compared]) -> None:
    """Compare the models of these specifications with TLC: together, then alone on a difference."""
    groups: dict[object, list[tuple[Compared, Part]]] = {}
    for one in found.values():
        for part in one.parts:
            groups.setdefault(part.group, []).append((one, part))
    # Half of the batches are run without lazy values.
    lazy = min(found, default=0) // BATCH % 2 == 0
    for group in groups.values():
        if not _states_agree(toolchain, group, lazy) and len(group) > 1:
            for alone in group:
                _states_agree(toolchain, [alone], lazy)
        temporal = [(one, part) for one, part in group if part.come]
        if temporal and not _behaviours_agree(toolchain, temporal) and len(temporal) > 1:
            for alone in temporal:
                _behaviours_agree(toolchain, [alone])


def _states_agree(toolchain: Toolchain, group: Sequence[tuple[Compared, Part]], lazy: bool) -> bool:
    parts = [part for _, part in group]
    with tempfile.TemporaryDirectory(prefix="kvmtla-") as folder:
        outcome, said = of_states(toolchain, Path(folder), parts, lazy_values=lazy)
    if outcome.verdict is not Verdict.HOLDS:
        return _told(group, "states and steps, TLC", outcome.reason or str(outcome.name))
    for (one, part), by_tlc in zip(group, said, strict=True):
        one.same("states, TLC", part.name, by_tlc.distinct, part.distinct)
        one.same("invariants and goals, TLC", part.name, by_tlc.false, part.false)
        one.kinds["step invariants, TLC"] += len(part.kept)
    return True


def _behaviours_agree(toolchain: Toolchain, group: Sequence[tuple[Compared, Part]]) -> bool:
    with tempfile.TemporaryDirectory(prefix="kvmtla-") as folder:
        outcome = of_behaviours(toolchain, Path(folder), [part for _, part in group])
    if outcome.verdict is not Verdict.HOLDS:
        return _told(group, "properties of behaviours, TLC", outcome.reason or str(outcome.name))
    for one, part in group:
        one.kinds["properties of behaviours, TLC"] += len(part.come)
    return True


def _told(group: Sequence[tuple[Compared, Part]], kind: str, what: str) -> bool:
    """Note what TLC said instead of agreeing, if it was about a single model; return False."""
    if len(group) == 1:
        (one, part) = group[0]
        one.same(kind, part.name, re.sub(r"\s+", " ", what)[:300], "holds")
    return False


def default_jobs() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
