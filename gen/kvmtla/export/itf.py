"""A counterexample in Apalache's Informal Trace Format (ITF), for tools that read it.

Integers, strings and booleans are those of JSON. Elements of a symmetric domain, and None, are
strings, named as in the generated module. A behaviour that goes on for ever has `loop`, the number
of the state to which it goes back; its last state is that one again.
"""

from __future__ import annotations

import json
from typing import Any

from kvmtla.emit.names import NONE, model_value
from kvmtla.ir.model import Model
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, Type, Value
from kvmtla.sem import State
from kvmtla.trace import Trace


def itf(model: Model, trace: Trace, made_by: str) -> str:
    """Return the trace as JSON; each state says which step led to it."""
    states = [_state(model, trace.first, {"index": 0})]
    for s in trace.steps:
        meta = {"index": s.number, "action": s.action, "actor": s.actor, "text": s.text}
        states.append(_state(model, s.after, meta))
    document = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache.informal.systems/docs/adr/015adr-trace.html",
            "source": f"{model.name}.tla",
            "description": f"{made_by}: {trace.title}",
        },
        "params": [],
        "vars": list(model.variables),
        "states": states,
        **({"loop": trace.loop} if trace.loop is not None else {}),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _state(model: Model, state: State, meta: dict[str, Any]) -> dict[str, Any]:
    values = {n: _value(state[n], v.type, model) for n, v in model.variables.items()}
    return {"#meta": meta, **values}


def _value(value: Value, t: Type, model: Model) -> Any:
    match t:
        case OptionalT(inner):
            return NONE if value is None else _value(value, inner, model)
        case DomainT(_, symmetric):
            if value is None:
                return NONE
            assert isinstance(value, int)
            return model_value(t, value) if symmetric else value
        case RecordT(_, fields):
            assert isinstance(value, tuple)
            return {f.name: _value(v, f.type, model) for f, v in zip(fields, value, strict=True)}
        case MapT(key, inner):
            assert isinstance(value, tuple)
            pairs = [[_value(i, key, model), _value(v, inner, model)] for i, v in enumerate(value)]
            return {"#map": pairs}
        case SetT(element):
            assert isinstance(value, frozenset)
            items = sorted((_value(v, element, model) for v in value), key=str)
            return {"#set": items}
    return value
