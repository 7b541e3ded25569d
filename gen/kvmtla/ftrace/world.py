"""What the model says about one kernel: which operation makes which change of an entry."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from kvmtla.cache import cache_folder, recall, remember
from kvmtla.errors import CommandError
from kvmtla.front.scenario import Spec
from kvmtla.ftrace.changes import Step, World
from kvmtla.ftrace.text import Event
from kvmtla.ftrace.words import LEAF, Seen, Words
from kvmtla.ir import stmt as s
from kvmtla.ir.types import MapT, RecordT, Type, Value, default, without_none
from kvmtla.lang.recorded import Layout, LeftOut, Recorded
from kvmtla.lower.accesses import touches
from kvmtla.lower.reached import Held
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.memo import digest_of

_FORMAT = 2

Release = tuple[int, ...]
Steps = dict[str, dict[str, dict[Step, list[tuple[bool, bool]]]]]
"""For each function, and each sort of entry, its changes and how the page is marked with each."""


@dataclass(frozen=True)
class Changed:
    """A change that an event tells of; `level` is None where it does not say."""

    number: int
    event: Event
    space: int
    level: int | None
    page: int
    old: int
    new: int | None
    bracket: str | None
    """The event with which the kernel function began that the task is in; None if unknown."""


@dataclass(frozen=True)
class Who:
    """Who makes a change; or `problem`, what the model says of it, and why, and who is nearest."""

    name: str
    left: LeftOut | None = None
    problem: str | None = None
    why: str = ""
    nearest: str = ""
    marks: bool = False
    """Does it mark the page, if the log is on?"""
    always: bool = False
    """Does it call what marks the page, whether or not the log is on?"""


def release_of(text: str) -> Release | None:
    """Return a release as numbers; None if it is none."""
    parts = text.split(".")
    return tuple(map(int, parts[:2])) if all(p.isdecimal() for p in parts[:2]) else None


class Known:
    """The changes that the operations of a spec can make in one world."""

    def __init__(
        self,
        spec: Spec,
        root: Path,
        recorded: Recorded,
        layout: Layout,
        constants: Mapping[str, Enum],
    ) -> None:
        """Set it up; `root` is the folder that the spec stands in."""
        self.recorded = recorded
        self.layout = layout
        self.constants = constants
        self._spec = spec
        self._functions = spec.reader.program.functions
        self._keys = {
            fn: spec.reader.function(fn, spec.project.loc).key
            for fn in (*recorded.operations, *recorded.hardware, *recorded.marking)
        }
        word = type(recorded.removed)
        self.words = Words(layout, recorded.levels, word)
        machine = next(iter(spec.scenarios.values())).machine
        self._fields = machine.fields
        self._labels = [f.label for f in self._word_type().fields]
        made = self._steps(root)
        self._makes = made["operations"]
        self._who: dict[str, dict[Step, list[str]]] = {
            kind: {} for kind in recorded.fields.values()
        }
        for key, kinds in self._makes.items():
            for kind, steps in kinds.items():
                for step in steps:
                    self._who[kind].setdefault(step, []).append(key)
        self.values: dict[str, set[Value]] = {
            kind: {v for step in steps for v in step} for kind, steps in self._who.items()
        }
        self._leads: dict[str, dict[Value, set[Value]]] = {k: {} for k in self._who}
        for kinds in made["hardware"].values():
            for kind, steps in kinds.items():
                for old, new in steps:
                    self._leads[kind].setdefault(old, set()).add(new)
                    self.values[kind] |= {old, new}
        self._grown: dict[tuple[str, Value], set[Value]] = {}
        self._fresh = {self._keys[fn] for fn in recorded.fresh}
        self._fixing = {self._keys[fn] for fn in recorded.fixing}
        self._brackets = {
            b.begin: {self._keys[fn] for fn in b.operations} for b in recorded.brackets
        }
        self._marked = _on_all_ways(made["marks"])
        self._always = _on_all_ways(made["always"])
        self._asked: dict[tuple[str | None, Seen, Seen, int], Who] = {}

    # -- what the operations do

    def _steps(self, root: Path) -> dict[str, Steps]:
        digest = digest_of(self._spec, root, Reductions())
        names = {n: v.name for n, v in self.constants.items()}
        question = json.dumps([_FORMAT, digest, self.layout.name, sorted(names.items())])
        entry = cache_folder() / "changes" / f"{self.layout.format}-{'-'.join(names.values())}.json"
        if digest is not None and (kept := recall(entry, question)) is not None:
            return _decoded(json.loads(kept.text))
        found = self._found(names)
        if digest is not None:
            remember(entry, question, json.dumps(_encoded(found)))
        return found

    def _found(self, names: Mapping[str, str]) -> dict[str, Steps]:
        special = Specialiser(self._spec.reader.program, names)
        rec = self.recorded
        locks = self._locks(special)
        functions = [self._functions[self._keys[fn]] for fn in rec.operations]
        there = [fn for fn in dict.fromkeys(functions, None) if self._exists(fn)]
        first: dict[str, list[Value]] = {}
        for name, kind in rec.fields.items():
            t = self._fields[name]
            part = t.value if isinstance(t, MapT) else t
            first.setdefault(kind, []).append(default(without_none(part), {}))
        world = World(
            special,
            self._fields,
            rec.fields,
            functions=[(fn, locks.get(fn.key, [()])) for fn in there],
            hardware=[self._functions[self._keys[fn]] for fn in rec.hardware],
            first=first,
            other=self._left_out(first),
        )
        return {
            "operations": _plain({k: m.steps for k, m in world.makes.items()}),
            "hardware": _plain({k: m.steps for k, m in world.hardware.items()}),
            "marks": self._marks(special, locks, world, if_on=True),
            "always": self._marks(special, locks, world, if_on=False),
        }

    def _marks(
        self, special: Specialiser, locks: Mapping[str, list[Held]], world: World, *, if_on: bool
    ) -> Steps:
        """Return the changes of the operations that mark pages, where the log is on, or anyway."""
        rec = self.recorded
        functions = [self._functions[self._keys[fn]] for fn in rec.marking]
        called = self._spec.reader.function(rec.mark_function, self._spec.project.loc).key
        marks = World(
            special,
            self._fields,
            rec.fields,
            functions=[(fn, locks.get(fn.key, [()])) for fn in functions if self._exists(fn)],
            hardware=[self._functions[self._keys[fn]] for fn in rec.hardware],
            first=world.known,
            other={},
            mark=rec.mark_field if if_on else None,
            mark_call=None if if_on else called,
            pinned={n: v.name for n, v in rec.marked_if.items()} if if_on else {},
        )
        return _plain({k: m.steps for k, m in marks.makes.items()})

    def _locks(self, special: Specialiser) -> dict[str, list[Held]]:
        """Return the locks that the callers of each function may hold, of those that it changes."""
        found: dict[str, set[Held]] = {}
        for sc in self._spec.scenarios.values():
            for t in touches([o for a in sc.actors for o in a.operations], special):
                if t.field in self.recorded.fields:
                    key = next(
                        (
                            k
                            for k, f in self._functions.items()
                            if f.name == t.function
                            and f.kernel == t.kernel
                            and self._reads(f, t.field)
                        ),
                        None,
                    )
                    if key is not None:
                        found.setdefault(key, set()).add(t.locks)
        own = {
            k: any(isinstance(st, s.WithLock) for st in s.walk(f.body))
            for k, f in self._functions.items()
        }
        return {k: [()] if own[k] else sorted(h) for k, h in found.items()}

    @staticmethod
    def _reads(fn: s.Function, field: str) -> bool:
        return any(
            isinstance(st, s.Primitive) and s.root(st.place) == field for st in s.walk(fn.body)
        )

    def _exists(self, fn: s.Function) -> bool:
        for border, later in ((fn.since, True), (fn.until, False)):
            if border is not None:
                members = list(type(border))
                now = self.constants[self._spec.constant_of(border)]
                if (members.index(now) >= members.index(border)) != later:
                    return False
        return True

    def _left_out(self, first: Mapping[str, Sequence[Value]]) -> dict[str, list[Step]]:
        """Return the changes that the model leaves out and that make entries of another kind."""
        word = type(self.recorded.removed)
        bits = [n for n in self.layout.bits if n != "present"]
        none = self.words.read(self.words.none, 1)
        assert none is not None
        found: dict[str, list[Step]] = {}
        for level, kind in self.recorded.levels.items():
            if kind in found:
                continue
            found[kind] = []
            for chosen in itertools.product((False, True), repeat=len(bits)):
                new = word(present=True, **dict(zip(bits, chosen, strict=True)))
                if any(x.fresh and x.changes(level, none.word, new) for x in self.recorded.left):
                    value = new.values() if kind == LEAF else (new.values(), None)
                    found[kind].append((first[kind][0], value))
        return found

    def _word_type(self) -> RecordT:
        def words(t: Type) -> Iterator[RecordT]:
            if isinstance(t, MapT):
                yield from words(t.value)
            elif isinstance(t, RecordT):
                if t.word:
                    yield t
                for f in t.fields:
                    yield from words(f.type)

        return next(w for n in self.recorded.fields for w in words(self._fields[n]))

    def changes_of(self, kind: str) -> set[Step]:
        """Return all changes of a sort of entry, by operations and by the hardware."""
        hardware = {(a, b) for a, after in self._leads[kind].items() for b in after}
        return hardware | set(self._who[kind])

    # -- questions about values

    def may_grow(self, now: Seen, old: Seen, level: int) -> bool:
        """May the hardware have made the one of the other since?"""
        if now.raw == old.raw:
            return True
        if now.rest != old.rest or now.table != old.table or now.there != old.there:
            return False
        kind = self.recorded.levels[level]
        key = (kind, now.value)
        if key not in self._grown:
            found, todo = {now.value}, [now.value]
            while todo:
                for new in self._leads[kind].get(todo.pop(), set()) - found:
                    found.add(new)
                    todo.append(new)
            self._grown[key] = found
        return old.value in self._grown[key]

    def after(self, c: Changed, level: int) -> Seen | None:
        """Return what a change leaves; None if that is no value of an entry."""
        if c.new is not None:
            return self.words.read(c.new, level)
        old = self.words.read(c.old, level)
        return None if old is None else self.fixed(old, level)

    def fixed(self, old: Seen, level: int) -> Seen | None:
        """Return what an operation that needs no lock makes of an entry; None if nothing."""
        kind = self.recorded.levels[level]
        for (before, after), keys in self._who[kind].items():
            if before == old.value and not self._fixing.isdisjoint(keys):
                return self.words.with_word(old, after, level)
        return None

    def explain(self, bracket: str | None, old: Seen, new: Seen, level: int) -> Who:
        """Say who makes a change; `bracket` is the event of the function that the task is in."""
        key = (bracket, old, new, level)
        if key not in self._asked:
            self._asked[key] = self._explain(bracket, old, new, level)
        return self._asked[key]

    def _explain(self, bracket: str | None, old: Seen, new: Seen, level: int) -> Who:
        kind = self.recorded.levels[level]
        value = new.value
        if old.value == value and old.word == self.layout.device:
            value = self.layout.another.values()
        who = self._who[kind].get((old.value, value), [])
        allowed = (
            self._fixing if bracket == self.recorded.fixed[0] else self._brackets.get(bracket or "")
        )
        fit = [k for k in who if allowed is None or k in allowed]
        stays = not (old.there and new.there and old.rest != new.rest)
        if old.table is not None or new.table is not None:
            stays = True
        right = [k for k in fit if stays or k in self._fresh]
        if right:
            # Of several operations, one is the other with more around it.
            marks = any((k, old.value, value) in self._marked for k in right)
            always = any((k, old.value, value) in self._always for k in right)
            return Who(self.name(right[0]), marks=marks, always=always)
        for left in self.recorded.left:
            here = not left.brackets or bracket is None or bracket in left.brackets
            if here and left.changes(level, old.word, new.word) and (stays or left.fresh):
                return Who(left.function, left)
        return self._problem(bracket, allowed, who, fit, old, new, level, kind)

    def _problem(
        self,
        bracket: str | None,
        allowed: set[str] | None,
        who: Sequence[str],
        fit: Sequence[str],
        old: Seen,
        new: Seen,
        level: int,
        kind: str,
    ) -> Who:
        if fit:
            why = f"{self.name(fit[0])}() does not make an entry lead elsewhere"
            return Who("", problem="cannot be", why=why, nearest=self.name(fit[0]))
        if new.value not in self.values[kind]:
            why = f"no operation of the model leaves an entry as {self.shown(new)}"
            near = self._nearest(allowed, old, new, kind)
            return Who("", problem="cannot be", why=why, nearest=near)
        if allowed is None:
            why = "no operation of the model makes this change, and it is not listed as left out"
            return Who(
                "", problem="not modelled", why=why, nearest=self._nearest(None, old, new, kind)
            )
        inside = " or ".join(sorted({self.name(k) for k in allowed})) or "this function"
        why = f"{inside} cannot make this change"
        near = self.name(who[0]) if who else self._nearest(allowed, old, new, kind)
        return Who("", problem="cannot be" if allowed else "not modelled", why=why, nearest=near)

    def _nearest(self, allowed: Iterable[str] | None, old: Seen, new: Seen, kind: str) -> str:
        """Return the operation that makes the change that is most like it."""
        best = ("", 100)
        for (a, b), keys in self._who[kind].items():
            far = _apart(a, old.value) + _apart(b, new.value)
            here = [k for k in keys if allowed is None or not allowed or k in allowed]
            if here and far < best[1]:
                best = (f"{self.name(here[0])}: {self._said(a)} -> {self._said(b)}", far)
        return best[0]

    # -- names

    def name(self, key: str) -> str:
        """Return the kernel's name of an operation."""
        fn = self._functions[key]
        return fn.kernel.partition(":")[2] if fn.kernel else fn.name

    def kind(self, seen: Seen, level: int) -> str:
        """Return what sort of entry a value is, with its bits."""
        if seen.table is not None:
            return "table"
        return self.shown(seen)

    def shown(self, seen: Seen) -> str:
        """Return a value in words."""
        if seen.raw in self.layout.special:
            return "none" if seen.raw == self.words.none else "REMOVED"
        return f"table at {seen.table:#x}" if seen.table is not None else self._said(seen.value)

    def _said(self, value: Value) -> str:
        assert isinstance(value, tuple)
        table = isinstance(value[0], tuple) and value[1] is not None
        bits = value[0] if isinstance(value[0], tuple) else value
        if table:
            return "table"
        return " ".join(n for n, b in zip(self._labels, bits, strict=True) if b) or "none"


