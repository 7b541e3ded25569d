"""Reading Python expressions as typed ones."""

from __future__ import annotations

import ast
import builtins
import difflib
import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from kvmtla.errors import Loc, SpecError, did_you_mean
from kvmtla.front.hints import members, operators, towards
from kvmtla.front.source import in_c, location
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import word_bits
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.stmt import PRIMITIVES, Function
from kvmtla.ir.types import (
    BOOL,
    NONE,
    WRITE_HELD,
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    SharedT,
    Type,
)
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of
from kvmtla.lang.types import Domain, Map, Record, Set, Word
from kvmtla.patience import on_time

if TYPE_CHECKING:
    from kvmtla.front.program import ProgramReader

_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
    ast.In: "in",
    ast.NotIn: "in",
}
_BITWISE = {ast.BitAnd: "&", ast.BitOr: "|", ast.Sub: "-", ast.Add: "+"}

# The kinds of function that may be called like a pure one.
_CALLED = ("pure", PropertyKind.INVARIANT.value, PropertyKind.GOAL.value)
_ASKS_LOCK = "only properties ask whether a lock is held"

# A call in an operation that is no expression: the statement reader takes it out.
HOISTED = "hoisted"


class ExpressionReader:
    """A reader for the expressions of one function.

    `kind` is the function's kind. In an operation, shared state may be read only where
    `_shared_allowed` says so: as the place of a primitive, or in a condition that one step tests.
    """

    def __init__(
        self,
        program: ProgramReader,
        file: str,
        kind: str,
        namespace: Mapping[str, Any],
    ) -> None:
        self.program = program
        self.file = file
        self.kind = kind
        self.namespace = namespace
        self.property: PropertyKind | None = None
        """The sort of property that the function is; None where it is none."""
        self.shared_name: str | None = None
        self.later_name: str | None = None
        """In a function about a step: its name for the state after the step."""
        self.shared_type: SharedT | None = None
        self.locals: dict[str, Type] = {}
        self.defined: set[str] | None = set()
        self.assigned: frozenset[str] = frozenset()
        """Every name that the function sets somewhere: local in all of it, as in Python."""
        self.ended: set[str] = set()
        """The variables of loops that have been read."""
        self._bound: dict[str, Local] = {}
        self._not_none: list[Expr] = []
        self._shared_allowed = kind != "operation"
        self._lock_wanted = False
        self._lazy = False

    # -- errors and places

    def loc(self, node: ast.AST) -> Loc:
        """Return where `node` stands in the spec."""
        return location(self.file, node)

    def fail(self, code: str, node: ast.AST, message: str, hint: str | None = None) -> NoReturn:
        """Raise a SpecError at `node`."""
        raise SpecError(code, message, loc=self.loc(node), hint=hint)

    @contextmanager
    def shared_allowed(self, allowed: bool = True) -> Iterator[None]:
        """Set whether expressions in the block may read shared state."""
        before, self._shared_allowed = self._shared_allowed, allowed
        yield
        self._shared_allowed = before

    @contextmanager
    def lazily(self) -> Iterator[None]:
        """Mark expressions in the block as not evaluated exactly once, so that none is a step."""
        before, self._lazy = self._lazy, True
        yield
        self._lazy = before

    @contextmanager
    def knowing(self, cond: Expr, truth: bool = True) -> Iterator[None]:
        """Know in the block that `cond` is `truth`, and hence which expressions are not None."""
        before = self._not_none
        self._not_none = [*before, *not_none(cond, truth)]
        yield
        # What was set in the block is no longer known.
        self._not_none = [e for e in before if e in self._not_none]

    def forget(self, name: str) -> None:
        """Forget what is known of the local `name`: it has a new value."""
        self._not_none = [e for e in self._not_none if name not in x.locals_in(e)]

    def forget_shared(self) -> None:
        """Forget what is known of shared state: it has changed."""
        kinds = (x.Shared, x.Call, x.Active)
        self._not_none = [
            e for e in self._not_none if not any(isinstance(y, kinds) for y in x.walk(e))
        ]

    # -- names

    def static(self, node: ast.expr) -> Any:
        """Return the Python object that a global or dotted name means; `_MISSING` if it is none."""
        if isinstance(node, ast.Name):
            if node.id in self.locals or node.id in self._bound or self._is_state(node):
                return _MISSING
            if node.id in self.assigned:
                return _MISSING
            if node.id in self.namespace:
                return self.namespace[node.id]
            return getattr(builtins, node.id, _MISSING)
        if isinstance(node, ast.Attribute):
            base = self.static(node.value)
            # A field of a constant word is a value; everything else a name leads to is static.
            if base is _MISSING or isinstance(base, Word):
                return _MISSING
            found = getattr(base, node.attr, _MISSING)
            if found is _MISSING and isinstance(base, type) and issubclass(base, enum.Enum):
                self.fail(
                    "KT304",
                    node,
                    f"{base.__name__} has no member {node.attr!r}",
                    did_you_mean(node.attr, [m.name for m in base]),
                )
            if found is _MISSING and isinstance(base, ModuleType):
                names = [n for n in vars(base) if not n.startswith("_")]
                self.fail(
                    "KT301",
                    node,
                    f"module {base.__name__} has no {node.attr!r}",
                    did_you_mean(node.attr, names),
                )
            return found
        return _MISSING

    def _name(self, node: ast.Name) -> Expr:
        loc = self.loc(node)
        if node.id in self._bound:
            return self._bound[node.id]
        if self._is_state(node):
            self.fail(
                "KT503",
                node,
                f"{node.id} is the shared state as a whole",
                f"name one of its fields: {node.id}.{next(iter(self._fields()), '...')}",
            )
        if node.id in self.locals or node.id in self.assigned:
            if node.id not in self.locals or (
                self.defined is not None and node.id not in self.defined
            ):
                if node.id in self.ended:
                    self.fail(
                        "KT313",
                        node,
                        f"{node.id!r} runs over a loop that is over",
                        f"keep what is wanted of it in a local of its own: last = {node.id}",
                    )
                self.fail(
                    "KT313",
                    node,
                    f"{node.id!r} may be read here before it is set",
                    "give it a value on every path that leads here",
                )
            return Local(node.id, self.locals[node.id], loc)
        return self._static_value(node)

    def _fields(self) -> Mapping[str, Type]:
        return self.shared_type.fields if self.shared_type is not None else {}

    def _static_value(self, node: ast.expr) -> Expr:
        value = self.static(node)
        loc = self.loc(node)
        if isinstance(value, bool):
            return x.Const(value, BOOL, loc)
        if isinstance(value, int):
            return x.Const(value, IntT(value, value), loc)
        if value is None:
            return x.Const(None, NONE, loc)
        if isinstance(value, enum.Enum):
            return x.Const(value.name, self.program.types.read(type(value), loc), loc)
        if isinstance(value, Word):
            return x.Const(value.values(), self.program.types.read(type(value), loc), loc)
        if isinstance(value, ConstantDecl):
            return self.program.constant(value, loc)
        if value is _MISSING:
            name = node.id if isinstance(node, ast.Name) else ast.unparse(node)
            known = [*self.locals, *self._bound, *self.namespace]
            near = difflib.get_close_matches(name, known, 1, 0.6)
            self.fail(
                "KT301",
                node,
                f"unknown name {name!r}",
                f"did you mean {near[0]!r}?"
                if near
                else "define it, import it, or take it as a parameter",
            )
        text = ast.unparse(node)
        if isinstance(value, type):
            some = issubclass(value, Domain | enum.Enum)
            hint = f"choose({text}) is any one of them" if some else None
            self.fail("KT316", node, f"{text} is a type, not a value", hint)
        if callable(value):
            self.fail("KT316", node, f"{text} is a function, not a value", f"call it: {text}(...)")
        self.fail(
            "KT317",
            node,
            f"{text} is a Python {type(value).__name__}, which no expression can hold",
            "use a parameter, a local, a constant of the scenario, an Enum's member or a word",
        )

    # -- expressions

    def expr(self, node: ast.expr, want: Type | None = None) -> Expr:
        """Return `node` as a typed expression; with `want`, one of that type."""
        made = self._expr(node, want)
        return made if want is None else self.coerce(made, want, node)

    def coerce(self, e: Expr, want: Type, node: ast.AST) -> Expr:
        """Return `e` as a value of type `want`; raise SpecError where it is none."""
        have = e.type
        if have == want:
            return e
        if _meet(have, want):
            return e
        if isinstance(want, OptionalT):
            if isinstance(have, NoneT):
                return x.Const(None, want, e.loc)
            if have == want.inner or _meet(have, want.inner):
                return e
        if isinstance(have, OptionalT) and (have.inner == want or _meet(have.inner, want)):
            if e in self._not_none:
                return e
            self.fail(
                "KT306",
                node,
                f"this may be None, and {want} is wanted",
                "test it with `is not None` first",
            )
        self.fail("KT306", node, f"{want} is wanted, this is {have}", towards(want, have))

    def cond(self, node: ast.expr) -> Expr:
        """Return `node` as a condition: a bool, or a word (true when any of its bits is)."""
        e = self._expr(node, BOOL)
        if isinstance(e.type, RecordT) and e.type.word:
            return _any_bit(e)
        return self.coerce(e, BOOL, node)

    def _expr(self, node: ast.expr, want: Type | None) -> Expr:
        on_time()
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute() | ast.Subscript():
                if not self._shared_allowed and self._is_shared(node):
                    self._refuse_shared(node)
                if isinstance(node, ast.Attribute):
                    made = self._attribute(node)
                else:
                    made = self._subscript(node)
                if isinstance(made.type, LockT) and not self._lock_wanted:
                    self.fail_lock(node)
                return made
            case ast.BoolOp():
                return self._bool_op(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp():
                c = self.cond(node.test)
                with self.lazily():
                    with self.knowing(c):
                        a = self.expr(node.body, want)
                    with self.knowing(c, truth=False):
                        # An empty Set takes its type from the other side.
                        like = a.type if isinstance(a.type, SetT | MapT) else None
                        b = self._expr(node.orelse, want or like)
                t = want or _either(a.type, b.type) or a.type
                a, b = self.coerce(a, t, node.body), self.coerce(b, t, node.orelse)
                return x.If(c, a, b, t, self.loc(node))
            case ast.Call():
                return self._call(node, want)
        self.fail("KT401", node, f"{describe(node)} is not part of the language", _instead(node))

    def _constant(self, node: ast.Constant) -> Expr:
        v = node.value
        if isinstance(v, bool):
            return x.Const(v, BOOL, self.loc(node))
        if isinstance(v, int):
            return x.Const(v, IntT(v, v), self.loc(node))
        if v is None:
            return x.Const(None, NONE, self.loc(node))
        number = isinstance(v, float | complex)
        hint = "numbers are integers" if number else "use an enumeration's member for a name"
        self.fail("KT317", node, f"{v!r} has no place in a spec", hint)

    def _attribute(self, node: ast.Attribute) -> Expr:
        if self._is_state(node.value):
            return self._shared_field(node)
        if self.static(node) is not _MISSING:
            return self._static_value(node)
        base = self.expr(node.value)
        t = self._not_optional(base, node)
        if not isinstance(t, RecordT):
            self.fail(
                "KT303",
                node,
                f"{t} has no fields",
                "name an element of it first: x[...].field" if isinstance(t, MapT) else _FIELDS,
            )
        i = t.index(node.attr)
        if i is None:
            self.fail(
                "KT302",
                node,
                f"{t} has no field {node.attr!r}",
                did_you_mean(node.attr, [f.name for f in t.fields]),
            )
        return x.Field(base, node.attr, t.fields[i].type, self.loc(node))

    def _shared_field(self, node: ast.Attribute) -> Expr:
        fields = self._fields()
        if node.attr not in fields:
            self.fail(
                "KT302",
                node,
                f"the shared state has no field {node.attr!r}",
                did_you_mean(node.attr, fields),
            )
        after = isinstance(node.value, ast.Name) and node.value.id == self.later_name
        return x.Shared(node.attr, fields[node.attr], self.loc(node), after)

    def _is_state(self, node: ast.expr) -> bool:
        """Is it the name of the shared state?"""
        return isinstance(node, ast.Name) and node.id in (self.shared_name, self.later_name)

    def _is_shared(self, node: ast.expr) -> bool:
        """Is it a path into the shared state?"""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return self._is_state(node)

    def _refuse_shared(self, node: ast.expr) -> NoReturn:
        place = node
        # The whole of what is read in one access, not only the bit that is asked for.
        while isinstance(place, ast.Attribute) and not isinstance(place.value, ast.Name):
            place = place.value
        with self.shared_allowed():
            self._expr(place, None)
        self.fail(
            "KT501",
            place,
            "shared state is touched outside a primitive",
            f"read it with READ_ONCE({ast.unparse(place)}): one access, one step",
        )

    def fail_lock(self, node: ast.expr) -> NoReturn:
        """Raise SpecError for a lock where a value is wanted."""
        self.fail(
            "KT508",
            node,
            "a lock is taken by `with read_lock(...)` or `with write_lock(...)`, nothing else",
            f"with write_lock({ast.unparse(node)}):",
        )

    def _subscript(self, node: ast.Subscript) -> Expr:
        base = self.expr(node.value)
        if not isinstance(base.type, MapT):
            self.fail("KT311", node, f"{base.type} cannot be indexed", "only a Map can")
        # Inside a place, an index that reads shared memory would be a second access.
        with self.shared_allowed(self._shared_allowed and self.kind != "operation"):
            key = self.key_of(node, base, base.type.key)
        return x.Index(base, key, base.type.value, self.loc(node))

    def key_of(self, node: ast.Subscript, base: Expr, t: DomainT) -> Expr:
        """Return the index in `node`, of type `t`; `base` is what is indexed."""
        return self.expr(node.slice, t)

    def _bool_op(self, node: ast.BoolOp) -> Expr:
        op = "and" if isinstance(node.op, ast.And) else "or"
        result = self.cond(node.values[0])
        for value in node.values[1:]:
            with self.lazily(), self.knowing(result, op == "and"):
                result = x.Bin(op, result, self.cond(value), BOOL, self.loc(node))
        return result

    def _unary(self, node: ast.UnaryOp) -> Expr:
        loc = self.loc(node)
        if isinstance(node.op, ast.Not):
            return x.Un("not", self.cond(node.operand), BOOL, loc)
        arg = self.expr(node.operand)
        if isinstance(node.op, ast.Invert) and isinstance(arg.type, RecordT) and arg.type.word:
            return word_bits(arg.type, lambda a: x.Un("not", a, BOOL, loc), arg)
        if isinstance(node.op, ast.USub) and isinstance(arg.type, IntT):
            return x.Un("-", arg, IntT(-arg.type.high, -arg.type.low), loc)
        self.fail(
            "KT310", node, f"{describe(node.op)} does not apply to {arg.type}", operators(arg.type)
        )

    def _binary(self, node: ast.BinOp) -> Expr:
        op = _BITWISE.get(type(node.op))
        if op is None:
            self.fail(
                "KT401", node, f"{describe(node.op)} is not part of the language", "use & | + -"
            )
        a, b = self.in_order(lambda: self.expr(node.left), lambda: self.expr(node.right))
        return self.binary(op, a, b, node)

    def binary(self, op: str, a: Expr, b: Expr, node: ast.AST) -> Expr:
        """Return `a op b` for the operators & | + -."""
        loc = self.loc(node)
        t, u = a.type, b.type
        if isinstance(t, BoolT) and isinstance(u, BoolT) and op in "&|":
            return x.Bin("and" if op == "&" else "or", a, b, BOOL, loc)
        if isinstance(t, RecordT) and t.word and t == u and op in "&|":
            word = "and" if op == "&" else "or"
            return word_bits(t, lambda p, q: x.Bin(word, p, q, BOOL, loc), a, b)
        if isinstance(t, SetT) and t == u and op in "&|-":
            return x.Bin(op, a, b, t, loc)
        if isinstance(t, IntT) and isinstance(u, IntT) and op in "+-":
            sign = 1 if op == "+" else -1
            ends = [t.low + sign * u.low, t.low + sign * u.high]
            ends += [t.high + sign * u.low, t.high + sign * u.high]
            return x.Bin(op, a, b, IntT(min(ends), max(ends)), loc)
        self.fail("KT310", node, f"{op} does not apply to {t} and {u}", operators(t))

    def _compare(self, node: ast.Compare) -> Expr:
        nodes = [node.left, *node.comparators]
        left, right = self.in_order(
            lambda: self.expr(nodes[0]),
            lambda: self._right_of(node.ops[0], nodes[0], nodes[1], node),
        )
        result = self._compare_one(node.ops[0], left, right, node)
        for i, op in enumerate(node.ops[1:], 1):
            left = right
            # Python looks at the third operand only if the first two compare as they should.
            with self.lazily():
                right = self._right_of(op, nodes[i], nodes[i + 1], node)
            one = self._compare_one(op, left, right, node)
            result = x.Bin("and", result, one, BOOL, self.loc(node))
        return result

    def _right_of(self, op: ast.cmpop, left: ast.expr, right: ast.expr, node: ast.AST) -> Expr:
        """Return the right side of a comparison, where `op` may stand between the two."""
        if isinstance(op, ast.Is | ast.IsNot) and not any(
            isinstance(n, ast.Constant) and n.value is None for n in (left, right)
        ):
            sign = "==" if isinstance(op, ast.Is) else "!="
            self.fail("KT307", node, "`is` asks for None only", f"compare values with {sign}")
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List | ast.Set):
            items = ", ".join(ast.unparse(e) for e in right.elts)
            self.fail("KT312", right, "`in` wants a Set on its right", f"Set({{{items}}})")
        return self.expr(right)

    def _compare_one(self, op: ast.cmpop, a: Expr, b: Expr, node: ast.Compare) -> Expr:
        loc, name = self.loc(node), _COMPARE[type(op)]
        if name == "in":
            if not isinstance(b.type, SetT):
                self.fail(
                    "KT312",
                    node,
                    f"`in` wants a Set on its right, this is {b.type}",
                    f"index it: {ast.unparse(node.comparators[0])}[{ast.unparse(node.left)}]"
                    if isinstance(b.type, MapT)
                    else "compare with == or !=",
                )
            test: Expr = x.Bin("in", self.coerce(a, b.type.element, node), b, BOOL, loc)
            return x.Un("not", test, BOOL, loc) if isinstance(op, ast.NotIn) else test
        if name in ("==", "!="):
            a, b = self._alike(a, b, node)
            return x.Bin(name, a, b, BOOL, loc)
        t = a.type
        ordered = isinstance(t, EnumT) and t.ordered and t == b.type
        if not ordered and not (isinstance(t, IntT) and isinstance(b.type, IntT)):
            hint = "compare them with == and !=, or one of their fields"
            if isinstance(t, EnumT):
                hint = "derive it from OrderedEnum"
            if isinstance(t, DomainT):
                hint = "elements of a Domain compare with == and != only"
            self.fail("KT309", node, f"{t} and {b.type} have no order", hint)
        return x.Bin(name, a, b, BOOL, loc)

    def _alike(self, a: Expr, b: Expr, node: ast.AST) -> tuple[Expr, Expr]:
        t, u = a.type, b.type
        if isinstance(t, NoneT) and isinstance(u, OptionalT):
            return x.Const(None, u, a.loc), b
        if isinstance(u, NoneT) and isinstance(t, OptionalT):
            return a, x.Const(None, t, b.loc)
        inner_t = t.inner if isinstance(t, OptionalT) else t
        inner_u = u.inner if isinstance(u, OptionalT) else u
        if inner_t == inner_u or (isinstance(inner_t, IntT) and isinstance(inner_u, IntT)):
            return a, b
        if isinstance(t, NoneT) or isinstance(u, NoneT):
            self.fail(
                "KT307",
                node,
                f"{u if isinstance(t, NoneT) else t} is never None",
                f"remove the test, or make its type {u if isinstance(t, NoneT) else t} | None",
            )
        word = any(isinstance(v, RecordT) and v.word for v in (t, u))
        hint = f"compare it with {members(t)}" if isinstance(t, EnumT) else f"both have to be a {t}"
        if word and any(isinstance(v, BoolT | IntT) for v in (t, u)):
            hint = "a word is a condition by itself: true when any of its bits is"
        self.fail("KT308", node, f"{t} is compared with {u}", hint)

    # -- calls

    def _call(self, node: ast.Call, want: Type | None) -> Expr:
        target = self.static(node.func)
        if isinstance(node.func, ast.Attribute) and target is _MISSING:
            return self._method(node, node.func)
        if isinstance(node.func, ast.Name) and target is _MISSING:
            name = node.func.id
            if name in self.locals or name in self.assigned:
                self.fail(
                    "KT316",
                    node.func,
                    f"{name!r} is a local here, not a function",
                    "give the local another name",
                )
        if target in (all, any):
            return self._quantifier(node, "all" if target is all else "any")
        if isinstance(target, type):
            return self._make(node, target, want)
        if getattr(target, "__func__", None) is Span.active:
            return self._active(node, target.__self__)
        mark = mark_of(target)
        if mark is not None and mark.kind in _CALLED:
            return self._pure_call(node, target)
        if mark is not None and mark.kind in PROPERTIES:
            self.fail(
                "KT216",
                node,
                f"{target.__name__}() is not to be called: it is @{mark.kind}",
                "write what both need as a @pure function",
            )
        if target in (prim.held_for_read, prim.held_for_write):
            return self._lock_test(node, target)
        if mark is not None or is_primitive(target):
            if self._lazy:
                self.fail(
                    "KT504",
                    node,
                    f"{ast.unparse(node.func)} is a step, and would not happen exactly once here",
                    "give its result a name on a line of its own, under an `if` where it needs one",
                )
            return self.hoist(node, target)
        if not isinstance(node.func, ast.Name | ast.Attribute):
            self.fail("KT401", node.func, "only what has a name is called", "name(...)")
        if target is _MISSING:
            self._static_value(node.func)
        name = ast.unparse(node.func)
        if isinstance(target, Span) or target in (prim.read_lock, prim.write_lock):
            self.fail("KT405", node, f"{name}() stands in a `with`", f"with {ast.unparse(node)}:")
        if getattr(builtins, name, None) is target:
            self.fail("KT401", node, f"{name}() is not part of the language", _REFERENCE)
        self.fail(
            "KT201",
            node,
            f"{name} is not a function of the spec",
            "decorate it with @pure, @operation or @atomic, or write it out"
            if callable(target)
            else None,
        )

    def in_order(self, *reads: Callable[[], Expr]) -> list[Expr]:
        """Return expressions that are evaluated one after the other, each read by one of `reads`.

        Only the statement reader knows what happens between two of them.
        """
        return [read() for read in reads]

    def arguments_in_order(
        self, node: ast.Call, values: Sequence[tuple[ast.expr, Type | None]]
    ) -> list[Expr]:
        """Return the values of arguments of a call, evaluated in the order they are written in.

        `values` are some of the arguments, each with the type that is wanted. The results have the
        order of `values`.
        """
        written = [id(a) for a in (*node.args, *(k.value for k in node.keywords))]
        order = sorted(range(len(values)), key=lambda i: written.index(id(values[i][0])))
        reads = [partial(self.expr, *values[i]) for i in order]
        found = dict(zip(order, self.in_order(*reads), strict=True))
        return [found[i] for i in range(len(values))]

    def hoist(self, node: ast.Call, target: Callable[..., Any]) -> Expr:
        """Raise SpecError for a call that is a step; only the statement reader can place one."""
        self.fail(
            "KT504",
            node,
            f"{ast.unparse(node.func)} is a step; there are none here",
            "steps belong into an @operation",
        )

    def arguments(
        self, node: ast.Call, names: list[str], what: str, hint: str | None = None
    ) -> list[ast.expr]:
        """Return the arguments of a call in the order of `names`.

        Raises SpecError for too many or too few; `hint` is given with the latter.
        """
        found: dict[str, ast.expr] = {}
        like = f"{what[:-2]}({', '.join(names)})"
        if any(isinstance(a, ast.Starred) for a in node.args) or any(
            k.arg is None for k in node.keywords
        ):
            self.fail(
                "KT401", node, "* and ** are not part of the language", "write the arguments out"
            )
        if len(node.args) > len(names):
            number = "1 argument" if len(names) == 1 else f"{len(names)} arguments"
            self.fail("KT318", node, f"{what} takes {number}, here are {len(node.args)}", like)
        for name, value in zip(names, node.args, strict=False):
            found[name] = value
        for k in node.keywords:
            assert k.arg is not None
            if k.arg not in names:
                self.fail(
                    "KT318", k, f"{what} has no parameter {k.arg!r}", did_you_mean(k.arg, names)
                )
            if k.arg in found:
                self.fail("KT318", k, f"{k.arg!r} is given twice", "leave one of them out")
            found[k.arg] = k.value
        missing = [n for n in names if n not in found]
        if missing:
            self.fail(
                "KT318", node, f"{what} also wants {' and '.join(map(repr, missing))}", hint or like
            )
        return [found[n] for n in names]

    def function_arguments(
        self, node: ast.Call, function: Callable[..., Any]
    ) -> tuple[Any, tuple[Expr, ...], tuple[str, ...], bool]:
        """Return a function's signature and the arguments of a call of it, typed and in C.

        The shared state is passed on by its name, and left out of the arguments. The last result is
        whether it is the state after a step.
        """
        sig = self.program.signature(function, self.loc(node))
        names = [n for n, _ in sig.params]
        if sig.shared_name is not None:
            names.insert(sig.shared_index, sig.shared_name)
        hint = None
        passed = [*node.args, *(k.value for k in node.keywords)]
        if sig.shared_name is not None and not any(map(self._is_state, passed)):
            hint = f"pass the shared state on: {function.__name__}({self.shared_name or 'm'}, ...)"
        values = self.arguments(node, names, f"{function.__name__}()", hint)
        wanted, texts, after = [], [], False
        types = dict(sig.params)
        for name, value in zip(names, values, strict=True):
            if name == sig.shared_name:
                if not self._is_state(value):
                    self.fail(
                        "KT503", value, "the shared state is wanted here", "pass it on as it is"
                    )
                assert isinstance(value, ast.Name)
                after = value.id == self.later_name
                if sig.shared != self.shared_type:
                    self.fail(
                        "KT305",
                        value,
                        f"{sig.shared} is wanted, this is {self.shared_type}",
                        "a scenario has one shared state: functions that call each other share it",
                    )
            else:
                wanted.append((value, types[name]))
                texts.append(in_c(value))
        return sig, tuple(self.arguments_in_order(node, wanted)), tuple(texts), after

    def _pure_call(self, node: ast.Call, target: Callable[..., Any]) -> Expr:
        sig, args, _, after = self.function_arguments(node, target)
        if sig.shared is not None and not self._shared_allowed:
            self.fail(
                "KT501",
                node,
                f"{target.__name__} reads shared state outside a primitive",
                "read what it needs with READ_ONCE first, and pass that",
            )
        fn = self.program.function(target, self.loc(node))
        if self.property is None and any(isinstance(y.type, LockT) for y in _in(fn)):
            self.fail("KT512", node, f"{fn.name}() asks about a lock", _ASKS_LOCK)
        return x.Call(fn.key, args, sig.result, self.loc(node), after)

    def _lock_test(self, node: ast.Call, target: Callable[..., Any]) -> Expr:
        """Return the test whether somebody holds a lock."""
        name = target.__name__
        if self.property is None:
            self.fail("KT512", node, f"{name}() has no place here", _ASKS_LOCK)
        (lock,) = self.arguments(node, ["lock"], f"{name}()")
        self._lock_wanted = True
        place = self.expr(lock)
        self._lock_wanted = False
        if not isinstance(place.type, LockT):
            self.fail("KT508", lock, f"a RwLock is wanted, this is {place.type}")
        writing = target is prim.held_for_write
        op, value = ("==", WRITE_HELD) if writing else (">", 0)
        return x.Bin(op, place, x.Const(value, place.type), BOOL, self.loc(node))

    def _active(self, node: ast.Call, span: Span) -> Expr:
        decl = self.program.span(span, self.loc(node))
        if self.kind == "operation":
            self.fail(
                "KT511", node, "an operation cannot ask where another one is", "use shared state"
            )
        if self.later_name is not None:
            self.fail(
                "KT511",
                node,
                "active before the step, or after it?",
                "write a @pure function of the shared state that asks, and call that of either",
            )
        values = self.arguments(node, [n for n, _ in decl.params], f"{decl.name}.active()")
        wanted = [(v, t) for v, (_, t) in zip(values, decl.params, strict=True)]
        args = tuple(self.arguments_in_order(node, wanted))
        return x.Active(decl.key, args, BOOL, self.loc(node))

    def _method(self, node: ast.Call, func: ast.Attribute) -> Expr:
        if func.attr != "but":
            self.fail(
                "KT303",
                func,
                f"there is no method {func.attr!r}",
                "words and records have but(...)",
            )
        base = self.expr(func.value)
        t = self._not_optional(base, node)
        if not isinstance(t, RecordT):
            self.fail("KT303", node, f"{t} has no but()", "words and records have but(...)")
        wanted = self._changed(node, t)
        reads = [partial(self.expr, *value) for value in wanted.values()]
        result, *values = self.in_order(lambda: base, *reads)
        for name, value in zip(wanted, values, strict=True):
            result = x.Update(result, (name,), value, t, self.loc(node))
        return result

    def _not_optional(self, base: Expr, node: ast.AST) -> Type:
        """Return the type of `base`, whose parts are meant, without the None it was tested for."""
        t = base.type
        if isinstance(t, OptionalT) and base in self._not_none:
            return t.inner
        if isinstance(t, OptionalT):
            self.fail("KT306", node, "this may be None", "test it with `is not None` first")
        return t

    def _changed(self, node: ast.Call, t: RecordT) -> dict[str, tuple[ast.expr, Type]]:
        """Return the fields of `t` that a call names, each with its written value and type."""
        if node.args:
            self.fail(
                "KT319",
                node.args[0],
                f"the fields of {t} are given by name",
                f"{t.fields[0].name}={ast.unparse(node.args[0])}",
            )
        changes = {}
        for k in node.keywords:
            i = t.index(k.arg) if k.arg is not None else None
            if k.arg is None or i is None:
                self.fail(
                    "KT302",
                    k,
                    f"{t} has no field {k.arg!r}",
                    did_you_mean(k.arg or "", [f.name for f in t.fields]),
                )
            changes[k.arg] = (k.value, t.fields[i].type)
        return changes

    def _make(self, node: ast.Call, cls: type, want: Type | None) -> Expr:
        loc = self.loc(node)
        if issubclass(cls, Word | Record):
            t = self.program.types.read(cls, loc)
            assert isinstance(t, RecordT)
            wanted = self._changed(node, t)
            given = self.arguments_in_order(node, list(wanted.values()))
            changes = dict(zip(wanted, given, strict=True))
            return x.Make(
                tuple(
                    changes[f.name] if f.name in changes else self.program.default(f, loc)
                    for f in t.fields
                ),
                t,
                loc,
            )
        if cls is Map:
            return self._make_map(node, want)
        if cls is Set:
            return self._make_set(node, want)
        self.fail(
            "KT317",
            node,
            f"{cls.__name__}(...) makes nothing that a spec can hold",
            _CONVERSIONS.get(cls, "make it in the module, and give it a name there"),
        )

    def _make_map(self, node: ast.Call, want: Type | None) -> Expr:
        arg = node.args[0] if len(node.args) == 1 else None
        if not isinstance(arg, ast.DictComp) or arg.generators[0].ifs or len(arg.generators) != 1:
            self.fail(
                "KT320",
                node,
                "a Map is made from all of its domain",
                "Map({g: value for g in Gfn})",
            )
        with self.lazily(), self.binding(arg.generators[0]) as (var, domain):
            key = self.expr(arg.key)
            if key != var or not isinstance(domain, DomainT):
                self.fail(
                    "KT320",
                    arg.key,
                    "the key is the variable that runs over the domain",
                    f"Map({{x: ... for x in {domain}}})",
                )
            value = want.value if isinstance(want, MapT) else None
            body = self.expr(arg.value, value)
        return x.MapOf(var, body, MapT(domain, value or body.type), self.loc(node))

    def _make_set(self, node: ast.Call, want: Type | None) -> Expr:
        loc = self.loc(node)
        if not node.args:
            if not isinstance(want, SetT):
                self.fail(
                    "KT315", node, "an empty Set of what?", "annotate the variable it goes to"
                )
            return x.SetOf((), want, loc)
        arg = node.args[0]
        if isinstance(arg, ast.Set):
            first = self.expr(arg.elts[0])
            t = first.type
            if isinstance(t, OptionalT) and first in self._not_none:
                t = t.inner
            rest = [partial(self.expr, e, t) for e in arg.elts[1:]]
            items = self.in_order(lambda: first, *rest)
            if not isinstance(t, DomainT | EnumT):
                self.fail("KT103", node, f"a Set of {t}", "sets are of a Domain or an Enum")
            return x.SetOf(tuple(items), SetT(t), loc)
        if isinstance(arg, ast.SetComp) and len(arg.generators) == 1:
            with self.lazily(), self.binding(arg.generators[0]) as (var, domain):
                if self.expr(arg.elt) != var:
                    self.fail(
                        "KT320",
                        arg.elt,
                        "the element is the variable that runs over the domain",
                        f"Set({{x for x in {domain} if ...}})",
                    )
                cond = self._all_of(arg.generators[0].ifs)
            return x.SetFilter(var, cond, SetT(domain), loc)
        self.fail(
            "KT320",
            node,
            "a Set is made from elements, or from its domain",
            "Set({a, b}), or Set({g for g in Gfn if ...})",
        )

    def _quantifier(self, node: ast.Call, kind: str) -> Expr:
        gen = node.args[0] if len(node.args) == 1 else None
        if not isinstance(gen, ast.GeneratorExp):
            self.fail(
                "KT322",
                node,
                f"{kind}() wants `... for x in Domain`",
                f"{kind}(... for x in Gfn if ...)",
            )
        with self.lazily():
            return self._quantify(kind, gen, list(gen.generators), node)

    def _quantify(
        self, kind: str, gen: ast.GeneratorExp, left: list[ast.comprehension], node: ast.Call
    ) -> Expr:
        if not left:
            return self.cond(gen.elt)
        with self.binding(left[0]) as (var, _):
            premise = self._all_of(left[0].ifs)
            with self.knowing(premise):
                body = self._quantify(kind, gen, left[1:], node)
        if premise != x.TRUE:
            if kind == "all":
                premise = x.Un("not", premise, BOOL, premise.loc)
                body = x.Bin("or", premise, body, BOOL, body.loc)
            else:
                body = x.Bin("and", premise, body, BOOL, body.loc)
        return x.Quant(kind, var, body, BOOL, self.loc(node))

    def _all_of(self, tests: list[ast.expr]) -> Expr:
        result: Expr = x.TRUE
        for test in tests:
            with self.knowing(result):
                c = self.cond(test)
            result = c if result == x.TRUE else x.Bin("and", result, c, BOOL, c.loc)
        return result

    @contextmanager
    def binding(self, gen: ast.comprehension) -> Iterator[tuple[Local, DomainT | EnumT]]:
        """Bind the variable of a comprehension in the block; yield it with what it runs over."""
        domain = self.domain(gen.iter, "a comprehension runs over a Domain or an Enum")
        if gen.is_async:
            self.fail("KT401", gen.target, "`async` is not part of the language", "write `for`")
        if not isinstance(gen.target, ast.Name):
            self.fail(
                "KT407", gen.target, "one variable runs over a domain", "for a in A for b in B"
            )
        name = gen.target.id
        self.check_free(gen.target, name, f"for {{}} in {ast.unparse(gen.iter)}", str(domain))
        var = Local(self.program.fresh(name), domain, self.loc(gen.target))
        with self.binding_names({name: var}):
            yield var, domain

    def check_free(self, node: ast.AST, name: str, like: str, of: str) -> None:
        """Raise SpecError where a variable called `name` would take the name of something else.

        The others are for the hint: `like` is code with a gap for the name, and a free name begins
        with the first letter of `of`.
        """
        taken = self._meaning_of(name)
        if taken is None:
            return
        letters = (of[0].lower(), *(f"{of[0].lower()}{n}" for n in range(1, 100)))
        known = {*self._bound, *self.locals, *self.assigned}
        other = next(n for n in letters if n not in known and self._meaning_of(n) is None)
        self.fail(
            "KT325",
            node,
            f"{name!r} is {taken} already",
            f"give the variable a name of its own: {like.format(other)}",
        )

    def _meaning_of(self, name: str) -> str | None:
        """Return in words what `name` means here; None where a variable may have it."""
        if name in (self.shared_name, self.later_name):
            return "the shared state"
        if name in self._bound or name in self.locals or name in self.assigned:
            # The innermost is meant, as in Python.
            return None
        value = self.namespace.get(name, getattr(builtins, name, None))
        if isinstance(value, ConstantDecl):
            return "a constant"
        if isinstance(value, type) and (name in self.namespace or value is bool):
            return "a class"
        if mark_of(value) is not None or is_primitive(value) or value in (all, any):
            return "a function"
        if isinstance(value, Span):
            return "a span"
        return "a value of the module" if isinstance(value, Word | enum.Enum | int) else None

    @contextmanager
    def binding_names(self, names: Mapping[str, Local]) -> Iterator[None]:
        """Let these names mean these variables in the block."""
        before = self._bound
        self._bound = {**before, **names}
        yield
        self._bound = before

    def domain(self, node: ast.expr, hint: str) -> DomainT | EnumT:
        """Return the Domain or Enum that `node` names; raise SpecError with `hint` for others."""
        target = self.static(node)
        if isinstance(target, type) and issubclass(target, Domain | enum.Enum):
            t = self.program.types.read(target, self.loc(node))
            assert isinstance(t, DomainT | EnumT)
            return t
        if target is _MISSING and isinstance(node, ast.Name) and node.id not in self.locals:
            near = [n for n, v in self.namespace.items() if isinstance(v, type)]
            close = did_you_mean(node.id, near)
            if close is not None and close.startswith("did"):
                self.fail("KT301", node, f"there is no {node.id}", close)
        self.fail("KT321", node, f"{ast.unparse(node)} is neither a Domain nor an Enum", hint)


