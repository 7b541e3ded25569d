"""Runs the source of a specification, with the stub in the place of `kvmtla`.

Modules that it imports and that are not installed are run anew as well, under the same names and
apart from whatever the process has imported.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.util
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from kvmtla.oracle.code import give_source
from kvmtla.oracle.stub import evidence, stub
from kvmtla.oracle.types import stands_in

_FACADE = "kvmtla"
_EVIDENCE = "kvmtla.evidence"
_INSTALLED = tuple(sysconfig.get_paths()[p] for p in ("stdlib", "platstdlib", "purelib", "platlib"))


class Loader:
    """A loader of the modules of one specification; `root` is the folder that it is in."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._modules: dict[str, ModuleType] = {
            _FACADE: stub(),
            _EVIDENCE: evidence(),
            "importlib": self._importlib(),
        }
        self._builtins = {**vars(builtins), "__import__": self._import}

    def load(self, name: str) -> ModuleType:
        """Run a module of the specification and return it; raise ImportError if there is none."""
        if name not in self._modules:
            found = self._find(name)
            if found is None:
                raise ImportError(f"no module {name}")
            self._run(name, found)
        return self._modules[name]

    def load_file(self, name: str, file: Path) -> ModuleType:
        """Run a file as a module of this name and return it."""
        spec = ModuleSpec(name, None, origin=str(file))
        self._run(name, spec)
        return self._modules[name]

    def _importlib(self) -> ModuleType:
        """Return an `importlib` by which a specification imports modules by name."""
        made = ModuleType("importlib")
        vars(made).update(vars(importlib))
        vars(made)["import_module"] = self._import_module
        return made

    def _import_module(self, name: str, package: str | None = None) -> ModuleType:
        return self._import(importlib.util.resolve_name(name, package), wanted=("*",))

    def _find(self, name: str) -> ModuleSpec | None:
        """Return the spec of a module that has to be run anew; None for all others."""
        package = name.rpartition(".")[0]
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        path = [self._root, *sys.path]
        if package:
            path = getattr(self._modules.get(package), "__path__", [])
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        own = Path(spec.origin).is_relative_to(self._root)
        return spec if own or not spec.origin.startswith(_INSTALLED) else None

    def _run(self, name: str, spec: ModuleSpec) -> None:
        assert spec.origin is not None
        module = ModuleType(name)
        names = vars(module)
        package = spec.submodule_search_locations
        names["__file__"] = spec.origin
        names["__builtins__"] = self._builtins
        names["__package__"] = name if package is not None else name.rpartition(".")[0]
        if package is not None:
            names["__path__"] = list(package)
        self._modules[name] = module
        tree = ast.parse(Path(spec.origin).read_bytes(), spec.origin)
        give_source(spec.origin, tree)
        exec(compile(tree, spec.origin, "exec", dont_inherit=True), names)
        for value in list(names.values()):
            if isinstance(value, type) and value.__module__ == name:
                stands_in(value, names)

    def _import(
        self,
        name: str,
        names: Mapping[str, Any] | None = None,
        local: Mapping[str, Any] | None = None,
        wanted: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """Return what an `import` of the specification gives."""
        if level:
            parts = str((names or {})["__package__"]).split(".")
            name = ".".join([*parts[: len(parts) + 1 - level], *([name] if name else [])])
        if name.startswith(f"{_FACADE}."):
            # Of all others, the submodule that a name is in does not matter.
            return self._modules[_EVIDENCE if name == _EVIDENCE else _FACADE]
        top = name.split(".")[0]
        if name != top and top == "importlib":
            return __import__(name, names, local, wanted, 0)
        if top not in self._modules and self._find(top) is None:
            return __import__(name, names, local, wanted, 0)
        module = self._loaded(name)
        for item in wanted or ():
            if not hasattr(module, item) and hasattr(module, "__path__") and item != "*":
                self._loaded(f"{name}.{item}")
        return module if wanted else self._modules[top]

    def _loaded(self, name: str) -> ModuleType:
        """Load a module and all packages around it, each as an attribute of the next outer one."""
        parts = name.split(".")
        for i in range(1, len(parts) + 1):
            inner = ".".join(parts[:i])
            known = inner in self._modules
            module = self.load(inner)
            if i > 1 and not known:
                setattr(self._modules[".".join(parts[: i - 1])], parts[i - 1], module)
        return self._modules[name]
