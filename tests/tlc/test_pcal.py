"""The PlusCal translator: what it makes, and what it says where it makes nothing."""

from __future__ import annotations

import pytest

from kvmtla.errors import ToolError
from kvmtla.tlc import find_toolchain, translate

MODULE = """---- MODULE Two ----
EXTENDS Integers
(* --algorithm Two
{
variables x = 0;
process (one = 1) { first: x := 1; }
process (two = 2) { second: x := 2; }
} *)
====
"""


def test_the_translation_is_put_below_the_algorithm() -> None:
    text = translate(find_toolchain(), "Two", MODULE)
    assert text.startswith(MODULE.removesuffix("====\n"))
    assert 'second == /\\ pc[2] = "second"' in text


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("x := 1;", "x = 1;", 'Expected ":=" but found ";"'),
        ("x := 1;", "x := 1; x := 2;", "Missing label"),
        ("(* --algorithm", "(* algorithm", "not found"),
        ("second:", "first:", "renames: Label first of process one"),
    ],
)
def test_what_it_refuses(good: str, bad: str, said: str) -> None:
    with pytest.raises(ToolError, match="the PlusCal translator re") as caught:
        translate(find_toolchain(), "Two", MODULE.replace(good, bad))
    assert said in caught.value.message
