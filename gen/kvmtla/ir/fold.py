"""Making expressions simpler without changing what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kvmtla.ir import expr as x
from kvmtla.ir.expr import FALSE, TRUE, Expr
from kvmtla.ir.types import BOOL, EnumT, MapT, RecordT, Value, without_none


def word_bits(t: RecordT, op: Callable[..., Expr], *words: Expr) -> Expr:
    """Return a word in which each bit is `op` of the same bit of `words`."""
    values = []
    for f in t.fields:
        bits = [field_of(w, f.name) for w in words]
        values.append(simplify(op(*bits)))
    return simplify(x.Make(tuple(values), t, words[0].loc))


def field_of(base: Expr, name: str) -> Expr:
    """Return `base.name`, worked out if `base` says what it is."""
    # A value that has been tested for None is still of the optional type.
    t = without_none(base.type)
    assert isinstance(t, RecordT)
    i = t.index(name)
    assert i is not None
    if isinstance(base, x.Const) and isinstance(base.value, tuple):
        return x.Const(base.value[i], t.fields[i].type, base.loc)
    if isinstance(base, x.Make):
        return base.values[i]
    if isinstance(base, x.Update) and isinstance(base.path[0], str):
        if base.path[0] != name:
            return field_of(base.base, name)
        if len(base.path) == 1:
            return base.value
    if isinstance(base, x.If):
        a, b = field_of(base.then, name), field_of(base.other, name)
        if isinstance(a, x.Const) or isinstance(b, x.Const) or a == b:
            return simplify(x.If(base.cond, a, b, a.type, base.loc))
    return x.Field(base, name, t.fields[i].type, base.loc)


def specialise(e: Expr, constants: Mapping[str, Value]) -> Expr:
    """Return `e` with the scenario's constants put in, simplified."""
    if isinstance(e, x.Constant):
        return x.Const(constants[e.name], e.type, e.loc)
    return simplify(x.rebuild(e, lambda c: specialise(c, constants)))


def deep_simplify(e: Expr) -> Expr:
    """Return `e`, simplified from the inside out."""
    if x.is_simple(e):
        return e
    made = simplify(x.rebuild(e, deep_simplify))
    if made is e:
        x.note_simple(e)
    return made


def simplify(e: Expr) -> Expr:
    """Return `e`, simplified if its children already are."""
    rule = _RULES.get(type(e))
    return e if rule is None else rule(e)


def _un(e: x.Un) -> Expr:
    a = e.arg
    if isinstance(a, x.Const) and a.value is not None:
        value = (not a.value) if e.op == "not" else -a.value  # type: ignore[operator]
        return x.Const(value, e.type, e.loc)
    if e.op == "not":
        if isinstance(a, x.Un) and a.op == "not":
            return a.arg
        if isinstance(a, x.Bin) and a.op in ("==", "!="):
            return x.Bin("!=" if a.op == "==" else "==", a.left, a.right, BOOL, e.loc)
    return e


def _bin(e: x.Bin) -> Expr:
    a, b = e.left, e.right
    if e.op in ("and", "or"):
        neutral, absorbing = (TRUE, FALSE) if e.op == "and" else (FALSE, TRUE)
        if a in (neutral, b):
            return b
        if b == neutral:
            return a
        if a == absorbing:
            return absorbing
        # A false right side decides too: nothing in an expression has an effect.
        if b == absorbing:
            return absorbing
        return e
    if isinstance(a, x.Const) and isinstance(b, x.Const):
        return _compare(e, a, b)
    if e.op == "in" and isinstance(a, x.Const) and isinstance(b, x.SetOf):
        items = [i.value for i in b.items if isinstance(i, x.Const)]
        if len(items) == len(b.items):
            return x.Const(a.value in items, BOOL, e.loc)
    if e.op in ("==", "!=") and a == b:
        return TRUE if e.op == "==" else FALSE
    if e.op in ("==", "!=") and BOOL in (a.type, b.type):
        for p, q in ((a, b), (b, a)):
            if isinstance(q, x.Const):
                return p if q.value is (e.op == "==") else simplify(x.Un("not", p, BOOL, e.loc))
    return e


