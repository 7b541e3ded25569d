"""Changes inside expressions: a condition is negated or loses a clause, a bit is not set."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kvmtla.errors import Loc
from kvmtla.front.facts import not_none
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import field_of, simplify
from kvmtla.ir.types import BOOL, RecordT
from kvmtla.mutate.change import Change, line_of, line_with, negated, text_of

NEGATED = "negated"
CLAUSE = "clause lost"
BIT = "bit not set"

Changed = Iterator[tuple[Expr, Change]]
Varies = Callable[[Expr], bool]


def condition(e: Expr, varies: Varies) -> Changed:
    """Yield the changes of a condition."""
    if varies(e) and e.loc is not None and (text := negated(e)) and not tests_none(e):
        yield (
            simplify(x.Un("not", e, BOOL, e.loc)),
            Change(NEGATED, e.loc, line_of(e.loc), line_with(e.loc, text)),
        )
    yield from inside(e, varies)


def inside(e: Expr, varies: Varies, above: str | None = None) -> Changed:
    """Yield `e` with a clause of a condition in it lost, or with a decision in it negated."""
    op = e.op if isinstance(e, x.Bin) and e.op in ("and", "or") else None
    if op is not None and op != above:
        yield from _clauses(e, op, varies)
    if isinstance(e, x.If):
        for cond, change in condition(e.cond, varies):
            yield replace(e, cond=cond), change
        parts: Sequence[int] = (1, 2)
    else:
        parts = range(len(x.children(e)))
    for i in parts:
        for new, change in inside(x.children(e)[i], varies, op):
            yield _with(e, i, new), change


def _clauses(e: Expr, op: str, varies: Varies) -> Changed:
    clauses = _flat(e, op)
    lines = _shorter(e.loc, op) if e.loc is not None else []
    if len(lines) != len(clauses):
        # The author did not write it like this: bits of two words are combined, for instance.
        return
    for i, lost in enumerate(clauses):
        if not varies(lost) or tests_none(lost):
            continue
        rest = clauses[:i] + clauses[i + 1 :]
        made = rest[0]
        for c in rest[1:]:
            made = x.Bin(op, made, c, BOOL, e.loc)
        assert e.loc is not None
        yield made, Change(CLAUSE, e.loc, line_of(e.loc), lines[i])


def _shorter(loc: Loc, op: str) -> list[str]:
    """Return the lines that are left without each of the clauses of the condition at `loc`."""
    line, text = line_of(loc), text_of(loc)
    if "|=" in text or "&=" in text:
        # The first clause is the target of the assignment.
        return [re.sub(r"[|&]=", "=", line, count=1), ""]
    written = _written(text, op)
    if len(written) < 2:
        return []
    return [
        line_with(loc, _joined(written[:i] + written[i + 1 :], op)) for i in range(len(written))
    ]


def _joined(clauses: list[str], op: str) -> str:
    # A clause that stands alone needs no parentheses.
    alone = re.fullmatch(r"\((.*)\)", clauses[0]) if len(clauses) == 1 else None
    return alone[1] if alone else f" {op} ".join(clauses)


def _written(text: str, op: str) -> list[str]:
    """Return the clauses of a condition as they are written, in parentheses where needed."""
    kind = ast.And if op == "and" else ast.Or

    def flat(node: ast.expr) -> list[str]:
        if isinstance(node, ast.BoolOp) and isinstance(node.op, kind):
            return [part for value in node.values for part in flat(value)]
        segment = ast.get_source_segment(text, node) or ""
        return [f"({segment})" if isinstance(node, ast.BoolOp | ast.IfExp) else segment]

    try:
        return flat(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return []


def _flat(e: Expr, op: str) -> list[Expr]:
    if isinstance(e, x.Bin) and e.op == op:
        return [*_flat(e.left, op), *_flat(e.right, op)]
    return [e]


def tests_none(e: Expr) -> bool:
    """Does `e` say that something is not None, on which code that follows may rely?"""
    return any(True for truth in (True, False) for _ in not_none(e, truth))


def bits(e: Expr, at: Loc) -> Changed:
    """Yield changes of a value, part of the statement at `at`, that leave one field as it was."""
    t = e.type
    match e:
        case x.Update(base, (str(name),), value) if isinstance(t, RecordT):
            if value != field_of(base, name):
                yield base, _unset(at, name)
            for new, change in bits(base, at):
                yield simplify(replace(e, base=new)), change
        case x.Make(values):
            yield from _of_record(e, values, at)
        case x.Const(tuple(values)) if isinstance(t, RecordT):
            parts = [x.Const(v, f.type, e.loc) for v, f in zip(values, t.fields, strict=True)]
            yield from _of_record(x.Make(tuple(parts), t, e.loc), parts, at)
        case x.If():
            for i in (1, 2):
                for new, change in bits(x.children(e)[i], at):
                    yield _with(e, i, new), change


def _of_record(e: x.Make, values: Sequence[Expr], at: Loc) -> Changed:
    same = [_base(v, f.name) for v, f in zip(values, e.type.fields, strict=True)]
    known = [b for b in same if b is not None]
    base = known[0] if known and all(b == known[0] for b in known) else None
    for i, (v, f) in enumerate(zip(values, e.type.fields, strict=True)):
        if isinstance(f.type, RecordT):
            for new, change in bits(v, at):
                yield _with(e, i, new), change
            continue
        if f.type != BOOL:
            continue
        kept: Expr = field_of(base, f.name) if base is not None else x.Const(False, BOOL, e.loc)
        if v != kept:
            yield _with(e, i, kept), _unset(at, f.name)


def _base(v: Expr, name: str) -> Expr | None:
    """Return the word of which `v` is the field `name`, perhaps with bits set or cleared."""
    if isinstance(v, x.Bin) and v.op in ("and", "or"):
        return _base(v.left, name)
    return v.base if isinstance(v, x.Field) and v.name == name else None


def _unset(at: Loc, name: str) -> Change:
    line = line_of(at)
    return Change(BIT, at, line, f"{line}  # not {name}")


def _with(e: Expr, i: int, new: Expr) -> Expr:
    """Return `e` with its child number `i` replaced."""
    numbers = iter(range(len(x.children(e))))
    return simplify(x.rebuild(e, lambda c: new if next(numbers) == i else c))
