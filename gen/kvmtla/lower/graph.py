"""The control flow of an operation, with everything it calls written out in it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kvmtla.errors import Loc, SpecError
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import deep_simplify
from kvmtla.ir.stmt import root
from kvmtla.ir.types import DomainT
from kvmtla.lower.specialise import Specialiser
from kvmtla.patience import on_time
from kvmtla.value_class import value_class


@value_class(frozen=True, slots=True)
class SpanAt:
    """A span that a node lies in, with its arguments and its condition on locals."""

    span: str
    args: tuple[Expr, ...]
    when: Expr


@value_class(frozen=True, slots=True)
class Frame:
    """The function that a node comes from, and its callers, innermost first."""

    function: str
    kernel: str | None
    caller: Frame | None

    def kernel_function(self) -> str | None:
        """Return the kernel function that this is, or is part of; None if there is none."""
        if self.kernel is not None or self.caller is None:
            return self.kernel
        return self.caller.kernel_function()

    def path(self) -> tuple[str, ...]:
        """Return the functions that stand for kernel functions, outermost first; else all."""
        frames = [self]
        while frames[0].caller is not None:
            frames.insert(0, frames[0].caller)
        kernel = tuple(f.function for f in frames if f.kernel is not None)
        return kernel or tuple(f.function for f in frames)


@dataclass(eq=False, slots=True)
class Node:
    """A node; `next` is where the flow goes on (for a Test: where the condition is true)."""

    loc: Loc
    frame: Frame
    spans: tuple[SpanAt, ...]
    next: Node | None
    read: frozenset[str] | None = field(default=None, init=False)
    """The locals that it reads, once they have been asked for."""
    bounded: tuple[Local, ...] = field(default=(), init=False)
    """The locals that may be out of their bounds in front of it; this is asked about there."""
    unasked: tuple[Expr, ...] = field(default=(), init=False)
    """The conditions of spans that it lies in and that nobody asks about."""

    def successors(self) -> Sequence[Node]:
        """Return the nodes where the flow may go on."""
        return () if self.next is None else (self.next,)


@dataclass(eq=False, slots=True)
class Set(Node):
    """A local gets the value of an expression."""

    target: Local
    value: Expr
    momentary: bool = False
    """True if the value is that of this very moment, and must not be worked out later."""


@dataclass(eq=False, slots=True)
class Pick(Node):
    """A local gets any value of its type."""

    target: Local


@dataclass(eq=False, slots=True)
class Test(Node):
    """A decision; `other` is where the flow goes if the condition is false."""

    cond: Expr
    other: Node
    reasons: tuple[tuple[str, Expr], ...] = ()
    """The condition's alternatives, in C; none for the tests that loops bring with them."""
    operands: tuple[tuple[str, Expr], ...] = ()
    """The locals that it names, with what is known of each."""

    def successors(self) -> Sequence[Node]:
        """Return both ways."""
        assert self.next is not None
        return self.next, self.other


@dataclass(eq=False, slots=True)
class Access(Node):
    """A primitive on shared memory."""

    name: str
    place: Expr
    args: tuple[Expr, ...]
    targets: tuple[Local | None, ...]
    text: str
    known: Expr | None = None
    """The value that a read always finds, if it is known."""


@dataclass(eq=False, slots=True)
class Wait(Node):
    """A wait: the flow goes on only once the condition is true."""

    cond: Expr
    text: str


@dataclass(eq=False, slots=True)
class Lock(Node):
    """The taking of a lock; `kind` is read or write."""

    kind: str
    place: Expr
    text: str


@dataclass(eq=False, slots=True)
class Unlock(Node):
    """The dropping of a lock."""

    kind: str
    place: Expr
    text: str


@dataclass(eq=False, slots=True)
class Begin(Node):
    """The start of code that is one step as a whole, up to `end`."""

    text: str


