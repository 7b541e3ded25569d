"""What pieces of Python's syntax are called in messages, and what the language has instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

REFERENCE = "the reference lists the expressions that a spec can use"

_NAMES = {
    "Lambda": "a lambda",
    "ListComp": "a list",
    "List": "a list",
    "Dict": "a dict",
    "DictComp": "a dict",
    "Set": "a plain set",
    "SetComp": "a plain set",
    "Tuple": "a tuple",
    "JoinedStr": "a formatted string",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "NamedExpr": "the walrus operator",
    "GeneratorExp": "a generator outside all() and any()",
    "Slice": "a slice",
    "Starred": "*",
}
_INSTEAD = {
    "ListComp": "use a Set or a Map",
    "List": "use a Set or a Map",
    "Dict": "Map({g: value for g in Gfn})",
    "DictComp": "Map({g: value for g in Gfn})",
    "Set": "Set({a, b}), or Set({g for g in Gfn if ...})",
    "SetComp": "Set({a, b}), or Set({g for g in Gfn if ...})",
    "NamedExpr": "assign it on a line of its own",
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Invert: "~",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.MatMult: "@",
}
# The operators that the language has.
OPERATORS: dict[type[ast.operator], str] = {
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Sub: "-",
    ast.Add: "+",
}
OPERATORS_LIKE = "use & | + -"

_NO_EXCEPTIONS = "the kernel has no exceptions: return an error value"
_AT_TOP = "import at the top of the module"
# Names of the statements outside the language, and what to do instead.
_STATEMENTS: dict[str, tuple[str, str | None]] = {
    "Try": ("`try`", _NO_EXCEPTIONS),
    "TryStar": ("`try`", _NO_EXCEPTIONS),
    "Raise": ("`raise`", _NO_EXCEPTIONS),
    "Assert": ("`assert`", "write a property with @invariant; in a step, use require()"),
    "FunctionDef": ("a function inside a function", "write it as a function of the module"),
    "ClassDef": ("a class inside a function", "write it as a class of the module"),
    "Import": ("`import` inside a function", _AT_TOP),
    "ImportFrom": ("`import` inside a function", _AT_TOP),
    "Global": ("`global`", "what actors share is in the shared state"),
    "Delete": ("`del`", "leave it out: a local that is not read any more costs nothing"),
    "Match": ("`match`", "write if, elif and else"),
}


def describe(node: ast.AST) -> str:
    """Return what a syntax node is called in a message."""
    if type(node) in _SIGNS:
        return f"`{_SIGNS[type(node)]}`"
    kind = type(node).__name__
    return _NAMES.get(kind, f"`{kind.lower()}`")


def instead(node: ast.AST) -> str:
    """Return what to write in place of an expression outside the language."""
    return _INSTEAD.get(type(node).__name__, REFERENCE)


def describe_statement(node: ast.stmt) -> tuple[str, str | None]:
    """Return what a statement outside the language is called, and what to do instead."""
    kind = type(node).__name__
    return _STATEMENTS.get(kind, (f"`{kind.lower()}`", None))


def assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements set; those of comprehensions are their own."""
    for node in body:
        targets: list[ast.expr] = []
        match node:
            case ast.Assign():
                targets = node.targets
            case ast.AnnAssign() | ast.AugAssign() | ast.For():
                targets = [node.target]
        for t in targets:
            for one in t.elts if isinstance(t, ast.Tuple) else [t]:
                if isinstance(one, ast.Name):
                    yield one.id
        for inner in ("body", "orelse"):
            yield from assigned(getattr(node, inner, []))


def defined_in(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement outside the language gives a meaning to."""
    for one in ast.walk(node):
        match one:
            case ast.FunctionDef() | ast.ClassDef():
                yield one.name
            case ast.alias():
                yield (one.asname or one.name).split(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
            case ast.Try() | ast.Match() | ast.NamedExpr() | ast.With():
                names = (n for n in ast.walk(one) if isinstance(n, ast.Name))
                yield from (n.id for n in names if isinstance(n.ctx, ast.Store))


def field_of_state(target: ast.expr) -> ast.expr:
    """Return the field of the shared state that a path leads to or into."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        if isinstance(target.value, ast.Name):
            break
        target = target.value
    return target
