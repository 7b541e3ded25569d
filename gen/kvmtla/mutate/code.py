"""Tells the code of a spec that can be wrong from what only says in which world it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmtla.front.scenario import Spec
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import Function

Functions = Mapping[str, Function]

STEPS = ("operation", "atomic")
PURE = "pure"


def operations(spec: Spec) -> list[Function]:
    """Return all that actors run, in the order of their places: operations and what they call.

    The steps of the hardware, the first states, requirements and properties are left out: they are
    assumed or asked, not checked.
    """
    functions = spec.reader.program.functions
    found: dict[str, Function] = {}
    todo = [o.key for sc in spec.scenarios.values() for a in sc.actors for o in a.operations]
    while todo:
        key = todo.pop()
        if key not in found:
            found[key] = functions[key]
            todo += called(functions[key])
    return sorted(found.values(), key=lambda f: (f.loc.file, f.loc.line, f.key))


def called(fn: Function) -> Iterator[str]:
    """Yield the keys of the functions that a function calls, without those that its spans ask."""
    if fn.kind == PURE:
        for e in fn.values:
            yield from _asked(e)
        return
    yield from s.calls(fn.body)
    for e in coded(fn.body):
        yield from _asked(e)


def _asked(e: Expr) -> Iterator[str]:
    return (y.function for y in x.walk(e) if isinstance(y, x.Call))


def coded(body: tuple[s.Stmt, ...], *, required: bool = False) -> Iterator[Expr]:
    """Yield all expressions of a block but those of its spans, which belong to the properties.

    Requirements are not code either: they say when something can happen at all. They are yielded
    only if `required`.
    """
    for st in s.walk(body):
        match st:
            case s.WithSpan():
                pass
            case s.Require(cond):
                if required:
                    yield cond
            case s.IfStmt(cond) | s.While(cond):
                yield cond
            case s.WithLock(_, place):
                yield place
            case _:
                yield from s.expressions((st,)) if not isinstance(st, s.For) else ()


class Varying:
    """A test for expressions of a function that depend on more than the scenario's constants.

    The others say which code there is, like an #ifdef; they are not decisions of the code.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._known: dict[str, bool] = {}

    def locals_of(self, fn: Function) -> frozenset[str]:
        """Return the locals of a function that depend on constants alone."""
        assigned: dict[str, list[Expr]] = {}
        other = {p.name for p in fn.params}
        for st in s.walk(fn.body):
            if isinstance(st, s.Assign):
                assigned.setdefault(st.target.name, []).append(st.value)
            else:
                other.update(t.name for t in s.targets((st,)) if not _is_block(st))
        fixed: frozenset[str] = frozenset()
        while True:
            found = frozenset(
                n
                for n, values in assigned.items()
                if n not in other and not any(self.of(v, fixed) for v in values)
            )
            # A flag that is set somewhere is not fixed, though each of its values is.
            found = frozenset(n for n in found if len(set(assigned[n])) == 1)
            if found == fixed:
                return fixed
            fixed = found

    def of(self, e: Expr, fixed: frozenset[str] = frozenset()) -> bool:
        """Does `e` depend on more than constants? The locals in `fixed` do not."""
        match e:
            case x.Local(name):
                return name not in fixed
            case x.Shared() | x.Active() | x.ActorVar():
                return True
            case x.Call(function, args):
                return self._call(function) and (
                    self._of_state(function) or any(self.of(a, fixed) for a in args)
                )
        return any(self.of(c, fixed) for c in x.children(e))

    def _call(self, key: str) -> bool:
        if key not in self._known:
            self._known[key] = any(map(self.of, self._functions[key].values))
        return self._known[key]

    def _of_state(self, key: str) -> bool:
        return any(
            isinstance(y, x.Shared | x.Active)
            or (isinstance(y, x.Call) and self._of_state(y.function))
            for value in self._functions[key].values
            for y in x.walk(value)
        )


def _is_block(st: s.Stmt) -> bool:
    return isinstance(st, s.IfStmt | s.While | s.WithLock | s.WithSpan)