@dataclass(eq=False, slots=True)
class Store(Node):
    """Shared state gets a value, within one step."""

    place: Expr
    value: Expr


@dataclass(eq=False, slots=True)
class Require(Node):
    """The step is possible only where the condition is true."""

    cond: Expr


@dataclass(eq=False, slots=True)
class Join(Node):
    """A node that does nothing: a loop begins (`head`), or one-step code ends (`closes` its Begin).

    Or a kernel function begins that is in no other one (`enters`): stories tell of those.
    """

    closes: bool = False
    head: bool = False
    enters: bool = False
    gives: tuple[tuple[str, Expr], ...] = ()
    """What the one-step code gives, where it ends, under the name of the local for it, if any."""


@dataclass(eq=False, slots=True)
class End(Node):
    """The operation is over."""


_LONGEST_ARGUMENT = 40

STEPS = (Access, Wait, Lock, Unlock, Begin)


@value_class(frozen=True, slots=True)
class _Context:
    """The surroundings of a statement, and where return, break and continue lead."""

    frame: Frame
    spans: tuple[SpanAt, ...]
    names: Mapping[str, Local]
    results: tuple[Local | None, ...]
    texts: Mapping[str, str]
    """The arguments for parameters as the callers wrote them, for stories."""
    on_return: Node
    on_break: Node | None = None
    on_continue: Node | None = None
    reading: tuple[Expr, ...] = ()
    """The locks that are held for reading."""


