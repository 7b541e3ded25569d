"""The value of an expression in a state."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Model
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import EnumT, RecordT, Type, Value, elements, without_none

State = Mapping[str, Value]
Bound = Mapping[str, Value]
_NOTHING: Bound = {}


class _Later:
    """A value that is worked out once, when it is first asked for."""

    def __init__(self, work_out: Callable[[], Value]) -> None:
        self._work_out = work_out
        self._found: list[Value] = []

    def value(self) -> Value:
        """Return the value, and work it out the first time."""
        if not self._found:
            self._found.append(self._work_out())
        return self._found[0]


class Meaning:
    """An evaluator of the expressions of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.definitions = {d.name: d for d in model.definitions}

    def invariant(self, name: str, state: State) -> bool:
        """Is the invariant or goal of this name true in `state`?"""
        return bool(self.value(self.definitions[name].body, state))

    def kept(self, p: Property, before: State, after: State) -> bool:
        """Is a property of steps true of the step from `before` to `after`?"""
        if all(self.value(e, before) == self.value(e, after) for e in p.asks):
            return True
        return all(self.value(e, self.both(before, after)) for e in p.parts)

    def both(self, before: State, after: State) -> State:
        """Return both states of a step as one, in which to evaluate what is about steps."""
        return {**before, **{_after(n): after[n] for n in self.model.variables}}

    def ends(self, p: Property, state: State, before: State | None) -> bool:
        """Does a trace about a property that is not temporal end in `state`?

        It does where an invariant is false, a goal is reached, or the step from `before` (None:
        it is a first state) is not as it should be.
        """
        match p.kind:
            case PropertyKind.STEP:
                return before is not None and not self.kept(p, before, state)
            case PropertyKind.GOAL:
                return self.invariant(p.name, state)
        return not self.invariant(p.name, state)

    def value(self, e: Expr, state: State, bound: Bound = _NOTHING) -> Value:
        """Return the value of `e`; `bound` holds the values of its free locals by name."""
        match e:
            case x.Const(value):
                return value
            case x.Local(name):
                held = bound[name]
                return held.value() if isinstance(held, _Later) else held
            case x.Shared(name):
                return state[_after(name) if e.after else name]
            case x.ActorVar(actor, name, index):
                held = state[f"{actor}_{name}"]
                return held if index is None else _at(held, self.value(index, state, bound))
            case x.Field(base, name):
                return _at(self.value(base, state, bound), _place(base.type, name))
            case x.Index(base, key):
                return _at(self.value(base, state, bound), self.value(key, state, bound))
            case x.Make(values):
                return tuple(self.value(v, state, bound) for v in values)
            case x.Update():
                return self._update(e, state, bound)
            case x.Un(op, arg):
                value = self.value(arg, state, bound)
                return (not value) if op == "not" else -_int(value)
            case x.Bin():
                return self._bin(e, state, bound)
            case x.If(cond, then, other):
                way = then if self.value(cond, state, bound) else other
                return self.value(way, state, bound)
            case x.Quant(kind, var, body):
                test = all if kind == "all" else any
                return test(
                    self.value(body, state, {**bound, var.name: v})
                    for v in elements(var.type, self.model.sizes)
                )
            case x.MapOf(var, body):
                return tuple(
                    self.value(body, state, {**bound, var.name: v})
                    for v in elements(var.type, self.model.sizes)
                )
            case x.SetOf(items):
                return frozenset(self.value(i, state, bound) for i in items)
            case x.SetFilter(var, cond):
                return frozenset(
                    v
                    for v in elements(var.type, self.model.sizes)
                    if self.value(cond, state, {**bound, var.name: v})
                )
            case x.Let(var, value, body):
                # Worked out when it is asked for, if it is: elsewhere it may have no value.
                later = _Later(lambda: self.value(value, state, bound))
                return self.value(body, state, {**bound, var.name: later})
            case x.Call(name, args) | x.Active(name, args):
                d = self.definitions[name]
                inner = {
                    p.name: self.value(a, state, bound) for p, a in zip(d.params, args, strict=True)
                }
                there = {n: state[_after(n)] for n in self.model.variables} if e.after else state
                return self.value(d.body, there, inner)
        raise AssertionError(e)

    def _bin(self, e: x.Bin, state: State, bound: Bound) -> Value:
        a = self.value(e.left, state, bound)
        if e.op == "and":
            return bool(a) and bool(self.value(e.right, state, bound))
        if e.op == "or":
            return bool(a) or bool(self.value(e.right, state, bound))
        b = self.value(e.right, state, bound)
        match e.op:
            case "==":
                return a == b
            case "!=":
                return a != b
            case "in":
                assert isinstance(b, frozenset)
                return a in b
            case "<" | "<=" | ">" | ">=":
                p, q = _rank(a, e.left.type), _rank(b, e.right.type)
                return {"<": p < q, "<=": p <= q, ">": p > q, ">=": p >= q}[e.op]
        if isinstance(a, frozenset):
            assert isinstance(b, frozenset)
            return {"|": a | b, "&": a & b, "-": a - b}[e.op]
        return _int(a) + _int(b) if e.op == "+" else _int(a) - _int(b)

    def _update(self, e: x.Update, state: State, bound: Bound) -> Value:
        base = self.value(e.base, state, bound)
        path = [self._step(p, state, bound) for p in e.path]
        value = self.value(e.value, state, bound)
        return _changed(base, without_none(e.base.type), path, value)

    def _step(self, p: str | Expr, state: State, bound: Bound) -> str | int:
        return p if isinstance(p, str) else _int(self.value(p, state, bound))


def _after(name: str) -> str:
    """Return the name of a variable's value after the step, where both states are asked about."""
    return f"{name}'"


def _changed(base: Value, t: Type, path: list[str | int], value: Value) -> Value:
    if not path:
        return value
    assert isinstance(base, tuple)
    head, rest = path[0], path[1:]
    if isinstance(head, str):
        i = _place(t, head)
        assert isinstance(t, RecordT)
        inner = t.fields[i].type
    else:
        i = head
        inner = t.value  # type: ignore[union-attr]
    return (*base[:i], _changed(base[i], inner, rest, value), *base[i + 1 :])


def _place(t: Type, name: str) -> int:
    t = without_none(t)
    assert isinstance(t, RecordT)
    i = t.index(name)
    assert i is not None
    return i


def _at(held: Value, index: Value) -> Value:
    assert isinstance(held, tuple)
    return held[_int(index)]


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _rank(value: Value, t: Type) -> int:
    t = without_none(t)
    if isinstance(t, EnumT):
        assert isinstance(value, str)
        return t.members.index(value)
    return _int(value)
