from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.tlc import (
    ModelValue,
    TlcFunction,
    TlcOutputError,
    TlcRecord,
    TlcString,
    TlcValue,
    parse_state,
    parse_value,
)
from kvmtla.verdict import Verdict

names = st.from_regex(r"[0-9]{0,2}[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("TRUE", "FALSE")
)
atoms = st.one_of(
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.text(st.characters(codec="utf-8", exclude_characters="\x0b\x1c\x85")).map(TlcString),
    names.map(ModelValue),
)
# Values that Python holds equal although TLC does not (TRUE and 1) never are in one set in TLA+.
keys = st.one_of(st.integers(-5, 5), names.map(ModelValue), st.text(max_size=3).map(TlcString))
values: st.SearchStrategy[TlcValue] = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.frozensets(keys | st.tuples(keys, keys), max_size=4),
        st.dictionaries(names, inner, min_size=1, max_size=4).map(TlcRecord),
        st.dictionaries(keys | st.tuples(keys), inner, min_size=1, max_size=4).map(TlcFunction),
    ),
    max_leaves=12,
)


def printed(value: TlcValue, gap: str) -> str:
    """The value as TLC writes it, with `gap` wherever TLC may break a line."""

    def many(items: list[str], separator: str) -> str:
        return f"{separator}{gap}".join(items)

    match value:
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case TlcString(text):
            for plain, escaped in ("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"):
                text = text.replace(plain, escaped)
            return f'"{text.replace(chr(13), chr(92) + "r").replace(chr(12), chr(92) + "f")}"'
        case ModelValue(name):
            return name
        case tuple():
            return f"<<{gap}{many([printed(v, gap) for v in value], ',')}{gap}>>"
        case frozenset():
            return f"{{{many([printed(v, gap) for v in value], ',')}}}"
        case TlcRecord():
            fields = [f"{k} |->{gap or ' '}{printed(v, gap)}" for k, v in value.items()]
            return f"[{gap}{many(fields, ',')}{gap}]"
        case TlcFunction():
            pairs = [f"{printed(k, gap)} :> {printed(v, gap)}" for k, v in value.items()]
            return f"({gap}{many(pairs, ' @@')}{gap})"


def same(left: object, right: object) -> bool:
    """Equality that tells TRUE from 1 as well."""
    if type(left) is not type(right) or left != right:
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return all(map(same, left, right))
    if isinstance(left, (TlcRecord, TlcFunction)) and isinstance(right, (TlcRecord, TlcFunction)):
        return all(same(left[key], right[key]) for key in left)
    return True


@settings(max_examples=40)
@given(values, st.sampled_from(["", " ", "\n   ", "\r\n\t"]))
def test_what_is_printed_is_read_back(value: TlcValue, gap: str) -> None:
    text = printed(value, gap)
    assert same(parse_value(text), value)
    assert hash(parse_value(text)) == hash(value)
    assert parse_state(f"v = {text}\n") == {"v": value}
    assert parse_state(f"/\\ a = 1\n/\\ v = {text}\n/\\ z = {text}\n\n") == {
        "a": 1,
        "v": value,
        "z": value,
    }


@given(values, st.data())
def test_half_a_value_is_no_value(value: TlcValue, data: st.DataObject) -> None:
    text = printed(value, " ")
    if isinstance(value, (bool, int, ModelValue)):
        text = f"<<{text}>>"
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(TlcOutputError) as caught:
        parse_value(text[:cut])
    assert caught.value.text == text[:cut]
    assert 0 <= caught.value.position <= cut


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1..3", frozenset({1, 2, 3})),
        ("-5..-3", frozenset({-5, -4, -3})),
        ("3..2", frozenset()),
        ("<< >>", ()),
        ("TRUEx", ModelValue("TRUEx")),
        ("2nd", ModelValue("2nd")),
        ("(3 :> [c |-> <<>>] @@ 4 :> 5)", TlcFunction({3: TlcRecord({"c": ()}), 4: 5})),
    ],
)
def test_forms(text: str, value: TlcValue) -> None:
    assert same(parse_value(text), value)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("1 2", 2),
        ("<<1,", 4),
        ("{1 2}", 3),
        ("SUBSET {1, 2}", 7),
        ("[{1} -> {2}]", 1),
        (r'"a\q"', 0),
        ('"a', 0),
        ("1..2147483647", 0),
        ("[a |-> 1, a |-> 2]", 0),
        ("(1 :> 1 @@ 1 :> 2)", 0),
    ],
)
def test_what_is_no_value_is_refused(text: str, position: int) -> None:
    with pytest.raises(TlcOutputError) as caught:
        parse_value(text)
    assert (caught.value.text, caught.value.position) == (text, position)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish\n/\\ x = 1",
        "/\\ x = 1\n/\\ x = 2",
        "/\\ x = 1\ny = 2",
        "x = 1\ny = 2",
        "/\\ x = 1\nrubbish",
        "/\\ x =\n/\\ y = 2",
        "/\\ x = 1\n/\\ y = \n",
    ],
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(TlcOutputError):
        parse_state(text)


