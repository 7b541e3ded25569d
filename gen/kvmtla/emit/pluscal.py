"""A model as an algorithm in PlusCal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from kvmtla.emit.actions import merged
from kvmtla.emit.expressions import WIDTH, wrapped
from kvmtla.emit.module import ModuleWriter
from kvmtla.emit.names import Scope, Spelling, operator_of
from kvmtla.emit.pluscal_macros import TASK, Macro, with_macros
from kvmtla.emit.pluscal_names import PlusCalNames, process_of
from kvmtla.emit.pluscal_needed import Needed
from kvmtla.emit.pluscal_nesting import laid_out, sources_once
from kvmtla.emit.pluscal_statements import (
    Await,
    Do,
    Either,
    Labelled,
    Note,
    PlusCalPrinter,
    Statement,
    StatementPrinter,
    While,
    expressions,
    walk,
)
from kvmtla.emit.pluscal_steps import READS, StepBuilder
from kvmtla.emit.pluscal_taken import with_ways_taken
from kvmtla.emit.properties import PropertyPrinter
from kvmtla.emit.text import broken, comment_lines, in_comment
from kvmtla.errors import SpecError
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import (
    DONE,
    IDLE,
    Action,
    ActorInfo,
    Branch,
    Definition,
    Guard,
    Leaf,
    Model,
    Pick,
    Tree,
    Variable,
    leaves,
    spelled_out,
)
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import BOOL, MapT
from kvmtla.templates import environment

# The kernel's primitives that change something, one step each.
MACROS = {
    "WRITE_ONCE": "macro WRITE_ONCE(place, value) { place := value; }",
    "xchg": "macro xchg(place, new) { place := new; }",
    "try_cmpxchg": "macro try_cmpxchg(place, old, new) { if (place = old) place := new; }",
    "set_bit": "macro set_bit(bit) { bit := TRUE; }",
    "clear_bit": "macro clear_bit(bit) { bit := FALSE; }",
    "test_and_set_bit": "macro test_and_set_bit(bit) { bit := TRUE; }",
    "test_and_clear_bit": "macro test_and_clear_bit(bit) { bit := FALSE; }",
    "read_lock": "macro read_lock(lock) { await lock >= 0; lock := lock + 1; }",
    "read_unlock": "macro read_unlock(lock) { lock := lock - 1; }",
    "write_lock": "macro write_lock(lock) { await lock = 0; lock := -1; }",
    "write_unlock": "macro write_unlock(lock) { lock := 0; }",
}


class PlusCalWriter(ModuleWriter):
    """A writer of one model as an algorithm, with a process for each actor.

    Properties of behaviours are left out: fairness is about steps, of which several may be possible
    at one label.

    Raises SpecError for two actors that both have one process for each element of the same domain:
    the elements are the ids of the processes, and must differ.
    """

    specification = "QuietSpec"

    def __init__(self, model: Model, root: Path) -> None:
        asked = tuple(p for p in model.properties if not p.kind.temporal)
        model = with_ways_taken(replace(model, properties=asked, fairness=()))
        super().__init__(model, root)
        self.names = PlusCalNames(model, self.zeros.values())
        self.taken = self.names.taken
        # A local of a process is a variable of the translated module.
        self.spelling = Spelling(self.spelling.named, self.taken)
        self.printer = self.outside = PlusCalPrinter(self.spelling, self.names)
        self.properties = PropertyPrinter(model, self.printer, self.taken)
        self._check_ids()
        self.needed = Needed(model)
        self.stale: set[str] = set()
        """The locals that the algorithm does not reset wherever they are of no more use."""

    def _check_ids(self) -> None:
        owners: dict[str, str] = {}
        for a in self.names.tasks:
            if a.domain is not None and owners.setdefault(a.domain, a.name) != a.name:
                raise SpecError(
                    "KT705",
                    f"actors {owners[a.domain]!r} and {a.name!r} are both one for each {a.domain},"
                    " which PlusCal cannot tell apart",
                    hint="make two domains of it, or do without PlusCal",
                )

    @property
    def kept(self) -> dict[str, frozenset[str]]:
        """The locals that may keep a value that is of no more use, each with where.

        They are known once the module has been made.
        """
        found = {}
        for n in sorted(self.stale):
            actor = self.model.variables[n].actor
            assert actor is not None
            found[n] = frozenset(
                place
                for place in self.names.places(actor)
                if not self.needed.is_needed(n, actor, place)
            )
        return found

    def module(self) -> str:
        """Return the text of the module, with the algorithm, not yet translated."""
        m = self.model
        bodies, macros = with_macros(
            {a.name: self._body(a) for a in m.actions},
            {a.name: self._me(a) for a in m.actions},
            lambda name: name not in self.taken,
        )
        # What is said of labels comes once they are known.
        tasks = {a.name: self._laid_out(a, bodies) for a in self.names.tasks}
        processes = [list(self._process(a, bodies, tasks)) for a in self._processes()]
        called = _called([*bodies.values(), *(macro.body for macro in macros)])
        reading = {d.name for d in (*self.names.define, *self.names.after)}
        return (
            environment(__package__, escaped=False)
            .get_template("pluscal.tla.jinja")
            .render(
                **self._heading(),
                symmetric=self._symmetric(),
                constants=self._model_values(),
                domains=self._domains(),
                types=list(self._type_definitions()),
                before=[self._definition(d) for d in m.definitions if d.name not in reading],
                variables=list(self._variables()),
                define=[self._inner_definition(d) for d in self.names.define],
                reads=[r for r in READS if r in called],
                macros=[MACROS[m] for m in MACROS if m in called],
                functions=[list(self._macro(macro)) for macro in macros],
                processes=processes,
                type_ok=list(self._type_ok()),
                after=[self._definition(d) for d in self.names.after],
                goals=[p for p in m.properties if p.kind is PropertyKind.GOAL],
                operator_of=operator_of,
                quiescent=list(self._quiescent()),
                wrap=wrapped,
            )
        )

    def frame(self) -> str:
        """Return the text of a configuration that checks nothing, and looks at every state."""
        values = [f"    {name} = {name}" for name in self._model_values()]
        constants = ["CONSTANTS", *values] if values else []
        return "\n".join([f"SPECIFICATION {self.specification}", *constants, ""])

    def _model_values(self) -> list[str]:
        return [*super()._model_values(), *self.names.ids.values()]

    def _inner_definition(self, d: Definition) -> dict[str, object]:
        made = self._definition(d)
        lines = made["lines"]
        assert isinstance(lines, list)
        doc = [in_comment(line) for line in comment_lines(d.doc, WIDTH - 7)]
        return {**made, "doc": doc, "lines": [f"    {line}" for line in lines]}

    def _processes(self) -> Iterator[ActorInfo]:
        yield from self.names.tasks
        yield from self.names.hardware

    # -- variables

    def _variables(self) -> Iterator[str]:
        """Yield the declarations of the variables that all processes see."""
        texts = StatementPrinter(self.outside)
        scope = Scope(self.taken)
        first = _FirstStates(self.model)
        shared = [v for v in self.model.variables.values() if self._is_shared(v)]
        lines: list[str] = []
        for v in shared:
            name = self._text_of(v)
            value = first.value(v)
            if value is not None:
                lines += texts.assigned(f"    {name} = ", value, scope, ";")
            else:
                lines += texts.laid_out_set(f"    {name} \\in ", *first.choice(v), scope, ";")
        return iter(lines)

    def _is_shared(self, v: Variable) -> bool:
        return v.actor is None or (v.name in self.names.locals and self.names.locals[v.name].shared)

    def _text_of(self, v: Variable) -> str:
        return self.names.shared[v.name] if v.actor is None else self.names.locals[v.name].text

    # -- processes

    def _macro(self, macro: Macro) -> Iterator[str]:
        """Yield the macro of a function."""
        scope, names = Scope(self.taken, {TASK: "self"}), list[str]()
        for p in macro.params:
            scope, name = scope.bind(p.name)
            names.append(name)
        yield f"macro {macro.name}({', '.join(names)}) {{"
        yield from StatementPrinter(self.outside).lines(macro.body, scope, 4)
        yield "}"

    def _body(self, a: Action) -> tuple[Statement, ...]:
        me = self._me(a)
        return StepBuilder(self.model, self.names, self.needed, a.actor, me, self.stale).step(a)

    def _me(self, a: Action) -> Local | None:
        """Return an action's local that is the process itself; None where it has none."""
        owner = self.names.actors[a.actor]
        return None if owner.hardware or owner.domain is None else a.params[0]

    def _process(
        self,
        a: ActorInfo,
        bodies: Mapping[str, Sequence[Statement]],
        tasks: Mapping[str, Labelled],
    ) -> Iterator[str]:
        yield from self._about(a)
        yield f"process ({process_of(a, self.names)})"
        yield from self._own_variables(a)
        yield "{"
        yield from self._hardware(a, bodies) if a.hardware else self._task(a, tasks[a.name])
        yield "}"

    def _about(self, a: ActorInfo) -> Iterator[str]:
        if a.hardware:
            yield "\\* Hardware: any of this, at any moment."
        else:
            functions = dict.fromkeys(s.operation for s in self.model.actions if s.actor == a.name)
            words = f"{a.label}: {', '.join(f'{f}()' for f in functions) or 'nothing'}"
            for line in comment_lines(words, WIDTH - 3):
                yield f"\\* {in_comment(line)}"

    def _own_variables(self, a: ActorInfo) -> Iterator[str]:
        texts = StatementPrinter(self.outside)
        own = [
            v
            for v in self.model.variables.values()
            if v.actor == a.name and v.name in self.names.locals and not self._is_shared(v)
        ]
        if own:
            yield "variables"
        for v in own:
            value, t = v.first, v.type
            if a.domain is not None:
                assert isinstance(t, MapT)
                assert isinstance(value, tuple)
                value, t = value[0], t.value
            head = f"    {self.names.locals[v.name].text} = "
            yield from texts.laid_out(head, x.Const(value, t), Scope(self.taken), ";")

    def _hardware(self, a: ActorInfo, bodies: Mapping[str, Sequence[Statement]]) -> Iterator[str]:
        yield f"{self.names.label(a.name, IDLE)}:"
        yield "    while (TRUE) {"
        yield from self._ways([s for s in self.model.actions if s.actor == a.name], bodies, 8)
        if not self.names.tasks:
            # Without a single goto, the translator does without pc.
            yield f"        goto {self.names.label(a.name, IDLE)};"
        yield "    }"

    def _ways(
        self, actions: Sequence[Action], bodies: Mapping[str, Sequence[Statement]], column: int
    ) -> Iterator[str]:
        """Yield the steps of hardware, one of which is taken."""
        pad = " " * column
        several = len(actions) > 1
        for i, action in enumerate(actions):
            if several:
                yield f"{pad}}} or {{" if i else f"{pad}either {{"
            inner = column + 4 if several else column
            source = [action.kernel] if action.kernel else []
            for line in (*comment_lines(action.doc, WIDTH - inner - 3), *source):
                yield f"{' ' * inner}\\* {in_comment(line)}"
            printer = PlusCalPrinter(self.spelling, self.names, action.actor)
            yield from StatementPrinter(printer).lines(
                bodies[action.name], Scope(self.taken), inner
            )
        if several:
            yield f"{pad}}};"

    def _laid_out(self, a: ActorInfo, bodies: Mapping[str, Sequence[Statement]]) -> Labelled:
        """Return all that a task does, and note which of its labels are there, and how often."""
        mine = [s for s in self.model.actions if s.actor == a.name]
        steps = {
            self.names.label(a.name, place): self._step([s for s in mine if s.at == place], bodies)
            for place in self.names.places(a.name)
            if place != DONE
        }
        again = any(_goes_to(IDLE, s.tree, f"{a.name}_pc") for s in mine)
        after = self.names.label(a.name, IDLE if again else DONE)
        whole, copies = laid_out(steps, after, self.names.again)
        written = {s.label for s in walk((whole,)) if isinstance(s, Labelled)}
        if len(written) == 1:
            # Where every process is one loop, without a single goto the translator does without pc.
            whole, _ = laid_out(steps, None, self.names.again)
        self.names.copies |= {(a.name, copy): label for copy, label in copies.items()}
        self.names.absent |= {(a.name, label) for label in steps.keys() - written}
        if again:
            whole = replace(whole, body=(While(x.TRUE, whole.body),))
        return whole

    def _task(self, a: ActorInfo, whole: Labelled) -> Iterator[str]:
        me = next((self._me(s) for s in self.model.actions if s.actor == a.name), None)
        printer = PlusCalPrinter(self.spelling, self.names, a.name, me)
        scope = Scope(self.taken, {me.name: "self"} if me is not None else {})
        yield from StatementPrinter(printer).lines(sources_once((whole,)), scope, 4)

    def _step(
        self, here: Sequence[Action], bodies: Mapping[str, Sequence[Statement]]
    ) -> tuple[Statement, ...]:
        """Return what is done at one label, one of several ways; first, where it stands."""
        ways = []
        for s in here:
            said = [Note(s.doc)] if s.doc else []
            source = [Note(s.kernel, source=True)] if s.kernel else []
            ways.append((*said, *source, *bodies[s.name]))
        if not ways:
            return (Await(x.FALSE),)
        return ways[0] if len(ways) == 1 else (Either(tuple(ways)),)

    # -- what is said of the whole

    def _type_ok(self) -> Iterator[str]:
        for v in self.model.variables.values():
            if v.name in self.names.locals or v.actor is None:
                yield from self._broken_type(self._text_of(v), v)
                continue
            yield from self._pc_type(v)

    def _broken_type(self, name: str, v: Variable) -> Iterator[str]:
        head = f"    /\\ {name} \\in "
        yield from broken(f"{head}{self._set_of(v.type)}", len(head))

    def _pc_type(self, v: Variable) -> Iterator[str]:
        assert v.actor is not None
        places = self.names.places(v.actor)
        labels = [one for p in places for one in self.names.labels_at(v.actor, p)]
        yield from self._pc_is_in(v.actor, labels)

    def _pc_is_in(self, actor: str, labels: Sequence[str]) -> Iterator[str]:
        inside = "{" + ", ".join(f'"{e}"' for e in labels) + "}"
        if actor in self.names.ids:
            head = f"    /\\ pc[{self.names.ids[actor]}] \\in "
        else:
            head = f"    /\\ \\A self \\in {self.names.actors[actor].domain} : pc[self] \\in "
        yield from broken(f"{head}{inside}", len(head))

    def _quiescent(self) -> Iterator[str]:
        for a in self.names.tasks:
            there = self.names.places(a.name)
            labels = [self.names.label(a.name, p) for p in (IDLE, DONE) if p in there]
            yield from self._pc_is_in(a.name, labels)


