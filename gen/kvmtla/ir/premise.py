"""The premise of a property: the condition under which it asks for anything at all.

A property is a rule "where P, there C", however it is written:

- `all(C for v in D if P)`, `not P or C`, `C if P else True`: the premise is P, for some `v`;
- `not any(P and C for v in D)`: nothing tells which part is the premise, so it is all but the last,
  and this reads "where P, there is no C";
- `C`, or the body of a pure function called in its place, is looked at in the same way: if it is a
  rule itself, its premise has to be true too; if it is several rules joined by `and`, one of their
  premises has to be;
- `a != b` is read as `not a == b`;
- anything else asks for something in every state.

A property whose premise is true in no state that can be reached holds vacuously.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from kvmtla.ir import expr as x
from kvmtla.ir.expr import FALSE, TRUE, Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import Definition
from kvmtla.ir.types import BOOL


def premise(e: Expr, definitions: Mapping[str, Definition]) -> Expr:
    """Return the condition under which property `e` asks for anything; FALSE if it never does.

    `definitions` are those of the functions that `e` calls.
    """
    return _asks(e, True, definitions)


def _asks(e: Expr, wanted: bool, definitions: Mapping[str, Definition]) -> Expr:
    """Return the condition under which the demand that `e` be `wanted` asks for anything."""
    match e:
        case x.Const(value):
            return FALSE if value is wanted else TRUE
        case x.Un("not", arg):
            return _asks(arg, not wanted, definitions)
        case x.Quant(kind, var, body) if (kind == "all") is wanted:
            return simplify(x.Quant("any", var, _asks(body, wanted, definitions)))
        case x.Bin(op) if op in ("and", "or"):
            if (op == "and") is wanted:
                parts = (_asks(part, wanted, definitions) for part in (e.left, e.right))
                return _joined("or", parts)
            return _rule(list(_alternatives(e, wanted)), definitions)
        case x.If(cond, then, other):
            a, b = _asks(then, wanted, definitions), _asks(other, wanted, definitions)
            return simplify(x.If(cond, a, b, BOOL))
        case x.Let(var, value, body):
            return simplify(x.Let(var, value, _asks(body, wanted, definitions), BOOL))
        case x.Call(function, args) if function in definitions:
            d = definitions[function]
            env = {p.name: a for p, a in zip(d.params, args, strict=True)}
            return _asks(x.substitute(d.body, env), wanted, definitions)
    return TRUE


def _rule(parts: list[tuple[Expr, bool]], definitions: Mapping[str, Definition]) -> Expr:
    """Return the same for the demand that one of `parts` be as it is wanted."""
    premises = [e for e, wanted in parts if not wanted]
    conclusions = [(e, True) for e, wanted in parts if wanted]
    if not conclusions:
        conclusions = [(premises.pop(), False)]
    if len(conclusions) == 1:
        premises.append(_asks(*conclusions[0], definitions))
    return _joined("and", premises or [TRUE])


def _alternatives(e: Expr, wanted: bool) -> Iterator[tuple[Expr, bool]]:
    """Yield the parts of which one has to be as it is wanted for `e` to be `wanted`."""
    match e:
        case x.Un("not", arg):
            yield from _alternatives(arg, not wanted)
        case x.Bin("and" | "or" as op, left, right) if (op == "or") is wanted:
            yield from _alternatives(left, wanted)
            yield from _alternatives(right, wanted)
        case x.Bin("!=", left, right):
            yield x.Bin("==", left, right, BOOL, e.loc), not wanted
        case _:
            yield e, wanted


def _joined(op: str, parts: Iterator[Expr] | list[Expr]) -> Expr:
    return reduce(lambda a, b: simplify(x.Bin(op, a, b, BOOL)), parts)
