"""Finds and imports a spec: a Python package whose `project` says what is to be checked."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from kvmtla.errors import KvmtlaError, Loc, SpecError, ToolError, did_you_mean
from kvmtla.front.wording import instead_of_c, wrong_call
from kvmtla.lang.decorators import mark_of
from kvmtla.lang.scenario import Project
from kvmtla.sources import from_source

_OWN_FOLDER = Path(__file__).parent
_NO_SUCH_NAME = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


@dataclass(frozen=True)
class SpecPackage:
    """An imported spec; places in it are shown relative to `root`, the folder it stands in."""

    name: str
    root: Path
    project: Project

    @property
    def folder(self) -> Path:
        """The folder of the package; a spec that is a single file has none."""
        return self.root / self.name.rpartition(".")[2]

    def has(self, file: Path) -> bool:
        """Is this a file of the spec, and not of something that it imports?"""
        path, folder = file.resolve(), self.folder.resolve()
        return path.is_relative_to(folder) or path == folder.with_suffix(".py")


def load_package(spec: str) -> SpecPackage:
    """Import a spec and return it with its `project`.

    `spec` is the name of a package that can be imported, or the path of a package's folder or of a
    single file (with a separator in it, or `.py` at its end). Raises SpecError with its place for
    whatever goes wrong inside, and ToolError where there is no such package.
    """
    name, file = _located(spec)
    root = file.parent.parent if file.stem == "__init__" else file.parent
    with explained(name, root, file), from_source(name):
        module = importlib.import_module(name)
    own = getattr(module, "__file__", None)
    if own is None or Path(own).resolve() != file:
        raise SpecError(
            "KT008",
            f"{name} is {own or 'a part of Python'}, and not this file",
            loc=Loc(str(file), 1),
            hint="give it another name",
        )
    if file.stem == "__init__":
        _check_copy(name, file)
    project = getattr(module, "project", None)
    if not isinstance(project, Project):
        what = "has no `project`" if project is None else "has a `project` that is no Project"
        raise SpecError(
            "KT006",
            f"{name} {what}",
            loc=Loc(str(file), 1),
            hint="write project = Project(...) in it",
        )
    return SpecPackage(name, root, project)


def spec_file(spec: str) -> Path:
    """Return the file that a spec is, or begins with; `spec` is as for `load_package`.

    Nothing of it is run. Raises ToolError where there is no such spec.
    """
    return _located(spec)[1]


def _check_copy(name: str, file: Path) -> None:
    """Raise SpecError where a copied package imports its own parts from the original.

    Under another name than the original, a copy with absolute imports would silently be checked as
    the original is.
    """
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        elif isinstance(node, ast.Import):
            imported = [a.name for a in node.names]
        else:
            continue
        for other, part in (n.split(".")[:2] for n in imported if "." in n):
            found = getattr(sys.modules.get(f"{other}.{part}"), "__file__", None)
            own = (file.parent / f"{part}.py").exists() or (file.parent / part).is_dir()
            if found is None or not own or f"{name}.{part}" in sys.modules:
                continue
            if not Path(found).resolve().is_relative_to(file.parent):
                raise SpecError(
                    "KT008",
                    f"{other}.{part} is {found}, and not in this folder",
                    loc=Loc(str(file), node.lineno),
                    hint=f"call the folder {other!r}, or write `from . import {part}`",
                )


@contextmanager
def explained(name: str, root: Path, file: Path) -> Iterator[None]:
    """Turn whatever goes wrong in the import of the spec `name` into a SpecError with its place.

    `root` is the folder that the spec stands in, `file` the place to name where none is known.
    """
    try:
        yield
    except KvmtlaError:
        raise
    except SyntaxError as error:
        raise _syntax_error(error, name) from error
    except (Exception, SystemExit) as error:
        raise _import_error(error, root, file) from error


@contextmanager
def spec_functions(root: Path) -> Iterator[None]:
    """Turn what goes wrong inside a function that the spec gives into a SpecError with its place.

    `root` is the folder that the spec stands in. What goes wrong in the tool itself, although a
    function of the spec has called it, stays what it is.
    """
    try:
        yield
    except KvmtlaError:
        raise
    except Exception as error:
        loc = None
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename).is_relative_to(_OWN_FOLDER):
                loc = None
            elif Path(frame.filename).is_relative_to(root):
                loc = Loc(frame.filename, frame.lineno or 1)
        if loc is None:
            raise
        raise SpecError("KT004", f"{type(error).__name__}: {error}", loc=loc) from error


def _located(spec: str) -> tuple[str, Path]:
    """Return the module's name, made importable, and its file."""
    if os.sep in spec or spec.endswith(".py") or spec in (".", "..") or _is_here(spec):
        path = Path(spec).resolve()
        file = path / "__init__.py" if path.is_dir() else path
        if not file.is_file():
            raise ToolError(
                "KT001",
                f"there is no spec {file}",
                hint="name the folder of a package, or a file whose name ends with .py",
            )
        name = path.name if path.is_dir() else path.stem
        sys.path.insert(0, str(path.parent))
        return name, file
    try:
        # This imports the packages that it is in.
        with from_source(spec):
            found = importlib.util.find_spec(spec)
    except (ImportError, ValueError):
        found = None
    if found is None or found.origin is None:
        raise ToolError(
            "KT001",
            f"there is no spec package {spec!r}",
            hint="install it, or add its folder to PYTHONPATH",
        )
    return spec, Path(found.origin).resolve()


