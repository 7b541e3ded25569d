"""Holds the events of a trace against what the operations of the model can do.

The order of the events in the file is that in which they were printed. A task prints after it has
written, so what two tasks did to one entry may stand there the other way round. So the changes of
an entry are put in order by their values, what one leaves being what the next one finds; of one
task, they stay in its order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kvmtla.ftrace.tables import Place, Table, Tables
from kvmtla.ftrace.text import Event, Format, Trace
from kvmtla.ftrace.truth import Told, told
from kvmtla.ftrace.words import Seen, Words
from kvmtla.ftrace.world import Changed, Known
from kvmtla.lang.recorded import Truth
from kvmtla.verdict import Verdict

# How far in the file one event may stand behind another that came after it.
_AHEAD = 64
# How many changes of others may have to come before one.
_DEEP = 3


@dataclass(frozen=True)
class Problem:
    """Something that the model does not allow, or does not have."""

    changed: Changed | None
    line: int
    what: str
    """One of "breaks", "cannot be", "not modelled"."""
    why: str
    nearest: str = ""
    before: tuple[Changed, ...] = ()
    """The last changes of the same entry."""


@dataclass
class Report:
    """What has come out for a trace."""

    file: str
    events: int = 0
    changes: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    """How many changes each operation explains."""
    classes: Counter[tuple[int | str, str, str, str]] = field(default_factory=Counter)
    """How many changes there are of each kind: level, old, new, and who explains it."""
    left: Counter[str] = field(default_factory=Counter)
    """How many are left out of the model, by the kernel's function."""
    problems: list[Problem] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    marks: int = 0
    marks_checked: int = 0
    moved: int = 0
    """How many changes were put before others that stand before them."""
    grown: int = 0
    """Between how many changes the hardware has changed the entry."""
    roots: int = 0
    compared: int = 0
    """How many entries were compared with memory."""
    told: Told | None = None
    unknown_events: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """The verdict: violated if something cannot be, unknown if something is missing."""
        lost = self.told is not None and self.told.lost
        if lost or any(p.what != "not modelled" for p in self.problems):
            return Verdict.VIOLATED
        return Verdict.UNKNOWN if self.flaws or self.problems else Verdict.HOLDS


