"""What is known at a place of a function: which expressions are not None there."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr


def not_none(cond: Expr, truth: bool) -> Iterator[Expr]:
    """Yield the expressions that are certainly not None where `cond` is `truth`."""
    if isinstance(cond, x.Un) and cond.op == "not":
        yield from not_none(cond.arg, not truth)
    elif isinstance(cond, x.Bin):
        if cond.op == ("and" if truth else "or"):
            yield from not_none(cond.left, truth)
            yield from not_none(cond.right, truth)
        elif cond.op == ("!=" if truth else "=="):
            for a, b in ((cond.left, cond.right), (cond.right, cond.left)):
                if isinstance(b, x.Const) and b.value is None:
                    yield a


def reads_shared(e: Expr) -> bool:
    """Does the value of `e` depend on the shared state?"""
    return any(isinstance(y, x.Shared | x.Call | x.Active) for y in x.walk(e))
