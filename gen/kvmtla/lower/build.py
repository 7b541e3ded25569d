"""A scenario with its constants put in, lowered to a model."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from enum import Enum
from functools import cached_property

from kvmtla.errors import SpecError
from kvmtla.front.program import ProgramReader
from kvmtla.front.scenario import ScenarioRead
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.bounds import fits
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
    Let,
    Model,
    Pick,
    Tree,
    Variable,
    expressions,
    leaves,
    said,
)
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import BOOL, DomainT, MapT, default
from kvmtla.lower import graph as g
from kvmtla.lower.fields import Named, asks_about_lock, changed_fields, named_in
from kvmtla.lower.narrow import narrow
from kvmtla.lower.parts import (
    ActorPart,
    FirstPart,
    HardwarePart,
    Part,
    Parts,
    Setting,
    hardware_actor,
)
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions


def reductions_for(fn: s.Function, program: s.Program, given: Reductions) -> Reductions:
    """Return those of the given reductions that keep the verdict on a property right.

    A property that asks about a lock sees the state in which the lock has just been taken. Fairness
    does not let anybody do for ever what changes nothing: that depends on what there is to change.
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
    parts: Parts | None = None,
) -> Model:
    """Return the model of `scenario` for these values of the constants.

    The model keeps what the `properties` and the steps depend on. The `reductions` have to be fit
    for them. `parts` are the known parts of models of this program. Raises SpecError if a shared
    field has no first value.
    """
    return Lowering(
        scenario, parts or Parts(reader.program), constants, properties, name, reductions
    ).model(word_format)


def specialised(scenario: ScenarioRead, parts: Parts, constants: Mapping[str, Enum]) -> Specialiser:
    """Return what puts in the constants and the shared fields nothing in `scenario` changes."""
    return Lowering(scenario, parts, constants, (), "", None).special