@dataclass(slots=True)
class GraphBuilder:
    """Builds the flow of one actor's operations: callees are written out, constants put in."""

    program: s.Program
    special: Specialiser
    sizes: Mapping[str, int]
    spans: frozenset[str]
    """The spans that somebody asks about; the others leave no trace."""
    begins: bool = False
    """Is it the function that makes the first states?"""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def build(self, fn: s.Function, params: Mapping[str, Local]) -> Node:
        """Return the entry of the flow of `fn`; `params` says which local each parameter is."""
        frame = Frame(fn.name, fn.kernel, None)
        end = End(fn.loc, frame, (), None)
        names = {**params}
        ctx = _Context(frame, (), _Names(self, names), (), {}, end)
        return self._block(fn.body, end, ctx)

    def fresh(self, local: Local) -> Local:
        """Return a new local for this instance of its function."""
        return replace(local, name=f"{spoken(local)}@{next(self._numbers)}")

    def _expr(self, e: Expr, ctx: _Context) -> Expr:
        e = self.special.expr(e)
        if self.begins and self.special.spans(e):
            e = deep_simplify(self._in_no_span(e))
        names = x.locals_in(e)
        if not names:
            return e
        env: dict[str, Expr] = {n: ctx.names[n] for n in names if "#" not in n or n in ctx.names}
        return x.substitute(e, env)

    def _in_no_span(self, e: Expr) -> Expr:
        """Return an expression as it is where no actor has begun anything."""
        if isinstance(e, x.Active):
            return x.FALSE
        if isinstance(e, x.Call) and self.special.spans(e):
            return self._in_no_span(self.special.written_out(e))
        return x.rebuild(e, self._in_no_span)

    def _set(self, loc: Loc, ctx: _Context, after: Node, target: Local, e: Expr) -> Set:
        value = self._expr(e, ctx)
        momentary = self.special.momentary(value)
        return Set(loc, ctx.frame, ctx.spans, after, target, value, momentary)

    def _local(self, local: Local, ctx: _Context) -> Local:
        assert isinstance(ctx.names, _Names)
        return ctx.names.declare(local)

    def _block(self, body: tuple[s.Stmt, ...], after: Node, ctx: _Context) -> Node:
        # Names are given in the order of the text; the flow is built from its end.
        assert isinstance(ctx.names, _Names)
        for statement in body:
            for target in _targets(statement):
                ctx.names.declare(target)
        for statement in reversed(body):
            after = self._statement(statement, after, ctx)
        return after

    def _statement(self, st: s.Stmt, after: Node, ctx: _Context) -> Node:
        f, sp = ctx.frame, ctx.spans
        on_time(f.function)
        match st:
            case s.Assign(target, value, loc):
                return self._set(loc, ctx, after, self._local(target, ctx), value)
            case s.Choose(target, loc):
                return Pick(loc, f, sp, after, self._local(target, ctx))
            case s.Primitive(name, place, args, targets, loc, texts):
                words = ", ".join(["{place}", *(_traced(t, ctx) for t in texts)])
                if root(place) in self.special.fields:
                    # A field that never changes: what is read is known.
                    known = self._expr(place, ctx)
                    for t in reversed(targets):
                        after = Set(loc, f, sp, after, self._local(t, ctx), known)
                    where = self._place(place, ctx)
                    return Access(loc, f, sp, after, name, where, (), (), words, known)
                return Access(
                    loc,
                    f,
                    sp,
                    after,
                    name,
                    self._place(place, ctx),
                    tuple(self._expr(a, ctx) for a in args),
                    tuple(self._local(t, ctx) for t in targets),
                    words,
                )
            case s.Wait(cond, loc, text):
                return Wait(loc, f, sp, after, self._expr(cond, ctx), text)
            case s.Store(place, value, loc):
                if root(place) in self.special.fields:
                    # Only the first states set it, to the known value.
                    return after
                return Store(loc, f, sp, after, self._place(place, ctx), self._expr(value, ctx))
            case s.Require(cond, loc):
                return Require(loc, f, sp, after, self._expr(cond, ctx))
            case s.IfStmt():
                return self._if(st, after, ctx)
            case s.While():
                return self._while(st, after, ctx)
            case s.For():
                return self._for(st, after, ctx)
            case s.WithLock():
                return self._lock(st, after, ctx)
            case s.WithSpan(span):
                return (self._span if span in self.spans else self._unasked)(st, after, ctx)
            case s.Return(values, loc):
                node = ctx.on_return
                for result, value in reversed(list(zip(ctx.results, values, strict=False))):
                    if result is not None:
                        node = self._set(loc, ctx, node, result, value)
                return node
            case s.Break():
                assert ctx.on_break is not None
                return ctx.on_break
            case s.Continue():
                assert ctx.on_continue is not None
                return ctx.on_continue
            case s.CallStmt():
                return self._call(st, after, ctx)

    def _if(self, st: s.IfStmt, after: Node, ctx: _Context) -> Node:
        cond = self._expr(st.cond, ctx)
        if isinstance(cond, x.Const):
            return self._block(st.then if cond.value else st.other, after, ctx)
        a = self._block(st.then, after, ctx)
        b = self._block(st.other, after, ctx)
        # What the constants make false is no reason here.
        given = ((_traced(t, ctx), self._expr(e, ctx)) for t, e in st.reasons)
        reasons = tuple((t, e) for t, e in given if e != x.FALSE)
        named = {e.name: e for e in x.walk(cond) if isinstance(e, Local) and not e.made}
        operands = tuple((spoken(e), e) for n, e in named.items() if "@" in n)
        return Test(st.loc, ctx.frame, ctx.spans, a, cond, b, reasons, operands)

    def _while(self, st: s.While, after: Node, ctx: _Context) -> Node:
        head = Join(st.loc, ctx.frame, ctx.spans, None, head=True)
        body = self._block(st.body, head, replace(ctx, on_break=after, on_continue=head))
        cond = self._expr(st.cond, ctx)
        if isinstance(cond, x.Const):
            head.next = body if cond.value else after
        else:
            head.next = Test(st.loc, ctx.frame, ctx.spans, body, cond, after)
        return head

    def _for(self, st: s.For, after: Node, ctx: _Context) -> Node:
        var = self._local(st.var, ctx)
        t = var.type
        assert isinstance(t, DomainT)
        leave = after
        # Written out once for each element: a step that begins inside the loop must know how many
        # rounds are left, or it could not be seen to end.
        for i in reversed(range(self.sizes[t.name])):
            body = self._block(st.body, after, replace(ctx, on_break=leave, on_continue=after))
            after = Set(st.loc, ctx.frame, ctx.spans, body, var, x.Const(i, t, st.loc))
        return after

    def _place(self, place: Expr, ctx: _Context) -> Expr:
        """Return a place with its indices over the flow's locals; it remains a place."""
        match place:
            case x.Field(base, name, t, loc):
                return x.Field(self._place(base, ctx), name, t, loc)
            case x.Index(base, key, t, loc):
                return x.Index(self._place(base, ctx), self._expr(key, ctx), t, loc)
        return place

    def _unasked(self, st: s.WithSpan, after: Node, ctx: _Context) -> Node:
        """Build the block of a span that nobody asks about: it leaves no trace.

        What it would read is noted, since an actor rests with that, whoever asks.
        """
        node = self._block(st.body, after, ctx)
        when = self._expr(st.when, ctx)
        if x.locals_in(when):
            leads_to = {after, ctx.on_return, ctx.on_break, ctx.on_continue}
            for inner in filter(_may_rest, nodes(node, leads_to)):
                inner.unasked = (*inner.unasked, when)
        return self._entered(st, (*st.args, st.when), node, ctx)

    def _entered(self, st: s.WithSpan, read: Iterable[Expr], node: Node, ctx: _Context) -> Node:
        """Build the way into a span that reads these expressions, as Python does on the way in."""
        for e in read:
            value = self._expr(e, ctx)
            if any("@" in n for n in x.locals_in(value)):
                unread = Local(f"{st.span}@0", value.type, st.loc)
                node = Set(st.loc, ctx.frame, ctx.spans, node, unread, value)
        return node

    def _span(self, st: s.WithSpan, after: Node, ctx: _Context) -> Node:
        """Build a span: its arguments stay as on entry, `when` is asked again and again."""
        args: list[Expr] = []
        values: list[tuple[Local, Expr]] = []
        for a in st.args:
            value = self._expr(a, ctx)
            if isinstance(a, Local) and a.name.endswith(f"#{st.span}"):
                args.append(value)
            else:
                local = self.fresh(Local(st.span, value.type, st.loc))
                args.append(local)
                values.append((local, value))
        at = SpanAt(st.span, tuple(args), self._expr(st.when, ctx))
        node = self._block(st.body, after, replace(ctx, spans=(*ctx.spans, at)))
        for local, value in reversed(values):
            node = Set(st.loc, ctx.frame, ctx.spans, node, local, value)
        return self._entered(st, [st.when], node, ctx)

    def _lock(self, st: s.WithLock, after: Node, ctx: _Context) -> Node:
        place, keys = self._held(self._place(st.place, ctx))
        if st.kind == "read" and place in ctx.reading:
            text = st.text.partition("(")[2].removesuffix(")")
            raise SpecError(
                "KT509",
                f"{text} is held already: this would wait for itself, once a writer waits",
                loc=st.loc,
                hint="take it once, around all that needs it",
            )

        def unlocked(node: Node) -> Node:
            text = f"{st.kind}_unlock({{place}})"
            return Unlock(st.loc, ctx.frame, ctx.spans, node, st.kind, place, text)

        inner = replace(
            ctx,
            on_return=unlocked(ctx.on_return),
            on_break=unlocked(ctx.on_break) if ctx.on_break is not None else None,
            on_continue=unlocked(ctx.on_continue) if ctx.on_continue is not None else None,
            reading=(*ctx.reading, place) if st.kind == "read" else ctx.reading,
        )
        body = self._block(st.body, unlocked(after), inner)
        text = f"{st.kind}_lock({{place}})"
        node: Node = Lock(st.loc, ctx.frame, ctx.spans, body, st.kind, place, text)
        for local, key in keys:
            node = Set(st.loc, ctx.frame, ctx.spans, node, local, key)
        return node

    def _held(self, place: Expr) -> tuple[Expr, list[tuple[Local, Expr]]]:
        """Return a lock's place with indices that stay while it is held, and their values."""
        if not isinstance(place, x.Index):
            return place, []
        base, keys = self._held(place.base)
        if isinstance(place.key, x.Const):
            return x.Index(base, place.key, place.type, place.loc), keys
        name = spoken(place.key) if isinstance(place.key, Local) else "held"
        local = self.fresh(Local(name, place.key.type, place.loc))
        return x.Index(base, local, place.type, place.loc), [*keys, (local, place.key)]

    def _call(self, st: s.CallStmt, after: Node, ctx: _Context) -> Node:
        fn = self.program.functions[st.function]
        results: tuple[Local | None, ...] = (*(self._local(t, ctx) for t in st.targets),)
        asked = {name for at in ctx.spans for name in x.locals_in(at.when)}
        if any(r is not None and r.name in asked for r in results):
            # The caller's local has its new value once it is back, not while locks are dropped.
            given = [self.fresh(t) for t in st.targets]
            for target, local in zip(results, given, strict=True):
                assert target is not None
                after = Set(st.loc, ctx.frame, ctx.spans, after, target, local)
            results = (*given,)
        one_step = fn.kind == "atomic"
        frame = Frame(fn.name, fn.kernel, ctx.frame)
        if one_step:
            named = [r for r in results if r is not None][:1]
            gives = tuple(("" if r.made else spoken(r), r) for r in named)
            after = Join(st.loc, frame, ctx.spans, after, closes=True, gives=gives)
        names = _Names(self, {})
        texts = {p.name: _traced(t, ctx) for p, t in zip(fn.params, st.texts, strict=True)}
        inner = _Context(frame, ctx.spans, names, results, texts, after, reading=ctx.reading)
        params = [names.declare(p) for p in fn.params]
        node = self._block(fn.body, after, inner)
        if one_step:
            text = fn.text or f"{fn.name}()"
            node = Begin(st.loc, frame, ctx.spans, node, text)
        if fn.kernel is not None and ctx.frame.kernel_function() is None:
            node = Join(st.loc, frame, ctx.spans, node, enters=True)
        for p, a in reversed(list(zip(params, st.args, strict=True))):
            node = self._set(st.loc, ctx, node, p, a)
        return node


