"""The steps of a model as PlusCal's statements, in the order of the code they come from.

A step of the model gives the value of every variable after it, in terms of the state before.
Written as that, it is right, and reads like a table. Its events say which access changes what,
and in which order; so an access becomes the macro of its name, and the value it gives has a name
from there on. A statement that comes first must not change what a later one reads, since PlusCal
would take the new value. Where it would, it stays behind the decision, and at last in one
assignment with all others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kvmtla.emit.pluscal_grouped import ends, grouped, without_tests
from kvmtla.emit.pluscal_macros import called
from kvmtla.emit.pluscal_names import PlusCalNames
from kvmtla.emit.pluscal_needed import Needed
from kvmtla.emit.pluscal_statements import (
    Any,
    Await,
    Do,
    Goto,
    If,
    Let,
    Note,
    Put,
    Statement,
    decision,
)
from kvmtla.ir import expr as x
from kvmtla.ir import model as m
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import facts, knowing, simplify
from kvmtla.ir.model import Action, Branch, Event, Guard, Leaf, Model, Pick, Tree, leaves, used
from kvmtla.ir.types import BOOL, LOCK, WRITE_HELD, LockT

Parts = tuple[tuple[Expr, Expr], ...]
"""The changes that a new value makes to a variable: places, each with its value."""

# Primitives that only read are operators, since a macro has no value.
READS = ("READ_ONCE", "test_bit")
# The values of these are in their names.
_BITS: Mapping[str, Expr] = {
    "set_bit": x.TRUE,
    "test_and_set_bit": x.TRUE,
    "clear_bit": x.FALSE,
    "test_and_clear_bit": x.FALSE,
}
# What else may be done in a step of which all that changes is what a call does.
_QUIET = (*READS, "test", "lock", "unlock")
_WRITES = ("WRITE_ONCE", "xchg", *_BITS)


@dataclass(frozen=True, slots=True)
class _Way:
    """The point up to which a step has been written."""

    at: str | None
    """The place where the step begins; None for hardware."""
    told: int = 0
    """The number of events that have been told."""
    gone: frozenset[str] = frozenset()
    """The variables that have, or do not need, their new values."""
    named: Mapping[Expr, Expr] = field(default_factory=dict)
    """The names that expressions over the state before have by now."""
    bound: frozenset[str] = frozenset()
    """The locals that have been chosen by now."""
    leads: bool = True
    """Whether it is still to be said where the step ends."""


class StepBuilder:
    """A builder of the statements of one actor's steps; `me` is as in PlusCalPrinter.

    `stale` gets the variables that keep a value where nothing needs it: PlusCal lets a step assign
    to a variable once, so one that a value is given before a decision cannot be reset behind it.
    """

    def __init__(
        self,
        model: Model,
        names: PlusCalNames,
        needed: Needed,
        actor: str,
        me: Local | None,
        stale: set[str],
    ) -> None:
        self.model = model
        self.names = names
        self.needed = needed
        self.actor = actor
        self.me = me
        self.pc = f"{actor}_pc"
        self.stale = stale

    def step(self, a: Action) -> tuple[Statement, ...]:
        """Return the statements of a step; a goto says where it ends, except for hardware."""
        tree = used(a.tree)
        way = _Way(a.at, bound=frozenset(p.name for p in a.params), leads=a.at is not None)
        if way.leads:
            tree = grouped(without_tests(tree), lambda leaf: self._place(leaf, way))
        free = [p for p in a.params if p != self.me]
        chosen: list[Statement] = []
        if self._splits(tree, way):
            # No label may stand inside a `with`.
            for p in list(free):
                for n in self._keepers(tree, p, way):
                    place = self._variable(n, p)
                    named = {**way.named, p: place}
                    chosen.append(Any((p,), (Put(((place, p),)),)))
                    way = replace(self._without(way, [n]), named=named)
                    free.remove(p)
                    break
        body = (*chosen, *self._rest(tree, way))
        return (Any(tuple(free), body),) if free else body

    def _splits(self, tree: Tree, way: _Way) -> bool:
        """Does a step lead to several places, whose labels had better stand inside it?"""
        return way.leads and len(ends(tree, lambda leaf: self._place(leaf, way))) > 1

    def _keepers(self, tree: Tree, value: Expr, way: _Way) -> Iterator[str]:
        """Yield the variables that can get a value now: each end gives them that, or needs none."""
        found = list(leaves(tree))
        names = dict.fromkeys(n for leaf in found for n in self._left(leaf, way))
        for n in names:
            if self.model.variables[n].actor != self.actor:
                continue
            if not any(leaf.updates.get(n) == value for leaf in found):
                continue
            if not all(self._may_keep(leaf, n, value, way) for leaf in found):
                continue
            if n not in self._reads(tree, self._without(way, [n])):
                if any(leaf.updates.get(n) != value for leaf in found):
                    self.stale.add(n)
                yield n

    def _may_keep(self, leaf: Leaf, name: str, value: Expr, way: _Way) -> bool:
        new = leaf.updates.get(name)
        if new == value:
            return True
        if self.needed.is_needed(name, self.actor, self._place(leaf, way)):
            return False
        return new is None or self._is_reset(name, new)

    def _rest(self, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        """Return all that is still to be said of a step from here on."""
        event = _next_event(tree, way)
        if event is not None:
            return self._event(event, tree, replace(way, told=way.told + 1))
        match tree:
            case Guard(cond, body):
                return (Await(_renamed(cond, way)), *self._rest(body, way))
            case Pick(var, body, when):
                inner = replace(way, bound=way.bound | {var.name})
                return (Any((var,), self._rest(body, inner), _renamed(when, way)),)
            case m.Let(bound, body):
                # What happens only on some ways is not told in the order in which it happens.
                names = {b.var.name for b in bound}
                rest = self._rest(body, replace(way, told=_ALL, bound=way.bound | names))
                for b in reversed(bound):
                    rest = (Let(b.var, _renamed(b.value, way), rest),)
                return rest
            case Branch():
                return self._branch(tree, way)
            case Leaf():
                return self._leaf(tree, way)

    # -- decisions and ends

    def _branch(self, tree: Branch, way: _Way) -> tuple[Statement, ...]:
        common = self._common(tree, way)
        where = {self._end(leaf, way) for leaf in leaves(tree)}
        if len(where) > 1 and way.leads:
            # What is the same on all ways comes first, unless that would change what is read.
            first = [n for n in common if n not in self._reads(tree, self._without(way, [n]))]
            values = self._puts(next(leaves(tree)), first, way)
            return (*values, self._decision(tree, self._without(way, first)))
        # Nothing leads elsewhere, so more can come behind.
        last = self._can_be_last(tree, common, way)
        inner = replace(self._without(way, last), leads=False)
        decided = self._decision(tree, inner)
        values = self._puts(next(leaves(tree)), last, way)
        return (*([] if decided.is_empty else [decided]), *values, *self._goto(tree, way))

    def _can_be_last(self, tree: Tree, common: Mapping[str, Expr], way: _Way) -> list[str]:
        """Return the variables of `common` whose new values read nothing of the rest."""
        changed = {n for leaf in leaves(tree) for n in self._left(leaf, way)}
        last = list(common)
        while True:
            rest = changed - set(last)
            fine = [n for n in last if not self._value_reads(n, common[n], way) & rest]
            if fine == last:
                return last
            last = fine

    def _decision(self, tree: Branch, way: _Way) -> If:
        then, other = (self._rest(t, way) for t in (tree.then, tree.other))
        return decision(_renamed(tree.cond, way), then, other)

    def _leaf(self, leaf: Leaf, way: _Way) -> tuple[Statement, ...]:
        return (*self._puts(leaf, self._left(leaf, way), way), *self._goto(leaf, way))

    def _goto(self, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        if not way.leads:
            return ()
        return (Goto(self._end(next(leaves(tree)), way)),)

    def _end(self, leaf: Leaf, way: _Way) -> str:
        return "" if way.at is None else self.names.label(self.actor, self._place(leaf, way))

    def _place(self, leaf: Leaf, way: _Way) -> str:
        """Return where the actor is at the end of a step of its own."""
        to = leaf.updates.get(self.pc)
        assert way.at is not None
        return str(to.value) if isinstance(to, x.Const) else way.at

    # -- new values

    def _left(self, leaf: Leaf, way: _Way) -> list[str]:
        """Return the variables whose new values are still to be said."""
        return [n for n in leaf.updates if n != self.pc and n not in way.gone]

    def _common(self, tree: Tree, way: _Way) -> dict[str, Expr]:
        """Return the new values that are the same at all ends, and still to be said."""
        first, *others = leaves(tree)
        return {
            n: first.updates[n]
            for n in self._left(first, way)
            if all(leaf.updates.get(n) == first.updates[n] for leaf in others)
            and x.locals_in(first.updates[n]) <= way.bound
        }

    def _without(self, way: _Way, names: Sequence[str]) -> _Way:
        return replace(way, gone=way.gone | set(names))

    def _puts(self, leaf: Leaf, names: Sequence[str], way: _Way) -> Iterator[Statement]:
        """Yield the assignments of these variables; what is only reset comes last."""
        resets = [n for n in names if self._is_reset(n, leaf.updates[n])]
        pending = [n for n in names if n not in resets]
        for group in self._ordered(leaf, pending, way):
            parts = [p for n in group for p in self._parts(n, leaf.updates[n], way)]
            yield from _assigned(parts)
        if resets:
            yield Put(tuple(p for n in resets for p in self._parts(n, leaf.updates[n], way)))

    def _is_reset(self, name: str, value: Expr) -> bool:
        """Does a local of the actor get the value that it began with?"""
        v = self.model.variables[name]
        if v.actor is None or not isinstance(value, x.Const):
            return False
        first = v.first[0] if self.me is not None and isinstance(v.first, tuple) else v.first
        return value.value == first

    def _ordered(self, leaf: Leaf, names: Sequence[str], way: _Way) -> Iterator[list[str]]:
        """Yield each variable on its own, where none is read after it changes; else all at once."""
        todo = list(names)
        read = {n: self._value_reads(n, leaf.updates[n], way) for n in todo}
        while todo:
            free = [n for n in todo if not any(n in read[m] for m in todo if m != n)]
            if not free:
                yield todo
                return
            yield [free[0]]
            todo.remove(free[0])

    def _parts(self, name: str, value: Expr, way: _Way) -> Parts:
        """Return what a new value of a variable changes in it, in the names known by now."""
        whole = self._variable(name, value)
        parts: list[tuple[Expr, Expr]] = []
        base = value
        while isinstance(base, x.Update):
            place = whole
            for p in base.path:
                # The type of a place on the way does not matter to its text.
                place = (
                    x.Field(place, p, base.value.type)
                    if isinstance(p, str)
                    else x.Index(place, _renamed(p, way), base.value.type)
                )
            parts.insert(0, (place, _renamed(base.value, way)))
            base = base.base
        if parts and base == whole:
            return tuple(parts)
        return ((whole, _renamed(value, way)),)

    def _variable(self, name: str, value: Expr) -> Expr:
        v = self.model.variables[name]
        if v.actor is None:
            return x.Shared(name, v.type)
        return x.ActorVar(v.actor, name.removeprefix(f"{v.actor}_"), self.me, value.type)

    # -- what is read

    def _value_reads(self, name: str, value: Expr, way: _Way) -> set[str]:
        """Return the variables that the assignment of a new value reads."""
        parts = self._parts(name, value, way)
        return {n for place, e in parts for n in (*_indices_read(place), *_read(e))}

    def _reads(self, tree: Tree, way: _Way) -> set[str]:
        """Return the variables that what is still to be said reads.

        Those that operators read are left out: for them, PlusCal too takes the values before the
        step.
        """
        match tree:
            case Guard(cond, body):
                return _read(_renamed(cond, way)) | self._reads(body, way)
            case Pick(_, body, when):
                return _read(_renamed(when, way)) | self._reads(body, way)
            case m.Let(bound, body):
                values = (_read(_renamed(b.value, way)) for b in bound)
                return self._reads(body, way).union(*values)
            case Branch(cond, then, other):
                there = self._reads(then, way) | self._reads(other, way)
                return _read(_renamed(cond, way)) | there
            case Leaf(updates):
                found: set[str] = set()
                for n in self._left(tree, way):
                    found |= self._value_reads(n, updates[n], way)
                return found

    def _uses(self, tree: Tree, e: Expr, way: _Way) -> int:
        """Return how often what is still to be said mentions an expression."""
        marked = replace(way, named={**way.named, e: _MARK})
        match tree:
            case Guard(cond, body):
                return _count(_renamed(cond, marked)) + self._uses(body, e, way)
            case Pick(_, body, when):
                return _count(_renamed(when, marked)) + self._uses(body, e, way)
            case m.Let(bound, body):
                here = sum(_count(_renamed(b.value, marked)) for b in bound)
                return here + self._uses(body, e, way)
            case Branch(cond, then, other):
                there = self._uses(then, e, way) + self._uses(other, e, way)
                return _count(_renamed(cond, marked)) + there
            case Leaf(updates):
                parts = (
                    p for n in self._left(tree, way) for p in self._parts(n, updates[n], marked)
                )
                return sum(_count(place) + _count(value) for place, value in parts)

    # -- events

    def _event(self, event: Event, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        """Return what is still to be said, beginning with an event that all ways have in common."""
        if event.kind == "lock":
            return self._lock(event, tree, way)
        if event.kind == "wait" and isinstance(tree, Guard):
            return (Await(_renamed(tree.cond, way)), *self._rest(tree.body, way))
        if event.kind == "call":
            rest = self._rest(tree, way)
            alone = all(
                e == event or e.kind in _QUIET for leaf in leaves(tree) for e in leaf.events
            )
            return called(event.text, rest) if alone else (Note(event.text), *rest)
        if event.returns is not None and event.kind not in ("test", "try_cmpxchg"):
            return self._result(event, event.returns, tree, way)
        return self._write(event, tree, way)

    def _lock(self, event: Event, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        """Take a lock that is kept on all ways, else note it and await what it waits for."""
        kind = _lock_kind(event, tree)
        if kind is not None and isinstance(tree, Guard) and event.place is not None:
            name = _root(event.place)
            after = self._without(way, [name])
            value = self._common(tree.body, way).get(name)
            if value is not None and name not in self._reads(tree.body, after):
                ((place, taken), *more) = self._parts(name, value, way)
                here = _renamed_place(event.place, way)
                if not more and _path(place) == _path(here) and taken == _taken(kind, here):
                    return (Do(kind, (place,)), *self._rest(tree.body, after))
            waits = Await(_renamed(tree.cond, way))
            return (_note(event, way), waits, *self._rest(tree.body, way))
        return (_note(event, way), *self._rest(tree, way))

    def _result(self, event: Event, given: Expr, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        """Give the value of an access a name, then let the access do the rest."""
        assert event.place is not None
        uses = self._uses(tree, given, way)
        if isinstance(given, x.Const | x.Local) or not uses:
            return self._write(event, tree, way)
        value = _renamed(given, way)
        if event.kind in READS and given == event.place:
            value = x.Call(event.kind, (value,), given.type)
        kept = [n for n, e in self._common(tree, way).items() if e == given]
        for n in kept:
            after = self._without(way, [n])
            if n not in self._reads(tree, after):
                place = self._variable(n, given)
                named = replace(after, named={**way.named, given: place})
                return (Put(((place, value),)), *self._write(event, tree, named))
        if self._splits(tree, way):
            return self._before_split(event, given, value, tree, way)
        if event.target is None and uses == 1 and event.kind in READS:
            named = replace(way, named={**way.named, given: value})
            return self._write(event, tree, named)
        var = self._local(event.target or "old", given, way)
        named = replace(way, named={**way.named, given: var})
        return (Let(var, value, self._write(event, tree, named)),)

    def _before_split(
        self, event: Event, given: Expr, value: Expr, tree: Tree, way: _Way
    ) -> tuple[Statement, ...]:
        """Have a local keep the value of an access, or else read the place where it is asked for.

        A `with` would do it too, but there is no label inside one.
        """
        for n in self._keepers(tree, given, way):
            place = self._variable(n, given)
            named = {**way.named, given: place}
            after = replace(self._without(way, [n]), named=named)
            return (Put(((place, value),)), *self._write(event, tree, after))
        return self._write(event, tree, replace(way, named={**way.named, given: value}))

    def _local(self, name: str, value: Expr, way: _Way) -> Local:
        """Return a name for a value in the step: the code's, unless it is declared already."""
        base = f"{name}_now" if name in self.names.taken else name
        return Local(f"{base}#{way.told}", value.type)

    def _write(self, event: Event, tree: Tree, way: _Way) -> tuple[Statement, ...]:
        """Return what an access changes, as its macro, where that can be said now; and the rest."""
        if event.kind in _WRITES and event.place is not None:
            name = _root(event.place)
            common = self._common(tree, way)
            after = self._without(way, [name])
            if name in common and name not in self._reads(tree, after):
                parts = self._parts(name, common[name], way)
                place, value = _renamed_place(event.place, way), parts[0][1]
                if len(parts) == 1 and _path(parts[0][0]) == _path(place):
                    bit = _BITS.get(event.kind)
                    if bit in (None, value):
                        args = (place,) if bit is not None else (place, value)
                        return (Do(event.kind, args), *self._rest(tree, after))
        if event.kind == "try_cmpxchg":
            done = self._compare_exchange(event, tree, way)
            if done is not None:
                return done
        if event.stores is not None and event.place is not None:
            return (_note(event, way), *self._rest(tree, way))
        return self._rest(tree, way)

    def _compare_exchange(
        self, event: Event, tree: Tree, way: _Way
    ) -> tuple[Statement, ...] | None:
        """Return a store that needs the place to be as expected; None where that is not plain."""
        same = event.returns
        assert event.place is not None
        if not isinstance(same, x.Bin) or event.stores is None:
            return None
        if same.op != "==" or same.left != event.place:
            return None
        name = _root(event.place)
        stored = knowing(event.stores, facts(same, True))
        for leaf, ok in _decided(tree, same, None):
            if ok is False:
                if name in leaf.updates:
                    return None
                continue
            value = leaf.updates.get(name)
            if value is None:
                return None
            parts = self._parts(name, value, replace(way, named={}))
            old = event.place
            whole = simplify(x.If(same, event.stores, old, old.type))
            allowed = (stored, event.stores) if ok else (whole,)
            if len(parts) != 1 or _path(parts[0][0]) != _path(old) or parts[0][1] not in allowed:
                return None
        if any(_stale(e, way) for e in (event.place, same.right, event.stores)):
            return None
        place = _renamed_place(event.place, way)
        args = (place, _renamed(same.right, way), _renamed(event.stores, way))
        after = self._without(way, [name])
        if not self._uses(tree, same, after):
            if name in self._reads(tree, after):
                return None
            return (Do(event.kind, args), *self._rest(tree, after))
        if self._splits(tree, way):
            # The decision comes before the store, and no label stands inside a `with`.
            return None
        var = self._local(event.target or "ok", same, way)
        named = replace(after, named={**way.named, same: var})
        if name in self._reads(tree, named):
            return None
        return (Let(var, _renamed(same, way), (Do(event.kind, args), *self._rest(tree, named))),)


