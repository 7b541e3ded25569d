"""Expressions: frozen, typed, each with the place in the spec that it comes from.

Two expressions are equal when they say the same, wherever they were written: `loc` does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, assert_never

from kvmtla.errors import Loc
from kvmtla.ir.types import BOOL, MapT, RecordT, Type, Value


@dataclass(frozen=True, slots=True)
class Const:
    """A literal value."""

    value: Value
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the scenario, by name; gone once the spec is specialised."""

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Local:
    """A parameter, a local variable, or the variable of a comprehension."""

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Shared:
    """A field of the shared state; in what is about a step, `after` it or before."""

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)
    after: bool = False


@dataclass(frozen=True, slots=True)
class ActorVar:
    """Where an actor is (`name` is "pc") or one of its locals, as part of the state."""

    actor: str
    name: str
    index: Expr | None
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """`base.name`."""

    base: Expr
    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`base[key]`."""

    base: Expr
    key: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Make:
    """A record from the values of all its fields, in their order."""

    values: tuple[Expr, ...]
    type: RecordT
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Update:
    """`base` with one place changed; `path` goes inwards, a str a field, an Expr an index."""

    base: Expr
    path: tuple[str | Expr, ...]
    value: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Un:
    """`not x` or `-x`."""

    op: str
    arg: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Bin:
    """A binary operation: and or == != < <= > >= + - in, and | - & of sets."""

    op: str
    left: Expr
    right: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """`then if cond else other`."""

    cond: Expr
    then: Expr
    other: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Quant:
    """`all(body for var in over)` or `any(...)`; `kind` is "all" or "any"."""

    kind: str
    var: Local
    body: Expr
    type: Type = BOOL
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MapOf:
    """`Map({var: body for var in Domain})`."""

    var: Local
    body: Expr
    type: MapT
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SetOf:
    """`Set(...)` of the elements listed."""

    items: tuple[Expr, ...]
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SetFilter:
    """`Set({var for var in Domain if cond})`."""

    var: Local
    cond: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a pure function, by the key under which the program keeps it.

    `after`: what it reads is the state after the step; its arguments say so for themselves.
    """

    function: str
    args: tuple[Expr, ...]
    type: Type
    loc: Loc | None = field(default=None, compare=False)
    after: bool = False


@dataclass(frozen=True, slots=True)
class Active:
    """Is some actor inside the span `span` with these arguments? `after` as for a call."""

    span: str
    args: tuple[Expr, ...]
    type: Type = BOOL
    loc: Loc | None = field(default=None, compare=False)
    after: bool = False


Expr = (
    Const
    | Constant
    | Local
    | Shared
    | ActorVar
    | Field
    | Index
    | Make
    | Update
    | Un
    | Bin
    | If
    | Quant
    | MapOf
    | SetOf
    | SetFilter
    | Call
    | Active
)

_NO_NAMES: frozenset[str] = frozenset()

TRUE = Const(True, BOOL)
FALSE = Const(False, BOOL)

# The expressions that a node of each class is made of: walked so often that each has its own way.
_CHILDREN: dict[type, Callable[[Any], Sequence[Expr]]] = {
    **dict.fromkeys((Const, Constant, Local, Shared), lambda e: ()),
    ActorVar: lambda e: () if e.index is None else (e.index,),
    Field: lambda e: (e.base,),
    Index: attrgetter("base", "key"),
    Make: attrgetter("values"),
    Update: lambda e: (e.base, *[p for p in e.path if not isinstance(p, str)], e.value),
    Un: lambda e: (e.arg,),
    Bin: attrgetter("left", "right"),
    If: attrgetter("cond", "then", "other"),
    Quant: lambda e: (e.body,),
    MapOf: lambda e: (e.body,),
    SetOf: attrgetter("items"),
    SetFilter: lambda e: (e.cond,),
    Call: attrgetter("args"),
    Active: attrgetter("args"),
}


def children(e: Expr) -> Sequence[Expr]:
    """The expressions that `e` is made of, outermost only; the variable a binder binds is not."""
    return _CHILDREN[type(e)](e)


def walk(e: Expr) -> Sequence[Expr]:
    """`e` and everything in it, outside in."""
    found: list[Expr] = []
    todo = [e]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += _CHILDREN[type(one)](one)[::-1]
    return found


def rebuild(e: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`e` with `change` applied to each of its children."""
    parts = _CHILDREN[type(e)](e)
    changed = [change(p) for p in parts]
    for new, old in zip(changed, parts, strict=True):
        if new is not old:
            return _made_of(e, changed)
    return e


def _made_of(e: Expr, parts: Sequence[Expr]) -> Expr:
    """`e` with other children."""
    match e:
        case ActorVar():
            return ActorVar(e.actor, e.name, parts[0], e.type, e.loc)
        case Field():
            return Field(parts[0], e.name, e.type, e.loc)
        case Index():
            return Index(parts[0], parts[1], e.type, e.loc)
        case Make():
            return Make(tuple(parts), e.type, e.loc)
        case Update():
            base, *keys, value = parts
            given = iter(keys)
            path = tuple([p if isinstance(p, str) else next(given) for p in e.path])
            return Update(base, path, value, e.type, e.loc)
        case Un():
            return Un(e.op, parts[0], e.type, e.loc)
        case Bin():
            return Bin(e.op, parts[0], parts[1], e.type, e.loc)
        case If():
            return If(parts[0], parts[1], parts[2], e.type, e.loc)
        case Quant():
            return Quant(e.kind, e.var, parts[0], e.type, e.loc)
        case MapOf():
            return MapOf(e.var, parts[0], e.type, e.loc)
        case SetOf():
            return SetOf(tuple(parts), e.type, e.loc)
        case SetFilter():
            return SetFilter(e.var, parts[0], e.type, e.loc)
        case Call():
            return Call(e.function, tuple(parts), e.type, e.loc, e.after)
        case Active():
            return Active(e.span, tuple(parts), e.type, e.loc, e.after)
        case Const() | Constant() | Local() | Shared():
            return e
    assert_never(e)


def substitute(e: Expr, env: dict[str, Expr]) -> Expr:
    """`e` with locals replaced by what `env` holds for their names.

    The variables of binders have names that nothing else has, so that nothing can be captured.
    """
    if isinstance(e, Local):
        return env.get(e.name, e)
    return rebuild(e, lambda c: substitute(c, env))


def later(e: Expr) -> Expr:
    """What `e`, which speaks of one state, says of the state after a step."""
    if isinstance(e, Shared | Call | Active):
        e = replace(e, after=True)
    return rebuild(e, later)


def sooner(e: Expr) -> Expr:
    """What `e`, which speaks of the state after a step, says of any one state."""
    if isinstance(e, Shared | Call | Active):
        e = replace(e, after=False)
    return rebuild(e, sooner)


def locals_in(e: Expr) -> frozenset[str]:
    """The names of the locals that `e` reads; a binder's own variable is not one of them."""
    if isinstance(e, Local):
        return frozenset((e.name,))
    parts = children(e)
    if not parts:
        return _NO_NAMES
    found = _NO_NAMES.union(*[locals_in(c) for c in parts])
    return found - {e.var.name} if isinstance(e, Quant | MapOf | SetFilter) else found


def shared_in(e: Expr) -> frozenset[str]:
    """The names of the shared fields that `e` reads."""
    return frozenset(x.name for x in walk(e) if isinstance(x, Shared))