class _FirstStates:
    """The first values of variables, one after the other."""

    def __init__(self, model: Model) -> None:
        self.model = model
        initial = spelled_out(model.initial)
        self.picks = list(_picks(initial))
        self.guard = _guard(initial)
        self.open = _decisions(initial)
        self.varying: list[Variable] = []

    def _of(self, v: Variable) -> Expr:
        return merged(self.open, v.name, x.Const(v.first, v.type))

    def value(self, v: Variable) -> Expr | None:
        """Return the variable's first value; None where it has several."""
        e = self._of(v)
        free = x.locals_in(e) & {p.name for p in self.picks}
        return None if free else e

    def choice(self, v: Variable) -> tuple[Expr, Expr, list[Local]]:
        """Return the variable's first values: an expression, its condition, and the locals of both.

        It reads what has been chosen for the variables before it as the state.
        """
        e = self._of(v)
        conds = [self.guard]
        for before in self.varying:
            chosen = x.Shared(before.name, before.type)
            conds.append(x.Bin("==", chosen, self._of(before), BOOL))
        self.varying.append(v)
        cond = reduce(lambda a, b: simplify(x.Bin("and", a, b, BOOL)), conds)
        free = x.locals_in(e) | x.locals_in(cond)
        return e, cond, [p for p in self.picks if p.name in free]


