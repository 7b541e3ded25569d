"""The part of C that is understood, as a tree; each node knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Anything in the text; `text` is what stands there, in one line."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Num(Node):
    """A number."""

    value: int


@dataclass(frozen=True, slots=True, eq=False)
class Str(Node):
    """A string."""


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """An identifier."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Member(Node):
    """`base.name`, or with `arrow` `base->name`."""

    base: Expr
    name: str
    arrow: bool


@dataclass(frozen=True, slots=True, eq=False)
class Subscript(Node):
    """`base[index]`."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Node):
    """`!x`, `~x`, `-x`, `+x`, `*x` or `&x`."""

    op: str
    arg: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """An operation on two values, `&&` and `||` included."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Node):
    """`cond ? then : other`; without `then`, the condition's own value."""

    cond: Expr
    then: Expr | None
    other: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Assign(Node):
    """`target = value`; `op` is the operation of `+=` and the like, else empty."""

    op: str
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Step(Node):
    """`++x`, `x++` and the same with `--`; `before` if the operator stands in front."""

    op: str
    arg: Expr
    before: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """A call, of a function or a macro."""

    function: Expr
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cast(Node):
    """`(type)arg`."""

    type: str
    arg: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Comma(Node):
    """`left, right`."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class BlockValue(Node):
    """`({ ...; value; })`."""

    block: Block


@dataclass(frozen=True, slots=True, eq=False)
class Fields(Node):
    """`{ .name = value, ... }`, the values of some members; the others are 0."""

    values: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unknown(Node):
    """Something that is not understood; it may stand there as long as nothing comes by."""


Expr = (
    Num
    | Str
    | Name
    | Member
    | Subscript
    | Unary
    | Binary
    | Choice
    | Assign
    | Step
    | Call
    | Cast
    | Comma
    | BlockValue
    | Fields
    | Unknown
)


@dataclass(frozen=True, slots=True, eq=False)
class Declare(Node):
    """A local variable."""

    type: str
    name: str
    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Do(Node):
    """An expression as a statement."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """A decision."""

    cond: Expr
    then: Stmt
    other: Stmt | None


@dataclass(frozen=True, slots=True, eq=False)
class Loop(Node):
    """`for`, `while` and `do`; with `late`, the condition is asked after the body."""

    first: Stmt | None
    cond: Expr | None
    step: Expr | None
    body: Stmt
    late: bool


@dataclass(frozen=True, slots=True, eq=False)
class Block(Node):
    """Statements one after the other."""

    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Return(Node):
    """A return from the function."""

    value: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Jump(Node):
    """`break` or `continue`."""

    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Goto(Node):
    """A jump to a label."""

    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Label(Node):
    """A label, and the statement that it stands in front of."""

    name: str
    body: Stmt


Stmt = Declare | Do | If | Loop | Block | Return | Jump | Goto | Label | Unknown


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter of a function, with its type as it is written."""

    type: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Function(Node):
    """A function with its body."""

    name: str
    result: str
    params: tuple[Parameter, ...]
    body: Block
    last_line: int
    source: str
    """All of it, as it stands in its file, for showing."""


def inner(s: Stmt) -> Iterator[Stmt]:
    """Yield the statements directly inside one."""
    match s:
        case If():
            yield s.then
            if s.other is not None:
                yield s.other
        case Loop():
            if s.first is not None:
                yield s.first
            yield s.body
        case Block():
            yield from s.body
        case Label():
            yield s.body


def walk(s: Stmt) -> Iterator[Stmt]:
    """Yield a statement and all inside it."""
    yield s
    for one in inner(s):
        yield from walk(one)


def labels(s: Stmt) -> frozenset[str]:
    """Return the labels in a statement."""
    return frozenset(one.name for one in walk(s) if isinstance(one, Label))
