"""Expressions: frozen, typed, each with the place in the spec that it comes from.

Two expressions are equal when they say the same, wherever they were written: `loc` does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

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

_EXPR_TYPES = (
    Const,
    Constant,
    Local,
    Shared,
    ActorVar,
    Field,
    Index,
    Make,
    Update,
    Un,
    Bin,
    If,
    Quant,
    MapOf,
    SetOf,
    SetFilter,
    Call,
    Active,
)

_NO_NAMES: frozenset[str] = frozenset()

TRUE = Const(True, BOOL)
FALSE = Const(False, BOOL)

# Which attributes of a node hold expressions: worked out once a class, walked often.
_CHILDREN: dict[type, tuple[str, ...]] = {
    cls: tuple(
        f.name
        for f in fields(cls)
        if f.name
        in {
            "base",
            "key",
            "values",
            "path",
            "value",
            "arg",
            "left",
            "right",
            "cond",
            "then",
            "other",
            "body",
            "items",
            "args",
            "index",
        }
        and cls is not Const
    )
    for cls in _EXPR_TYPES
}


_FIELDS: dict[type, tuple[str, ...]] = {
    cls: tuple(f.name for f in fields(cls)) for cls in _CHILDREN
}


def children(e: Expr) -> Sequence[Expr]:
    """The expressions that `e` is made of, outermost only; the variable a binder binds is not."""
    names = _CHILDREN[type(e)]
    if not names:
        return ()
    found: list[Expr] = []
    for name in names:
        part = getattr(e, name)
        if isinstance(part, tuple):
            found += [p for p in part if not isinstance(p, str)]
        elif part is not None:
            found.append(part)
    return found


def walk(e: Expr) -> Sequence[Expr]:
    """`e` and everything in it, outside in."""
    found: list[Expr] = []
    todo = [e]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += reversed(children(one))
    return found


def rebuild(e: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """`e` with `change` applied to each of its children."""
    cls = type(e)
    names = _CHILDREN[cls]
    if not names:
        return e
    new: dict[str, object] = {}
    for name in names:
        part = getattr(e, name)
        if isinstance(part, tuple):
            changed = tuple([p if isinstance(p, str) else change(p) for p in part])
            if any(a is not b for a, b in zip(changed, part, strict=True)):
                new[name] = changed
        elif part is not None:
            one = change(part)
            if one is not part:
                new[name] = one
    if not new:
        return e
    return cls(*[new[n] if n in new else getattr(e, n) for n in _FIELDS[cls]])  # type: ignore[arg-type]


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
