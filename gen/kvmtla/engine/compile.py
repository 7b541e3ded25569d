"""A model as Python source: functions from packed states to packed successors.

A function looks only at a part of the state, the bits of its mask, and gives changes: each is a
number that, by exclusive or, turns the state before into the state after. So the result of a
function depends on few bits, and a search asks for it once for each value that these bits have.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kvmtla.engine.outcome import Limits
from kvmtla.engine.packing import Bounds, Layout
from kvmtla.engine.statements import INDENT, Statements
from kvmtla.engine.term import Term, both, either
from kvmtla.engine.terms import AFTER, BEFORE, NO_ENV, Env, Terms
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, later
from kvmtla.ir.model import DONE, IDLE, Action, Model, Tree, leaves, may_fail, used
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import BOOL, EnumT, MapT, Value, elements
from kvmtla.patience import on_time, within

# (change, number of the end of an action that made it) for each step.
Changes = list[tuple[int, int]]
Step = Callable[[int], Changes]
Test = Callable[[int], object]

# Steps that belong to no actor's place share a function as long as it looks at no more bits.
_WIDEST = 12

_GIVE = "return out"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on states; it looks at the bits of `mask`."""

    name: str
    mask: int
    test: Test


@dataclass(frozen=True, slots=True)
class StepPredicate:
    """A condition on steps.

    It looks at the bits of `mask` in the state before a step, and at those of `after` in the state
    after it. It is true of all steps that change none of either.
    """

    name: str
    mask: int
    after: int
    test: Callable[[int, int], object]

    def of(self, before: int, after: int) -> bool:
        """Is it true of the step between these states?"""
        return bool(self.test(before & self.mask, after & self.after))


@dataclass(frozen=True, slots=True)
class Stage:
    """Steps of which only those of one place are possible at a time.

    `places` are the bits that say which place it is. `steps` has for each of their values a mask,
    and the function that looks at its bits; no steps are possible if there is no entry.
    """

    name: str
    places: int
    steps: Mapping[int, tuple[int, Step]]

    def from_state(self, state: int) -> Changes:
        """Return the steps that are possible in a state."""
        found = self.steps.get(state & self.places)
        return found[1](state & found[0]) if found is not None else []


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """An actor, or the one with the number `me` of several alike, and its steps.

    `waiting` are the values of the stage's `places` at which it is in the middle of an operation,
    and may have no step.
    """

    actor: str
    me: int | None
    stage: Stage
    waiting: frozenset[int]

    @property
    def mask(self) -> int:
        """The bits that say whether the actor waits."""
        masks = (self.stage.steps[at][0] for at in self.waiting & self.stage.steps.keys())
        return functools.reduce(operator.or_, masks, self.stage.places)

    def waits(self, state: int) -> bool:
        """Is the actor in the middle of an operation, and without a step?"""
        return state & self.stage.places in self.waiting and not self.stage.from_state(state)


@dataclass(frozen=True, slots=True)
class Asked:
    """A temporal property, for one value of each of its parameters."""

    kind: PropertyKind
    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Compiled:
    """A model, compiled.

    `first` gives the changes that turn `blank` into the first states. `invariants` are the model's,
    by name, with each goal as the condition that it is not reached; `steps` are the model's
    properties of steps, `watched` the conditions that were asked for. `typed` is true if every
    number is one of its type, `at_rest` if nobody is in the middle of anything. `tasks` are those
    who may have to wait in the middle of something. `ends` has, for each end of an action's tree,
    the name of the action; the number of a step is an index into it. `behaviours` are the temporal
    properties; if there are any, `fair` has the steps of everyone who is fair.
    """

    model: Model
    layout: Layout
    source: str
    ends: tuple[str, ...]
    blank: int
    first: Step
    stages: tuple[Stage, ...]
    tasks: tuple[Task, ...]
    invariants: Mapping[str, Predicate]
    steps: Mapping[str, StepPredicate]
    watched: Mapping[str, Predicate]
    typed: Predicate
    at_rest: Predicate
    behaviours: Mapping[str, tuple[Asked, ...]]
    fair: tuple[Stage, ...]


def compile_model(model: Model, watch: Mapping[str, Expr] | None = None) -> Compiled:
    """Return `model` as functions; `watch` are conditions on its states to compile, by name.

    Raises TypeError for a model with a variable that cannot be stored.
    """
    bounds = Bounds(model)
    while True:
        source = _Compiler(model, bounds).source(watch or {})
        if not bounds.stretched:
            return source.compiled()
        bounds.next_round()


