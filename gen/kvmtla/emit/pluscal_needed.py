"""The locals that are still of use where a process rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Action, Model, expressions, leaves
from kvmtla.ir.types import EnumT, MapT


class Needed:
    """The variables of actors that somebody may still read, by where the actor is."""

    def __init__(self, model: Model) -> None:
        self._always: set[str] = set(of_others(model))
        self._at: dict[tuple[str, str], set[str]] = {}
        mine = [a for a in model.actions if a.at is not None]
        for d in model.definitions:
            self._ask(d.body, {})
        for p in model.properties:
            for e in (*p.parts, *p.asks):
                self._ask(e, {})
        for actor in dict.fromkeys(a.actor for a in mine):
            self._follow(model, actor, [a for a in mine if a.actor == actor])

    def is_needed(self, variable: str, actor: str, place: str) -> bool:
        """Is the value that an actor's variable has at `place` of any use?"""
        return variable in self._always or variable in self._at.get((actor, place), ())

    def _ask(self, e: Expr, where: Mapping[Expr, Sequence[str]]) -> None:
        """Note what is read; `where` says of an actor's pc where it is, as far as that is known."""
        if isinstance(e, x.ActorVar) and e.name != "pc":
            name = f"{e.actor}_{e.name}"
            known = [at for pc, at in where.items() if _is_of(pc, e)]
            for place in known[0] if known else ():
                self._at.setdefault((e.actor, place), set()).add(name)
            if not known:
                self._always.add(name)
        if isinstance(e, x.Bin) and e.op == "and":
            self._ask(e.left, where)
            self._ask(e.right, {**where, **dict(_tests(e.left))})
            return
        for child in x.children(e):
            self._ask(child, where)

    def _follow(self, model: Model, actor: str, actions: list[Action]) -> None:
        own = {n for n, v in model.variables.items() if v.actor == actor}
        ways = [
            (a.at, str(end.value) if isinstance(end, x.Const) else a.at, own - leaf.updates.keys())
            for a in actions
            for leaf in leaves(a.tree)
            for end in [leaf.updates.get(f"{actor}_pc")]
        ]
        for a in actions:
            assert a.at is not None
            here = self._at.setdefault((actor, a.at), set())
            here |= {n for e in expressions(a.tree) for n in _read_of_actors(e)} & own
        changed = True
        while changed:
            changed = False
            for at, to, kept in ways:
                assert at is not None
                assert to is not None
                here = self._at[actor, at]
                ahead = (self._at.get((actor, to), set()) & kept) - here
                here |= ahead
                changed = changed or bool(ahead)


def places(model: Model, actor: str) -> tuple[str, ...]:
    """Return where an actor can be, in the order of its code."""
    t = model.variables[f"{actor}_pc"].type
    inner = t.value if isinstance(t, MapT) else t
    assert isinstance(inner, EnumT)
    return inner.members


def of_others(model: Model) -> Iterator[str]:
    """Yield the variables of actors that the steps of others read."""
    for a in model.actions:
        for e in expressions(a.tree):
            for y in x.walk(e):
                if isinstance(y, x.ActorVar) and (
                    y.actor != a.actor or (y.index is not None and y.index != a.params[0])
                ):
                    yield f"{y.actor}_{y.name}"


def _read_of_actors(e: Expr) -> Iterator[str]:
    return (f"{y.actor}_{y.name}" for y in x.walk(e) if isinstance(y, x.ActorVar))


def _tests(e: Expr) -> Iterator[tuple[Expr, Sequence[str]]]:
    """Yield an actor's pc with where it is, for each that a condition says that of."""
    match e:
        case x.Bin("and", left, right):
            yield from _tests(left)
            yield from _tests(right)
        case x.Bin("==", x.ActorVar(_, "pc") as pc, x.Const(at)):
            yield pc, (str(at),)
        case x.Bin("in", x.ActorVar(_, "pc") as pc, x.SetOf(items)):
            if all(isinstance(one, x.Const) for one in items):
                yield pc, tuple(str(one.value) for one in items if isinstance(one, x.Const))


def _is_of(pc: Expr, var: x.ActorVar) -> bool:
    return isinstance(pc, x.ActorVar) and (pc.actor, pc.index) == (var.actor, var.index)
