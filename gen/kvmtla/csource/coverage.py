"""What of a function no run came by: nothing is said of it, so it has to be said."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.csource import ast as c
from kvmtla.csource.interpret import Seen


def missed(function: c.Function, seen: Seen) -> Iterator[c.Node]:
    """Yield what no run came by, and nothing that is left out explains, outermost parts only."""
    yield from _statement(function.body, seen)


def _statement(s: c.Stmt, seen: Seen) -> Iterator[c.Node]:
    if id(s) not in seen.nodes:
        yield s
        return
    match s:
        case c.Block():
            yield from _block(s, seen)
        case c.If():
            yield from _expression(s.cond, seen)
            explained = id(s) in seen.decided
            for branch in (s.then, s.other):
                if branch is not None and (id(branch) in seen.nodes or not explained):
                    yield from _statement(branch, seen)
        case c.Loop():
            if s.first is not None:
                yield from _statement(s.first, seen)
            if s.cond is not None:
                yield from _expression(s.cond, seen)
            if id(s.body) in seen.nodes or id(s) not in seen.decided:
                yield from _statement(s.body, seen)
            if s.step is not None and not _ends(s.body):
                yield from _expression(s.step, seen)
        case c.Label():
            yield from _statement(s.body, seen)
        case c.Do():
            yield from _expression(s.value, seen)
        case c.Declare() | c.Return():
            if s.value is not None:
                yield from _expression(s.value, seen)


def _block(s: c.Block, seen: Seen) -> Iterator[c.Node]:
    for i, one in enumerate(s.body):
        if id(one) in seen.nodes:
            yield from _statement(one, seen)
            continue
        # Nothing goes on behind the one before: by a decision that is left out, or for good.
        before = s.body[i - 1] if i else None
        if before is None or not any(id(d) in seen.decided for d in c.walk(before)):
            yield one
        return


def _ends(s: c.Stmt) -> bool:
    """Does a block end with a jump, so that nothing comes behind it?"""
    last = s.body[-1] if isinstance(s, c.Block) and s.body else s
    return isinstance(last, c.Jump | c.Return | c.Goto)


def _expression(e: c.Expr, seen: Seen) -> Iterator[c.Node]:
    """Yield the parts of an expression that it was never asked for."""
    if id(e) not in seen.nodes:
        return
    match e:
        case c.Binary(op="&&" | "||"):
            yield from _expression(e.left, seen)
            if id(e.right) in seen.nodes:
                yield from _expression(e.right, seen)
            elif id(e) not in seen.decided:
                yield e.right
        case c.Choice():
            yield from _expression(e.cond, seen)
            for arm in (e.then, e.other):
                if arm is None:
                    continue
                if id(arm) in seen.nodes:
                    yield from _expression(arm, seen)
                elif id(e) not in seen.decided:
                    yield arm
        case c.Unary():
            yield from _expression(e.arg, seen)
        case c.Binary():
            yield from _expression(e.left, seen)
            yield from _expression(e.right, seen)
        case c.Assign():
            yield from _expression(e.value, seen)
        case c.Cast():
            yield from _expression(e.arg, seen)
        case c.Call():
            for a in e.args:
                yield from _expression(a, seen)