def _compare(e: x.Bin, a: x.Const, b: x.Const) -> Expr:
    if e.op == "==":
        return x.Const(a.value == b.value, BOOL, e.loc)
    if e.op == "!=":
        return x.Const(a.value != b.value, BOOL, e.loc)
    if isinstance(b.value, frozenset):
        return _of_sets(e, a, b.value)
    if a.value is None or b.value is None:
        # It stands behind a test for None, and is never worked out.
        return e
    if e.op in ("+", "-"):
        assert isinstance(a.value, int)
        assert isinstance(b.value, int)
        return x.Const(a.value + b.value if e.op == "+" else a.value - b.value, e.type, e.loc)
    if e.op in ("<", "<=", ">", ">="):
        p, q = _rank(a), _rank(b)
        value = {"<": p < q, "<=": p <= q, ">": p > q, ">=": p >= q}[e.op]
        return x.Const(value, BOOL, e.loc)
    return e


def _of_sets(e: x.Bin, a: x.Const, right: frozenset[Value]) -> Expr:
    if e.op == "in":
        return x.Const(a.value in right, BOOL, e.loc)
    left = a.value
    assert isinstance(left, frozenset)
    value = {"|": left | right, "&": left & right, "-": left - right}[e.op]
    return x.Const(value, e.type, e.loc)


def _rank(c: x.Const) -> int:
    t = without_none(c.type)
    if isinstance(t, EnumT):
        assert isinstance(c.value, str)
        return t.members.index(c.value)
    assert isinstance(c.value, int)
    return c.value


def _if(e: x.If) -> Expr:
    if e.cond == TRUE or e.then == e.other:
        return e.then
    if e.cond == FALSE:
        return e.other
    if isinstance(e.cond, x.Un) and e.cond.op == "not":
        return _if(x.If(e.cond.arg, e.other, e.then, e.type, e.loc))
    if e.type == BOOL:
        if e.then == TRUE:
            return simplify(x.Bin("or", e.cond, e.other, BOOL, e.loc))
        if e.other == FALSE:
            return simplify(x.Bin("and", e.cond, e.then, BOOL, e.loc))
        if e.then == FALSE:
            return simplify(
                x.Bin("and", simplify(x.Un("not", e.cond, BOOL, e.loc)), e.other, BOOL, e.loc)
            )
        if e.other == TRUE:
            return simplify(
                x.Bin("or", simplify(x.Un("not", e.cond, BOOL, e.loc)), e.then, BOOL, e.loc)
            )
    return e


def _index(e: x.Index) -> Expr:
    base = e.base
    if isinstance(base, x.Update) and not isinstance(base.path[0], str):
        key = base.path[0]
        if key == e.key:
            if len(base.path) == 1:
                return base.value
            inner = x.Index(base.base, e.key, e.type, e.loc)
            return simplify(x.Update(simplify(inner), base.path[1:], base.value, e.type, e.loc))
        if isinstance(key, x.Const) and isinstance(e.key, x.Const):
            return _index(x.Index(base.base, e.key, e.type, e.loc))
    if isinstance(base, x.Const) and isinstance(base.value, tuple):
        if len(set(base.value)) == 1:
            return x.Const(base.value[0], e.type, e.loc)
        if isinstance(e.key, x.Const) and isinstance(e.key.value, int):
            return x.Const(base.value[e.key.value], e.type, e.loc)
    if isinstance(base, x.MapOf):
        return deep_simplify(x.substitute(base.body, {base.var.name: e.key}))
    return e


def _make(e: x.Make) -> Expr:
    """Write a record that is another one but for some fields as a change of that one."""
    if all(isinstance(v, x.Const) for v in e.values):
        return x.Const(tuple(v.value for v in e.values), e.type, e.loc)  # type: ignore[union-attr]
    bases: dict[Expr, int] = {}
    for f, v in zip(e.type.fields, e.values, strict=True):
        if isinstance(v, x.Field) and v.name == f.name and v.base.type == e.type:
            bases[v.base] = bases.get(v.base, 0) + 1
    if not bases:
        return e
    base = max(bases, key=lambda b: bases[b])
    if bases[base] * 2 < len(e.values):
        return e
    result = base
    for f, v in zip(e.type.fields, e.values, strict=True):
        if v != field_of(base, f.name):
            result = x.Update(result, (f.name,), v, e.type, e.loc)
    return result