class _Names(dict[str, Local]):
    """The locals of one instance of a function, under fresh names."""

    def __init__(self, builder: GraphBuilder, given: Mapping[str, Local]) -> None:
        super().__init__(given)
        self._builder = builder

    def declare(self, local: Local) -> Local:
        """Return the local that has this name in this instance."""
        if local.name not in self:
            self[local.name] = self._builder.fresh(local)
        return self[local.name]


def _targets(st: s.Stmt) -> Iterator[Local]:
    match st:
        case s.Assign(target) | s.Choose(target):
            yield target
        case s.Primitive() | s.CallStmt():
            yield from st.targets
        case s.For(var, body):
            yield var
            for inner in body:
                yield from _targets(inner)
        case s.IfStmt(_, then, other):
            for inner in (*then, *other):
                yield from _targets(inner)
        case s.While(_, body):
            for inner in body:
                yield from _targets(inner)
        case s.WithLock() | s.WithSpan():
            for inner in st.body:
                yield from _targets(inner)


def _traced(text: str, ctx: _Context) -> str:
    """Return an argument as it is written, or as the caller wrote it if it is just a parameter.

    A text longer than a name and a change of it says less than the name.
    """
    caller = ctx.texts.get(text, text)
    return caller if len(caller) <= _LONGEST_ARGUMENT else text


