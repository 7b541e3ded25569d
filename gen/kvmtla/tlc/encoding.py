"""States of a counterexample as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kvmtla.tlc import ModelValue, RawState, TlcFunction, TlcRecord, TlcString, TlcValue


def encode_states(states: Sequence[RawState]) -> list[Any]:
    """Return states as values that `json` can write, the same each time."""
    return [[s.number, s.action, {n: _encode(v) for n, v in s.variables.items()}] for s in states]


def decode_states(encoded: Any) -> tuple[RawState, ...]:
    """Return the states from which `encode_states` made `encoded`.

    Raises ValueError, TypeError, KeyError or AttributeError where it did not.
    """
    return tuple(
        RawState(number, action, {n: _decode(v) for n, v in variables.items()})
        for number, action, variables in encoded
    )


def _encode(value: TlcValue) -> Any:
    match value:
        case bool() | int():
            return value
        case TlcString(text):
            return {"string": text}
        case ModelValue(name):
            return {"model": name}
        case TlcRecord():
            return {"record": {n: _encode(v) for n, v in value.items()}}
        case TlcFunction():
            return {"function": [[_encode(k), _encode(v)] for k, v in value.items()]}
        case frozenset():
            return {"set": sorted((_encode(v) for v in value), key=json.dumps)}
    return [_encode(v) for v in value]


def _decode(encoded: Any) -> TlcValue:
    if isinstance(encoded, bool | int):
        return encoded
    if isinstance(encoded, list):
        return tuple(_decode(v) for v in encoded)
    ((kind, inner),) = encoded.items()
    match kind:
        case "string":
            return TlcString(inner)
        case "model":
            return ModelValue(inner)
        case "record":
            return TlcRecord({n: _decode(v) for n, v in inner.items()})
        case "function":
            return TlcFunction({_decode(k): _decode(v) for k, v in inner})
        case "set":
            return frozenset(_decode(v) for v in inner)
    raise ValueError(kind)
