"""A generated module with its configurations."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from kvmtla.ir.model import Model
from kvmtla.patience import TooLongError, within
from kvmtla.tlc import without_comments

_T = TypeVar("_T")
_HEAD = re.compile(r"-{4,} MODULE \w+ -{4,}")


class Content(Protocol):
    """A model, the text of its module, and the text of a configuration for each property."""

    @property
    def model(self) -> Model:
        """The model that the module expresses."""

    @property
    def text(self) -> str:
        """The text of the module."""

    @property
    def cfgs(self) -> Mapping[str, str]:
        """Property -> text of the configuration that checks it."""


@dataclass(frozen=True)
class Compiled:
    """Content that is complete from the start."""

    model: Model
    text: str
    cfgs: Mapping[str, str]


class Module:
    """A generated module with its configurations, compiled when they are first asked for.

    `folder` and the file names are relative to the folder of all generated files. Asking raises
    SpecError where the scenario cannot be lowered. `made_of` gives the hash of all that the module
    is made of, except places in the spec; without it, its name and texts are hashed. `key` tells it
    from all others of the same spec. The name is for people and for files: nothing is looked up by
    it.
    """

    def __init__(
        self,
        name: str,
        folder: str,
        compile_: Callable[[], Content],
        made_of: Callable[[], str] | None = None,
        key: str | None = None,
    ) -> None:
        self.name = name
        self.key = key or name
        self.folder = folder
        self._compile = compile_
        self._made_of = made_of
        self._lock = threading.Lock()
        self._seconds: float | None = None
        self._spent = 0.0
        self._failed: TooLongError | None = None

    def give(self, seconds: float | None) -> None:
        """Let it be compiled and written in so many seconds, or else not at all.

        None is as long as it takes. After that time, asking for its content raises TooLongError,
        and does so at once where it has taken too long before.
        """
        more = seconds is None or (self._seconds is not None and seconds > self._seconds)
        if more:
            self._failed, self._spent = None, 0.0
        self._seconds = seconds

    def _in_time(self, make: Callable[[], _T]) -> _T:
        if self._failed is not None:
            raise self._failed.again()
        started = time.monotonic()
        try:
            with within(self._seconds, spent=self._spent):
                return make()
        except TooLongError as error:
            self._failed = error
            raise
        finally:
            self._spent += time.monotonic() - started

    @cached_property
    def _compiled(self) -> Content:
        with self._lock:
            return self._in_time(self._compile)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that is the same for modules made of the same, wherever in the spec it stands."""
        if self._made_of is not None:
            return self._made_of()
        parts = [self.name, self.text, dict(self.cfgs)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def model(self) -> Model:
        """The model that the module expresses."""
        return self._compiled.model

    @property
    def text(self) -> str:
        """The text of the module."""
        made = self._compiled
        return self._in_time(lambda: made.text)

    @property
    def cfgs(self) -> Mapping[str, str]:
        """Property -> text of the configuration that checks it."""
        made = self._compiled
        return self._in_time(lambda: made.cfgs)

    @property
    def file(self) -> str:
        """The name of the module's file."""
        return f"{self.name}.tla"

    def cfg_file(self, prop: str) -> str:
        """Return the name of the configuration that checks a property."""
        return f"{self.name}.{prop}.cfg"

    def digest(self, prop: str) -> str:
        """Return the hash of what TLC is given to check a property.

        Modules that differ only in their names and comments have the same hash.
        """
        parts = [prop, self._code, without_comments(self.cfgs[prop])]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def _code(self) -> str:
        """The text of the module, without its name and comments."""
        head, _, rest = without_comments(self.text).partition("\n")
        return rest if _HEAD.fullmatch(head) else f"{head}\n{rest}"
