"""The ways through the code of one function, whatever others do to the shared state meanwhile.

A function is run as it is written, statement by statement. What it reads of the state may be
anything that somebody else may have left there: `Others` says what that is. Ways that meet in the
middle are followed once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.types import (
    LockT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
    elements,
)
from kvmtla.lower.reached import Held
from kvmtla.lower.specialise import Specialiser
from kvmtla.sem import Meaning

# A loop that tries again begins with reading again: a third round does what the second one does.
_ROUNDS = 2

Named = tuple[tuple[str, Value], ...]
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """A part of a field that the function has given another value.

    `old` is what was there as the function has it, `how` the primitive or "store", `first` whether
    it is the first one of a step that is one as a whole. The two flags say whether a mark came
    before it and after it on this way.
    """

    field: str
    old: Value
    new: Value
    how: str
    first: bool
    held: Held
    marked_before: bool
    marked_after: bool = False


class Others(Protocol):
    """What is known of the fields of the shared state, and of what others do to them."""

    def anything(self, field: str) -> Sequence[Value]:
        """Return what a field may be when it is read for the first time."""

    def later(self, field: str, value: Value, held: Held) -> Sequence[Value] | None:
        """Return what a field may be that was `value` a step ago; None if it is not followed."""

    def settled(self, field: str, value: Value, held: Held) -> Value:
        """Return one for all values of a followed field that others make of each other."""

    def marks(self, field: str, value: Value) -> bool:
        """Is writing this value to the field a mark?"""

    def is_mark(self, function: str) -> bool:
        """Is calling this function a mark?"""

    @property
    def has_marks(self) -> bool:
        """Are there marks at all?"""


class _Do(NamedTuple):
    """A statement is next; `code` is the statement, the same only as itself."""

    code: _Code


class _Back(NamedTuple):
    """The end of a function that was called: the locals of its caller, and where results go."""

    targets: tuple[x.Local, ...]
    local: Named
    results: tuple[Value, ...] = ()
    one_step: bool = False


class _Unlock(NamedTuple):
    """The end of a block that holds locks; `held` is what was held before."""

    held: Held


class _Round(NamedTuple):
    """The end of a round of a loop; `number` of the next one."""

    code: _Code
    number: int


@dataclass(frozen=True, eq=False, slots=True)
class _Code:
    """A statement, and the locals that are read from it on."""

    statement: s.Stmt
    live: frozenset[str]


_Item = _Do | _Back | _Unlock | _Round


class _Now(NamedTuple):
    """In the middle of a function."""

    todo: tuple[_Item, ...]
    local: Named
    held: Held
    one_step: bool
    known: Named
    """The fields that are followed, as the function has last seen or left them."""
    fresh: frozenset[str]
    """Those fields that nobody else may have changed since."""
    seen: Named
    """Other fields that the step has read or written."""
    first: bool
    """True until the step has written a field that is followed."""
    marked: bool
    last: Write | None
    """The last write to a field that is followed."""


class _Values(Meaning):
    """The values of a program's expressions."""

    def __init__(self, special: Specialiser, sizes: Mapping[str, int]) -> None:
        # All that evaluating expressions needs to know of a model.
        self.model = SimpleNamespace(sizes=sizes)  # type: ignore[assignment]
        self.definitions = _Definitions(special)


