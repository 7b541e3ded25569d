"""Expressions: frozen, typed, each with the place in the spec that it comes from.

Two expressions are equal when they say the same, wherever they were written: `loc` does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from operator import attrgetter
from typing import Any, get_args

from kvmtla.errors import Loc
from kvmtla.ir.types import BOOL, MapT, NoneT, OptionalT, RecordT, Type, Value
from kvmtla.patience import on_time
from kvmtla.value_class import hashed_once, value_class


class _Noted:
    """Answers that an expression is asked for again and again, noted in it the first time.

    They are not copied, or written into a file: a hash is good for one process only.
    """

    __slots__ = ("asked_", "called_", "hash_", "locals_", "shared_", "simple_", "size_")

    asked_: frozenset[str]
    called_: frozenset[str]
    hash_: int
    locals_: frozenset[str]
    shared_: frozenset[str]
    simple_: bool
    size_: int


@value_class(frozen=True, slots=True)
class Const(_Noted):
    """A literal value."""

    value: Value
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Constant(_Noted):
    """A constant of the scenario, by name; gone once the spec is specialised."""

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Local(_Noted):
    """A parameter, a local variable, or the variable of a comprehension.

    If `made`, it has no name in the spec, but holds a value in the middle of a line.
    """

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)
    made: bool = field(default=False, compare=False)


@value_class(frozen=True, slots=True)
class Shared(_Noted):
    """A field of the shared state; if a step is spoken of, `after` it or before."""

    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)
    after: bool = False


@value_class(frozen=True, slots=True)
class ActorVar(_Noted):
    """The place of an actor (`name` is "pc") or one of its locals, as part of the state."""

    actor: str
    name: str
    index: Expr | None
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Field(_Noted):
    """`base.name`."""

    base: Expr
    name: str
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Index(_Noted):
    """`base[key]`."""

    base: Expr
    key: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Make(_Noted):
    """A record from the values of all its fields, in their order."""

    values: tuple[Expr, ...]
    type: RecordT
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Update(_Noted):
    """`base` with one place changed; `path` goes inwards: a str is a field, an Expr an index."""

    base: Expr
    path: tuple[str | Expr, ...]
    value: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Un(_Noted):
    """`not x` or `-x`."""

    op: str
    arg: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Bin(_Noted):
    """A binary operation: and or == != < <= > >= + - in, and | - & of sets."""

    op: str
    left: Expr
    right: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class If(_Noted):
    """`then if cond else other`."""

    cond: Expr
    then: Expr
    other: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Quant(_Noted):
    """`all(body for var in over)` or `any(...)`; `kind` is "all" or "any"."""

    kind: str
    var: Local
    body: Expr
    type: Type = BOOL
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class MapOf(_Noted):
    """`Map({var: body for var in Domain})`."""

    var: Local
    body: Expr
    type: MapT
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class SetOf(_Noted):
    """`Set(...)` of the elements listed."""

    items: tuple[Expr, ...]
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class SetFilter(_Noted):
    """`Set({var for var in Domain if cond})`."""

    var: Local
    cond: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Let(_Noted):
    """`body`, in which `var` stands for `value`: a value used several times is written once."""

    var: Local
    value: Expr
    body: Expr
    type: Type
    loc: Loc | None = field(default=None, compare=False)


@value_class(frozen=True, slots=True)
class Call(_Noted):
    """A call of a pure function, by the key under which the program keeps it.

    With `after`, it reads the state after the step; its arguments say for themselves what they do.
    """

    function: str
    args: tuple[Expr, ...]
    type: Type
    loc: Loc | None = field(default=None, compare=False)
    after: bool = False


@value_class(frozen=True, slots=True)
class Active(_Noted):
    """The condition that some actor is in the span with these arguments; `after` as for a call."""

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
    | Let
    | Call
    | Active
)

_note = object.__setattr__


for _cls in get_args(Expr):
    hashed_once(_cls)

_NO_NAMES: frozenset[str] = frozenset()

TRUE = Const(True, BOOL)
FALSE = Const(False, BOOL)

# The children of the nodes of each class: asked for so often that each class has its own way.
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
    Let: attrgetter("value", "body"),
    Call: attrgetter("args"),
    Active: attrgetter("args"),
}


def children(e: Expr) -> Sequence[Expr]:
    """Return the outermost expressions that `e` is made of, without a binder's own variable."""
    return _CHILDREN[type(e)](e)


def walk(e: Expr) -> Sequence[Expr]:
    """Return `e` and everything in it, outside in."""
    found: list[Expr] = []
    todo = [e]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += _CHILDREN[type(one)](one)[::-1]
    return found