def _called(bodies: Iterable[Sequence[Statement]]) -> set[str]:
    """Return the macros and the operators that stand for primitives, as far as they are used."""
    found = set()
    for s in (s for body in bodies for s in walk(body)):
        if isinstance(s, Do):
            found.add(s.name)
        for e in expressions(s):
            found |= {y.function for y in x.walk(e) if isinstance(y, x.Call)}
    return found


def _goes_to(place: str, tree: Tree, pc: str) -> bool:
    ends = (leaf.updates.get(pc) for leaf in leaves(tree))
    return any(isinstance(e, x.Const) and e.value == place for e in ends)


def _picks(tree: Tree) -> Iterator[Local]:
    match tree:
        case Pick(var, body):
            yield var
            yield from _picks(body)
        case Guard(_, body):
            yield from _picks(body)
        case Branch(_, then, other):
            yield from _picks(then)
            yield from _picks(other)


def _guard(tree: Tree) -> Expr:
    match tree:
        case Pick(_, body):
            return _guard(body)
        case Guard(cond, body):
            return simplify(x.Bin("and", cond, _guard(body), BOOL))
        case Branch(cond, then, other):
            return simplify(x.If(cond, _guard(then), _guard(other), BOOL))
        case Leaf():
            return x.TRUE
    raise AssertionError("the first states are spelled out")


def _decisions(tree: Tree) -> Tree:
    """Return the tree without what is chosen or required on the way."""
    match tree:
        case Pick(_, body) | Guard(_, body):
            return _decisions(body)
        case Branch(cond, then, other):
            return Branch(cond, _decisions(then), _decisions(other))
        case Leaf():
            return tree
    raise AssertionError("the first states are spelled out")
