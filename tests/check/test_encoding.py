"""States of a counterexample survive being kept."""

from __future__ import annotations

import json

import pytest

from kvmtla.tlc import RawState, parse_value
from kvmtla.tlc.encoding import decode_states, encode_states


@pytest.mark.parametrize(
    "text",
    [
        "TRUE",
        "-3",
        '"a \\"b\\" \\\\ ü"',
        "vcpu0",
        "<<>>",
        "<<1, <<TRUE>>>>",
        "{}",
        '{1, 2, {"x"}}',
        "[string |-> 1, set |-> {None}]",
        '("a" :> 1 @@ "b" :> [c |-> <<>>])',
        "(0 :> 1)",
    ],
)
def test_round_trip(text: str) -> None:
    states = (RawState(1, None, {"x": parse_value(text)}), RawState(2, "Act", {"x": 1}))
    encoded = json.loads(json.dumps(encode_states(states)))
    decoded = decode_states(encoded)
    assert decoded == states
    # TRUE is not 1.
    assert type(decoded[0].variables["x"]) is type(states[0].variables["x"])


def test_the_same_each_time() -> None:
    one, other = parse_value('{"a", "b", "c"}'), parse_value('{"c", "b", "a"}')
    assert encode_states([RawState(1, None, {"x": one})]) == encode_states(
        [RawState(1, None, {"x": other})]
    )


@pytest.mark.parametrize("encoded", [1, [1], [[1, None, {"x": {"what": 1}}]], [[1, None, 3]]])
def test_rubbish(encoded: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        decode_states(encoded)
