"""The fields that a scenario's functions touch, for several values of the constants at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.lower.accesses import touches
from kvmtla.lower.reached import Held
from kvmtla.lower.specialise import Specialiser


@dataclass(frozen=True)
class Row:
    """A function's accesses to a field: `ways` are the primitives, `locks` those held for each.

    `only` says for which values of the constants, in their order; it is empty where for all.
    """

    field: str
    function: str
    kernel: str | None
    hardware: bool
    reads: bool
    writes: bool
    ways: tuple[str, ...]
    locks: Held
    only: Mapping[str, Sequence[str]]


# Field, function, kernel function, hardware, locks.
_Key = tuple[str, str, str | None, bool, Held]


def rows(spec: Spec, scenario: ScenarioRead, asked: Sequence[Mapping[str, Enum]]) -> list[Row]:
    """Return who touches what in a scenario, in the order of the fields of the shared state.

    `asked` are the values of the constants.
    """
    where: dict[tuple[_Key, str, bool, bool], list[int]] = {}
    functions = [o for a in scenario.actors for o in a.operations]
    for i, config in enumerate(asked):
        values = {n: v.name for n, v in config.items()}
        special = Specialiser(spec.reader.program, values)
        for t in touches([*functions, *scenario.hardware], special):
            key = (t.field, t.function, t.kernel, t.hardware, t.locks)
            where.setdefault((key, t.how, t.reads, t.writes), []).append(i)
    # Primitives that a function uses for the same values of the constants share a row.
    together: dict[tuple[_Key, tuple[int, ...]], list[tuple[str, bool, bool]]] = {}
    for (key, how, reads, writes), at in where.items():
        together.setdefault((key, tuple(at)), []).append((how, reads, writes))
    found = [
        Row(*key[:4], *_either(hows), tuple(h[0] for h in hows), key[4], _only(spec, asked, at))
        for (key, at), hows in together.items()
    ]
    order = {n: i for i, n in enumerate(scenario.machine.fields)}
    return sorted(found, key=lambda r: (order[r.field], r.writes, r.hardware))


def _either(hows: Sequence[tuple[str, bool, bool]]) -> tuple[bool, bool]:
    """Return whether any of some primitives reads, and whether any writes."""
    return any(h[1] for h in hows), any(h[2] for h in hows)


def _only(
    spec: Spec, asked: Sequence[Mapping[str, Enum]], at: Sequence[int]
) -> dict[str, tuple[str, ...]]:
    """Return the values of each constant with which something happens, unless all of them are."""
    only = {}
    for name in spec.constants:
        everything = list(dict.fromkeys(c[name] for c in asked))
        here = {asked[i][name] for i in at}
        if len(here) < len(everything):
            only[name] = tuple(str(v.value) for v in everything if v in here)
    return only


def lines(found: Sequence[Row], labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the rows in columns, a paragraph for each field."""
    columns = [_columns(r, labels) for r in found]
    widths = [max((len(c[i]) for c in columns), default=0) for i in range(4)]
    field = None
    for row, cells in zip(found, columns, strict=True):
        if row.field != field:
            if field is not None:
                yield ""
            field = row.field
            label = labels.get(field, field)
            yield field if label == field else f"{field}: {label}"
        text = "  ".join(c.ljust(w) for c, w in zip(cells, (*widths, 0), strict=True))
        yield f"  {text}".rstrip()


def _columns(row: Row, labels: Mapping[str, str]) -> tuple[str, ...]:
    what = {(True, False): "reads", (False, True): "writes"}.get((row.reads, row.writes), "changes")
    locks = ", ".join(f"{labels.get(n, n)} for {kind}" for n, kind in row.locks)
    only = "; ".join(f"{n} {', '.join(v)}" for n, v in row.only.items())
    ways = ", ".join(row.ways) if not row.hardware else "at any moment"
    return what, row.function, ways, locks or "-", f"only {only}" if only else ""
