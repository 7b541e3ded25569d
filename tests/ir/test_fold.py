"""What is made simple says the same."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.ir import expr as x
from kvmtla.ir.fold import deep_simplify, facts, field_of, knowing, place_of
from kvmtla.ir.model import Leaf
from kvmtla.ir.types import BOOL, RecordT
from kvmtla.sem import Meaning
from support.random_exprs import TYPES, Expressions, model, state

MEANING = Meaning(model(Leaf({}, ())))
SEEDS = st.integers(0, 2**32)
TYPE = st.sampled_from(sorted(TYPES))
often = settings(max_examples=600, deadline=None, derandomize=True)


@often
@given(SEEDS, TYPE, st.integers(1, 5))
def test_simple_expressions_have_the_same_value(seed: int, name: str, depth: int) -> None:
    random = Random(seed)
    e = Expressions(random).of(TYPES[name], depth)
    simple = deep_simplify(e)
    for _ in range(4):
        s = state(random)
        assert MEANING.value(simple, s) == MEANING.value(e, s)


@often
@given(SEEDS, TYPE)
def test_what_is_known_changes_no_value_where_it_is_true(seed: int, name: str) -> None:
    random = Random(seed)
    make = Expressions(random)
    cond, e = deep_simplify(make.of(BOOL, 3)), deep_simplify(make.of(TYPES[name], 3))
    # Something that both ask for, so that it matters what is known.
    e = x.If(cond, e, make.of(TYPES[name], 1), TYPES[name])
    for _ in range(6):
        s = state(random)
        truth = bool(MEANING.value(cond, s))
        assert MEANING.value(knowing(e, facts(cond, truth)), s) == MEANING.value(e, s)


@often
@given(SEEDS)
def test_a_field_and_a_place_are_what_stands_there(seed: int) -> None:
    random = Random(seed)
    make = Expressions(random)
    e = deep_simplify(make.of(TYPES[random.choice(["entry", "pte"])], 3))
    assert isinstance(e.type, RecordT)
    f = random.choice(e.type.fields)
    update = make._update(TYPES[random.choice(["entry", "table", "deep"])], 2)
    assert isinstance(update, x.Update)
    for _ in range(4):
        s = state(random)
        assert MEANING.value(field_of(e, f.name), s) == MEANING.value(x.Field(e, f.name, f.type), s)
        there = place_of(deep_simplify(update), tuple(update.path))
        assert MEANING.value(there, s) == MEANING.value(update.value, s)


@often
@given(SEEDS, TYPE)
def test_to_be_made_simple_again_changes_nothing(seed: int, name: str) -> None:
    once = deep_simplify(Expressions(Random(seed)).of(TYPES[name], 4))
    s = state(Random(seed))
    assert MEANING.value(deep_simplify(once), s) == MEANING.value(once, s)