def _note(event: Event, way: _Way) -> Note:
    """Return the access in the kernel's words, where its effect stands elsewhere, or is undone."""
    assert event.place is not None
    return Note(event.text, _renamed_place(event.place, way))


def _decided(tree: Tree, cond: Expr, truth: bool | None) -> Iterator[tuple[Leaf, bool | None]]:
    """Yield the ends of a tree, each with what the way there has found `cond` to be."""
    match tree:
        case Leaf():
            yield tree, truth
        case Guard(_, body) | Pick(_, body) | m.Let(_, body):
            yield from _decided(body, cond, truth)
        case Branch(asked, then, other):
            turned = simplify(x.Un("not", cond, BOOL))
            known = {cond: (True, False), turned: (False, True)}.get(asked, (truth, truth))
            yield from _decided(then, cond, known[0])
            yield from _decided(other, cond, known[1])


def _next_event(tree: Tree, way: _Way) -> Event | None:
    """Return the event that all ends have next, if all that it speaks of has been chosen."""
    k = way.told
    if any(e.when != x.TRUE for leaf in leaves(tree) for e in leaf.events[k : k + 1]):
        return None
    found = {e.events[k] if k < len(e.events) else None for e in leaves(tree)}
    event = found.pop() if len(found) == 1 else None
    if event is None:
        return None
    parts = (e for e in (event.place, event.stores, event.returns) if e is not None)
    return event if all(x.locals_in(e) <= way.bound for e in parts) else None


