"""A step in which ways that meet become one.

Run as a tree, a step has an end for each of its ways, and each decision multiplies the ways. Here
each node of the flow is passed once: where ways meet, a value in which they differ becomes one that
says what it is on each of them. A long value gets a name, so that it is written once. The text is
in proportion to the code, and the step is the same: the tests compare the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from kvmtla.errors import SpecError
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import place_of, simplify
from kvmtla.ir.model import Bound, Branch, Guard, Leaf, Let, Pick, Tree
from kvmtla.ir.stmt import root
from kvmtla.ir.types import BOOL, joined
from kvmtla.lower import graph as g
from kvmtla.lower.graph import Node
from kvmtla.lower.symbolic import Progress, State, TooManyEndsError, TreeRunner, following
from kvmtla.patience import on_time

# Values and conditions longer than this get a name. Conditions are repeated often.
_LONG, _LONG_CONDITION = 24, 8
# The most nodes of expressions that a step may have, and the most ends.
_MOST, _MOST_ENDS = 60_000, 200

_Key = tuple[Node, Progress, tuple[Node, ...]]
_T = TypeVar("_T")


class Runner(TreeRunner):
    """Runs steps, and lets ways that meet become one where there are many."""

    def run(self, node: Node, state: State, done: Progress) -> Tree:
        """Return the step that has come as far as `done`, from `node` on.

        Raises SpecError if the step is too big even so.
        """
        with suppress(TooManyEndsError):
            return super().run(node, state.copy(), done)
        return _Merging(self).run((node, done, ()), state)


@dataclass(eq=False, slots=True)
class _Way:
    """The decisions on the way to somewhere: the last of them, and those before."""

    before: _Way | None = None
    cond: Expr = x.TRUE
    truth: bool = True
    depth: int = 0
    whole: Expr | None = None
    """The condition that all decisions are as they are here, once it has been asked for."""
    ahead: dict[tuple[Expr, bool], _Way] = field(default_factory=dict)

    def on(self, cond: Expr, truth: bool) -> _Way:
        """Return the way on from here where `cond` is `truth`."""
        found = self.ahead.get((cond, truth))
        if found is None:
            found = self.ahead[cond, truth] = _Way(self, cond, truth, self.depth + 1)
        return found

    def other(self) -> _Way | None:
        """Return the way on which the last decision is taken otherwise; None if there is none."""
        return self.before and self.before.ahead.get((self.cond, not self.truth))

    def shared_with(self, other: _Way) -> _Way:
        """Return what two ways have in common, up to where they part."""
        a, b = self, other
        while a is not b:
            if a.depth < b.depth:
                a, b = b, a
            assert a.before is not None
            a = a.before
        return a

    def since(self, start: _Way) -> Expr:
        """Return the condition that the decisions from `start` on are as they are here."""
        parts: list[Expr] = []
        way = self
        while way is not start:
            parts.insert(0, way.cond if way.truth else _not(way.cond))
            assert way.before is not None
            way = way.before
        whole: Expr = x.TRUE
        for part in parts:
            whole = _and(whole, part)
        return whole


class _Merging:
    """One step that is being made into a tree."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._items: list[Bound | Guard | Pick] = []
        """The beginning of the step, in order; a Guard or a Pick is without what follows it."""
        self._ends: list[tuple[_Way, Leaf]] = []
        self._here: dict[_Key, dict[_Way, State]] = {}
        self._size = 0
        self._root = _Way(whole=x.TRUE)

    def run(self, start: _Key, state: State) -> Tree:
        """Return the step that begins with `start`, in `state`."""
        self._here[start] = {self._root: state}
        for key in self._in_order(start):
            on_time(key[0].frame.function)
            if key in self._here:
                way, st = self._met(self._here.pop(key))
                self._visit(key, way, st)
                self._check(key[0])
        return self._tree()

    def _check(self, node: Node) -> None:
        if self._size > _MOST or len(self._ends) > _MOST_ENDS:
            raise SpecError(
                "KT706",
                f"{node.frame.function}() does too much in one step",
                loc=node.loc,
                hint="have fewer elements in the domain that it loops over, or let it come to rest"
                " on the way: an access with READ_ONCE, WRITE_ONCE, ... is a step of its own",
            )

    # -- through the flow

    def _in_order(self, start: _Key) -> Sequence[_Key]:
        """Return where the step can get to, each place after all those that lead to it."""
        found: list[_Key] = []
        seen = {start}
        todo = [(start, self._after(start))]
        while todo:
            on_time()
            key, ahead = todo[-1]
            to = next(ahead, None)
            if to is None:
                todo.pop()
                found.append(key)
            elif to not in seen:
                seen.add(to)
                todo.append((to, self._after(to)))
        return found[::-1]

    def _after(self, key: _Key) -> Iterator[_Key]:
        """Yield where the step may be next, whatever the state is."""
        node, done, seen = key
        if node in seen or isinstance(node, g.End):
            return
        if isinstance(node, g.STEPS):
            if done.stops_at(node, self._runner.reductions):
                return
            done, seen = done.after(node), ()
        elif isinstance(node, g.Join):
            if node.closes:
                done = done.out()
            elif node.head:
                seen = (*seen, node)
        for to in node.successors():
            yield to, done, seen

    def _visit(self, key: _Key, way: _Way, st: State) -> None:
        node, done, seen = key
        runner = self._runner
        if runner.rests(node, st, done, seen):
            self._ends.append((way, self._leaf(runner.rest(node, st))))
            return
        match node:
            case g.Test():
                self._test(node, done, seen, way, st)
                return
            case g.Pick():
                var = runner.pick(node, st)
                self._items.append(Pick(var, _NOTHING, self._whole(way)))
            case g.Require():
                cond = self._short(st.condition(node.cond), way)
                st.learn(cond, True)
                self._require(cond, way)
            case _:
                told = len(st.events)
                guard, done, seen = runner.passed(node, st, done, seen)
                self._require(guard, way)
                self._name_long(node, st, way)
                for i in range(told, len(st.events)):
                    st.events[i] = replace(st.events[i], when=self._whole(way))
        self._arrive((following(node), done, seen), way, st)

    def _arrive(self, key: _Key, way: _Way, st: State) -> None:
        self._here.setdefault(key, {})[way] = st

    def _test(
        self, node: g.Test, done: Progress, seen: tuple[Node, ...], way: _Way, st: State
    ) -> None:
        cond = self._short(st.condition(node.cond), way)
        then, other = following(node), node.other
        if isinstance(cond, x.Const):
            self._decide(node, bool(cond.value), way, st)
            self._arrive((then if cond.value else other, done, seen), way, st)
            return
        told = len(st.events)
        states = st, self._runner.both(node, st, done)
        for to, one, truth in zip((then, other), states, (True, False), strict=True):
            ahead = way.on(cond, truth)
            one.learn(cond, truth)
            for i in range(told, len(one.events)):
                one.events[i] = replace(one.events[i], when=self._whole(ahead))
            self._decide(node, truth, ahead, one)
            self._arrive((to, done, seen), ahead, one)

    def _decide(self, node: g.Test, truth: bool, way: _Way, st: State) -> None:
        """Note a decision, taken on this way."""
        when = self._whole(way)
        if when == x.TRUE:
            st.ways.append((node.loc, truth))
        else:
            st.sometimes.append((when, (node.loc, truth)))

    def _require(self, cond: Expr, way: _Way) -> None:
        needed = _or(_not(self._whole(way)), cond)
        if needed != x.TRUE:
            self._size += x.size(needed)
            self._items.append(Guard(needed, _NOTHING))

    # -- names for values

    def _whole(self, way: _Way) -> Expr:
        """Return the condition that a way is taken."""
        if way.whole is None:
            assert way.before is not None
            last = way.cond if way.truth else _not(way.cond)
            # It is asked for on other ways, too; there it is false.
            way.whole = self._short(_and(self._whole(way.before), last), self._root)
        return way.whole

    def _short(self, cond: Expr, way: _Way) -> Expr:
        return self._named("is", cond, way, _LONG_CONDITION)

    def _named(self, name: str, value: Expr, way: _Way, most: int = _LONG) -> Expr:
        """Return a value, or a name for it if it is long; it is asked for on this way only."""
        if x.size(value) <= most:
            return value
        var = Local(self._runner.fresh(name), x.loose(value), value.loc)
        when = x.TRUE if way.before is None else self._whole(way)
        self._size += x.size(value)
        self._items.append(Bound(var, value, when))
        return var

    def _name_long(self, node: Node, st: State, way: _Way) -> None:
        """Name the long values among those that a node has just set."""
        for t in g.writes(node):
            if t.name in st.locals:
                st.locals[t.name] = self._named(g.spoken(t), st.locals[t.name], way)
        if isinstance(node, g.Store | g.Access | g.Lock | g.Unlock):
            name = root(node.place)
            if name in st.shared:
                st.shared[name] = self._named(name, st.shared[name], way)

    # -- where ways meet

    def _met(self, found: dict[_Way, State]) -> tuple[_Way, State]:
        """Return all ways that come to the same place, as one, with its state."""
        while len(found) > 1:
            way = max(found, key=lambda w: w.depth)
            other = way.other()
            if other is not None and other in found:
                assert way.before is not None
                to, cond = way.before, way.cond
                a, b = (way, other) if way.truth else (other, way)
            else:
                # Some of the ways that take the other decision lead elsewhere.
                a = way
                b = max((w for w in found if w is not way), key=lambda w: w.shared_with(way).depth)
                start = a.shared_with(b)
                cond = self._short(a.since(start), start)
                both = self._short(_or(cond, b.since(start)), start)
                to = start.on(both, True)
            found[to] = self._either(cond, found.pop(a), found.pop(b), to)
        return next(iter(found.items()))

    def _either(self, cond: Expr, a: State, b: State, way: _Way) -> State:
        """Return the state that is `a` where `cond` is true, and `b` elsewhere."""
        one = a.copy()
        one.fields |= b.fields
        for n in dict.fromkeys((*a.shared, *b.shared)):
            p, q = (st.shared[n] if n in st.shared else one.fields[n] for st in (a, b))
            one.shared[n] = self._named(n, self._choice(cond, p, q), way)
        for n in dict.fromkeys((*a.locals, *b.locals)):
            if n not in a.locals or n not in b.locals:
                # It has a value on one of the ways only, so nobody reads it.
                one.locals.pop(n, None)
                continue
            p, q = a.locals[n], b.locals[n]
            name = g.spoken(Local(n, p.type))
            one.locals[n] = self._named(name, self._choice(cond, p, q), way)
        one.entered = a.entered or b.entered
        one.locks = [lock for lock in a.locks if lock in b.locks]
        one.events = _both(a.events, b.events)
        one.sometimes = _both(a.sometimes, b.sometimes)
        one.facts = {e: v for e, v in a.facts.items() if b.facts.get(e) == v}
        one.known = {e: v for e, v in a.known.items() if b.known.get(e) == v}
        return one

    def _choice(self, cond: Expr, a: Expr, b: Expr) -> Expr:
        """Return a value that is `a` where `cond` is true, and `b` elsewhere."""
        if a == b:
            return a
        for whole, changed, sides in ((b, a, (True, False)), (a, b, (False, True))):
            found = _changes(changed, whole)
            if found is None:
                continue
            # A change on one of the ways is a change to what it is on the other.
            result = whole
            for step in found:
                old = place_of(whole, step.path)
                p, q = (step.value, old) if sides[0] else (old, step.value)
                value = simplify(x.If(cond, p, q, joined(p.type, q.type)))
                result = simplify(x.Update(result, step.path, value, step.type, step.loc))
            return result
        return simplify(x.If(cond, a, b, joined(a.type, b.type)))

    # -- the step as a tree

    def _leaf(self, leaf: Leaf) -> Leaf:
        self._size += sum(map(x.size, leaf.updates.values()))
        return leaf

    def _tree(self) -> Tree:
        *others, (_, tree) = self._ends
        result: Tree = tree
        for way, leaf in reversed(others):
            result = Branch(self._whole(way), leaf, result)
        bound: list[Bound] = []
        for item in reversed(self._items):
            if isinstance(item, Bound):
                bound.append(item)
                continue
            result, bound = _with(bound, result), []
            result = replace(item, body=result)
        return _with(bound, result)


_NOTHING = Leaf({}, ())


def _with(bound: list[Bound], tree: Tree) -> Tree:
    return Let((*reversed(bound),), tree) if bound else tree


def _changes(e: Expr, whole: Expr) -> list[x.Update] | None:
    """Return the changes at constant places that turn `whole` into `e`; None if it takes others."""
    found: list[x.Update] = []
    while e != whole:
        if not isinstance(e, x.Update) or not all(isinstance(p, str | x.Const) for p in e.path):
            return None
        found.insert(0, e)
        e = e.base
    return found


def _both(a: list[_T], b: list[_T]) -> list[_T]:
    """Return what has happened on either way, in an order that is right on both."""
    same = 0
    for p, q in zip(a, b, strict=False):
        if p is not q:
            break
        same += 1
    return [*a, *b[same:]]


def _and(a: Expr, b: Expr) -> Expr:
    return simplify(x.Bin("and", a, b, BOOL))


def _or(a: Expr, b: Expr) -> Expr:
    return simplify(x.Bin("or", a, b, BOOL))


def _not(e: Expr) -> Expr:
    return simplify(x.Un("not", e, BOOL))