def _is_here(spec: str) -> bool:
    """Is it a package in the working directory, and not one that can be imported anyway?"""
    if not (Path(spec) / "__init__.py").is_file():
        return False
    try:
        return importlib.util.find_spec(spec) is None
    except (ImportError, ValueError):
        return True


def _syntax_error(error: SyntaxError, name: str) -> SpecError:
    if not error.filename:
        # Python does not give the place in a file that is no text at all.
        return SpecError(
            "KT002", f"a file of {name} is no Python: {error.msg}", hint="save it as text in UTF-8"
        )
    line, column = error.lineno or 1, max(0, (error.offset or 1) - 1)
    end_line = error.end_lineno or line
    end_column = max(0, (error.end_offset or 0) - 1)
    loc = Loc(error.filename, line, column, end_line, end_column)
    return SpecError("KT002", error.msg, loc=loc, hint=instead_of_c(loc.source_line()))


def _import_error(error: BaseException, root: Path, file: Path) -> SpecError:
    if (run := _run(error.__traceback__, root)) is not None:
        return run
    said = str(error)
    if isinstance(error, ValueError) and "null bytes" in said:
        # Up to Python 3.11.3; a SyntaxError since.
        return SpecError(
            "KT002", f"a file of {file.stem} is no Python: {said}", hint="save it as text in UTF-8"
        )
    loc = _innermost(error.__traceback__, root) or Loc(str(file), 1)
    what = type(error).__name__
    if isinstance(error, ModuleNotFoundError):
        return SpecError("KT003", said, loc=loc, hint="install it, or correct the name")
    if isinstance(error, ImportError) and (found := _NO_SUCH_NAME.match(said)):
        name, module = found.groups()
        names = _names(sys.modules.get(module))
        return SpecError(
            "KT003", f"{module} has no {name!r}", loc=loc, hint=did_you_mean(name, names)
        )
    if isinstance(error, ImportError) and "partially initialized" in said:
        return SpecError(
            "KT003",
            "two modules import each other",
            loc=loc,
            hint="put what both need into a module that imports neither",
        )
    if isinstance(error, TypeError) and (wrong := wrong_call(said)):
        return SpecError("KT007", wrong[0], loc=loc, hint=wrong[1])
    if isinstance(error, TypeError) and (name := said.partition("(")[0]).isidentifier():
        called = _in_reach(error.__traceback__).get(name)
        if mark_of(called) is not None:
            return SpecError(
                "KT005",
                f"{name}() is called as Python",
                loc=loc,
                hint=f"name it without calling it: {name}",
            )
    hint = None
    if isinstance(error, NameError) and error.name:
        known = [n for n in _in_reach(error.__traceback__) if n[0] != "_"]
        hint = did_you_mean(error.name, known)
    elif isinstance(error, AttributeError) and error.name:
        hint = did_you_mean(error.name, _names(error.obj))
    if isinstance(error, SystemExit):
        said, what = "the spec ends the program", "sys.exit()"
        hint = "remove it: a spec only declares"
    return SpecError("KT004", f"{what}: {said}" if said else what, loc=loc, hint=hint)


def _run(trace: TracebackType | None, root: Path) -> SpecError | None:
    """Return the error where a function that is to be compiled was run instead."""
    last: Loc | None = None
    while trace is not None:
        code, names = trace.tb_frame.f_code, trace.tb_frame.f_globals
        function = names.get(code.co_name)
        if mark_of(function) is not None and getattr(function, "__code__", None) is code:
            return SpecError(
                "KT005",
                f"{code.co_name}() is run as Python",
                loc=last,
                hint="a spec is compiled from its source, it is never run",
            )
        last = _innermost(trace, root, 1)
        trace = trace.tb_next
    return None


def _innermost(trace: TracebackType | None, root: Path, limit: int | None = None) -> Loc | None:
    """Return the last place in a file of the spec in a traceback, or in its first `limit`."""
    for frame in reversed(traceback.extract_tb(trace, limit)):
        path = Path(frame.filename)
        if path.is_relative_to(root) and not path.is_relative_to(_OWN_FOLDER):
            line = frame.lineno or 1
            raw = linecache.getline(frame.filename, line).encode()
            # Python counts these columns in bytes.
            start, end = (
                len(raw[: column or 0].decode(errors="ignore"))
                for column in (frame.colno, frame.end_colno)
            )
            return Loc(frame.filename, line, start, frame.end_lineno or line, end)
    return None


def _names(thing: object) -> Iterable[str]:
    return (n for n in dir(thing) if not n.startswith("_")) if thing is not None else ()


def _in_reach(trace: TracebackType | None) -> dict[str, object]:
    """Return what can be named where the innermost function of a traceback is."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return {**trace.tb_frame.f_globals, **trace.tb_frame.f_locals} if trace is not None else {}
