"""Where a property asks for anything, compared state by state with what an author would say."""

from __future__ import annotations

import pytest

from kvmtla.engine import Limits, Outcome, compile_model, explore
from kvmtla.insight.counts import Counts, count
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.types import BOOL
from support.specs import load, modules, project_of

SPEC = '''
from enum import Enum

from kvmtla import (
    READ_ONCE, WRITE_ONCE, Domain, Map, Set, Shared, choose, initial, invariant, operation, pure
)


class Page(Domain, label="page"):
    """A page."""


class Level(Enum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"


class M(Shared):
    a: bool
    b: bool
    c: bool
    p: Map[Page, bool]
    q: Map[Page, bool]
    level: Level


@initial
def anything(m: M) -> None:
    """All states."""
    m.a = choose(bool)
    m.b = choose(bool)
    m.c = choose(bool)
    for g in Page:
        m.p[g] = choose(bool)
        m.q[g] = choose(bool)
    m.level = choose(Level)


@operation()
def flip(m: M) -> None:
    """Something has to happen."""
    WRITE_ONCE(m.a, not READ_ONCE(m.a))


@pure
def implies(left: bool, right: bool) -> bool:
    return right or not left


@invariant
def whole(m: M) -> bool:
    """Reads all fields, so that none is left out."""
    return m.a or m.b or m.c or m.level == Level.LOW or any(m.p[g] or m.q[g] for g in Page)
'''

RULES = {
    "m.a": "True",
    "not m.a": "True",
    "True": "False",
    "m.a or m.b": "True",
    "m.b or not m.a": "m.a",
    "not m.a or not m.b": "m.a",
    "not (m.a and m.b and m.c)": "m.a and m.b",
    "not (m.a and m.b) or m.c": "m.a and m.b",
    "m.b if m.a else True": "m.a",
    "m.b if m.a else m.c": "True",
    "implies(m.a, m.b)": "m.a",
    "implies(m.a, implies(m.b, m.c))": "m.a and m.b",
    "implies(m.a, m.b) and implies(m.b, m.c)": "m.a or m.b",
    "not (m.a and not m.b)": "m.a",
    "m.level != Level.LOW or m.a": "m.level == Level.LOW",
    "not (m.a and m.level != Level.LOW)": "m.a",
    "not (m.level == Level.LOW and m.a)": "m.level == Level.LOW",
    "all(m.p[g] for g in Page)": "True",
    "all(m.q[g] for g in Page if m.p[g])": "any(m.p[g] for g in Page)",
    "all(m.q[g] or m.p[h] for g in Page if m.p[g] for h in Page if m.q[h])": (
        "any(m.p[g] and m.q[h] for g in Page for h in Page)"
    ),
    "not any(m.p[g] and m.q[g] for g in Page)": "any(m.p[g] for g in Page)",
    "not any(m.p[g] for g in Page if m.q[g])": "any(m.q[g] for g in Page)",
    "any(m.p[g] for g in Page)": "True",
    "any(m.p[g] for g in Page) or not m.a": "m.a",
    "m.a or not any(m.p[g] for g in Page)": "any(m.p[g] for g in Page)",
    "not any(m.p[g] for g in Page) or not m.a": "any(m.p[g] for g in Page)",
    "all(implies(m.q[g], m.a) for g in Page if m.p[g])": "any(m.p[g] and m.q[g] for g in Page)",
}


CERTAIN = {
    "True": "it says no more than True",
    "m.a or m.b or not m.a": "it is true of all values that the fields can have",
    "m.level in Set({Level.LOW, Level.MID, Level.HIGH}) or m.a": (
        "it is true of all values that the fields can have"
    ),
    "m.a or m.b": None,
    "m.level in Set({Level.LOW, Level.MID})": None,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model whose invariants are all of the above."""
    texts = {f"asked_{i}": asked for i, asked in enumerate(RULES)}
    texts |= {f"wanted_{i}": wanted for i, wanted in enumerate(RULES.values())}
    texts |= {f"certain_{i}": text for i, text in enumerate(CERTAIN)}
    functions = [
        f'@invariant\ndef {name}(m: M) -> bool:\n    """{name}."""\n    return {text}\n'
        for name, text in texts.items()
    ]
    folder = tmp_path_factory.mktemp("spec")
    project = project_of(load(folder, "\n\n".join([SPEC, *functions])), {"Page": 2})
    (module,) = modules(project, folder).values()
    return module.model


@pytest.fixture(scope="module")
def found(model: Model) -> Counts:
    counts = count(model, Limits())
    assert counts is not None
    return counts


@pytest.fixture(scope="module")
def expected(model: Model) -> Outcome:
    watch = {n: x.Call(n, (), BOOL) for n in model.invariants if n.startswith("wanted_")}
    return explore(compile_model(model, watch), ())


@pytest.mark.parametrize("asked", RULES)
def test_premise(asked: str, found: Counts, expected: Outcome) -> None:
    i = list(RULES).index(asked)
    assert found.states == expected.distinct
    assert found.premises[f"asked_{i}"] == expected.watched[f"wanted_{i}"]


@pytest.mark.parametrize("text", CERTAIN)
def test_what_cannot_be_false(text: str, found: Counts) -> None:
    assert found.certain.get(f"certain_{list(CERTAIN).index(text)}") == CERTAIN[text]


def test_what_cannot_be_gone_through_is_not_counted(model: Model) -> None:
    assert count(model, Limits(states=10)) is None
