"""Integers that may leave their bounds, as far as the text of what is stored shows."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Leaf, Model, leaves
from kvmtla.ir.types import IntT, MapT, OptionalT, RecordT, Type, Value


def fits(e: Expr, t: Type) -> bool:
    """Is `e` certain to give a value of type `t`, if all that it reads is of its own type?"""
    match e:
        case x.Const(value):
            return all(i.low <= n <= i.high for i, n in integers(t, value))
        case x.If(_, then, other):
            return fits(then, t) and fits(other, t)
        case x.Make(values) if isinstance(t, RecordT):
            return all(fits(v, f.type) for v, f in zip(values, t.fields, strict=True))
        case x.MapOf(_, body) if isinstance(t, MapT):
            return fits(body, t.value)
        case x.Update(base, path, value):
            return fits(base, t) and fits(value, _part(t, path))
    return within(e.type, t)


def _part(t: Type, path: tuple[str | Expr, ...]) -> Type:
    for step in path:
        t = t.inner if isinstance(t, OptionalT) else t
        if isinstance(step, str):
            assert isinstance(t, RecordT)
            i = t.index(step)
            assert i is not None
            t = t.fields[i].type
        else:
            assert isinstance(t, MapT)
            t = t.value
    return t


def has_bounds(t: Type) -> bool:
    """Is there an integer in a value of type `t`?"""
    match t:
        case OptionalT(inner) | MapT(_, inner):
            return has_bounds(inner)
        case RecordT(_, fields):
            return any(has_bounds(f.type) for f in fields)
    return isinstance(t, IntT)


def within(given: Type, t: Type) -> bool:
    """Is every value of type `given` also one of type `t`, as far as integers go?"""
    match given, t:
        case IntT(), IntT():
            return t.low <= given.low and given.high <= t.high
        case OptionalT(a), OptionalT(b):
            return within(a, b)
        case _, OptionalT(b):
            return within(given, b)
        case OptionalT(a), _:
            return within(a, t)
        case RecordT(), RecordT():
            pairs = zip(given.fields, t.fields, strict=False)
            return all(within(a.type, b.type) for a, b in pairs)
        case MapT(), MapT():
            return within(given.value, t.value)
    return True


def integers(t: Type, value: Value) -> Iterator[tuple[IntT, int]]:
    """Yield the integers in a value of type `t`, each with its own type."""
    match t:
        case IntT() if isinstance(value, int):
            yield t, value
        case OptionalT(inner) if value is not None:
            yield from integers(inner, value)
        case RecordT(_, fields) if isinstance(value, tuple):
            for f, part in zip(fields, value, strict=True):
                yield from integers(f.type, part)
        case MapT(_, inner) if isinstance(value, tuple):
            for part in value:
                yield from integers(inner, part)


def may_leave(model: Model) -> bool:
    """Could a variable of the model get an integer outside its bounds?"""
    trees = (model.initial, *(a.tree for a in model.actions))
    return not all(_is_safe(model, leaf) for tree in trees for leaf in leaves(tree))


def _is_safe(model: Model, leaf: Leaf) -> bool:
    indexed = {a.name for a in model.actors if a.domain is not None}
    for name, e in leaf.updates.items():
        v = model.variables[name]
        t = v.type
        if v.actor in indexed:
            # An actor that is one of several changes only its own part.
            assert isinstance(t, MapT)
            t = t.value
        if not fits(e, t):
            return False
    return True
