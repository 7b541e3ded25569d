"""The engine's Python source as C.

The source consists of few things: shifts, masks, sums, comparisons and choices of integers, in
functions from states to steps. For every expression the bounds of its value are worked out, so that
it gets a C type that holds it; an expression for which there is none is refused, and so is anything
else that is not known here.

A state is WORDS words of 64 bits, the first with the lowest bits; the check sum in the bits of
Python's states is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.patience import on_time

WORD = 64
_NARROW, _WIDE = 63, 126
# A place that is not known when C is written may lie at most this many words behind the state.
_MOST_PADDING = 4
_TRUTH = (0, 1)

Range = tuple[int, int]


class Untranslatable(Exception):  # noqa: N818 - the caller does without, nobody is told of an error
    """Something for which there is no C; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Value:
    """A C expression, in parentheses, with the lowest and the highest value that it can have."""

    text: str
    low: int
    high: int

    @property
    def type(self) -> str:
        """The C type that holds it."""
        return type_of((self.low, self.high))


def type_of(span: Range) -> str:
    """Return the C type that holds the numbers of a range."""
    for bits, name in ((_NARROW, "i64"), (_WIDE, "i128")):
        if -(1 << bits) <= span[0] and span[1] < 1 << bits:
            return name
    raise Untranslatable(f"a value of more than {_WIDE} bits")


def words(number: int, count: int) -> list[int]:
    """Return the words of a number that is not negative, the lowest first."""
    if number >> count * WORD:
        raise Untranslatable(f"a state of more than {count * WORD} bits")
    return [number >> i * WORD & (1 << WORD) - 1 for i in range(count)]


def literal(number: int) -> str:
    """Return a number as C."""
    if -(1 << 31) < number < 1 << 31:
        return f"((i64){number})"
    if 0 <= number < 1 << WORD - 1:
        return f"((i64){number}LL)"
    if 0 <= number < 1 << _WIDE:
        low, high = number & (1 << WORD) - 1, number >> WORD
        return f"((i128)((u128){high}ULL << 64 | {low}ULL))"
    raise Untranslatable(f"the number {number}")


def _bits(number: int) -> int:
    return max(number, ~number).bit_length()


