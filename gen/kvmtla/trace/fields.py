"""Traces that tell only some fields and places."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from kvmtla.errors import ToolError, did_you_mean
from kvmtla.ir.model import Model
from kvmtla.ir.types import records_in
from kvmtla.trace.counterexample import Change, Step
from kvmtla.trace.trace import Trace


def known_names(model: Model) -> set[str]:
    """Return the names that can be asked for: fields (`D`), places (`TLB`), and both (`TLB.D`)."""
    names = set()
    for n, v in model.variables.items():
        if v.turn_of is not None:
            continue
        place = model.labels.get(n, n)
        fields = [f.label for r in records_in(v.type) for f in r.fields]
        names |= set(fields)
        if v.actor is None:
            names |= {place, *(f"{place}.{f}" for f in fields)}
    return names


def named(parts: Sequence[str], known: Collection[str], scenario: str) -> tuple[str, ...]:
    """Return the names in a list that was split at commas, which may also be part of a name.

    Raises ToolError for a name that is not in `known`.
    """
    return tuple(_named(parts, known, scenario))


def _named(parts: Sequence[str], known: Collection[str], scenario: str) -> Iterator[str]:
    at = 0
    while at < len(parts):
        ends = range(len(parts), at, -1)
        found = next((e for e in ends if ", ".join(parts[at:e]) in known), None)
        if found is None:
            name = parts[at]
            hint = did_you_mean(name, known) or f"there is: {'; '.join(sorted(known))}"
            raise ToolError(
                "KT915", f"there is no field or place {name!r} in {scenario}", hint=hint
            )
        yield ", ".join(parts[at:found])
        at = found


def only_fields(model: Model, trace: Trace, names: Sequence[str]) -> Trace:
    """Return `trace` with all steps, but only changes and values of `names` (see `known_names`).

    Raises ToolError for a name that the model does not have.
    """
    wanted = set(named(names, known_names(model), trace.scenario))
    fields = {
        f.label for v in model.variables.values() for r in records_in(v.type) for f in r.fields
    }
    hidden = {f for f in fields if f not in wanted and not any(w.endswith(f".{f}") for w in wanted)}

    def values(text: str) -> str:
        """Return a word with only the fields that are wanted."""
        parts = text.split(" ")
        return " ".join(p for p in parts if p.partition("=")[0] not in hidden)

    def told(s: Step) -> Step:
        return replace(
            s,
            told=tuple(replace(t, value=values(t.value)) for t in s.told),
            changes=tuple(c for c in s.changes if _is_wanted(c, wanted)),
        )

    return replace(
        trace,
        first_words=tuple(values(w) for w in trace.first_words),
        steps=tuple(map(told, trace.steps)),
    )


def _is_wanted(c: Change, wanted: Collection[str]) -> bool:
    place, field = c.place.partition("[")[0], c.field.rpartition(".")[2]
    return c.is_lock or any(n in wanted for n in (place, field, f"{place}.{field}"))
