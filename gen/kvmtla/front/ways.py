"""Checking that code takes a step, whichever way it goes."""

from __future__ import annotations

from collections.abc import Mapping

from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.fold import simplify

# How code can be left: to what stands after it, or with one of these statements.
ON, RETURN, BREAK, CONTINUE = "on", "return", "break", "continue"


def idle_ways(body: tuple[s.Stmt, ...], functions: Mapping[str, s.Function]) -> set[str]:
    """Return how `body` can be left without a step on the way, as far as its structure shows."""
    ways = {ON}
    for st in body:
        if ON not in ways:
            break
        ways = (ways - {ON}) | _idle(st, functions)
    return ways


def _idle(st: s.Stmt, functions: Mapping[str, s.Function]) -> set[str]:
    match st:
        case s.Primitive() | s.Wait() | s.WithLock():
            return set()
        case s.CallStmt(function):
            fn = functions[function]
            idle = fn.kind == "operation" and idle_ways(fn.body, functions) & {ON, RETURN}
            return {ON} if idle else set()
        case s.IfStmt(_, then, other):
            return idle_ways(then, functions) | idle_ways(other, functions)
        case s.For(_, inner):
            # It goes around at least once: no domain is empty.
            ways = idle_ways(inner, functions)
            return (ways & {RETURN}) | ({ON} if ways - {RETURN} else set())
        case s.While(cond, inner):
            ways = idle_ways(inner, functions)
            ends = simplify(cond) != x.TRUE or BREAK in ways
            return (ways & {RETURN}) | ({ON} if ends else set())
        case s.WithSpan():
            return idle_ways(st.body, functions)
        case s.Return():
            return {RETURN}
        case s.Break():
            return {BREAK}
        case s.Continue():
            return {CONTINUE}
    return {ON}
