"""The lowered model, which the emitters and the replay work on: variables, actions, properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kvmtla.errors import Loc
from kvmtla.ir.expr import TRUE, Call, Expr, Local, locals_in, walk
from kvmtla.ir.expr import Let as LetExpr
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import Type, Value
from kvmtla.value_class import value_class

IDLE = "idle"
DONE = "done"


@value_class(frozen=True, slots=True)
class Event:
    """Something that happens in a step, for whoever tells the story of it.

    `text` is the access in the kernel's words, `{place}` standing for the name of the place.
    The expressions are over the state before the step.
    """

    kind: str
    text: str
    place: Expr | None
    stores: Expr | None
    returns: Expr | None
    target: str | None
    path: tuple[str, ...]
    """The kernel functions that it happens in, outermost first."""
    kernel: str | None
    loc: Loc
    reasons: tuple[tuple[str, Expr], ...] = ()
    """The alternatives of a decision that was true, in C and as expressions."""
    begins: bool = field(default=False, compare=False)
    """True if it is the first event in a call of the outermost of these functions."""
    when: Expr = TRUE
    """The condition that it happens, where several ways have become one."""
    beside: tuple[tuple[str, Expr], ...] = field(default=(), compare=False)
    """Values that are told with it, by the names of locals: those that a decision depends on, or
    what one-step code gives (under "" where that has no name)."""


Way = tuple[Loc, bool]
"""A decision: its place in the spec, and how it was taken."""


@value_class(frozen=True, slots=True)
class Leaf:
    """The end of a path through a step: new values by variable, over the state before."""

    updates: Mapping[str, Expr]
    events: tuple[Event, ...]
    ways: tuple[Way, ...] = field(default=(), compare=False)
    """The decisions that lead here; they say nothing of what the step does."""
    enters: bool = field(default=False, compare=False)
    """True if a kernel function that is in no other one begins where the step comes to rest."""
    sometimes: tuple[tuple[Expr, Way], ...] = field(default=(), compare=False)
    """The decisions on only some of the ways that lead here, each with its condition."""


@value_class(frozen=True, slots=True)
class Branch:
    """A decision: the way that a step takes depends on the state before it."""

    cond: Expr
    then: Tree
    other: Tree


@value_class(frozen=True, slots=True)
class Guard:
    """The step is possible only where `cond` is true."""

    cond: Expr
    body: Tree


@value_class(frozen=True, slots=True)
class Pick:
    """The step may go on with any value of `var`'s type.

    It does so only where `when` is true; elsewhere nothing depends on the value: it is the first.
    """

    var: Local
    body: Tree
    when: Expr = TRUE


@value_class(frozen=True, slots=True)
class Bound:
    """A name within a step for a value over the state before; it has it where `when` is true.

    Elsewhere nobody looks at it, and it may have no value.
    """

    var: Local
    value: Expr
    when: Expr = TRUE


@value_class(frozen=True, slots=True)
class Let:
    """A step with names for values; each may use those before it."""

    bound: tuple[Bound, ...]
    body: Tree


Tree = Leaf | Branch | Guard | Pick | Let


@value_class(frozen=True, slots=True)
class Variable:
    """A variable of the state. `actor` is None for shared state; else its owner.

    The variable of an indexed actor is a map from the actor's domain (its type says so).
    """

    name: str
    type: Type
    first: Value
    actor: str | None = None
    doc: str = ""
    loc: Loc | None = field(default=None, compare=False)
    turn_of: str | None = None
    """The fair actor or hardware whose turn this ghost variable is. It changes where nothing else
    does, so that a step of theirs is one. Nothing depends on it, and no story tells it."""


@value_class(frozen=True, slots=True)
class Action:
    """One sort of step. `params` are chosen freely; the first is the actor itself if indexed."""

    name: str
    actor: str
    operation: str
    at: str | None
    """The value of the actor's pc at which it is possible; None for hardware."""
    params: tuple[Local, ...]
    tree: Tree
    loc: Loc
    kernel: str | None
    doc: str
    function: str
    """The innermost function that the step is in."""
    path: tuple[str, ...] = ()
    """The functions that stand for kernel functions where the step begins, outermost first."""


@value_class(frozen=True, slots=True)
class Definition:
    """A pure function or a span, specialised: an operator of the module."""

    name: str
    params: tuple[Local, ...]
    body: Expr
    loc: Loc
    doc: str
    kernel: str | None = None


@value_class(frozen=True, slots=True)
class ActorInfo:
    """An actor; there is one for each element of `domain`, which is None for a single task."""

    name: str
    label: str
    domain: str | None
    hardware: bool = False


