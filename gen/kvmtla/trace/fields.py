"""A trace of which only some fields and places are told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from kvmtla.errors import ToolError, did_you_mean
from kvmtla.ir.model import Model
from kvmtla.ir.types import MapT, OptionalT, RecordT, Type
from kvmtla.trace.trace import Change, Step, Trace


def only_fields(model: Model, trace: Trace, names: Collection[str]) -> Trace:
    """`trace` with changes and values of `names` alone: labels of fields (`D`) or places (`TLB`).

    All steps stay. Raises ToolError for a name that the model does not have.
    """
    fields = {f.label for v in model.variables.values() for r in _records(v.type) for f in r.fields}
    places = {model.labels.get(n, n) for n, v in model.variables.items() if v.actor is None}
    for name in names:
        if name not in fields | places:
            known = sorted(fields | places)
            hint = did_you_mean(name, known) or f"there is: {', '.join(known)}"
            raise ToolError(
                "KT915", f"there is no field or place {name!r} in {trace.scenario}", hint=hint
            )
    wanted, hidden = set(names), fields - set(names)

    def values(text: str) -> str:
        """The fields of a word that are wanted."""
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
    return c.is_lock or c.place.partition("[")[0] in wanted or c.field.rpartition(".")[2] in wanted


def _records(t: Type) -> Iterable[RecordT]:
    match t:
        case MapT(_, inner) | OptionalT(inner):
            yield from _records(inner)
        case RecordT():
            yield t
            for f in t.fields:
                yield from _records(f.type)
