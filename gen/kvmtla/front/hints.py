"""Hints at what to write in place of a value of the wrong type."""

from __future__ import annotations

from kvmtla.ir.types import (
    BOOL,
    BoolT,
    DomainT,
    EnumT,
    IntT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    Type,
)


def members(t: EnumT) -> str:
    """Return the first members of an enumeration as they are written."""
    return " or ".join(f"{t}.{m}" for m in t.members[:3]) + (" ..." if len(t.members) > 3 else "")


def towards(want: Type, have: Type) -> str | None:
    """Return how to get from a value of type `have` to a `want`; None where that is unclear."""
    if isinstance(want, BoolT):
        return _to_bool(have)
    if isinstance(have, NoneT):
        return f"make the type of what it goes to {want} | None, or write a {want}"
    return _made(want)


def default_like(t: Type) -> str | None:
    """Return what a default of this type may be; None where there is no hint."""
    match t:
        case BoolT():
            return "write True or False"
        case OptionalT():
            return "write None"
    return towards(t, t)


def _to_bool(have: Type) -> str | None:
    match have:
        case IntT() | OptionalT() | EnumT() | DomainT():
            return "compare it: a condition is a bool or a word"
        case MapT() | SetT():
            return "ask for its elements with any() or all()"
        case RecordT(_, fields, word):
            bits = next((f.name for f in fields if f.type == BOOL), None)
            other = ", or write `if`: a word is true when any of its bits is" if word else ""
            return f"ask for one of its fields, such as .{bits}{other}" if bits else None
    return None


def _made(t: Type) -> str | None:
    """Return how to write a value of this type; None where there is no hint."""
    match t:
        case EnumT():
            return f"write {members(t)}"
        case DomainT():
            return f"use a parameter or variable of type {t}, or choose({t})"
        case IntT(low, high):
            return f"write a number from {low} to {high}, or widen the Between(...) of its type"
        case RecordT(name, fields):
            return f"{name}({fields[0].name}=...) makes one, x.but({fields[0].name}=...) changes x"
        case MapT(key, _):
            return f"Map({{x: ... for x in {key}}}) makes one"
        case SetT(element):
            return f"Set({{x for x in {element} if ...}}) makes one"
        case OptionalT(inner):
            return _made(inner)
    return None


def operators(t: Type) -> str:
    """Return which operators values of a type have."""
    match t:
        case BoolT():
            return "bools have and, or, not"
        case IntT():
            return "integers have + and -"
        case SetT():
            return "sets have & | -"
        case RecordT(_, _, True):
            return "words have & | ~ with a word: the bits of a mask"
    return f"values of type {t} have no operators; compare them with == and !="
