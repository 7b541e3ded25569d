"""What is said of each step, once for all forms; a form only chooses lines and lays them out."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from kvmtla.trace.counterexample import READS, Change, Counterexample, Link, Step, Told
from kvmtla.trace.links import digest


class Kind(enum.Enum):
    """What a line is about."""

    OPERATION = "operation"
    """A run of the operation begins."""
    PATH = "path"
    """The functions that the step goes through, outermost first."""
    ACCESS = "access"
    """An access to shared memory, or another step of the code."""
    HARDWARE = "hardware"
    """What a CPU does by itself."""
    LOCK = "lock"
    UNLOCK = "unlock"
    CHOICE = "choice"
    """Any value may come here, and this one does."""
    VALUE = "value"
    """What was found: read, returned, or chosen."""
    DECISION = "decision"
    OPERANDS = "operands"
    """The values that a decision was taken on."""
    WROTE = "wrote"
    """What an access changed in its own place, below the access."""
    CHANGE = "change"
    """What the step changed of shared state."""
    OWN = "own"
    """What the step changed of locals and locks."""
    UNDOES = "undoes"
    FOUND = "found"
    DONE = "done"
    """The actor is through with all that it had to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said of a step.

    `depth` is 0 for what stands at the margin, 1 for what the actor does there, 2 for what came of
    it. `links` are the numbers of the steps that it names, the one that it is about first. `short`
    says it where there is little room, and is None where it is left out there. `minor` lines are
    only for whoever wants it all.
    """

    kind: Kind
    depth: int
    text: str
    links: tuple[int, ...] = ()
    short: str | None = None
    minor: bool = False
    mark: str = ""
    """The end of the text that is new: what a change leads to."""


def narrate(trace: Counterexample) -> list[tuple[Step, list[Line]]]:
    """Return the steps of a trace with what is said of each.

    Of steps that repeat, one round is told, even where some variable makes it several.
    """
    last: dict[str, Step] = {}
    found = []
    loop = len(trace.steps) if trace.loop is None else trace.loop
    for s in trace.steps[: loop + lap(trace)]:
        found.append((s, list(lines(s, last.get(s.actor), repeats=s.number > loop))))
        last[s.actor] = s
    return found


def lap(trace: Counterexample) -> int:
    """Return the number of steps in one round of those that repeat; 0 where none do."""
    if trace.loop is None:
        return 0
    said = [
        (s.actor, s.told, tuple(c for c in s.changes if c.local is None))
        for s in trace.steps[trace.loop :]
    ]
    lengths = range(1, len(said) + 1)
    return next((n for n in lengths if said == said[:n] * (len(said) // n)), 0)


def lines(s: Step, before: Step | None = None, *, repeats: bool = False) -> Iterator[Line]:
    """Yield what is said of a step; `before` is the actor's previous one.

    Where the step `repeats`, every decision says why it goes round once more.
    """
    opens = s.opens(before)
    if not s.is_hardware and opens:
        yield Line(Kind.OPERATION, 0, f"{s.operation}()", short=f"{s.operation}()")
    same = before is not None and before.operation == s.operation and not before.ends
    anew = ", called again" if same and opens else ""
    yield Line(Kind.PATH, 0, f"{' > '.join(f'{f}()' for f in functions(s))}{anew}")
    for i, t in enumerate(s.told):
        if t.begins and i > 0:
            yield Line(Kind.OPERATION, 1, f"{t.path[0]}()", short=f"{t.path[0]}()")
        yield from _decision(s, i, repeats) if t.kind == "test" else _event(s, t)
    yield from (Line(Kind.CHANGE, 2, head + end, mark=end) for head, end in _changed(s.shared))
    for head, end in _changed([c for c in s.changes if c not in s.shared]):
        yield Line(Kind.OWN, 2, head + end, minor=True, mark=end)
    yield from map(_link, s.links)
    if s.ends:
        yield Line(Kind.DONE, 1, "done")


def functions(s: Step) -> Sequence[str]:
    """Return the functions in which the innermost event of a step happens, outermost first."""
    return next((t.path for t in innermost(s)), (s.operation,))


def innermost(s: Step) -> Sequence[Told]:
    """Return the event with the deepest call path, tests and unlocks apart; none where all are."""
    told = [t for t in s.told if t.kind not in ("test", "unlock", "choose")]
    # A step may only drop a lock, where a span ends between that and the access before.
    told = told or [t for t in s.told if t.kind != "test"]
    return [max(told, key=lambda t: len(t.path))] if told else []


_KINDS = {
    "hardware": Kind.HARDWARE,
    "lock": Kind.LOCK,
    "wait": Kind.LOCK,
    "unlock": Kind.UNLOCK,
    "choose": Kind.CHOICE,
}


def _event(s: Step, t: Told) -> Iterator[Line]:
    depth = 0 if s.is_hardware and t.kind == "hardware" else 1
    yield Line(_KINDS.get(t.kind, Kind.ACCESS), depth, t.text, short=t.text)
    if t.kind in READS:
        yield Line(Kind.VALUE, 2, f"reads {t.value}", short=t.value)
    elif t.kind == "choose":
        yield Line(Kind.VALUE, 2, f"chosen: {t.value}", short=t.value)
    elif t.kind == "try_cmpxchg":
        if t.value == "no":
            yield Line(Kind.VALUE, 2, "fails: it is no longer what was read", short="fails")
    elif t.value:
        # What an access replaces is what it changes.
        returned = f"returns {t.value}"
        yield Line(Kind.VALUE, 2, returned, short=returned if t.kind == "call" else None)
    if t.kind in ("hardware", "call"):
        wrote = [head + end for head, end in _changed(s.shared)]
        yield from (Line(Kind.WROTE, depth + 1, text, short=text) for text in wrote)
    elif any(f for f, _, _ in t.wrote):
        before = " ".join(f"{f}={a}" for f, a, _ in t.wrote)
        after = " ".join(f"{f}={b}" for f, _, b in t.wrote)
        yield Line(Kind.WROTE, 2, f"{before} -> {after}", short=f"{before} -> {after}")
    elif t.wrote:
        _, a, b = t.wrote[0]
        yield Line(Kind.WROTE, 2, f"{a} -> {b}", short=f"{a} -> {b}")


def _decision(s: Step, i: int, repeats: bool) -> Iterator[Line]:
    """Yield a decision, and what it was taken on as far as nothing in the step says so.

    What was not taken is worth no word where the next access says it. But nothing else says what
    became of a choice, or of what one-step code gave.
    """
    t, before = s.told[i], s.told[:i]
    source = next((u.kind for u in reversed(before) if u.kind != "test"), "")
    told = s.decides or repeats or source in ("choose", "call")
    minor = t.value != "yes" and not told
    read = bool(before) and before[-1].kind in READS
    # Where it is read that nothing more is to be done, no other line says so.
    rest = [u.kind for u in s.told[i + 1 :]]
    over = t.value == "yes" and read and set(rest) <= {"unlock"} and bool(s.ends or rest)
    short = f"if ({t.text}): done" if over else decision(t) if told or read else None
    yield Line(Kind.DECISION, 1, decision(t), short=None if minor else short, minor=minor)
    if operands := ", ".join(f"{n}={v}" for n, v in t.operands):
        beside = operands if short and not minor else None
        yield Line(Kind.OPERANDS, 2, operands, short=beside, minor=minor)


def decision(t: Told) -> str:
    """Return a decision as a line of C, and how it was taken."""
    return f"if ({t.text}): {t.value}"


def _link(link: Link) -> Line:
    kind = Kind.UNDOES if link.kind == "undoes" else Kind.FOUND
    return Line(kind, 2, link.text, (link.number, *link.read), link.short or None)


def in_short(trace: Counterexample) -> list[tuple[Step, list[Line]]]:
    """Return the steps that matter most, each with what it finds, decides, changes and undoes."""
    numbers = digest(trace.steps)
    told = {s.number: (s, said) for s, said in narrate(trace)}
    return [(s, list(_essence(s, said, numbers))) for s, said in (told[n] for n in numbers)]


def _essence(s: Step, said: Sequence[Line], numbers: Collection[int]) -> Iterator[Line]:
    for line in said:
        match line.kind:
            case Kind.FOUND:
                wanted = line.links[0] in numbers
            case Kind.DECISION:
                # Else it is what the step is called.
                wanted = not s.decides
            case Kind.VALUE:
                wanted = line.short is not None
            case kind:
                wanted = kind in (Kind.OPERANDS, Kind.CHANGE, Kind.UNDOES)
        if wanted and not line.minor:
            yield line


def again(trace: Counterexample) -> str:
    """Return a sentence that says how a trace goes on for ever."""
    assert trace.loop is not None
    first, last = trace.loop + 1, trace.loop + lap(trace)
    if first > last:
        return "From here on, nothing happens any more."
    steps = f"step {first}" if first == last else f"steps {first} to {last}"
    return f"From here on, again and again: {steps}."


def _changed(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """Yield each changed place and its value before, and then its value after the change."""
    places: dict[tuple[str, str | None], list[Change]] = {}
    for c in changes:
        places.setdefault((c.place, c.local), []).append(c)
    for (place, local), found in places.items():
        if all(c.field for c in found):
            before = " ".join(f"{c.field}={c.before}" for c in found)
            after = " ".join(f"{c.field}={c.after}" for c in found)
        else:
            before, after = found[0].before, found[0].after
        owner = f"{local}'s " if local else ""
        yield f"{owner}{place}: {before} -> ", after
