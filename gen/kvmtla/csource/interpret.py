"""Runs a function of C, as far as the mapping says what its names mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from kvmtla.csource import ast as c
from kvmtla.csource.errors import NotUnderstoodError
from kvmtla.csource.linux import ACCESSES, BY_VALUE, LOCKS, SAME, TYPES
from kvmtla.csource.parse import Macro, spelled
from kvmtla.csource.program import CProgram
from kvmtla.csource.values import ALL, CValue, Fn, Lump, Opaque, Ref, Word, as_number
from kvmtla.lang.c import COperation, CSource, Left

MOST_ROUNDS = 40
MOST_DEPTH = 40
_FRAME = re.compile(r"#\d+")


@dataclass
class Seen:
    """What runs of a function have come by."""

    nodes: set[int] = field(default_factory=set)
    decided: set[int] = field(default_factory=set)
    """Decisions that were taken by something that is left out."""
    functions: dict[str, c.Function] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    """What was left out, with the reason."""


class Access:
    """What the runner of C asks of whoever compares it with the model."""

    def access(
        self, primitive: str, place: str, values: Sequence[CValue], node: c.Node
    ) -> tuple[CValue, bool]:
        """Make an access; gives what it gives, and whether it succeeded."""
        raise NotImplementedError

    def lock(self, what: str, how: str, place: str, node: c.Node) -> None:
        """Take a lock, or give it back."""
        raise NotImplementedError

    def call(self, name: str, args: Sequence[CValue], node: c.Call) -> CValue | None:
        """Call a function that the model has, too; None if it has not."""
        raise NotImplementedError

    def counts(self, name: str) -> bool:
        """Return whether calls of a function are compared."""
        return False

    def unknown(self, question: str) -> bool:
        """Return whether something is true of which nothing is known."""
        raise NotImplementedError


class _BreakError(Exception):
    pass


class _ContinueError(Exception):
    pass


class _ReturnError(Exception):
    def __init__(self, value: CValue | None) -> None:
        self.value = value


class _GotoError(Exception):
    def __init__(self, node: c.Goto) -> None:
        self.node = node


@dataclass
class _Frame:
    function: c.Function
    number: int
    names: dict[str, str] = field(default_factory=dict)
    """The types of the locals."""


class Machine:
    """Memory, and what runs in it."""

    def __init__(
        self,
        program: CProgram,
        source: CSource,
        access: Access,
        constants: Mapping[str, int],
        operation: COperation | None = None,
        seen: Seen | None = None,
    ) -> None:
        self.program = program
        self.source = source
        self.access = access
        self.constants = constants
        self.operation = operation or COperation()
        self.seen = seen or Seen()
        self.memory: dict[str, CValue] = {}
        self._types: dict[str, str] = {}
        self._pins = 0
        self._frames: list[_Frame] = []
        self._count = 0
        self._paths = [(re.compile(p), p, left) for p, left in source.paths.items()]
        self._private = [re.compile(p) for p in source.private]
        self._in_left = 0
        self._zeroed: set[str] = set()

    # --- Functions --------------------------------------------------------------------------------

    def run(self, function: c.Function, args: Sequence[CValue | None]) -> CValue | None:
        """Run a function, and return what it returns."""
        if len(self._frames) >= MOST_DEPTH:
            self._not_understood("calls within calls without end", function)
        self.seen.functions.setdefault(function.name, function)
        self._count += 1
        frame = _Frame(function, self._count)
        self._frames.append(frame)
        try:
            for p, value in zip(function.params, args, strict=False):
                self._declare(p.name, p.type, value)
            try:
                self._statement(function.body)
            except _ReturnError as done:
                return None if done.value is None else self._converted(done.value, function.result)
            except _GotoError as jump:
                self._not_understood(f"a jump to {jump.node.label!r}", jump.node)
            return None
        finally:
            self._frames.pop()

    def _declare(self, name: str, kind: str, value: CValue | None) -> None:
        frame = self._frames[-1]
        frame.names[name] = kind
        place = f"{name}#{frame.number}"
        self._types[place] = kind
        for old in [p for p in self.memory if p.startswith((f"{place}.", f"{place}["))]:
            del self.memory[old]
        self.memory.pop(place, None)
        if isinstance(value, Lump):
            self._copy(value.place, place)
        elif value is not None:
            self.memory[place] = self._converted(value, kind)

    def _copy(self, source: str, target: str) -> None:
        """Copy all that is known of a structure."""
        for held in [p for p in self.memory if p.startswith((f"{source}.", f"{source}["))]:
            self.memory[target + held[len(source) :]] = self.memory[held]
        if source in self._zeroed:
            self._zeroed.add(target)

    def _not_understood(self, what: str, node: c.Node) -> NoReturn:
        raise NotUnderstoodError(what, node.file, node.line)

    # --- Statements -------------------------------------------------------------------------------

    def _statement(self, s: c.Stmt) -> None:
        self.seen.nodes.add(id(s))
        match s:
            case c.Block():
                self._block(s)
            case c.Do():
                self._value(s.value)
            case c.Declare(value=c.Fields() as fields):
                self._declare(s.name, s.type, None)
                self._fill(f"{s.name}#{self._frames[-1].number}", fields)
            case c.Declare():
                value = None if s.value is None else self._value(s.value)
                self._declare(s.name, s.type, value)
            case c.If():
                if self._decided(s, s.cond):
                    self._statement(s.then)
                elif s.other is not None:
                    self._statement(s.other)
            case c.Loop():
                self._loop(s)
            case c.Return():
                raise _ReturnError(None if s.value is None else self._value(s.value))
            case c.Jump():
                raise _BreakError if s.kind == "break" else _ContinueError
            case c.Goto():
                raise _GotoError(s)
            case c.Label():
                self._statement(s.body)
            case c.Unknown():
                self._not_understood(f"`{_short(s.text)}`", s)

    def _fill(self, place: str, fields: c.Fields) -> None:
        """Put values into the members of a structure; the others are 0."""
        self._zeroed.add(place)
        for name, value in fields.values:
            self.memory[f"{place}.{name}"] = self._value(value)

    def _decided(self, node: c.Node, cond: c.Expr) -> bool:
        before = self._pins
        answer = self._true(cond)
        if self._pins != before:
            self.seen.decided.add(id(node))
        return answer

    def _block(self, block: c.Block) -> None:
        at = 0
        rounds = 0
        while at < len(block.body):
            try:
                self._statement(block.body[at])
                at += 1
            except _GotoError as jump:
                label = jump.node.label
                to = next((i for i, s in enumerate(block.body) if label in c.labels(s)), None)
                if to is None:
                    raise
                rounds += 1
                if rounds > MOST_ROUNDS:
                    self._not_understood("a loop without an end", jump.node)
                target = block.body[to]
                if not (isinstance(target, c.Label) and target.name == label):
                    self._not_understood(f"a jump to {label!r}, into a block", jump.node)
                at = to

    def _loop(self, s: c.Loop) -> None:
        if s.first is not None:
            self._statement(s.first)
        rounds = 0
        late = s.late
        while late or s.cond is None or self._decided(s, s.cond):
            late = False
            rounds += 1
            if rounds > MOST_ROUNDS:
                self._not_understood("a loop whose end is not known", s)
            try:
                self._statement(s.body)
            except _BreakError:
                return
            except _ContinueError:
                pass
            if s.step is not None:
                self._value(s.step)

    # --- Memory -----------------------------------------------------------------------------------

    def shown(self, place: str) -> str:
        """Return a place in memory as the mapping speaks of it."""
        return _FRAME.sub("", place)

    def _place(self, e: c.Expr) -> str:
        match e:
            case c.Name():
                frame = self._frames[-1]
                return f"{e.name}#{frame.number}" if e.name in frame.names else e.name
            case c.Member(arrow=True):
                return self._behind(self._value(e.base), f".{e.name}", f"->{e.name}", e)
            case c.Member(base=c.Call()):
                lump = self._value(e.base)
                if isinstance(lump, Lump):
                    return f"{lump.place}.{e.name}"
                return f"{self._name(lump)}.{e.name}"
            case c.Member():
                return f"{self._place(e.base)}.{e.name}"
            case c.Subscript():
                index = self._value(e.index)
                if isinstance(index, Word):
                    index = index.whole()
                text = str(index) if isinstance(index, int) else self._name(index)
                if isinstance(e.base, c.Name) and self._is_array(e.base.name):
                    return f"{self._place(e.base)}[{text}]"
                return self._behind(self._value(e.base), f"[{text}]", f"[{text}]", e)
            case c.Unary(op="*"):
                return self._behind(self._value(e.arg), "", None, e)
            case c.Cast():
                return self._place(e.arg)
        self._not_understood(f"`{_short(e.text)}` as a place in memory", e)

    def _is_array(self, name: str) -> bool:
        return "[]" in self._frames[-1].names.get(name, "")

    def _behind(self, pointer: CValue, near: str, far: str | None, e: c.Node) -> str:
        match pointer:
            case Ref(place):
                return place + near
            case Opaque(name):
                return f"*{name}" if far is None else name + far
        self._not_understood(f"`{_short(e.text)}`, whose place is not known", e)

    def load(self, place: str, node: c.Node) -> CValue:
        """Return what is at a place in memory."""
        if place in self.memory:
            return self.memory[place]
        shown = self.shown(place)
        found = self.source.place(shown)
        if found is not None:
            if found.plain is not None:
                self.seen.left.setdefault(shown, found.plain)
            how = "plain load" if found.plain is None else "READ_ONCE"
            return self.access.access(how, shown, (), node)[0]
        for pattern, _, left in self._paths:
            if pattern.fullmatch(shown):
                return self.left(left, shown, node)
        if shown in self.constants:
            return self.constants[shown]
        for cut in _cuts(place):
            held = self.memory.get(place[:cut])
            if isinstance(held, Opaque):
                return Opaque(held.name + place[cut:])
            if place[:cut] in self._zeroed:
                return 0
        return Opaque(shown)

    def left(self, left: Left, what: str, node: c.Node) -> CValue:
        """Return the value of something that is left out, and note that it was needed."""
        self._pins += 1
        self.seen.left.setdefault(what, left.why)
        if isinstance(left.value, int):
            return left.value
        self._in_left += 1
        try:
            return self.expanded(left.value, node)
        finally:
            self._in_left -= 1

    def store(self, place: str, value: CValue, node: c.Node) -> None:
        """Put a value at a place in memory."""
        shown = self.shown(place)
        if self.source.place(shown) is not None and place not in self.memory:
            self.access.access("plain store", shown, (value,), node)
            return
        local = "#" in place.partition("->")[0].partition("*")[0] or place.startswith("#")
        if not local and not any(p.fullmatch(shown) for p in self._private):
            self._not_understood(
                f"a store to `{shown}`, which is no place of the model and is not left out", node
            )
        if isinstance(value, Lump):
            self._copy(value.place, place)
            return
        kind = self._types.get(place)
        self.memory[place] = value if kind is None else self._converted(value, kind)

    def _converted(self, value: CValue, kind: str) -> CValue:
        kind = kind.replace("const", "").replace("volatile", "").strip()
        kind = self.source.types.get(kind, kind)
        if kind not in TYPES:
            return value
        bits, signed = TYPES[kind]
        if bits == 1:
            return int(self._truth(value)) if not isinstance(value, Opaque) else value
        if isinstance(value, Word):
            if bits == 64:
                return value
            if not signed:
                return value.both((1 << bits) - 1)
            value = value.whole()
        if not isinstance(value, int):
            return value
        value &= (1 << bits) - 1
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    # --- Expressions ------------------------------------------------------------------------------

    def _true(self, e: c.Expr) -> bool:
        return self._truth(self._value(e))

    def _truth(self, value: CValue) -> bool:
        match value:
            case int():
                return value != 0
            case Word():
                return value.true()
            case Ref() | Fn() | Lump():
                return True
            case Opaque(name):
                return self.access.unknown(name)

    def _value(self, e: c.Expr) -> CValue:
        self.seen.nodes.add(id(e))
        if self.operation.left and not self._in_left:
            left = self.operation.left.get(e.text)
            if left is not None:
                self.seen.decided.add(id(e))
                return self.left(left, e.text, e)
        match e:
            case c.Num():
                return e.value
            case c.Fields():
                self._not_understood(f"`{_short(e.text)}`", e)
            case c.Str():
                return Opaque(e.text)
            case c.Name():
                return self._named(e)
            case c.Member() | c.Subscript():
                place = self._place(e)
                if isinstance(e, c.Subscript) and place not in self.memory:
                    return self.load(place, e)
                return self.load(place, e)
            case c.Unary():
                return self._unary(e)
            case c.Binary():
                return self._binary(e)
            case c.Choice():
                return self._choice(e)
            case c.Assign():
                return self._assign(e)
            case c.Step():
                return self._step(e)
            case c.Call():
                return self._call(e)
            case c.Cast():
                return self._converted(self._value(e.arg), e.type)
            case c.Comma():
                self._value(e.left)
                return self._value(e.right)
            case c.BlockValue():
                return self._block_value(e)
            case c.Unknown():
                self._not_understood(f"`{_short(e.text)}`", e)

    def _block_value(self, e: c.BlockValue) -> CValue:
        *before, last = e.block.body or (None,)
        for s in before:
            assert s is not None
            self._statement(s)
        if isinstance(last, c.Do):
            self.seen.nodes.add(id(last))
            return self._value(last.value)
        if last is not None:
            self._statement(last)
        return 0

    def _choice(self, e: c.Choice) -> CValue:
        if e.then is None:
            value = self._value(e.cond)
            return value if self._truth(value) else self._value(e.other)
        return self._value(e.then if self._decided(e, e.cond) else e.other)

    def _named(self, e: c.Name) -> CValue:
        frame = self._frames[-1] if self._frames else None
        if frame is not None and e.name in frame.names:
            place = f"{e.name}#{frame.number}"
            if "[]" in frame.names[e.name]:
                return Ref(place)
            kind = frame.names[e.name]
            if "*" not in kind and ("struct" in kind or "union" in kind) and self._held(place):
                return Lump(place)
            return self.load(place, e)
        return self.global_value(e.name, e)

    def _held(self, place: str) -> bool:
        """Is anything known of the members of a structure?"""
        return place in self._zeroed or any(p.startswith(f"{place}.") for p in self.memory)

    def global_value(self, name: str, node: c.Node) -> CValue:
        """Return what a name means that is no local variable."""
        if name in self.constants:
            return self.constants[name]
        if name in self.memory:
            return self.memory[name]
        found = self.program.enumerator(name)
        if found is not None:
            text, behind = found
            base = 0 if text is None else self.expanded(text, node)
            return base + behind if isinstance(base, int) else Opaque(name)
        macro = self.program.macro(name, node.file)
        if macro is not None and macro.params is None and macro.body:
            self._note_macro(name)
            return self.expanded(macro.body, node)
        if self.program.function(name, node.file) is not None:
            return Fn(name)
        return self.load(name, node)

    def _note_macro(self, name: str) -> bool:
        """Note that a macro stands for another one, and return whether it does."""
        if name not in self.program.why:
            return False
        self.seen.left.setdefault(name, self.program.why[name])
        self._pins += 1
        return True

    def expanded(self, text: str, node: c.Node) -> CValue:
        """Return the value of an expression that is given as a text."""
        return self._value(self.program.expression(text, node.file, node.line))

    def _unary(self, e: c.Unary) -> CValue:
        if e.op == "&":
            if isinstance(e.arg, c.Name) and e.arg.name not in self._frames[-1].names:
                is_function = self.program.function(e.arg.name, e.file) is not None
                return Fn(e.arg.name) if is_function else Ref(e.arg.name)
            return Ref(self._place(e.arg))
        if e.op == "*":
            return self.load(self._place(e), e)
        if e.op == "!":
            return int(not self._true(e.arg))
        value = self._value(e.arg)
        match e.op, value:
            case "~", int():
                return ~value
            case "~", Word():
                return value.but(ALL)
            case "-", int():
                return -value
            case "+", _:
                return value
            case "~", Opaque(name):
                return Opaque(f"~{name}")
            case "-", Opaque(name):
                return Opaque(f"-{name}")
        self._not_understood(f"`{_short(e.text)}`", e)

    def _binary(self, e: c.Binary) -> CValue:
        if e.op in ("&&", "||"):
            left = self._decided(e, e.left)
            if left == (e.op == "||"):
                return int(left)
            return int(self._true(e.right))
        return self._calculated(e.op, self._value(e.left), self._value(e.right), e)

    def _calculated(self, op: str, a: CValue, b: CValue, e: c.Node) -> CValue:
        if op in ("==", "!="):
            return int(self._equal(a, b, e) == (op == "=="))
        known = int | Word
        if not isinstance(a, known) or not isinstance(b, known):
            return self._unknown(op, a, b)
        if isinstance(a, int) and isinstance(b, Word) and op in ("&", "|", "^"):
            a, b = b, a
        if isinstance(a, Word) and isinstance(b, Word) and op in ("&", "|", "^", ">>", "<<"):
            b = b.whole()
        if isinstance(a, Word) and isinstance(b, int):
            match op:
                case "&":
                    return a.both(b & ALL)
                case "|":
                    return a.either(b & ALL)
                case "^":
                    return a.but(b & ALL)
                case ">>":
                    return a.right(b)
                case "<<":
                    return a.left(b)
        # A word is unsigned, and makes what it is compared with unsigned, too.
        mask = ALL if isinstance(a, Word) or isinstance(b, Word) else -1
        x, y = as_number(a, e.file, e.line) & mask, as_number(b, e.file, e.line) & mask
        return self._arithmetic(op, x, y, e)

    def _arithmetic(self, op: str, x: int, y: int, e: c.Node) -> int:
        match op:
            case "&":
                return x & y
            case "|":
                return x | y
            case "^":
                return x ^ y
            case "+":
                return x + y
            case "-":
                return x - y
            case "*":
                return x * y
            case "<<":
                return x << y & ALL
            case ">>":
                return x >> y
            case "<":
                return int(x < y)
            case ">":
                return int(x > y)
            case "<=":
                return int(x <= y)
            case ">=":
                return int(x >= y)
            case "/" if y:
                return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            case "%" if y:
                return abs(x) % abs(y) * (-1 if x < 0 else 1)
        self._not_understood(f"`{_short(e.text)}`", e)

    def _unknown(self, op: str, a: CValue, b: CValue) -> CValue:
        if op in ("+", "-") and b == 0:
            return a
        if op == "&" and (a == 0 or b == 0):
            return 0
        if op in ("<", ">", "<=", ">="):
            if op in (">", ">="):
                a, b, op = b, a, {">": "<", ">=": "<="}[op]
            if a == b:
                return int(op == "<=")
            return int(self.access.unknown(f"{self._name(a)} {op} {self._name(b)}"))
        return Opaque(f"({self._name(a)} {op} {self._name(b)})")

    def _equal(self, a: CValue, b: CValue, e: c.Node) -> bool:
        if a == b:
            return True
        if isinstance(a, int) and isinstance(b, int):
            return a & ALL == b & ALL
        if isinstance(a, Word) or isinstance(b, Word):
            if isinstance(b, Word):
                a, b = b, a
            assert isinstance(a, Word)
            if isinstance(b, Word):
                if b.read is a.read:
                    one, two = a, b
                    return a.read.decide(lambda p: one.of(p[1]) == two.of(p[1]))
                b = b.whole()
            if isinstance(b, int):
                word, number = a, b & ALL
                return a.read.decide(lambda p: word.of(p[1]) == number)
        if isinstance(a, Ref | Fn) and isinstance(b, Ref | Fn):
            return False
        if (isinstance(a, Ref | Fn) and b == 0) or (isinstance(b, Ref | Fn) and a == 0):
            return False
        if b == 0:
            return not self.access.unknown(self._name(a))
        if a == 0:
            return not self.access.unknown(self._name(b))
        first, second = sorted((self._name(a), self._name(b)))
        return self.access.unknown(f"{first} == {second}")

    def _name(self, value: CValue) -> str:
        match value:
            case int():
                return str(value)
            case Word():
                return str(value.whole())
            case Opaque(name) | Fn(name):
                return self.shown(name)
            case Ref(place):
                return f"&{self.shown(place)}"
            case Lump(place):
                return self.shown(place)

    def _assign(self, e: c.Assign) -> CValue:
        if e.op:
            place = self._place(e.target)
            before = self.load(place, e)
            value = self._calculated(e.op, before, self._value(e.value), e)
        else:
            value = self._value(e.value)
            place = self._place(e.target)
        self.store(place, value, e)
        return self.memory.get(place, value)

    def _step(self, e: c.Step) -> CValue:
        place = self._place(e.arg)
        before = self.load(place, e)
        after = self._calculated(e.op, before, 1, e)
        self.store(place, after, e)
        return after if e.before else before

    # --- Calls ------------------------------------------------------------------------------------

    def _call(self, e: c.Call) -> CValue:
        if not isinstance(e.function, c.Name):
            if e.function.text == "guard(rcu)":
                return self._called("rcu_read_lock", e)
            target = self._value(e.function)
            if isinstance(target, Fn):
                return self._called(target.name, e)
            self._not_understood(f"a call of `{_short(e.function.text)}`", e)
        name = e.function.name
        if len(e.args) == 1 and (name in TYPES or name in self.source.types):
            return self._converted(self._value(e.args[0]), name)
        if self._frames and name in self._frames[-1].names:
            target = self._value(e.function)
            if not isinstance(target, Fn):
                self._not_understood(f"a call by way of `{name}`", e)
            name = target.name
        return self._called(name, e)

    def _called(self, name: str, e: c.Call) -> CValue:
        for calls in (self.operation.calls, self.source.calls):
            if name in calls:
                return self.left(calls[name], f"{name}()", e)
        if name == "IS_ENABLED" and len(e.args) == 1:
            return int(e.args[0].text in self.source.defined)
        if name in SAME and len(e.args) == 1:
            return self._value(e.args[0])
        if name in self.source.accessors:
            one = self.source.accessors[name]
            self.seen.left.setdefault(f"{name}()", one.why)
            return self.access.access(one.primitive, one.place, (), e)[0]
        if self._note_macro(name):
            return self._macro(name, e)
        if name in ACCESSES:
            return self._access(name, e)
        if name in LOCKS and len(e.args) == 1:
            what, how = LOCKS[name]
            lock = self._behind(self._value(e.args[0]), "", None, e)
            self.access.lock(what, how, self.shown(lock), e)
            return 0
        function = self.program.function(name, e.file)
        if function is not None or name in self.source.aliases:
            # A call that the model has too is one step here; its arguments count all the same.
            args = [self._value(a) for a in e.args]
            answer = self.access.call(name, args, e)
            if answer is not None:
                return answer
            if function is not None:
                given = self.run(function, args)
                return 0 if given is None else given
        if self.program.macro(name, e.file) is not None:
            return self._macro(name, e)
        self._not_understood(f"a call of {name}(), which the mapping does not name", e)

    def _macro(self, name: str, e: c.Call) -> CValue:
        macro = self.program.macro(name, e.file)
        assert macro is not None
        texts = [a.text for a in e.args]
        if name in self.program.given:
            self._check_dropped(macro, texts, e)
        if macro.params is None or len(macro.params) > len(texts) + 1:
            self._not_understood(f"the macro {name}", e)
        text = spelled(macro, texts)
        return self.expanded(text or "0", e)

    def _check_dropped(self, macro: Macro, texts: Sequence[str], e: c.Node) -> None:
        """Raise NotUnderstoodError if a macro that is left out would hide an access or a call."""
        for param, text in zip(macro.params or (), texts, strict=False):
            if re.search(rf"\b{re.escape(param)}\b", macro.body):
                continue
            for called in re.findall(r"\b(\w+)\s*\(", text):
                writes = called in ACCESSES and ACCESSES[called][0] not in ("READ_ONCE", "test_bit")
                if writes or called in LOCKS or self.access.counts(called):
                    self._not_understood(f"{called}() inside of {macro.name}()", e)

    def _access(self, name: str, e: c.Call) -> CValue:
        primitive, at, given = ACCESSES[name]
        if len(e.args) <= max((at, *given)):
            self._not_understood(f"`{_short(e.text)}`", e)
        if name in BY_VALUE:
            place = self._place(e.args[at])
        else:
            place = self._behind(self._value(e.args[at]), "", None, e)
        if primitive == "try_cmpxchg":
            expected = self._behind(self._value(e.args[1]), "", None, e)
            both = (self.load(expected, e), self._value(e.args[2]))
            now, done = self.access.access(primitive, self.shown(place), both, e)
            if not done:
                self.store(expected, now, e)
            return int(done)
        if primitive == "READ_ONCE" and self.source.place(self.shown(place)) is None:
            # Memory that the model does not have: as good as a plain load of it.
            return self.load(place, e)
        values = tuple(self._value(e.args[i]) for i in given)
        return self.access.access(primitive, self.shown(place), values, e)[0]


def _cuts(place: str) -> list[int]:
    """Return where a place can be cut in front of a member, the last one first."""
    return [m.start() for m in re.finditer(r"\.|->|\[", place)][::-1]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


class NoAccess(Access):
    """For constants, which ask nobody."""

    def access(
        self, primitive: str, place: str, values: Sequence[CValue], node: c.Node
    ) -> tuple[CValue, bool]:
        """Refuse: a constant makes no access."""
        raise NotUnderstoodError(f"an access to {place} in a constant", node.file, node.line)

    def call(self, name: str, args: Sequence[CValue], node: c.Call) -> CValue | None:
        """Follow the call."""
        return None


def constant_of(program: CProgram, source: CSource, known: Mapping[str, int]) -> Callable[..., int]:
    """Return a function that gives the value of the first of some names that a tree defines."""

    def value(*names: str) -> int:
        node = c.Name(next(iter(program.units), ""), 0, names[0], names[0])
        for name in names:
            machine = Machine(program, source, NoAccess(), known)
            found = machine.expanded(name, node)
            if isinstance(found, int):
                return found & ALL
        raise NotUnderstoodError(f"no value for {' or '.join(names)} in the tree", node.file, 0)

    return value
