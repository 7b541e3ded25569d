"""Runs operations as they are written, statement by statement.

What becomes of them is compared with it, so nothing here is shared with the lowering: no inlining,
no flow graph, no liveness. Whoever runs an operation is a stack of what is still to be done; each
step takes one thing off it. The values of expressions come from the reference semantics, which are
compared with TLC elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

from kvmtla.front.scenario import ActorRead, ScenarioRead
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import DONE, IDLE
from kvmtla.ir.types import WRITE_HELD, Type, Value, default, elements
from kvmtla.sem import Meaning

BUSY = "busy"
Values = Mapping[str, Value]
Locals = tuple[tuple[str, Value], ...]
Place = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Code:
    """A statement that is the same only as itself: quick to compare and to hash."""

    statement: s.Stmt


class Do(NamedTuple):
    """A statement is next."""

    code: Code


class Unlock(NamedTuple):
    """A lock is to be dropped: the one that was taken, whatever the locals are by now."""

    place: Place


class Round(NamedTuple):
    """The end of a round of a loop; `number` of the next one, of a `for`."""

    code: Code
    number: int


class Inside(NamedTuple):
    """The end of a span's block, with the arguments that the span was entered with."""

    code: Code
    args: tuple[Value, ...]


class Back(NamedTuple):
    """The end of a called function: where its results go, and the locals of its caller."""

    code: Code
    locals: Locals
    results: tuple[Value, ...] = ()


Item = Do | Unlock | Round | Inside | Back


class Task(NamedTuple):
    """Where one actor is; `left` is how many operations it may still begin."""

    at: str
    left: int | None
    todo: tuple[Item, ...] = ()
    locals: Locals = ()


class World(NamedTuple):
    """A state: what is shared, in the order of its fields, and where each actor is."""

    shared: tuple[Value, ...]
    tasks: tuple[Task, ...]


class Now(NamedTuple):
    """In the middle of an operation: what is shared, what is still to be done, the locals."""

    shared: Values
    todo: tuple[Item, ...]
    locals: Values


