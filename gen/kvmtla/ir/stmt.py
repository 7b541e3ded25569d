"""Statements and functions, as they stand in the spec: structured, typed, not yet steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kvmtla.errors import Loc
from kvmtla.ir.expr import Expr, Field, Index, Local, Shared
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import DomainT, SharedT, Type
from kvmtla.value_class import value_class


@value_class(frozen=True, slots=True)
class Assign:
    """A local gets a value."""

    target: Local
    value: Expr
    loc: Loc


@value_class(frozen=True, slots=True)
class Store:
    """Shared state gets a value; only in code that is one step as a whole."""

    place: Expr
    value: Expr
    loc: Loc


@value_class(frozen=True, slots=True)
class Primitive:
    """One atomic access to shared memory, such as `xchg`; `name` is one of PRIMITIVES."""

    name: str
    place: Expr
    args: tuple[Expr, ...]
    targets: tuple[Local, ...]
    loc: Loc
    texts: tuple[str, ...]
    """The arguments after the place, in C."""


@value_class(frozen=True, slots=True)
class CallStmt:
    """A call of an operation or an atomic function, by its key."""

    function: str
    args: tuple[Expr, ...]
    targets: tuple[Local, ...]
    loc: Loc
    texts: tuple[str, ...]
    """The arguments, in C."""


@value_class(frozen=True, slots=True)
class Wait:
    """A wait until a condition on shared state is true."""

    cond: Expr
    loc: Loc
    text: str


@value_class(frozen=True, slots=True)
class Require:
    """A step is possible only where the condition is true."""

    cond: Expr
    loc: Loc


@value_class(frozen=True, slots=True)
class Choose:
    """A local gets any one of the values of its type."""

    target: Local
    loc: Loc


@value_class(frozen=True, slots=True)
class IfStmt:
    """A decision."""

    cond: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    loc: Loc
    reasons: tuple[tuple[str, Expr], ...] = ()
    """The condition's alternatives, each in C and as an expression."""


@value_class(frozen=True, slots=True)
class While:
    """A loop until `cond` is false, a break or a return."""

    cond: Expr
    body: tuple[Stmt, ...]
    loc: Loc


@value_class(frozen=True, slots=True)
class For:
    """A loop that runs once for each element of an ordered domain, in order."""

    var: Local
    body: tuple[Stmt, ...]
    loc: Loc


@value_class(frozen=True, slots=True)
class WithLock:
    """A block that holds a lock; `kind` is "read" or "write"."""

    kind: str
    place: Expr
    body: tuple[Stmt, ...]
    loc: Loc
    text: str


@value_class(frozen=True, slots=True)
class WithSpan:
    """The steps of `body` lie inside the span while `when` holds."""

    span: str
    args: tuple[Expr, ...]
    when: Expr
    body: tuple[Stmt, ...]
    loc: Loc


@value_class(frozen=True, slots=True)
class Return:
    """A return from the function with these values, one for each result."""

    values: tuple[Expr, ...]
    loc: Loc


@value_class(frozen=True, slots=True)
class Break:
    """A jump out of the loop."""

    loc: Loc


@value_class(frozen=True, slots=True)
class Continue:
    """A jump to the next round of the loop."""

    loc: Loc


Stmt = (
    Assign
    | Store
    | Primitive
    | CallStmt
    | Wait
    | Require
    | Choose
    | IfStmt
    | While
    | For
    | WithLock
    | WithSpan
    | Return
    | Break
    | Continue
)


def walk(body: tuple[Stmt, ...]) -> Iterator[Stmt]:
    """Yield all statements of a block and of the blocks inside it."""
    for st in body:
        yield st
        match st:
            case IfStmt(_, then, other):
                yield from walk(then)
                yield from walk(other)
            case While(_, inner) | For(_, inner) | WithLock(_, _, inner):
                yield from walk(inner)
            case WithSpan():
                yield from walk(st.body)


def targets(body: tuple[Stmt, ...]) -> Iterator[Local]:
    """Yield the locals that a block sets."""
    for st in walk(body):
        match st:
            case Assign(target) | Choose(target):
                yield target
            case Primitive() | CallStmt():
                yield from st.targets
            case For(var):
                yield var


