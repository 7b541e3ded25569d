"""One actor: its operations as flow, its resting places, its variables and its actions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kvmtla.errors import Loc, SpecError
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.model import DONE, IDLE, Action, Guard, Leaf, Tree, Variable, leaves
from kvmtla.ir.types import BOOL, DomainT, EnumT, IntT, MapT, OptionalT, SetT, Type, default
from kvmtla.lower import graph as g
from kvmtla.lower.flow import Liveness, constants_at
from kvmtla.lower.graph import Node
from kvmtla.lower.merged import Runner
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions, State
from kvmtla.value_class import value_class

# Variables that actors have; no local of their operations is kept under these names.
_OWN = ("pc", "left")
# The variable that shows a step of somebody fair, where nothing else does.
TURN = "turn"


@dataclass(slots=True)
class Flow:
    """One operation of an actor: its entry, and its parameters as locals of the flow."""

    function: s.Function
    entry: Node
    params: tuple[Local, ...]
    """The parameters without the one that is the actor itself."""


@dataclass(slots=True)
class ActorCode:
    """The code of one actor of a scenario."""

    name: str
    domain: DomainT | None
    times: int | None
    self_local: Local | None
    flows: list[Flow]
    turns: bool = False
    """True if each of its steps changes something, if only whose turn it was."""

    def nodes(self) -> list[Node]:
        """Return the nodes of all flows."""
        return [n for f in self.flows for n in g.nodes(f.entry)]


@value_class(frozen=True, slots=True)
class SpanUse:
    """A span, open at some of an actor's resting places."""

    span: str
    args: tuple[Expr, ...]
    when: Expr
    at: tuple[str, ...]


