"""The terms say what the reference semantics says: in each state, the same steps."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import z3

from kvmtla.fuzz.reference import well_typed
from kvmtla.induct.steps import first_ways, ways
from kvmtla.induct.terms import Encoder, Term
from kvmtla.ir.model import Model, Pick, Tree
from kvmtla.ir.types import Value
from kvmtla.sem import Meaning, State, enabled, first_states
from support.claims import name, of_each_scenario
from support.explore import explore
from support.seeded import seeded_modules

MOST_STATES = 60


def _picks(tree: Tree) -> bool:
    if isinstance(tree, Pick):
        return True
    parts = (getattr(tree, n, None) for n in ("then", "other", "body"))
    return any(_picks(p) for p in parts if p is not None)


def _known(encoder: Encoder, state: State) -> dict[str, Term]:
    return {n: encoder.constant(state[n], v.type) for n, v in encoder.model.variables.items()}


def _value(encoder: Encoder, term: Term, variable: str) -> Value:
    return encoder.value(term, encoder.model.variables[variable].type, None)


def _possible(encoder: Encoder, cond: Term, changed: dict[str, Term], after: State) -> bool:
    """May a way on which something was picked lead there?"""
    wanted = _known(encoder, after)
    same = encoder.all_of(encoder.same(v, wanted[n]) for n, v in changed.items())
    both: Any = encoder.all_of([cond, same])
    return both if isinstance(both, bool) else z3.Solver().check(both) == z3.sat


def compare(model: Model, states: list[State]) -> int:
    """Fails unless the terms have the steps of `model` in all `states`; gives how many."""
    encoder, meaning, count = Encoder(model, z3), Meaning(model), 0
    for state in states:
        known = _known(encoder, state)
        for prop in model.invariants:
            value, needs = encoder.checked(encoder.definitions[prop].body, known)
            assert (value, needs) == (meaning.invariant(prop, state), True)
        steps = [
            (t.action.name, tuple(t.after[n] for n in model.variables))
            for t in enabled(meaning, state)
        ]
        for action in model.actions:
            expected = {after for a, after in steps if a == action.name}
            found = set()
            for way in ways(encoder, action, known):
                if _picks(action.tree):
                    hits = {
                        e
                        for e in expected
                        if _possible(
                            encoder,
                            way.cond,
                            dict(way.changed),
                            dict(zip(model.variables, e, strict=True)),
                        )
                        and all(
                            dict(zip(model.variables, e, strict=True))[n] == state[n]
                            for n in model.variables.keys() - way.changed.keys()
                        )
                    }
                    found |= hits
                    continue
                assert way.cond is True
                after = {
                    **state,
                    **{n: _value(encoder, v, n) for n, v in way.changed.items()},
                }
                found.add(tuple(after[n] for n in model.variables))
            assert found == expected, action.name
            count += len(expected)
    return count


def _some_states(model: Model, seed: str) -> list[State]:
    """Some of the states that the model reaches, and of those in which it begins."""
    found = explore(model)
    states = [dict(zip(model.variables, s, strict=True)) for s in found.states]
    states = [s for s in states if well_typed(model, s)]
    random.Random(seed).shuffle(states)
    return states[:MOST_STATES]


@pytest.mark.parametrize("p", of_each_scenario()[::4], ids=name)
def test_in_states_of_the_specification(p: Any) -> None:
    model = p.module.model
    assert compare(model, _some_states(model, p.module.name)) > 0


def test_in_states_of_random_models(tmp_path: Path) -> None:
    count = compared = 0
    for number, module in enumerate(seeded_modules(tmp_path, range(60))):
        if len(module.model.actions) < 60:
            compared += compare(module.model, _some_states(module.model, str(number))[:15])
            count += 1
    assert count >= 30
    assert compared > 500


def test_first_states() -> None:
    for p in of_each_scenario()[::3]:
        model = p.module.model
        encoder = Encoder(model, z3)
        expected = [tuple(s[n] for n in model.variables) for s in first_states(Meaning(model))]
        for way in first_ways(encoder):
            hits = [
                e
                for e in expected
                if _possible(
                    encoder, way.cond, dict(way.changed), dict(zip(model.variables, e, strict=True))
                )
            ]
            assert hits
            expected = [e for e in expected if e not in hits]
        assert not expected
