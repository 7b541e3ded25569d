"""Explains why a property is false, or a goal reached: for which elements, and which part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, chain
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import DomainT, Value, elements
from kvmtla.sem import Broken, Meaning, State, broken
from kvmtla.trace.words import Words


def explain(
    meaning: Meaning,
    words: Words,
    prop: Property,
    states: Sequence[State],
    loop: int | None = None,
) -> tuple[str, ...]:
    """Return lines that say what comes about at the end of a trace; the property's name is first.

    `states` are all states that the trace passes; `loop` is as in a `Walk`.
    """
    if prop.kind.temporal:
        found = broken(meaning, prop, states, loop) if loop is not None else None
        return tuple(_of_behaviour(words, prop, found))
    before = states[-2] if len(states) > 1 else None
    if not meaning.ends(prop, states[-1], before):
        goal = prop.kind is PropertyKind.GOAL
        return (f"{prop.name} is {'not reached' if goal else 'true'} in the end",)
    (body,) = prop.parts
    if prop.kind is PropertyKind.GOAL:
        return (f"{prop.name} is reached", *_witness(meaning, words, body, states[-1], {}, {}))
    state = states[-1]
    if prop.kind is PropertyKind.STEP:
        assert before is not None
        state = meaning.both(before, state)
    bound: dict[str, Value] = {}
    names: dict[str, str] = {}
    while isinstance(body, x.Quant) and body.kind == "all":
        var = body.var
        inner = body.body
        bad = next(
            v
            for v in elements(var.type, meaning.model.sizes)
            if not meaning.value(inner, state, {**bound, var.name: v})
        )
        bound[var.name] = bad
        names[var.name] = words.value(bad, var.type)
        body = inner
    of = ", ".join(names.values())
    head = f"{prop.name} is false"
    if prop.kind is PropertyKind.STEP:
        head += " of the last step" + "," * bool(of)
    head += f" for {of}" if of else ""
    return (head, *_reasons(meaning, words, body, state, bound, names))


def _of_behaviour(words: Words, prop: Property, found: Broken | None) -> Iterator[str]:
    """Yield lines that say what never comes about, and what was true from which step on."""
    if found is None:
        yield f"{prop.name} is about what goes on for ever, and this comes to an end"
        return
    names = {p.name: words.value(found.bound[p.name], p.type) for p in prop.params}
    yield f"{prop.name} is false" + (f" for {', '.join(names.values())}" if names else "")
    *premise, goal = prop.parts
    for p in premise:
        when = f"after step {found.since}" if found.since else "at first"
        yield f"    true {when}:  {words.expression(p, names)}"
    yield f"    never {'from then on' if premise else 'true'}:  {words.expression(goal, names)}"


def _reasons(
    meaning: Meaning,
    words: Words,
    body: Expr,
    state: State,
    bound: Mapping[str, Value],
    names: Mapping[str, str],
) -> Iterator[str]:
    """Yield lines for a disjunction that is false: what is true, and what should have been."""
    if isinstance(body, x.Un) and body.op == "not":
        yield from _witness(meaning, words, body.arg, state, bound, names)
        return
    parts = chain(body) if isinstance(body, x.Bin) and body.op == "or" else [body]
    premises = [p.arg for p in parts if isinstance(p, x.Un) and p.op == "not"]
    wanted = [p for p in parts if not (isinstance(p, x.Un) and p.op == "not")]
    for p in premises:
        yield f"    true:   {_said(meaning, words, p, names)}"
    for p in wanted:
        yield f"    false:  {_said(meaning, words, p, names)}"


def _witness(
    meaning: Meaning,
    words: Words,
    e: Expr,
    state: State,
    bound: Mapping[str, Value],
    names: Mapping[str, str],
) -> Iterator[str]:
    """Yield a line for each part of `e`, with the elements for which `e` is true."""
    bound, names = dict(bound), dict(names)
    while isinstance(e, x.Quant) and e.kind == "any":
        var, inner = e.var, e.body
        bad = next(
            v
            for v in elements(var.type, meaning.model.sizes)
            if meaning.value(inner, state, {**bound, var.name: v})
        )
        bound[var.name] = bad
        names[var.name] = words.value(bad, var.type)
        e = inner
    for p in chain(e) if isinstance(e, x.Bin) and e.op == "and" else [e]:
        yield f"    true:   {_said(meaning, words, p, names)}"


def _said(meaning: Meaning, words: Words, e: Expr, names: Mapping[str, str]) -> str:
    if isinstance(e, x.Active):
        said = meaning.definitions[e.span].doc
        of = [names.get(a.name, "") for a in e.args if isinstance(a, x.Local)]
        several = any(
            isinstance(a.type, DomainT) and meaning.model.sizes[a.type.name] > 1 for a in e.args
        )
        return f"{said} ({', '.join(of)})" if several and of else said
    return words.expression(e, names)
