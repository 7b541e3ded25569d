"""Actions and first states as TLA+ text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmtla.emit.expressions import WIDTH, Printer, chain
from kvmtla.emit.frames import Frame
from kvmtla.emit.names import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
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
from kvmtla.patience import on_time


class ActionPrinter:
    """A printer of steps, which give each variable its next value or say that it is unchanged."""

    def __init__(
        self,
        model: Model,
        printer: Printer,
        taken: frozenset[str],
        frames: Mapping[str, Frame],
    ) -> None:
        self.model = model
        self.frames = frames
        self.printer = printer
        self.taken = taken
        # The place that the actor goes to next comes last.
        counters = {f"{a.name}_pc" for a in model.actors}
        self.order = sorted(model.variables, key=counters.__contains__)

    def action(self, a: Action) -> list[str]:
        """Return the definition of an action."""
        scope = Scope(self.taken)
        names = []
        for p in a.params:
            scope, name = scope.bind(p.name)
            names.append(name)
        head = f"{a.name}({', '.join(names)})" if names else a.name
        lines = [f"{head} =="]
        if a.at is not None:
            pc = f"{a.actor}_pc[{names[0]}]" if self._indexed(a) else f"{a.actor}_pc"
            lines.append(f'    /\\ {pc} = "{a.at}"')
        lines += self._step(a, scope)
        return lines

    def _indexed(self, a: Action) -> bool:
        return any(i.name == a.actor and i.domain is not None for i in self.model.actors)

    def _step(self, a: Action, scope: Scope) -> list[str]:
        index = a.params[0] if self._indexed(a) else None
        frame = self.frames.get(a.actor)
        tree = used(a.tree)
        if frame is None:
            return self._tree(tree, self.order, scope, 4, index)
        # The frame's name alone stands for its variables, wherever they would come.
        pending = [frame.name, *(n for n in self.order if n not in frame.variables)]
        return self._tree(tree, pending, scope, 4, index)

    def _tree(
        self,
        tree: Tree,
        pending: Sequence[str],
        scope: Scope,
        column: int,
        index: Expr | None,
    ) -> list[str]:
        """Return the conjuncts of a tree that settles the `pending` variables.

        What all its ends agree on is said once, before the decision; what none touches, after it.
        """
        on_time()
        match tree:
            case Guard(cond, body):
                lines = self._conjuncts(cond, scope, column)
                return lines + self._tree(body, pending, scope, column, index)
            case Pick(var, body):
                inner, name = scope.bind(var.name)
                some = self.printer.choices(var, tree.when, scope)
                head = f"{' ' * column}/\\ \\E {name} \\in {some} :"
                chosen = self._tree(body, pending, inner, column + 7, index)
                # Where nothing depends on the choice, there is none.
                return [head, *chosen] if chosen else []
            case Let():
                names, conds, body, inner = self._named(tree, scope)
                needed = [n for cond in conds for n in self._conjuncts(cond, inner, column + 7)]
                rest = self._tree(body, pending, inner, column + 7, index)
                return self._let(names, [*needed, *rest], column)
        common, mixed = split(list(leaves(tree)), pending)
        lines = []
        for v, value in common.items():
            lines += self._assign(v, value, scope, column, index)
        if isinstance(tree, Branch) and (mixed or not _open(tree)):
            if _is_small(tree, mixed):
                for v in mixed:
                    now = self._current(self.model.variables[v], index)
                    lines += self._assign(v, merged(tree, v, now), scope, column, index)
            else:
                lines += self._branch(tree, mixed, scope, column, index)
        settled = common.keys() | set(mixed)
        return lines + self._unchanged([v for v in pending if v not in settled], column)

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

    def _branch(
        self,
        tree: Branch,
        mixed: Sequence[str],
        scope: Scope,
        column: int,
        index: Expr | None,
    ) -> list[str]:
        sides = [self._tree(t, mixed, scope, column + 10, index) for t in (tree.then, tree.other)]
        return self._decision(tree.cond, sides, scope, column)

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
        self, name: str, value: Expr, scope: Scope, column: int, index: Expr | None
    ) -> list[str]:
        v = self.model.variables[name]
        if v.actor is not None and index is not None:
            at = self.printer.flat(index, scope)
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

    def _unchanged(self, names: Sequence[str], column: int) -> list[str]:
        if not names:
            return []
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
        return self._first(
            used(self.model.initial), list(self.model.variables), Scope(self.taken), 4
        )

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
