"""A scenario with its constants put in, lowered to a model."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from kvmtla.errors import SpecError
from kvmtla.front.program import ProgramReader
from kvmtla.front.scenario import ScenarioRead
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import (
    Action,
    ActorInfo,
    Branch,
    Definition,
    Event,
    Fair,
    Guard,
    Leaf,
    Model,
    Pick,
    Tree,
    Variable,
    expressions,
    leaves,
)
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import BOOL, DomainT, MapT, Type, default
from kvmtla.lower import graph as g
from kvmtla.lower.actors import ActorCode, Cutter, SpanUse, actor_code
from kvmtla.lower.fields import asks_about_lock, changed_fields
from kvmtla.lower.flow import bypass, tidy
from kvmtla.lower.graph import GraphBuilder, Node
from kvmtla.lower.narrow import narrow
from kvmtla.lower.slices import does_nothing, shared_reads, unseen
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions, Runner, State


def reductions_for(fn: s.Function, program: s.Program, given: Reductions) -> Reductions:
    """Of the given reductions those with which the verdict on a property is still the right one.

    A property that asks about a lock sees the state in which it is just taken. And who is fair does
    not for ever do what changes nothing: that depends on what there is to change.
    """
    assert fn.property is not None
    if fn.property.temporal:
        return replace(given, locks=False, slices=False)
    return replace(given, locks=False) if asks_about_lock(fn, program) else given


def lower(
    scenario: ScenarioRead,
    reader: ProgramReader,
    constants: Mapping[str, Enum],
    properties: Sequence[s.Function],
    *,
    name: str,
    reductions: Reductions | None = None,
    word_format: str | None = None,
) -> Model:
    """The model of `scenario` for these values of the constants.

    The model keeps what the `properties` and the steps depend on. The `reductions` have to be fit
    for them. Raises SpecError where nothing that happens matters to them, or a shared field has no
    first value.
    """
    return _Lowering(
        scenario, reader, constants, properties, name, reductions or Reductions(), word_format
    ).model()


def specialised(
    scenario: ScenarioRead, reader: ProgramReader, constants: Mapping[str, Enum]
) -> Specialiser:
    """Puts in the constants, and the shared fields that nothing in `scenario` changes."""
    return _Lowering(scenario, reader, constants, (), "", Reductions(), None).settled()


class _Lowering:
    def __init__(
        self,
        scenario: ScenarioRead,
        reader: ProgramReader,
        constants: Mapping[str, Enum],
        properties: Sequence[s.Function],
        name: str,
        reductions: Reductions,
        word_format: str | None,
    ) -> None:
        self.scenario = scenario
        self.program = reader.program
        self.constants = constants
        self.properties = properties
        self.name = name
        self.reductions = reductions
        self.word_format = word_format
        self.sizes = scenario.sizes
        self.values = {n: v.name for n, v in constants.items()}
        self.special = Specialiser(self.program, self.values)
        self.builder = self._builder()
        self._picks = itertools.count(1)

    def fresh(self, name: str) -> str:
        return f"{name}#p{next(self._picks)}"

    # -- the parts

    def _builder(self) -> GraphBuilder:
        spans = frozenset(self.program.spans)
        if self.reductions.slices:
            spans = self._asked_spans()
        return GraphBuilder(self.program, self.special, self.sizes, spans)

    def _asked_spans(self) -> frozenset[str]:
        """The spans that properties or one-step code ask about; operations cannot."""
        asking = [part for p in self.properties for part in self._parts(p)]
        for fn in self.program.functions.values():
            if fn.kind == "atomic" or fn in self.scenario.hardware:
                asking += s.expressions(fn.body)
        return frozenset[str]().union(*map(self.special.spans, asking))

    def _parts(self, fn: s.Function) -> tuple[Expr, ...]:
        """What the function of a property gives."""
        return tuple(map(self.special.expr, fn.values))

    def _fixed_fields(self) -> dict[str, x.Const]:
        """The shared fields that nothing changes, and that begin with one value only."""
        operations = [o for a in self.scenario.actors for o in a.operations]
        changed = changed_fields([*operations, *self.scenario.hardware], self.special)
        ends = list(leaves(self._initial(self.builder.build(self.scenario.initial, {}), set())))
        fixed = {}
        for name in self.scenario.machine.fields.keys() - changed:
            values = {leaf.updates[name] for leaf in ends}
            value = values.pop()
            if not values and isinstance(value, x.Const):
                fixed[name] = value
        return fixed

    def _flows(
        self,
    ) -> tuple[list[ActorCode], list[tuple[s.Function, tuple[Local, ...], Node]], Node]:
        """The flows of all actors, of the hardware, and of the first states."""
        codes = [
            actor_code(a.name, a.operations, a.domain, a.times, self.builder, a.loc)
            for a in self.scenario.actors
        ]
        hardware = [self._hardware_flow(fn) for fn in self.scenario.hardware]
        return codes, hardware, self.builder.build(self.scenario.initial, {})

    def settled(self) -> Specialiser:
        """Puts in the constants, and the shared fields that nothing changes."""
        return Specialiser(self.program, self.values, self._fixed_fields())

    def model(self) -> Model:
        if self.reductions.slices:
            self.special = self.settled()
            self.builder = self._builder()
        codes, hardware, initial = self._flows()
        props = [part for p in self.properties for part in self._parts(p)]
        dropped = self._tidy(codes, hardware, props, initial)
        initial = _without(tidy(initial, frozenset()), dropped, frozenset())
        cut = []
        for code in codes:
            cutter = Cutter(code, self.reductions, self.sizes, self.special, self.fresh)
            cut.append((cutter, cutter.cut()))
        shared = self._shared_variables(dropped)
        variables = {v.name: v for v in shared}
        for _, (owned, _, _) in cut:
            for v in owned:
                if v.name in variables:
                    raise SpecError(
                        "KT702",
                        f"two variables of scenario {self.scenario.name!r} are called {v.name!r}",
                        loc=self.scenario.loc,
                        hint=f"give actor {v.actor!r} another name",
                    )
                variables[v.name] = v
        actions = [a for _, (_, found, _) in cut for a in found]
        actions += [self._hardware_action(fn, params, entry) for fn, params, entry in hardware]
        spans = self._spans([(c, spans) for c, (_, _, spans) in cut])
        first = self._initial(initial, dropped)
        if not variables:
            asked = ", ".join(p.name for p in self.properties)
            raise SpecError(
                "KT704",
                f"nothing that happens in scenario {self.scenario.name!r} matters to {asked}",
                loc=self.scenario.loc,
                hint="check another property here, or the same one in another scenario",
            )
        definitions = self._definitions([first, *(a.tree for a in actions)], spans)
        # A step that stays for the sake of a span may still write what is left out.
        actions = [replace(a, tree=_kept(a.tree, variables.keys())) for a in actions]
        names = {*variables, *self.sizes, *(d.name for d in definitions)}
        actions = _told_apart((a for a in actions if not _impossible(a.tree)), names)
        model = Model(
            name=self.name,
            scenario=self.scenario.name,
            doc=self.scenario.doc,
            constants={n: str(v.value) for n, v in self.constants.items()},
            sizes=dict(self.sizes),
            variables=variables,
            initial=first,
            initial_loc=self.scenario.initial.loc,
            actions=tuple(actions),
            definitions=definitions,
            properties=tuple(map(self._property, self.properties)),
            actors=self._actors(),
            labels=self.scenario.labels,
            sliced=tuple(sorted(dropped)),
            word_format=self.word_format,
            fairness=tuple(self._fairness(actions)),
        )
        return narrow(model) if self.reductions.bits else model

    def _fairness(self, actions: Sequence[Action]) -> Iterator[Fair]:
        """Who is fair, as the scenario says, with the steps that there are."""
        for a in self.scenario.actors:
            each = a.domain.name if a.domain is not None else None
            own = tuple(b.name for b in actions if b.actor == a.name and b.at is not None)
            if a.fair and own:
                yield Fair(a.name, each, own)
        for fn in self.scenario.hardware:
            t = fn.params[0].type if fn.params else None
            own = tuple(b.name for b in actions if b.at is None and b.operation == fn.name)
            if fn.fair and own:
                yield Fair(fn.name, t.name if isinstance(t, DomainT) else None, own)

    def _actors(self) -> tuple[ActorInfo, ...]:
        found = [
            ActorInfo(a.name, a.label, a.domain.name if a.domain is not None else None)
            for a in self.scenario.actors
        ]
        names = {a.name for a in found}
        for fn in self.scenario.hardware:
            name = _hardware_actor(fn)
            if name not in names:
                names.add(name)
                t = fn.params[0].type if fn.params else None
                domain = t.name if isinstance(t, DomainT) else None
                label = t.label if isinstance(t, DomainT) else "hardware"
                found.append(ActorInfo(name, label, domain, hardware=True))
        return tuple(found)

    def _shared_variables(self, dropped: set[str]) -> list[Variable]:
        return [
            Variable(n, t, default(t, self.sizes))
            for n, t in self.scenario.machine.fields.items()
            if n not in dropped
        ]

    # -- slicing and tidying

    def _tidy(
        self,
        codes: list[ActorCode],
        hardware: list[tuple[s.Function, tuple[Local, ...], Node]],
        props: Sequence[Expr],
        initial: Node,
    ) -> set[str]:
        """Simplify all flows; give the shared fields that are left out."""
        dropped: set[str] = set()
        for code in codes:
            for f in code.flows:
                f.entry = tidy(f.entry, frozenset(p.name for p in f.params))
        for i, (fn, params_, entry) in enumerate(hardware):
            hardware[i] = (fn, params_, tidy(entry, frozenset(p.name for p in params_)))
        # Not even what does nothing is left out, if nothing is to be.
        while self.reductions.slices:
            for code in codes:
                for f in code.flows:
                    params = frozenset(p.name for p in f.params)
                    f.entry = _without(f.entry, dropped, params)
            for i, (fn, params_, entry) in enumerate(hardware):
                names = frozenset(p.name for p in params_)
                hardware[i] = (fn, params_, _without(entry, dropped, names))
            read = set[str]().union(*(self.special.reads(p) for p in props))
            for code in codes:
                for f in code.flows:
                    read |= self._deep_reads(g.nodes(f.entry))
            for _, _, entry in hardware:
                read |= self._deep_reads(g.nodes(entry))
            read |= self._deep_reads(g.nodes(initial))
            now = set(self.scenario.machine.fields) - read
            if now <= dropped:
                return dropped
            dropped |= now
        return dropped

    def _deep_reads(self, nodes: Sequence[Node]) -> set[str]:
        found = shared_reads(nodes)
        for n in nodes:
            for e in g.reads(n):
                found |= self.special.reads(e) - x.shared_in(e)
        return found

    # -- hardware and first states

    def _hardware_flow(self, fn: s.Function) -> tuple[s.Function, tuple[Local, ...], Node]:
        given = {p.name: self.builder.fresh(p) for p in fn.params}
        return fn, tuple(given.values()), self.builder.build(fn, given)

    def _hardware_action(self, fn: s.Function, params: tuple[Local, ...], entry: Node) -> Action:
        event = Event(
            "hardware", fn.text or fn.name, None, None, None, None, (fn.name,), None, fn.loc
        )

        def rest(_: Node, st: State) -> Leaf:
            changed = {n: v for n, v in st.shared.items() if v != x.Shared(n, v.type)}
            return Leaf(changed, (event, *st.events), tuple(st.ways))

        tree = Runner(self.reductions, rest, self.fresh).one_step(entry, State(self.special))
        return Action(
            fn.name,
            _hardware_actor(fn),
            fn.name,
            None,
            params,
            tree,
            fn.loc,
            fn.kernel,
            fn.doc,
            fn.name,
        )

    def _initial(self, entry: Node, dropped: set[str]) -> Tree:
        def rest(_: Node, st: State) -> Leaf:
            return Leaf({n: v for n, v in st.shared.items() if n not in dropped}, ())

        fields = self.scenario.machine.fields
        blank: dict[str, Expr] = {n: x.Const(default(t, self.sizes), t) for n, t in fields.items()}
        tree = Runner(self.reductions, rest, self.fresh).one_step(entry, State(self.special, blank))
        for leaf in leaves(tree):
            for name, value in leaf.updates.items():
                t = value.type
                # No element of a domain comes before the others, so there is none to begin with.
                if _names_element(t) and value == x.Const(default(t, self.sizes), t):
                    fn = self.scenario.initial
                    raise SpecError(
                        "KT703",
                        f"{fn.name}() gives {self.scenario.machine}.{name} no first value",
                        loc=fn.loc,
                        hint=f"say which {t} it is, or that it may be any: choose(...)",
                    )
        return tree

    # -- definitions

    def _spans(self, found: Iterable[tuple[Cutter, Sequence[SpanUse]]]) -> dict[str, Definition]:
        """Each span as a predicate on where the actors are."""
        bodies: dict[str, Expr] = dict.fromkeys(self.program.spans, x.FALSE)
        params = {
            k: tuple(Local(f"{n}#{k}", t) for n, t in d.params)
            for k, d in self.program.spans.items()
        }
        for cutter, uses in found:
            for use in uses:
                body = simplify(x.Bin("and", cutter.is_at(use.at), use.when, BOOL))
                for p, a in zip(params[use.span], use.args, strict=True):
                    same = simplify(x.Bin("==", a, p, BOOL))
                    body = simplify(x.Bin("and", body, same, BOOL))
                me = cutter.code.self_local
                if me is not None:
                    var = Local(f"{g.spoken(me)}#{use.span}_self", me.type)
                    body = x.Quant("any", var, x.substitute(body, {me.name: var}))
                bodies[use.span] = simplify(x.Bin("or", bodies[use.span], body, BOOL))
        return {
            k: Definition(k, params[k], bodies[k], d.loc, d.doc)
            for k, d in self.program.spans.items()
        }

    def _definitions(
        self, trees: Iterable[Tree], spans: Mapping[str, Definition]
    ) -> tuple[Definition, ...]:
        """The operators that steps and properties use, each after those that it uses."""
        made: dict[str, Definition] = {}

        def need(e: Expr) -> None:
            for y in x.walk(e):
                if isinstance(y, x.Call):
                    need_function(y.function)
                elif isinstance(y, x.Active) and y.span not in made:
                    need(spans[y.span].body)
                    made[y.span] = spans[y.span]

        def need_function(key: str) -> None:
            if key in made:
                return
            fn, body = self.program.functions[key], self.special.body(key)
            need(body)
            made[key] = Definition(key, fn.params, body, fn.loc, fn.doc, fn.kernel)

        for tree in trees:
            for e in expressions(tree):
                need(e)
        for p in self.properties:
            if p.property is not None and p.property.temporal:
                for part in self._parts(p):
                    need(part)
            else:
                need_function(p.name)
        return tuple(made.values())

    # -- properties

    def _property(self, fn: s.Function) -> Property:
        assert fn.property is not None
        parts = self._parts(fn)
        asks = tuple(self._asked(parts)) if fn.property is PropertyKind.STEP else ()
        return Property(fn.name, fn.property, fn.params, parts, asks, fn.doc, fn.loc)

    def _asked(self, parts: Sequence[Expr]) -> Iterator[Expr]:
        """The parts of the state that expressions ask about: fields, and who is in which spans."""
        fields = self.scenario.machine.fields
        read = frozenset[str]().union(*map(self.special.reads, parts))
        yield from (x.Shared(n, t) for n, t in fields.items() if n in read)
        for span in sorted(frozenset[str]().union(*map(self.special.spans, parts))):
            params = self.program.spans[span].params
            given = [Local(f"{n}#{span}_asked", t) for n, t in params]
            whole: Expr = x.Active(span, tuple(given))
            for p in reversed(given):
                assert isinstance(p.type, DomainT)
                whole = x.MapOf(p, whole, MapT(p.type, whole.type))
            yield whole


def _without(entry: Node, dropped: set[str], params: frozenset[str]) -> Node:
    """A tidy flow without what only writes dropped fields, tidied again."""
    while True:
        is_unseen = unseen(entry, dropped)
        drop = {n for n in g.nodes(entry) if does_nothing(n, dropped) and is_unseen(n)}
        closing: set[Node] = set()
        for n in drop:
            if isinstance(n, g.Begin):
                end = n.next
                while isinstance(end, g.Join) and not end.closes:
                    end = end.next
                assert end is not None
                closing.add(end)
        if not drop:
            return entry
        entry = tidy(bypass(entry, drop | closing), params)


def _hardware_actor(fn: s.Function) -> str:
    """Hardware steps belong to the CPU that their first parameter names."""
    return f"{fn.params[0].type}_hardware" if fn.params else "hardware"


def _told_apart(actions: Iterable[Action], taken: Iterable[str]) -> list[Action]:
    """The actions, each under a name that nothing else has."""
    used = set(taken)
    found = []
    for a in actions:
        numbered = (f"{a.name}_{i}" for i in itertools.count(2))
        name = next(n for n in itertools.chain([a.name], numbered) if n not in used)
        used.add(name)
        found.append(replace(a, name=name))
    return found


def _kept(tree: Tree, names: Collection[str]) -> Tree:
    """A tree whose ends give values to these variables only."""
    match tree:
        case Leaf(updates, events, ways):
            told = tuple(e for e in events if _reads_only(e, names))
            return Leaf({n: v for n, v in updates.items() if n in names}, told, ways)
        case Branch(cond, then, other):
            return Branch(cond, _kept(then, names), _kept(other, names))
        case Guard(cond, body):
            return Guard(cond, _kept(body, names))
        case Pick(var, body):
            return Pick(var, _kept(body, names))


def _reads_only(event: Event, names: Collection[str]) -> bool:
    """Is the event about these variables only?"""
    parts = [event.place, event.stores, event.returns, *(e for _, e in event.reasons)]
    return all(x.shared_in(e) <= set(names) for e in parts if e is not None)


def _names_element(t: Type) -> bool:
    """Does every value of the type name an element of a domain?"""
    return isinstance(t, DomainT) or (isinstance(t, MapT) and _names_element(t.value))


def _impossible(tree: Tree) -> bool:
    return isinstance(tree, Guard) and tree.cond == x.FALSE
