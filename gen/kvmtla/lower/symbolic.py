"""Running the flow symbolically: from one resting place to the next, as a tree of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import facts, implied, knowing, simplify, word_bits
from kvmtla.ir.model import Branch, Event, Guard, Leaf, Pick, Tree, Way
from kvmtla.ir.stmt import PRIMITIVES, root
from kvmtla.ir.types import BOOL, LOCK, WRITE_HELD, RecordT
from kvmtla.lower import graph as g
from kvmtla.lower.graph import Node
from kvmtla.lower.specialise import Specialiser
from kvmtla.patience import on_time
from kvmtla.value_class import value_class

_BITWISE = ("atomic_fetch_and", "atomic_fetch_or")


@value_class(frozen=True, slots=True)
class Reductions:
    """The sound reductions that are on. None of them changes a verdict."""

    locks: bool = True
    """Taking a lock merges with the step after it, dropping one with the step before."""
    dead_locals: bool = True
    """A local that nothing reads any more is reset."""
    slices: bool = True
    """Shared state that nothing reads is left out, with the steps that only write it."""
    bits: bool = True
    """Bits that are clear in all words are left out, with what they decide."""
    most_ends: int = 16
    """In a step with more ends than this, ways that meet become one: its text is in proportion to
    the code, and harder to read. The step does the same."""

    @classmethod
    def none(cls) -> Reductions:
        """Return reductions that are all off."""
        return cls(locks=False, dead_locals=False, slices=False, bits=False)


# Open spans: each with its arguments and its condition, over the state before.
Open = tuple[tuple[str, tuple[Expr, ...], Expr], ...]


@dataclass(slots=True)
class State:
    """Everything known on a way: shared fields and locals as expressions over the state before."""

    special: Specialiser
    shared: dict[str, Expr] = field(default_factory=dict)
    locals: dict[str, Expr] = field(default_factory=dict)
    locks: list[tuple[Expr, str]] = field(default_factory=list)
    """Locks taken on the way: the place, and "read" or "write"."""
    events: list[Event] = field(default_factory=list)
    entered: bool = False
    """Has a kernel function begun since the last event?"""
    ways: list[Way] = field(default_factory=list)
    """The decisions on the way."""
    sometimes: list[tuple[Expr, Way]] = field(default_factory=list)
    """Decisions on some of the ways that have met here, each with its condition."""
    known: dict[Expr, Expr] = field(default_factory=dict)
    """Variables of the state before that the way here has tested, with their values."""
    facts: dict[Expr, Expr] = field(default_factory=dict)
    """Conditions over the state before that the way here has decided, and what they imply."""
    fields: dict[str, x.Shared] = field(default_factory=dict)
    """The shared fields that have been stored to."""
    origin: Open = ()
    """The spans that are open where the step begins."""
    passed: list[Open] = field(default_factory=list)
    """The spans that are open where the step might have ended."""

    def copy(self) -> State:
        """Return an independent copy, for the other way of a decision."""
        return State(
            self.special,
            dict(self.shared),
            dict(self.locals),
            list(self.locks),
            list(self.events),
            self.entered,
            list(self.ways),
            list(self.sometimes),
            dict(self.known),
            dict(self.facts),
            dict(self.fields),
            self.origin,
            list(self.passed),
        )

    def open(self, node: Node) -> Open:
        """Return the spans that are open where the flow rests before `node`."""
        if isinstance(node, g.End):
            return ()
        found = (
            (at.span, tuple(map(self.value, at.args)), self.value(at.when)) for at in node.spans
        )
        return tuple(one for one in found if one[2] != x.FALSE)

    def value(self, e: Expr) -> Expr:
        """Return `e`, which speaks of now, as an expression over the state before."""
        if isinstance(e, Local):
            return self.locals.get(e.name, e)
        if isinstance(e, x.Shared):
            return self.shared.get(e.name, e)
        if isinstance(e, x.Call) and self.special.reads(e) & self.shared.keys():
            # The operator would read what was there before the step.
            return self.value(self.special.written_out(e))
        e = x.rebuild(e, self.value)
        return self.special.field(e) if isinstance(e, x.Field) else simplify(e)

    def store(self, place: Expr, value: Expr) -> None:
        """Give a new value to `place`, whose indices are over the state before."""
        path: list[str | Expr] = []
        while isinstance(place, x.Field | x.Index):
            path.append(place.name if isinstance(place, x.Field) else place.key)
            place = place.base
        assert isinstance(place, x.Shared)
        self.fields[place.name] = place
        old = self.shared.get(place.name, place)
        if path:
            value = simplify(x.Update(old, tuple(reversed(path)), value, place.type, place.loc))
        self.shared[place.name] = value

    def place(self, e: Expr) -> Expr:
        """Return a place with its indices over the state before; it remains a place."""
        match e:
            case x.Field(base, name, t, loc):
                return x.Field(self.place(base), name, t, loc)
            case x.Index(base, key, t, loc):
                return x.Index(self.place(base), self.value(key), t, loc)
        return e

    def note(self, event: Event) -> None:
        """Note that something happens, for the story."""
        self.events.append(replace(event, begins=self.entered))
        self.entered = False

    def condition(self, e: Expr) -> Expr:
        """Return `e`, which speaks of now, as a condition without what has been decided so far."""
        return knowing(self.value(e), self.facts)

    def learn(self, cond: Expr, truth: bool) -> None:
        """Take `cond` to be `truth` from here on, so that it is not asked again."""
        self.facts |= implied(cond, truth)

    def assume(self, cond: Expr, truth: bool) -> None:
        """Take `cond` to be `truth` from here on, and put that into all that is known."""
        self.learn(cond, truth)
        known = facts(cond, truth)
        for fact, value in known.items():
            if isinstance(fact, x.ActorVar | x.Shared):
                self.known[fact] = value
        for table in (self.shared, self.locals):
            for k, v in table.items():
                table[k] = knowing(v, known)
        self.origin = _open_knowing(self.origin, known)
        self.passed = [_open_knowing(one, known) for one in self.passed]


def _open_knowing(spans: Open, known: Mapping[Expr, Expr]) -> Open:
    found = (
        (span, tuple(knowing(a, known) for a in args), knowing(when, known))
        for span, args, when in spans
    )
    return tuple(one for one in found if one[2] != x.FALSE)


Rest = Callable[[Node, State], Leaf]


class TooManyEndsError(Exception):
    """A step has more ends than it may have as long as no ways of it become one."""


# As long as no ways become one, no value may be longer than this when written out.
_LONGEST = 1000


class TreeRunner:
    """Runs steps, each way of a step by itself, as long as the ways are few.

    `rest` makes the leaf for a place where the flow comes to rest. `fresh` gives names for values,
    no two of them the same. Without `tells`, nothing is noted for stories.
    """

    def __init__(
        self,
        reductions: Reductions,
        rest: Rest,
        fresh: Callable[[str], str],
        *,
        tells: bool = True,
    ) -> None:
        self.reductions = reductions
        self.rest = rest
        self.fresh = fresh
        self.tells = tells
        self._ends = 1

    def start(self, entry: Node, state: State) -> Tree:
        """Return the step that an idle actor begins with."""
        return self.run(entry, state, Progress())

    def from_rest(self, node: Node, state: State) -> Tree:
        """Return the step that begins at `node`."""
        state.origin = state.open(node)
        return self.run(node, state, Progress())

    def one_step(self, node: Node, state: State) -> Tree:
        """Return all of the flow from `node`, as one step."""
        return self.run(node, state, Progress(depth=1))

    def run(self, node: Node, state: State, done: Progress) -> Tree:
        """Return the step that has come as far as `done`, from `node` on.

        Raises TooManyEndsError if it has more ends, or longer values, than can be read as a tree.
        """
        self._ends = 1
        return self._run(node, state, done, ())

    def _run(self, node: Node, st: State, done: Progress, seen: tuple[Node, ...]) -> Tree:
        while True:
            on_time(node.frame.function)
            if self.rests(node, st, done, seen):
                return self.rest(node, st)
            match node:
                case g.Test():
                    cond = st.condition(node.cond)
                    if not isinstance(cond, x.Const):
                        return self._branch(node, cond, st, done, seen)
                    st.ways.append((node.loc, bool(cond.value)))
                    node = following(node) if cond.value else node.other
                    continue
                case g.Pick():
                    var = self.pick(node, st)
                    return Pick(var, self._run(following(node), st, done, seen))
                case g.Require():
                    cond = st.condition(node.cond)
                    st.learn(cond, True)
                    body = self._run(following(node), st, done, seen)
                    return body if cond == x.TRUE else Guard(cond, body)
            guard, done, seen = self.passed(node, st, done, seen)
            if isinstance(node, g.Join) and node.closes and not done.depth:
                _tell_result(node, st)
            if any(x.size(v) > _LONGEST for v in written(node, st)):
                raise TooManyEndsError
            node = following(node)
            if guard != x.TRUE:
                return Guard(guard, self._run(node, st, done, seen))

    def rests(self, node: Node, st: State, done: Progress, seen: tuple[Node, ...]) -> bool:
        """Does the step come to rest before `node`?"""
        if node in seen or isinstance(node, g.End):
            # A loop without a step: the spec has a step on each way, so those here have been left
            # out, and this is where the actor stays.
            return True
        if not isinstance(node, g.STEPS):
            return False
        return done.stops_at(node, self.reductions) or self._shows(node, st, done)

    def passed(
        self, node: Node, st: State, done: Progress, seen: tuple[Node, ...]
    ) -> tuple[Expr, Progress, tuple[Node, ...]]:
        """Pass a node with one way on; return what it waits for, and how far the step has come."""
        guard: Expr = x.TRUE
        match node:
            case g.Set():
                st.locals[node.target.name] = st.value(node.value)
            case g.Join():
                if node.closes:
                    done = done.out()
                elif node.head:
                    seen = (*seen, node)
                st.entered = st.entered or node.enters
            case g.Store():
                st.store(st.place(node.place), st.value(node.value))
            case _:
                guard = self._guard(node, st)
                st.learn(guard, True)
                if self.tells and not done.depth:
                    self._tell(node, st)
                done, seen = done.after(node), ()
                _effect(node, st)
        return guard, done, seen

    def pick(self, node: g.Pick, st: State) -> Local:
        """Give the target an unknown value of its type, and return that value."""
        target = node.target
        var = Local(self.fresh(g.spoken(target)), target.type, node.loc, made=target.made)
        st.locals[node.target.name] = var
        return var

    def _shows(self, node: Node, st: State, done: Progress) -> bool:
        """Could properties tell that the step does not come to rest before `node`?

        But for locks, the shared state there would be as it was before a lock is taken, or as it
        will be after one is dropped. So it matters whether the same spans are open there.
        """
        if done.depth or not done.any:
            return False
        if not isinstance(node, g.Unlock):
            return st.open(node) != st.origin
        ahead = st.copy()
        ahead.passed = [st.open(node)]
        differs = False

        def compare(at: Node, then: State) -> Leaf:
            nonlocal differs
            differs = differs or any(one != then.open(at) for one in then.passed)
            return Leaf({}, ())

        probe = type(self)(self.reductions, compare, self.fresh)
        _effect(node, ahead)
        probe.run(following(node), ahead, done.after(node))
        return differs

    def _branch(
        self, node: g.Test, cond: Expr, st: State, done: Progress, seen: tuple[Node, ...]
    ) -> Tree:
        # Each decision adds an end.
        self._ends += 1
        if self._ends > self.reductions.most_ends:
            raise TooManyEndsError
        other = self.both(node, st, done)
        st.ways.append((node.loc, True))
        other.ways.append((node.loc, False))
        st.assume(cond, True)
        other.assume(cond, False)
        a = self._run(following(node), st, done, seen)
        b = self._run(node.other, other, done, seen)
        return _both_ways(a, b) if a == b else Branch(cond, a, b)

    def both(self, node: g.Test, st: State, done: Progress) -> State:
        """Note a decision as an event, and return a copy of the state for where it is false."""
        other = st.copy()
        if self.tells and node.reasons and not done.depth:
            reasons = tuple((t, st.value(e)) for t, e in node.reasons)
            text = " || ".join(t for t, _ in node.reasons)
            known = ((n, e) for n, e in node.operands if x.locals_in(e) <= st.locals.keys())
            operands = tuple((n, st.value(e)) for n, e in known)
            yes = _event("test", node, text, returns=x.TRUE, reasons=reasons)
            st.note(replace(yes, beside=operands))
            other.note(replace(_event("test", node, text, returns=x.FALSE), beside=operands))
        return other

    def _guard(self, node: Node, st: State) -> Expr:
        match node:
            case g.Wait():
                return st.condition(node.cond)
            case g.Lock():
                held = st.value(node.place)
                free = x.Const(0, LOCK)
                op = "==" if node.kind == "write" else ">="
                return x.Bin(op, held, free, BOOL, node.loc)
        return x.TRUE

    def _tell(self, node: Node, st: State) -> None:
        """Note a step as an event, before its effect."""
        match node:
            case g.Access():
                st.note(_access_event(node, st))
            case g.Lock() | g.Unlock():
                kind = "lock" if isinstance(node, g.Lock) else "unlock"
                st.note(_event(kind, node, node.text, st.place(node.place)))
            case g.Wait():
                st.note(_event("wait", node, node.text))
            case g.Begin():
                st.note(_event("call", node, node.text))


@value_class(frozen=True, slots=True)
class Progress:
    """The progress of a step: anything done, more than locks taken, the depth of one-step code."""

    any: bool = False
    core: bool = False
    depth: int = 0

    def stops_at(self, node: Node, reductions: Reductions) -> bool:
        """Does the step come to rest before `node`?"""
        if self.depth or not self.any:
            return False
        if node.bounded or not reductions.locks:
            return True
        match node:
            case g.Unlock():
                return False
            case g.Lock() | g.Wait():
                return True
            case g.Begin():
                # One-step code that can block must not be merged: the lock before it would be
                # taken only where the code can run.
                return self.core or g.may_block(node)
        return self.core

    def after(self, node: Node) -> Progress:
        """Return how far the step has come once `node` is done, too."""
        core = self.core or not isinstance(node, g.Lock)
        return Progress(True, core, self.depth + isinstance(node, g.Begin))

    def out(self) -> Progress:
        """Return how far the step has come once one-step code has ended."""
        return Progress(True, True, self.depth - 1)


def _both_ways(a: Tree, b: Tree) -> Tree:
    """Return one of two equal trees, with the decisions that lead to either."""
    match a, b:
        case Leaf(), Leaf():
            events = tuple(map(_told_on_both, a.events, b.events))
            return replace(a, events=events, ways=tuple(dict.fromkeys((*a.ways, *b.ways))))
        case Branch(cond, then, other), Branch():
            return Branch(cond, _both_ways(then, b.then), _both_ways(other, b.other))
        case Guard() | Pick(), Guard() | Pick():
            return replace(a, body=_both_ways(a.body, b.body))
    raise AssertionError(a)


def _told_on_both(a: Event, b: Event) -> Event:
    """Return one of two equal events, without values that are told with it on only one way."""
    return a if a.beside == b.beside else replace(a, beside=())


def following(node: Node) -> Node:
    """Return where the flow goes on after a node that does not end it."""
    assert node.next is not None
    return node.next


def written(node: Node, st: State) -> Iterator[Expr]:
    """Yield the new values of what the node that has just been passed sets."""
    for t in g.writes(node):
        if t.name in st.locals:
            yield st.locals[t.name]
    if isinstance(node, g.Store | g.Access | g.Lock | g.Unlock):
        name = root(node.place)
        if name in st.shared:
            yield st.shared[name]


def _effect(node: Node, st: State) -> None:
    """Do to the state what a step does."""
    match node:
        case g.Access():
            old, new, results = _access(node, st)
            if new is not None:
                st.store(st.place(node.place), new)
            for target, value in zip(node.targets, results, strict=False):
                if target is not None:
                    st.locals[target.name] = value
        case g.Lock():
            place, old = st.place(node.place), st.value(node.place)
            st.locks.append((place, node.kind))
            one_more = x.Bin("+", old, x.Const(1, LOCK), LOCK)
            st.store(place, x.Const(WRITE_HELD, LOCK) if node.kind == "write" else one_more)
        case g.Unlock():
            place, old = st.place(node.place), st.value(node.place)
            if (place, node.kind) in st.locks and isinstance(place, x.Shared):
                # Taken in this very step: it is as it was.
                st.locks.remove((place, node.kind))
                st.shared.pop(place.name, None)
            else:
                one_less = x.Bin("-", old, x.Const(1, LOCK), LOCK)
                st.store(place, x.Const(0, LOCK) if node.kind == "write" else one_less)


def _access(node: g.Access, st: State) -> tuple[Expr, Expr | None, list[Expr]]:
    """Return what a primitive finds, what it leaves there (None: the same), and what it gives."""
    old = st.value(node.place) if node.known is None else st.value(node.known)
    args = [st.value(a) for a in node.args]
    results = [old]
    if node.name == "try_cmpxchg":
        results = [simplify(x.Bin("==", old, args[0], BOOL, node.loc)), old]
    if node.name in _BITWISE:
        # It matters which bits these are, not what they are called together.
        args = [st.special.spelled(a) for a in args]
    return old, _stored(node.name, old, args), results


def _event(
    kind: str,
    node: Node,
    text: str,
    place: Expr | None = None,
    stores: Expr | None = None,
    returns: Expr | None = None,
    target: str | None = None,
    reasons: tuple[tuple[str, Expr], ...] = (),
) -> Event:
    return Event(
        kind,
        text,
        place,
        stores,
        returns,
        target,
        node.frame.path(),
        node.frame.kernel_function(),
        node.loc,
        reasons,
    )


def _tell_result(node: g.Join, st: State) -> None:
    """Note what one-step code that has come to its end gives, for the story."""
    last = next((i for i, e in reversed([*enumerate(st.events)]) if e.kind == "call"), None)
    known = tuple((n, st.value(e)) for n, e in node.gives if x.locals_in(e) <= st.locals.keys())
    if last is not None and known:
        st.events[last] = replace(st.events[last], beside=known)


def _access_event(node: g.Access, st: State) -> Event:
    _, new, results = _access(node, st)
    # For a conditional store, what it would store; its result says whether it did.
    stores = st.value(node.args[-1]) if isinstance(new, x.If) else new
    gives = PRIMITIVES[node.name][1] != "none"
    names = [g.spoken(t) for t in node.targets if t is not None and not t.made]
    return _event(
        node.name,
        node,
        f"{node.name}({node.text})",
        st.place(node.place),
        stores,
        results[0] if gives else None,
        names[0] if len(names) == 1 else None,
    )


def _stored(name: str, old: Expr, args: list[Expr]) -> Expr | None:
    """Return what the primitive leaves in its place; None if it only reads."""
    t = old.type
    match name:
        case "READ_ONCE" | "test_bit":
            return None
        case "WRITE_ONCE" | "xchg":
            return args[0]
        case "cmpxchg" | "try_cmpxchg":
            same = simplify(x.Bin("==", old, args[0], BOOL))
            return simplify(x.If(same, args[1], old, t))
        case "atomic_fetch_and" | "atomic_fetch_or":
            assert isinstance(t, RecordT)
            op = "and" if name == "atomic_fetch_and" else "or"
            return word_bits(t, lambda a, b: x.Bin(op, a, b, BOOL), old, args[0])
        case "set_bit" | "test_and_set_bit":
            return x.TRUE
        case "clear_bit" | "test_and_clear_bit":
            return x.FALSE
    raise AssertionError(name)
