"""The changes that each operation of a spec can make to a word, from the operation's own code.

Every operation is run with each value that the word may have, and with each answer to whatever else
it reads; between two of its steps, others do to the word what they may without the locks that it
holds. What others may do are these very changes: so they are found by going round until there is
nothing new.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import process_time

from kvmtla.ftrace.paths import Ones, Runner, Write, all_values
from kvmtla.ir import stmt as s
from kvmtla.ir.types import MapT, Type, Value, without_none
from kvmtla.lower.reached import Held
from kvmtla.lower.specialise import Specialiser

Step = tuple[Value, Value]
"""What a word was as the operation has it, and what it is then."""


@dataclass
class Makes:
    """The changes that one function makes, by kind of place.

    With each comes on which ways the page is marked: before the change, after it.
    """

    function: s.Function
    steps: dict[str, dict[Step, set[tuple[bool, bool]]]] = field(default_factory=dict)
    held: set[Held] = field(default_factory=set)
    """The locks under which it changes something."""


class World:
    """The changes that functions of a spec can make, for given values of the constants."""

    def __init__(
        self,
        special: Specialiser,
        fields: Mapping[str, Type],
        followed: Mapping[str, str],
        *,
        functions: Iterable[tuple[s.Function, Iterable[Held]]],
        hardware: Iterable[s.Function],
        first: Mapping[str, Iterable[Value]],
        other: Mapping[str, Iterable[Step]],
        mark: str | None = None,
        mark_call: str | None = None,
        pinned: Mapping[str, Value] | None = None,
    ) -> None:
        """Set it up. `followed` are the fields that hold words, each with its kind of place.

        `functions` come with the locks that their callers hold. `first` are the values that there
        are anyway, and `other` the changes that nobody in the spec makes, both by kind of place.
        `mark` is the field that is set where a page is marked, `mark_call` the function that is
        called for it, `pinned` what is known of other fields.
        """
        self._fields = fields
        self._followed = followed
        self._sizes = Ones()
        self._runner = Runner(special)
        self._mark = mark
        self._mark_call = mark_call
        self._pinned = pinned or {}
        self._functions = [(fn, list(held) or [()]) for fn, held in functions]
        self.makes = {fn.key: Makes(fn) for fn, _ in self._functions}
        self.hardware = {fn.key: Makes(fn) for fn in hardware}
        self.known: dict[str, dict[Value, None]] = {}
        for kind in followed.values():
            values = [*first.get(kind, ()), *(v for step in other.get(kind, ()) for v in step)]
            self.known.setdefault(kind, {}).update(dict.fromkeys(values))
        self._other = {kind: list(steps) for kind, steps in other.items()}
        self._after: dict[tuple[str, Value, bool], list[Value]] = {}
        self._looked: set[str] = set()
        """The kinds of which the function that runs has looked at values."""
        self._one: dict[tuple[str, Value, bool], Value] = {}
        self._settle()

    def _settle(self) -> None:
        """Run each function until nothing that it could see has changed; the quick ones first."""
        runs: list[tuple[s.Function, Makes, Held]] = [
            (m.function, m, ()) for m in self.hardware.values()
        ]
        for fn, helds in self._functions:
            runs += [(fn, self.makes[fn.key], held) for held in helds]
        cost = [0.0] * len(runs)
        # What each has looked at, and how much of it there was then.
        seen: list[dict[str, tuple[int, ...]] | None] = [None] * len(runs)
        while True:
            self._leads = self._by_lock()
            sizes = {kind: self._size(kind) for kind in self.known}
            todo = [
                i
                for i, old in enumerate(seen)
                if old is None or any(sizes[k] != old[k] for k in old)
            ]
            if not todo:
                return
            i = min(todo, key=cost.__getitem__)
            self._after.clear()
            self._one.clear()
            self._looked.clear()
            cost[i] = -process_time()
            self._run(*runs[i])
            cost[i] += process_time()
            seen[i] = {kind: sizes[kind] for kind in self._looked}

    def _size(self, kind: str) -> tuple[int, ...]:
        steps = (sum(map(len, self._leads[kind, locked].values())) for locked in (False, True))
        return (len(self.known[kind]), *steps)

    def _run(self, fn: s.Function, made: Makes, held: Held) -> None:
        given = itertools.product(*(self._values(p.type) for p in fn.params))
        for w in list(self._runner.writes(fn, given, held, self)):
            kind = self._followed[w.field]
            old, new = (w.old, w.new) if not self._is_map(w.field) else _only(w)
            self.known[kind].setdefault(new)
            if w.how == "store" and not w.first:
                # Made by a step that does something else: nobody has seen the place before.
                continue
            made.held.add(w.held)
            marks = made.steps.setdefault(kind, {}).setdefault((old, new), set())
            marks.add((w.marked_before, w.marked_after))

    def _values(self, t: Type) -> list[Value]:
        """Return what a parameter of a type may be: a word that is known, or anything."""
        for name, kind in self._followed.items():
            if _part(self._fields[name]) == t:
                self._looked.add(kind)
                return list(self.known[kind])
        return all_values(t, self._sizes)

    def _is_map(self, name: str) -> bool:
        return isinstance(self._fields[name], MapT)

    # -- what functions read

    def anything(self, field: str) -> Sequence[Value]:
        """Return what a field may be when it is read for the first time."""
        if field in self._pinned:
            values = [self._pinned[field]]
        elif field in self._followed:
            kind = self._followed[field]
            self._looked.add(kind)
            values = list(self.known[kind])
        else:
            return all_values(self._fields[field], self._sizes)
        return [(v,) for v in values] if self._is_map(field) else values

    def later(self, field: str, value: Value, held: Held) -> Sequence[Value] | None:
        """Return what a field may be that was `value` a step ago; None if it holds no words."""
        if field not in self._followed:
            return None
        locked = any(how == "write" for _, how in held)
        kind = self._followed[field]
        self._looked.add(kind)
        if not self._is_map(field):
            return self._reached(kind, value, locked)
        assert isinstance(value, tuple)
        return [(v,) for v in self._reached(kind, value[0], locked)]

    def settled(self, field: str, value: Value, held: Held) -> Value:
        """Return one for all values that others make of each other: the first that is known."""
        may = self.later(field, value, held)
        assert may is not None
        key = (field, value, any(how == "write" for _, how in held))
        if key not in self._one:
            of = [v for v in may if value in (self.later(field, v, held) or ())]
            self._one[key] = min(of, key=repr)
        return self._one[key]

    @property
    def has_marks(self) -> bool:
        """Are there marks at all?"""
        return self._mark is not None or self._mark_call is not None

    def is_mark(self, function: str) -> bool:
        """Is calling this function a mark?"""
        return function == self._mark_call

    def marks(self, field: str, value: Value) -> bool:
        """Is writing this value to the field a mark?"""
        return field == self._mark and value is True

    def _reached(self, kind: str, value: Value, locked: bool) -> list[Value]:
        key = (kind, value, locked)
        if key not in self._after:
            self._after[key] = _closure(value, self._leads[kind, locked])
        return self._after[key]

    def _by_lock(self) -> dict[tuple[str, bool], dict[Value, set[Value]]]:
        """Return what others do to a word, where they may have the lock, and where they may not."""
        found: dict[tuple[str, bool], dict[Value, set[Value]]] = {
            (kind, locked): {} for kind in self.known for locked in (False, True)
        }
        for made in (*self.makes.values(), *self.hardware.values()):
            without = () in made.held
            for kind, steps in made.steps.items():
                for old, new in steps:
                    for locked in (False, True) if without else (False,):
                        found[kind, locked].setdefault(old, set()).add(new)
        for kind, others in self._other.items():
            for old, new in others:
                found[kind, False].setdefault(old, set()).add(new)
        return found

    def grown(self, kind: str, value: Value) -> list[Value]:
        """Return what the hardware alone may make of a word."""
        leads: dict[Value, set[Value]] = {}
        for made in self.hardware.values():
            for old, new in made.steps.get(kind, ()):
                leads.setdefault(old, set()).add(new)
        return _closure(value, leads)


def _closure(value: Value, leads: Mapping[Value, Iterable[Value]]) -> list[Value]:
    found, todo = {value: None}, [value]
    while todo:
        for new in leads.get(todo.pop(), ()):
            if new not in found:
                found[new] = None
                todo.append(new)
    return list(found)


def _part(t: Type) -> Type:
    """Return the type of one of the words of a field."""
    return without_none(t.value if isinstance(t, MapT) else t)


def _only(w: Write) -> Step:
    assert isinstance(w.old, tuple)
    assert isinstance(w.new, tuple)
    return w.old[0], w.new[0]
