"""Expressions that say the same in a simpler way."""

from __future__ import annotations

import pytest

from kvmtla.ir import expr as x
from kvmtla.ir.fold import simplify
from kvmtla.ir.types import BOOL, EnumT, SetT

COLOUR = EnumT("Colour", ("RED", "GREEN", "BLUE"))


def _colour(name: str) -> x.Const:
    return x.Const(name, COLOUR)


@pytest.mark.parametrize(("name", "found"), [("RED", True), ("BLUE", False)])
def test_a_constant_in_a_set_of_constants(name: str, found: bool) -> None:
    some = x.SetOf((_colour("RED"), _colour("GREEN")), SetT(COLOUR))
    assert simplify(x.Bin("in", _colour(name), some, BOOL)) == x.Const(found, BOOL)


def test_a_set_with_something_unknown_in_it_stays() -> None:
    some = x.SetOf((_colour("RED"), x.Local("c", COLOUR)), SetT(COLOUR))
    test = x.Bin("in", _colour("RED"), some, BOOL)
    assert simplify(test) == test