def test_an_error_names_the_place_in_the_state() -> None:
    with pytest.raises(TlcOutputError, match=r"offset 18: .*>>>\?") as caught:
        parse_state("/\\ x = 1\n/\\ y = <<?>>")
    assert caught.value.position == 18


def test_records_and_functions_are_told_apart() -> None:
    record, function = TlcRecord({"a": 1}), TlcFunction({TlcString("a"): 1})
    assert record != function
    assert record == TlcRecord({"a": 1})
    assert repr(record) == "TlcRecord({'a': 1})"
    assert TlcString("a") != ModelValue("a")


def test_reading_nothing_costs_nothing() -> None:
    program = "import sys, kvmtla.tlc; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


EVERY_KIND = {
    "TRUE": True,
    "FALSE": False,
    "-3": -3,
    "0 - 2147483647 - 1": -(2**31),
    "2147483647": 2**31 - 1,
    r'"q\"uo\\te\ttab\n"': TlcString('q"uo\\te\ttab\n'),
    '""': TlcString(""),
    "m1": ModelValue("m1"),
    "<<1, <<2>>>>": (1, (2,)),
    "<< >>": (),
    "{m1, m2}": frozenset({ModelValue("m1"), ModelValue("m2")}),
    "{{1}, {2, 3}, {}}": frozenset({frozenset({1}), frozenset({2, 3}), frozenset()}),
    "1..3": frozenset({1, 2, 3}),
    "3..2": frozenset(),
    "-5..-2": frozenset({-5, -4, -3, -2}),
    "{i + 1 : i \\in 1..5}": frozenset({2, 3, 4, 5, 6}),
    "SUBSET {1, 2}": frozenset(
        {frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})},
    ),
    "{1} \\X {2}": frozenset({(1, 2)}),
    '[a : {1}, b : {"x"}]': frozenset({TlcRecord({"a": 1, "b": TlcString("x")})}),
    '[a |-> 1, b |-> "x"]': TlcRecord({"a": 1, "b": TlcString("x")}),
    "[i \\in 0..2 |-> i]": TlcFunction({0: 0, 1: 1, 2: 2}),
    "[i \\in -1..1 |-> i]": TlcFunction({-1: -1, 0: 0, 1: 1}),
    "[i \\in 1..2 |-> TRUE]": (True, True),
    "[i \\in {} |-> i]": (),
    '[i \\in {"a", "b c"} |-> i]': TlcFunction(
        {TlcString("a"): TlcString("a"), TlcString("b c"): TlcString("b c")}
    ),
    "[i \\in {m1} |-> {TRUE}]": TlcFunction({ModelValue("m1"): frozenset({True})}),
    "[i \\in {<<1, 2>>} |-> 1]": TlcFunction({(1, 2): 1}),
    "[i \\in BOOLEAN |-> 1]": TlcFunction({False: 1, True: 1}),
    "(3 :> [c |-> << >>] @@ 4 :> 5)": TlcFunction({3: TlcRecord({"c": ()}), 4: 5}),
    '[i \\in 1..30 |-> [a |-> {i, 100}, some_longer_name |-> "a string of some length"]]': tuple(
        TlcRecord(
            {
                "a": frozenset({i, 100}),
                "some_longer_name": TlcString("a string of some length"),
            }
        )
        for i in range(1, 31)
    ),
    "[i \\in 0..40 |-> <<i, m1>>]": TlcFunction({i: (i, ModelValue("m1")) for i in range(41)}),
    "1..60 \\cup {100}": frozenset({*range(1, 61), 100}),
}


def test_every_kind_of_value_as_tlc_prints_it(check) -> None:
    """One state for each; a value of more than 80 columns comes on several lines."""
    outcome = check(
        f"""
CONSTANTS m1, m2
VARIABLES n, v
Values == << {", ".join(EVERY_KIND)} >>
Init == n = 1 /\\ v = Values[1]
Step == n < Len(Values) /\\ n' = n + 1 /\\ v' = Values[n']
Next == Step
NotAll == n < Len(Values)
""",
        "CONSTANTS m1 = m1 m2 = m2\nINIT Init\nNEXT Next\nINVARIANT NotAll\n",
    )
    assert outcome.verdict is Verdict.VIOLATED, outcome.reason
    assert len(outcome.trace) == len(EVERY_KIND)
    for state, (text, value) in zip(outcome.trace, EVERY_KIND.items(), strict=True):
        assert same(state.variables["v"], value), text


def test_a_value_that_tlc_leaves_symbolic_is_not_guessed(check) -> None:
    outcome = check(
        "VARIABLE v\nInit == v = 0\nNext == v' = SUBSET (1..30)\nInv == v = 0",
        "INIT Init\nNEXT Next\nINVARIANT Inv\n",
    )
    assert outcome.verdict is Verdict.UNKNOWN