class Interpreter(Meaning):
    """The meaning of a scenario, straight from its statements."""

    def __init__(
        self, scenario: ScenarioRead, program: s.Program, constants: Values | None = None
    ) -> None:
        self.scenario = scenario
        self.program = program
        self.constants = constants or {}
        self.names = list(scenario.machine.fields)
        # All that evaluating expressions needs to know of a model.
        self.model = SimpleNamespace(sizes=scenario.sizes)  # type: ignore[assignment]
        self.actors: list[tuple[ActorRead, Value]] = [
            (a, me)
            for a in scenario.actors
            for me in (self._all(a.domain) if a.domain is not None else (None,))
        ]
        self.open: set[tuple[str, tuple[Value, ...]]] = set()
        """The spans that somebody is in, in the state that is looked at."""
        self._codes: dict[int, Code] = {}

    def _all(self, t: Type) -> tuple[Value, ...]:
        return elements(t, self.scenario.sizes)

    # -- expressions

    def value(self, e: Expr, state: Values, bound: Values | None = None) -> Value:
        bound = bound or {}
        match e:
            case x.Constant(name):
                return self.constants[name]
            case x.Call(function, args):
                fn = self.program.functions[function]
                values = [self.value(a, state, bound) for a in args]
                return self._result(fn.body, state, _named(fn.params, values))
            case x.Active(span, args):
                return (span, tuple(self.value(a, state, bound) for a in args)) in self.open
        return super().value(e, state, bound)

    def _result(self, body: Sequence[s.Stmt], state: Values, local: dict[str, Value]) -> Value:
        """What a pure function returns; `...` where the end of `body` is reached."""
        for st in body:
            match st:
                case s.Assign(target, value):
                    local[target.name] = self.value(value, state, local)
                case s.IfStmt(cond, then, other):
                    way = then if self.value(cond, state, local) else other
                    if (found := self._result(way, state, local)) is not ...:
                        return found
                case s.Return(values):
                    return self.value(values[0], state, local)
        return ...

    # -- states

    def first(self) -> Iterator[World]:
        """All first states."""
        fields = self.scenario.machine.fields
        blank = {n: default(t, self.scenario.sizes) for n, t in fields.items()}
        tasks = tuple(Task(IDLE, a.times) for a, _ in self.actors)
        for shared in self._one_step(self.scenario.initial, blank, {}):
            yield World(tuple(shared[n] for n in self.names), tasks)

    def next(self, world: World) -> Iterator[World]:
        """All states that one step leads to."""
        shared = self.look(world)
        for i, task in enumerate(world.tasks):
            for after, now in self._steps(task, *self.actors[i], shared):
                tasks = (*world.tasks[:i], now, *world.tasks[i + 1 :])
                yield World(tuple(after[n] for n in self.names), tasks)
        for fn in self.scenario.hardware:
            for given in self._given(fn, None, None):
                for after in self._one_step(fn, shared, given):
                    yield World(tuple(after[n] for n in self.names), world.tasks)

    def able(self, world: World) -> set[int]:
        """The numbers of those actors that can take a step."""
        shared = self.look(world)
        steps = (self._steps(t, *self.actors[i], shared) for i, t in enumerate(world.tasks))
        return {i for i, ways in enumerate(steps) if any(True for _ in ways)}

    def look(self, world: World) -> Values:
        """Turn to a state: its shared fields by name; `open` has its spans from now on."""
        shared = dict(zip(self.names, world.shared, strict=True))
        self.open = {span for task in world.tasks for span in self._spans(task, shared)}
        return shared

    def holds(self, prop: s.Function, world: World) -> bool:
        """Is a property true in a state?"""
        return bool(self._result(prop.body, self.look(world), {}))

    def _given(self, fn: s.Function, actor: ActorRead | None, me: Value) -> Iterator[Values]:
        """All arguments that `fn` may be started with; the first of the actor's type is itself."""
        own = actor.domain if actor is not None else None
        mine = next((p.name for p in fn.params if own is not None and p.type == own), None)
        ranges = [(me,) if p.name == mine else self._all(p.type) for p in fn.params]
        for values in itertools.product(*ranges):
            yield _named(fn.params, values)

    def _steps(
        self, task: Task, actor: ActorRead, me: Value, shared: Values
    ) -> Iterator[tuple[Values, Task]]:
        if task.at == BUSY:
            for now in self._run(Now(shared, task.todo, dict(task.locals))):
                for end in self._to_rest(now):
                    yield end.shared, self._task(end, task.left)
        elif task.at == IDLE and task.left != 0:
            left = task.left - 1 if task.left is not None else None
            for fn in actor.operations:
                for given in self._given(fn, actor, me):
                    # Its first step, with whatever is before it.
                    for ready in self._to_rest(Now(shared, self._block(fn.body), given)):
                        for now in self._run(ready) if ready.todo else [ready]:
                            for end in self._to_rest(now):
                                yield end.shared, self._task(end, left)

    def _task(self, now: Now, left: int | None) -> Task:
        if now.todo:
            return Task(BUSY, left, now.todo, tuple(now.locals.items()))
        return Task(DONE if left == 0 else IDLE, left)

    def _to_rest(self, now: Now) -> Iterator[Now]:
        """What comes of doing all that takes no step."""
        if not now.todo or self._is_step(now.todo[0]):
            yield now
        else:
            for after in self._run(now):
                yield from self._to_rest(after)

    def _is_step(self, item: Item) -> bool:
        if not isinstance(item, Do):
            return isinstance(item, Unlock)
        st = item.code.statement
        if isinstance(st, s.CallStmt):
            return self.program.functions[st.function].kind == "atomic"
        return isinstance(st, s.Primitive | s.Wait | s.WithLock)

    def _one_step(self, fn: s.Function, shared: Values, given: Values) -> Iterator[Values]:
        for end in self._to_end(Now(shared, self._block(fn.body), given)):
            yield end.shared

    def _to_end(self, now: Now) -> Iterator[Now]:
        """What comes of doing all that there is."""
        if not now.todo:
            yield now
        else:
            for after in self._run(now):
                yield from self._to_end(after)

    # -- one thing after the other

    def _block(self, body: Sequence[s.Stmt]) -> tuple[Item, ...]:
        return tuple(Do(self._codes.setdefault(id(st), Code(st))) for st in body)

    def _run(self, now: Now) -> Iterator[Now]:
        """Do what is next; nothing comes of it where it has to wait."""
        item, rest = now.todo[0], now.todo[1:]
        match item:
            case Do(code):
                yield from self._do(code, Now(now.shared, rest, now.locals))
            case Unlock(place):
                held = _at(now.shared, place)
                assert isinstance(held, int)
                free = 0 if held == WRITE_HELD else held - 1
                yield Now(_with(now.shared, place, free), rest, now.locals)
            case Round(code, number):
                yield self._round(code, number, Now(now.shared, rest, now.locals))
            case Inside():
                yield Now(now.shared, rest, now.locals)
            case Back(code, local, results):
                st = code.statement
                assert isinstance(st, s.CallStmt)
                given = {t.name: v for t, v in zip(st.targets, results, strict=False)}
                yield Now(now.shared, rest, {**dict(local), **given})

    def _round(self, code: Code, number: int, now: Now) -> Now:
        """Another round of a loop, or none; the rounds of a `while` have no numbers."""
        st, local = code.statement, now.locals
        if isinstance(st, s.For):
            every = self._all(st.var.type)
            if number == len(every):
                return now
            local, number = {**local, st.var.name: every[number]}, number + 1
        else:
            assert isinstance(st, s.While)
            if not self.value(st.cond, now.shared, local):
                return now
        return Now(now.shared, (*self._block(st.body), Round(code, number), *now.todo), local)

    def _do(self, code: Code, now: Now) -> Iterator[Now]:
        st, (shared, rest, local) = code.statement, now

        def value(e: Expr) -> Value:
            return self.value(e, shared, local)

        match st:
            case s.Assign(target, e):
                yield now._replace(locals={**local, target.name: value(e)})
            case s.Store(place, e):
                yield now._replace(shared=_with(shared, self._place(place, now), value(e)))
            case s.Choose(target):
                for v in self._all(target.type):
                    yield now._replace(locals={**local, target.name: v})
            case s.Wait(cond) | s.Require(cond):
                if value(cond):
                    yield now
            case s.Primitive():
                where = self._place(st.place, now)
                new, results = _primitive(st.name, _at(shared, where), [*map(value, st.args)])
                given = {t.name: v for t, v in zip(st.targets, results, strict=False)}
                yield Now(_with(shared, where, new), rest, {**local, **given})
            case s.IfStmt(cond, then, other):
                yield now._replace(todo=(*self._block(then if value(cond) else other), *rest))
            case s.While() | s.For():
                yield self._round(code, 0, now)
            case s.WithLock(kind, place, body):
                where = self._place(place, now)
                held = _at(shared, where)
                assert isinstance(held, int)
                if held == 0 or (kind == "read" and held > 0):
                    taken = WRITE_HELD if kind == "write" else held + 1
                    todo = (*self._block(body), Unlock(where), *rest)
                    yield Now(_with(shared, where, taken), todo, local)
            case s.WithSpan(body=body):
                args = () if _runs_over(st) else tuple(map(value, st.args))
                yield now._replace(todo=(*self._block(body), Inside(code, args), *rest))
            case s.CallStmt(function, args_):
                fn = self.program.functions[function]
                given = _named(fn.params, [*map(value, args_)])
                back = Back(code, tuple(local.items()))
                if fn.kind == "atomic":
                    whole = Now(shared, (*self._block(fn.body), back), given)
                    yield from (end._replace(todo=rest) for end in self._to_end(whole))
                else:
                    yield Now(shared, (*self._block(fn.body), back, *rest), given)
            case s.Return(values):
                results = tuple(map(value, values))
                yield now._replace(todo=_out(rest, Back, lambda b: [b._replace(results=results)]))
            case s.Break():
                yield now._replace(todo=_out(rest, Round, lambda _: []))
            case s.Continue():
                yield now._replace(todo=_out(rest, Round, lambda r: [r]))

    def _place(self, e: Expr, now: Now) -> Place:
        path: list[int] = []
        while not isinstance(e, x.Shared):
            if isinstance(e, x.Index):
                key = self.value(e.key, now.shared, now.locals)
            else:
                assert isinstance(e, x.Field)
                key = e.base.type.index(e.name)  # type: ignore[union-attr]
            assert isinstance(key, int)
            path.insert(0, key)
            e = e.base
        return e.name, tuple(path)

    # -- spans

    def _spans(self, task: Task, shared: Values) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """The spans that an actor is in, where it rests."""
        local = dict(task.locals)
        for item in task.todo:
            if isinstance(item, Back):
                local = dict(item.locals)
            elif isinstance(item, Inside):
                st = item.code.statement
                assert isinstance(st, s.WithSpan)
                names = [a.name for a in st.args if isinstance(a, x.Local)]
                ranges = [self._all(a.type) for a in st.args] if _runs_over(st) else []
                for values in itertools.product(*ranges):
                    inner = {**local, **dict(zip(names, values, strict=False))}
                    if self.value(st.when, shared, inner):
                        yield st.span, values or item.args


