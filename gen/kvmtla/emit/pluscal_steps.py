"""The steps of a model as PlusCal's statements."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.emit.pluscal_names import PlusCalNames
from kvmtla.emit.pluscal_statements import Any, Await, Goto, If, Put, Statement
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.model import Action, Branch, Guard, Leaf, Model, Pick, Tree


class StepBuilder:
    """Builds the statements of the steps of one actor; `me` as in PlusCalPrinter."""

    def __init__(self, model: Model, names: PlusCalNames, actor: str, me: Local | None) -> None:
        self.model = model
        self.names = names
        self.actor = actor
        self.me = me

    def step(self, a: Action) -> tuple[Statement, ...]:
        """The statements of a step; a goto says where it ends, but for hardware."""
        body = tuple(self._tree(a.tree, a.at))
        free = tuple(p for p in a.params if p != self.me)
        return (Any(free, body),) if free else body

    def _tree(self, tree: Tree, at: str | None) -> Iterator[Statement]:
        match tree:
            case Guard(cond, inner):
                yield Await(cond)
                yield from self._tree(inner, at)
            case Pick(var, inner):
                yield Any((var,), tuple(self._tree(inner, at)))
            case Branch(cond, then, other):
                yield If(cond, tuple(self._tree(then, at)), tuple(self._tree(other, at)))
            case Leaf():
                yield from self._leaf(tree, at)

    def _leaf(self, leaf: Leaf, at: str | None) -> Iterator[Statement]:
        pc = f"{self.actor}_pc"
        puts = [p for n, v in leaf.updates.items() if n != pc for p in self._places(n, v)]
        if puts:
            yield Put(tuple(puts))
        if at is not None:
            to = leaf.updates.get(pc)
            place = to.value if isinstance(to, x.Const) else at
            yield Goto(self.names.label(self.actor, str(place)))

    def _places(self, name: str, value: Expr) -> list[tuple[Expr, Expr]]:
        """What a new value of a variable changes in it."""
        v = self.model.variables[name]
        whole: Expr = x.Shared(name, v.type)
        if v.actor is not None:
            whole = x.ActorVar(v.actor, name.removeprefix(f"{v.actor}_"), self.me, value.type)
        parts: list[tuple[Expr, Expr]] = []
        base = value
        while isinstance(base, x.Update):
            place = whole
            for p in base.path:
                # The type of a place on the way is of no importance to its text.
                place = (
                    x.Field(place, p, base.value.type)
                    if isinstance(p, str)
                    else x.Index(place, p, base.value.type)
                )
            parts.insert(0, (place, base.value))
            base = base.base
        return parts if parts and base == whole else [(whole, value)]
