"""The scope of a place in a function: what can be named there, what may be done, what is known.

A scope is a value. Rules take one, pass others on to what they read, and statements give the one
that holds behind them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from kvmtla.errors import Loc
from kvmtla.errors.message import Message
from kvmtla.front.declarations import Declarations
from kvmtla.front.facts import not_none, reads_shared
from kvmtla.front.mistakes import Mistakes
from kvmtla.front.source import location
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import ERROR, OptionalT, SharedT, Type

ONE_STEP = ("atomic", "hardware", "initial")


@dataclass(frozen=True)
class Unit:
    """The function that is read: what is the same everywhere in it."""

    program: Declarations
    file: str
    loc: Loc
    name: str
    kind: str
    """The kind of function, as in `kvmtla.ir.stmt.Function`."""
    namespace: Mapping[str, Any]
    """The names of its module."""
    property_kind: PropertyKind | None = None
    """The sort of property that the function is; None where it is none."""
    shared: SharedT | None = None
    """The type of the shared state; None where the function does not take it."""
    shared_name: str | None = None
    later_name: str | None = None
    """In a function about a step: its name for the state after the step."""
    results: tuple[Type, ...] = ()
    assigned: frozenset[str] = frozenset()
    """Every name that the function sets somewhere: local in all of it, as in Python."""

    @property
    def one_step(self) -> bool:
        """Is the function one step as a whole?"""
        return self.kind in ONE_STEP


class Code:
    """The statements of a block so far, to which the steps in an expression are added."""

    def __init__(self) -> None:
        self.statements: list[s.Stmt] = []
        self.changes = 0
        """How often the shared state may have been changed here."""
        self.values: list[Local] = []
        """Locals that hold a value in the middle of a line, and are not None."""

    def emit(self, statement: s.Stmt) -> None:
        """Add a statement."""
        self.statements.append(statement)
        if isinstance(statement, s.Store | s.CallStmt):
            self.changes += 1

    def made(self) -> tuple[s.Stmt, ...]:
        """Return the statements so far."""
        return tuple(self.statements)


@dataclass(frozen=True)
class Loop:
    """A loop; `ends` has the names that are set where a `break` leaves it."""

    ends: list[frozenset[str] | None] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """What can be named, done and known at a place of a function."""

    unit: Unit
    code: Code
    """Where the steps go that are taken here."""
    locals: Mapping[str, Type]
    """The types of the locals whose first assignment has been read."""
    defined: frozenset[str] | None
    """The locals that certainly have a value; None where nothing leads here."""
    bound: Mapping[str, Local] = field(default_factory=dict)
    """The variables of the comprehensions around this place."""
    over: frozenset[str] = frozenset()
    """The variables of loops that have been read."""
    reads_shared: bool = True
    """May shared state be read here? In an operation, only where one step does it."""
    once: bool = True
    """Is what stands here evaluated exactly once, so that it may be a step?"""
    held: tuple[tuple[Expr, str], ...] = ()
    """The locks that the `with` statements around this place hold, and how."""
    loop: Loop | None = None
    """The innermost loop around this place."""
    lost: bool = False
    """May the function have returned before, in a statement that could not be read?"""
    facts: tuple[Expr, ...] = ()
    """What was known not to be None when the code had changed the shared state `moment` times."""
    moment: int = 0

    # -- places and mistakes

    @property
    def program(self) -> Declarations:
        """The program that the function belongs to."""
        return self.unit.program

    @property
    def mistakes(self) -> Mistakes:
        """The mistakes in the spec so far."""
        return self.unit.program.mistakes

    def loc(self, node: ast.AST) -> Loc:
        """Return where `node` stands in the spec."""
        return location(self.unit.file, node)

    def fail(self, node: ast.AST, message: Message) -> NoReturn:
        """Raise SpecError at `node`: what is being read cannot be read."""
        raise message.at(self.loc(node))

    def note(self, node: ast.AST, message: Message) -> None:
        """Note a mistake at `node` in what can be read in spite of it."""
        self.mistakes.note(message, self.loc(node))

    def note_name(self, node: ast.AST, name: str, message: Message) -> None:
        """Note a mistake about a name, which is told only once for a function."""
        about = (self.unit.file, self.unit.name, name, message.code)
        self.mistakes.note(message, self.loc(node), about)

    # -- what may be done

    def lazily(self) -> Scope:
        """Return the scope of what may be evaluated several times, or not at all."""
        return replace(self, once=False)

    def shared_allowed(self, allowed: bool = True) -> Scope:
        """Return the scope of what may read shared state, or may not."""
        return replace(self, reads_shared=allowed)

    def holding(self, lock: Expr, kind: str) -> Scope:
        """Return the scope inside a `with` that takes a lock."""
        return replace(self, held=(*self.held, (lock, kind)))

    # -- names

    def is_state(self, node: ast.expr) -> bool:
        """Is it the name of the shared state?"""
        names = (self.unit.shared_name, self.unit.later_name)
        return isinstance(node, ast.Name) and node.id in names

    def is_shared(self, node: ast.expr) -> bool:
        """Is it a path into the shared state?"""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return self.is_state(node)

    def is_local(self, name: str) -> bool:
        """Is it the name of a parameter or local of the function?"""
        return name in self.locals or name in self.unit.assigned

    def binding(self, names: Mapping[str, Local]) -> Scope:
        """Return the scope in which these names mean these variables."""
        return replace(self, bound={**self.bound, **names})

    def setting(self, name: str, t: Type) -> Scope:
        """Return the scope behind an assignment to a local; `t` is its type if it is a new one."""
        known = self.forgetting([name])
        types = self.locals if name in self.locals else {**self.locals, name: t}
        defined = None if self.defined is None else self.defined | {name}
        return replace(known, locals=types, defined=defined)

    def unreachable(self) -> Scope:
        """Return the scope behind a statement that nothing comes out of."""
        return replace(self, defined=None)

    # -- what is known

    @property
    def known(self) -> tuple[Expr, ...]:
        """The expressions that are not None: of shared state only those since its last change."""
        if self.moment == self.code.changes:
            return self.facts
        return tuple(e for e in self.facts if not reads_shared(e))

    def is_known(self, e: Expr) -> bool:
        """Is `e` known not to be None?"""
        return e in self.known or e in self.code.values

    def type_of(self, e: Expr) -> Type:
        """Return the type of `e` without the None that it is known not to be."""
        t = e.type
        return t.inner if isinstance(t, OptionalT) and self.is_known(e) else t

    def with_facts(self, facts: Iterable[Expr]) -> Scope:
        """Return the scope in which these expressions are known not to be None."""
        return replace(self, facts=tuple(facts), moment=self.code.changes)

    def knowing(self, cond: Expr, truth: bool = True) -> Scope:
        """Return the scope of what is evaluated only where `cond` is `truth`."""
        return self.with_facts([*self.known, *not_none(cond, truth)])

    def forgetting(self, names: Iterable[str]) -> Scope:
        """Return the scope in which nothing is known of some locals: they have new values."""
        new = frozenset(names)
        return self.with_facts(e for e in self.known if new.isdisjoint(x.locals_in(e)))

    def forgetting_shared(self) -> Scope:
        """Return the scope in which nothing is known of the shared state: it has changed."""
        return self.with_facts(e for e in self.known if not reads_shared(e))

    # -- blocks

    def inside(self, code: Code) -> Scope:
        """Return the same scope at the beginning of a block of its own."""
        return replace(self, code=code, facts=self.known, moment=code.changes)

    def behind(self, block: Scope, facts: Iterable[Expr]) -> Scope:
        """Return the scope behind a block that ended as `block`, with what is known then.

        Types and mistakes are those of the block; what is set and what may be done is not.
        """
        found = self.with_facts(facts)
        return replace(found, locals=block.locals, over=block.over, lost=self.lost or block.lost)

    def with_defined(self, defined: frozenset[str] | None) -> Scope:
        """Return the scope in which these locals have a value."""
        return replace(self, defined=defined)

    def fresh(self, name: str, t: Type, loc: Loc | None) -> Local:
        """Return a new local that has no name in the spec."""
        return Local(self.program.fresh(name), t, loc, made=True)


def wrong(loc: Loc | None) -> Expr:
    """Return what stands for an expression that could not be read."""
    return x.Const(None, ERROR, loc)


Reads = Callable[[], Expr]