def _renamed(e: Expr, way: _Way) -> Expr:
    if e in way.named:
        return way.named[e]
    return x.rebuild(e, lambda c: _renamed(c, way))


def _renamed_place(place: Expr, way: _Way) -> Expr:
    """Return a place with its indices renamed; the place itself is meant, not what is in it."""
    match place:
        case x.Field(base, name, t):
            return x.Field(_renamed_place(base, way), name, t)
        case x.Index(base, key, t):
            return x.Index(_renamed_place(base, way), _renamed(key, way), t)
    return place


def _read(e: Expr) -> set[str]:
    """Return the variables that an expression reads."""
    found = set()
    for y in x.walk(e):
        if isinstance(y, x.Shared):
            found.add(y.name)
        elif isinstance(y, x.ActorVar):
            found.add(f"{y.actor}_{y.name}")
    return found


def _indices_read(place: Expr) -> set[str]:
    """Return the variables that the indices of a place read."""
    found: set[str] = set()
    while isinstance(place, x.Field | x.Index):
        if isinstance(place, x.Index):
            found |= _read(place.key)
        place = place.base
    return found


def _path(place: Expr) -> list[str | Expr]:
    """Return the variable that a place lies in, and the way to it from there."""
    path: list[str | Expr] = []
    while isinstance(place, x.Field | x.Index):
        path.append(place.name if isinstance(place, x.Field) else place.key)
        place = place.base
    return [place, *reversed(path)]


