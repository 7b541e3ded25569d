"""Expressions of a model as terms of z3: booleans and bit-vectors.

A value is a boolean or a number where its type has one; a record is the tuple of its fields, a map
that of its values, a set a tuple with a boolean for each element that it may have. What may be None
is a pair: whether it is there, and the value. Booleans and numbers are Python's as long as they are
known, so that what is decided by them never gets to the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, TypeAlias

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Model
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
    without_none,
)

# A term of z3, a Python value in place of one, or a tuple of such.
Term: TypeAlias = Any
# The value of each variable of a model.
Terms: TypeAlias = Mapping[str, Term]
_Bound: TypeAlias = Mapping[str, tuple[Term, Type]]
_NOTHING: _Bound = {}

# TLC's integers have as many bits.
WIDTH = 32


# The operations whose operands are no truth values, and never None.
_OF_VALUES = ("<", "<=", ">", ">=", "+", "-", "|", "&")


class Encoder:
    """An encoder of one model's expressions as terms, and of what the solver says as values."""

    def __init__(self, model: Model, z3: ModuleType) -> None:
        self.model = model
        self.z3 = z3
        self.definitions = {d.name: d for d in model.definitions}
        self.readers = sum(
            model.sizes[a.domain] if a.domain is not None else 1
            for a in model.actors
            if not a.hardware
        )
        self._needs: list[Term] = []
        # The type of an actor's place has its members with the variable only.
        self._members = {
            t.name: t.members
            for v in model.variables.values()
            for t in (v.type, v.type.value if isinstance(v.type, MapT) else None)
            if isinstance(t, EnumT)
        }

    # -- values of a type

    def any_state(self) -> tuple[dict[str, Term], Term]:
        """Return a state of which nothing is known, and the condition that its types are right."""
        typed: list[Term] = []
        state = {n: self.unknown(n, v.type, typed) for n, v in self.model.variables.items()}
        return state, self.all_of(typed)

    def unknown(self, name: str, t: Type, typed: list[Term]) -> Term:
        """Return any value of a type, under a name; add the conditions on it to `typed`."""
        match t:
            case BoolT():
                return self.z3.Bool(name)
            case IntT() | LockT() | DomainT() | EnumT():
                low, high = self.range(t)
                if low == high:
                    return low
                made = self.z3.BitVec(name, WIDTH)
                typed += [made >= low, made <= high]
                return made
            case RecordT(_, fields):
                return tuple(self.unknown(f"{name}.{f.name}", f.type, typed) for f in fields)
            case MapT(key, value):
                count = self.model.sizes[key.name]
                return tuple(self.unknown(f"{name}[{i}]", value, typed) for i in range(count))
            case SetT(element):
                return tuple(self.z3.Bool(f"{name}[{i}]") for i in range(self._count(element)))
            case OptionalT(inner):
                there = self.z3.Bool(f"{name}?")
                return there, self.unknown(name, inner, typed)
            case NoneT():
                return ()
        raise TypeError(f"{t} cannot be stored")

    def range(self, t: IntT | LockT | DomainT | EnumT) -> tuple[int, int]:
        """Return the lowest and the highest number that stands for a value of a type."""
        match t:
            case IntT(low, high):
                return low, high
            case LockT():
                return -1, self.readers
        return 0, self._count(t) - 1

    def _count(self, t: DomainT | EnumT) -> int:
        return self.model.sizes[t.name] if isinstance(t, DomainT) else len(self._of(t))

    def _of(self, t: EnumT) -> tuple[str, ...]:
        return self._members.get(t.name, t.members)

    def constant(self, value: Value, t: Type) -> Term:
        """Return a value as a term."""
        match t:
            case BoolT() | IntT() | LockT():
                return value
            case DomainT():
                # Nobody reads this None.
                return 0 if value is None else value
            case EnumT():
                return self._of(t).index(str(value))
            case RecordT(_, fields):
                assert isinstance(value, tuple)
                return tuple(self.constant(v, f.type) for v, f in zip(value, fields, strict=True))
            case MapT(_, inner):
                assert isinstance(value, tuple)
                return tuple(self.constant(v, inner) for v in value)
            case SetT(element):
                assert isinstance(value, frozenset)
                return tuple(e in value for e in self._elements(element))
            case OptionalT(inner):
                return value is not None, self._filler(inner) if value is None else self.constant(
                    value, inner
                )
            case NoneT():
                return ()
        raise TypeError(f"{t} cannot be stored")

    def _filler(self, t: Type) -> Term:
        """Return what stands where there is no value."""
        match t:
            case BoolT():
                return False
            case RecordT(_, fields):
                return tuple(self._filler(f.type) for f in fields)
            case MapT(key, value):
                return (self._filler(value),) * self.model.sizes[key.name]
            case SetT(element):
                return (False,) * self._count(element)
            case OptionalT(inner):
                return False, self._filler(inner)
            case NoneT():
                return ()
        return self.range(t)[0] if isinstance(t, IntT | LockT | DomainT | EnumT) else 0

    def _elements(self, t: DomainT | EnumT) -> Iterable[Value]:
        return range(self._count(t)) if isinstance(t, DomainT) else self._of(t)

    def value(self, term: Term, t: Type, found: Any) -> Value:
        """Return the value that a term has in a model of z3's; what z3 leaves open is the least."""
        match t:
            case BoolT():
                return self._is_true(term, found)
            case IntT() | LockT() | DomainT():
                return self._number(term, found)
            case EnumT():
                return self._of(t)[self._number(term, found)]
            case RecordT(_, fields):
                return tuple(
                    self.value(v, f.type, found) for v, f in zip(term, fields, strict=True)
                )
            case MapT(_, inner):
                return tuple(self.value(v, inner, found) for v in term)
            case SetT(element):
                pairs = zip(self._elements(element), term, strict=True)
                return frozenset(e for e, inside in pairs if self._is_true(inside, found))
            case OptionalT(inner):
                return self.value(term[1], inner, found) if self._is_true(term[0], found) else None
        return None

    def _is_true(self, term: Term, found: Any) -> bool:
        if isinstance(term, bool):
            return term
        return bool(self.z3.is_true(found.eval(term, model_completion=True)))

    def _number(self, term: Term, found: Any) -> int:
        if isinstance(term, int):
            return term
        return int(found.eval(term, model_completion=True).as_signed_long())

    # -- logic that knows what Python knows

    def all_of(self, parts: Iterable[Term]) -> Term:
        """Return the conjunction of conditions."""
        open_ = []
        for p in parts:
            if p is False:
                return False
            if p is not True:
                open_.append(p)
        return True if not open_ else open_[0] if len(open_) == 1 else self.z3.And(open_)

    def any_of(self, parts: Iterable[Term]) -> Term:
        """Return the disjunction of conditions."""
        return self.negation(self.all_of(self.negation(p) for p in parts))

    def negation(self, cond: Term) -> Term:
        """Return the negation of a condition."""
        if isinstance(cond, bool):
            return not cond
        return cond.arg(0) if self.z3.is_not(cond) else self.z3.Not(cond)

    def choice(self, cond: Term, then: Term, other: Term) -> Term:
        """Return one of two values of the same type: `then` where `cond` is true, else `other`."""
        if isinstance(cond, bool):
            return then if cond else other
        if isinstance(then, tuple):
            return tuple(self.choice(cond, a, b) for a, b in zip(then, other, strict=True))
        if then is other:
            return then
        if isinstance(then, bool) or isinstance(other, bool):
            if then is True or other is False:
                return self.any_of([cond, other]) if then is True else self.all_of([cond, then])
            no = self.negation(cond)
            return self.all_of([no, other]) if then is False else self.any_of([no, then])
        return self.z3.If(cond, self._lifted(then), self._lifted(other))

    def _lifted(self, term: Term) -> Term:
        return self.z3.BitVecVal(term, WIDTH) if isinstance(term, int) else term

    def same(self, a: Term, b: Term) -> Term:
        """Return the condition that two values of one type are equal."""
        if isinstance(a, tuple):
            return self.all_of(self.same(p, q) for p, q in zip(a, b, strict=True))
        if isinstance(a, bool):
            return b if a else self.negation(b)
        if isinstance(b, bool):
            return a if b else self.negation(a)
        return a == b

    def _equal(self, a: Term, p: Type, b: Term, q: Type) -> Term:
        if isinstance(p, OptionalT | NoneT) or isinstance(q, OptionalT | NoneT):
            inner = next(
                (t.inner if isinstance(t, OptionalT) else t for t in (p, q) if t != NoneT()), None
            )
            if inner is None:
                return True
            (here, v), (there, w) = self._maybe(a, p, inner), self._maybe(b, q, inner)
            alike = self.choice(here, self.same(v, w), True)
            return self.all_of([self.same(here, there), alike])
        return self.same(a, b)

    def _maybe(self, term: Term, t: Type, inner: Type) -> Term:
        match t:
            case OptionalT():
                return term
            case NoneT():
                return False, self._filler(inner)
        return True, term

    def converted(self, term: Term, given: Type, wanted: Type) -> Term:
        """Return a value of one type as one of another type that has it, too."""
        if isinstance(wanted, OptionalT):
            return self._maybe(term, given, wanted.inner)
        return term[1] if isinstance(given, OptionalT) else term

    # -- expressions

    def checked(self, e: Expr, state: Terms, bound: _Bound = _NOTHING) -> tuple[Term, Term]:
        """Return the value of an expression in `state`, and whether it has one.

        It has none where something is used that is None there. `bound` has the values of its
        locals.
        """
        outer, self._needs = self._needs, []
        value = self.term(e, state, bound)
        needs, self._needs = self.all_of(self._needs), outer
        return value, needs

    def _under(self, cond: Term, e: Expr, state: Terms, bound: _Bound) -> Term:
        """Return the value of what is looked at only where `cond` is true."""
        value, needs = self.checked(e, state, bound)
        self._needs.append(self.any_of([self.negation(cond), needs]))
        return value

    def term(self, e: Expr, state: Terms, bound: _Bound = _NOTHING) -> Term:
        """Return the value of an expression in `state`, which must have one there."""
        match e:
            case x.Const(value, t):
                return self.constant(value, t)
            case x.Local(name, t):
                return self.converted(*bound[name], t)
            case x.Shared(name, t):
                return self.converted(state[name], self.model.variables[name].type, t)
            case x.ActorVar(actor, name, index, t):
                return self._own(f"{actor}_{name}", index, t, state, bound)
            case x.Field(base, name):
                held, of = self._record(base, state, bound)
                return held[_place(of, name)]
            case x.Index(base, key):
                return self._at(self.term(base, state, bound), self._plain(key, state, bound))
            case x.Make(values, t):
                pairs = zip(values, t.fields, strict=True)
                return tuple(self._as(v, f.type, state, bound) for v, f in pairs)
            case x.Update(base, path, value):
                put, whole = self.term(value, state, bound), self._plain(base, state, bound)
                inside = without_none(base.type)
                return self._changed(whole, inside, path, (put, value.type), state, bound)
            case x.Un(op, arg):
                if op == "not":
                    return self.negation(self.term(arg, state, bound))
                return -self._plain(arg, state, bound)
            case x.Bin():
                return self._bin(e, state, bound)
            case x.If(cond, then, other, t):
                test = self.term(cond, state, bound)
                a = self._under(test, then, state, bound)
                b = self._under(self.negation(test), other, state, bound)
                a, b = self.converted(a, then.type, t), self.converted(b, other.type, t)
                return self.choice(test, a, b)
            case x.Quant(kind, var, body):
                parts = self._each(var, body, state, bound)
                return self.all_of(parts) if kind == "all" else self.any_of(parts)
            case x.MapOf(var, body, t):
                return tuple(
                    self.converted(v, body.type, t.value)
                    for v in self._each(var, body, state, bound)
                )
            case x.SetFilter(var, cond):
                return tuple(self._each(var, cond, state, bound))
            case x.SetOf(items, t):
                assert isinstance(t, SetT)
                found = [self._plain(i, state, bound) for i in items]
                return tuple(
                    self.any_of(self.same(i, n) for i in found)
                    for n in range(self._count(t.element))
                )
            case x.Let(var, value, body):
                held, needs = self.checked(value, state, bound)
                if needs is not True:
                    # Where it is asked for decides whether it must have a value.
                    return self.term(x.substitute(body, {var.name: value}), state, bound)
                return self.term(body, state, {**bound, var.name: (held, value.type)})
            case x.Call(name, args) | x.Active(name, args):
                d = self.definitions[name]
                inner = {
                    p.name: (self._as(a, p.type, state, bound), p.type)
                    for p, a in zip(d.params, args, strict=True)
                }
                return self._as(d.body, e.type, state, inner)
        raise AssertionError(e)

    def _as(self, e: Expr, wanted: Type, state: Terms, bound: _Bound) -> Term:
        return self.converted(self.term(e, state, bound), e.type, wanted)

    def _plain(self, e: Expr, state: Terms, bound: _Bound) -> Term:
        """Return the value of `e`, which was tested for None if it may be None at all."""
        value = self.term(e, state, bound)
        if not isinstance(e.type, OptionalT):
            return value
        self._needs.append(value[0])
        return value[1]

    def _own(self, name: str, index: Expr | None, t: Type, state: Terms, bound: _Bound) -> Term:
        held, of = state[name], self.model.variables[name].type
        if index is not None:
            assert isinstance(of, MapT)
            held, of = self._at(held, self._plain(index, state, bound)), of.value
        return held if isinstance(t, EnumT) else self.converted(held, of, t)

    def _record(self, e: Expr, state: Terms, bound: _Bound) -> tuple[Term, RecordT]:
        t = without_none(e.type)
        assert isinstance(t, RecordT)
        return self._plain(e, state, bound), t

    def _each(self, var: x.Local, body: Expr, state: Terms, bound: _Bound) -> Iterable[Term]:
        t = var.type
        values: Iterable[Term]
        match t:
            case BoolT():
                values = (False, True)
            case IntT(low, high):
                values = range(low, high + 1)
            case DomainT() | EnumT():
                values = range(self._count(t))
            case _:
                raise TypeError(f"{t} cannot be counted off")
        return [self.term(body, state, {**bound, var.name: (v, t)}) for v in values]

    def _at(self, held: Term, key: Term) -> Term:
        if isinstance(key, int):
            return held[key]
        found = held[-1]
        for i in reversed(range(len(held) - 1)):
            found = self.choice(key == i, held[i], found)
        return found

    def _changed(
        self,
        held: Term,
        t: Type,
        path: tuple[str | Expr, ...],
        put: tuple[Term, Type],
        state: Terms,
        bound: _Bound,
    ) -> Term:
        if not path:
            return self.converted(*put, t)
        head, rest = path[0], path[1:]
        if isinstance(t, OptionalT):
            return True, self._changed(held[1], t.inner, path, put, state, bound)
        if isinstance(head, str):
            assert isinstance(t, RecordT)
            here = [f.name == head for f in t.fields]
            types = [f.type for f in t.fields]
        else:
            assert isinstance(t, MapT)
            key = self._plain(head, state, bound)
            here = [key == i for i in range(len(held))]
            types = [t.value] * len(held)
        return tuple(
            one
            if at is False
            else self.choice(at, self._changed(one, of, rest, put, state, bound), one)
            for at, one, of in zip(here, held, types, strict=True)
        )

    def _bin(self, e: x.Bin, state: Terms, bound: _Bound) -> Term:
        if e.op in _OF_VALUES:
            return self._of_values(e.op, *(self._plain(o, state, bound) for o in x.children(e)))
        a = self.term(e.left, state, bound)
        if (e.op == "and" and a is False) or (e.op == "or" and a is True):
            return a
        match e.op:
            case "and":
                return self.all_of([a, self._under(a, e.right, state, bound)])
            case "or":
                return self.any_of([a, self._under(self.negation(a), e.right, state, bound)])
        if e.op == "in":
            # None is in no set.
            there, key = a if isinstance(e.left.type, OptionalT) else (True, a)
            return self.any_of(
                self.all_of([there, inside, self.same(key, n)])
                for n, inside in enumerate(self._plain(e.right, state, bound))
            )
        b = self.term(e.right, state, bound)
        same = self._equal(a, e.left.type, b, e.right.type)
        return same if e.op == "==" else self.negation(same)

    def _of_values(self, op: str, a: Term, b: Term) -> Term:
        """Return a comparison by order, a sum, or an operation of sets."""
        if isinstance(a, tuple):
            pairs = list(zip(a, b, strict=True))
            match op:
                case "|":
                    return tuple(self.any_of(p) for p in pairs)
                case "&":
                    return tuple(self.all_of(p) for p in pairs)
            return tuple(self.all_of([p, self.negation(q)]) for p, q in pairs)
        match op:
            case "<":
                return a < b
            case "<=":
                return a <= b
            case ">":
                return a > b
            case ">=":
                return a >= b
            case "+":
                return a + b
        return a - b


def _place(t: RecordT, name: str) -> int:
    i = t.index(name)
    assert i is not None
    return i
