"""Macros for the functions that are one step: each is written once, and used by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kvmtla.emit.pluscal_statements import (
    Any,
    Await,
    Called,
    Do,
    Goto,
    If,
    Let,
    Note,
    Put,
    Statement,
    expressions,
    walk,
)
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local

Body = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: its name, its parameters and what it does."""

    name: str
    params: tuple[Local, ...]
    body: Body


def with_macros(
    bodies: Mapping[str, Body], me: Mapping[str, Local | None], is_free: Callable[[str], bool]
) -> tuple[dict[str, Body], list[Macro]]:
    """Return the steps with a macro for each function that does the same wherever it is called.

    A function that does several things, depending on what is left out or known where it is called,
    stands there. So does one whose name is not free. `me` is what a step calls its own task.
    """
    found: dict[str, set[Macro]] = {}
    for name, body in bodies.items():
        for s in walk(body):
            if isinstance(s, Called):
                found.setdefault(s.name, set()).add(_macro(s, me[name])[0])
    macros = {
        name: macro
        for name, several in found.items()
        if len(several) == 1 and is_free(name)
        for macro in several
        if not macro.params or not _binds(macro.body)
    }
    written = {
        name: tuple(s for one in body for s in _used(one, macros, me[name]))
        for name, body in bodies.items()
    }
    return written, list(macros.values())


def _macro(s: Called, me: Local | None) -> tuple[Macro, tuple[Expr, ...]]:
    """Return a function's macro, and the arguments that it has here."""
    args: dict[Expr, Local] = {}
    whole = (e for one in walk(s.body) for e in expressions(one))
    for v in (v for e in whole for v in _free(e, me)):
        if v not in args:
            name = v.name.split("#")[0].split("@")[0]
            args[v] = Local(f"{name}#{len(args)}", v.type)
    task: dict[Expr, Local] = {me: Local(TASK, me.type)} if me is not None else {}
    return Macro(s.name, tuple(args.values()), _replaced(s.body, {**task, **args})), tuple(args)


TASK = "self#"
"""What a macro calls the task that uses it."""


def _free(e: Expr, me: Local | None) -> Iterator[Local | x.ActorVar]:
    """Yield the locals in an expression that a macro has to be given."""
    if isinstance(e, x.ActorVar) and e.name != "pc" and e.index in (None, me):
        yield e
        return
    bound = {e.var} if isinstance(e, _BINDERS) else set()
    if isinstance(e, x.Local) and e != me:
        yield e
    for child in x.children(e):
        yield from (v for v in _free(child, me) if v not in bound)


_BINDERS = (x.Quant, x.MapOf, x.SetFilter, x.Let)


def _binds(body: Body) -> bool:
    """Is there a name in it that an argument might have too?"""
    whole = (y for s in walk(body) for e in expressions(s) for y in x.walk(e))
    return any(isinstance(y, _BINDERS) for y in whole)


def _replaced(body: Body, args: Mapping[Expr, Local]) -> Body:
    def new(e: Expr) -> Expr:
        return args[e] if e in args else x.rebuild(e, new)

    def one(s: Statement) -> Statement:
        match s:
            case Await(cond):
                return Await(new(cond))
            case Put(values):
                return Put(tuple((new(place), new(value)) for place, value in values))
            case If(cond, then, other):
                return If(new(cond), tuple(map(one, then)), tuple(map(one, other)))
        return s

    return tuple(map(one, body))


def _used(s: Statement, macros: Mapping[str, Macro], me: Local | None) -> Iterator[Statement]:
    match s:
        case Called(name, text, body):
            if name in macros:
                yield Do(name, _macro(s, me)[1])
            else:
                yield Note(text)
                yield from body
        case If(_, then, other):
            yield replace(s, then=_all(then, macros, me), other=_all(other, macros, me))
        case Any() | Let():
            yield replace(s, body=_all(s.body, macros, me))
        case _:
            yield s


def _all(body: Sequence[Statement], macros: Mapping[str, Macro], me: Local | None) -> Body:
    return tuple(one for s in body for one in _used(s, macros, me))


def called(event_text: str, body: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return what follows a call: what it does is set apart as far as only shared state changes."""
    name, _, rest = event_text.partition("(")
    count = 0
    while count < len(body) and _is_shared(body[count]):
        count += 1
    if not count or not name.isidentifier() or not rest.endswith(")"):
        return (Note(event_text), *body)
    return (Called(name, event_text, tuple(body[:count])), *body[count:])


def _is_shared(s: Statement) -> bool:
    match s:
        case Await():
            return True
        case Put(values):
            return all(not isinstance(_root(place), x.ActorVar) for place, _ in values)
        case If(_, then, other):
            inside = list(walk((s,)))
            return not any(isinstance(one, Goto | Any | Let | Do | Note) for one in inside) and all(
                map(_is_shared, (*then, *other))
            )
    return False


def _root(place: Expr) -> Expr:
    while isinstance(place, x.Field | x.Index):
        place = place.base
    return place