def _update(e: x.Update) -> Expr:
    base = e.base
    if isinstance(base, x.Const) and len(e.path) == 1 and isinstance(e.value, x.Const):
        t = e.type
        if isinstance(t, RecordT) and isinstance(e.path[0], str):
            assert isinstance(base.value, tuple)
            i = t.index(e.path[0])
            assert i is not None
            changed = (*base.value[:i], e.value.value, *base.value[i + 1 :])
            return x.Const(changed, t, e.loc)
    if isinstance(base, x.Make) and len(e.path) == 1 and isinstance(e.path[0], str):
        i = base.type.index(e.path[0])
        assert i is not None
        return simplify(
            x.Make((*base.values[:i], e.value, *base.values[i + 1 :]), base.type, e.loc)
        )
    # To change a part of the old value is to change only that part.
    if isinstance(e.value, x.Update):
        steps: list[x.Update] = []
        chain: Expr = e.value
        while isinstance(chain, x.Update):
            steps.insert(0, chain)
            chain = chain.base
        if chain == place_of(base, e.path):
            result = base
            for step in steps:
                result = x.Update(result, (*e.path, *step.path), step.value, e.type, e.loc)
            return result
    # The last change of a place is the one that counts.
    if isinstance(base, x.Update) and base.path == e.path:
        return x.Update(base.base, e.path, e.value, e.type, e.loc)
    return base if e.value == place_of(base, e.path) else e


def place_of(base: Expr, path: tuple[str | Expr, ...]) -> Expr:
    """Return what is at `path` in `base`."""
    for p in path:
        if isinstance(p, str):
            base = field_of(base, p)
        else:
            assert isinstance(base.type, MapT)
            base = simplify(x.Index(base, p, base.type.value, base.loc))
    return base


def knowing(e: Expr, known: Mapping[Expr, Expr]) -> Expr:
    """Return `e`, simplified with the known values of some expressions."""
    kinds = {type(k) for k in known}

    def replace(y: Expr) -> Expr:
        # Only a possible match is looked up: the look-up reads all of an expression.
        if type(y) in kinds and y in known:
            return known[y]
        return simplify(x.rebuild(y, replace))

    return replace(e) if known and not isinstance(e, x.Const) else e


def facts(cond: Expr, truth: bool) -> dict[Expr, Expr]:
    """Return what is known of expressions where `cond` is `truth`."""
    known: dict[Expr, Expr] = {}
    _facts(cond, truth, known)
    return known


def implied(cond: Expr, truth: bool) -> dict[Expr, Expr]:
    """Return these facts, and the values of expressions that they say equal a constant."""
    known = facts(cond, truth)
    for fact, value in list(known.items()):
        if isinstance(fact, x.Bin) and fact.op == "==" and value == TRUE:
            for a, b in ((fact.left, fact.right), (fact.right, fact.left)):
                # None has no parts, and nobody may look them up in it.
                if isinstance(b, x.Const) and b.value is not None and not isinstance(a, x.Const):
                    known[a] = b
    return known


def _facts(cond: Expr, truth: bool, known: dict[Expr, Expr]) -> None:
    if isinstance(cond, x.Const):
        return
    known[cond] = TRUE if truth else FALSE
    if isinstance(cond, x.Un) and cond.op == "not":
        _facts(cond.arg, not truth, known)
    elif isinstance(cond, x.Bin) and cond.op == ("and" if truth else "or"):
        _facts(cond.left, truth, known)
        _facts(cond.right, truth, known)
    elif isinstance(cond, x.Bin) and cond.op in ("==", "!="):
        other = "!=" if cond.op == "==" else "=="
        known[x.Bin(other, cond.left, cond.right, BOOL)] = FALSE if truth else TRUE


def _field(e: x.Field) -> Expr:
    return field_of(e.base, e.name)


def _let(e: x.Let) -> Expr:
    if e.var.name not in x.locals_in(e.body):
        return e.body
    if isinstance(e.value, x.Const | x.Constant | x.Local):
        return deep_simplify(x.substitute(e.body, {e.var.name: e.value}))
    return e


def _quant(e: x.Quant) -> Expr:
    return e.body if isinstance(e.body, x.Const) else e


_RULES: dict[type[Expr], Callable[[Any], Expr]] = {
    x.Un: _un,
    x.Bin: _bin,
    x.If: _if,
    x.Field: _field,
    x.Index: _index,
    x.Make: _make,
    x.Update: _update,
    x.Quant: _quant,
    x.Let: _let,
}
