"""The code that runs for given constants: statements of a block, functions of a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping

from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import root
from kvmtla.lower.specialise import Specialiser

Held = tuple[tuple[str, str], ...]
"""The locks that are held: (field, "read" or "write")."""

Decide = Callable[[Expr], Expr]
"""Turns a condition into what is known of it."""


def running(
    body: tuple[s.Stmt, ...], decide: Decide, held: Held = ()
) -> Generator[tuple[s.Stmt, Held], None, bool]:
    """Yield the statements of a block that may be reached, each with the locks held there.

    A statement comes before those inside it. If `decide` makes a constant of a condition, only the
    way that it leads to is followed. Returns whether what follows the block may be reached.
    """
    for st in body:
        yield st, held
        match st:
            case s.IfStmt(cond, then, other):
                known = decide(cond)
                goes_on = False
                for way, truth in ((then, True), (other, False)):
                    if _may(known, truth):
                        goes_on |= yield from running(way, decide, held)
                if not goes_on:
                    return False
            case s.While(cond, inner):
                known = decide(cond)
                if _may(known, True):
                    yield from running(inner, decide, held)
                if not _may(known, False) and not _breaks(inner, decide):
                    return False
            case s.For(_, inner):
                yield from running(inner, decide, held)
            case s.WithLock(kind, place, inner):
                if not (yield from running(inner, decide, (*held, (root(place), kind)))):
                    return False
            case s.WithSpan():
                if not (yield from running(st.body, decide, held)):
                    return False
            case s.Return() | s.Break() | s.Continue():
                return False
    return True


def reached(functions: Iterable[s.Function], special: Specialiser) -> dict[str, str | None]:
    """Return the functions that these lead to, themselves included, each with one that calls it.

    They are given by key. Functions that are never called with the constants that `special` puts in
    are left out, as far as constants show it, also those passed as arguments or kept in a local.
    """
    found: dict[str, str | None] = {}
    seen: set[tuple[str, tuple[Expr, ...]]] = set()
    todo: list[tuple[s.Function, tuple[Expr, ...], str | None]] = [
        (fn, tuple(fn.params), None) for fn in functions
    ]
    while todo:
        fn, args, caller = todo.pop(0)
        if (fn.key, args) in seen:
            continue
        seen.add((fn.key, args))
        found.setdefault(fn.key, caller)
        known = _known(fn, args, special)
        for st, _ in running(fn.body, known):
            if isinstance(st, s.CallStmt):
                callee = special.program.functions[st.function]
                given = zip(callee.params, map(known, st.args), strict=True)
                passed = tuple(a if isinstance(a, x.Const) else p for p, a in given)
                todo.append((callee, passed, fn.key))
    return found


def _known(fn: s.Function, args: tuple[Expr, ...], special: Specialiser) -> Decide:
    """Return what puts in the constants, and what they make of parameters and locals of `fn`."""
    times = Counter(t.name for t in s.targets(fn.body))
    env: dict[str, Expr] = {
        p.name: a
        for p, a in zip(fn.params, args, strict=True)
        if isinstance(a, x.Const) and not times[p.name]
    }
    for st in s.walk(fn.body):
        if isinstance(st, s.Assign) and times[st.target.name] == 1:
            value = _put_in(st.value, env, special)
            if isinstance(value, x.Const):
                env[st.target.name] = value
    return lambda e: _put_in(e, env, special)


def _put_in(e: Expr, env: Mapping[str, Expr], special: Specialiser) -> Expr:
    return special.expr(x.substitute(e, env))


def _breaks(body: tuple[s.Stmt, ...], decide: Decide) -> bool:
    return any(isinstance(st, s.Break) for st, _ in running(body, decide))


def _may(cond: Expr, truth: bool) -> bool:
    return not isinstance(cond, x.Const) or bool(cond.value) == truth
