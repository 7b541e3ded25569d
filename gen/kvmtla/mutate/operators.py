"""The mutants of a function: each has one place changed, the way somebody could get it wrong.

Atomic accesses are split in two, results ignored, statements left out or moved, locks not taken,
conditions reversed, bits forgotten. Nothing here knows what a call is for.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kvmtla.errors import Loc, SpecError
from kvmtla.front.values import with_value
from kvmtla.front.ways import CONTINUE, ON, idle_ways
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import deep_simplify, simplify, word_bits
from kvmtla.ir.stmt import Function
from kvmtla.ir.types import BOOL, RecordT
from kvmtla.mutate import values
from kvmtla.mutate.change import Change, Mutant, line_of, line_with, text_of, without_item
from kvmtla.mutate.code import PURE, Functions, Varying

PLAIN = "not atomic"
OTHER_STORED = "nothing stored"
OTHER_RETURNED = "returns what it stores"
IGNORED = "result ignored"
DROPPED = "left out"
MOVED = "moved"
UNLOCKED = "lock not taken"

OPERATORS = (
    PLAIN,
    OTHER_STORED,
    OTHER_RETURNED,
    IGNORED,
    DROPPED,
    MOVED,
    UNLOCKED,
    values.NEGATED,
    values.CLAUSE,
    values.BIT,
)

Block = tuple[s.Stmt, ...]
Blocks = Iterator[tuple[Block, Change]]

_READS = ("READ_ONCE", "test_bit")
_PLAIN_BITS = {"test_and_set_bit": "set_bit", "test_and_clear_bit": "clear_bit"}


def mutants(fn: Function, functions: Functions, varying: Varying) -> Iterator[Mutant]:
    """Yield all mutants of a function, each once, in the order of its lines.

    `functions` are all functions of the spec. Mutants that are not programs are left out: those
    with a loop that goes around without a step, or a value that may be missing where it is used.
    """
    numbers: Counter[tuple[str, str, str]] = Counter()
    seen: list[Block] = [fn.body]
    for body, change in _Operators(fn, varying).all():
        if body in seen:
            continue
        seen.append(body)
        made = _function(fn, body, functions)
        if made is not None and (fn.kind != PURE or made.values != fn.values):
            said = (change.operator, change.before, change.after)
            numbers[said] += 1
            yield Mutant(change, made, numbers[said])


def _function(fn: Function, body: Block, functions: Functions) -> Function | None:
    """Return the function with another body; None where it is not a program."""
    made = replace(fn, body=body)
    if fn.kind == PURE:
        try:
            return with_value(made)
        except (SpecError, AssertionError):
            return None
    return None if _spins(body, functions) else made


def _spins(body: Block, functions: Functions) -> bool:
    loops = (st.body for st in s.walk(body) if isinstance(st, s.While))
    return any(idle_ways(b, functions) & {ON, CONTINUE} for b in loops)


class _Operators:
    def __init__(self, fn: Function, varying: Varying) -> None:
        self.fn = fn
        self.varying = varying
        self.fixed = varying.locals_of(fn)

    def all(self) -> Blocks:
        return self._block(self.fn.body)

    def _varies(self, e: Expr) -> bool:
        return self.varying.of(e, self.fixed)

    # -- blocks

    def _block(self, body: Block) -> Blocks:
        for i, st in enumerate(body):
            head, tail = body[:i], body[i + 1 :]
            for made, change in self._statement(st):
                yield (*head, *made, *tail), change
            if self.fn.kind == "operation" and tail:
                for made, change in _swapped(st, tail[0]):
                    yield (*head, *made, *tail[1:]), change

    def _statement(self, st: s.Stmt) -> Blocks:
        if _droppable(st):
            assert not isinstance(st, s.IfStmt)
            yield (), Change(DROPPED, st.loc, line_of(st.loc), "")
        match st:
            case s.Primitive():
                yield from self._primitive(st)
                yield from self._written(st)
            case s.CallStmt():
                yield from self._written(st)
            case s.Assign(_, value):
                yield from self._valued(st, value, _decides(value, st.loc))
            case s.Return(results):
                for i, value in enumerate(results):
                    for new, change in self._value(value, st.loc, _decides(value, st.loc)):
                        yield (replace(st, values=_put(results, i, new)),), change
            case s.Store(_, value):
                yield from self._valued(st, value, _decides(value, st.loc))
            case s.Wait(cond):
                for new, change in values.inside(cond, self._varies):
                    yield (replace(st, cond=new),), change
            case s.IfStmt(cond, then, other):
                for new, change in values.condition(cond, self._varies):
                    yield (replace(st, cond=new, reasons=()),), change
                for block, change in self._block(then):
                    yield (replace(st, then=block),), change
                for block, change in self._block(other):
                    yield (replace(st, other=block),), change
            case s.While(cond, body):
                for new, change in values.condition(cond, self._varies):
                    yield (replace(st, cond=new),), change
                for block, change in self._block(body):
                    yield (replace(st, body=block),), change
            case s.For(_, body) | s.WithSpan(_, _, _, body):
                for block, change in self._block(body):
                    yield (replace(st, body=block),), change
            case s.WithLock():
                yield from self._lock(st)

    # -- values

    def _valued(self, st: s.Assign | s.Store, value: Expr, condition: bool) -> Blocks:
        for new, change in self._value(value, st.loc, condition):
            yield (replace(st, value=new),), change

    def _value(self, e: Expr, at: Loc, condition: bool) -> values.Changed:
        if condition:
            yield from values.condition(e, self._varies)
        else:
            yield from values.inside(e, self._varies)
        yield from values.bits(e, at)

    def _written(self, st: s.Primitive | s.CallStmt) -> Blocks:
        """Yield changes of the values that a call is given."""
        inverted = isinstance(st, s.Primitive) and st.name == "atomic_fetch_and"
        # The value that is compared is not stored.
        compared = isinstance(st, s.Primitive) and "cmpxchg" in st.name
        for i, e in enumerate(st.args):
            changed = values.inside(e, self._varies)
            if inverted:
                changed = _unmasked(e, st.loc)
            elif not (compared and i == 0):
                changed = _both(changed, values.bits(e, st.loc))
            for new, change in changed:
                yield (replace(st, args=_put(st.args, i, new)),), change

    # -- accesses

    def _primitive(self, st: s.Primitive) -> Blocks:
        call = _call_text(st)
        if st.name in _READS or call is None:
            return
        line = line_of(st.loc)
        at = st.loc
        args = ", ".join(call[1:])
        used = _used(st.targets)
        for made in _in_two_steps(st):
            yield made, Change(PLAIN, at, line, line_with(at, f"__{st.name}({args})"))
        if st.name == "xchg" and used:
            read = s.Primitive("READ_ONCE", st.place, (), st.targets, at, ())
            yield (read,), Change(OTHER_STORED, at, line, line_with(at, f"READ_ONCE({call[1]})"))
        if st.name in ("xchg", "atomic_fetch_and", "atomic_fetch_or") and used:
            given = Local("given#mutant", st.args[0].type, at)
            after = _combined(st, st.targets[0], given)
            made = (s.Assign(given, st.args[0], at), st, s.Assign(st.targets[0], after, at))
            text = f"{line}  # taken for what was there: what is stored"
            yield made, Change(OTHER_RETURNED, at, line, text)
        if "cmpxchg" in st.name and _used(st.targets[:1]):
            given = Local("given#mutant", st.args[0].type, at)
            success = x.TRUE if st.name == "try_cmpxchg" else given
            made = (s.Assign(given, st.args[0], at), st, s.Assign(st.targets[0], success, at))
            text = f"{line}  # taken for success"
            yield made, Change(IGNORED, at, line, text)

    # -- locks

    def _lock(self, st: s.WithLock) -> Blocks:
        line = line_of(st.loc)
        yield st.body, Change(UNLOCKED, st.loc, line, without_item(st.loc))
        if len(st.body) > 1 or _is_span(st.body[0]):
            yield from _past_the_lock(st)
        for block, change in self._block(st.body):
            yield (replace(st, body=block),), change


def _decides(e: Expr, at: Loc) -> bool:
    """Is `e` a condition that somebody wrote, and not the copy of a flag?"""
    return e.type == BOOL and not isinstance(e, Local) and e.loc != at


def _both(*parts: values.Changed) -> values.Changed:
    for p in parts:
        yield from p


def _put(parts: Sequence[Expr], i: int, new: Expr) -> tuple[Expr, ...]:
    return (*parts[:i], new, *parts[i + 1 :])


def _unmasked(e: Expr, at: Loc) -> values.Changed:
    """Yield changes of a mask of bits that stay: each lets one more bit stay."""
    t = e.type
    assert isinstance(t, RecordT)
    e = deep_simplify(e)
    parts: Sequence[Expr]
    if isinstance(e, x.Const) and isinstance(e.value, tuple):
        parts = [x.Const(v, f.type, e.loc) for v, f in zip(e.value, t.fields, strict=True)]
    elif isinstance(e, x.Make):
        parts = e.values
    else:
        return
    line = line_of(at)
    for i, (v, f) in enumerate(zip(parts, t.fields, strict=True)):
        if v != x.TRUE:
            kept = simplify(x.Make(_put(parts, i, x.TRUE), t, e.loc))
            yield kept, Change(values.BIT, at, line, f"{line}  # not {f.name}")


# -- accesses


def _call_text(st: s.Primitive) -> list[str] | None:
    """Return the name of an access and its arguments as they are written; None if it is no call."""
    try:
        node = ast.parse(text_of(st.loc), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Call):
        return None
    return [st.name, *(ast.unparse(a) for a in node.args)]


def _used(targets: Sequence[Local]) -> bool:
    """Is the result of an access or a call used?"""
    return any(not t.name.startswith("_#") for t in targets)


def _combined(st: s.Primitive, old: Expr, given: Expr) -> Expr:
    """Return what an access stores when it is given `given` and finds `old`."""
    if st.name == "xchg":
        return given
    t = st.place.type
    assert isinstance(t, RecordT)
    op = "and" if st.name == "atomic_fetch_and" else "or"
    return word_bits(t, lambda a, b: x.Bin(op, a, b, BOOL), old, given)


def _in_two_steps(st: s.Primitive) -> Iterator[Block]:
    """Yield the access as a read and, after it, a plain write."""
    t, at = st.place.type, st.loc
    old = st.targets[-1] if st.targets else Local("was#mutant", t, at)
    if old.name in {n for a in st.args for n in x.locals_in(a)}:
        # The arguments must have their values from before the read.
        old = Local("was#mutant", t, at)
    read = s.Primitive("READ_ONCE", st.place, (), (old,), at, ())
    back: Block = ()
    if st.targets and old is not st.targets[-1]:
        back = (s.Assign(st.targets[-1], old, at),)

    def write(value: Expr) -> s.Stmt:
        return s.Primitive("WRITE_ONCE", st.place, (value,), (), at, ("...",))

    if st.name in ("xchg", "atomic_fetch_and", "atomic_fetch_or"):
        yield (read, write(_combined(st, old, st.args[0])), *back)
    elif st.name in ("cmpxchg", "try_cmpxchg"):
        expected, new = st.args
        same = simplify(x.Bin("==", old, expected, BOOL, at))
        flag: Block = ()
        if st.name == "try_cmpxchg" and st.targets:
            flag = (s.Assign(st.targets[0], same, at),)
        decide = s.IfStmt(same, (write(new),), (), at)
        # The new value may be made from the local that is the flag.
        yield (read, decide, *flag, *back)
    elif st.name in _PLAIN_BITS:
        read = replace(read, name="test_bit")
        yield (read, s.Primitive(_PLAIN_BITS[st.name], st.place, (), (), at, ()), *back)


# -- statements


def _droppable(st: s.Stmt) -> bool:
    """Can the statement be left out, so that what follows still has all that it needs?"""
    match st:
        case s.Primitive(name):
            return name not in _READS and not _used(st.targets)
        case s.CallStmt():
            return not _used(st.targets)
        case s.Store() | s.Wait():
            return True
    return False


def _effect(st: s.Stmt) -> bool:
    """Is the statement there only for what it does to shared state?"""
    match st:
        case s.WithSpan():
            return all(map(_effect, st.body))
        case s.IfStmt(_, then, other):
            return all(map(_effect, (*then, *other)))
    return _droppable(st)


def _is_span(st: s.Stmt) -> bool:
    return isinstance(st, s.WithSpan)


def _swapped(a: s.Stmt, b: s.Stmt) -> Blocks:
    """Yield two neighbours swapped, if one of them is there for its effect alone."""
    if not (_effect(a) or _effect(b)) or not (_acts(a) and _acts(b)):
        return
    if not _independent(a, b) or _relied_on(a) or _relied_on(b):
        return
    moved, over = (a, b) if _effect(a) else (b, a)
    side = "behind" if moved is a else "in front of"
    yield (b, a), _moved(moved, f"{side}: {_head(over)}")


def _past_the_lock(st: s.WithLock) -> Blocks:
    """Yield blocks with the first or the last statement that a lock guards moved out of it."""
    first, rest = _split(st.body, 0)
    if _acts(first) and not _relied_on(first) and rest:
        yield (first, replace(st, body=rest)), _moved(first, f"in front of: {_head(st)}")
    last, rest = _split(st.body, -1)
    if _acts(last) and _effect(last) and rest:
        yield (replace(st, body=rest), last), _moved(last, f"behind the end of: {_head(st)}")


def _split(body: Block, at: int) -> tuple[s.Stmt, Block]:
    """Return the first or last statement and the others; a span that they share goes with both."""
    st = body[at]
    others = body[1:] if at == 0 else body[:-1]
    if isinstance(st, s.WithSpan) and not _effect(st):
        inner, rest = _split(st.body, at)
        if rest:
            left = replace(st, body=rest)
            return replace(st, body=(inner,)), (left, *others) if at == 0 else (*others, left)
    return st, others


def _moved(st: s.Stmt, where: str) -> Change:
    line = _head(st)
    return Change(MOVED, _place(st), line, f"{line}  # {where}")


def _place(st: s.Stmt) -> Loc:
    while isinstance(st, s.WithSpan):
        st = st.body[0]
    if isinstance(st, s.For | s.While):
        return Loc(st.loc.file, st.loc.line)
    return st.loc


def _head(st: s.Stmt) -> str:
    return line_of(_place(st)).removesuffix(":")


def _acts(st: s.Stmt) -> bool:
    """Does the statement do something that others can see, and go on to what follows?"""
    inner = list(s.walk((st,)))
    leaves = any(isinstance(i, s.Return | s.Break | s.Continue) for i in inner)
    return not leaves and any(
        isinstance(i, s.Primitive | s.CallStmt | s.Wait | s.WithLock) for i in inner
    )


def _relied_on(st: s.Stmt) -> bool:
    """Does the statement test that something is not None, which other code may rely on?"""
    return any(
        isinstance(i, s.IfStmt | s.While) and values.tests_none(i.cond) for i in s.walk((st,))
    )


def _independent(a: s.Stmt, b: s.Stmt) -> bool:
    sets_a, sets_b = _sets(a), _sets(b)
    return not (sets_a & (sets_b | _reads(b)) or sets_b & _reads(a))


def _sets(st: s.Stmt) -> set[str]:
    return {t.name for t in s.targets((st,))}


def _reads(st: s.Stmt) -> set[str]:
    return {n for e in s.expressions((st,)) for n in x.locals_in(e)}