@dataclass(slots=True)
class Cutter:
    """Cuts an actor's flows into actions."""

    code: ActorCode
    reductions: Reductions
    sizes: Mapping[str, int]
    special: Specialiser
    fresh: Callable[[str], str]
    _labels: dict[Node, str] = field(default_factory=dict)
    _live: dict[Node, frozenset[str]] = field(default_factory=dict)
    _known: dict[Node, dict[str, x.Const]] = field(default_factory=dict)
    _storage: dict[str, str] = field(default_factory=dict)
    _types: dict[str, Type] = field(default_factory=dict)
    _places: dict[str, Loc | None] = field(default_factory=dict)
    _turned: bool = False
    """True if a step changes nothing but whose turn it was."""

    def cut(self) -> tuple[list[Variable], list[Action], list[SpanUse]]:
        """Return the actor's variables, its actions and the spans open at its resting places."""
        self._find_resting_places()
        self._allocate()
        actions = [a for f in self.code.flows for a in self._starts(f)]
        actions += [self._action_at(n) for n in self._labels]
        return self._variables(), actions, list(self._spans())

    # -- resting places

    def _find_resting_places(self) -> None:
        """Find the nodes that the flow comes to rest before, and name each of them."""
        found: dict[Node, None] = {}
        todo: list[Node] = []

        def rest(node: Node, _: State) -> Leaf:
            if not isinstance(node, g.End) and node not in found:
                found[node] = None
                todo.append(node)
            return Leaf({}, ())

        numbers = itertools.count()
        fresh: Callable[[str], str] = lambda n: f"{n}#{next(numbers)}"  # noqa: E731
        runner = Runner(self.reductions, rest, fresh, tells=False)
        for flow in self.code.flows:
            runner.start(flow.entry, State(self.special))
        while todo:
            runner.from_rest(todo.pop(0), State(self.special))
        order = {n: i for i, n in enumerate(self.code.nodes())}
        places = sorted(found, key=lambda n: order[n])
        for node, label in zip(places, _names(places), strict=True):
            self._labels[node] = label
        for flow in self.code.flows:
            nodes = g.nodes(flow.entry)
            live = Liveness(nodes)
            known = constants_at(flow.entry)
            for n in nodes:
                if n in found:
                    # A local that can have only one value here need not be kept.
                    asked = {t.name for t in n.bounded}
                    given = known.get(n, {}).items()
                    self._known[n] = {k: v for k, v in given if k not in asked}
                    self._live[n] = live.before(n) - self._known[n].keys()

    # -- variables

    def _allocate(self) -> None:
        """Give each local that lives at a resting place a variable; those that never meet share."""
        types = {}
        for n in self.code.nodes():
            for t in g.writes(n):
                types[t.name] = t
        for flow in self.code.flows:
            for p in flow.params:
                types[p.name] = p
        meets: dict[str, set[str]] = {}
        for names in self._live.values():
            for a in names:
                meets.setdefault(a, set()).update(names)
        me = self.code.self_local.name if self.code.self_local is not None else None
        holders: dict[str, list[str]] = {}
        for name in sorted(meets, key=_by_number):
            if name == me:
                continue
            local = types[name]
            base = g.spoken(local)
            number = 1
            while True:
                storage = base if number == 1 else f"{base}_{number}"
                taken = self._types.get(storage)
                clash = any(o in meets[name] for o in holders.get(storage, ()))
                own = storage in _OWN or (storage == TURN and self.code.turns)
                if not own and not clash and taken in (None, _stored(local.type)):
                    break
                number += 1
            holders.setdefault(storage, []).append(name)
            self._types[storage] = _stored(local.type)
            self._places.setdefault(storage, local.loc)
            self._storage[name] = storage

    def _variables(self) -> list[Variable]:
        at = [IDLE, *self._labels.values(), *([DONE] if self.code.times is not None else [])]
        types: dict[str, Type] = {"pc": self._places_of(tuple(at))}
        if self.code.times is not None and self.code.times > 1:
            types["left"] = IntT(0, self.code.times)
        if self._turned:
            types[TURN] = BOOL
        types |= self._types
        made = []
        for name, one in types.items():
            first = self.code.times if name == "left" else default(one, self.sizes)
            t = one
            if self.code.domain is not None:
                first = (first,) * self.sizes[self.code.domain.name]
                t = MapT(self.code.domain, one)
            loc = self._places.get(name)
            turn_of = self.code.name if name == TURN and self._turned else None
            full = f"{self.code.name}_{name}"
            made.append(Variable(full, t, first, self.code.name, loc=loc, turn_of=turn_of))
        return made

    def _var(self, name: str, t: Type) -> Expr:
        me = self.code.self_local
        return x.ActorVar(self.code.name, name, me, t)

    def _places_of(self, members: tuple[str, ...] = ()) -> EnumT:
        """Return the type of the actor's places, under a name that no class can have."""
        return EnumT(f"{self.code.name} pc", members, actor=self.code.name)

    def _pc(self) -> Expr:
        return self._var("pc", self._places_of())

    def _at(self, label: str) -> x.Const:
        return x.Const(label, self._places_of())

    # -- actions

    def _rest(self, origin: Node | None) -> Callable[[Node, State], Leaf]:
        """Return what makes leaves of steps that begin at `origin` (None: the actor is idle)."""
        before = self._live.get(origin, frozenset()) if origin is not None else frozenset()
        place = self._labels[origin] if origin is not None else IDLE

        def rest(node: Node, st: State) -> Leaf:
            updates: dict[str, Expr] = dict(st.shared)
            for name, value in st.shared.items():
                if value == x.Shared(name, value.type):
                    del updates[name]
            end = isinstance(node, g.End)
            counts = end and self.code.times is not None and self.code.times > 1
            label = self._after_end() if end else self._labels[node]
            if origin is None or end or label != self._labels[origin]:
                updates[f"{self.code.name}_pc"] = self._at(label)
            if counts:
                updates |= self._count_down()
            updates |= self._locals(before, frozenset() if end else self._live[node], st, origin)
            # A value that the way here has tested for is no change.
            updates = {n: v for n, v in updates.items() if st.known.get(self._now(n, v)) != v}
            if self.code.turns and label == place and not counts:
                self._turned = True
                turn = self._var(TURN, BOOL)
                updates[f"{self.code.name}_{TURN}"] = x.Un("not", turn, BOOL)
            return Leaf(
                updates,
                tuple(st.events),
                tuple(st.ways),
                st.entered and not end,
                tuple(st.sometimes),
            )

        return rest

    def _now(self, name: str, value: Expr) -> Expr:
        own = f"{self.code.name}_"
        if name.startswith(own):
            return self._var(name.removeprefix(own), value.type)
        return x.Shared(name, value.type)

    def _after_end(self) -> str:
        return DONE if self.code.times == 1 else IDLE

    def _count_down(self) -> dict[str, Expr]:
        assert self.code.times is not None
        t = IntT(0, self.code.times)
        left = self._var("left", t)
        return {f"{self.code.name}_left": x.Bin("-", left, x.Const(1, IntT(1, 1)), t)}

    def _locals(
        self, before: frozenset[str], after: frozenset[str], st: State, origin: Node | None
    ) -> dict[str, Expr]:
        updates: dict[str, Expr] = {}
        kept = {self._storage[n] for n in after if n in self._storage}
        for name in sorted(after, key=_by_number):
            if name not in self._storage:
                continue
            storage = self._storage[name]
            now = self._var(storage, self._types[storage])
            value = st.locals.get(name, now)
            if value != now or (name not in before):
                updates[f"{self.code.name}_{storage}"] = value
        if self.reductions.dead_locals or origin is None:
            for name in sorted(before, key=_by_number):
                if name in self._storage and self._storage[name] not in kept:
                    t = self._types[self._storage[name]]
                    reset = x.Const(default(t, self.sizes), t)
                    updates[f"{self.code.name}_{self._storage[name]}"] = reset
        return updates

    def _state_at(self, node: Node) -> State:
        st = State(self.special, locals=dict(self._known[node]))
        for name in self._live[node]:
            storage = self._storage.get(name)
            if storage is not None:
                st.locals[name] = self._var(storage, self._types[storage])
        return st

    def _params(self, extra: Sequence[Local] = ()) -> tuple[Local, ...]:
        me = self.code.self_local
        return (*((me,) if me is not None else ()), *extra)

    def _starts(self, flow: Flow) -> Iterator[Action]:
        """Yield the step in which an idle actor begins the operation, if it does anything."""
        if isinstance(flow.entry, g.End) and not self._counts():
            return
        runner = Runner(self.reductions, self._rest(None), self.fresh)
        tree = runner.start(
            flow.entry, State(self.special, locals={p.name: p for p in flow.params})
        )
        if self.code.turns and not _has_step(tree) and not self._counts():
            return
        if self.code.times is not None and self.code.times > 1:
            left = self._var("left", IntT(0, self.code.times))
            tree = Guard(x.Bin(">", left, x.Const(0, IntT(0, 0)), BOOL), tree)
        first = _first_step(flow.entry)
        yield Action(
            f"{self.code.name}_{flow.function.name}",
            self.code.name,
            flow.function.name,
            IDLE,
            self._params(flow.params),
            tree,
            first.loc,
            first.frame.kernel_function(),
            flow.function.doc,
            first.frame.function,
            first.frame.path(),
        )

    def _counts(self) -> bool:
        """Does it matter that an operation which does nothing is over?

        It may have been the last one, and another one would have done something.
        """
        idle = all(isinstance(f.entry, g.End) for f in self.code.flows)
        return self.code.times is not None and not idle

    def _action_at(self, node: Node) -> Action:
        runner = Runner(self.reductions, self._rest(node), self.fresh)
        tree = runner.from_rest(node, self._state_at(node))
        label = self._labels[node]
        return Action(
            f"{self.code.name}_{label.replace('.', '_')}",
            self.code.name,
            list(_callers(node))[-1],
            label,
            self._params(),
            tree,
            node.loc,
            node.frame.kernel_function(),
            "",
            node.frame.function,
            node.frame.path(),
        )

    # -- spans

    def _spans(self) -> Iterator[SpanUse]:
        found: dict[tuple[str, tuple[Expr, ...], Expr], list[str]] = {}
        for node, label in self._labels.items():
            st = self._state_at(node)
            for at in node.spans:
                when = st.value(at.when)
                if when != x.FALSE:
                    args = tuple(st.value(a) for a in at.args)
                    found.setdefault((at.span, args, when), []).append(label)
        for (span, args, when), labels in found.items():
            yield SpanUse(span, args, when, tuple(labels))

    def is_at(self, labels: Sequence[str]) -> Expr:
        """Return the condition that the actor is at one of these resting places."""
        places = tuple(self._at(label) for label in labels)
        if len(places) == 1:
            return x.Bin("==", self._pc(), places[0], BOOL)
        return x.Bin("in", self._pc(), x.SetOf(places, SetT(self._places_of())), BOOL)