def compiled_within(model: Model | Compiled, limit: Limits) -> Compiled:
    """Return `model`, compiled if it is not yet; raises TooLongError beyond the limit of time."""
    if isinstance(model, Compiled):
        return model
    with within(limit.seconds):
        return compile_model(model)


@dataclass(slots=True)
class _Block:
    """The steps of one action, for one value of each of its parameters."""

    lines: list[str]
    mask: int


@dataclass(slots=True)
class _Source:
    """The source of a model, and the places of its parts."""

    model: Model
    layout: Layout
    lines: list[str] = field(default_factory=list)
    stages: list[tuple[str, int, dict[int, tuple[int, str]]]] = field(default_factory=list)
    tasks: list[tuple[str, int | None, int, frozenset[int]]] = field(default_factory=list)
    """Those who may have to wait: the actor, which one, the number of its stage, and where."""
    predicates: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Function -> the name of what it tests, and the bits that it looks at."""
    of_steps: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """The same for tests of steps."""
    behaviours: dict[str, list[tuple[PropertyKind, list[str]]]] = field(default_factory=dict)
    """Temporal property -> for each value of its parameters, its kind and its tests."""
    fair: list[tuple[str, int, dict[int, tuple[int, str]]]] = field(default_factory=list)

    def add(self, name: str, body: Sequence[str], params: str = BEFORE) -> str:
        """Add a function, and return its name."""
        self.lines += [f"def {name}({params}):", *(INDENT + line for line in body), ""]
        return name

    def add_predicate(self, function: str, name: str, mask: int, text: str) -> None:
        """Add a test of a state; `text` is an expression."""
        self.predicates[self.add(function, [f"return {text}"])] = (name, mask)

    def compiled(self) -> Compiled:
        """Return the compiled model, with the functions themselves."""
        text = "\n".join(self.lines)
        made: dict[str, Callable[..., object]] = {"put": _put}
        exec(compile(text, f"<engine: {self.model.name}>", "exec"), made)
        tests = {f: Predicate(n, mask, made[f]) for f, (n, mask) in self.predicates.items()}

        def named(kind: str) -> dict[str, Predicate]:
            return {t.name: t for f, t in tests.items() if f.startswith(kind)}

        def stage(one: tuple[str, int, dict[int, tuple[int, str]]]) -> Stage:
            name, places, steps = one
            return Stage(name, places, {at: (mask, made[f]) for at, (mask, f) in steps.items()})  # type: ignore[misc]

        stages = tuple(stage(one) for one in self.stages)
        return Compiled(
            self.model,
            self.layout,
            text,
            tuple(a.name for a in self.model.actions for _ in leaves(a.tree)),
            self.layout.pack({v.name: v.first for v in self.model.variables.values()}),
            made["first"],  # type: ignore[arg-type]
            stages,
            tuple(Task(actor, me, stages[i], at) for actor, me, i, at in self.tasks),
            named("invariant"),
            {
                n: StepPredicate(n, mask, after, made[f])
                for f, (n, mask, after) in self.of_steps.items()
            },
            named("watched"),
            tests["typed"],
            tests["at_rest"],
            {
                n: tuple(Asked(kind, tuple(tests[f] for f in parts)) for kind, parts in found)
                for n, found in self.behaviours.items()
            },
            tuple(stage(one) for one in self.fair),
        )


class _Compiler:
    def __init__(self, model: Model, bounds: Bounds) -> None:
        self.model = model
        self.layout = Layout(model, bounds)
        self.terms = Terms(self.layout)
        self.statements = Statements(model, self.terms)
        self.indexed = {a.name for a in model.actors if a.domain is not None}
        self.result = _Source(model, self.layout)

    def source(self, watch: Mapping[str, Expr]) -> _Source:
        # Packed now, so that there is room for the first values of the variables.
        self.layout.pack({v.name: v.first for v in self.model.variables.values()})
        # The ends of the initial tree are no ends of steps: their numbers are below 0.
        begins = -sum(1 for _ in leaves(self.model.initial))
        self.result.add("first", _body([self._block(self.model.initial, number=begins)]))
        self._steps()
        for i, p in enumerate(self.model.properties):
            if p.kind is PropertyKind.STEP:
                self._of_step(f"step_{i}", p)
            elif p.kind.temporal:
                self._of_behaviours(f"behaviour_{i}", p)
            else:
                (e,) = p.parts
                if p.kind is PropertyKind.GOAL:
                    e = x.Un("not", e, BOOL)
                self._condition(f"invariant_{i}", p.name, e)
        for i, (name, e) in enumerate(watch.items()):
            self._condition(f"watched_{i}", name, e)
        self._typed()
        self._at_rest()
        return self.result

    # -- steps

    def _steps(self) -> None:
        placed: dict[tuple[str, int | None], dict[str, list[_Block]]] = {}
        free: list[_Block] = []
        named: list[tuple[str, Sequence[Value], _Block]] = []
        number = 0
        for action in self.model.actions:
            for values in itertools.product(
                *(elements(p.type, self.model.sizes) for p in action.params)
            ):
                me = self._me(action, values)
                block = self._action(number, action, values, me)
                if action.at is None:
                    free.append(block)
                    named.append((action.name, values, block))
                else:
                    places = placed.setdefault((action.actor, me), {})
                    places.setdefault(action.at, []).append(block)
            number += sum(1 for _ in leaves(action.tree))
        for (actor, me), places in placed.items():
            self._actor(actor, me, places)
        for i, blocks in enumerate(_gathered(free)):
            f = self.result.add(f"free_{i}", _body(blocks))
            self.result.stages.append((f, 0, {0: (_union(blocks), f)}))
        if self.model.temporal:
            self._fair(named)

    def _fair(self, free: Sequence[tuple[str, Sequence[Value], _Block]]) -> None:
        """Add the steps of everyone fair; `free` are those that belong to no actor's place."""
        known = {stage[0]: stage for stage in self.result.stages}
        for i, fair in enumerate(self.model.fairness):
            members = range(self.model.sizes[fair.each]) if fair.each is not None else [None]
            for me in members:
                name = fair.name if me is None else f"{fair.name}_{me}"
                own = [b for a, v, b in free if a in fair.actions and me in (None, *v[:1])]
                if own:
                    f = self.result.add(f"fair_{i}_{me or 0}", _body(own))
                    self.result.fair.append((f, 0, {0: (_union(own), f)}))
                elif name in known:
                    self.result.fair.append(known[name])

    def _me(self, action: Action, values: Sequence[Value]) -> int | None:
        """Return which of several alike actors takes the step; None for one and for hardware."""
        if action.at is None or action.actor not in self.indexed:
            return None
        me = values[0]
        assert isinstance(me, int)
        return me

    def _actor(self, actor: str, me: int | None, places: Mapping[str, list[_Block]]) -> None:
        t, offset, width = self._pc(actor)
        offset += (me or 0) * width
        at_mask = ((1 << width) - 1) << offset
        name = actor if me is None else f"{actor}_{me}"
        steps = {}
        for at, blocks in places.items():
            code = t.members.index(at)
            f = self.result.add(f"{name}_at_{code}", _body(blocks))
            steps[code << offset] = (at_mask | _union(blocks), f)
        self.result.stages.append((name, at_mask, steps))
        waiting = frozenset(
            t.members.index(at) << offset
            for at in t.members
            if at not in (IDLE, DONE) and self._may_wait(actor, at)
        )
        if waiting:
            self.result.tasks.append((actor, me, len(self.result.stages) - 1, waiting))

    def _may_wait(self, actor: str, at: str) -> bool:
        """Is no step at this place always possible?"""
        own = (a for a in self.model.actions if a.actor == actor and a.at == at)
        return all(may_fail(a.tree) for a in own)

    def _pc(self, actor: str) -> tuple[EnumT, int, int]:
        """Return an actor's places, and the lowest bit and the width of what says where it is."""
        slot = self.layout.slots[f"{actor}_pc"]
        t = slot.type.value if isinstance(slot.type, MapT) else slot.type
        assert isinstance(t, EnumT)
        return t, slot.offset, self.layout.width(t)

    def _action(
        self, number: int, action: Action, values: Sequence[Value], me: int | None
    ) -> _Block:
        on_time(action.function)
        env = {
            p.name: (self.terms.constant(v, p.type), p.type)
            for p, v in zip(action.params, values, strict=True)
        }
        shown = ", ".join(map(str, values))
        return self._block(action.tree, env, me, number, f"# {action.name}({shown})")

    def _block(
        self,
        tree: Tree,
        env: Env = NO_ENV,
        me: int | None = None,
        number: int = 0,
        head: str = "#",
    ) -> _Block:
        self.terms.mask = 0
        lines = self.statements.of(used(tree), env, me, number)
        return _Block([head, *lines] if lines else [], self.terms.mask)

    # -- what is true of a state

    def _condition(self, function: str, name: str, e: Expr, env: Env = NO_ENV) -> None:
        self.terms.mask = 0
        term = self.terms.condition(e, env)
        self.result.add_predicate(function, name, self.terms.mask, term.text)

    def _of_behaviours(self, function: str, p: Property) -> None:
        """Add the tests of a temporal property, for all values of its parameters."""
        found = self.result.behaviours.setdefault(p.name, [])
        ranges = [elements(v.type, self.model.sizes) for v in p.params]
        for i, values in enumerate(itertools.product(*ranges)):
            env = {
                v.name: (self.terms.constant(value, v.type), v.type)
                for v, value in zip(p.params, values, strict=True)
            }
            names = [f"{function}_{i}_{k}" for k in range(len(p.parts))]
            for name, e in zip(names, p.parts, strict=True):
                self._condition(name, p.name, e, env)
            found.append((p.kind, names))

    def _of_step(self, function: str, p: Property) -> None:
        """Add a test of a step: it is as it should be, or changes nothing that is asked about."""
        terms = self.terms
        terms.mask = terms.mask_after = 0
        (body,) = p.parts
        kept = terms.condition(body, NO_ENV)
        same = [
            Term(
                f"({terms.of(e, e.type, NO_ENV).text} == {terms.of(later(e), e.type, NO_ENV).text})"
            )
            for e in p.asks
        ]
        text = either([kept, both(same)]).text
        self.result.add(function, [f"return {text}"], f"{BEFORE}, {AFTER}")
        self.result.of_steps[function] = (p.name, terms.mask, terms.mask_after)

    def _typed(self) -> None:
        mask = 0
        tests = []
        for c in self.layout.checked():
            run = (1 << c.width) - 1
            mask |= run << c.offset
            code = f"(s >> {c.offset} & {run})"
            test = f"{c.low} <= {code} <= {c.high}"
            if c.none:
                test += f" or {code} == 0"
            if c.present is not None:
                mask |= 1 << c.present
                test += f" or not s >> {c.present} & 1"
            tests.append(f"({test})")
        self.result.add_predicate("typed", "TypeOK", mask, " and ".join(tests) or "True")

    def _at_rest(self) -> None:
        """Add the test that every actor is between operations or done: to stop is no deadlock."""
        mask = 0
        tests = []
        for actor in self.model.actors:
            if actor.hardware:
                continue
            t, offset, width = self._pc(actor.name)
            resting = sum(1 << t.members.index(m) for m in (IDLE, DONE) if m in t.members)
            count = self.model.sizes[actor.domain] if actor.domain is not None else 1
            for i in range(count):
                at = offset + i * width
                mask |= ((1 << width) - 1) << at
                tests.append(f"{resting} >> (s >> {at} & {(1 << width) - 1}) & 1")
        self.result.add_predicate("at_rest", "at rest", mask, " and ".join(tests) or "True")


def _body(blocks: Sequence[_Block]) -> list[str]:
    return ["out = []", *(line for b in blocks for line in b.lines), _GIVE]


def _union(blocks: Iterable[_Block]) -> int:
    mask = 0
    for b in blocks:
        mask |= b.mask
    return mask


def _gathered(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield groups of blocks that look at much the same bits."""
    groups: list[list[_Block]] = []
    for b in blocks:
        if not b.lines:
            continue
        for group in groups:
            mask = _union(group)
            widest = max(mask.bit_count(), b.mask.bit_count(), _WIDEST)
            if (mask | b.mask).bit_count() <= widest:
                group.append(b)
                break
        else:
            groups.append([b])
    yield from groups


def _put(whole: int, at: int, mask: int, value: int) -> int:
    """Return `whole` with the bits of `mask`, moved up by `at`, replaced by `value`."""
    return whole & ~(mask << at) | value << at