class Runner:
    """Runs functions of a program, with the constants of a world put in and one of everything."""

    def __init__(self, special: Specialiser) -> None:
        self._special = special
        self._sizes = Ones()
        self._meaning = _Values(special, self._sizes)
        self._codes: dict[int, _Code] = {}
        self._asked: dict[object, tuple[list[x.Expr], list[str], Sequence[x.Expr]]] = {}

    def writes(
        self, fn: s.Function, given: Iterable[Sequence[Value]], held: Held, others: Others
    ) -> Iterator[Write]:
        """Yield what a function writes to the fields that are followed, on all ways through it.

        `given` are its arguments, and `held` the locks that its callers hold.
        """
        one_step = fn.kind != "operation"
        seen: set[_Now] = set()
        todo: list[_Now] = []
        for values in given:
            local = _named({p.name: v for p, v in zip(fn.params, values, strict=True)})
            none: frozenset[str] = frozenset()
            body = self._function(fn)
            todo.append(_Now(body, local, held, one_step, (), none, (), True, False, None))
        while todo:
            now = todo.pop()
            # A mark may follow, and then it is another write.
            if now.last is not None and not (others.has_marks and now.todo):
                yield now.last
                now = now._replace(last=None)
            for after in self._run(now, others) if now.todo else ():
                if now.last is not None and not _is_same(now.last, after.last):
                    yield now.last
                if after not in seen:
                    seen.add(after)
                    todo.append(after)

    def _function(self, fn: s.Function) -> tuple[_Item, ...]:
        if fn.body and id(fn.body[0]) not in self._codes:
            self._find_live(fn.body, frozenset())
        return self._block(fn.body)

    def _find_live(self, body: Sequence[s.Stmt], after: frozenset[str]) -> None:
        for st in reversed(body):
            after |= _read_in(st)
            self._codes[id(st)] = _Code(st, after)
            match st:
                case s.IfStmt(_, yes, no):
                    self._find_live(yes, after)
                    self._find_live(no, after)
                case s.While(_, inner) | s.For(_, inner) | s.WithLock(_, _, inner):
                    self._find_live(inner, after)
                case s.WithSpan():
                    self._find_live(st.body, after)

    def _block(self, body: Sequence[s.Stmt]) -> tuple[_Item, ...]:
        return tuple([_Do(self._codes[id(st)]) for st in body])

    # -- values

    def _values(
        self, now: _Now, exprs: Sequence[x.Expr], others: Others, also: str | None = None
    ) -> Iterator[tuple[_Now, list[Value], Mapping[str, Value]]]:
        """Yield the values of some expressions, for all that the fields they read may be.

        With `also`, that field is read as well.
        """
        key = (also, *map(id, exprs))
        if key not in self._asked:
            ready = [self._special.expr(e) for e in exprs]
            reads = {n for e in ready for n in self._special.reads(e)}
            names = sorted(reads | {also} if also is not None else reads)
            # The expressions are kept with it, so that no id comes to mean another.
            self._asked[key] = (ready, names, exprs)
        ready, names, _ = self._asked[key]
        local = dict(now.local)
        if not names:
            yield now, [self._value(e, {}, local) for e in ready], {}
            return
        for then, state in self._read(now, names, others):
            yield then, [self._value(e, state, local) for e in ready], state

    def _value(self, e: x.Expr, state: Mapping[str, Value], local: Mapping[str, Value]) -> Value:
        if isinstance(e, x.Local):
            return local[e.name]
        return e.value if isinstance(e, x.Const) else self._meaning.value(e, state, local)

    def _read(
        self, now: _Now, names: Sequence[str], others: Others
    ) -> Iterator[tuple[_Now, Mapping[str, Value]]]:
        if not names:
            yield now, {}
            return
        known, seen = dict(now.known), dict(now.seen)
        ranges: list[Sequence[Value]] = []
        for n in names:
            if n in seen:
                ranges.append([seen[n]])
            elif n not in known:
                ranges.append(others.anything(n))
            elif n in now.fresh:
                ranges.append([known[n]])
            else:
                later = others.later(n, known[n], now.held)
                assert later is not None
                ranges.append(later)
        for values in itertools.product(*ranges):
            state = dict(zip(names, values, strict=True))
            followed = {n: v for n, v in state.items() if _is_followed(n, v, others)}
            rest = {n: v for n, v in state.items() if n not in followed}
            yield (
                now._replace(
                    known=_named({**known, **followed}),
                    fresh=now.fresh.union(followed),
                    seen=_named({**seen, **rest}) if now.one_step else now.seen,
                ),
                state,
            )

    def _step(self, now: _Now, others: Others) -> _Now:
        """Let others take their steps."""
        known = tuple([(n, others.settled(n, v, now.held)) for n, v in now.known])
        return now._replace(known=known, fresh=frozenset(), seen=(), first=True)

    def _looked(self, now: _Now, others: Others) -> Iterator[_Now]:
        """Decide what others have done until now, before they may do more or less."""
        return (then for then, _ in self._read(now, [n for n, _ in now.known], others))

    # -- one thing after the other

    def _run(self, now: _Now, others: Others) -> Iterator[_Now]:
        item, rest = now.todo[0], now.todo[1:]
        now = now._replace(todo=rest)
        match item:
            case _Do(code):
                yield from self._do(code, now, others)
            case _Unlock(held):
                for then in self._looked(now, others):
                    yield then._replace(held=held)
            case _Round():
                yield from self._round(item, now, others)
            case _Back():
                local = dict(item.local)
                local |= _results(item.targets, item.results)
                yield now._replace(local=_named(local), one_step=item.one_step)

    def _round(self, item: _Round, now: _Now, others: Others) -> Iterator[_Now]:
        st = item.code.statement
        again = _Round(item.code, item.number + 1)
        if isinstance(st, s.For):
            every = elements(st.var.type, self._sizes)
            if item.number == len(every):
                yield now
                return
            local = {**dict(now.local), st.var.name: every[item.number]}
            body = self._block(st.body)
            yield now._replace(todo=(*body, again, *now.todo), local=_named(local))
            return
        assert isinstance(st, s.While)
        for then, (cond,), _ in self._values(now, [st.cond], others):
            if not cond:
                yield then
            elif item.number < _ROUNDS:
                yield then._replace(todo=(*self._block(st.body), again, *then.todo))

    def _do(self, code: _Code, now: _Now, others: Others) -> Iterator[_Now]:
        st = code.statement
        now = now._replace(local=tuple([p for p in now.local if p[0] in code.live]))
        match st:
            case s.Assign(target, value):
                for then, (v,), _ in self._values(now, [value], others):
                    yield _with(then, {target.name: v})
            case s.Store(place, value):
                field, keys = _place(place)
                for then, (v, *path), state in self._values(
                    now, [value, *keys], others, field if keys else None
                ):
                    yield self._written(then, field, _path(place, path), v, "store", state, others)
            case s.Choose(target):
                for v in all_values(target.type, self._sizes):
                    yield _with(now, {target.name: v})
            case s.Wait(cond) | s.Require(cond):
                if isinstance(st, s.Wait):
                    now = self._step(now, others)
                for then, (v,), _ in self._values(now, [cond], others):
                    if v:
                        yield then
            case s.Primitive():
                yield from self._primitive(st, now, others)
            case s.IfStmt(cond, yes, no):
                for then, (v,), _ in self._values(now, [cond], others):
                    yield then._replace(todo=(*self._block(yes if v else no), *then.todo))
            case s.While() | s.For():
                yield now._replace(todo=(_Round(code, 0), *now.todo))
            case s.WithLock(kind, place, body):
                held = (*now.held, (s.root(place), kind))
                todo = (*self._block(body), _Unlock(now.held), *now.todo)
                for then in self._looked(now, others):
                    yield then._replace(todo=todo, held=held)
            case s.WithSpan():
                yield now._replace(todo=(*self._block(st.body), *now.todo))
            case s.CallStmt(function, args):
                callee = self._special.program.functions[function]
                one_step = now.one_step or callee.kind == "atomic"
                if one_step and not now.one_step:
                    now = self._step(now, others)
                if others.is_mark(function):
                    now = _marked(now)
                for then, values, _ in self._values(now, args, others):
                    given = {p.name: v for p, v in zip(callee.params, values, strict=True)}
                    back = _Back(st.targets, then.local, one_step=now.one_step)
                    yield then._replace(
                        todo=(*self._function(callee), back, *then.todo),
                        local=_named(given),
                        one_step=one_step,
                    )
            case s.Return(exprs):
                for then, values, _ in self._values(now, exprs, others):
                    yield _out(then, _Back, tuple(values))
            case s.Break():
                yield _out(now, _Round, None)
            case s.Continue():
                yield _out(now, _Round, ())

    def _primitive(self, st: s.Primitive, now: _Now, others: Others) -> Iterator[_Now]:
        field, keys = _place(st.place)
        if st.name in ("WRITE_ONCE", "set_bit", "clear_bit"):
            # It is not read once more: the function goes by what it has read before.
            now = now._replace(fresh=frozenset(n for n, _ in now.known), seen=(), first=True)
        else:
            now = self._step(now, others)
        for then, values, state in self._values(now, [*st.args, *keys], others, field):
            args, path = values[: len(st.args)], _path(st.place, values[len(st.args) :])
            old = at(state[field], path)
            new, results = _done(st.name, old, args)
            then = _with(then, _results(st.targets, results))  # noqa: PLW2901
            if st.name in ("READ_ONCE", "test_bit"):
                yield then
            else:
                yield self._written(then, field, path, new, st.name, state, others)

    def _written(
        self,
        now: _Now,
        field: str,
        path: Path,
        value: Value,
        how: str,
        state: Mapping[str, Value],
        others: Others,
    ) -> _Now:
        new = changed(state[field], path, value) if path else value
        if others.marks(field, value):
            now = _marked(now)
        known = dict(now.known)
        if field not in known and not _is_followed(field, new, others):
            seen = {**dict(now.seen), field: new}
            return now._replace(seen=_named(seen)) if now.one_step else now
        last = None
        old = state.get(field, known.get(field))
        if old is not None and old != new:
            last = Write(field, old, new, how, now.first, now.held, now.marked)
        return now._replace(
            known=_named({**known, field: new}),
            fresh=now.fresh | {field},
            first=False,
            last=last,
        )


