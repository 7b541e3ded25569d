"""Everything that a spec's scenarios use, read and typed, each thing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvmtla.errors import Loc, SpecError
from kvmtla.front.declarations import Declarations
from kvmtla.front.functions import read_function
from kvmtla.front.messages import functions as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.sizes import Sizes
from kvmtla.front.source import definition, location, lost_definition
from kvmtla.ir.property import PROPERTIES
from kvmtla.ir.stmt import Function
from kvmtla.lang.decorators import mark_of


class ProgramReader(Declarations):
    """A reader of functions as they are asked for, with all that they call."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = Sizes(self.program, self.mistakes)
        self.wrong: set[str] = set()
        """The keys of the functions in which something is wrong, if not only in those they call."""
        self._keys: dict[Callable[..., Any], str] = {}
        self._new: list[Callable[..., Any]] = []
        self._reading: list[Callable[..., Any]] = []
        self._refused: set[Callable[..., Any]] = set()

    def function(self, function: Callable[..., Any], used: Loc) -> Function:
        """Return a function of the spec, read with all that it calls; `used` is where it was named.

        Mistakes in it are noted. Raises SpecError where it is none, and for recursion.
        """
        mark = mark_of(function)
        if mark is None:
            raise says.not_of_the_spec(getattr(function, "__name__", repr(function))).at(used)
        key = self._keys.get(function)
        if key is not None:
            return self.program.functions[key]
        if function in self._refused:
            raise AlreadySaidError
        if function in self._reading:
            chain = [f.__name__ for f in self._reading[self._reading.index(function) :]]
            raise says.recursion(chain).at(used)
        key = self._key(function, used)
        kind = "pure" if mark.kind in PROPERTIES else mark.kind
        self._reading.append(function)
        try:
            with self.mistakes.apart():
                before = self.mistakes.spoilt
                made = read_function(self, function, kind, key)
                if self.mistakes.spoilt > before:
                    self.wrong.add(key)
        finally:
            self._reading.pop()
        self._keys[function] = key
        self._new.append(function)
        self.program.functions[key] = made
        return made

    def settle(self) -> None:
        """Raise SpecError for all mistakes since it was last asked, and forget what has been read.

        Where there are none, what has been read since then is right.
        """
        new, self._new = self._new, []
        try:
            self.mistakes.settle()
        except SpecError:
            for one in new:
                del self.program.functions[self._keys.pop(one)]
            self._refused.clear()
            self.wrong.clear()
            self.sizes = Sizes(self.program, self.mistakes)
            raise

    def _key(self, function: Callable[..., Any], used: Loc) -> str:
        """Return the name under which the program keeps a function; raise SpecError for no name."""
        key = function.__name__
        if key in self.program.functions:
            key = f"{function.__module__.rsplit('.', 1)[-1]}_{key}"
        if key in self.program.functions:
            self._refused.add(function)
            raise says.two_functions(key, self.program.functions[key].loc).at(used)
        file, node = definition(function)
        if (lost := lost_definition(file, node)) is not None:
            later, first = sorted((node, lost), key=lambda n: -n.lineno)
            self._refused.add(function)
            raise says.two_functions_here(node.name, first.lineno).at(location(file, later))
        return key