class Function:
    """One function of the engine's source as C.

    `parameters` are the names of the states that it is given, with the bits it looks at in each.
    """

    def __init__(self, made: ast.FunctionDef, count: int, parameters: dict[str, int]) -> None:
        self._source = made
        self._count = count
        self._parameters = parameters
        self._locals: dict[str, Range] = {}
        self._padding = 2

    def body(self) -> str:
        """Return C that gives each step to `OUT`, or that returns whether a test is true."""
        while True:
            # The bounds of a name are known only once everything that it is given has been seen.
            before = dict(self._locals)
            lines = [line for s in self._source.body for line in self._statement(s, "  ")]
            if before == self._locals:
                break
        head = []
        for name, mask in self._parameters.items():
            kept = words(mask >> MIXED_BITS, self._count)
            parts = [f"{name}_[{i}] & {w}ULL" for i, w in enumerate(kept)]
            size = self._count + self._padding
            head.append(f"  const u64 {name}[{size}] = {{{', '.join(parts)}}}; (void){name};")
        head += [f"  {type_of(span)} {name};" for name, span in self._locals.items()]
        return "\n".join([*head, *lines])

    # -- statements

    def _statement(self, s: ast.stmt, indent: str) -> list[str]:
        on_time()
        match s:
            case ast.If(test, body, orelse):
                lines = [f"{indent}if ({self._value(test).text}) {{"]
                lines += self._block(body, indent)
                if orelse:
                    lines += [f"{indent}}} else {{", *self._block(orelse, indent)]
                return [*lines, f"{indent}}}"]
            case ast.Assign([ast.Name("out")], ast.List()) | ast.Return(ast.Name("out")):
                return []
            case ast.Assign([ast.Name(name)], value):
                return [f"{indent}{self._named(name, value).text};"]
            case ast.Expr(
                ast.Call(
                    ast.Attribute(ast.Name("out"), "append"), [ast.Tuple([change, ast.expr() as n])]
                )
            ):
                return self._step(change, ast.literal_eval(n), indent)
            case ast.Return(ast.expr() as value):
                return [f"{indent}return ({self._value(value).text}) != 0;"]
        raise Untranslatable(f"the statement {ast.unparse(s)}")

    def _block(self, body: Iterable[ast.stmt], indent: str) -> list[str]:
        return [line for s in body for line in self._statement(s, indent + "  ")]

    def _step(self, change: ast.expr, end: int, indent: str) -> list[str]:
        match change:
            case ast.Constant(0):
                return [f"{indent}OUT(s, {end});"]
            case ast.BinOp(made, ast.BitXor(), ast.Name("s")):
                inner = indent + "  "
                lines = [f"{inner}u64 d[WORDS];", *(inner + line for line in self._state(made))]
                return [f"{indent}{{", *lines, f"{inner}OUT(d, {end});", f"{indent}}}"]
        raise Untranslatable(f"the change {ast.unparse(change)}")

    # -- states

    def _state(self, e: ast.expr) -> list[str]:
        """Return statements that make `d` the state `e`."""
        match e:
            case ast.Name("s"):
                return [f"d[{i}] = s[{i}];" for i in range(self._count)]
            case ast.BinOp(left, ast.BitAnd(), ast.Constant(int() as mask)):
                kept = words(mask >> MIXED_BITS, self._count)
                return [*self._state(left), *(f"d[{i}] &= {w}ULL;" for i, w in enumerate(kept))]
            case ast.BinOp(
                left,
                ast.BitAnd(),
                ast.UnaryOp(ast.Invert(), ast.BinOp(ast.Constant(int() as mask), ast.LShift(), at)),
            ):
                run = self._constant(mask)
                return [*self._state(left), f"clear(d, {self._place(at)}, {_unsigned(run)});"]
            case ast.BinOp(left, ast.BitOr(), right):
                return [*self._state(left), *self._set(right)]
        raise Untranslatable(f"the state {ast.unparse(e)}")

    def _set(self, e: ast.expr) -> list[str]:
        """Return statements that set bits of `d`."""
        match e:
            case ast.Constant(int() as known):
                if known & (1 << MIXED_BITS) - 1:
                    raise Untranslatable("bits of a check sum")
                set_ = words(known >> MIXED_BITS, self._count)
                return [f"d[{i}] |= {w}ULL;" for i, w in enumerate(set_) if w]
            case ast.BinOp(value, ast.LShift(), at):
                made = self._value(value)
                lines = [] if made.low >= 0 else [f"CHECK({made.text} >= 0);"]
                return [*lines, f"put(d, {self._place(at)}, {_unsigned(made)});"]
        raise Untranslatable(f"the bits {ast.unparse(e)}")

    def _place(self, at: ast.expr) -> str:
        """Return the number of a bit as C; the bit lies in the state, or not far behind it."""
        made = self._value(at)
        if made.low < MIXED_BITS:
            raise Untranslatable(f"the place {ast.unparse(at)}")
        padding = (made.high - MIXED_BITS) // WORD + 3 - self._count
        if padding > _MOST_PADDING:
            raise Untranslatable(f"the place {ast.unparse(at)}")
        self._padding = max(self._padding, padding)
        if made.low == made.high:
            return str(made.low - MIXED_BITS)
        return f"(int)({made.text} - {MIXED_BITS})"

    # -- values

    def _constant(self, number: int) -> Value:
        return Value(literal(number), number, number)

    def _named(self, name: str, e: ast.expr) -> Value:
        made = self._value(e)
        low, high = self._locals.get(name, (made.low, made.high))
        self._locals[name] = min(low, made.low), max(high, made.high)
        return Value(f"({name} = {made.text})", made.low, made.high)

    def _value(self, e: ast.expr) -> Value:
        match e:
            case ast.Constant(bool() | int() as known):
                return self._constant(int(known))
            case ast.Name(name) if name in self._locals:
                return Value(name, *self._locals[name])
            case ast.NamedExpr(ast.Name(name), value):
                return self._named(name, value)
            case ast.BinOp(
                ast.BinOp(ast.Name(state), ast.RShift(), at), ast.BitAnd(), ast.Constant(int() as m)
            ) if state in self._parameters:
                if m < 1 << WORD:
                    read = f"(get({state}, {self._place(at)}) & {m}ULL)"
                else:
                    read = f"(get2({state}, {self._place(at)}) & (u128){literal(m)})"
                return Value(f"(({type_of((0, m))}){read})", 0, m)
            case ast.BinOp(
                ast.BinOp(ast.Constant(int() as bits), ast.RShift(), at),
                ast.BitAnd(),
                ast.Constant(1),
            ) if bits >> _NARROW:
                return self._bit_of(bits, self._value(at))
            case ast.BinOp(left, op, right):
                return self._binary(self._value(left), op, self._value(right), e)
            case ast.UnaryOp(ast.Not(), arg):
                return Value(f"((i64)!{self._value(arg).text})", *_TRUTH)
            case ast.UnaryOp(ast.USub(), arg):
                a = self._value(arg)
                return self._made("-", a, (-a.high, -a.low), a)
            case ast.UnaryOp(ast.Invert(), arg):
                a = self._value(arg)
                return self._made("~", a, (~a.high, ~a.low), a)
            case ast.BoolOp(op, parts):
                return self._run(isinstance(op, ast.And), [self._value(p) for p in parts])
            case ast.IfExp(test, body, orelse):
                return self._choice(self._value(test), self._value(body), self._value(orelse))
            case ast.Compare(left, ops, comparators):
                return self._compare([left, *comparators], ops, e)
            case ast.Subscript(ast.Tuple(parts), ast.UnaryOp(ast.USub(), ast.Constant(1))):
                *before, last = [self._value(p) for p in parts]
                text = ", ".join([*(f"(void){v.text}" for v in before), last.text])
                return Value(f"({text})", last.low, last.high)
            case ast.Call(ast.Name("put"), [whole, at, ast.Constant(int() as mask), value]):
                return self._put(whole, at, mask, value, e)
        raise Untranslatable(f"the expression {ast.unparse(e)}")

    def _put(self, whole: ast.expr, at: ast.expr, mask: int, value: ast.expr, e: ast.expr) -> Value:
        """Return `whole & ~(mask << at) | value << at`."""
        by = self._value(at)
        run = self._binary(self._constant(mask), ast.LShift(), by, e)
        rest = self._made("~", run, (~run.high, ~run.low), run)
        kept = self._binary(self._value(whole), ast.BitAnd(), rest, e)
        return self._binary(
            kept, ast.BitOr(), self._binary(self._value(value), ast.LShift(), by, e), e
        )

    @staticmethod
    def _bit_of(bits: int, at: Value) -> Value:
        """Return a bit of a known number."""
        count = bits.bit_length() // WORD + 1
        table = ", ".join(f"{w}ULL" for w in words(bits, count))
        text = f"bit_of((const u64[]){{{table}}}, {count}, {at.text})"
        return Value(f"((i64){text})", *_TRUTH)

    @staticmethod
    def _made(op: str, a: Value, span: Range, *others: Value) -> Value:
        wide = "i128" in (type_of(span), *(v.type for v in others))
        return Value(f"({op}({'i128' if wide else 'i64'}){a.text})", *span)

    def _binary(self, a: Value, op: ast.operator, b: Value, e: ast.expr) -> Value:
        match op:
            case ast.Add():
                return _joined(a, "+", b, (a.low + b.low, a.high + b.high))
            case ast.Sub():
                return _joined(a, "-", b, (a.low - b.high, a.high - b.low))
            case ast.Mult():
                ends = [p * q for p in (a.low, a.high) for q in (b.low, b.high)]
                return _joined(a, "*", b, (min(ends), max(ends)))
            case ast.BitAnd():
                span = _all_of(a, b) if a.low < 0 and b.low < 0 else (0, _least(a, b))
                return _joined(a, "&", b, span)
            case ast.BitOr() | ast.BitXor():
                return _joined(a, "|" if isinstance(op, ast.BitOr) else "^", b, _all_of(a, b))
            case ast.LShift() if b.low >= 0 and b.high <= _WIDE:
                ends = [p << q for p in (a.low, a.high) for q in (b.low, b.high)]
                span = min(ends), max(ends)
                return Value(f"(({_common(a, b, span)}){a.text} << (int){b.text})", *span)
            case ast.RShift() if b.low >= 0:
                ends = [p >> q for p in (a.low, a.high) for q in (b.low, b.high)]
                most = (WORD if a.type == "i64" else 2 * WORD) - 1
                by = f"(int){b.text}" if b.high <= most else f"least({b.text}, {most})"
                return Value(f"({a.text} >> {by})", min(ends), max(ends))
        raise Untranslatable(f"the expression {ast.unparse(e)}")

    @staticmethod
    def _choice(test: Value, a: Value, b: Value) -> Value:
        span = min(a.low, b.low), max(a.high, b.high)
        t = type_of(span)
        return Value(f"({test.text} ? ({t}){a.text} : ({t}){b.text})", *span)

    def _run(self, every: bool, parts: list[Value]) -> Value:
        """Join operands of `and` or `or`; as in Python, the value is that of one of them."""
        if all(_TRUTH[0] <= v.low and v.high <= _TRUTH[1] for v in parts):
            sign = " && " if every else " || "
            low = (min if every else max)(v.low for v in parts)
            return Value(f"((i64)({sign.join(v.text for v in parts)}))", low, 1)
        *before, made = parts
        for v in reversed(before):
            if every:
                made = self._choice(v, made, self._constant(0))
                continue
            # The first is the value where it is not 0.
            low = max(v.low, 1) if v.low >= 0 else v.low
            span = min(low, made.low), max(v.high, made.high)
            t = type_of(span)
            made = Value(f"({v.text} ? ({t}){v.text} : ({t}){made.text})", *span)
        return made

    def _compare(self, operands: list[ast.expr], ops: list[ast.cmpop], e: ast.expr) -> Value:
        signs: dict[type[ast.cmpop], str] = {
            ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
        }  # fmt: skip
        values = [self._value(v) for v in operands]
        parts = []
        for a, op, b in zip(values, ops, values[1:], strict=False):
            if type(op) not in signs:
                raise Untranslatable(f"the expression {ast.unparse(e)}")
            parts.append(f"({a.text} {signs[type(op)]} {b.text})")
        return Value(f"((i64)({' && '.join(parts)}))", *_TRUTH)


def _unsigned(v: Value) -> str:
    """Return the two words of a value as arguments, the lower first."""
    if v.type == "i64":
        return f"(u64){v.text}, 0"
    return f"(u64){v.text}, (u64)((u128){v.text} >> 64)"


def _common(a: Value, b: Value, span: Range) -> str:
    return "i128" if "i128" in (a.type, b.type, type_of(span)) else "i64"


def _joined(a: Value, op: str, b: Value, span: Range) -> Value:
    t = _common(a, b, span)
    return Value(f"(({t}){a.text} {op} ({t}){b.text})", *span)


def _all_of(a: Value, b: Value) -> Range:
    """Return the range of the numbers with as many bits as two values have."""
    bits = max(_bits(v) for v in (a.low, a.high, b.low, b.high))
    return (-(1 << bits) if min(a.low, b.low) < 0 else 0), (1 << bits) - 1


def _least(a: Value, b: Value) -> int:
    """Return the highest value of `a & b`, of which at most one may be negative."""
    return min(v.high for v in (a, b) if v.low >= 0)