def _marked(now: _Now) -> _Now:
    last = replace(now.last, marked_after=True) if now.last is not None else None
    return now._replace(marked=True, last=last)


def _is_same(a: Write, b: Write | None) -> bool:
    return b is not None and replace(b, marked_after=a.marked_after) == a


def _read_in(st: s.Stmt) -> frozenset[str]:
    """Return the locals that a statement reads, with what is inside it."""
    return frozenset().union(*map(x.locals_in, s.expressions((st,))))


def _is_followed(field: str, value: Value, others: Others) -> bool:
    return others.later(field, value, ()) is not None


class Ones(dict[str, int]):
    """Sizes of domains: one of everything."""

    def __missing__(self, key: str) -> int:
        return 1


class _Definitions(dict[str, Any]):
    """The pure functions of a program, each with the constants put in when it is asked for."""

    def __init__(self, special: Specialiser) -> None:
        super().__init__()
        self._special = special

    def __missing__(self, key: str) -> Any:
        params = self._special.program.functions[key].params
        self[key] = SimpleNamespace(params=params, body=self._special.body(key))
        return self[key]


def all_values(t: Type, sizes: Mapping[str, int]) -> list[Value]:
    """Return all values of a type; of a set and of a lock one, since nothing here depends on it."""
    match t:
        case OptionalT(inner):
            return [None, *all_values(inner, sizes)]
        case MapT(key, value):
            return list(itertools.product(all_values(value, sizes), repeat=sizes[key.name]))
        case RecordT(_, fields):
            return list(itertools.product(*(all_values(f.type, sizes) for f in fields)))
        case SetT():
            return [frozenset()]
        case LockT():
            return [0]
    return list(elements(t, sizes))