def root(place: Expr) -> str:
    """Return the shared field that a place lies in."""
    while isinstance(place, Field | Index):
        place = place.base
    assert isinstance(place, Shared)
    return place.name


def stored(body: tuple[Stmt, ...], functions: Mapping[str, Function]) -> Iterator[str]:
    """Yield the shared fields that a block of one-step code, with all it calls, may set."""
    for st in walk(body):
        if isinstance(st, CallStmt):
            yield from stored(functions[st.function].body, functions)
        elif isinstance(st, Store):
            yield root(st.place)


def calls(body: tuple[Stmt, ...]) -> Iterator[str]:
    """Return the operations and atomic functions that a block calls, by key."""
    return (st.function for st in walk(body) if isinstance(st, CallStmt))


def expressions(body: tuple[Stmt, ...]) -> Iterator[Expr]:
    """Yield all expressions in a block and in the blocks inside it."""
    for st in body:
        match st:
            case Assign(_, value):
                yield value
            case Store(place, value):
                yield place
                yield value
            case Primitive(_, place, args):
                yield place
                yield from args
            case CallStmt(_, args):
                yield from args
            case Wait(cond) | Require(cond):
                yield cond
            case IfStmt(cond, then, other):
                yield cond
                yield from expressions(then)
                yield from expressions(other)
            case While(cond, inner):
                yield cond
                yield from expressions(inner)
            case For(_, inner):
                yield from expressions(inner)
            case WithLock(_, place, inner):
                yield place
                yield from expressions(inner)
            case WithSpan(_, args, when, inner):
                yield from args
                yield when
                yield from expressions(inner)
            case Return(values):
                yield from values


# name -> (values it takes besides the place, what it gives: "old", "flag+old" or "none")
PRIMITIVES: dict[str, tuple[int, str]] = {
    "READ_ONCE": (0, "old"),
    "WRITE_ONCE": (1, "none"),
    "xchg": (1, "old"),
    "cmpxchg": (2, "old"),
    "try_cmpxchg": (2, "flag+old"),
    "atomic_fetch_and": (1, "old"),
    "atomic_fetch_or": (1, "old"),
    "set_bit": (0, "none"),
    "clear_bit": (0, "none"),
    "test_bit": (0, "old"),
    "test_and_set_bit": (0, "old"),
    "test_and_clear_bit": (0, "old"),
}


@value_class(frozen=True, slots=True)
class Function:
    """A function of the spec, typed.

    `kind` is "pure" (a value of values, or of the state), "operation" (many steps), "atomic" (one
    step of an operation), "hardware" (one step that may come at any moment) or "initial".
    `params` leaves out the parameter for the shared state; `shared` is its type if there is one. A
    function that says what is asked of the spec is pure, and `property` is the sort of property.
    """

    key: str
    name: str
    kind: str
    params: tuple[Local, ...]
    results: tuple[Type, ...]
    body: tuple[Stmt, ...]
    loc: Loc
    doc: str
    shared: SharedT | None
    kernel: str | None = None
    text: str | None = None
    values: tuple[Expr, ...] = ()
    """The body of a pure function, as one expression for each result. Only a property has two."""
    property: PropertyKind | None = None
    fair: bool = False
    """True for hardware that does not stop for ever where it stays possible."""
    since: Enum | None = None
    """The first value of its constant with which it exists; None if it exists from the first on."""
    until: Enum | None = None
    """The first value with which it is gone; None if it never goes."""


@value_class(frozen=True, slots=True)
class SpanDecl:
    """A stretch of a program that properties can ask about."""

    key: str
    name: str
    doc: str
    params: tuple[tuple[str, DomainT], ...]
    loc: Loc


@dataclass(slots=True)
class Program:
    """Everything that has been read: functions and spans by key, constants by name."""

    functions: dict[str, Function] = field(default_factory=dict)
    spans: dict[str, SpanDecl] = field(default_factory=dict)
    constants: dict[str, Type] = field(default_factory=dict)
