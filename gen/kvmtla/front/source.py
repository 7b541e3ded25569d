"""Finding a Python function's syntax tree, with places that are right in the file."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from kvmtla.errors import Loc
from kvmtla.front.messages import functions as says
from kvmtla.front.messages.statements import not_in_language

# Sources without a file: name -> tree.
_given: dict[str, ast.Module] = {}


def give_source(name: str, text: str, tree: ast.Module) -> None:
    """Let `text` be found under `name`, as if it were a file; `tree` is its syntax tree."""
    _given[name] = tree
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    forget()


def forget() -> None:
    """Forget the syntax trees of files, which may have changed."""
    _tree.cache_clear()
    _definitions.cache_clear()


@lru_cache(maxsize=256)
def _tree(file: str) -> ast.Module:
    if file in _given:
        return _given[file]
    text = "".join(linecache.getlines(file)) or Path(file).read_text(encoding="utf-8")
    return ast.parse(text, file)


@lru_cache(maxsize=256)
def _definitions(file: str) -> dict[int, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return first line (decorators included) -> definition, for all functions of a file."""
    found = {}
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            found[first] = node
    return found


def class_definition(cls: type) -> tuple[str, ast.ClassDef] | None:
    """Return the file of a class and its syntax tree; None where there is no source."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    try:
        body: list[ast.stmt] = _tree(file).body if file is not None else []
    except (OSError, UnicodeDecodeError):
        return None
    node = None
    for name in cls.__qualname__.split("."):
        found = [n for n in body if isinstance(n, ast.ClassDef) and n.name == name]
        if not found:
            return None
        node = found[-1]
        body = node.body
    return (file, node) if file is not None and node is not None else None


def definition(function: Callable[..., Any]) -> tuple[str, ast.FunctionDef]:
    """Return the file of a function and its syntax tree.

    Raises SpecError where there is no source, as for a lambda or a function made at run time.
    """
    code = inspect.unwrap(function).__code__
    file = code.co_filename
    try:
        node = _definitions(file).get(code.co_firstlineno)
    except (OSError, UnicodeDecodeError):
        node = None
    if node is None:
        raise says.no_source(function.__qualname__).at(Loc(file, code.co_firstlineno))
    where = location(file, node)
    if isinstance(node, ast.AsyncFunctionDef):
        raise not_in_language("`async`", "write `def`").at(where)
    if "." in function.__qualname__ and "<locals>" not in function.__qualname__:
        raise says.method(node.name).at(where)
    if code.co_freevars:
        raise says.closure(node.name, code.co_freevars[0]).at(where)
    return file, node


def lost_definition(file: str, node: ast.FunctionDef) -> ast.FunctionDef | None:
    """Return the module's other function of this name, as only one can be meant; None if none."""
    for other in _tree(file).body:
        # By line: a tree that has been read again has other nodes.
        same = isinstance(other, ast.FunctionDef) and other.lineno == node.lineno
        if isinstance(other, ast.FunctionDef) and other.name == node.name and not same:
            return other
    return None


def location(file: str, node: ast.AST) -> Loc:
    """Return where a node stands in its file."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    end_line = getattr(node, "end_lineno", line) or line
    end_column = getattr(node, "end_col_offset", column) or column
    return Loc.of_bytes(file, line, column, end_line, end_column)


def doc_of(node: ast.FunctionDef) -> str:
    """Return the first paragraph of the docstring on one line; "" where there is none."""
    text = ast.get_docstring(node) or ""
    return " ".join(text.split("\n\n")[0].split())


class _Spelling(ast.NodeTransformer):
    """A transformer that spells Python as C, in names that `ast.unparse` leaves alone."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        sign = " && " if isinstance(node.op, ast.And) else " || "
        parts = [
            f"({ast.unparse(v)})" if isinstance(v, ast.Name) and " || " in v.id else ast.unparse(v)
            for v in node.values
        ]
        return ast.Name(sign.join(parts), ast.Load())

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if not isinstance(node.op, ast.Not):
            return self.generic_visit(node)
        closed = isinstance(node.operand, ast.Call | ast.Attribute | ast.IfExp)
        self.generic_visit(node)
        inner = ast.unparse(node.operand)
        simple = closed or inner.isidentifier()
        return ast.Name(f"!{inner}" if simple else f"!({inner})", ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        words = {True: "true", False: "false", None: "NULL"}
        known = isinstance(node.value, bool) or node.value is None
        return ast.Name(words[node.value], ast.Load()) if known else node  # type: ignore[index]

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        test, yes, no = map(ast.unparse, (node.test, node.body, node.orelse))
        return ast.Name(f"({test} ? {yes} : {no})", ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        # A member of an enum: C has no class in front of it.
        of_class = isinstance(node.value, ast.Name) and node.value.id[:1].isupper()
        return ast.Name(node.attr, ast.Load()) if of_class and node.attr.isupper() else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(
                ast.Name("Map"), [ast.DictComp(value=value, generators=[ast.comprehension(target)])]
            ):
                each = _in_c(value)
                text = "0" if each == "false" else f"{each} for each {ast.unparse(target)}"
                return ast.Name(text, ast.Load())
            case ast.Call(ast.Name("any" | "all" as name), [ast.GeneratorExp(elt=each)]):
                return ast.Name(f"{name}({_in_c(each)})", ast.Load())
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Compare(left, [ast.Is() | ast.IsNot() as op], [right]):
                sign = "==" if isinstance(op, ast.Is) else "!="
                return ast.Name(f"{ast.unparse(left)} {sign} {ast.unparse(right)}", ast.Load())
        return node


def in_c(node: ast.expr) -> str:
    """Return an expression as a kernel developer would write it: `!old.present || mask`."""
    # unparse and parse: the transformer must not change the tree that is being read.
    return _in_c(ast.parse(ast.unparse(node), mode="eval").body)


def _in_c(node: ast.expr) -> str:
    # A choice that stands alone needs no parentheses.
    is_choice = isinstance(node, ast.IfExp)
    text = ast.unparse(_Spelling().visit(node))
    return text[1:-1] if is_choice else text
