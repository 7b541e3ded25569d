"""The parts that models are put together from, kept for other models that have the same ones.

The scenarios of a spec, and the values of its constants, have much of their code in common. What
an actor's code becomes depends on what `depends` says, on how many elements the domains have, on
which spans somebody asks about, and on what is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from kvmtla.errors import Loc, SpecError
from kvmtla.front.scenario import ActorRead, ScenarioRead
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Action, Event, Leaf, Tree, Variable, bound_in, expressions, leaves
from kvmtla.ir.stmt import root
from kvmtla.ir.types import BOOL, DomainT, MapT, Type, Value, default
from kvmtla.lower import graph as g
from kvmtla.lower.actors import TURN, ActorCode, Cutter, Flow, SpanUse, actor_code
from kvmtla.lower.depends import Depends, Texts
from kvmtla.lower.flow import copied, tidy
from kvmtla.lower.graph import GraphBuilder
from kvmtla.lower.merged import Runner
from kvmtla.lower.narrow import Narrowings
from kvmtla.lower.nothing import Asked, names_element, nothing
from kvmtla.lower.shape import shape
from kvmtla.lower.slices import shared_reads, without
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions, State
from kvmtla.lower.unsure import ask_about_bounds, is_sure, unsure_locals

_P = TypeVar("_P", bound="Part")


@dataclass(frozen=True)
class Setting:
    """The settings that parts are made with, apart from their code."""

    special: Specialiser
    sizes: Mapping[str, int]
    spans: frozenset[str]
    """The spans that somebody asks about."""
    reductions: Reductions
    turns: bool = False
    """True if each step of whoever is fair has to change something, if only whose turn it was."""

    def builder(self, program: s.Program, *, begins: bool = False) -> GraphBuilder:
        """Return a builder of flows with this setting; `begins` is as for the builder."""
        return GraphBuilder(program, self.special, self.sizes, self.spans, begins)


class Part:
    """Flows that are made into steps together. They are never changed."""

    def __init__(self, flows: Iterable[Flow], setting: Setting) -> None:
        self.flows = tuple(flows)
        self.setting = setting
        self.narrowings = Narrowings()
        self._picks = itertools.count(1)

    def fresh(self, name: str) -> str:
        """Return a new name for a value that a step picks."""
        return f"{name}#p{next(self._picks)}"

    @cached_property
    def nodes(self) -> list[list[g.Node]]:
        """The nodes of each flow."""
        return [g.nodes(f.entry) for f in self.flows]

    @cached_property
    def written(self) -> frozenset[str]:
        """The shared fields that it accesses. It does not matter to it if others are left out."""
        stores = (n for nodes in self.nodes for n in nodes if isinstance(n, g.Store | g.Access))
        return frozenset(root(n.place) for n in stores)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The shared fields that anything it does depends on, spans included."""
        special = self.setting.special
        found: set[str] = set()
        for nodes in self.nodes:
            found |= shared_reads(nodes)
            for n in nodes:
                for e in g.reads(n):
                    found |= special.reads(e) - x.shared_in(e)
        return frozenset(found)

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The shared fields that it may give an integer outside their bounds."""
        nodes = [n for nodes in self.nodes for n in nodes]
        stored = [(n.place, n.value) for n in nodes if isinstance(n, g.Store)]
        stored += [(n.place, n.args[-1]) for n in nodes if isinstance(n, g.Access) and n.args]
        unsure = unsure_locals(nodes)
        return frozenset(s.root(place) for place, e in stored if not is_sure(e, place, unsure))

    @cached_property
    def shape(self) -> Hashable:
        """The shape of its flows. Parts of equal shape do the same, wherever in the source."""
        return tuple(shape(f.entry, self.setting.special) for f in self.flows)

    def _sliced(self, dropped: Collection[str]) -> list[Flow]:
        """Return the flows without what only writes dropped fields; a flow without any as it is."""
        made = []
        for f in self.flows:
            entry = without(f.entry, dropped, frozenset(p.name for p in f.params))
            made.append(f if entry is f.entry else Flow(f.function, entry, f.params))
        return made


class ActorPart(Part):
    """The code of an actor."""

    def __init__(self, code: ActorCode, setting: Setting) -> None:
        super().__init__(code.flows, setting)
        self.code = code
        self._without: dict[frozenset[str], ActorPart] = {}

    def without(self, dropped: Collection[str]) -> ActorPart:
        """Return the same part without what only writes dropped fields."""
        matter = self.written & frozenset(dropped)
        if matter not in self._without:
            flows, c = self._sliced(matter), self.code
            same = all(a is b for a, b in zip(flows, self.flows, strict=True))
            code = replace(c, flows=flows)
            self._without[matter] = self if same else ActorPart(code, self.setting)
        return self._without[matter]

    @cached_property
    def cutter(self) -> Cutter:
        """The cutter that makes actions of it."""
        to = self.setting
        return Cutter(self.code, to.reductions, to.sizes, to.special, self.fresh)

    @cached_property
    def cut(self) -> tuple[list[Variable], list[Action], list[SpanUse]]:
        """Its variables, its actions, and the spans that it is in at its resting places."""
        return self.cutter.cut()


class HardwarePart(Part):
    """One step of the hardware."""

    def __init__(self, flow: Flow, setting: Setting, *, turns: bool) -> None:
        super().__init__([flow], setting)
        self._turns = turns
        self._without: dict[frozenset[str], HardwarePart] = {}

    def without(self, dropped: Collection[str]) -> HardwarePart:
        """Return the same part without what only writes dropped fields."""
        matter = self.written & frozenset(dropped)
        if matter not in self._without:
            (flow,) = self._sliced(matter)
            same = flow is self.flows[0]
            self._without[matter] = self if same else self._of(flow)
        return self._without[matter]

    def _of(self, flow: Flow) -> HardwarePart:
        return HardwarePart(flow, self.setting, turns=self._turns)

    @cached_property
    def turn(self) -> Variable | None:
        """The variable that each step changes, so that it is one; None where it does not matter."""
        if not self._turns:
            return None
        (flow,) = self.flows
        name = f"{flow.function.name}_{TURN}"
        each = flow.params[0].type if flow.params else None
        t: Type = MapT(each, BOOL) if isinstance(each, DomainT) else BOOL
        first = default(t, self.setting.sizes)
        return Variable(name, t, first, turn_of=flow.function.name)

    def _turned(self) -> dict[str, Expr]:
        """Return the turn with its new value; nothing if there is no turn."""
        v = self.turn
        if v is None:
            return {}
        now: Expr = x.Shared(v.name, v.type)
        if not isinstance(v.type, MapT):
            return {v.name: x.Un("not", now, BOOL)}
        me = self.flows[0].params[0]
        other = x.Un("not", x.Index(now, me, BOOL), BOOL)
        return {v.name: x.Update(now, (me,), other, v.type)}

    @cached_property
    def action(self) -> Action:
        """The step, as an action."""
        (flow,) = self.flows
        fn = flow.function
        event = Event(
            "hardware", fn.text or fn.name, None, None, None, None, (fn.name,), None, fn.loc
        )

        def rest(_: g.Node, st: State) -> Leaf:
            changed = {n: v for n, v in st.shared.items() if v != x.Shared(n, v.type)}
            changed |= self._turned()
            return Leaf(changed, (event, *st.events), tuple(st.ways), sometimes=tuple(st.sometimes))

        runner = Runner(self.setting.reductions, rest, self.fresh)
        tree = runner.one_step(flow.entry, State(self.setting.special))
        return Action(
            fn.name,
            hardware_actor(fn),
            fn.name,
            None,
            flow.params,
            tree,
            fn.loc,
            fn.kernel,
            fn.doc,
            fn.name,
        )


def hardware_actor(fn: s.Function) -> str:
    """Return the actor of a hardware step: the hardware of the CPU that is its first parameter."""
    return f"{fn.params[0].type}_hardware" if fn.params else "hardware"


class FirstPart(Part):
    """The first states; `fields` are those of the shared state."""

    def __init__(self, flow: Flow, machine: str, fields: Mapping[str, Type], to: Setting) -> None:
        super().__init__([flow], to)
        self._machine = machine
        self._fields = fields
        self._trees: dict[frozenset[str] | None, Tree] = {}
        self._checked = False

    def tree(self, dropped: Collection[str] | None = None) -> Tree:
        """Return the tree of the first states, without the dropped fields.

        Raises SpecError for a field without a first value, or read before it has one. If `dropped`
        is None, the tree is for a caller that wants to know these values, and it is not tidied.
        """
        key = None if dropped is None else frozenset(dropped)
        if key not in self._trees:
            self._trees[key] = self._tree(key)
        return self._trees[key]

    def _tree(self, dropped: frozenset[str] | None) -> Tree:
        (flow,) = self.flows
        entry, sizes = flow.entry, self.setting.sizes
        if dropped is not None:
            entry = without(tidy(copied(entry)[entry], frozenset()), dropped, frozenset())

        def rest(_: g.Node, st: State) -> Leaf:
            return Leaf({n: v for n, v in st.shared.items() if n not in (dropped or ())}, ())

        blank: dict[str, Expr] = {n: x.Const(default(t, sizes), t) for n, t in self._fields.items()}
        self._check()
        # Named anew for each tree: it must not depend on which others have been made.
        runner = Runner(self.setting.reductions, rest, Part(self.flows, self.setting).fresh)
        return runner.one_step(entry, State(self.setting.special, blank))

    def _check(self) -> None:
        """Raise SpecError for a field that has no first value, or is read before it has one.

        No element of a domain comes before the others, so there is none to begin with.
        """
        unset = {n: t for n, t in self._fields.items() if names_element(t)}
        if self._checked or not unset or self.setting.special.fields:
            # The fields that never change are known from first states that have been checked.
            return
        (flow,) = self.flows
        blank = {n: nothing(n, t, self.setting.sizes) for n, t in self._fields.items()}

        def rest(_: g.Node, st: State) -> Leaf:
            return Leaf({**st.shared}, ())

        runner = Runner(self.setting.reductions, rest, Part(self.flows, self.setting).fresh)
        tree = runner.one_step(flow.entry, State(self.setting.special, blank))
        asked = Asked({b.var.name: b.value for b in bound_in(tree)})
        for leaf in leaves(tree):
            for name in unset:
                if name in asked.of(leaf.updates[name]):
                    raise self._missing(name, "gives {} no first value", flow.function.loc)
        for name in frozenset[str]().union(*map(asked.of, expressions(tree))):
            loc = self._first_read(name) or flow.function.loc
            raise self._missing(name, "reads {} before it has a value", loc)
        self._checked = True

    def _missing(self, name: str, what: str, loc: Loc) -> SpecError:
        said, t = what.format(f"{self._machine}.{name}"), self._fields[name]
        return SpecError(
            "KT703",
            f"{self.flows[0].function.name}() {said}",
            loc=loc,
            hint=f"say which it is, or that it may be any: m.{name} = choose({t})"
            if isinstance(t, DomainT)
            else f"set all of it before: m.{name} = ...; choose(...) is any element of a Domain",
        )

    def _first_read(self, name: str) -> Loc | None:
        """Return where a field is read first; None if it is not."""
        for n in self.nodes[0]:
            place = n.place if isinstance(n, g.Store) else None
            found = (e for e in g.reads(n) if e is not place)
            if any(name in self.setting.special.reads(e) for e in found):
                return n.loc
        return None


class Parts:
    """All known parts of the models of a program.

    `below` has the parts of a program that lacks some of the functions, or has others in their
    place. Parts that do not lead to any of these functions are taken from there.
    """

    def __init__(self, program: s.Program, below: Parts | None = None) -> None:
        self.program = program
        self._below = below
        self._texts: Texts = Texts(below._texts if below is not None else None)
        self._specials: dict[Hashable, Specialiser] = {}
        self._depends: dict[int, tuple[Specialiser, Depends]] = {}
        self._asked: dict[int, tuple[Specialiser, frozenset[str]]] = {}
        self._known: dict[Hashable, Part] = {}

    def forget(self) -> None:
        """Forget all parts, as if none had been asked for."""
        for known in (self._specials, self._depends, self._asked, self._known):
            known.clear()
        if self._below is not None:
            self._below.forget()

    def special(
        self, constants: Mapping[str, Value], fields: Mapping[str, x.Const] | None = None
    ) -> Specialiser:
        """Return what puts these constants and these fields into the program's functions."""
        key = (tuple(constants.items()), tuple(sorted((fields or {}).items())))
        if key not in self._specials:
            known = self._below.special(constants, fields) if self._below is not None else None
            self._specials[key] = Specialiser(self.program, constants, fields, known)
        return self._specials[key]

    def actor(self, actor: ActorRead, to: Setting) -> ActorPart:
        """Return the code of an actor, tidied; raises SpecError as `actor_code` does."""
        keys = tuple(o.key for o in actor.operations)
        turns = actor.fair and to.turns

        def made(program: s.Program, to: Setting) -> ActorPart:
            a, builder = actor, to.builder(program)
            own = a.name, a.operations, a.domain, a.times
            code = actor_code(*own, builder, a.loc, turns=turns)
            for f in code.flows:
                ask_about_bounds(f.entry)
                f.entry = tidy(f.entry, frozenset(p.name for p in f.params))
            return ActorPart(code, to)

        own = {actor.domain.name} if actor.domain is not None else frozenset[str]()
        kind = "actor", actor.name, actor.domain, actor.times, turns
        return self._part(kind, keys, to, made, own)

    def hardware(self, fn: s.Function, to: Setting) -> HardwarePart:
        """Return a step of the hardware, tidied."""
        turns = fn.fair and to.turns

        def made(program: s.Program, to: Setting) -> HardwarePart:
            builder = to.builder(program)
            given = {p.name: builder.fresh(p) for p in fn.params}
            entry = builder.build(fn, given)
            entry = tidy(entry, frozenset(p.name for p in given.values()))
            return HardwarePart(Flow(fn, entry, tuple(given.values())), to, turns=turns)

        own = {p.type.name for p in fn.params if isinstance(p.type, DomainT)}
        return self._part(("hardware", turns), (fn.key,), to, made, own)

    def first(self, scenario: ScenarioRead, to: Setting) -> FirstPart:
        """Return the first states of a scenario."""
        fn, machine = scenario.initial, scenario.machine

        def made(program: s.Program, to: Setting) -> FirstPart:
            flow = Flow(fn, to.builder(program, begins=True).build(fn, {}), ())
            return FirstPart(flow, machine.name, machine.fields, to)

        return self._part(("first", machine.name), (fn.key,), to, made, to.sizes)

    def depends(self, special: Specialiser) -> Depends:
        """Return what functions depend on where `special` puts in the constants."""
        # Kept with the specialiser, so that its id cannot come to mean another one.
        known = self._depends.get(id(special))
        if known is None:
            known = self._depends[id(special)] = (special, Depends(special, self._texts))
        return known[1]

    def asked_in_one_step(self, special: Specialiser) -> frozenset[str]:
        """Return the spans that one-step code asks about, where `special` puts in the constants."""
        known = self._asked.get(id(special))
        if known is None:
            found = frozenset[str]().union(*map(special.spans, self._asking))
            known = self._asked[id(special)] = (special, found)
        return known[1]

    @cached_property
    def _asking(self) -> list[Expr]:
        """The expressions in one-step code that may ask about spans."""
        atomic = (fn for fn in self.program.functions.values() if fn.kind == "atomic")
        said = (e for fn in atomic for e in s.expressions(fn.body))
        return [e for e in said if x.asked_in(e) or x.called_in(e)]

    def _part(
        self,
        kind: Hashable,
        keys: tuple[str, ...],
        to: Setting,
        made: Callable[[s.Program, Setting], _P],
        counted: Collection[str],
    ) -> _P:
        """Return what is known of this kind, or made now; `counted` are domains that it counts."""
        on, special = self.depends(to.special).of(keys), to.special
        if self._below is not None and self._below.has(on.called, self.program):
            lower = self._below.special(special.constants, special.fields)
            return self._below._part(kind, keys, replace(to, special=lower), made, counted)
        key = (
            kind,
            keys,
            tuple((n, size) for n, size in to.sizes.items() if n in on.counted or n in counted),
            to.reductions,
            to.spans & on.spans,
            frozenset((n, v) for n, v in special.fields.items() if n in on.fields),
            on.values,
        )
        if key not in self._known:
            self._known[key] = made(self.program, to)
        return self._known[key]  # type: ignore[return-value]

    def has(self, keys: Collection[str], program: s.Program) -> bool:
        """Are these functions of another program the same here?"""
        mine, theirs = self.program.functions, program.functions
        return all(mine.get(k) is theirs[k] for k in keys)
