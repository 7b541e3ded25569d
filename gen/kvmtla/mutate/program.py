"""A spec with a mutant in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import Function, Program
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.code import PURE, STEPS, Functions, called

_SUFFIX = "_mutant"


def with_mutant(spec: Spec, mutant: Mutant) -> Spec:
    """Return the spec with the mutant in it.

    A pure function is changed where operations use it, but not where the hardware, a property or a
    requirement does: these must stay as they are.
    """
    functions = changed(spec.reader.program.functions, mutant)
    reader = copy.copy(spec.reader)
    old = spec.reader.program
    reader.program = Program(functions, old.spans, old.constants)
    scenarios = {n: _scenario(sc, functions) for n, sc in spec.scenarios.items()}
    claims = tuple(replace(c, scenario=scenarios[c.scenario.name]) for c in spec.claims)
    return replace(spec, reader=reader, scenarios=scenarios, claims=claims)


def changed(functions: Functions, mutant: Mutant) -> dict[str, Function]:
    """Return all functions, with the mutant among them; those that differ are new objects."""
    made = dict(functions)
    if mutant.replaced.kind in STEPS:
        made[mutant.function] = mutant.replaced
        return made
    names = _renamed(functions, mutant.function)

    def rename(e: Expr) -> Expr:
        e = x.rebuild(e, rename)
        if isinstance(e, x.Call) and e.function in names:
            return replace(e, function=names[e.function])
        return e

    for old, new in names.items():
        fn = mutant.replaced if old == mutant.function else functions[old]
        made[new] = replace(fn, key=new, values=tuple(map(rename, fn.values)))
    for key, fn in functions.items():
        if fn.kind in STEPS and names.keys() & set(called(fn)):
            made[key] = replace(fn, body=rewritten(fn.body, rename))
    return made


def _renamed(functions: Functions, key: str) -> dict[str, str]:
    """Return the pure functions that depend on the one with this key, with names for copies."""
    found = {key}
    while True:
        more = {
            k for k, fn in functions.items() if fn.kind == PURE and found & set(called(fn))
        } - found
        if not more:
            return {k: _free(k, functions) for k in sorted(found)}
        found |= more


def _free(key: str, functions: Functions) -> str:
    name = f"{key}{_SUFFIX}"
    while name in functions:
        name += _SUFFIX
    return name


def _scenario(sc: ScenarioRead, functions: Mapping[str, Function]) -> ScenarioRead:
    actors = tuple(
        replace(a, operations=tuple(functions[o.key] for o in a.operations)) for a in sc.actors
    )
    return replace(sc, actors=actors)


def rewritten(body: Iterable[s.Stmt], change: Callable[[Expr], Expr]) -> tuple[s.Stmt, ...]:
    """Return a block with its expressions changed, except in span headers and requirements."""
    return tuple(_rewritten(st, change) for st in body)


def _rewritten(st: s.Stmt, change: Callable[[Expr], Expr]) -> s.Stmt:
    match st:
        case s.Assign(_, value):
            return replace(st, value=change(value))
        case s.Store(place, value):
            return replace(st, place=change(place), value=change(value))
        case s.Primitive(_, place, args):
            return replace(st, place=change(place), args=tuple(map(change, args)))
        case s.CallStmt(_, args):
            return replace(st, args=tuple(map(change, args)))
        case s.Wait(cond):
            return replace(st, cond=change(cond))
        case s.IfStmt(cond, then, other, _, reasons):
            return replace(
                st,
                cond=change(cond),
                then=rewritten(then, change),
                other=rewritten(other, change),
                reasons=tuple((t, change(e)) for t, e in reasons),
            )
        case s.While(cond, inner):
            return replace(st, cond=change(cond), body=rewritten(inner, change))
        case s.For(_, inner) | s.WithSpan(_, _, _, inner):
            return replace(st, body=rewritten(inner, change))
        case s.WithLock(_, place, inner):
            return replace(st, place=change(place), body=rewritten(inner, change))
        case s.Return(values):
            return replace(st, values=tuple(map(change, values)))
    return st
