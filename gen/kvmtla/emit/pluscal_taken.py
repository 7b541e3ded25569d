"""The ways of steps that can be taken, as far as the values of locals show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import implied, knowing
from kvmtla.ir.model import IDLE, Action, Branch, Guard, Leaf, Let, Model, Pick, Tree
from kvmtla.ir.types import BOOL, MapT
from kvmtla.patience import on_time

Known = dict[Expr, Expr]
"""Expressions over an actor's locals, each with the only value that it has at a place."""


def with_ways_taken(model: Model) -> Model:
    """Return a model of the same states and steps, without decisions that only go one way.

    What is known of an actor's locals where it rests is what all steps that lead there agree on.
    """
    actions = {a.name: a for a in model.actions}
    for actor in model.actors:
        mine = [a for a in model.actions if a.actor == actor.name and a.at is not None]
        if mine:
            actions |= {a.name: a for a in _Values(model, actor.name, mine).actions()}
    return replace(model, actions=tuple(actions.values()))


class _Values:
    """What is known of the locals of an actor, by where it is."""

    def __init__(self, model: Model, actor: str, actions: list[Action]) -> None:
        self._actions = actions
        self._pc = f"{actor}_pc"
        self._own: dict[str, x.ActorVar] = {}
        first: Known = {}
        # All steps of a task have the same name for the task.
        me = actions[0].params[0] if isinstance(model.variables[self._pc].type, MapT) else None
        for n, v in model.variables.items():
            if v.actor == actor and n != self._pc:
                value, t = v.first, v.type
                if me is not None and isinstance(t, MapT) and isinstance(value, tuple):
                    value, t = value[0], t.value
                self._own[n] = x.ActorVar(actor, n.removeprefix(f"{actor}_"), me, t)
                first[self._own[n]] = x.Const(value, t)
        self._at: dict[str, Known] = {IDLE: first}
        self._follow()

    def _follow(self) -> None:
        todo = [IDLE]
        while todo:
            on_time()
            place = todo.pop()
            for a in self._actions:
                if a.at != place:
                    continue
                for leaf, known in _ends(a.tree, self._at[place]):
                    to = leaf.updates.get(self._pc)
                    target = str(to.value) if isinstance(to, x.Const) else place
                    before, after = self._at.get(target), self._after(leaf, known)
                    now = after if before is None else _same(before, after)
                    if now != before:
                        self._at[target] = now
                        todo.append(target)

    def _after(self, leaf: Leaf, known: Mapping[Expr, Expr]) -> Known:
        """Return what is known of the locals after a step, by what is known before it."""
        given: dict[Expr, Expr] = {
            e: self._own[n]
            for n, e in leaf.updates.items()
            if n in self._own and not isinstance(e, x.Const)
        }
        after: Known = {}
        for fact, value in known.items():
            for names in (dict[Expr, Expr](), given):
                told = self._told(fact, leaf, names)
                if told is not None and not isinstance(told, x.Const):
                    after[told] = value
        for n, e in leaf.updates.items():
            value = knowing(e, known)
            if n in self._own and isinstance(value, x.Const):
                after[self._own[n]] = value
        return after

    def _told(self, e: Expr, leaf: Leaf, given: Mapping[Expr, Expr]) -> Expr | None:
        """Return an expression over the state before as one over the locals after a step."""
        if e in given:
            return given[e]
        if isinstance(e, x.ActorVar):
            name = f"{e.actor}_{e.name}"
            return e if self._own.get(name) == e and name not in leaf.updates else None
        if isinstance(e, x.Shared | x.Local | x.Call | x.Active | x.Quant):
            return None
        fine = True

        def inner(child: Expr) -> Expr:
            nonlocal fine
            found = self._told(child, leaf, given)
            fine = fine and found is not None
            return child if found is None else found

        told = x.rebuild(e, inner)
        return told if fine else None

    def actions(self) -> Iterator[Action]:
        """Yield the steps without the ways that are not taken."""
        for a in self._actions:
            known = self._at.get(a.at or IDLE)
            yield a if known is None else replace(a, tree=_taken(a.tree, known))


def _ends(tree: Tree, known: Mapping[Expr, Expr]) -> Iterator[tuple[Leaf, Mapping[Expr, Expr]]]:
    """Yield the ends that a step can have, each with what is known on the way there."""
    match tree:
        case Branch(cond, then, other):
            decided = knowing(cond, known)
            for truth, body in ((True, then), (False, other)):
                if decided != x.Const(not truth, BOOL):
                    yield from _ends(body, {**known, **implied(cond, truth)})
        case Guard(cond, body):
            yield from _ends(body, {**known, **implied(cond, True)})
        case Pick(_, body) | Let(_, body):
            yield from _ends(body, known)
        case Leaf():
            yield tree, known


def _same(a: Known, b: Known) -> Known:
    return {e: value for e, value in a.items() if b.get(e) == value}


def _taken(tree: Tree, known: Mapping[Expr, Expr]) -> Tree:
    match tree:
        case Branch(cond, then, other):
            decided = knowing(cond, known)
            if isinstance(decided, x.Const):
                return _taken(then if decided.value else other, known)
            return Branch(
                cond,
                _taken(then, {**known, **implied(cond, True)}),
                _taken(other, {**known, **implied(cond, False)}),
            )
        case Guard(cond, body):
            return Guard(cond, _taken(body, {**known, **implied(cond, True)}))
        case Pick() | Let():
            return replace(tree, body=_taken(tree.body, known))
    return tree
