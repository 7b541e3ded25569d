"""What of a spec is code that can be wrong, and what only says in which world it runs."""

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
    """All that actors run, in the order of their places: operations, and what those call.

    Not the steps of the hardware, the first states, what is required, and the properties: these are
    what is assumed, and what is asked, not what is checked.
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
    """The functions that a function calls, by key; not those that its spans ask."""
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
    """All expressions of a block but those of its spans, which belong to the properties.

    What is required is no code either: it says when something can happen at all. It is given only
    if `required`.
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
    """Says which expressions of a function depend on more than the scenario's constants.

    What does not says which code there is, like an #ifdef; it is not a decision of the code.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._known: dict[str, bool] = {}

    def locals_of(self, fn: Function) -> frozenset[str]:
        """The locals of a function that only depend on constants."""
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
        """Does `e` depend on more than constants, `fixed` being locals that do not?"""
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