def actor_code(
    name: str,
    operations: Sequence[s.Function],
    domain: DomainT | None,
    times: int | None,
    builder: g.GraphBuilder,
    loc: Loc,
    *,
    turns: bool,
) -> ActorCode:
    """Return the flows of an actor's operations; `turns` as for `ActorCode`.

    With a `domain`, an operation's first parameter of that type is the actor itself. Raises
    SpecError for a parameter whose values cannot be enumerated.
    """
    me: Local | None = None
    if domain is not None:
        # The actor goes by the name that its operations use for it.
        names = [p.name for fn in operations for p in fn.params if p.type == domain]
        me = builder.fresh(Local(names[0] if names else "self", domain))
    flows = []
    for fn in operations:
        given: dict[str, Local] = {}
        free: list[Local] = []
        for p in fn.params:
            if me is not None and p.type == domain and me not in given.values():
                given[p.name] = me
                continue
            if not isinstance(p.type, DomainT | EnumT) and p.type != BOOL:
                raise SpecError(
                    "KT207",
                    f"parameter {p.name!r} of {fn.name}() could be any {p.type}",
                    loc=p.loc or loc,
                    hint="give the operation parameters of a Domain, an Enum or bool",
                )
            local = builder.fresh(p)
            given[p.name] = local
            free.append(local)
        flows.append(Flow(fn, builder.build(fn, given), tuple(free)))
    return ActorCode(name, domain, times, me, flows, turns)