def _runs_over(st: s.WithSpan) -> bool:
    """Is the span open for all arguments for which its condition is true?"""
    mark = f"#{st.span}"
    return bool(st.args) and all(isinstance(a, x.Local) and a.name.endswith(mark) for a in st.args)


def _named(params: Sequence[x.Local], values: Sequence[Value]) -> dict[str, Value]:
    return {p.name: v for p, v in zip(params, values, strict=True)}


def _out(
    todo: tuple[Item, ...], to: type[Item], and_then: Callable[..., list[Item]]
) -> tuple[Item, ...]:
    """What is to be done on the way out to the next item of type `to`, and from there on.

    Locks are dropped on the way, each while the spans around it are still open. Leaving the
    operation itself, there is no such item.
    """
    at = next((i for i, item in enumerate(todo) if isinstance(item, to)), len(todo))
    kept = tuple(item for item in todo[:at] if isinstance(item, Unlock | Inside))
    return (*kept, *(i for item in todo[at : at + 1] for i in and_then(item)), *todo[at + 1 :])


def _at(shared: Values, place: Place) -> Value:
    found = shared[place[0]]
    for i in place[1]:
        assert isinstance(found, tuple)
        found = found[i]
    return found


def _with(shared: Values, place: Place, value: Value) -> Values:
    def changed(base: Value, path: tuple[int, ...]) -> Value:
        if not path:
            return value
        assert isinstance(base, tuple)
        return (*base[: path[0]], changed(base[path[0]], path[1:]), *base[path[0] + 1 :])

    return {**shared, place[0]: changed(shared[place[0]], place[1])}


def _primitive(name: str, old: Value, args: list[Value]) -> tuple[Value, tuple[Value, ...]]:
    """What a primitive leaves in its place, and what it gives."""
    match name:
        case "READ_ONCE" | "test_bit":
            return old, (old,)
        case "WRITE_ONCE" | "xchg":
            return args[0], (old,)
        case "cmpxchg":
            return (args[1] if old == args[0] else old), (old,)
        case "try_cmpxchg":
            return (args[1] if old == args[0] else old), (old == args[0], old)
        case "set_bit" | "test_and_set_bit":
            return True, (old,)
        case "clear_bit" | "test_and_clear_bit":
            return False, (old,)
        case "atomic_fetch_and" | "atomic_fetch_or":
            assert isinstance(old, tuple)
            assert isinstance(args[0], tuple)
            op = all if name == "atomic_fetch_and" else any
            return tuple(op(pair) for pair in zip(old, args[0], strict=True)), (old,)
    raise AssertionError(name)
