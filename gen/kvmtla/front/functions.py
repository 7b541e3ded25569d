"""Typed functions from Python's: statements, and what each kind of function may contain."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kvmtla.errors import SpecError
from kvmtla.front.expressions import ExpressionReader, is_primitive
from kvmtla.front.source import definition, doc_of, in_c
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import deep_simplify, simplify
from kvmtla.ir.types import BOOL, NONE, BoolT, DomainT, LockT, RecordT, TupleT, Type
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of

if TYPE_CHECKING:
    from kvmtla.front.program import ProgramReader

_ONE_STEP = ("atomic", "hardware", "initial")


class FunctionReader(ExpressionReader):
    """Reads one function."""

    def __init__(self, program: ProgramReader, function: Callable[..., Any], kind: str) -> None:
        self.python = function
        file, self.node = definition(function)
        super().__init__(program, file, kind, {**function.__globals__})
        self._out: list[s.Stmt] = []
        self._loops: list[list[set[str] | None]] = []
        self._result: tuple[Type, ...] = ()

    def read(self, key: str) -> s.Function:
        """The function, typed; raises SpecError for whatever is wrong in it."""
        mark = mark_of(self.python)
        assert mark is not None
        sig = self.program.signature(self.python, self.loc(self.node))
        self.shared_name, self.shared_type = sig.shared_name, sig.shared
        self.locals = dict(sig.params)
        self.defined = set(self.locals)
        result = sig.result
        self._result = (
            () if result == NONE else result.items if isinstance(result, TupleT) else (result,)
        )
        body = self.block(_without_docstring(self.node.body))
        if self._result and self.defined is not None:
            self.fail(
                self.node,
                f"{self.node.name}() ends without a value on some path",
                f"return one of type {result}",
            )
        params = tuple(Local(n, t, self.loc(self.node)) for n, t in sig.params)
        fn = s.Function(
            key,
            self.node.name,
            self.kind,
            params,
            self._result,
            body,
            self.loc(self.node),
            doc_of(self.node),
            sig.shared,
            mark.kernel,
            mark.text,
        )
        if self.kind == "pure":
            return _with_value(fn)
        return fn

    # -- blocks

    def block(self, nodes: list[ast.stmt]) -> tuple[s.Stmt, ...]:
        """The statements of a block."""
        before, self._out = self._out, []
        for node in nodes:
            if self.defined is None:
                self.fail(node, "this can never be reached", "remove it")
            self._statement(node)
        made, self._out = self._out, before
        return tuple(made)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Pass():
                return
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._assign(node)
            case ast.Expr():
                self._expression(node.value)
            case ast.If():
                self._if(node)
            case ast.While():
                self._while(node)
            case ast.For():
                self._for(node)
            case ast.With():
                self._with(node)
            case ast.Return():
                self._return(node)
            case ast.Break() | ast.Continue():
                self._leave_loop(node)
            case _:
                kind = type(node).__name__
                hint = {
                    "Try": "the kernel has no exceptions: return an error value",
                    "Assert": "write a property with @invariant; in a step, use require()",
                    "FunctionDef": "write it as a function of the module",
                    "Import": "import at the top of the module",
                    "ImportFrom": "import at the top of the module",
                    "Global": "what actors share is in the shared state",
                }.get(kind)
                self.fail(node, f"`{kind.lower()}` is not part of the language", hint)

    def _emit(self, statement: s.Stmt) -> None:
        self._out.append(statement)

    # -- assignments

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        if isinstance(node, ast.Assign):
            if len(node.targets) != 1:
                self.fail(node, "one assignment sets one thing", "write two")
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            if node.value is None:
                self.fail(node, "a declaration without a value", "give it its first value")
            target, value = node.target, node.value
        else:
            self._augmented(node)
            return
        if isinstance(target, ast.Tuple):
            self._unpack(node, target, value)
            return
        if isinstance(target, ast.Name):
            want = self._annotation(node) if isinstance(node, ast.AnnAssign) else None
            self._assign_local(node, target, value, want)
            return
        place = self._stored_place(node, target)
        self._emit(s.Store(place, self.expr(value, place.type), self.loc(node)))

    def _annotation(self, node: ast.AnnAssign) -> Type:
        try:
            hint = eval(ast.unparse(node.annotation), dict(self.namespace))
        except NameError as e:
            self.fail(node.annotation, f"unknown name {e.name!r}")
        return self.program.types.read(hint, self.loc(node.annotation))

    def _local_target(self, node: ast.AST, target: ast.Name, t: Type) -> Local:
        name = target.id
        if name == self.shared_name or name in self._bound:
            self.fail(target, f"{name!r} is taken")
        if isinstance(t, TupleT):
            self.fail(node, "several results go to several names", "a, b = ...")
        if t == NONE:
            self.fail(node, "this has no value to assign")
        known = self.locals.setdefault(name, t)
        if self.defined is not None:
            self.defined.add(name)
        return Local(name, known, self.loc(target))

    def _assign_local(
        self, node: ast.stmt, target: ast.Name, value: ast.expr, want: Type | None
    ) -> None:
        known = self.locals.get(target.id)
        if known is not None and want is not None and known != want:
            self.fail(target, f"{target.id!r} is a {known} elsewhere, here a {want}")
        want = known or want
        if isinstance(value, ast.Call) and self._is_step(value):
            results = self._step(value, 1)
            if want is not None and results[0] != want:
                self.fail(value, f"{want} is wanted, this is {results[0]}")
            local = self._local_target(node, target, results[0])
            self._retarget((local,))
            return
        e = self.expr(value, want)
        local = self._local_target(node, target, e.type)
        self._emit(s.Assign(local, e, self.loc(node)))

    def _unpack(self, node: ast.stmt, target: ast.Tuple, value: ast.expr) -> None:
        if not (isinstance(value, ast.Call) and self._is_step(value)):
            self.fail(node, "only the results of a call are taken apart")
        results = self._step(value, len(target.elts))
        locals_ = []
        for one, t in zip(target.elts, results, strict=True):
            if not isinstance(one, ast.Name):
                self.fail(one, "the results of a call go to names")
            known = self.locals.get(one.id)
            if known is not None and known != t:
                self.fail(one, f"{one.id!r} is a {known}, this result is {t}")
            locals_.append(self._local_target(node, one, t))
        self._retarget(tuple(locals_))

    def _augmented(self, node: ast.AugAssign) -> None:
        ops = {ast.BitAnd: "&", ast.BitOr: "|", ast.Sub: "-", ast.Add: "+"}
        op = ops.get(type(node.op))
        if op is None:
            self.fail(node, f"`{type(node.op).__name__}=` is not part of the language")
        if isinstance(node.target, ast.Name):
            old = self.expr(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
            e = self.binary(op, old, self.expr(node.value), node)
            local = self._local_target(node, node.target, old.type)
            self._emit(s.Assign(local, self.coerce(e, old.type, node), self.loc(node)))
            return
        place = self._stored_place(node, node.target)
        e = self.binary(op, place, self.expr(node.value, None), node)
        self._emit(s.Store(place, self.coerce(e, place.type, node), self.loc(node)))

    def _stored_place(self, node: ast.stmt, target: ast.expr) -> Expr:
        if self.kind == "operation":
            self.fail(
                target,
                "shared state is touched outside a primitive",
                f"write it with WRITE_ONCE({ast.unparse(target)}, ...), one access and one step, "
                "or with xchg, try_cmpxchg, set_bit, ...",
            )
        if self.kind == "pure":
            self.fail(target, "a pure function changes nothing", "make it @atomic or @hardware")
        place = self.expr(target)
        if not _is_place(place):
            self.fail(target, "this cannot be assigned to", "only locals and shared state can")
        return place

    # -- steps

    def _is_step(self, node: ast.Call) -> bool:
        target = self.static(node.func)
        mark = mark_of(target)
        return is_primitive(target) or (
            mark is not None and mark.kind in ("operation", "atomic", "hardware", "initial")
        )

    def hoist(self, node: ast.Call, target: Callable[..., Any]) -> Expr:
        """A step inside an expression: it happens first, under a name of its own."""
        (t,) = self._step(node, 1)
        if t == NONE:
            self.fail(node, f"{ast.unparse(node.func)}() has no value")
        temp = Local(self.program.fresh("result"), t, self.loc(node))
        self.locals[temp.name] = t
        if self.defined is not None:
            self.defined.add(temp.name)
        self._retarget((temp,))
        return temp

    def _retarget(self, targets: tuple[Local, ...]) -> None:
        """Send the results of the step emitted last to `targets`."""
        last = self._out.pop()
        match last:
            case s.Primitive():
                self._emit(
                    s.Primitive(last.name, last.place, last.args, targets, last.loc, last.texts)
                )
            case s.CallStmt():
                self._emit(s.CallStmt(last.function, last.args, targets, last.loc, last.texts))
            case s.Choose():
                self._emit(s.Choose(targets[0], last.loc))
            case _:
                raise AssertionError(last)

    def _step(self, node: ast.Call, results: int | None) -> tuple[Type, ...]:
        """Emit a step and give the types of its results.

        `results` is how many of them are wanted, None for "whatever there is".
        """
        target = self.static(node.func)
        if is_primitive(target):
            types = self._primitive(node, target)
        else:
            types = self._call_function(node, target)
        if results is not None and len(types) != results:
            name = ast.unparse(node.func)
            if results == 1 and not types:
                self.fail(node, f"{name}() has no value")
            self.fail(
                node,
                f"{name}() gives {len(types)} results, {results} are taken",
                "ok, old = try_cmpxchg(...)" if target is prim.try_cmpxchg else None,
            )
        return types

    def _primitive(self, node: ast.Call, target: Callable[..., Any]) -> tuple[Type, ...]:
        name = target.__name__
        loc = self.loc(node)
        if name == "choose":
            (of,) = self.arguments(node, ["of"], "choose()")
            t = BOOL if self.static(of) is bool else self.domain(of)
            self._emit(s.Choose(Local("", t, loc), loc))
            return (t,)
        if name in ("require", "wait_until"):
            wait = name == "wait_until"
            if wait is not (self.kind == "operation"):
                other = "require" if wait else "wait_until"
                self.fail(node, f"{name}() has no place here", f"use {other}()")
            said = [k.value for k in node.keywords if k.arg == "text" and wait]
            plain = ast.copy_location(
                ast.Call(node.func, node.args, [k for k in node.keywords if k.value not in said]),
                node,
            )
            (arg,) = self.arguments(plain, ["condition"], f"{name}()")
            with self.shared_allowed():
                cond = self.cond(arg)
            text = f"wait_until({in_c(arg)})"
            if said:
                if not (isinstance(said[0], ast.Constant) and isinstance(said[0].value, str)):
                    self.fail(said[0], "the text of a wait is a string", 'text="..."')
                text = said[0].value
            self._emit(s.Wait(cond, loc, text) if wait else s.Require(cond, loc))
            return ()
        if self.kind != "operation":
            self.fail(
                node,
                f"{name} is a step of its own; this function is one step as a whole",
                "read and assign shared state directly here",
            )
        return self._access(node, name)

    def _access(self, node: ast.Call, name: str) -> tuple[Type, ...]:
        count, gives = s.PRIMITIVES[name]
        wanted = {0: [], 1: ["value"], 2: ["old", "new"]}[count]
        if name.startswith("atomic_fetch"):
            wanted = ["mask"]
        values = self.arguments(node, ["place", *wanted], f"{name}()")
        place = self._place(values[0])
        bit = isinstance(place.type, BoolT)
        if name.endswith("_bit") and not bit:
            self.fail(values[0], f"{name} wants one bit of a bitmap, this is {place.type}")
        word = isinstance(place.type, RecordT) and place.type.word
        if name.startswith("atomic_fetch") and not word:
            self.fail(values[0], f"{name} wants a word, this is {place.type}")
        args = tuple(self.expr(v, place.type) for v in values[1:])
        texts = tuple(in_c(v) for v in values[1:])
        self._emit(s.Primitive(name, place, args, (), self.loc(node), texts))
        return {"old": (place.type,), "flag+old": (BOOL, place.type), "none": ()}[gives]

    def _place(self, node: ast.expr) -> Expr:
        with self.shared_allowed():
            place = self.expr(node)
        if not _is_place(place) or isinstance(place, Local):
            self.fail(
                node,
                "a primitive wants a place in the shared state",
                f"such as {self.shared_name or 'm'}.{next(iter(self._fields()), 'field')}",
            )
        if isinstance(place.type, LockT):
            self.fail(node, "a lock is taken by `with read_lock(...)` or `with write_lock(...)`")
        return place

    def _call_function(self, node: ast.Call, target: Callable[..., Any]) -> tuple[Type, ...]:
        mark = mark_of(target)
        assert mark is not None
        if mark.kind in ("hardware", "initial"):
            self.fail(node, f"{target.__name__}() is not to be called: it is @{mark.kind}")
        allowed = ("operation", "atomic") if self.kind == "operation" else ("atomic",)
        if mark.kind not in allowed or self.kind == "pure":
            self.fail(
                node,
                f"{target.__name__}() takes steps, and this function is @{self.kind}",
                "call it from an @operation",
            )
        sig, args, texts = self.function_arguments(node, target)
        fn = self.program.function(target, self.loc(node))
        self._emit(s.CallStmt(fn.key, args, (), self.loc(node), texts))
        if sig.result == NONE:
            return ()
        return sig.result.items if isinstance(sig.result, TupleT) else (sig.result,)

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call) and self._is_step(node):
            self._step(node, None)
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return
        self.expr(node)
        self.fail(node, "this has no effect", "use its value, or remove it")

    # -- control

    def _if(self, node: ast.If) -> None:
        cond = self.cond(node.test)
        before = self.defined
        with self.knowing(cond):
            self.defined = set(before or ())
            then = self.block(node.body)
        after_then = self.defined
        with self.knowing(cond, truth=False):
            self.defined = set(before or ())
            other = self.block(node.orelse)
        self.defined = _join(after_then, self.defined)
        self._emit(s.IfStmt(cond, then, other, self.loc(node.test), self._reasons(node.test, cond)))

    def _reasons(self, node: ast.expr, cond: Expr) -> tuple[tuple[str, Expr], ...]:
        """The alternatives of a condition, so that a story can say which of them was true.

        None of one that takes a step: the step says it all.
        """
        if any(isinstance(n, ast.Call) and self._is_step(n) for n in ast.walk(node)):
            return ()
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            found: list[Expr] = []
            rest = cond
            for _ in node.values[1:]:
                assert isinstance(rest, x.Bin)
                found.insert(0, rest.right)
                rest = rest.left
            texts = [self._reason(v) for v in node.values]
            return tuple(zip(texts, [rest, *found], strict=True))
        return ((self._reason(node), cond),)

    def _reason(self, node: ast.expr) -> str:
        """A condition in C, without what only says in which scenarios it matters."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            kept = [v for v in node.values if not self._names_constant(v)]
            if kept:
                node = ast.BoolOp(ast.And(), kept) if len(kept) > 1 else kept[0]
        return in_c(node)

    def _names_constant(self, node: ast.expr) -> bool:
        return any(
            isinstance(n, ast.Name) and isinstance(self.static(n), ConstantDecl)
            for n in ast.walk(node)
        )

    def _no_loops_here(self, node: ast.stmt) -> None:
        if self.kind == "pure":
            self.fail(node, "a pure function does not loop", "use all(), any() or a comprehension")

    def _while(self, node: ast.While) -> None:
        self._no_loops_here(node)
        if self.kind in _ONE_STEP:
            self.fail(node, "one step does not loop", "use `for ... in` a domain")
        if node.orelse:
            self.fail(node, "`else` on a loop is not part of the language")
        before = set(self.defined or ())
        self._loops.append([])
        outer, self._out = self._out, []
        cond = self.cond(node.test)
        steps, self._out = self._out, outer
        always = simplify(cond) == x.TRUE
        with self.knowing(cond):
            body = self.block(node.body)
        ends = self._loops.pop()
        if not always:
            ends.append(before)
        if steps:
            # The condition takes steps: they are part of each round.
            leave = s.IfStmt(cond, (), (s.Break(self.loc(node)),), self.loc(node))
            body = (*steps, leave, *body)
            cond = x.TRUE
        self.defined = None
        for e in ends:
            self.defined = _join(self.defined, e)
        self._emit(s.While(cond, body, self.loc(node)))

    def _for(self, node: ast.For) -> None:
        self._no_loops_here(node)
        if node.orelse:
            self.fail(node, "`else` on a loop is not part of the language")
        if not isinstance(node.target, ast.Name):
            self.fail(node.target, "one variable runs over a domain")
        domain = self.domain(node.iter)
        if not isinstance(domain, DomainT) or domain.symmetric:
            self.fail(
                node.iter,
                f"the elements of {domain} have no order",
                "loop over a domain that is not symmetric; or make it one step, with @atomic",
            )
        before = set(self.defined or ())
        var = self._local_target(node, node.target, domain)
        self._loops.append([])
        body = self.block(node.body)
        ends = self._loops.pop()
        self.defined = before
        for e in ends:
            self.defined = _join(self.defined, e)
        self._emit(s.For(var, body, self.loc(node)))

    def _leave_loop(self, node: ast.Break | ast.Continue) -> None:
        if not self._loops:
            self.fail(node, "not in a loop")
        if isinstance(node, ast.Break):
            self._loops[-1].append(self.defined)
            self._emit(s.Break(self.loc(node)))
        else:
            self._emit(s.Continue(self.loc(node)))
        self.defined = None

    def _with(self, node: ast.With) -> None:
        if self.kind != "operation":
            self.fail(node, "`with` belongs into an @operation")
        with self._nested(node) as wrap:
            body = self.block(node.body)
        for make in reversed(wrap):
            body = (make(body),)
        self._out.extend(body)

    @contextmanager
    def _nested(self, node: ast.With) -> Iterator[list[Callable[[tuple[s.Stmt, ...]], s.Stmt]]]:
        yield [self._with_item(node, item) for item in node.items]

    def _with_item(
        self, node: ast.With, item: ast.withitem
    ) -> Callable[[tuple[s.Stmt, ...]], s.Stmt]:
        call = item.context_expr
        loc = self.loc(call)
        if item.optional_vars is not None:
            self.fail(item.optional_vars, "`as` is not part of the language")
        target = self.static(call.func) if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and target in (prim.read_lock, prim.write_lock):
            (lock,) = self.arguments(call, ["lock"], f"{target.__name__}()")
            with self.shared_allowed():
                place = self.expr(lock)
            if not isinstance(place.type, LockT):
                self.fail(lock, f"a RwLock is wanted, this is {place.type}")
            kind, text = target.__name__.removesuffix("_lock"), ast.unparse(call)
            return lambda body: s.WithLock(kind, place, body, loc, text)
        if isinstance(call, ast.Call) and isinstance(target, Span):
            return self._with_span(call, target)
        self.fail(
            node,
            f"`with {ast.unparse(call)}` is not part of the language",
            "use read_lock(...), write_lock(...) or a Span",
        )

    def _with_span(self, call: ast.Call, span: Span) -> Callable[[tuple[s.Stmt, ...]], s.Stmt]:
        loc = self.loc(call)
        decl = self.program.span(span, loc)
        plain = ast.copy_location(
            ast.Call(call.func, call.args, [k for k in call.keywords if k.arg != "when"]), call
        )
        when: Expr = x.TRUE
        params = [Local(f"{n}#{decl.key}", t, loc) for n, t in decl.params]
        for k in call.keywords:
            if k.arg == "when":
                if not isinstance(k.value, ast.Lambda):
                    self.fail(k.value, "`when` is a condition on locals", "when=lambda: ...")
                names = [a.arg for a in k.value.args.args]
                if names and (call.args or len(names) != len(params)):
                    self.fail(
                        k.value,
                        f"the lambda takes all parameters of {decl.name}, or none",
                        f"when=lambda {', '.join(n for n, _ in decl.params)}: ...",
                    )
                with self.binding_names(dict(zip(names, params, strict=False))):
                    when = self.cond(k.value.body)
                if names:
                    return lambda body: s.WithSpan(decl.key, tuple(params), when, body, loc)
        values = self.arguments(plain, [n for n, _ in decl.params], f"{decl.name}()")
        args = tuple(self.expr(v, t) for v, (_, t) in zip(values, decl.params, strict=True))
        return lambda body: s.WithSpan(decl.key, args, when, body, loc)

    def _return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            if self._result:
                self.fail(node, "a value is to be returned here")
            values: tuple[Expr, ...] = ()
        elif not self._result:
            self.fail(node, f"{self.node.name}() returns nothing", "annotate its result: -> ...")
        elif len(self._result) == 1:
            test = isinstance(self._result[0], BoolT)
            values = (self.cond(value) if test else self.expr(value, self._result[0]),)
        elif isinstance(value, ast.Tuple) and len(value.elts) == len(self._result):
            values = tuple(self.expr(v, t) for v, t in zip(value.elts, self._result, strict=True))
        else:
            self.fail(node, f"{len(self._result)} values are to be returned here")
        self._emit(s.Return(values, self.loc(node)))
        self.defined = None