def _stored(t: Type) -> Type:
    """Return the type that keeps a local: an element of a domain has no value to reset it to."""
    return OptionalT(t) if isinstance(t, DomainT) else t


def _by_number(name: str) -> tuple[int, str]:
    tail = name.rpartition("@")[2]
    return (int(tail) if tail.isdigit() else 0, name)


def _has_step(tree: Tree) -> bool:
    """Does an operation take a step on any way through its beginning?"""
    return any(e.kind != "test" for leaf in leaves(tree) for e in leaf.events)


def _first_step(entry: Node) -> Node:
    for n in g.nodes(entry):
        if isinstance(n, g.STEPS):
            return n
    return entry


def _verb(node: Node) -> str:
    match node:
        case g.Access():
            return node.name
        case g.Lock():
            return f"{node.kind}_lock"
        case g.Unlock():
            return f"{node.kind}_unlock"
        case g.Wait():
            return "wait"
    return ""


def _names(places: Sequence[Node]) -> list[str]:
    """Return a name for each resting place: its function and primitive.

    If several places share the name, each is prefixed with its nearest caller that none of the
    others has. Places without such a caller are numbered, unless there is only one.
    """
    frames = [list(_callers(n)) for n in places]
    plain = [".".join(filter(None, (f[0], _verb(n)))) for f, n in zip(frames, places, strict=True)]
    result = list(plain)
    for name in dict.fromkeys(plain):
        group = [i for i, p in enumerate(plain) if p == name]
        if len(group) == 1:
            continue
        nameless = []
        for i in group:
            others = {c for j in group if j != i for c in frames[j]}
            own = next((c for c in frames[i] if c not in others), None)
            if own is None:
                nameless.append(i)
            else:
                result[i] = f"{own}.{name}"
        if len(nameless) > 1:
            for number, i in enumerate(nameless, 1):
                result[i] = f"{name}_{number}"
    return result


def _callers(node: Node) -> Iterator[str]:
    """Yield the function that a node is in and those that called it, innermost first."""
    frame: g.Frame | None = node.frame
    while frame is not None:
        yield frame.function
        frame = frame.caller
