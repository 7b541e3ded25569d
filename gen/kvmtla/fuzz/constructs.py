"""Finds the constructs of the language that a specification contains.

A construct is a sort of syntax in a place of another, with names replaced by what they name. The
reference of the language is full of examples; the constructs in them should occur elsewhere, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import kvmtla

_FACADE = frozenset(kvmtla.__all__)
_BUILT_IN = frozenset({"all", "any", "bool", "tuple", "Enum", "Annotated", "ClassVar"})
_METHODS = frozenset({"but", "active", "of_nothing"})


def constructs(text: str) -> frozenset[str]:
    """Return the constructs that occur in the text of a specification."""
    tree = ast.parse(text)
    names = dict(_roles(tree))
    found = set[str]()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found |= _in(node, {**names, **dict(_states(node, names))}, "the module")
        else:
            found |= set(_declared(node, names))
    return frozenset(found)


def _declared(node: ast.AST, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what ordinary Python declares, however it is arranged."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and _kind(call, names) is not None:
            yield f"the module: {_kind(call, names)}"
            for k in call.keywords:
                yield f"{_kind(call, names)}: {_kind(k, names)}"


def _roles(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names of a module with what they name, by class or decorator of the package."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name, [ast.Name(base)]):
                yield name, f"a {base}"
            case ast.FunctionDef(name, decorator_list=[mark]):
                kind = mark.func if isinstance(mark, ast.Call) else mark
                if isinstance(kind, ast.Name):
                    yield name, f"@{kind.id}"
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name(made))):
                yield name, f"a {made}"


def _states(node: ast.stmt, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names that a function gives to the shared state."""
    if isinstance(node, ast.FunctionDef):
        for a in node.args.args:
            if isinstance(a.annotation, ast.Name) and names.get(a.annotation.id) == "a Shared":
                yield a.arg, "the state"


def _in(node: ast.AST, names: Mapping[str, str], where: str) -> set[str]:
    """Return the constructs in a node, which is in the place `where`."""
    kind = _kind(node, names)
    found = {f"{where}: {kind}"} if kind is not None else set()
    if isinstance(node, ast.ClassDef | ast.Constant | ast.Name):
        # Classes only declare; their parts are types.
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.AnnAssign):
                    found |= _in(part.annotation, names, f"{kind}'s field")
        return found
    for field, value in ast.iter_fields(node):
        inside = where if kind is None else f"{kind}.{field}"
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(
                child, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop
            ):
                found |= _in(child, names, inside)
    return found


def _kind(node: ast.AST, names: Mapping[str, str]) -> str | None:
    """Return the kind of a node; None for one that is nothing by itself."""
    match node:
        case ast.Name(name):
            return name if name in _FACADE | _BUILT_IN else names.get(name, "a name")
        case ast.Constant(value):
            return (
                "a text"
                if isinstance(value, str)
                else "a number"
                if _number(value)
                else repr(value)
            )
        case ast.Attribute(base, attr):
            if attr in _METHODS:
                return f".{attr}"
            of = _kind(base, names)
            if of == "the state":
                return "a field"
            return "a member" if of in ("a Enum", "a OrderedEnum") else "a part"
        case ast.Call(func):
            return f"{_kind(func, names)}()"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op):
            return f"{type(node).__name__} {type(op).__name__}"
        case ast.Compare(ops=ops):
            signs = " ".join(sorted({_sign(o) for o in ops}))
            return f"Compare {signs}{' in a chain' if len(ops) > 1 else ''}"
        case ast.FunctionDef(decorator_list=[mark]):
            made = mark.func if isinstance(mark, ast.Call) else mark
            return f"@{made.id}" if isinstance(made, ast.Name) else None
        case ast.ClassDef(bases=[ast.Name(base)]):
            return f"a {base}"
        case ast.keyword(arg=arg):
            return f"{arg}=" if arg in _KEYWORDS else "keyword"
        case ast.arguments() | ast.arg() | ast.withitem() | ast.Expr() | ast.Load():
            return None
        case ast.If(orelse=orelse):
            return f"If{' else' if orelse else ''}"
        case ast.With(items=items):
            return f"With{' several' if len(items) > 1 else ''}"
        case (
            ast.GeneratorExp(generators=g) | ast.SetComp(generators=g) | ast.DictComp(generators=g)
        ):
            several = " over several" if len(g) > 1 else ""
            return f"{type(node).__name__}{several}{' if' if any(c.ifs for c in g) else ''}"
    return type(node).__name__


_KEYWORDS = {"when", "text", "kernel", "source", "fair", "each", "times", "label", "default"}
_KEYWORDS |= {"hardware", "note", "word_format", "accepts"}


def _sign(op: ast.cmpop) -> str:
    same = {ast.LtE: ast.Lt, ast.Gt: ast.Lt, ast.GtE: ast.Lt, ast.NotEq: ast.Eq}
    return same.get(type(op), type(op)).__name__


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
