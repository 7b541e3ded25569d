"""Steps as Python statements: a tree becomes tests around additions to the list `out`.

Each addition is a pair: a change, which by exclusive or makes the state after a step of the state
`s` before it, and the number of the end of the action's tree that the step came to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvmtla.engine.term import Term
from kvmtla.engine.terms import Env, Place, Terms
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Bound, Branch, Guard, Leaf, Let, Model, Pick, Tree, leaves
from kvmtla.ir.types import MapT, Type

INDENT = "    "

_Write = tuple[Place, int, Term]


class Statements:
    """Writes the statements of one model's steps."""

    def __init__(self, model: Model, terms: Terms) -> None:
        self.model = model
        self.terms = terms
        self.layout = terms.layout

    def of(self, tree: Tree, env: Env, me: int | None, end: int) -> list[str]:
        """Return statements that add the changes of `tree`.

        `env` holds the values of its free locals. `me` says which of several alike actors takes
        the step (None: it is the only one). `end` is the number of the tree's first end.
        """
        match tree:
            case Leaf():
                return self._leaf(tree, env, me, end)
            case Branch(cond, then, other):
                ahead = end + sum(1 for _ in leaves(then))
                return self._choice(
                    self.terms.condition(cond, env),
                    lambda: self.of(then, env, me, end),
                    lambda: self.of(other, env, me, ahead),
                )
            case Guard(cond, body):
                return self._choice(
                    self.terms.condition(cond, env),
                    lambda: self.of(body, env, me, end),
                    list,
                )
            case Pick(var, body, when) if when == x.TRUE:
                each = self.terms.each(var, env)
                return [line for inner in each for line in self.of(body, inner, me, end)]
            case Pick():
                return self._loop(tree, env, me, end)
            case Let(bound, body):
                lines: list[str] = []
                inner = {**env}
                for b in bound:
                    lines += self._named(b, inner)
                return [*lines, *self.of(body, inner, me, end)]
        raise AssertionError(tree)

    def _loop(self, tree: Pick, env: Env, me: int | None, end: int) -> list[str]:
        """Return a loop for a value picked on some ways only, so that the rest is written once."""
        t = tree.var.type
        values = [inner[tree.var.name][0] for inner in self.terms.each(tree.var, env)]
        when = self.terms.condition(tree.when, env)
        if when.const is not None:
            values = values if when.const else values[:1]
        name = self.terms.name()
        texts = [v.text for v in values]
        some = f"({', '.join(texts)},)"
        if when.const is None:
            some = f"{some} if {when.text} else ({texts[0]},)"
        whole = Term(name, None, min(v.low for v in values), max(v.high for v in values))
        body = self.of(tree.body, {**env, tree.var.name: (whole, t)}, me, end)
        return [f"for {name} in {some}:", *(INDENT + line for line in body)] if body else []

    def _named(self, b: Bound, env: dict[str, tuple[Term, Type]]) -> list[str]:
        """Return a statement that names a value, or none if it takes none; `env` gets the name."""
        value, when = self.terms.of(b.value, b.var.type, env), self.terms.condition(b.when, env)
        if value.const is not None or when.const == 0:
            env[b.var.name] = (value, b.var.type)
            return []
        name = self.terms.name()
        env[b.var.name] = (Term(name, None, value.low, value.high), b.var.type)
        if when.const is not None:
            return [f"{name} = {value.text}"]
        # Where nobody looks at it, it may be anything.
        return [f"{name} = {value.text} if {when.text} else 0"]

    @staticmethod
    def _choice(
        cond: Term, then: Callable[[], list[str]], other: Callable[[], list[str]]
    ) -> list[str]:
        """Return a choice of two; a side that is known not to be taken is not even written."""
        if cond.const is not None:
            return then() if cond.const else other()
        a, b = then(), other()
        if not a and not b:
            return []
        if not a:
            return [f"if not {cond.text}:", *(INDENT + line for line in b)]
        lines = [f"if {cond.text}:", *(INDENT + line for line in a)]
        if b:
            lines += ["else:", *(INDENT + line for line in b)]
        return lines

    # -- ends of steps

    def _leaf(self, leaf: Leaf, env: Env, me: int | None, end: int) -> list[str]:
        lines: list[str] = []
        clear = known = 0
        parts: list[str] = []
        moving: list[tuple[str, int, Term]] = []
        for name, e in leaf.updates.items():
            for place, width, value in self._writes(name, e, env, me):
                mask = (1 << width) - 1
                self.terms.looks_at(place)
                if place.dynamic:
                    at = self.terms.name()
                    lines.append(f"{at} = {place.start()}")
                    moving.append((at, mask, value))
                    continue
                clear |= mask << place.base
                if value.const is not None:
                    known |= value.const << place.base
                else:
                    parts.append(f"{value.text} << {place.base}" if place.base else value.text)
        full = (1 << self.layout.bits) - 1
        kept = f"s & {full & ~clear}" if clear else "s"
        text = " | ".join([kept, *parts, *([str(known)] if known else [])])
        for at, mask, value in moving:
            text = f"({text}) & ~({mask} << {at}) | {value.text} << {at}"
        change = f"({text}) ^ s" if text != "s" else "0"
        return [*lines, f"out.append(({change}, {end}))"]

    def _writes(self, name: str, e: Expr, env: Env, me: int | None) -> list[_Write]:
        """Return the parts of a variable that get a value, their widths, and the packed values."""
        terms = self.terms
        slot = self.layout.slots[name]
        whole = Place(slot.offset, (), (slot.offset,), slot.type)
        if me is not None and self.model.variables[name].actor is not None:
            # An actor that is one of several changes only its own entry.
            assert isinstance(slot.type, MapT)
            entry = slot.type.value
            whole = whole.shifted(me * self.layout.width(entry), entry)
        steps: list[x.Update] = []
        root = e
        while isinstance(root, x.Update):
            steps.insert(0, root)
            root = root.base
        if steps and terms.place(root, env) == whole:
            writes = []
            for step in steps:
                place = whole
                for p in step.path:
                    if isinstance(p, str):
                        place = terms.part(place, p)
                    else:
                        place = terms.element(place, p, env)
                value = terms.packed(terms.of(step.value, place.type, env), place.type)
                writes.append((place, self.layout.width(place.type), value))
            if _apart(writes):
                return writes
        value = terms.packed(terms.of(e, whole.type, env), whole.type)
        return [(whole, self.layout.width(whole.type), value)]


def _apart(writes: Sequence[_Write]) -> bool:
    """Do the writes touch different bits, so that their order does not matter?"""
    taken = 0
    for place, width, _ in writes:
        mask = 0
        for start in place.starts:
            mask |= ((1 << width) - 1) << start
        if mask & taken:
            return False
        taken |= mask
    return True
