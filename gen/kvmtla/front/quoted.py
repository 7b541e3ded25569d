"""Properties that are not in a file, but quoted on the command line."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kvmtla.errors import Loc
from kvmtla.front.messages import functions as says
from kvmtla.front.source import give_source
from kvmtla.front.wording import instead_of_c
from kvmtla.lang.decorators import invariant

STATE = "m"
"""The name of the shared state in a quoted property."""


def quoted_invariant(
    text: str, *, name: str, origin: str, machine: type, names: Mapping[str, object]
) -> Callable[..., Any]:
    """Make an invariant of one expression about `m`, as if its author had written a function.

    `origin` is where the text comes from, which errors name in place of a file; `machine` is the
    class of the shared state, and `names` is what the expression may use. Raises SpecError where
    the text is no expression.
    """
    text = text.strip()
    try:
        expression = ast.parse(text or "()", origin, "eval").body
    except SyntaxError as error:
        give_source(origin, text, ast.Module([], []))
        column = max(0, (error.offset or 1) - 1)
        line = error.lineno or 1
        loc = Loc(origin, line, column, line, column + 1)
        hint = instead_of_c(loc.source_line())
        if hint is None and error.text is not None and error.text[column : column + 1] == "=":
            hint = "write == to compare"
        raise says.no_python(error.msg, hint).at(loc) from None
    if not text:
        raise says.says_nothing(origin).at(None)
    tree = ast.parse(f"def {name}({STATE}):\n    ''\n    return ()", origin)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    doc, result = function.body
    assert isinstance(doc, ast.Expr)
    assert isinstance(result, ast.Return)
    doc.value = ast.Constant(" ".join(text.split()))
    result.value = expression
    ast.fix_missing_locations(tree)
    give_source(origin, text, tree)
    space = dict(names)
    exec(compile(tree, origin, "exec"), space)
    made: Callable[..., Any] = space[name]  # type: ignore[assignment]
    made.__annotations__ = {STATE: machine, "return": bool}
    return invariant(made)


def names_of(package: str, machine: type) -> dict[str, object]:
    """Return the names that a spec's modules define; those of the module of `machine` win."""
    own, spec = sys.modules[machine.__module__], sys.modules.get(package)
    file = getattr(spec, "__file__", None)
    folder = Path(file).parent if file is not None and Path(file).stem == "__init__" else None
    found: dict[str, object] = {}
    for module in [*list(sys.modules.values()), own]:
        where = getattr(module, "__file__", None)
        inside = where is not None and folder is not None and Path(where).is_relative_to(folder)
        if inside or module in (own, spec):
            found |= {n: v for n, v in vars(module).items() if not n.startswith("__")}
    return found