def spoken(local: Local) -> str:
    """Return the name of a local as its author wrote it."""
    return local.name.split("@")[0].split("#")[0]


def nodes(entry: Node, beyond: Collection[Node | None] = ()) -> list[Node]:
    """Return all nodes that can be reached, in a fixed order; none of those `beyond`."""
    found: dict[Node, None] = {}
    stack: list[Node] = [entry]
    while stack:
        on_time()
        node: Node | None = stack.pop()
        while node is not None and node not in found and node not in beyond:
            found[node] = None
            if isinstance(node, Test):
                stack.append(node.other)
            node = node.next
    return list(found)


def locals_read(node: Node) -> frozenset[str]:
    """Return the locals of the flow that a node reads, so no binders and no span parameters."""
    if node.read is None:
        found: set[str] = set()
        for e in reads(node):
            found |= x.locals_in(e)
        node.read = frozenset(n for n in found if "@" in n)
    return node.read


def reads(node: Node) -> Iterator[Expr]:
    """Yield the expressions that a node evaluates; a step's spans and bounded locals, too."""
    match node:
        case Set():
            yield node.value
        case Test():
            yield node.cond
            yield from (e for _, e in node.reasons)
        case Access():
            yield node.place
            yield from node.args
            if node.known is not None:
                yield node.known
        case Wait() | Require():
            yield node.cond
        case Lock() | Unlock():
            yield node.place
        case Store():
            yield node.place
            yield node.value
    if _may_rest(node):
        for at in node.spans:
            yield from at.args
            yield at.when
    yield from node.bounded