@value_class(frozen=True, slots=True)
class Fair:
    """Somebody who does not stop for ever in front of steps that stay possible (weak fairness).

    `actions` are the names of the steps. If `each` names a domain, this goes for each of its
    elements by itself, the first of an action's parameters. A step that changes nothing at all is
    none; in a model with temporal properties, the steps of whoever is fair change the turn.
    """

    name: str
    each: str | None
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A scenario with all its constants put in, lowered to steps."""

    name: str
    scenario: str
    doc: str
    constants: Mapping[str, str]
    sizes: Mapping[str, int]
    variables: Mapping[str, Variable]
    initial: Tree
    initial_loc: Loc
    actions: tuple[Action, ...]
    definitions: tuple[Definition, ...]
    """The operators, in an order in which each uses only those before it."""
    properties: tuple[Property, ...]
    """The properties asked of it. All but temporal ones are definitions without parameters too."""
    actors: tuple[ActorInfo, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    """The names of shared variables in stories."""
    sliced: tuple[str, ...] = ()
    """Shared fields left out because nothing reads them."""
    clear: tuple[str, ...] = ()
    """Bits left out because no word has them: Word.bit."""
    word_format: str | None = None
    fairness: tuple[Fair, ...] = ()
    """Those who are fair; this matters to temporal properties only."""

    @cached_property
    def invariants(self) -> tuple[str, ...]:
        """The names of the properties of single states that are to be true in all of them."""
        return tuple(p.name for p in self.properties if p.kind is PropertyKind.INVARIANT)

    @property
    def temporal(self) -> bool:
        """Is something temporal asked of it?"""
        return any(p.kind.temporal for p in self.properties)

    def asked(self, name: str) -> Property:
        """Return the property of this name; raises KeyError if there is none."""
        for p in self.properties:
            if p.name == name:
                return p
        raise KeyError(name)

    def said_by(self, name: str) -> Sequence[Expr]:
        """Return every expression in a property, then in each definition that it calls, once.

        Raises KeyError if there is no such property.
        """
        bodies = {d.name: d.body for d in self.definitions}
        todo, found = list(self.asked(name).parts), list[Expr]()
        while todo:
            said = [e for part in todo for e in walk(part)]
            called = (e.function for e in said if isinstance(e, Call))
            todo = [bodies.pop(key) for key in called if key in bodies]
            found += said
        return found

    @cached_property
    def expressions(self) -> Sequence[Expr]:
        """Every expression that says what the model does and asks, with everything in it."""
        trees = (self.initial, *(a.tree for a in self.actions))
        whole = [*(e for t in trees for e in expressions(t)), *(d.body for d in self.definitions)]
        whole += [e for p in self.properties for e in (*p.parts, *p.asks)]
        return [part for e in whole for part in walk(e)]


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Yield all ends of a step's paths."""
    match tree:
        case Leaf():
            yield tree
        case Branch(_, then, other):
            yield from leaves(then)
            yield from leaves(other)
        case Guard(_, body) | Pick(_, body) | Let(_, body):
            yield from leaves(body)


def bound_in(tree: Tree) -> Iterator[Bound]:
    """Yield the names that a step gives to values."""
    match tree:
        case Branch(_, then, other):
            yield from bound_in(then)
            yield from bound_in(other)
        case Guard(_, body) | Pick(_, body):
            yield from bound_in(body)
        case Let(bound, body):
            yield from bound
            yield from bound_in(body)


def may_fail(tree: Tree) -> bool:
    """Could a step be impossible in some states, as far as its text shows?"""
    match tree:
        case Leaf():
            return False
        case Branch(_, then, other):
            return may_fail(then) or may_fail(other)
        case Pick(_, body) | Let(_, body):
            return may_fail(body)
    return True


def expressions(tree: Tree) -> Iterator[Expr]:
    """Yield all expressions that decide what a step does (not those of its events)."""
    match tree:
        case Leaf(updates):
            yield from updates.values()
        case Branch(cond, then, other):
            yield cond
            yield from expressions(then)
            yield from expressions(other)
        case Guard(cond, body):
            yield cond
            yield from expressions(body)
        case Pick(_, body, when):
            if when != TRUE:
                yield when
            yield from expressions(body)
        case Let(bound, body):
            for b in bound:
                yield b.value
                if b.when != TRUE:
                    yield b.when
            yield from expressions(body)


def spelled_out(tree: Tree, names: tuple[Bound, ...] = ()) -> Tree:
    """Return a step without names for values: each expression brings those that it uses."""

    def whole(e: Expr) -> Expr:
        for b in reversed(names):
            if b.var.name in locals_in(e):
                e = LetExpr(b.var, b.value, e, e.type)
        return e

    match tree:
        case Leaf(updates):
            return replace(tree, updates={n: whole(e) for n, e in updates.items()})
        case Branch(cond, then, other):
            return Branch(whole(cond), spelled_out(then, names), spelled_out(other, names))
        case Guard(cond, body):
            return Guard(whole(cond), spelled_out(body, names))
        case Pick(var, body, when):
            return Pick(var, spelled_out(body, names), whole(when))
        case Let(bound, body):
            return spelled_out(body, (*names, *bound))


def said(event: Event) -> Iterator[Expr]:
    """Yield the expressions of an event."""
    parts = (event.place, event.stores, event.returns, event.when, *(e for _, e in event.reasons))
    yield from (e for e in parts if e is not None)


def used(tree: Tree) -> Tree:
    """Return a step without the names that nothing in it uses, its story apart."""
    return _used(tree)[0]


def _used(tree: Tree) -> tuple[Tree, frozenset[str]]:
    """Return the same, and the locals that it reads."""
    match tree:
        case Leaf(updates):
            return tree, frozenset[str]().union(*map(locals_in, updates.values()))
        case Branch(cond, then, other):
            (a, p), (b, q) = _used(then), _used(other)
            kept = tree if a is then and b is other else Branch(cond, a, b)
            return kept, p | q | locals_in(cond)
        case Guard(cond, body):
            inner, read = _used(body)
            return tree if inner is body else Guard(cond, inner), read | locals_in(cond)
        case Pick(var, body, when):
            inner, read = _used(body)
            return tree if inner is body else Pick(var, inner, when), read | locals_in(when)
        case Let(bound, body):
            inner, read = _used(body)
            stay: list[Bound] = []
            for one in reversed(bound):
                if one.var.name in read:
                    stay.append(one)
                    read |= locals_in(one.value) | locals_in(one.when)
            if not stay:
                return inner, read
            same = inner is body and len(stay) == len(bound)
            return tree if same else Let((*reversed(stay),), inner), read