def _stale(e: Expr, way: _Way) -> set[str]:
    """Return the variables that `e`, over the state before, reads and that may have changed."""
    return _read(_renamed(e, replace(way, named=dict.fromkeys(way.named, _MARK)))) & way.gone


def _lock_kind(event: Event, tree: Tree) -> str | None:
    """Return the macro that waits for just what the way to `tree` does; None without a wait."""
    if not isinstance(tree, Guard) or not isinstance(tree.cond, x.Bin):
        return None
    free = x.Const(0, LOCK)
    kinds = {"==": "write_lock", ">=": "read_lock"}
    waits = tree.cond.left == event.place and tree.cond.right == free
    return kinds.get(tree.cond.op) if waits else None


def _taken(kind: str, lock: Expr) -> Expr:
    """Return what a lock is once it is taken."""
    if kind == "write_lock":
        return x.Const(WRITE_HELD, LOCK)
    return x.Bin("+", lock, x.Const(1, LOCK), LOCK)


def _root(place: Expr) -> str:
    while isinstance(place, x.Field | x.Index):
        place = place.base
    assert isinstance(place, x.Shared)
    return place.name


_MARK = Local("mark#", BOOL)
# No step has so many events.
_ALL = sys.maxsize


def _count(e: Expr) -> int:
    return sum(y == _MARK for y in x.walk(e))


def _assigned(parts: Sequence[tuple[Expr, Expr]]) -> Iterator[Statement]:
    """Yield an assignment, or the macro for it where it drops a lock."""
    if len(parts) == 1:
        place, value = parts[0]
        if isinstance(place.type, LockT):
            if isinstance(value, x.Const) and value.value == 0:
                yield Do("write_unlock", (place,))
                return
            if _is_one_less(value, place):
                yield Do("read_unlock", (place,))
                return
        if isinstance(value, x.If) and place in (value.then, value.other):
            yield _conditional(place, value)
            return
    yield Put(tuple(parts))


def _is_one_less(value: Expr, place: Expr) -> bool:
    """Is `value` what a lock is once a reader has dropped it?"""
    match value:
        case x.Bin("-", left, x.Const(1)):
            return _path(left) == _path(place)
    return False


def _conditional(place: Expr, value: x.If) -> If:
    """Return a decision that says nothing on the way on which a place stays as it is."""
    sides = [
        () if side == place else tuple(_assigned([(place, side)]))
        for side in (value.then, value.other)
    ]
    return If(value.cond, sides[0], sides[1])
