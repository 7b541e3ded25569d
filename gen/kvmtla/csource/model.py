"""Runs an operation of the specification, as far as one element of each domain goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from kvmtla.csource.errors import NotUnderstoodError
from kvmtla.csource.run import CutError, Run
from kvmtla.csource.values import Bit, Event, Pair, Read, Whole, agree, settled
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.types import BoolT, DomainT, EnumT, MapT, OptionalT, RecordT, Type, elements
from kvmtla.lang.c import COperation, CPlace, CSource

MOST_ROUNDS = 4
Env = dict[str, object]


class _BreakError(Exception):
    pass


class _ContinueError(Exception):
    pass


class _ReturnError(Exception):
    def __init__(self, values: tuple[object, ...]) -> None:
        self.values = values


class ModelSide:
    """The specification's side of a run."""

    def __init__(
        self,
        functions: Mapping[str, s.Function],
        source: CSource,
        world: Mapping[str, Enum],
        pairs: Callable[[Type, CPlace | None], Sequence[Pair]],
        given: Callable[[str, Type], Sequence[Pair]],
        noted: Callable[[s.Function], str | None],
    ) -> None:
        """Set it up; `pairs` are the values of a type.

        `given` are what a call gives that is not followed; `noted` names those."""
        self.functions = functions
        self.source = source
        self.world = world
        self.pairs = pairs
        self.given = given
        self.noted = noted
        self.operation = COperation()
        self._failed: tuple[str, Read] | None = None

    def run(
        self, run: Run, function: s.Function, args: Sequence[object], operation: COperation
    ) -> tuple[object, ...]:
        """Run an operation, and return its results."""
        self._run = run
        self.operation = operation
        self._failed = None
        return self._function(function, args)

    def _function(self, fn: s.Function, args: Sequence[object]) -> tuple[object, ...]:
        env: Env = {p.name: a for p, a in zip(fn.params, args, strict=True)}
        try:
            self._block(fn.body, env)
        except _ReturnError as done:
            return done.values
        return ()

    def _not_understood(self, what: str, st: s.Stmt) -> NotUnderstoodError:
        return NotUnderstoodError(what, st.loc.file, st.loc.line)

    # --- Statements -------------------------------------------------------------------------------

    def _block(self, body: Sequence[s.Stmt], env: Env) -> None:
        for st in body:
            self._statement(st, env)

    def _statement(self, st: s.Stmt, env: Env) -> None:
        match st:
            case s.Assign():
                env[st.target.name] = self.value(st.value, env)
            case s.Primitive():
                self._primitive(st, env)
            case s.CallStmt():
                self._call(st, env)
            case s.IfStmt():
                self._block(st.then if self.true(st.cond, env) else st.other, env)
            case s.While():
                self._while(st, env)
            case s.For():
                env[st.var.name] = 0
                try:
                    self._block(st.body, env)
                except (_BreakError, _ContinueError):
                    return
            case s.WithLock():
                self._lock("lock", st)
                try:
                    self._block(st.body, env)
                except (_ReturnError, _BreakError, _ContinueError):
                    self._lock("unlock", st)
                    raise
                self._lock("unlock", st)
            case s.WithSpan():
                self._block(st.body, env)
            case s.Return():
                raise _ReturnError(tuple(self.value(v, env) for v in st.values))
            case s.Break():
                raise _BreakError
            case s.Continue():
                raise _ContinueError
            case s.Wait():
                self._run.model_does(Event("wait", st.text, line=st.loc.line))
            case _:
                raise self._not_understood(f"{type(st).__name__.lower()} in an operation", st)

    def _while(self, st: s.While, env: Env) -> None:
        for _ in range(MOST_ROUNDS):
            if not self.true(st.cond, env):
                return
            try:
                self._block(st.body, env)
            except _BreakError:
                return
            except _ContinueError:
                continue
        self._run.cut = True
        raise CutError

    def _lock(self, what: str, st: s.WithLock) -> None:
        event = Event(what, st.kind, place=self._place(st.place, st)[0], line=st.loc.line)
        self._run.model_does(event)

    def _place(self, place: x.Expr, st: s.Stmt) -> tuple[str, CPlace]:
        name = s.root(place)
        for one in self.source.places:
            if name in one.fields:
                return one.fields[0], one
        raise self._not_understood(f"the field {name}, for which there is nothing in C", st)

    def _primitive(self, st: s.Primitive, env: Env) -> None:
        label, place = self._place(st.place, st)
        kind = st.place.type
        values = [self.value(a, env) for a in st.args]
        names = _VALUES[st.name]
        if st.name == "READ_ONCE" and self._failed and self._failed[0] == label:
            # What the failed compare-and-exchange has given is what is there.
            (target,) = st.targets or (None,)
            if target is not None:
                env[target.name] = Whole(self._failed[1])
            self._failed = None
            return
        self._failed = None
        event = Event(st.name, st.name, tuple(zip(names, values, strict=True)), label, st.loc.line)
        event.type = kind
        result: list[object] = []
        if st.name in ("try_cmpxchg", "cmpxchg"):
            event.done = not self._run.may_fail()
            now: object = values[0]
            if not event.done:
                event.read = self._run.read("what is there now", self.pairs(kind, place))
                now = Whole(event.read)
                if self.operation.reread:
                    self._failed = label, event.read
            result = [event.done, now] if st.name == "try_cmpxchg" else [now]
        elif st.name not in ("WRITE_ONCE", "set_bit", "clear_bit"):
            event.read = self._run.read(f"{label}", self.pairs(kind, place))
            simple = isinstance(kind, BoolT)
            result = [Bit(event.read, None) if simple else Whole(event.read)]
        self._run.model_does(event)
        for target, value in zip(st.targets, result, strict=False):
            env[target.name] = value

    def _call(self, st: s.CallStmt, env: Env) -> None:
        fn = self.functions[st.function]
        args = [self.value(a, env) for a in st.args]
        if fn.key in self.source.model_only or fn.name in self.source.model_only:
            return
        name = self.noted(fn)
        if name is None:
            if fn.kind == "atomic":
                raise self._not_understood(f"{fn.name}(), for which there is nothing in C", st)
            results = self._function(fn, args)
        else:
            asked = self.source.operations.get(name, COperation()).params
            words = tuple(
                (p.name, a)
                for p, a in zip(fn.params, args, strict=True)
                if (isinstance(p.type, RecordT) and p.type.word) or p.name in asked
            )
            event = Event("call", name, words, line=st.loc.line)
            results = self._answers(fn, event)
            self._run.model_does(event)
        for target, value in zip(st.targets, results, strict=False):
            env[target.name] = value

    def _answers(self, fn: s.Function, event: Event) -> tuple[object, ...]:
        """Return what a call gives that is not followed: anything."""
        found: list[object] = []
        for i, t in enumerate(fn.results):
            pairs = self.given(event.what, t) if i == 0 else self.pairs(t, None)
            read = self._run.read(f"{event.what}()", pairs)
            found.append(Bit(read, None) if isinstance(t, BoolT) else Whole(read))
            if i == 0:
                event.read = read
        return tuple(found)

    # --- Expressions ------------------------------------------------------------------------------

    def true(self, e: x.Expr, env: Env) -> bool:
        """Return whether an expression is true, decided now."""
        match e:
            case x.Bin("and", a, b):
                return self.true(a, env) and self.true(b, env)
            case x.Bin("or", a, b):
                return self.true(a, env) or self.true(b, env)
            case x.Un("not", a):
                return not self.true(a, env)
            case x.If(cond, a, b):
                return self.true(a if self.true(cond, env) else b, env)
            case x.Call():
                return self.true(self._body(e), self._inside(e, env))
        return self._truth(self.value(e, env))

    def _truth(self, value: object) -> bool:
        if isinstance(value, Bit):
            return value.true()
        return bool(value)

    def _body(self, e: x.Call) -> x.Expr:
        (body,) = self.functions[e.function].values
        return body

    def _inside(self, e: x.Call, env: Env) -> Env:
        params = self.functions[e.function].params
        return {p.name: self.value(a, env) for p, a in zip(params, e.args, strict=True)}

    def value(self, e: x.Expr, env: Env) -> object:
        """Return the value of an expression, with as little of it decided as can be."""
        match e:
            case x.Const():
                return e.value
            case x.Constant():
                return self.world[e.name].name
            case x.Local():
                return env[e.name]
            case x.Field():
                return self._field(self.value(e.base, env), e)
            case x.Index():
                return self._index(self.value(e.base, env))
            case x.Make():
                return tuple(self.value(v, env) for v in e.values)
            case x.Update():
                return self._updated(e, env)
            case x.Un("not", a):
                found = self.value(a, env)
                return found.other() if isinstance(found, Bit) else not found
            case x.Bin():
                return self._bin(e, env)
            case x.If():
                return self.value(e.then if self.true(e.cond, env) else e.other, env)
            case x.Quant():
                return self._quantified(e, env)
            case x.MapOf():
                return (self.value(e.body, {**env, e.var.name: 0}),)
            case x.SetOf():
                return frozenset(settled(self.value(i, env)) for i in e.items)
            case x.Let():
                return self.value(e.body, {**env, e.var.name: self.value(e.value, env)})
            case x.Call():
                return self.value(self._body(e), self._inside(e, env))
        raise NotUnderstoodError(
            f"{type(e).__name__} in the model",
            e.loc.file if e.loc else "",
            e.loc.line if e.loc else 0,
        )

    def _quantified(self, e: x.Quant, env: Env) -> bool:
        over = e.var.type
        domain = (0,) if isinstance(over, DomainT) else elements(over, {})
        for one in domain:
            found = self.true(e.body, {**env, e.var.name: one})
            if found == (e.kind == "any"):
                return found
        return e.kind == "all"

    def _field(self, base: object, e: x.Field) -> object:
        t = e.base.type.inner if isinstance(e.base.type, OptionalT) else e.base.type
        assert isinstance(t, RecordT)
        index = t.index(e.name)
        assert index is not None
        if isinstance(base, Whole):
            if isinstance(e.type, BoolT):
                return Bit(base.read, index)
            base = settled(base)
        assert isinstance(base, tuple)
        return base[index]

    def _index(self, base: object) -> object:
        if isinstance(base, Whole):
            return Bit(base.read, 0)
        assert isinstance(base, tuple)
        return base[0]

    def _updated(self, e: x.Update, env: Env) -> object:
        base = self.value(e.base, env)
        if len(e.path) != 1:
            raise NotUnderstoodError("a change deep in a record", "", 0)
        (step,) = e.path
        parts = list(self._parts(base, e.base.type))
        index = 0
        if isinstance(step, str):
            t = e.base.type
            assert isinstance(t, RecordT)
            found = t.index(step)
            assert found is not None
            index = found
        parts[index] = self.value(e.value, env)
        return tuple(parts)

    def _parts(self, value: object, t: Type) -> tuple[object, ...]:
        if isinstance(value, Whole):
            if isinstance(t, RecordT) and all(isinstance(f.type, BoolT) for f in t.fields):
                return tuple(Bit(value.read, i) for i in range(len(t.fields)))
            if isinstance(t, MapT) and isinstance(t.value, BoolT):
                return (Bit(value.read, 0),)
            value = settled(value)
        assert isinstance(value, tuple)
        return value

    def _bin(self, e: x.Bin, env: Env) -> object:
        a = self.value(e.left, env)
        if e.op in ("and", "or"):
            if isinstance(a, Bit):
                b = self.value(e.right, env)
                if not isinstance(b, Bit):
                    return a if bool(b) == (e.op == "and") else b
                if a == b:
                    return a
                a = a.true()
                return b if a == (e.op == "and") else a
            return self.value(e.right, env) if bool(a) == (e.op == "and") else a
        b = self.value(e.right, env)
        if e.op in ("==", "!="):
            same = agree(lambda p, q: p == q, a, b)
            return same == (e.op == "==")
        a, b = settled(a), settled(b)
        if e.op == "in":
            assert isinstance(b, frozenset)
            return a in b
        t = e.left.type
        if e.op in ("<", "<=", ">", ">="):
            p, q = (_rank(v, t) for v in (a, b))
            return {"<": p < q, "<=": p <= q, ">": p > q, ">=": p >= q}[e.op]
        raise NotUnderstoodError(f"{e.op} in the model", "", e.loc.line if e.loc else 0)


def _rank(value: object, t: Type) -> int:
    if isinstance(t, EnumT):
        assert isinstance(value, str)
        return t.members.index(value)
    assert isinstance(value, int)
    return value


_VALUES: dict[str, tuple[str, ...]] = {
    "READ_ONCE": (),
    "WRITE_ONCE": ("value",),
    "xchg": ("value",),
    "cmpxchg": ("old", "new"),
    "try_cmpxchg": ("old", "new"),
    "atomic_fetch_and": ("and",),
    "atomic_fetch_or": ("or",),
    "set_bit": (),
    "clear_bit": (),
    "test_bit": (),
    "test_and_set_bit": (),
    "test_and_clear_bit": (),
}