class Lowering:
    """A scenario on its way to a model; arguments as for `lower`."""

    def __init__(
        self,
        scenario: ScenarioRead,
        parts: Parts,
        constants: Mapping[str, Enum],
        properties: Sequence[s.Function],
        name: str,
        reductions: Reductions | None,
    ) -> None:
        self.scenario = scenario
        self.program = parts.program
        self.constants = constants
        self.properties = properties
        self.name = name
        self.reductions = reductions or Reductions()
        self.sizes = scenario.sizes
        self._parts = parts
        self._values = {n: v.name for n, v in constants.items()}

    # -- the parts

    @cached_property
    def special(self) -> Specialiser:
        """The specialiser that puts in the constants and the shared fields that nothing changes."""
        plain = self._parts.special(self._values)
        if not self.reductions.slices:
            return plain
        return self._parts.special(self._values, self._fixed_fields(plain))

    @cached_property
    def _setting(self) -> Setting:
        return self._set_to(self.special)

    def _set_to(self, special: Specialiser) -> Setting:
        spans = self._asked_spans(special) if self.reductions.slices else self.program.spans
        turns = any(p.property is not None and p.property.temporal for p in self.properties)
        return Setting(special, self.sizes, frozenset(spans), self.reductions, turns)

    @cached_property
    def actors(self) -> list[ActorPart]:
        """The code of all actors, with nothing left out of it so far."""
        return [self._parts.actor(a, self._setting) for a in self.scenario.actors]

    def does_the_same_as(self, other: Lowering) -> bool:
        """Do the actors do the same, once calls are written out and constants put in?

        The other is of the same scenario, by a program in which some functions differ.
        """
        pairs = zip(self.actors, other.actors, strict=True)
        return all(a is b or a.shape == b.shape for a, b in pairs)

    def _asked_spans(self, special: Specialiser) -> frozenset[str]:
        """Return the spans that properties or one-step code ask about; operations cannot."""
        asking = [special.expr(part) for p in self.properties for part in p.values]
        named = (n.spans for n in self._named.values())
        for fn in self.scenario.hardware:
            if self.program.functions.get(fn.key) == fn:
                asking += s.expressions(fn.body)
        atomic = self._parts.asked_in_one_step(special)
        return atomic.union(*named, *map(special.spans, asking))

    @cached_property
    def _named(self) -> dict[str, Named]:
        """The fields and spans that properties of steps name, by the name of the property."""
        steps = (p for p in self.properties if p.property is PropertyKind.STEP)
        return {p.name: named_in(p, self.program) for p in steps}

    def _asked_parts(self, fn: s.Function) -> tuple[Expr, ...]:
        """Return what the function of a property gives, with the constants put in."""
        return tuple(map(self.special.expr, fn.values))

    def _fixed_fields(self, special: Specialiser) -> dict[str, x.Const]:
        """Return the shared fields that nothing changes and that begin with one value only."""
        changed = self._changed
        first = self._parts.first(self.scenario, self._set_to(special))
        ends = list(leaves(first.tree()))
        fixed = {}
        fields = self.scenario.machine.fields
        for name in fields.keys() - changed:
            values = {leaf.updates[name] for leaf in ends}
            value = values.pop()
            if not values and isinstance(value, x.Const) and fits(value, fields[name]):
                fixed[name] = value
        return fixed

    @cached_property
    def _changed(self) -> set[str]:
        """The shared fields that something in the scenario may change."""
        operations = [o for a in self.scenario.actors for o in a.operations]
        plain = self._parts.special(self._values)
        return changed_fields([*operations, *self.scenario.hardware], plain)

    def model(self, word_format: str | None) -> Model:
        """Return the model; `word_format` says how words are laid out."""
        hardware = [self._parts.hardware(fn, self._setting) for fn in self.scenario.hardware]
        beginning = self._parts.first(self.scenario, self._setting)
        dropped, actors, hardware = self._sliced(hardware, beginning)
        variables = {v.name: v for v in self._shared_variables(dropped)}
        own = [v for part in actors for v in part.cut[0]]
        own += [part.turn for part in hardware if part.turn is not None]
        for v in own:
            if v.name in variables:
                who = f"actor {v.actor!r}" if v.actor is not None else f"{v.turn_of}()"
                raise SpecError(
                    "KT702",
                    f"two variables of scenario {self.scenario.name!r} are called {v.name!r}",
                    loc=self.scenario.loc,
                    hint=f"give {who} another name",
                )
            variables[v.name] = v
        steps: list[tuple[Action, Part]] = [(a, part) for part in actors for a in part.cut[1]]
        steps += [(part.action, part) for part in hardware]
        spans = self._spans(actors)
        first = beginning.tree(dropped)
        if not variables:
            assert self.reductions.slices
            # Nothing that happens matters. Keep everything, so that there are first states.
            whole = replace(self.reductions, slices=False)
            given = self.scenario, self._parts, self.constants, self.properties, self.name
            return Lowering(*given, whole).model(word_format)
        definitions = self._definitions([first, *(a.tree for a, _ in steps)], spans)
        # A step that stays for the sake of a span may still write what is left out.
        steps = [(replace(a, tree=_kept(a.tree, variables.keys())), part) for a, part in steps]
        steps = [(a, part) for a, part in steps if not _impossible(a.tree)]
        names = {*variables, *self.sizes, *(d.name for d in definitions)}
        actions = _told_apart((a for a, _ in steps), names)
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
            word_format=word_format,
            fairness=tuple(self._fairness(actions)),
        )
        if not self.reductions.bits:
            return model
        return narrow(model, [part.narrowings for _, part in steps])

    def _fairness(self, actions: Sequence[Action]) -> Iterator[Fair]:
        """Yield who is fair, as the scenario says, with the steps that there are."""
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
            name = hardware_actor(fn)
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

    def _sliced(
        self, hardware: list[HardwarePart], beginning: FirstPart
    ) -> tuple[set[str], list[ActorPart], list[HardwarePart]]:
        """Return the shared fields to leave out, and the actors and the hardware without them."""
        actors = self.actors
        asked = [e for p in self.properties for e in self._asked_parts(p)]
        named = (n.fields & self._changed for n in self._named.values())
        # An integer that may leave its bounds is asked about, whatever the properties say.
        unsure = (part.unsure for part in (beginning, *actors, *hardware))
        needed = beginning.reads.union(*named, *unsure, *map(self.special.reads, asked))
        dropped: set[str] = set()
        # Without slices nothing is left out, not even what does nothing.
        while self.reductions.slices:
            actors = [part.without(dropped) for part in actors]
            hardware = [part.without(dropped) for part in hardware]
            read = needed.union(*(part.reads for part in (*actors, *hardware)))
            now = self.scenario.machine.fields.keys() - read
            if now <= dropped:
                break
            dropped |= now
        return dropped, actors, hardware

    # -- definitions

    def _spans(self, actors: Iterable[ActorPart]) -> dict[str, Definition]:
        """Return each span as a predicate on where the actors are."""
        bodies: dict[str, Expr] = dict.fromkeys(self.program.spans, x.FALSE)
        params = {
            k: tuple(Local(f"{n}#{k}", t) for n, t in d.params)
            for k, d in self.program.spans.items()
        }
        for part in actors:
            for use in part.cut[2]:
                body = simplify(x.Bin("and", part.cutter.is_at(use.at), use.when, BOOL))
                for p, a in zip(params[use.span], use.args, strict=True):
                    same = simplify(x.Bin("==", a, p, BOOL))
                    body = simplify(x.Bin("and", body, same, BOOL))
                me = part.code.self_local
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
        """Return the operators that steps and properties use, each after those that it uses."""
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
                for part in self._asked_parts(p):
                    need(part)
            else:
                need(self.special.body(p.name))
                # What a property of steps names stands in its text, too.
                for e in self._asked(self._named[p.name]) if p.name in self._named else ():
                    need(e)
                need_function(p.name)
        return tuple(made.values())

    # -- properties

    def _property(self, fn: s.Function) -> Property:
        assert fn.property is not None
        parts = self._asked_parts(fn)
        asks = tuple(self._asked(self._named[fn.name])) if fn.name in self._named else ()
        return Property(fn.name, fn.property, fn.params, parts, asks, fn.doc, fn.loc)

    def _asked(self, named: Named) -> Iterator[Expr]:
        """Yield the named parts of the state: fields that may change, and who is in which span."""
        fields = self.scenario.machine.fields
        kept = named.fields & self._changed
        yield from (x.Shared(n, t) for n, t in fields.items() if n in kept)
        for span in sorted(named.spans):
            params = self.program.spans[span].params
            given = [Local(f"{n}#{span}_asked", t) for n, t in params]
            whole: Expr = x.Active(span, tuple(given))
            for p in reversed(given):
                assert isinstance(p.type, DomainT)
                whole = x.MapOf(p, whole, MapT(p.type, whole.type))
            yield whole