def _in(fn: Function) -> Iterator[Expr]:
    """Yield all expressions in a pure function, but not those in the functions it calls."""
    return (y for value in fn.values for y in x.walk(value))


class _Missing:
    pass


_MISSING = _Missing()


def is_primitive(target: object) -> bool:
    """Is it an access to shared memory, or choose, require or wait_until?"""
    name = getattr(target, "__name__", "")
    return (name in PRIMITIVES or name in ("choose", "require", "wait_until")) and getattr(
        prim, name, None
    ) is target


def _any_bit(e: Expr) -> Expr:
    assert isinstance(e.type, RecordT)
    result: Expr | None = None
    for f in e.type.fields:
        bit = x.Field(e, f.name, BOOL, e.loc)
        result = bit if result is None else x.Bin("or", result, bit, BOOL, e.loc)
    assert result is not None
    return result


def _meet(have: Type, want: Type) -> bool:
    """Are both integer types with a value in common?

    Whether a value is in bounds is checked in each state; this is whether it can be.
    """
    return (
        isinstance(have, IntT)
        and isinstance(want, IntT)
        and have.low <= want.high
        and have.high >= want.low
    )


def _either(t: Type, u: Type) -> Type | None:
    """Return the type of what is a `t` or a `u`; None where there is no such type."""
    if isinstance(t, IntT) and isinstance(u, IntT):
        return IntT(min(t.low, u.low), max(t.high, u.high))
    for one, other in ((t, u), (u, t)):
        if isinstance(one, NoneT) and not isinstance(other, NoneT):
            return other if isinstance(other, OptionalT) else OptionalT(other)
        if isinstance(one, OptionalT) and one.inner == other:
            return one
    return None


