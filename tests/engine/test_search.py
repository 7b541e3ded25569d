"""When a search gives up, what it counts, and how states are kept."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest

from kvmtla.engine import Limits, Search, census, compile_model, explore
from kvmtla.engine.mixing import Mixer, plain
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.types import BOOL
from kvmtla.verdict import Verdict
from support.claims import all_points
from support.explore import explore as by_reference


@cache
def _model() -> Model:
    claim = "missed_dirty_page_pml"
    found = all_points()
    return next(p.module.model for p in found if p.claim.name == claim and p.expected == "holds")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        (Limits(states=100), "there are more than 100 states"),
        (Limits(seconds=0), "compiling took longer than 0 seconds"),
        (Limits(megabytes=0), "the states take more than 0 MiB"),
    ],
)
def test_a_limit_makes_it_unknown(limit: Limits, reason: str) -> None:
    found = explore(_model(), limit=limit)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, reason)
    assert found.trace == ()


def test_so_does_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Search, "_new", fails)
    found = explore(_model())
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == "there is not enough memory for the states"


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    limited = explore(_model(), limit=Limits(states=10_000, seconds=600, megabytes=100))
    free = explore(_model())
    assert replace(limited, seconds=0) == replace(free, seconds=0)
    assert free.verdict is Verdict.HOLDS


def test_an_unknown_invariant_is_an_error() -> None:
    with pytest.raises(KeyError):
        explore(_model(), "nonsense")


def test_what_is_watched_is_counted_in_each_state_once() -> None:
    model = _model()
    name = model.invariants[0]
    holds = x.Call(name, (), BOOL)
    watch = {"always": holds, "never": x.Un("not", holds, BOOL), "sometimes": _logs(model)}
    found = explore(compile_model(model, watch), ())
    assert found.watched["always"] == found.distinct
    assert found.watched["never"] == 0
    states = by_reference(model).states
    place = list(model.variables).index("slot_logs")
    assert found.watched["sometimes"] == sum(bool(s[place]) for s in states)


def _logs(model: Model) -> x.Expr:
    return x.Shared("slot_logs", model.variables["slot_logs"].type)


def test_each_action_is_counted_as_often_as_it_is_taken() -> None:
    found = explore(_model(), ())
    assert set(found.fired) == {a.name for a in _model().actions}
    assert found.generated > sum(found.fired.values()) > found.distinct


def test_states_are_those_of_the_reference_semantics() -> None:
    model = _model()
    search = Search(compile_model(model), symmetry=False)
    search.run(())
    expected = by_reference(model).states
    found = [tuple(s[n] for n in model.variables) for s in search.states()]
    assert len(found) == len(expected)
    assert set(found) == set(expected)
    for state in expected:
        assert search.has(dict(zip(model.variables, state, strict=True)))


def test_every_state_survives_packing() -> None:
    model = _model()
    layout = compile_model(model).layout
    for key in by_reference(model).states:
        state = dict(zip(model.variables, key, strict=True))
        assert layout.unpack(layout.pack(state)) == state
        assert layout.has(layout.pack(state), -1)


def test_a_check_sum_of_a_change_is_the_change_of_the_check_sum() -> None:
    mixer = Mixer(200)
    numbers = random.Random(1)
    for _ in range(100):
        a, b = (plain(numbers.getrandbits(200)) for _ in range(2))
        assert mixer.mixed(a) ^ mixer.mixed(b) == mixer.mixed(a ^ b)
        assert plain(mixer.mixed(a)) == a


def test_a_census_says_of_each_property_what_a_search_for_it_says() -> None:
    found = {p.module.name: p.module for p in all_points()}
    violated = 0
    for module in list(found.values())[::40]:
        compiled = compile_model(module.model)
        names = [*compiled.invariants, *compiled.steps]
        said = census(compiled, names)
        for name in names:
            alone = explore(compiled, name)
            steps = len(alone.trace) - 1 if alone.verdict is Verdict.VIOLATED else None
            assert said.violated.get(name) == steps
            violated += steps is not None
        whole = explore(compiled, ())
        size = (whole.distinct, whole.generated, whole.depth)
        assert (said.distinct, said.generated, said.depth) == size
    assert violated