def _told_apart(actions: Iterable[Action], taken: Iterable[str]) -> list[Action]:
    """Return the actions, each under a name that nothing else has."""
    used = set(taken)
    found = []
    for a in actions:
        numbered = (f"{a.name}_{i}" for i in itertools.count(2))
        name = next(n for n in itertools.chain([a.name], numbered) if n not in used)
        used.add(name)
        found.append(replace(a, name=name))
    return found


def _kept(tree: Tree, names: Set[str], gone: frozenset[str] = frozenset()) -> Tree:
    """Return the tree with ends that give values to these variables only.

    `gone` has the names of values that depend on other variables.
    """
    match tree:
        case Leaf(updates, events):
            told = tuple(e for e in events if _reads_only(e, names, gone))
            if len(told) == len(events) and updates.keys() <= names:
                return tree
            changes = {n: v for n, v in updates.items() if n in names}
            return replace(tree, updates=changes, events=told)
        case Branch(cond, then, other):
            a, b = _kept(then, names, gone), _kept(other, names, gone)
            return tree if a is then and b is other else Branch(cond, a, b)
        case Guard(cond, body):
            kept = _kept(body, names, gone)
            return tree if kept is body else Guard(cond, kept)
        case Pick(var, body, when):
            kept = _kept(body, names, gone)
            return tree if kept is body else Pick(var, kept, when)
        case Let(bound, body):
            stay = []
            for one in bound:
                if _speaks_of(one.value, names, gone):
                    stay.append(one)
                else:
                    gone |= {one.var.name}
            kept = _kept(body, names, gone)
            return tree if kept is body and len(stay) == len(bound) else Let((*stay,), kept)


def _reads_only(event: Event, names: Set[str], gone: frozenset[str]) -> bool:
    """Is the event about these variables only?"""
    return all(_speaks_of(e, names, gone) for e in said(event))


def _speaks_of(e: Expr, names: Set[str], gone: frozenset[str]) -> bool:
    """Does `e` read only these variables, and no named value that reads others?"""
    return x.shared_in(e) <= names and x.locals_in(e).isdisjoint(gone)


def _impossible(tree: Tree) -> bool:
    return isinstance(tree, Guard) and tree.cond == x.FALSE
