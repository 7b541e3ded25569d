"""The source of a module of a spec, to which something is added; the rest stays as it is."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from kvmtla.errors import Loc, SpecError, ToolError
from kvmtla.files import write_file

_WIDTH = 100
_INDENT = "    "


class Source:
    """The text of a module, changed in memory until it is saved.

    Raises ToolError for a file that cannot be read, SpecError for one that is no longer Python.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.path = Path(str(module.__file__))
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise ToolError("KT807", f"cannot read {self.path}: {error}") from error
        self._set(text)

    def _set(self, text: str) -> None:
        self.text = text
        try:
            self.tree = ast.parse(text)
        except SyntaxError as error:
            loc = Loc(str(self.path), error.lineno or 1)
            raise SpecError("KT002", f"this is no Python: {error.msg}", loc=loc) from error

    def save(self) -> None:
        """Write the file, whole or not at all."""
        write_file(self.path, self.text)

    def append(self, lines: Iterable[str]) -> int:
        """Add a definition at the end; return the line that it begins in."""
        text = self.text.rstrip("\n") + "\n\n\n"
        self._set(text + "\n".join(lines) + "\n")
        return text.count("\n") + 1

    def has(self, name: str) -> bool:
        """Does the module define or import this name?"""
        return name in vars(self.module)

    def into_list(self, after: ast.AST | None, within: ast.List, element: str) -> int:
        """Add an element to a list, behind `after` or at the end; return its line."""
        last = after if after is not None else (within.elts[-1] if within.elts else None)
        lines = self.text.split("\n")
        if last is None or within.lineno == within.end_lineno:
            return self._into_line(within, element, lines)
        assert isinstance(last, ast.expr)
        assert last.end_lineno is not None
        assert last.end_col_offset is not None
        indent = " " * (len(lines[last.lineno - 1]) - len(lines[last.lineno - 1].lstrip()))
        at = last.end_lineno - 1
        line = lines[at].encode()
        rest = line[last.end_col_offset :].decode()
        if not rest.lstrip().startswith(","):
            lines[at] = line[: last.end_col_offset].decode() + "," + rest
        lines[at + 1 : at + 1] = [f"{indent}{part}" for part in f"{element},".split("\n")]
        self._set("\n".join(lines))
        return at + 2

    def _into_line(self, within: ast.List, element: str, lines: list[str]) -> int:
        """Add an element to a one-line list, kept so where there is room; return its line."""
        assert within.end_col_offset is not None
        assert within.end_lineno is not None
        at = within.end_lineno - 1
        line = lines[at].encode()
        close = within.end_col_offset - 1
        head, tail = line[:close].decode(), line[close:].decode()
        joined = f"{head.rstrip().rstrip(',')}{', ' if within.elts else ''}{element}{tail}"
        if "\n" not in element and len(joined) <= _WIDTH:
            lines[at] = joined
            self._set("\n".join(lines))
            return at + 1
        start = line[: within.col_offset + 1].decode()
        indent = " " * (len(lines[at]) - len(lines[at].lstrip()))
        old = [ast.get_source_segment(self.text, e) or "" for e in within.elts]
        inside = [f"{indent}{_INDENT}{p}" for e in [*old, element] for p in f"{e},".split("\n")]
        lines[at : at + 1] = [start, *inside, f"{indent}{tail}"]
        self._set("\n".join(lines))
        return at + 1 + len(inside) - element.count("\n")

    def need(self, names: Mapping[str, str]) -> None:
        """Import names that are not there yet, each from the module given for it."""
        wanted: dict[str, list[str]] = {}
        for name, module in names.items():
            if not self.has(name) and module != self.module.__name__:
                wanted.setdefault(module, []).append(name)
        for module, some in wanted.items():
            self._import(module, some)

    def _import(self, module: str, names: list[str]) -> None:
        lines = self.text.split("\n")
        imports = [n for n in self.tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        own = self.module.__package__ or ""
        for node in imports:
            if isinstance(node, ast.ImportFrom) and _absolute(node, own) == module:
                start = f"from {'.' * node.level}{node.module or ''} import "
                known = [ast.unparse(a) for a in node.names]
                assert node.end_lineno is not None
                lines[node.lineno - 1 : node.end_lineno] = _import_lines(start, [*known, *names])
                self._set("\n".join(lines))
                return
        last = imports[-1].end_lineno if imports else None
        at = last if last is not None else _after_docstring(self.tree)
        lines[at:at] = [*([] if imports else [""]), *_import_lines(f"from {module} import ", names)]
        self._set("\n".join(lines))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
    return ".".join(filter(None, [base, node.module]))


def _import_lines(start: str, names: list[str]) -> list[str]:
    ordered = sorted(set(names), key=_import_order)
    line = start + ", ".join(ordered)
    if len(line) <= _WIDTH:
        return [line]
    return [f"{start}(", *(f"{_INDENT}{n}," for n in ordered), ")"]


def _import_order(name: str) -> tuple[int, str]:
    """Return a key by which constants come first, then classes, as import sorters have it."""
    plain = name.split(" ", maxsplit=1)[0]
    return (0 if plain.isupper() else 1 if plain[:1].isupper() else 2), plain


def _after_docstring(tree: ast.Module) -> int:
    first = tree.body[0] if tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first.end_lineno or 0
    return 0


def module_of(thing: object) -> ModuleType:
    """Return the module in which a class or function is defined."""
    return sys.modules[str(getattr(thing, "__module__", ""))]


def file_module(file: str) -> ModuleType | None:
    """Return the imported module whose source is `file`."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == file:
            return module
    return None