class Check:
    """The check of one trace."""

    def __init__(self, trace: Trace, known: Known, truth: Truth | None = None) -> None:
        self._trace = trace
        self._known = known
        self._recorded = known.recorded
        self._words: Words = known.words
        self.report = Report(trace.file, len(trace.events), flaws=list(trace.flaws))
        self._changes: list[Changed] = []
        self._done: set[int] = set()
        self._of_task: dict[str, list[int]] = {}
        self._next_of_task: dict[str, int] = {}
        self._at_entry: dict[tuple[int | None, int, int], list[int]] = {}
        self._removing: dict[str, list[Table]] = {}
        self.tables = Tables(self._recorded.index_bits, 1)
        self._starts = False
        self._marked: dict[int, tuple[bool, bool]] = {}
        """Whether the page was marked in the fault of a change, and the log was on all the time."""
        self._gone = False
        self._last_line: dict[str, int] = {}
        self._truth = truth
        self._snapshot: int | None = None

    def run(self) -> Report:
        """Check the trace, and return what has come out."""
        self._collect()
        if not self._changes:
            if not self.report.flaws:
                name = self._recorded.changed[0]
                self.report.flaws.append(f"there is no event {name} in it")
            return self.report
        for c in self._changes:
            if self._snapshot is not None and c.event.line > self._snapshot:
                self._compare()
            if c.number not in self._done:
                self._take(c)
        self._end()
        if self._truth is not None:
            self.report.told = told(self._truth)
            self.report.flaws += [f"truth: {flaw}" for flaw in self._truth.flaws]
        return self.report

    # -- reading

    def _collect(self) -> None:
        rec = self._recorded
        change, fix = Format(rec.changed[1]), Format(rec.fixed[1])
        begins = {b.begin: b for b in rec.brackets}
        ends = {b.end: b for b in rec.brackets if b.end is not None}
        known = {*begins, *ends, *rec.ignored, *rec.note, *rec.gone, rec.mark[0]}
        mark = Format(rec.mark[1])
        log = rec.log_notes() if rec.log_notes is not None else lambda _: None
        on: range | None = None
        going: str | None = None
        inside: dict[str, list[str]] = {}
        since: dict[str, tuple[range | None, set[int]]] = {}
        for e in self._trace.events:
            around = inside.setdefault(e.task, [])
            self._last_line[e.task] = e.line
            if e.task == going and not around and e.name != rec.changed[0]:
                self._gone = True
            if e.name == rec.changed[0]:
                v = change.values(e.text)
                if v is None:
                    self._bad(e)
                    continue
                c = Changed(
                    len(self._changes),
                    e,
                    v["space"],
                    v["level"],
                    v["gfn"],
                    v["old"],
                    v["new"],
                    around[-1] if around else None,
                )
                self._note(c)
                self._note_mark(c, since.get(e.task), on)
            elif e.name == rec.fixed[0]:
                v = fix.values(e.text)
                if v is None:
                    self._bad(e)
                elif v["done"]:
                    page = v["address"] >> rec.page_shift
                    c = Changed(len(self._changes), e, 0, None, page, v["old"], None, e.name)
                    self._note(c)
                    self._note_mark(c, since.get(e.task), on)
            elif e.name in begins:
                if begins[e.name].end is None:
                    around[:] = [e.name]
                    since[e.task] = (on, set())
                else:
                    around.append(e.name)
            elif e.name in ends:
                begin = ends[e.name].begin
                if begin in around:
                    while around.pop() != begin:
                        pass
            elif e.name in rec.gone:
                going = e.task
            elif e.name == rec.mark[0]:
                self.report.marks += 1
                if (v := mark.values(e.text)) is None:
                    self._bad(e)
                elif e.task in since:
                    since[e.task][1].add(v["gfn"])
            elif e.name in rec.note:
                on = log(e.text)
                if rec.snapshot is not None and e.text.startswith(rec.snapshot):
                    self._snapshot = e.line
            elif e.name not in known:
                self.report.unknown_events[e.name] += 1
        levels = [c.level for c in self._changes if c.level is not None]
        for level in levels:
            if level not in rec.levels:
                self.report.flaws.append(f"an entry of level {level}: no such level is known")
                self._changes.clear()
                return
        self.tables = Tables(rec.index_bits, max(levels, default=1))
        first = next((c for c in self._changes if c.level is not None), None)
        self._starts = (
            first is not None and first.level == self.tables.top and first.old == self._words.none
        )
        if first is not None and not self._starts:
            self.report.flaws.append(
                f"line {first.event.line}: it begins in the middle, when there are tables already"
            )

    def _bad(self, e: Event) -> None:
        self.report.flaws.append(f"line {e.line}: {e.name} does not have the form that is known")

    def _note(self, c: Changed) -> None:
        self._changes.append(c)
        self._of_task.setdefault(c.event.task, []).append(c.number)
        for key in self._keys(c):
            self._at_entry.setdefault(key, []).append(c.number)

    def _note_mark(
        self, c: Changed, since: tuple[range | None, set[int]] | None, on: range | None
    ) -> None:
        """Note whether the page was marked in the fault, and the log has been on all the time."""
        if since is not None:
            logged = on is not None and since[0] is on and c.page in on
            self._marked[c.number] = (c.page in since[1], logged)

    def _keys(self, c: Changed) -> Iterator[tuple[int | None, int, int]]:
        bits = self._recorded.index_bits
        if c.level is not None:
            yield c.space, c.level, c.page
        else:
            for level in (1, 2):
                yield None, level, c.page >> bits * (level - 1) << bits * (level - 1)

    # -- linking

    def _take(self, c: Changed) -> None:
        if self._link(c, _DEEP):
            return
        self._broken(c)

    def _link(self, c: Changed, deep: int) -> bool:
        """Put a change where it belongs, with those before it that must come first."""
        if self._place(c):
            return True
        if deep == 0:
            return False
        return any(self._link_only(other, c, deep - 1) for other in self._may_come_first(c))

    def _link_only(self, other: Changed, c: Changed, deep: int) -> bool:
        """Put another change first, if then the change has a place."""
        # What the other changes is looked at before it is done: it is not to be undone.
        if not self._would_help(other, c):
            return False
        if not self._link(other, deep):
            return False
        self.report.moved += 1
        return self._place(c) or self._link(c, deep)

    def _would_help(self, other: Changed, c: Changed) -> bool:
        level = c.level if c.level is not None else other.level or 1
        want = self._words.read(c.old, level)
        if want is None:
            return False
        if other.level is not None and other.level > level:
            return True
        left = self._known.after(other, level)
        return left is not None and self._known.may_grow(left, want, level)

    def _may_come_first(self, c: Changed) -> Iterator[Changed]:
        """Yield the changes behind this one in the file that may have come before it."""
        keys: list[tuple[int | None, int, int]] = []
        bits = self._recorded.index_bits
        for level in range(c.level or 1, self.tables.top + 1):
            shift = bits * (level - 1)
            page = c.page >> shift << shift
            keys.append((c.space, level, page))
            if level <= 2:
                keys.append((None, level, page))
        for key in keys:
            for n in self._at_entry.get(key, ()):
                other = self._changes[n]
                if n <= c.number or n in self._done or other.event.task == c.event.task:
                    continue
                if n > c.number + _AHEAD:
                    break
                if self._is_next(other):
                    yield other

    def _is_next(self, c: Changed) -> bool:
        """Has its task done everything before it?"""
        task = c.event.task
        numbers = self._of_task[task]
        i = self._next_of_task.get(task, 0)
        while i < len(numbers) and numbers[i] in self._done:
            i += 1
        self._next_of_task[task] = i
        return i < len(numbers) and numbers[i] == c.number

    def _place(self, c: Changed) -> bool:
        """Find the entry that a change is of, and change it."""
        for level in [c.level] if c.level is not None else [1, 2]:
            old = self._words.read(c.old, level)
            aligned = (
                c.level is None or not c.page & (1 << self._recorded.index_bits * (level - 1)) - 1
            )
            if old is None or not aligned:
                continue
            new = self._known.after(c, level)
            if new is None:
                continue
            for space in [c.space] if c.level is not None else [0, 1]:
                place, index = self.tables.place(space, level, c.page)
                table = self._table_for(c, place, index, old, new, level)
                if table is not None:
                    self._explain(c, table, index, old, new, level)
                    self._change(c, table, index, old, new, level)
                    return True
        return False

    def _table_for(
        self, c: Changed, place: Place, index: int, old: Seen, new: Seen, level: int
    ) -> Table | None:
        fit = [t for t in self.tables.at(place) if self._fits(t, index, old, level)]
        if new.word == self._recorded.removed:
            # What is cleared in a table that goes.
            fit.sort(key=lambda t: t.removed_by != c.event.task)
        else:
            fit.sort(key=lambda t: t.removed_by is not None)
        if fit:
            return fit[0]
        if level == self.tables.top and old.raw == self._words.none and c.level is not None:
            return self.tables.add(place, c.number, self._empty(level), True)
        return None

    def _fits(self, table: Table, index: int, old: Seen, level: int) -> bool:
        now = table.entry(index)
        if now.raw == old.raw or self._known.may_grow(now, old, level):
            return True
        return table.removed_by is None and (now.word, old.word) in self._recorded.quiet

    def _empty(self, level: int) -> Callable[[int], Seen]:
        none = self._none(level)
        return lambda _: none

    def _none(self, level: int) -> Seen:
        none = self._words.read(self._words.none, level)
        assert none is not None
        return none

    def _change(
        self, c: Changed, table: Table, index: int, old: Seen, new: Seen, level: int
    ) -> None:
        self._done.add(c.number)
        now = table.entry(index)
        if now.raw != old.raw and now.there:
            self.report.grown += 1
        task = c.event.task
        self._moved_on(task, table)
        table.entries[index] = new
        table.history.setdefault(index, []).append(c.number)
        if old.table is not None and new.table != old.table:
            gone = table.children.pop(index, None)
            if gone is not None:
                gone.removed_by = task
                gone.history.setdefault(-1, []).append(c.number)
                self._removing.setdefault(task, []).append(gone)
        if new.table is not None and new.table != old.table:
            space, _, _ = table.place
            page = self.tables.pages(table, index)
            place, _ = self.tables.place(space, level - 1, page)
            split = old.there and old.table is None
            otherwise = self._parts(old, level) if split else self._empty(level - 1)
            table.children[index] = self.tables.add(place, c.number, otherwise, not split)

    def _parts(self, large: Seen, level: int) -> Callable[[int], Seen]:
        rec = self._recorded
        none = self._none(level - 1)

        def part(index: int) -> Seen:
            found = self._words.part(large, index, level, rec.index_bits, rec.page_shift)
            return found or none

        return part

    # -- tables that go

    def _moved_on(self, task: str, table: Table) -> None:
        """Let the tables be done that a task was clearing, unless it is still at it."""
        stack = self._removing.get(task, [])
        if table.removed_by == task and table in stack:
            while stack[-1] is not table:
                self._cleared(stack.pop())
        else:
            while stack:
                self._cleared(stack.pop())

    def _cleared(self, table: Table) -> None:
        there = self._left_there(table)
        if there:
            page = self.tables.pages(table, there[0])
            change = self._changes[table.history[-1][-1]]
            self.report.problems.append(
                Problem(
                    None,
                    change.event.line,
                    "breaks",
                    f"the table goes, but nothing tells that its entry of gfn {page:#x} "
                    f"({self._known.shown(table.entry(there[0]))}) is cleared",
                    before=self._history(table, there[0]),
                )
            )
        self.tables.drop(table)

    def _left_there(self, table: Table) -> list[int]:
        return [i for i in self._indexes(table) if table.entry(i).there]

    def _indexes(self, table: Table) -> Sequence[int]:
        return self.tables.indexes() if not table.complete else sorted(table.entries)

    def _end(self) -> None:
        for task, stack in self._removing.items():
            last = self._changes[self._of_task[task][-1]].event.line
            if stack and self._last_line[task] == last:
                # Nothing says that the task is done with it.
                if any(self._left_there(t) for t in stack):
                    self.report.flaws.append(f"line {last}: it ends while a table is being cleared")
                continue
            while stack:
                self._cleared(stack.pop())
        there = [(t, i) for t in self.tables.all() for i in self._indexes(t) if t.entry(i).there]
        self.report.changes = len(self._changes)
        self.report.roots = self.tables.roots
        emptied = not there
        if self._gone and there and not self.report.flaws:
            table, index = there[0]
            page, level = self.tables.pages(table, index), table.place[1]
            shown = self._known.shown(table.entry(index))
            why = (
                f"all tables have gone, but nothing tells that the entry of gfn {page:#x}, level "
                f"{level} ({shown}), is cleared"
            )
            before = self._history(table, index)
            line = before[-1].event.line if before else 0
            self.report.problems.append(Problem(None, line, "breaks", why, before=before))
        if not self._trace.counted and not emptied and not self.report.flaws:
            self.report.flaws.append(
                "nothing tells that it is whole: it does not say how many events there were, and "
                "at its end there are entries left"
            )

    def _compare(self) -> None:
        """Compare the entries with what was read from memory."""
        self._snapshot = None
        truth = self._truth
        if truth is None:
            return
        for space, level, first in truth.tables:
            place, _ = self.tables.place(space, level, first)
            for index in self.tables.indexes():
                page = first + (index << self._recorded.index_bits * (level - 1))
                raw = truth.entries.get((space, level, page), self._words.none)
                there = self._words.read(raw, level)
                tables = self.tables.at(place)
                if there is not None and any(self._fits(t, index, there, level) for t in tables):
                    self.report.compared += there.there
                    continue
                now = self._known.shown(tables[0].entry(index)) if tables else "no table"
                shown = self._known.shown(there) if there is not None else "no value of an entry"
                self.report.problems.append(
                    Problem(
                        None,
                        0,
                        "breaks",
                        f"gfn {page:#x}, level {level}: at the end there is {raw:#x} ({shown}) in "
                        f"memory, and the trace leaves {now}",
                        before=self._history(tables[0], index) if tables else (),
                    )
                )

    # -- explaining

    def _explain(
        self, c: Changed, table: Table, index: int, old: Seen, new: Seen, level: int
    ) -> None:
        known = self._known
        who = known.explain(c.bracket, old, new, level)
        label = c.level if c.level is not None else self._recorded.fixed[0]
        self.report.classes[label, known.kind(old, level), known.kind(new, level), who.name] += 1
        marked, logged = self._marked.get(c.number, (False, False))
        if (
            self.report.marks
            and c.number in self._marked
            and (who.always or (who.marks and logged))
        ):
            self.report.marks_checked += 1
            if not marked:
                before = self._history(table, index)
                why = f"{who.name}() has not marked gfn {c.page:#x} in the log"
                self.report.problems.append(
                    Problem(c, c.event.line, "cannot be", why, before=before)
                )
        if who.problem is None:
            (self.report.left if who.left else self.report.explained)[who.name] += 1
            return
        self.report.problems.append(
            Problem(
                c,
                c.event.line,
                who.problem,
                who.why,
                who.nearest,
                self._history(table, index),
            )
        )

    def _history(self, table: Table, index: int) -> tuple[Changed, ...]:
        return tuple(self._changes[n] for n in table.history.get(index, ())[-4:])

    def _broken(self, c: Changed) -> None:
        """Note that a change has no place, and go on as if it had."""
        level = c.level or 1
        old = self._words.read(c.old, level)
        new = self._known.after(c, level)
        place, index = self.tables.place(c.space, level, c.page)
        tables = self.tables.at(place)
        before: tuple[Changed, ...] = ()
        shift = self._recorded.index_bits * (level - 1)
        bad = [
            raw for raw, seen in ((c.old, old), (c.new, new)) if seen is None and raw is not None
        ]
        if bad:
            what, why = "cannot be", f"{bad[0]:#x} is no value of an entry of level {level}"
        elif c.page & (1 << shift) - 1:
            what, why = "cannot be", f"no entry of level {level} begins at gfn {c.page:#x}"
        elif not tables:
            what, why = "breaks", "no table is there that would have such an entry"
        else:
            now = tables[0].entry(index)
            before = self._history(tables[0], index)
            what = "breaks"
            why = f"the entry was left as {self._known.shown(now)} ({now.raw:#x})"
        self._done.add(c.number)
        self.report.problems.append(Problem(c, c.event.line, what, why, before=before))
        if old is None or new is None:
            return
        if not tables:
            tables = [self.tables.add(place, c.number, self._empty(level), True)]
            self.tables.roots -= level == self.tables.top
        self._change(c, tables[0], index, old, new, level)


def classes(reports: Sequence[Report]) -> Mapping[tuple[int | str, str, str, str], int]:
    """Return the classes of several traces together."""
    found: Counter[tuple[int | str, str, str, str]] = Counter()
    for r in reports:
        found += r.classes
    return found
