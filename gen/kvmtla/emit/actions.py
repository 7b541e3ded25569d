"""Actions and first states as TLA+ text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvmtla.emit.expressions import WIDTH, Printer
from kvmtla.emit.groups import Groups
from kvmtla.emit.names import Scope
from kvmtla.emit.rest import AtRest
from kvmtla.emit.slots import Slot
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, chain
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import (
    Action,
    Branch,
    Guard,
    Leaf,
    Let,
    Model,
    Pick,
    Tree,
    Variable,
    leaves,
    used,
)
from kvmtla.ir.types import Value
from kvmtla.patience import on_time


@dataclass(frozen=True, slots=True)
class Where:
    """The element that says which of several tasks steps, and the actor and place it steps from."""

    index: Expr | None
    place: tuple[str, str] | None


class ActionPrinter:
    """A printer of steps, which give each variable its next value or say that it is unchanged."""

    def __init__(
        self,
        model: Model,
        printer: Printer,
        taken: frozenset[str],
        slots: Sequence[Slot],
        groups: Groups,
        at_rest: AtRest,
    ) -> None:
        self.model = model
        self.groups = groups
        self.printer = printer
        self.taken = taken
        self.slots = slots
        self.at_rest = at_rest
        self.slot_of = {n: s for s in slots for n in s.variables}

    def action(self, a: Action) -> list[str]:
        """Return the definition of an action."""
        scope = Scope(self.taken)
        names = []
        for p in a.params:
            scope, name = scope.bind(p.name)
            names.append(name)
        head = f"{a.name}({', '.join(names)})" if names else a.name
        lines = [f"{head} =="]
        index = a.params[0] if self._indexed(a) else None
        if a.at is not None:
            pc = self._current(self.model.variables[f"{a.actor}_pc"], index)
            lines.append(f'    /\\ {self.printer.flat(pc, scope)} = "{a.at}"')
        place = (a.actor, a.at) if a.at is not None else None
        return lines + self._tree(used(a.tree), self.slots, scope, 4, Where(index, place))

    def _indexed(self, a: Action) -> bool:
        return any(i.name == a.actor and i.domain is not None for i in self.model.actors)

    def _tree(
        self, tree: Tree, pending: Sequence[Slot], scope: Scope, column: int, where: Where
    ) -> list[str]:
        """Return the conjuncts of a tree that settles the `pending` variables.

        What all its ends agree on is said once, before the decision; what none touches, after it.
        """
        on_time()
        match tree:
            case Guard(cond, body):
                lines = self._conjuncts(cond, scope, column)
                return lines + self._tree(body, pending, scope, column, where)
            case Pick(var, body):
                inner, name = scope.bind(var.name)
                some = self.printer.choices(var, tree.when, scope)
                head = f"{' ' * column}/\\ \\E {name} \\in {some} :"
                chosen = self._tree(body, pending, inner, column + 7, where)
                # Where nothing depends on the choice, there is none.
                return [head, *chosen] if chosen else []
            case Let():
                names, conds, body, inner = self._named(tree, scope)
                needed = [n for cond in conds for n in self._conjuncts(cond, inner, column + 7)]
                rest = self._tree(body, pending, inner, column + 7, where)
                return self._let(names, [*needed, *rest], column)
        values, mixed = split(list(leaves(tree)), [n for s in pending for n in s.variables])
        if isinstance(tree, Branch) and _is_small(tree, mixed):
            for n in mixed:
                now = self._current(self.model.variables[n], where.index)
                values[n] = merged(tree, n, now)
            mixed = []
        # A record is changed in one place: what depends on the decision takes the rest along.
        apart = {self.slot_of[n].name for n in mixed}
        lines, settled = [], set(apart)
        for slot in pending:
            own = {n: values[n] for n in slot.variables if n in values}
            if own and slot.name not in apart:
                settled.add(slot.name)
                lines += self._assign(slot, own, scope, column, where)
        if isinstance(tree, Branch) and (apart or not _open(tree)):
            inside = [s for s in pending if s.name in apart]
            sides = [
                self._tree(t, inside, scope, column + 10, where) for t in (tree.then, tree.other)
            ]
            lines += self._decision(tree.cond, sides, scope, column)
        return lines + self._unchanged([s.name for s in pending if s.name not in settled], column)

    def _named(
        self, tree: Tree, scope: Scope
    ) -> tuple[list[tuple[str, Expr, Scope]], list[Expr], Tree, Scope]:
        """Return the names that a step begins with, what it requires, and the rest with its scope.

        TLA+ works a value out where it is asked for, so all the names can come first.
        """
        names: list[tuple[str, Expr, Scope]] = []
        conds: list[Expr] = []
        while isinstance(tree, Let | Guard):
            if isinstance(tree, Guard):
                conds.append(tree.cond)
            else:
                for b in tree.bound:
                    inner, name = scope.bind(b.var.name)
                    names.append((name, b.value, scope))
                    scope = inner
            tree = tree.body
        return names, conds, tree, scope

    def _let(
        self, names: Sequence[tuple[str, Expr, Scope]], body: list[str], column: int
    ) -> list[str]:
        if not body:
            return []
        pad = " " * column
        first, *rest = self.printer.let_lines(names, column + 3)
        return [f"{pad}/\\ {first}", *rest, f"{pad}   IN  {body[0].lstrip()}", *body[1:]]

    def _decision(
        self, cond: Expr, sides: Sequence[list[str]], scope: Scope, column: int
    ) -> list[str]:
        pad = " " * column
        first, *rest = self.printer.lines(cond, scope, column + 6)
        lines = [f"{pad}/\\ IF {first}", *rest]
        for word, side in zip(("THEN", "ELSE"), sides, strict=True):
            block = side or [f"{' ' * (column + 10)}/\\ TRUE"]
            lines += [f"{pad}     {word} {block[0].lstrip()}", *block[1:]]
        return lines

    def _current(self, v: Variable, index: Expr | None) -> Expr:
        if v.actor is None:
            return x.Shared(v.name, v.type)
        name = v.name.removeprefix(f"{v.actor}_")
        return x.ActorVar(v.actor, name, index, v.type)

    def _conjuncts(self, cond: Expr, scope: Scope, column: int) -> list[str]:
        lines = []
        parts = chain(cond) if isinstance(cond, x.Bin) and cond.op == "and" else [cond]
        for part in parts:
            first, *rest = self.printer.lines(part, scope, column + 3)
            lines += [f"{' ' * column}/\\ {first}", *rest]
        return lines

    def _assign(
        self, slot: Slot, values: Mapping[str, Expr], scope: Scope, column: int, where: Where
    ) -> list[str]:
        """Return the conjunct that gives a variable its next value."""
        if slot.record is not None:
            return self._record(slot, values, scope, column, where)
        (value,) = values.values()
        name = slot.name
        if slot.actor is not None and where.index is not None:
            at = self.printer.flat(where.index, scope)
            head, tail = f"/\\ {name}' = [{name} EXCEPT ![{at}] = ", "]"
        else:
            head, tail = f"/\\ {name}' = ", ""
        alone = not tail
        flat = (self.printer.right_side if alone else self.printer.flat)(value, scope)
        if column + len(head) + len(flat) + len(tail) <= WIDTH:
            return [f"{' ' * column}{head}{flat}{tail}"]
        # A long value starts on the next line, where it has more room.
        deep = column + 7
        broken = self.printer.right_side_lines if alone else self.printer.lines
        first, *rest = broken(value, scope, deep)
        lines = [f"{' ' * column}{head.rstrip()}", f"{' ' * deep}{first}", *rest]
        lines[-1] += tail
        return lines

    def _record(
        self, slot: Slot, values: Mapping[str, Expr], scope: Scope, column: int, where: Where
    ) -> list[str]:
        """Return the conjunct that changes the record of a task, all fields in one EXCEPT."""
        at = f"[{self.printer.flat(where.index, scope)}]" if where.index is not None else ""
        changes = [
            self._change(n, f"{at}.{slot.fields[n]}", values[n], scope, where)
            for n in slot.variables
            if n in values
        ]
        idle, others = self._to_rest(slot, values, where)
        head = f"{' ' * column}/\\ {slot.name}' = "
        if idle is not None:
            given = ", ".join(
                f"!.{slot.fields[n]} = {self.printer.flat(values[n], scope)}" for n in others
            )
            whole = f"[{idle} EXCEPT {given}]" if given else idle
            line = f"{head}[{slot.name} EXCEPT !{at} = {whole}]" if at else f"{head}{whole}"
            if len(line) <= WIDTH:
                return [line]
        start = f"{head}[{slot.name} EXCEPT "
        flat = ", ".join(f"!{path} = {self.printer.flat(e, scope)}" for path, e in changes)
        if len(start) + len(flat) + 1 <= WIDTH:
            return [f"{start}{flat}]"]
        column, opened = len(start), False
        made = self._values(changes, scope, column)
        if any(len(line) >= WIDTH for block in made for line in block):
            # There is more room on the next line.
            column, opened = len(head) - len(head.lstrip()) + 7, True
            made = self._values(changes, scope, column)
        lines = [line for block in made for line in block]
        lines[-1] = f"{lines[-1][:-1]}]"
        return [start.rstrip(), *lines] if opened else [f"{start}{lines[0].lstrip()}", *lines[1:]]

    def _values(
        self, changes: Sequence[tuple[str, Expr]], scope: Scope, column: int
    ) -> list[list[str]]:
        """Return for each change in a record its lines, with a comma behind it."""
        made = []
        for path, e in changes:
            head = f"{' ' * column}!{path} = "
            first, *rest = self.printer.lines(e, scope, len(head))
            block = [f"{head}{first}", *rest]
            block[-1] += ","
            made.append(block)
        return made

    def _change(
        self, name: str, path: str, value: Expr, scope: Scope, where: Where
    ) -> tuple[str, Expr]:
        """Return the path and value of a change, within a map or record only of what changes."""
        now = self._current(self.model.variables[name], where.index)
        if isinstance(value, x.Update) and value.base == now:
            return path + self.printer.path(value.path, scope), value.value
        return path, value

    def _to_rest(
        self, slot: Slot, values: Mapping[str, Expr], where: Where
    ) -> tuple[str | None, list[str]]:
        """Return the name of the record of a task with nothing in hand, and what differs from it.

        There is no name where something may be left from before the step, or nothing is put back.
        """
        assert slot.record is not None
        if where.place is None:
            return None, []
        differ = self.at_rest.may_differ(*where.place)
        back = [n for n in values if self.at_rest.is_first(n, values[n])]
        left = [n for n in slot.variables if n not in values and n in differ]
        pc = f"{slot.actor}_pc"
        if left or pc not in values or not [n for n in back if n != pc]:
            return None, []
        others = [n for n in values if n not in back]
        named = self.printer.spelling.named.get((slot.record.name, self._idle(slot)))
        return (named, others) if len(others) <= 1 else (None, [])

    def _idle(self, slot: Slot) -> Value:
        if not slot.indexed:
            return slot.first
        assert isinstance(slot.first, tuple)
        return slot.first[0]

    def _unchanged(self, variables: Sequence[str], column: int) -> list[str]:
        if not variables:
            return []
        names = self.groups.said(variables)
        pad = " " * column
        if len(names) == 1:
            return [f"{pad}/\\ UNCHANGED {names[0]}"]
        lines, line = [], f"{pad}/\\ UNCHANGED <<"
        indent = " " * len(line)
        for i, n in enumerate(names):
            word = n + (", " if i < len(names) - 1 else ">>")
            if len(line) + len(word.rstrip()) > WIDTH:
                lines.append(line.rstrip())
                line = indent
            line += word
        return [*lines, line]

    def first_states(self) -> list[str]:
        """Return the conjuncts of Init."""
        scope = Scope(self.taken)
        shared = [s.name for s in self.slots if s.record is None]
        lines = self._first(used(self.model.initial), shared, scope, 4)
        for slot in self.slots:
            if slot.record is not None:
                value = self.printer.right_side(x.Const(slot.first, slot.type), scope)
                lines.append(f"    /\\ {slot.name} = {value}")
        return lines

    def _first(self, tree: Tree, pending: Sequence[str], scope: Scope, column: int) -> list[str]:
        """Return the conjuncts that give the `pending` variables their first values."""
        match tree:
            case Pick(var, body):
                some = self.printer.choices(var, tree.when, scope)
                scope, name = scope.bind(var.name)
                head = f"{' ' * column}/\\ \\E {name} \\in {some} :"
                chosen = self._first(body, pending, scope, column + 7)
                return [head, *chosen] if chosen else []
            case Let():
                names, conds, body, inner = self._named(tree, scope)
                needed = [n for cond in conds for n in self._conjuncts(cond, inner, column + 7)]
                rest = self._first(body, pending, inner, column + 7)
                return self._let(names, [*needed, *rest], column)
            case Guard(cond, body):
                lines = self._conjuncts(cond, scope, column)
                return lines + self._first(body, pending, scope, column)
        ends = [{n: leaf.updates.get(n, self._blank(n)) for n in pending} for leaf in leaves(tree)]
        lines, mixed = [], []
        for n in pending:
            if not _open(tree) and any(end[n] != ends[0][n] for end in ends):
                mixed.append(n)
                continue
            value = merged(tree, n, self._blank(n)) if _open(tree) else ends[0][n]
            head = f"/\\ {n} = "
            first, *rest = self.printer.right_side_lines(value, scope, column + len(head))
            lines += [f"{' ' * column}{head}{first}", *rest]
        if isinstance(tree, Branch) and not _open(tree):
            sides = [self._first(t, mixed, scope, column + 10) for t in (tree.then, tree.other)]
            lines += self._decision(tree.cond, sides, scope, column)
        return lines

    def _blank(self, name: str) -> Expr:
        v = self.model.variables[name]
        return x.Const(v.first, v.type)


def split(ends: Sequence[Leaf], pending: Sequence[str]) -> tuple[dict[str, Expr], list[str]]:
    """Return the pending variables whose values all ends agree on, with these, and the others."""
    common, mixed = {}, []
    for n in pending:
        values = [leaf.updates.get(n) for leaf in ends]
        if values[0] is not None and all(v == values[0] for v in values):
            common[n] = values[0]
        elif any(v is not None for v in values):
            mixed.append(n)
    return common, mixed


def merged(tree: Tree, name: str, otherwise: Expr) -> Expr:
    """Return the value of a variable at the end of a tree of decisions, as one expression."""
    match tree:
        case Leaf(updates):
            return updates.get(name, otherwise)
        case Branch(cond, then, other):
            a, b = merged(then, name, otherwise), merged(other, name, otherwise)
            return simplify(x.If(cond, a, b, a.type))
    raise AssertionError("only decisions can be merged")


def _is_small(tree: Tree, mixed: Sequence[str]) -> bool:
    """Does a decision say no more than which value one or two variables get?"""
    if not mixed or len(mixed) > 2 or not _open(tree) or _depth(tree) > 2:
        return False
    return len(mixed) == 1 or all(n in leaf.updates for leaf in leaves(tree) for n in mixed)


def _open(tree: Tree) -> bool:
    """Is the tree made of decisions only, with nothing required or chosen on the way?"""
    match tree:
        case Branch(_, then, other):
            return _open(then) and _open(other)
        case Leaf():
            return True
    return False


def _depth(tree: Tree) -> int:
    if isinstance(tree, Branch):
        return 1 + max(_depth(tree.then), _depth(tree.other))
    return 0