def at(held: Value, path: Sequence[int]) -> Value:
    """Return the part of a value that a path leads to."""
    for i in path:
        assert isinstance(held, tuple)
        held = held[i]
    return held


def changed(held: Value, path: Sequence[int], value: Value) -> Value:
    """Return a value with the part that a path leads to replaced."""
    if not path:
        return value
    assert isinstance(held, tuple)
    i, *rest = path
    return (*held[:i], changed(held[i], rest, value), *held[i + 1 :])


def _named(values: Mapping[str, Value]) -> Named:
    return tuple(sorted(values.items()))


def _with(now: _Now, values: Mapping[str, Value]) -> _Now:
    return now._replace(local=_named({**dict(now.local), **values})) if values else now


def _results(targets: Sequence[x.Local], results: Sequence[Value]) -> dict[str, Value]:
    """Return what the targets of a call get; what is only thrown away is forgotten."""
    found = zip(targets, results, strict=False)
    return {t.name: None if t.name.split("#")[0] == "_" else v for t, v in found}


def _out(now: _Now, to: type[_Back | _Round], values: tuple[Value, ...] | None) -> _Now:
    """Leave the function with its results, or the round (`values` is None: the loop)."""
    where = next((i for i, item in enumerate(now.todo) if isinstance(item, to)), len(now.todo))
    unlocks = tuple(item for item in now.todo[:where] if isinstance(item, _Unlock))
    rest = now.todo[where:]
    if rest and isinstance(rest[0], _Back):
        assert values is not None
        rest = (rest[0]._replace(results=values), *rest[1:])
    elif rest and values is None:
        rest = rest[1:]
    return now._replace(todo=(*unlocks, *rest))


def _place(e: x.Expr) -> tuple[str, list[x.Expr]]:
    """Return the field that a place lies in, and the keys on the way to it."""
    keys: list[x.Expr] = []
    while not isinstance(e, x.Shared):
        assert isinstance(e, x.Index | x.Field)
        if isinstance(e, x.Index):
            keys.insert(0, e.key)
        e = e.base
    return e.name, keys


def _path(e: x.Expr, keys: Sequence[Value]) -> Path:
    """Return the way to a place, given the values of the keys on it."""
    path: list[int] = []
    left = list(keys)
    while not isinstance(e, x.Shared):
        if isinstance(e, x.Index):
            i = left.pop()
        else:
            assert isinstance(e, x.Field)
            assert isinstance(e.base.type, RecordT)
            i = e.base.type.index(e.name)
        assert isinstance(i, int)
        path.insert(0, i)
        e = e.base
    return tuple(path)


def _done(name: str, old: Value, args: Sequence[Value]) -> tuple[Value, tuple[Value, ...]]:
    """Return what a primitive leaves in its place, and what it gives."""
    match name:
        case "READ_ONCE" | "test_bit":
            return old, (old,)
        case "WRITE_ONCE":
            return args[0], ()
        case "set_bit" | "clear_bit":
            return name == "set_bit", ()
        case "xchg":
            return args[0], (old,)
        case "cmpxchg":
            return (args[1] if old == args[0] else old), (old,)
        case "try_cmpxchg":
            return (args[1] if old == args[0] else old), (old == args[0], old)
        case "test_and_set_bit":
            return True, (old,)
        case "test_and_clear_bit":
            return False, (old,)
        case "atomic_fetch_and" | "atomic_fetch_or":
            assert isinstance(old, tuple)
            assert isinstance(args[0], tuple)
            op = all if name == "atomic_fetch_and" else any
            return tuple(op(pair) for pair in zip(old, args[0], strict=True)), (old,)
    raise AssertionError(name)
