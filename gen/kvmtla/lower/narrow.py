"""Leaving out the bits that are clear in all words that a model ever makes.

One word serves all scenarios, and most of them involve half of its bits. What a clear bit decides
is decided here; after that, neither the states nor the text have the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kvmtla.ir import expr as x
from kvmtla.ir.bits import Bit, never_set, part
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import (
    Action,
    Bound,
    Branch,
    Event,
    Guard,
    Leaf,
    Let,
    Model,
    Pick,
    Tree,
    Variable,
)
from kvmtla.ir.types import BOOL, FieldT, MapT, OptionalT, RecordT, Type, Value, without_none
from kvmtla.lower.decided import decided


class Narrowings:
    """The narrowings of a part of models, each kept: many models leave out the same bits."""

    def __init__(self) -> None:
        self._known: dict[frozenset[Bit], Narrowing] = {}

    def of(self, clear: frozenset[Bit]) -> Narrowing:
        """Return the narrowing that leaves out these bits."""
        if clear not in self._known:
            self._known[clear] = Narrowing(clear)
        return self._known[clear]


def narrow(model: Model, parts: Sequence[Narrowings]) -> Model:
    """Return the model without the bits that no word in it ever has.

    No two states become one, since they do not differ in these bits. `parts` has, for each action,
    the narrowings of the part that it belongs to.
    """
    clear = never_set(model)
    if not clear:
        return model
    to = Narrowing(clear)
    actions = [
        replace(a, tree=part.of(clear).step(a.tree))
        for a, part in zip(model.actions, parts, strict=True)
    ]
    actions = [a for a in actions if not _impossible(a)]
    names = {a.name for a in actions}
    return replace(
        model,
        clear=tuple(sorted(".".join(bit) for bit in clear)),
        variables={n: to.variable(v) for n, v in model.variables.items()},
        initial=to.step(model.initial),
        actions=tuple(actions),
        definitions=tuple(
            replace(d, params=to.locals(d.params), body=to.expr(d.body)) for d in model.definitions
        ),
        properties=tuple(
            replace(
                p,
                params=to.locals(p.params),
                parts=tuple(map(to.expr, p.parts)),
                asks=tuple(map(to.expr, p.asks)),
            )
            for p in model.properties
        ),
        fairness=tuple(
            replace(f, actions=kept)
            for f in model.fairness
            if (kept := tuple(a for a in f.actions if a in names))
        ),
    )


def _impossible(action: Action) -> bool:
    return isinstance(action.tree, Guard) and action.tree.cond == x.FALSE


@dataclass(slots=True)
class Narrowing:
    """Types, values, expressions and steps without the bits in `clear`."""

    clear: frozenset[Bit]
    _types: dict[Type, Type] = field(default_factory=dict)
    _made: dict[int, tuple[Expr, Expr]] = field(default_factory=dict)
    """By the identity of what was narrowed, which is kept with the result: much is shared."""
    _steps: dict[int, tuple[Tree, Tree]] = field(default_factory=dict)
    """The same for steps."""

    def _kept(self, t: RecordT) -> Iterator[int]:
        """Yield the indices of the fields that stay: at least one, as TLA+ has no empty record."""
        stay = [i for i, f in enumerate(t.fields) if (t.name, f.name) not in self.clear]
        yield from stay or [0]

    def type(self, t: Type) -> Type:
        """Return a type without the bits."""
        if t not in self._types:
            self._types[t] = self._type(t)
        return self._types[t]

    def _type(self, t: Type) -> Type:
        match t:
            case RecordT(name, fields, word):
                return RecordT(name, tuple(self._field(fields[i]) for i in self._kept(t)), word)
            case MapT(key, value):
                return MapT(key, self.type(value))
            case OptionalT(inner):
                return OptionalT(self.type(inner))
        return t

    def _field(self, f: FieldT) -> FieldT:
        return replace(f, type=self.type(f.type), default=self.value(f.default, f.type))

    def value(self, value: Value, t: Type) -> Value:
        """Return a value of type `t` without the bits."""
        match t:
            case OptionalT(inner) if value is not None:
                return self.value(value, inner)
            case MapT(_, inner) if isinstance(value, tuple):
                return tuple(self.value(v, inner) for v in value)
            case RecordT(_, fields) if isinstance(value, tuple):
                return tuple(self.value(value[i], fields[i].type) for i in self._kept(t))
        return value

    def variable(self, v: Variable) -> Variable:
        """Return a variable without the bits."""
        return replace(v, type=self.type(v.type), first=self.value(v.first, v.type))

    def locals(self, given: Iterable[x.Local]) -> tuple[x.Local, ...]:
        """Return parameters without the bits."""
        return tuple(replace(p, type=self.type(p.type)) for p in given)

    def expr(self, e: Expr) -> Expr:
        """Return an expression without the bits, simplified."""
        known = self._made.get(id(e))
        if known is None:
            known = self._made[id(e)] = (e, self._expr(e))
        return known[1]

    def _expr(self, e: Expr) -> Expr:
        match e:
            case x.Const(value, t, loc):
                return x.Const(self.value(value, t), self.type(t), loc)
            case x.Field(base, name) if self._is_clear(base.type, name):
                return x.Const(False, BOOL, e.loc)
            case x.Make(values, t, loc):
                stay = tuple(self.expr(values[i]) for i in self._kept(t))
                narrowed = self.type(t)
                assert isinstance(narrowed, RecordT)
                return simplify(x.Make(stay, narrowed, loc))
            case x.Update(base, path):
                last = base.type
                for step in path[:-1]:
                    last = part(last, step)
                if isinstance(path[-1], str) and self._is_clear(last, path[-1]):
                    # It can be given only the value that it has already.
                    return self.expr(base)
        made = x.rebuild(e, self.expr)
        t = self.type(made.type)
        return simplify(made if t == made.type else replace(made, type=t))  # type: ignore[arg-type]

    def _is_clear(self, t: Type, name: str) -> bool:
        t = without_none(t)
        return isinstance(t, RecordT) and (t.name, name) in self.clear

    def step(self, tree: Tree) -> Tree:
        """Return a step without the bits, and without what they decide."""
        known = self._steps.get(id(tree))
        if known is None:
            # Without some bits, a condition may be the same as an earlier one.
            known = self._steps[id(tree)] = (tree, decided(self._tree(tree)))
        return known[1]

    def _tree(self, tree: Tree) -> Tree:
        match tree:
            case Leaf(updates, events, sometimes=sometimes):
                changes = {n: self.expr(v) for n, v in updates.items()}
                return replace(
                    tree,
                    updates=changes,
                    events=tuple(map(self._event, events)),
                    sometimes=tuple((self.expr(when), way) for when, way in sometimes),
                )
            case Branch(cond, then, other):
                decided = self.expr(cond)
                if isinstance(decided, x.Const):
                    return self._tree(then if decided.value else other)
                a, b = self._tree(then), self._tree(other)
                return a if a == b else Branch(decided, a, b)
            case Guard(cond, body):
                needed = self.expr(cond)
                return self._tree(body) if needed == x.TRUE else Guard(needed, self._tree(body))
            case Pick(var, body, when):
                return Pick(var, self._tree(body), self.expr(when))
            case Let(bound, body):
                return Let(tuple(map(self._bound, bound)), self._tree(body))

    def _bound(self, b: Bound) -> Bound:
        (var,) = self.locals((b.var,))
        return Bound(var, self.expr(b.value), self.expr(b.when))

    def _event(self, event: Event) -> Event:
        def told(e: Expr | None) -> Expr | None:
            return None if e is None else self.expr(e)

        place, stores = event.place, told(event.stores)
        while place is not None and isinstance(self.expr(place), x.Const):
            # An access to a bit that is left out is told as one to the word around it.
            assert isinstance(place, x.Field | x.Index)
            place, stores = place.base, None
        return replace(
            event,
            place=told(place),
            stores=stores,
            returns=told(event.returns),
            reasons=tuple((t, self.expr(e)) for t, e in event.reasons),
            when=self.expr(event.when),
            beside=tuple((n, self.expr(e)) for n, e in event.beside),
        )