def _apart(a: Value, b: Value) -> int:
    """Return in how many bits two words differ."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return sum(_apart(p, q) for p, q in zip(a, b, strict=True))
    return int(a != b)


def _on_all_ways(makes: Steps) -> set[tuple[str, Value, Value]]:
    """Return the functions with those changes with which the page is marked on all ways."""
    return {
        (key, *step)
        for key, kinds in makes.items()
        for steps in kinds.values()
        for step, ways in steps.items()
        if all(before or after for before, after in ways)
    }


def _plain(makes: Mapping[str, Mapping[str, Mapping[Step, Iterable[tuple[bool, bool]]]]]) -> Steps:
    return {
        fn: {kind: {step: sorted(m) for step, m in steps.items()} for kind, steps in kinds.items()}
        for fn, kinds in makes.items()
    }


def _encoded(found: Mapping[str, Steps]) -> object:
    return {
        part: {
            fn: {kind: [[*step, m] for step, m in steps.items()] for kind, steps in kinds.items()}
            for fn, kinds in makes.items()
        }
        for part, makes in found.items()
    }


def _decoded(kept: dict[str, dict[str, dict[str, list[list[object]]]]]) -> dict[str, Steps]:
    def frozen(v: object) -> Value:
        return tuple(map(frozen, v)) if isinstance(v, list) else v

    return {
        part: {
            fn: {
                kind: {(frozen(a), frozen(b)): [tuple(x) for x in m] for a, b, m in steps}  # type: ignore[attr-defined]
                for kind, steps in kinds.items()
            }
            for fn, kinds in makes.items()
        }
        for part, makes in kept.items()
    }


def world_of(recorded: Recorded, text: str) -> tuple[Release, Enum]:
    """Return a release, and the value of the constant that stands for it.

    Raises CommandError for a release that nobody has compared with the model.
    """
    release = release_of(text)
    if release is None:
        raise CommandError("KT924", f"{text!r} is no release", hint="such as 6.1")
    oldest = recorded.releases[0][0]
    if not oldest <= release <= recorded.newest:
        shown = [".".join(map(str, r)) for r in (oldest, recorded.newest)]
        raise CommandError(
            "KT924",
            f"what traces of {text} mean is not known",
            hint=f"known are {shown[0]} to {shown[1]}",
        )
    return release, [value for since, value in recorded.releases if since <= release][-1]
