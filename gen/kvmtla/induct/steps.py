"""The steps of a model as terms of z3."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kvmtla.induct.terms import Encoder, Term, Terms
from kvmtla.ir.model import Action, Branch, Guard, Leaf, Let, Pick, Tree
from kvmtla.ir.types import MapT, Type, elements


@dataclass(frozen=True, slots=True)
class Way:
    """One way through a step: when it is taken, what is changed, and how."""

    cond: Term
    changed: Mapping[str, Term]
    """The new values of variables, as wholes."""


def first_ways(encoder: Encoder) -> Iterator[Way]:
    """Yield the first states, each as what it changes where every variable has its default."""
    blank = {n: encoder.constant(v.first, v.type) for n, v in encoder.model.variables.items()}
    picked = itertools.count()
    for cond, leaf, bound in _ends(encoder, encoder.model.initial, blank, {}, picked):
        changed, needs = _new_values(encoder, leaf, blank, bound, None)
        yield Way(encoder.all_of([cond, needs]), {**blank, **changed})


def ways(encoder: Encoder, action: Action, state: Terms) -> Iterator[Way]:
    """Yield the ways through the steps of an action, for all values of its parameters."""
    model = encoder.model
    indexed = action.at is not None and any(
        a.name == action.actor and a.domain is not None for a in model.actors
    )
    picked = itertools.count()
    for values in itertools.product(*(elements(p.type, model.sizes) for p in action.params)):
        bound = {
            p.name: (encoder.constant(v, p.type), p.type)
            for p, v in zip(action.params, values, strict=True)
        }
        me = values[0] if indexed else None
        assert me is None or isinstance(me, int)
        start: Term = True
        if action.at is not None:
            held, t = state[f"{action.actor}_pc"], model.variables[f"{action.actor}_pc"].type
            if me is not None:
                assert isinstance(t, MapT)
                held, t = held[me], t.value
            start = encoder.same(held, encoder.constant(action.at, t))
        for cond, leaf, inner in _ends(encoder, action.tree, state, bound, picked):
            changed, needs = _new_values(encoder, leaf, state, inner, me)
            when = encoder.all_of([start, cond, needs])
            if when is not False:
                yield Way(when, changed)


def _new_values(
    encoder: Encoder,
    leaf: Leaf,
    state: Terms,
    bound: Mapping[str, tuple[Term, Type]],
    me: int | None,
) -> tuple[dict[str, Term], Term]:
    """Return what the end of a way stores in variables, and whether all of it has a value."""
    found = {}
    all_needs = []
    for name, e in leaf.updates.items():
        v = encoder.model.variables[name]
        value, needs = encoder.checked(e, state, bound)
        all_needs.append(needs)
        if me is not None and v.actor is not None:
            # An actor that is one of several changes its own entry only.
            assert isinstance(v.type, MapT)
            mine = encoder.converted(value, e.type, v.type.value)
            found[name] = (*state[name][:me], mine, *state[name][me + 1 :])
        else:
            found[name] = encoder.converted(value, e.type, v.type)
    return found, encoder.all_of(all_needs)


def _ends(
    encoder: Encoder,
    tree: Tree,
    state: Terms,
    bound: Mapping[str, tuple[Term, Type]],
    picked: Iterator[int],
) -> Iterator[tuple[Term, Leaf, Mapping[str, tuple[Term, Type]]]]:
    """Yield the ends that a tree may come to, each with the condition for it."""
    match tree:
        case Leaf():
            yield True, tree, bound
        case Branch(cond, then, other):
            test, needs = encoder.checked(cond, state, bound)
            for truth, way in ((test, then), (encoder.negation(test), other)):
                when = encoder.all_of([needs, truth])
                yield from _under(encoder, when, way, state, bound, picked)
        case Guard(cond, body):
            when = encoder.all_of(encoder.checked(cond, state, bound))
            yield from _under(encoder, when, body, state, bound, picked)
        case Let(names, body):
            conds: list[Term] = []
            for b in names:
                value, needs = encoder.checked(b.value, state, bound)
                asked, _ = encoder.checked(b.when, state, bound)
                conds.append(encoder.any_of([encoder.negation(asked), needs]))
                bound = {**bound, b.var.name: (value, b.value.type)}
            yield from _under(encoder, encoder.all_of(conds), body, state, bound, picked)
        case Pick(var, body):
            # Where nothing depends on it, it may be anything too.
            typed: list[Term] = []
            value = encoder.unknown(f"{var.name}!{next(picked)}", var.type, typed)
            inner = {**bound, var.name: (value, var.type)}
            yield from _under(encoder, encoder.all_of(typed), body, state, inner, picked)


def _under(
    encoder: Encoder,
    cond: Term,
    tree: Tree,
    state: Terms,
    bound: Mapping[str, tuple[Term, Type]],
    picked: Iterator[int],
) -> Iterator[tuple[Term, Leaf, Mapping[str, tuple[Term, Type]]]]:
    if cond is False:
        return
    for further, leaf, inner in _ends(encoder, tree, state, bound, picked):
        both = encoder.all_of([cond, further])
        if both is not False:
            yield both, leaf, inner