def _join(a: set[str] | None, b: set[str] | None) -> set[str] | None:
    """What is set on both of two paths; None stands for a path that is never taken."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:]
    return body


def _is_place(e: Expr) -> bool:
    while isinstance(e, x.Field | x.Index):
        e = e.base
    return isinstance(e, x.Shared)


def _with_value(fn: s.Function) -> s.Function:
    """A pure function with its body as one expression."""
    if len(fn.results) != 1:
        raise SpecError(
            f"{fn.name}() has no value, or several",
            loc=fn.loc,
            hint="a pure function gives one value: annotate it with -> bool, -> Spte, ...",
        )
    value = deep_simplify(_value_of(list(fn.body), {}, fn))
    return s.Function(
        fn.key,
        fn.name,
        fn.kind,
        fn.params,
        fn.results,
        fn.body,
        fn.loc,
        fn.doc,
        fn.shared,
        fn.kernel,
        fn.text,
        value,
    )


def _value_of(body: list[s.Stmt], env: dict[str, Expr], fn: s.Function) -> Expr:
    for i, statement in enumerate(body):
        match statement:
            case s.Assign(target, value):
                env = {**env, target.name: x.substitute(value, env)}
            case s.Return((value,)):
                return x.substitute(value, env)
            case s.IfStmt(cond, then, other):
                rest = body[i + 1 :]
                c = x.substitute(cond, env)
                a = _value_of([*then, *rest], env, fn)
                b = _value_of([*other, *rest], env, fn)
                return x.If(c, a, b, fn.results[0], statement.loc)
            case _:
                raise SpecError(
                    "a pure function decides, computes and returns, nothing else",
                    loc=statement.loc,
                    hint="make it an @operation or @atomic",
                )
    raise AssertionError(f"{fn.name} was read as ending with a value on every path")