def not_none(cond: Expr, truth: bool) -> Iterator[Expr]:
    """Yield the expressions that are certainly not None where `cond` is `truth`."""
    if isinstance(cond, x.Un) and cond.op == "not":
        yield from not_none(cond.arg, not truth)
    elif isinstance(cond, x.Bin):
        if cond.op == ("and" if truth else "or"):
            yield from not_none(cond.left, truth)
            yield from not_none(cond.right, truth)
        elif cond.op == ("!=" if truth else "=="):
            for a, b in ((cond.left, cond.right), (cond.right, cond.left)):
                if isinstance(b, x.Const) and b.value is None:
                    yield a


_FIELDS = "only words, records and the shared state have fields"

_CONVERSIONS: Mapping[type, str] = {
    bool: "a word is a condition by itself: `if word`, or ask for one of its fields",
    int: "1 if ... else 0",
}

_REFERENCE = "the reference lists the expressions that a spec can use"

_NAMES = {
    "Lambda": "a lambda",
    "ListComp": "a list",
    "List": "a list",
    "Dict": "a dict",
    "DictComp": "a dict",
    "Set": "a plain set",
    "SetComp": "a plain set",
    "Tuple": "a tuple",
    "JoinedStr": "a formatted string",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "NamedExpr": "the walrus operator",
    "GeneratorExp": "a generator outside all() and any()",
    "Slice": "a slice",
    "Starred": "*",
}
_INSTEAD = {
    "ListComp": "use a Set or a Map",
    "List": "use a Set or a Map",
    "Dict": "Map({g: value for g in Gfn})",
    "DictComp": "Map({g: value for g in Gfn})",
    "Set": "Set({a, b}), or Set({g for g in Gfn if ...})",
    "SetComp": "Set({a, b}), or Set({g for g in Gfn if ...})",
    "NamedExpr": "assign it on a line of its own",
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Invert: "~",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.MatMult: "@",
}


def describe(node: ast.AST) -> str:
    """Return what a syntax node is called in a message."""
    if type(node) in _SIGNS:
        return f"`{_SIGNS[type(node)]}`"
    kind = type(node).__name__
    return _NAMES.get(kind, f"`{kind.lower()}`")


def _instead(node: ast.AST) -> str:
    return _INSTEAD.get(type(node).__name__, _REFERENCE)
