"""Random specifications contain the whole language, as its reference shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import kvmtla
from kvmtla.fuzz.constructs import constructs
from kvmtla.fuzz.specification import seeded

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
MANY = 1200


def _documented() -> frozenset[str]:
    """The constructs of the reference's example."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python (?:file|append)=example\.py\n(.*?)^```", page, re.M | re.S)
    return constructs("\n".join(blocks))


def _operators() -> set[str]:
    """The sorts of syntax in the reference's tables of expressions."""
    page = PAGE.read_text(encoding="utf-8")
    tables = re.findall(r"<!-- becomes: .*?-->(.*?)<!-- end -->", page, re.S)
    rows = [c for t in tables for c in re.findall(r"^\| `(.*?)` \|", t, re.M)]
    return set().union(*(_sorts(c.replace("\\|", "|")) for c in rows))


def _sorts(text: str) -> set[str]:
    return {type(n).__name__ for n in ast.walk(ast.parse(text))}


def test_each_construct_of_the_reference_occurs() -> None:
    texts = [seeded(i) for i in range(MANY)]
    made = frozenset[str]().union(*map(constructs, texts))
    documented = _documented()
    assert len(documented) > 300
    assert documented - made == set()
    assert _operators() - set().union(*map(_sorts, texts[:50])) == set()
    # What is imported, is imported with a star.
    words = set(re.findall(r"\w+", "\n".join(texts)))
    assert set(kvmtla.__all__) - words == set()


def test_a_construct_that_is_new_is_noticed() -> None:
    one = "from kvmtla import *\n@atomic()\ndef f(m: Machine) -> None:\n    m.a = m.b {} m.c\n"
    assert constructs(one.format("&")) != constructs(one.format("^"))
    assert "@atomic.body: Assign" in constructs(one.format("&"))


def test_it_is_the_same_each_time() -> None:
    assert seeded(7) == seeded(7) != seeded(8)
