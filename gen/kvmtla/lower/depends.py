"""Dependences of the code of functions: where all of them are the same, so is the code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator

from kvmtla.errors import Loc
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, Type
from kvmtla.lower.specialise import Specialiser
from kvmtla.value_class import value_class


@value_class(frozen=True, slots=True)
class _Said:
    """The content of a block, as far as a scenario's constants may change what it means."""

    fixed: tuple[Expr, ...] = ()
    """The expressions made of constants alone that are not part of another such expression."""
    fields: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    """The domains that it loops over, or that a local has a value for each element of."""
    decisions: tuple[tuple[Expr, _Said, _Said], ...] = ()
    """Conditions that constants may decide, with what is said on either way."""


@value_class(frozen=True, slots=True)
class Dependence:
    """The dependences of functions and of all that they call once the constants are put in.

    `called` are all that are looked at for that, `left` those that are still called in the result.
    `counted` are the domains whose number of elements matters. `values` stands for all that the
    constants make of them.
    """

    called: frozenset[str]
    left: frozenset[str]
    fields: frozenset[str]
    spans: frozenset[str]
    counted: frozenset[str]
    values: Hashable


class Depends:
    """The dependences of the functions of a program, where `special` puts in the constants."""

    def __init__(self, special: Specialiser, texts: Texts) -> None:
        self._special = special
        self._texts = texts
        self._own: dict[str, Dependence] = {}
        self._all: dict[tuple[str, ...], Dependence] = {}

    def of(self, keys: Iterable[str]) -> Dependence:
        """Return what the functions with these keys depend on together, callees included."""
        asked = tuple(keys)
        if asked not in self._all:
            found = self._reached(asked, lambda one: one.left)
            self._all[asked] = Dependence(
                frozenset(self._reached(asked, lambda one: one.called)),
                frozenset(found),
                frozenset[str]().union(*(d.fields for d in found.values())),
                frozenset[str]().union(*(d.spans for d in found.values())),
                frozenset[str]().union(*(d.counted for d in found.values())),
                tuple((k, found[k].values) for k in sorted(found)),
            )
        return self._all[asked]

    def _reached(
        self, keys: Iterable[str], ahead: Callable[[Dependence], Iterable[str]]
    ) -> dict[str, Dependence]:
        """Return what each of the functions depends on that these lead to."""
        found: dict[str, Dependence] = {}
        todo = [*keys]
        while todo:
            key = todo.pop()
            if key not in found:
                found[key] = self.own(key)
                todo += ahead(found[key])
        return found

    def own(self, key: str) -> Dependence:
        """Return what a function depends on by itself; the functions it calls are not followed."""
        if key not in self._own:
            fn = self._special.program.functions[key]
            said = list(self._taken(self._texts.said_by(fn)))
            called = frozenset[str]().union(*(one.called for one in said))
            if fn.kind == "pure" and len(fn.values) == 1:
                # Where it is called, no more of it is seen than what it gives.
                body = self._special.body(key)
                none: frozenset[str] = frozenset()
                left, spans = x.called_in(body), x.asked_in(body)
                values = (body, tuple(map(id, _places(body))))
                self._own[key] = Dependence(called, left, none, spans, none, values)
                return self._own[key]
            fixed = (e for one in said for e in one.fixed)
            self._own[key] = Dependence(
                called,
                called,
                frozenset[str]().union(*(one.fields for one in said)),
                frozenset[str]().union(*(one.spans for one in said)),
                frozenset[str]().union(
                    _many(p.type for p in fn.params), *(o.counted for o in said)
                ),
                (tuple(map(id, said)), tuple(map(self._special.expr, fixed))),
            )
        return self._own[key]

    def _taken(self, said: _Said) -> Iterator[_Said]:
        """Yield what is said on the ways that can be taken; this tells which they are, too."""
        yield said
        for cond, then, other in said.decisions:
            known = self._special.expr(cond)
            if not isinstance(known, x.Const) or known.value:
                yield from self._taken(then)
            if not isinstance(known, x.Const) or not known.value:
                yield from self._taken(other)