def _may_rest(node: Node) -> bool:
    """May the flow rest in front of a node, as far as the node itself says?"""
    # A loop may turn out to have no step left, and be a place to rest for ever.
    return isinstance(node, STEPS) or (isinstance(node, Join) and node.head)


def writes(node: Node) -> Iterator[Local]:
    """Yield the locals that a node sets."""
    match node:
        case Set() | Pick():
            yield node.target
        case Access():
            for t in node.targets:
                if t is not None:
                    yield t


def may_block(node: Node) -> bool:
    """Is it a step that is possible only in some states?"""
    if not isinstance(node, Begin):
        return isinstance(node, Lock | Wait)
    # Each with how much one-step code is open there: the end of an inner one is not the end.
    stack = [(node.next, 1)]
    seen: set[Node] = set()
    while stack:
        on_time()
        inner, depth = stack.pop()
        if inner is None or inner in seen:
            continue
        seen.add(inner)
        if isinstance(inner, Require):
            return True
        depth += isinstance(inner, Begin) - (isinstance(inner, Join) and inner.closes)
        if depth:
            stack.extend((n, depth) for n in inner.successors())
    return False


def map_reads(node: Node, env: dict[str, Expr]) -> None:
    """Replace locals by expressions in what a node reads.

    The locals whose bounds are asked about are not replaced there.
    """
    if isinstance(node, Join):
        node.gives = tuple((n, x.substitute(e, env)) for n, e in node.gives)
    if not locals_read(node) & env.keys():
        return
    node.read = None

    def change(e: Expr) -> Expr:
        return deep_simplify(x.substitute(e, env)) if x.locals_in(e) & env.keys() else e

    match node:
        case Set() | Store():
            node.value = change(node.value)
        case Test():
            node.cond = change(node.cond)
            node.reasons = tuple((t, change(e)) for t, e in node.reasons)
            node.operands = tuple((n, change(e)) for n, e in node.operands)
        case Wait() | Require():
            node.cond = change(node.cond)
        case Access():
            node.args = tuple(change(a) for a in node.args)
            node.known = change(node.known) if node.known is not None else None
    if isinstance(node, Access | Lock | Unlock | Store):
        node.place = change(node.place)
    if node.spans:
        node.spans = tuple(
            SpanAt(at.span, tuple(change(a) for a in at.args), change(at.when)) for at in node.spans
        )
