"""Expressions in the words of C, as a story tells them."""

from __future__ import annotations

import ast

import pytest

from kvmtla.front.source import in_c

TEXTS = {
    "not old.present or mask[gfn]": "!old.present || mask[gfn]",
    "(a or b) and not (a and b)": "(a || b) && !(a && b)",
    "mode == Mode.IN_GUEST and root is not None": "mode == IN_GUEST && root != NULL",
    "root is None": "root == NULL",
    "not any(word[gfn] for gfn in Gfn)": "!any(word[gfn])",
    "all(a or b for gfn in Gfn)": "all(a || b)",
    "Spte(present=True).present": "Spte(present=true).present",
    "spte.UPPER == Kind.Lower": "spte.UPPER == Kind.Lower",
    "Map({gfn: False for gfn in Gfn})": "0",
    "Map({cpu: True for cpu in Vcpu})": "true for each cpu",
    "Map({cpu: Mode.OUT if m.mode[cpu] == Mode.IN else m.mode[cpu] for cpu in Vcpu})": (
        "m.mode[cpu] == IN ? OUT : m.mode[cpu] for each cpu"
    ),
    "a if b else c": "b ? a : c",
    "(a if b else c) == d": "(b ? a : c) == d",
    "d and (a if f(b) else c)": "d && (f(b) ? a : c)",
    "not (a if b else c)": "!(b ? a : c)",
}


@pytest.mark.parametrize(("python", "c"), TEXTS.items())
def test_in_c(python: str, c: str) -> None:
    node = ast.parse(python, mode="eval").body
    before = ast.dump(node)
    assert in_c(node) == c
    assert ast.dump(node) == before