class Texts:
    """The content of all functions of a program, with what `below` knows of them already."""

    def __init__(self, below: Texts | None = None) -> None:
        self._below = below
        # By identity, as comparing functions means reading them. They are kept, so that their ids
        # cannot come to mean others.
        self._known: dict[int, tuple[s.Function, _Said]] = {}

    def said_by(self, fn: s.Function) -> _Said:
        """Return what a function says."""
        known = self._looked_up(fn)
        if known is None:
            said = _said([*fn.values], fn.body)
            known = self._known[id(fn)] = (fn, said)
        return known[1]

    def _looked_up(self, fn: s.Function) -> tuple[s.Function, _Said] | None:
        known = self._known.get(id(fn))
        if known is None and self._below is not None:
            return self._below._looked_up(fn)
        return known


def _said(values: Iterable[Expr], body: tuple[s.Stmt, ...]) -> _Said:
    found = [*values]
    spans: set[str] = set()
    called: set[str] = set()
    counted: set[str] = set()
    decisions: list[tuple[Expr, _Said, _Said]] = []

    def visit(body: tuple[s.Stmt, ...]) -> None:
        for st in body:
            match st:
                case s.IfStmt(cond, then, other, _, reasons):
                    found.append(cond)
                    found.extend(e for _, e in reasons)
                    if _may_be_decided(cond):
                        decisions.append((cond, _said((), then), _said((), other)))
                    else:
                        visit(then)
                        visit(other)
                case s.While(cond, inner):
                    found.append(cond)
                    visit(inner)
                case s.For(var, inner):
                    assert isinstance(var.type, DomainT)
                    counted.add(var.type.name)
                    visit(inner)
                case s.WithLock(_, place, inner):
                    found.append(place)
                    visit(inner)
                case s.WithSpan(span, args, when, inner):
                    spans.add(span)
                    found.extend((*args, when))
                    visit(inner)
                case s.CallStmt(function, targets=targets):
                    called.add(function)
                    counted.update(_many(t.type for t in targets))
                    found.extend(s.expressions((st,)))
                case s.Primitive(targets=targets):
                    counted.update(_many(t.type for t in targets))
                    found.extend(s.expressions((st,)))
                case s.Assign(target) | s.Choose(target):
                    counted.update(_many([target.type]))
                    found.extend(s.expressions((st,)))
                case _:
                    found.extend(s.expressions((st,)))

    visit(body)
    fixed: list[Expr] = []
    for e in found:
        if _of_constants(e, fixed):
            fixed.append(e)
    return _Said(
        tuple(fixed),
        frozenset[str]().union(*map(x.shared_in, found)),
        frozenset(spans).union(*map(x.asked_in, found)),
        frozenset(called).union(*map(x.called_in, found)),
        frozenset(counted),
        tuple(decisions),
    )


def _many(types: Iterable[Type]) -> frozenset[str]:
    """Return the domains that values of these types have a part for each element of."""
    found: set[str] = set()
    todo = [*types]
    while todo:
        match todo.pop():
            case MapT(key, value):
                found.add(key.name)
                todo.append(value)
            case RecordT(_, fields):
                todo += (f.type for f in fields)
            case OptionalT(inner):
                todo.append(inner)
    return frozenset(found)


def _places(e: Expr) -> Iterator[Loc | None]:
    """Yield where everything in an expression stands. The program has these, and keeps them."""
    for part in x.walk(e):
        yield part.loc
        if isinstance(part, x.Quant | x.MapOf | x.SetFilter | x.Let):
            yield part.var.loc


def _may_be_decided(cond: Expr) -> bool:
    return any(isinstance(e, x.Constant | x.Shared | x.Call) for e in x.walk(cond))


def _of_constants(e: Expr, found: list[Expr]) -> bool:
    """Is `e` made of constants alone? If not, note the parts of it that are."""
    if isinstance(e, x.Constant):
        return True
    parts = [(c, _of_constants(c, found)) for c in x.children(e)]
    fixed = [c for c, is_fixed in parts if is_fixed]
    if (
        fixed
        and not isinstance(e, x.Call | x.Active)
        and all(is_fixed or isinstance(c, x.Const) for c, is_fixed in parts)
    ):
        return True
    found += fixed
    return False
