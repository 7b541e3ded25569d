"""The shared state, as the functions of a specification see it.

A state is a tuple of values, in the order of the fields. A function gets an `m` that depends on
what it may do: look at one state, change one as a whole, or name places of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kvmtla.oracle.context import NotInLanguageError, Spans, context
from kvmtla.oracle.types import Missing, Type, field_of, fields_of
from kvmtla.oracle.values import Map, Path, Struct, read

State = tuple[Any, ...]


class Shared:
    """The base class of the shared state of a specification; its fields are annotations."""


class Machine:
    """The fields of a class of shared state."""

    def __init__(self, cls: type[Any]) -> None:
        self.fields = fields_of(cls)
        self.index = {n: i for i, n in enumerate(self.fields)}
        self._bounded = [(n, self.index[n], t) for n, t in self.fields.items() if t.bounded]

    def first(self) -> State:
        """Return a state in which every field has the first value of its type."""
        return tuple(t.first() for t in self.fields.values())

    def at(self, state: State, path: Path) -> Any:
        """Return the value in a place."""
        value = state[self.index[path[0]]]
        for key in path[1:]:
            value = value._content[key if isinstance(key, int) else key._number]
        return value

    def with_value(self, state: State, path: Path, value: Any) -> State:
        """Return the state with another value in a place."""
        i = self.index[path[0]]
        changed = _changed(state[i], self.fields[path[0]], path[1:], value)
        return (*state[:i], changed, *state[i + 1 :])

    def fit(self, path: Path, value: Any) -> Any:
        """Return a value as it is kept in a place."""
        t = self.fields[path[0]]
        for key in path[1:]:
            t = field_of(t, key)
        return t.fit(value)

    def wrong(self, state: State) -> str | None:
        """Return the first field with an integer out of its bounds, None if there is none."""
        return next((n for n, i, t in self._bounded if not t.has(state[i])), None)

    def missing(self, state: State) -> str | None:
        """Return the first field that has no value yet, None where all have one."""
        for name, value in zip(self.fields, state, strict=True):
            if any(v is Missing for v in _leaves(value)):
                return name
        return None


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Map | Struct):
        for v in value._content:
            yield from _leaves(v)
    else:
        yield value


def _changed(value: Any, t: Type, path: Path, new: Any) -> Any:
    if not path:
        return t.fit(new)
    key = path[0]
    i = key if isinstance(key, int) else key._number
    content = value._content
    part = _changed(content[i], field_of(t, key), path[1:], new)
    made = value._alone()
    made._content = (*content[:i], part, *content[i + 1 :])
    return made


class Seen:
    """A shared state that is given to a function."""

    _machine: Machine
    _state: State

    def __init__(self, machine: Machine, state: State) -> None:
        object.__setattr__(self, "_machine", machine)
        object.__setattr__(self, "_state", state)

    def __getattr__(self, name: str) -> Any:
        i = self._machine.index.get(name)
        if i is None:
            raise NotInLanguageError(f"the shared state has no field {name!r}")
        return read(self, (name,), self._state[i])

    def __setattr__(self, name: str, value: Any) -> None:
        self._assign(name, value)

    def _assign(self, name: str, value: Any) -> None:
        self._store((name,), value)

    def _touch(self, path: Path, value: Any) -> None:
        """Ignore that a value which cannot know its own place was read there."""

    def _store(self, path: Path, value: Any) -> None:
        """Raise NotInLanguageError, since nothing can be assigned to a place here."""
        raise NotInLanguageError(f"{path} is assigned to where nothing can be")


class View(Seen):
    """One state to look at, with the spans that somebody is in."""

    _spans: Spans

    def __init__(self, machine: Machine, state: State, spans: Spans) -> None:
        super().__init__(machine, state)
        object.__setattr__(self, "_spans", spans)


class Draft(View):
    """A state that is changed by code which is one step as a whole."""

    def _store(self, path: Path, value: Any) -> None:
        """Assign to a place."""
        object.__setattr__(self, "_state", self._machine.with_value(self._state, path, value))


class Places(View):
    """The shared state in an operation: its places, and their current values for `wait_until`."""

    def _touch(self, path: Path, value: Any) -> None:
        """Record where a value was read: a primitive is given the value, and wants the place."""
        if context.run is not None:
            context.run.touched.append((path, value))


def state_of(view: View) -> State:
    """Return the state of a view; for a draft, the state as changed so far."""
    return view._state


def spans_of(view: View) -> Spans:
    """Return the spans that somebody is in, in the state of a view."""
    return view._spans


def place_of(value: Any) -> Path:
    """Return the place that a primitive was given."""
    root = getattr(value, "_root", None)
    if root is not None:
        path: Path = value._path
        return path
    assert context.run is not None
    path, seen = context.run.touched.pop()
    if seen is not value:
        raise NotInLanguageError("a primitive wants a place in the shared state")
    return path
