"""Expressions as Python source over packed states, worked out as far as they are known.

A `Term` speaks of a value of some type. Numbers (integers, elements of a domain, locks) are
themselves; every other value is in its packed form. The state is the integer `s`; in text about a
step, the state after it is `t`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from kvmtla.engine.packing import Layout
from kvmtla.engine.term import (
    Term,
    added,
    bit,
    bits,
    both,
    combined,
    either,
    joined,
    let,
    negated,
    number,
    plus,
    shifted,
    truth,
)
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import (
    BOOL,
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
    elements,
    without_none,
)
from kvmtla.patience import on_time
from kvmtla.value_class import value_class

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

BEFORE, AFTER = "s", "t"
"""The names of the states in source text."""

Env = Mapping[str, tuple[Term, Type]]
NO_ENV: Env = {}


@value_class(frozen=True, slots=True)
class Place:
    """A run of bits of the state.

    `base` is its lowest bit; if an index is not known, the `dynamic` terms (source text) are added
    to it. `starts` are all the bits at which it may then begin.
    """

    base: int
    dynamic: tuple[str, ...]
    starts: tuple[int, ...]
    type: Type
    state: str = BEFORE

    def shifted(self, by: int, t: Type) -> Place:
        """Return the part of type `t` that lies `by` bits higher."""
        starts = tuple(b + by for b in self.starts)
        return Place(self.base + by, self.dynamic, starts, t, self.state)

    def start(self) -> str:
        """Return where it begins, as source text."""
        return " + ".join([*self.dynamic, *([str(self.base)] if self.base else [])]) or "0"


def is_number(t: Type) -> bool:
    """Is a value of this type a number in a term?"""
    return isinstance(t, IntT | DomainT | LockT)


class Terms:
    """Writes terms; `mask` gathers the bits of the state that they look at.

    `mask_after` gathers those of the state after a step.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.definitions = {d.name: d for d in layout.model.definitions}
        self.mask = 0
        self.mask_after = 0
        self._state = BEFORE
        self._names = 0

    def name(self) -> str:
        """Return a name that no source text has yet."""
        self._names += 1
        return f"t{self._names}"

    # -- types

    def packed(self, term: Term, t: Type) -> Term:
        """Return the packed form of a term of type `t`."""
        if not is_number(t):
            return term
        self.layout.bounds.stretch(t, term.low, term.high)
        return plus(term, -self.layout.bounds.of(t)[0])

    def _unpacked(self, term: Term, t: Type, sound: bool) -> Term:
        """Return the term of a packed one; `sound` says that its value is one of its type."""
        if not is_number(t):
            return term
        bounds = self.layout.bounds
        first = bounds.of(t)[0]
        if term.const is not None:
            return number(term.const + first)
        low, high = bounds.declared(t) if sound else bounds.of(t)
        return Term(plus(term, first).text, None, low, high)

    def adapt(self, term: Term, have: Type, want: Type) -> Term:
        """Return the same value as one of type `want`."""
        layout = self.layout
        if isinstance(have, NoneT):
            return bits(0)
        if isinstance(want, OptionalT) and not isinstance(have, OptionalT):
            inner = self.packed(term, want.inner)
            if layout.tagged(want):
                return joined([(inner, 1), (bits(1), 0)])
            return plus(inner, 1)
        if isinstance(have, OptionalT) and not isinstance(want, OptionalT | NoneT):
            if layout.tagged(have):
                return self._unpacked(shifted(term, 1), have.inner, False)
            if term.const is not None:
                return self._unpacked(bits(max(term.const, 1) - 1), have.inner, True)
            # If it is None nobody asks for the value, but an argument is worked out before that is
            # known.
            return self._unpacked(Term(f"(({term.text} or 1) - 1)"), have.inner, True)
        return term

    def constant(self, value: Value, t: Type) -> Term:
        """Return the term of a value of type `t`."""
        if is_number(t):
            assert isinstance(value, int)
            return number(value)
        return bits(self.layout.encode(value, t))

    # -- expressions

    def condition(self, e: Expr, env: Env) -> Term:
        """Return the term of `e`, a boolean."""
        return self.of(e, BOOL, env)

    def of(self, e: Expr, want: Type, env: Env) -> Term:
        """Return `e` as a value of type `want`; `env` has the values and types of free locals."""
        on_time()
        match e:
            case x.Const(None):
                return bits(0)
            case x.Let():
                inner, lets, body = self._let(e, env)
                return let(lets, self.of(body, want, inner))
            case x.If(cond, then, other):
                c = self.condition(cond, env)
                if c.const is not None:
                    return self.of(then if c.const else other, want, env)
                a, b = self.of(then, want, env), self.of(other, want, env)
                if a.text == b.text:
                    return a
                text = f"({a.text} if {c.text} else {b.text})"
                return Term(text, None, min(a.low, b.low), max(a.high, b.high))
            case x.Call(name, args) | x.Active(name, args):
                d = self.definitions[name]
                inner, lets = self.bind(d.params, args, env)
                with self._speaking_of(e.after):
                    return let(lets, self.of(d.body, want, inner))
        term, have = self._of(e, env)
        return self.adapt(term, have, want)

    @contextmanager
    def _speaking_of(self, after: bool) -> Iterator[None]:
        """Read the state after the step within a block, if `after` is true."""
        before = self._state
        self._state = AFTER if after else before
        yield
        self._state = before

    def _of(self, e: Expr, env: Env) -> tuple[Term, Type]:
        """Return the term of `e`, and the type of the term."""
        place = self.place(e, env)
        if place is not None:
            return self._read(place), place.type
        match e:
            case x.Const(value, t):
                return self.constant(value, t), t
            case x.Local(name):
                return env[name]
            case x.Field(base, name):
                whole = x.loose(base)
                offset, t = self._field(whole, name)
                return self._part(self.of(base, whole, env), offset, t), t
            case x.Index(base, key):
                return self._index(base, key, env)
            case x.Make(values, t):
                return self._record(t, values, env), t
            case x.Update():
                return self._update(e, env)
            case x.Un("not", arg):
                return negated(self.condition(arg, env)), BOOL
            case x.Un(_, arg, t):
                term = self.of(arg, without_none(arg.type), env)
                if term.const is not None:
                    return number(-term.const), t
                return Term(f"(-{term.text})", None, -term.high, -term.low), t
            case x.Bin():
                return self._bin(e, env)
            case x.Quant(kind, var, body):
                found = [self.condition(body, inner) for inner in self.each(var, env)]
                return both(found) if kind == "all" else either(found), BOOL
            case x.MapOf(var, body, t):
                width = self.layout.width(t.value)
                made = [self.of(body, t.value, inner) for inner in self.each(var, env)]
                return joined((self.packed(v, t.value), i * width) for i, v in enumerate(made)), t
            case x.SetOf(items, t):
                assert isinstance(t, SetT)
                return joined((self._single(i, t, env), 0) for i in items), t
            case x.SetFilter(var, cond, t):
                found = [self.condition(cond, inner) for inner in self.each(var, env)]
                return joined((c, i) for i, c in enumerate(found)), t
            case x.Let():
                inner, lets, body = self._let(e, env)
                term, t = self._of(body, inner)
                return let(lets, term), t
        raise AssertionError(e)

    def _record(self, t: RecordT, values: Sequence[Expr], env: Env) -> Term:
        parts = []
        for f, v in zip(t.fields, values, strict=True):
            offset, inner = self.layout.field(t, f.name)
            parts.append((self.packed(self.of(v, inner, env), inner), offset))
        return joined(parts)

    def each(self, var: x.Local, env: Env) -> list[Env]:
        """Return `env` with each value of a variable."""
        t = var.type
        members = self.layout.members(t) if isinstance(t, EnumT) else elements(t, self.layout.sizes)
        return [{**env, var.name: (self.constant(v, t), t)} for v in members]

    def bind(
        self, params: Sequence[x.Local], args: Sequence[Expr], env: Env
    ) -> tuple[Env, list[tuple[str, Term]]]:
        """Return what a definition's parameters stand for, and names given to longer arguments."""
        inner: dict[str, tuple[Term, Type]] = {}
        lets = []
        for p, a in zip(params, args, strict=True):
            term = self.of(a, p.type, env)
            if term.const is None and not term.text.isidentifier():
                name = self.name()
                lets.append((name, term))
                term = Term(name, None, term.low, term.high)
            inner[p.name] = (term, p.type)
        return inner, lets

    def _let(self, e: Expr, env: Env) -> tuple[Env, list[tuple[str, Term]], Expr]:
        """Return what the names before an expression stand for, and the expression after them."""
        inner, lets = dict(env), list[tuple[str, Term]]()
        while isinstance(e, x.Let):
            more, named = self.bind([e.var], [e.value], inner)
            inner |= more
            lets += named
            e = e.body
        return inner, lets, e

    def _bin(self, e: x.Bin, env: Env) -> tuple[Term, Type]:
        match e.op:
            case "and":
                return both([self.condition(p, env) for p in chain(e)]), BOOL
            case "or":
                return either([self.condition(p, env) for p in chain(e)]), BOOL
            case "in":
                return self._member(e.left, e.right, env), BOOL
        t, u = x.loose(e.left), x.loose(e.right)
        if e.op in ("==", "!="):
            if isinstance(t, OptionalT | NoneT) or isinstance(u, OptionalT | NoneT):
                t = u = next((v for v in (t, u) if isinstance(v, OptionalT)), t)
        else:
            # An operand with an order or a sum is not None: where it could be, it was tested.
            t, u = (v.inner if isinstance(v, OptionalT) else v for v in (t, u))
        a, b = self.of(e.left, t, env), self.of(e.right, u, env)
        if e.op in _COMPARE:
            if a.const is not None and b.const is not None:
                return truth(_COMPARE[e.op](a.const, b.const)), BOOL
            return Term(f"({a.text} {e.op} {b.text})"), BOOL
        return (combined(e.op, a, b) if isinstance(t, SetT) else added(e.op, a, b)), t

    def _member(self, item: Expr, among: Expr, env: Env) -> Term:
        t = without_none(among.type)
        assert isinstance(t, SetT)
        a, b = self.of(item, t.element, env), self.of(among, t, env)
        if a.const is not None:
            return truth(bool(b.const >> a.const & 1)) if b.const is not None else bit(b, a.const)
        return Term(f"({b.text} >> {a.text} & 1)")

    def _single(self, e: Expr, t: SetT, env: Env) -> Term:
        item = self.of(e, t.element, env)
        return bits(1 << item.const) if item.const is not None else Term(f"(1 << {item.text})")

    def _field(self, t: Type, name: str) -> tuple[int, Type]:
        """Return where a field lies in a record that may be optional, and its type."""
        record = t.inner if isinstance(t, OptionalT) else t
        assert isinstance(record, RecordT)
        offset, inner = self.layout.field(record, name)
        return offset + isinstance(t, OptionalT), inner

    def _part(self, whole: Term, offset: int, t: Type) -> Term:
        mask = (1 << self.layout.width(t)) - 1
        if whole.const is not None:
            return self._unpacked(bits(whole.const >> offset & mask), t, False)
        if not mask:
            return self._unpacked(bits(0), t, False)
        text = f"({whole.text} >> {offset} & {mask})" if offset else f"({whole.text} & {mask})"
        return self._unpacked(Term(text), t, False)

    def _index(self, base: Expr, key: Expr, env: Env) -> tuple[Term, Type]:
        t = x.loose(base)
        tag = isinstance(t, OptionalT)
        m = t.inner if isinstance(t, OptionalT) else t
        assert isinstance(m, MapT)
        whole, k = self.of(base, t, env), self.of(key, m.key, env)
        width = self.layout.width(m.value)
        if k.const is not None:
            return self._part(whole, k.const * width + tag, m.value), m.value
        at = f"{k.text} * {width}" + (" + 1" if tag else "")
        text = f"({whole.text} >> {at} & {(1 << width) - 1})"
        return self._unpacked(Term(text), m.value, False), m.value

    # -- places in the state

    def place(self, e: Expr, env: Env) -> Place | None:
        """Return where in the state `e` stands; None if it is no part of the state."""
        match e:
            case x.Shared(name):
                slot = self.layout.slots[name]
                state = AFTER if e.after else self._state
                return Place(slot.offset, (), (slot.offset,), slot.type, state)
            case x.ActorVar(actor, name, index):
                slot = self.layout.slots[f"{actor}_{name}"]
                whole = Place(slot.offset, (), (slot.offset,), slot.type, self._state)
                return whole if index is None else self.element(whole, index, env)
            case x.Field(base, name):
                outer = self.place(base, env)
                return None if outer is None else self.part(outer, name)
            case x.Index(base, key):
                outer = self.place(base, env)
                return None if outer is None else self.element(outer, key, env)
        return None

    def part(self, outer: Place, name: str) -> Place:
        """Return the place of a field of a record that stands in the state."""
        offset, inner = self._field(outer.type, name)
        return outer.shifted(offset, inner)

    def element(self, outer: Place, key: Expr, env: Env) -> Place:
        """Return the place of one value of a map that stands in the state."""
        if isinstance(outer.type, OptionalT):
            outer = outer.shifted(1, outer.type.inner)
        t = outer.type
        assert isinstance(t, MapT)
        k = self.of(key, t.key, env)
        width = self.layout.width(t.value)
        if k.const is not None:
            return outer.shifted(k.const * width, t.value)
        starts = [b + i * width for b in outer.starts for i in range(self.layout.sizes[t.key.name])]
        dynamic = (*outer.dynamic, f"{k.text} * {width}")
        return Place(outer.base, dynamic, tuple(starts), t.value, outer.state)

    def looks_at(self, place: Place) -> None:
        """Note that the bits of a place matter."""
        mask = (1 << self.layout.width(place.type)) - 1
        for start in place.starts:
            if place.state == AFTER:
                self.mask_after |= mask << start
            else:
                self.mask |= mask << start

    def _read(self, place: Place) -> Term:
        mask = (1 << self.layout.width(place.type)) - 1
        if not mask:
            return self._unpacked(bits(0), place.type, True)
        self.looks_at(place)
        start = place.start()
        s = place.state
        text = f"({s} >> {start} & {mask})" if start != "0" else f"({s} & {mask})"
        return self._unpacked(Term(text), place.type, True)

    # -- changes

    def _update(self, e: x.Update, env: Env) -> tuple[Term, Type]:
        t = x.loose(e.base)
        base = self.of(e.base, t, env)
        offset, dynamic, inner = self.inside(t, e.path, env)
        value = self.packed(self.of(e.value, inner, env), inner)
        mask = (1 << self.layout.width(inner)) - 1
        if dynamic:
            at = " + ".join([*dynamic, *([str(offset)] if offset else [])])
            return Term(f"put({base.text}, {at}, {mask}, {value.text})"), t
        keep = ((1 << self.layout.width(t)) - 1) & ~(mask << offset)
        if base.const is not None:
            return joined([(bits(base.const & keep), 0), (value, offset)]), t
        kept = Term(f"({base.text} & {keep})") if keep else bits(0)
        return joined([(kept, 0), (value, offset)]), t

    def inside(self, t: Type, path: Sequence[str | Expr], env: Env) -> tuple[int, list[str], Type]:
        """Return where a path leads in a packed value: known and unknown bits, and the type."""
        offset = 0
        dynamic = []
        for p in path:
            if isinstance(p, str):
                by, t = self._field(t, p)
                offset += by
                continue
            if isinstance(t, OptionalT):
                offset, t = offset + 1, t.inner
            assert isinstance(t, MapT)
            k, width = self.of(p, t.key, env), self.layout.width(t.value)
            if k.const is not None:
                offset += k.const * width
            else:
                dynamic.append(f"{k.text} * {width}")
            t = t.value
        return offset, dynamic, t


def chain(e: x.Bin) -> list[Expr]:
    """Return the operands of a run of the same operator, `and` or `or`."""
    out: list[Expr] = []
    for side in (e.left, e.right):
        out += chain(side) if isinstance(side, x.Bin) and side.op == e.op else [side]
    return out
