"""Bits of words that no value in a model ever has."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Model
from kvmtla.ir.types import FieldT, MapT, OptionalT, RecordT, Type, Value, without_none

Bit = tuple[str, str]
"""A word's type, and the name of the bit."""


def never_set(model: Model) -> frozenset[Bit]:
    """Return the bits that are clear in all words that the model ever makes.

    They are found by looking at what is written into a bit, not at the states: a bit may be clear
    in all states and still be missing here.
    """
    clear: set[Bit] = set()
    written: list[tuple[Bit, Expr | None]] = []
    for variable in model.variables.values():
        written += _in_value(variable.first, variable.type)
    for e in model.expressions:
        match e:
            case x.Const(value, t):
                written += _in_value(value, t)
            case x.Make(values, RecordT(name, fields, word=True)):
                written += (((name, f.name), v) for f, v in zip(fields, values, strict=True))
            case x.Update(base, path, value):
                t = base.type
                for step in path:
                    last, t = t, part(t, step)
                if isinstance(last, RecordT) and last.word and isinstance(path[-1], str):
                    written.append(((last.name, path[-1]), value))
    clear.update(bit for bit, _ in written)
    while True:
        found = {bit for bit, e in written if bit in clear and _may_be_set(e, clear)}
        if not found:
            return frozenset(clear)
        clear -= found


def without_position(model: Model) -> Iterator[tuple[RecordT, FieldT]]:
    """Yield the bits that may be set but have no position in the format of the words."""
    form = model.word_format
    words = {w.name: w for v in model.variables.values() for w in _words(v.type)}
    found = [(w, f) for w in words.values() for f in w.fields if form and form not in f.bits]
    if found:
        clear = never_set(model)
        yield from ((w, f) for w, f in found if (w.name, f.name) not in clear)


def _words(t: Type) -> Iterator[RecordT]:
    match t:
        case RecordT(word=True):
            yield t
        case RecordT(_, fields):
            for f in fields:
                yield from _words(f.type)
        case MapT(_, inner) | OptionalT(inner):
            yield from _words(inner)


def part(t: Type, step: str | Expr) -> Type:
    """Return the type at one step of an update's path in a value of type `t`."""
    t = without_none(t)
    if isinstance(t, MapT):
        return t.value
    assert isinstance(t, RecordT)
    return next(f.type for f in t.fields if f.name == step)


def _in_value(value: Value, t: Type) -> Iterator[tuple[Bit, Expr | None]]:
    """Yield the bits in a value, each with FALSE, or with None if it is set."""
    match t:
        case OptionalT(inner) if value is not None:
            yield from _in_value(value, inner)
        case MapT(_, inner) if isinstance(value, tuple):
            for v in value:
                yield from _in_value(v, inner)
        case RecordT(name, fields, word=word) if isinstance(value, tuple):
            for f, v in zip(fields, value, strict=True):
                if word:
                    yield (name, f.name), None if v else x.FALSE
                else:
                    yield from _in_value(v, f.type)


def _may_be_set(e: Expr | None, clear: set[Bit]) -> bool:
    """Can a bit that is given this value be set, if those in `clear` are not?"""
    match e:
        case x.Const(value):
            return bool(value)
        case x.Field(base, name):
            t = without_none(base.type)
            return not (isinstance(t, RecordT) and (t.name, name) in clear)
        case x.Bin("and", a, b):
            return _may_be_set(a, clear) and _may_be_set(b, clear)
        case x.Bin("or", a, b):
            return _may_be_set(a, clear) or _may_be_set(b, clear)
        case x.If(_, a, b):
            return _may_be_set(a, clear) or _may_be_set(b, clear)
    return True
