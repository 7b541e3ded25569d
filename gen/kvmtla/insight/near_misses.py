"""The near misses of a property: the states in which one part alone keeps it true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kvmtla.engine import Limits, Search, compile_model
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, chain
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import Definition, Model
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import BOOL, DomainT
from kvmtla.trace import Trace, follow, trace_of
from kvmtla.trace.words import Words
from kvmtla.verdict import Verdict


@dataclass(frozen=True)
class Near:
    """A part of a property, with the number of states in which it alone keeps the property true.

    `part` is in words. `trace` tells a shortest way to such a state, None where there is none.
    """

    part: str
    states: int
    steps: int | None
    trace: Callable[[], Trace | None]


@dataclass(frozen=True)
class Nearness:
    """The findings of a search about a property.

    `states` is the number of all states; in `premise` of them the property had something to say,
    None where it always has. `unknown` is the reason where the search did not come to its end.
    """

    states: int
    premise: int | None
    parts: tuple[Near, ...]
    unknown: str | None = None


@dataclass(frozen=True)
class _Shape:
    """A property as "for all `binders`, one of `parts`, or the contrary of one of `premises`"."""

    binders: tuple[x.Local, ...]
    premises: tuple[Expr, ...]
    parts: tuple[Expr, ...]

    def some(self, cond: Expr) -> Expr:
        """Return the condition that `cond` is true for some values of the binders."""
        for var in reversed(self.binders):
            cond = x.Quant("any", var, cond)
        return cond


def nearness(model: Model, prop: str, limit: Limits) -> Nearness:
    """Search `model`, in which the invariant `prop` should hold, for its near misses.

    Every state is looked at, unless the limit ends the search. Raises KeyError for an invariant
    that the model does not have.
    """
    shape = _shape({d.name: d for d in model.definitions}[prop].body)
    goals = dict(_goals(shape))
    premise = shape.some(_all(shape.premises))
    watch = {**{f"near {i}": g for i, g in enumerate(goals.values())}, "premise": premise}
    search = Search(compile_model(model, watch))
    outcome = search.run((), limit=limit)
    if outcome.verdict is not Verdict.HOLDS:
        why = outcome.reason or f"{outcome.name} is violated"
        return Nearness(outcome.distinct, None, (), why)
    words = Words(model)
    names = {
        v.name: v.type.label if isinstance(v.type, DomainT) else str(v.type) for v in shape.binders
    }
    found = [
        _near(model, _said(model, words, part, names), goal, outcome.watched[f"near {i}"], limit)
        for i, (part, goal) in enumerate(goals.items())
    ]
    always = premise == x.TRUE
    return Nearness(outcome.distinct, None if always else outcome.watched["premise"], (*found,))


def _said(model: Model, words: Words, part: Expr, names: Mapping[str, str]) -> str:
    if isinstance(part, x.Active):
        return next(d.doc for d in model.definitions if d.name == part.span)
    return words.expression(part, names)


def _near(model: Model, part: str, goal: Expr, states: int, limit: Limits) -> Near:
    if not states:
        return Near(part, 0, None, lambda: None)
    name, doc, loc = "near_miss", f"Only this is true: {part}.", model.initial_loc
    wider = replace(
        model,
        definitions=(*model.definitions, Definition(name, (), goal, loc, doc)),
        properties=(Property(name, PropertyKind.GOAL, (), (goal,), (), doc, loc),),
    )
    outcome = Search(compile_model(wider)).run(name, limit=limit)

    def trace() -> Trace | None:
        if outcome.verdict is not Verdict.VIOLATED:
            return None
        return replace(trace_of(wider, follow(wider, outcome.trace, name), name), failure=())

    steps = len(outcome.trace) - 1 if outcome.verdict is Verdict.VIOLATED else None
    return Near(part, states, steps, trace)


def _shape(body: Expr) -> _Shape:
    binders = []
    while isinstance(body, x.Quant) and body.kind == "all":
        binders.append(body.var)
        body = body.body
    if isinstance(body, x.Un) and body.op == "not":
        # Something must not exist: it is near where all but one part of it is true.
        inner = body.arg
        while isinstance(inner, x.Quant) and inner.kind == "any":
            binders.append(inner.var)
            inner = inner.body
        conjuncts = chain(inner) if isinstance(inner, x.Bin) and inner.op == "and" else [inner]
        return _Shape((*binders,), (), tuple(map(_negated, conjuncts)))
    parts = chain(body) if isinstance(body, x.Bin) and body.op == "or" else [body]
    premises = [p.arg for p in parts if isinstance(p, x.Un) and p.op == "not"]
    wanted = [p for p in parts if not (isinstance(p, x.Un) and p.op == "not")]
    if not wanted:
        return _Shape((*binders,), (), tuple(map(_negated, premises)))
    return _Shape((*binders,), (*premises,), (*wanted,))


def _goals(shape: _Shape) -> Iterator[tuple[Expr, Expr]]:
    """Yield each part, with the condition that it alone keeps the property true."""
    for part in shape.parts:
        others = [_negated(p) for p in shape.parts if p is not part]
        yield part, shape.some(_all([*shape.premises, part, *others]))


def _all(parts: list[Expr] | tuple[Expr, ...]) -> Expr:
    made: Expr = x.TRUE
    for p in parts:
        made = simplify(x.Bin("and", made, p, BOOL))
    return made


def _negated(e: Expr) -> Expr:
    return simplify(x.Un("not", e, BOOL))