def rebuild(e: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Return `e` with `change` applied to each of its children."""
    parts = _CHILDREN[type(e)](e)
    if not parts:
        return e
    on_time()
    changed = [change(p) for p in parts]
    for new, old in zip(changed, parts):  # noqa: B905 - there are as many; asked very often
        if new is not old:
            return _WITH_CHILDREN[type(e)](e, changed)
    return e


def _update_of(e: Update, parts: Sequence[Expr]) -> Update:
    base, *keys, value = parts
    given = iter(keys)
    path = tuple([p if isinstance(p, str) else next(given) for p in e.path])
    return Update(base, path, value, e.type, e.loc)


# A node of each class like another one, with other children.
_WITH_CHILDREN: dict[type, Callable[[Any, Sequence[Expr]], Expr]] = {
    ActorVar: lambda e, p: ActorVar(e.actor, e.name, p[0], e.type, e.loc),
    Field: lambda e, p: Field(p[0], e.name, e.type, e.loc),
    Index: lambda e, p: Index(p[0], p[1], e.type, e.loc),
    Make: lambda e, p: Make(tuple(p), e.type, e.loc),
    Update: _update_of,
    Un: lambda e, p: Un(e.op, p[0], e.type, e.loc),
    Bin: lambda e, p: Bin(e.op, p[0], p[1], e.type, e.loc),
    If: lambda e, p: If(p[0], p[1], p[2], e.type, e.loc),
    Quant: lambda e, p: Quant(e.kind, e.var, p[0], e.type, e.loc),
    MapOf: lambda e, p: MapOf(e.var, p[0], e.type, e.loc),
    SetOf: lambda e, p: SetOf(tuple(p), e.type, e.loc),
    SetFilter: lambda e, p: SetFilter(e.var, p[0], e.type, e.loc),
    Let: lambda e, p: Let(e.var, p[0], p[1], p[1].type, e.loc),
    Call: lambda e, p: Call(e.function, tuple(p), e.type, e.loc, e.after),
    Active: lambda e, p: Active(e.span, tuple(p), e.type, e.loc, e.after),
}


def substitute(e: Expr, env: Mapping[str, Expr]) -> Expr:
    """Return `e` with locals replaced by what `env` holds for their names.

    The variables of binders have names that nothing else has, so nothing can be captured.
    """
    if isinstance(e, Local):
        return env.get(e.name, e)
    if locals_in(e).isdisjoint(env):
        return e
    return rebuild(e, lambda c: substitute(c, env))


def later(e: Expr) -> Expr:
    """Return what `e`, which speaks of one state, says of the state after a step."""
    if isinstance(e, Shared | Call | Active):
        e = replace(e, after=True)
    return rebuild(e, later)


def sooner(e: Expr) -> Expr:
    """Return what `e`, which speaks of the state after a step, says of any one state."""
    if isinstance(e, Shared | Call | Active):
        e = replace(e, after=False)
    return rebuild(e, sooner)


def chain(e: Expr) -> list[Expr]:
    """Return the operands of a run of `and` only, or of `or` only."""
    if not (isinstance(e, Bin) and e.op in ("and", "or")):
        return [e]
    out: list[Expr] = []
    for side in (e.left, e.right):
        out += chain(side) if isinstance(side, Bin) and side.op == e.op else [side]
    return out


def locals_in(e: Expr) -> frozenset[str]:
    """Return the names of the locals that `e` reads, without a binder's own variable."""
    try:
        return e.locals_
    except AttributeError:
        pass
    if isinstance(e, Local):
        found = frozenset((e.name,))
    elif isinstance(e, Let):
        found = locals_in(e.value) | (locals_in(e.body) - {e.var.name})
    else:
        found = _union([locals_in(c) for c in children(e)])
        if isinstance(e, Quant | MapOf | SetFilter):
            found -= {e.var.name}
    _note(e, "locals_", found)
    return found


def shared_in(e: Expr) -> frozenset[str]:
    """Return the names of the shared fields that `e` reads."""
    try:
        return e.shared_
    except AttributeError:
        pass
    if isinstance(e, Shared):
        found = frozenset((e.name,))
    else:
        found = _union([shared_in(c) for c in children(e)])
    _note(e, "shared_", found)
    return found


def called_in(e: Expr) -> frozenset[str]:
    """Return the keys of the pure functions that `e` itself calls."""
    try:
        return e.called_
    except AttributeError:
        pass
    found = _union([called_in(c) for c in children(e)])
    if isinstance(e, Call):
        found |= {e.function}
    _note(e, "called_", found)
    return found


def asked_in(e: Expr) -> frozenset[str]:
    """Return the spans that `e` itself asks about."""
    try:
        return e.asked_
    except AttributeError:
        pass
    found = _union([asked_in(c) for c in children(e)])
    if isinstance(e, Active):
        found |= {e.span}
    _note(e, "asked_", found)
    return found


def _union(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the union of sets; a single set as it is, so that few are kept."""
    if not sets:
        return _NO_NAMES
    return sets[0] if len(sets) == 1 else sets[0].union(*sets[1:])


def size(e: Expr) -> int:
    """Return how many nodes `e` has when written out, each counted as often as it occurs."""
    try:
        return e.size_
    except AttributeError:
        pass
    found = 1 + sum(map(size, children(e)))
    _note(e, "size_", found)
    return found


def loose(e: Expr) -> Type:
    """Return the type of `e`, made optional if any part of it may make it None.

    A value may stand where an optional one is wanted, and a tested optional one where a value is
    wanted, without saying so.
    """
    if isinstance(e, Let):
        return loose(e.body)
    if isinstance(e, If):
        arms = loose(e.then), loose(e.other)
        for t in arms:
            if isinstance(t, OptionalT):
                return t
        if isinstance(arms[0], NoneT) or isinstance(arms[1], NoneT):
            known = arms[1] if isinstance(arms[0], NoneT) else arms[0]
            return known if isinstance(known, NoneT) else OptionalT(known)
    return e.type


def is_simple(e: Expr) -> bool:
    """Is it noted that nothing makes `e` simpler?"""
    return hasattr(e, "simple_")


def note_simple(e: Expr) -> None:
    """Note that nothing makes `e` simpler."""
    _note(e, "simple_", True)
