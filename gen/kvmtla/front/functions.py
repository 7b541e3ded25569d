"""Reading Python functions as typed ones: statements, and what each kind may contain."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from kvmtla.errors import did_you_mean
from kvmtla.front.expressions import ExpressionReader, describe, is_primitive, not_none
from kvmtla.front.source import definition, doc_of, in_c
from kvmtla.front.values import with_value
from kvmtla.front.ways import CONTINUE, ON, idle_ways
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import simplify
from kvmtla.ir.property import PROPERTIES
from kvmtla.ir.types import (
    BOOL,
    NONE,
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    OptionalT,
    RecordT,
    TupleT,
    Type,
)
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of
from kvmtla.patience import on_time

if TYPE_CHECKING:
    from kvmtla.front.program import ProgramReader

_ONE_STEP = ("atomic", "hardware", "initial")

_NO_EXCEPTIONS = "the kernel has no exceptions: return an error value"
_AT_TOP = "import at the top of the module"
# Names of the statements outside the language, and what to do instead.
_STATEMENTS: dict[str, tuple[str, str | None]] = {
    "Try": ("`try`", _NO_EXCEPTIONS),
    "TryStar": ("`try`", _NO_EXCEPTIONS),
    "Raise": ("`raise`", _NO_EXCEPTIONS),
    "Assert": ("`assert`", "write a property with @invariant; in a step, use require()"),
    "FunctionDef": ("a function inside a function", "write it as a function of the module"),
    "ClassDef": ("a class inside a function", "write it as a class of the module"),
    "Import": ("`import` inside a function", _AT_TOP),
    "ImportFrom": ("`import` inside a function", _AT_TOP),
    "Global": ("`global`", "what actors share is in the shared state"),
    "Delete": ("`del`", "leave it out: a local that is not read any more costs nothing"),
    "Match": ("`match`", "write if, elif and else"),
}


_ALONE = "call it on a line of its own"


class FunctionReader(ExpressionReader):
    """A reader for one function."""

    def __init__(self, program: ProgramReader, function: Callable[..., Any], kind: str) -> None:
        self.python = function
        file, self.node = definition(function)
        super().__init__(program, file, kind, {**function.__globals__})
        self._out: list[s.Stmt] = []
        self._loops: list[list[set[str] | None]] = []
        self._held: list[tuple[Expr, str]] = []
        """The locks that the `with` statements around this place hold, and how."""
        self._result: tuple[Type, ...] = ()

    def read(self, key: str) -> s.Function:
        """Return the function, typed; raise SpecError for whatever is wrong in it."""
        mark = mark_of(self.python)
        assert mark is not None
        sig = self.program.signature(self.python, self.loc(self.node))
        self.shared_name, self.shared_type = sig.shared_name, sig.shared
        self.later_name = sig.later_name
        self.property = PROPERTIES.get(mark.kind)
        self.locals = dict(sig.params)
        self.defined = set(self.locals)
        self.assigned = frozenset(_assigned(self.node.body))
        result = sig.result
        self._check_kind(sig.params, result)
        self._result = (
            () if result == NONE else result.items if isinstance(result, TupleT) else (result,)
        )
        body = self.block(_without_docstring(self.node.body))
        if self._result and self.defined is not None:
            self.fail(
                "KT210",
                self.node,
                f"{self.node.name}() ends without a value on some path",
                f"return one of type {result}",
            )
        params = tuple(Local(n, t, self.loc(self._parameter(n))) for n, t in sig.params)
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
            property=self.property,
            fair=mark.fair,
            since=mark.since,
            until=mark.until,
        )
        if self.kind == "pure":
            return with_value(fn)
        return fn

    def _parameter(self, name: str) -> ast.arg:
        return next(a for a in self.node.args.args if a.arg == name)

    def _check_kind(self, params: Sequence[tuple[str, Type]], result: Type) -> None:
        """Raise SpecError for what functions of some kinds cannot take or give."""
        if self.kind not in ("hardware", "initial"):
            return
        if result != NONE:
            self.fail(
                "KT208",
                self.node,
                f"@{self.kind} {self.node.name}() has nobody to give a value to",
                "annotate it with -> None, and store into the shared state",
            )
        for name, t in params:
            if self.kind == "initial":
                self.fail(
                    "KT208",
                    self._parameter(name),
                    f"@initial {self.node.name}() takes the shared state only",
                    f"{name} = choose({t})",
                )
            if not isinstance(t, DomainT | EnumT | BoolT):
                self.fail(
                    "KT207",
                    self._parameter(name),
                    f"parameter {name!r} of {self.node.name}() could be any {t}",
                    "give @hardware parameters of a Domain, an Enum or bool",
                )

    # -- blocks

    def block(self, nodes: list[ast.stmt]) -> tuple[s.Stmt, ...]:
        """Return the statements of a block."""
        before, self._out = self._out, []
        for node in nodes:
            if self.defined is None:
                self.fail("KT403", node, "this can never be reached", "remove it")
            self._statement(node)
        made, self._out = self._out, before
        return tuple(made)

    def _statement(self, node: ast.stmt) -> None:
        on_time(self.node.name)
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
                name, hint = _STATEMENTS.get(kind, (f"`{kind.lower()}`", None))
                self.fail("KT401", node, f"{name} is not part of the language", hint)

    def _emit(self, statement: s.Stmt) -> None:
        self._out.append(statement)

    # -- assignments

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        if isinstance(node, ast.Assign):
            if len(node.targets) != 1:
                self.fail("KT404", node, "one assignment sets one thing", "write two")
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            if node.value is None:
                self.fail("KT404", node, "a declaration without a value", "give it its first value")
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
        self._assign_place(node, target, value)

    def _assign_place(self, node: ast.stmt, target: ast.expr, value: ast.expr) -> None:
        """Assign to a place; Python evaluates the value before anything in the place."""
        if any(isinstance(n, ast.Call) and self._is_step(n) for n in ast.walk(value)):
            with self._trial():
                want = self._stored_place(target).type
            e, at = self.expr(value, want), len(self._out)
            place = self._stored_place(target)
        else:
            at = len(self._out)
            place = self._stored_place(target)
            e = self.expr(value, place.type)
        self._store(place, self._as_it_was(e, at), node)

    @contextmanager
    def _trial(self) -> Iterator[None]:
        """Discard all that is read in the block: it is read only to see what it is."""
        out, known = self._out, self._not_none
        names, defined = dict(self.locals), self.defined
        self._out, self.defined = [], set(defined or ())
        yield
        self._out, self._not_none = out, known
        self.locals, self.defined = names, defined

    def _store(self, place: Expr, value: Expr, node: ast.stmt) -> None:
        self.forget_shared()
        self._emit(s.Store(place, value, self.loc(node)))

    def _annotation(self, node: ast.AnnAssign) -> Type:
        where = node.annotation
        try:
            hint = eval(ast.unparse(where), dict(self.namespace))
            if isinstance(hint, str):
                hint = eval(hint, dict(self.namespace))
        except NameError as e:
            name = e.name or ""
            self.fail("KT105", where, f"unknown name {name!r}", did_you_mean(name, self.namespace))
        except Exception as e:
            self.fail(
                "KT105",
                where,
                f"this annotation cannot be read: {e}",
                "an annotation is one type, such as bool, a class of the spec, or X | None",
            )
        return self.program.types.value(hint, self.loc(where))

    def _local_target(self, node: ast.AST, target: ast.Name, t: Type) -> Local:
        name = target.id
        if self._is_state(target):
            self.fail(
                "KT503", target, f"{name!r} is the shared state", "give the local another name"
            )
        if t == NONE:
            self.fail(
                "KT315",
                node,
                "None of what type?",
                f"{name}: ... | None = None, with the type of the value",
            )
        known = self.locals.setdefault(name, t)
        self.forget(name)
        if self.defined is not None:
            self.defined.add(name)
        return Local(name, known, self.loc(target))

    def _assign_local(
        self, node: ast.stmt, target: ast.Name, value: ast.expr, want: Type | None
    ) -> None:
        known = self.locals.get(target.id)
        if known is not None and want is not None and known != want:
            self.fail(
                "KT314",
                target,
                f"{target.id!r} is a {known} elsewhere, here a {want}",
                "give one of them another name",
            )
        want = known or want
        if isinstance(value, ast.Call) and self._is_step(value):
            (t,) = self._step(value, 1)
            if want is None or t == want:
                self._retarget((self._local_target(node, target, t),))
                return
            e: Expr = self._keep(t, value)
        else:
            e = self.expr(value, want)
        self._set(node, target, e, want, value)

    def _set(
        self, node: ast.stmt, target: ast.Name, e: Expr, want: Type | None, at: ast.AST
    ) -> None:
        """Set a local to the value of `e`, written `at`; its type is `want`, if that is known."""
        one = isinstance(want, IntT) and want.low == want.high
        if want is not None and (not one or e.type == want):
            e = self.coerce(e, want, at)
        elif want is not None:
            self.fail(
                "KT102",
                target,
                f"{target.id!r} has no bounds: its first value is {want}",
                f"{target.id}: Annotated[int, Between(low, high)] = ...",
            )
        t = e.type
        local = self._local_target(node, target, want or t)
        if isinstance(want, OptionalT) and t == want.inner:
            self._not_none = [*self._not_none, local]
        self._emit(s.Assign(local, e, self.loc(node)))

    def _keep(self, t: Type, node: ast.AST) -> Local:
        """Put the result of the step emitted last into a new local, and return that."""
        temp = Local(self.program.fresh("result"), t, self.loc(node), made=True)
        self.locals[temp.name] = t
        if self.defined is not None:
            self.defined.add(temp.name)
        self._retarget((temp,))
        return temp

    def _unpack(self, node: ast.stmt, target: ast.Tuple, value: ast.expr) -> None:
        if not (isinstance(value, ast.Call) and self._is_step(value)):
            called: Any = self.static(value.func) if isinstance(value, ast.Call) else None
            if (mark := mark_of(called)) is not None and mark.kind == "pure":
                # A pure function with several results is wrong by itself, and says so.
                self.program.function(called, self.loc(value))
            self.fail(
                "KT324",
                node,
                "only the results of a call are taken apart",
                "write one assignment for each",
            )
        results = self._step(value, len(target.elts))
        locals_: list[Local] = []
        odd: list[tuple[ast.Name, Local, Type]] = []
        for one, t in zip(target.elts, results, strict=True):
            if not isinstance(one, ast.Name):
                self.fail(
                    "KT324",
                    one,
                    "the results of a call go to names",
                    "give each a name of its own, and store it then",
                )
            known = self.locals.get(one.id, t)
            if one.id == "_":
                # `_` may stand for results of several types.
                locals_.append(Local(self.program.fresh("_"), t, self.loc(one), made=True))
            elif known == t:
                locals_.append(self._local_target(node, one, t))
            else:
                # The local's type is not quite the result's: it takes another assignment.
                locals_.append(Local(self.program.fresh("result"), t, self.loc(one), made=True))
                odd.append((one, locals_[-1], known))
        self._retarget(tuple(locals_))
        for one, temp, known in odd:
            self._set(node, one, temp, known, one)

    def _augmented(self, node: ast.AugAssign) -> None:
        ops = {ast.BitAnd: "&", ast.BitOr: "|", ast.Sub: "-", ast.Add: "+"}
        op = ops.get(type(node.op))
        if op is None:
            sign = describe(node.op).strip("`")
            self.fail("KT401", node, f"`{sign}=` is not part of the language", "use & | + -")
        if isinstance(node.target, ast.Name):
            old = self.expr(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
            e = self.binary(op, old, self.expr(node.value), node)
            self._set(node, node.target, e, old.type, node)
            return
        place = self._stored_place(node.target)
        at = len(self._out)
        old, value = self.in_order(lambda: place, lambda: self.expr(node.value))
        if not isinstance(place, x.Shared) and s.root(place) in self._changed_since(at):
            text = ast.unparse(node.value)
            self.fail(
                "KT513",
                node.value,
                f"this changes {ast.unparse(_root(node.target))} too, a part of which is set here",
                f"give it a name on a line of its own: value = {text}",
            )
        place = self._place_as_it_was(place, at)
        e = self.binary(op, old, value, node)
        self._store(place, self.coerce(e, place.type, node), node)

    def _stored_place(self, target: ast.expr) -> Expr:
        if self.kind == "operation" and self._is_shared(target):
            self.fail(
                "KT501",
                target,
                "shared state is touched outside a primitive",
                f"write it with WRITE_ONCE({ast.unparse(target)}, ...), one access and one step, "
                "or with xchg, try_cmpxchg, set_bit, ...",
            )
        if self.kind == "pure" and self._is_shared(target):
            self.fail(
                "KT215", target, "a pure function changes nothing", "make it @atomic or @hardware"
            )
        place = self.expr(target)
        if not _is_place(place):
            hint = "give the local a whole new value, with but(...) or Map(...)"
            self.fail("KT404", target, "a part of a local cannot be assigned to", hint)
        self._check_no_lock(place, target)
        return place

    def _check_no_lock(self, place: Expr, node: ast.expr) -> None:
        t = place.type
        while isinstance(t, MapT):
            t = t.value
        if isinstance(t, LockT):
            self.fail_lock(node)

    # -- order

    def in_order(self, *reads: Callable[[], Expr]) -> list[Expr]:
        """Return expressions that are evaluated one after the other, each read by one of `reads`.

        As in Python, a call in a later one does not change what an earlier one found in the shared
        state.
        """
        made = [(read(), len(self._out)) for read in reads]
        # From the last to the first, so that nothing is inserted before the place of the next one.
        return [self._as_it_was(e, at) for e, at in reversed(made)][::-1]

    def _as_it_was(self, e: Expr, at: int) -> Expr:
        """Return `e` as it was after the first `at` of the statements made so far."""
        if not self._changes(e, at):
            return e
        local = Local(self.program.fresh("value"), e.type, e.loc, made=True)
        self.locals[local.name] = e.type
        if self.defined is not None:
            self.defined.add(local.name)
        if e in self._not_none:
            self._not_none = [*self._not_none, local]
        self._out.insert(at, s.Assign(local, e, e.loc or self.loc(self.node)))
        return local

    def _changes(self, e: Expr, at: int) -> bool:
        """Can a call among the statements from `at` on change what `e` reads?"""
        changed = self._changed_since(at)
        return bool(changed) and (bool(x.called_in(e)) or not changed.isdisjoint(x.shared_in(e)))

    def _changed_since(self, at: int) -> set[str]:
        """Return the fields that one-step calls among the statements from `at` on may set."""
        if self.kind == "operation":
            # An operation reads into locals, which no call changes.
            return set()
        return set(s.stored(tuple(self._out[at:]), self.program.program.functions))

    def _place_as_it_was(self, place: Expr, at: int) -> Expr:
        """Return a place with the indices that it had when there were `at` statements."""
        match place:
            case x.Field(base, name, t, loc):
                return x.Field(self._place_as_it_was(base, at), name, t, loc)
            case x.Index(base, key, t, loc):
                key = self._as_it_was(key, at)
                return x.Index(self._place_as_it_was(base, at), key, t, loc)
        return place

    def key_of(self, node: ast.Subscript, base: Expr, t: DomainT) -> Expr:
        """Return the index in `node`, of type `t`; `base` is what is indexed.

        Raises SpecError where finding the index changes `base`: Python would index the old value.
        """
        at = len(self._out)
        key = super().key_of(node, base, t)
        if self._changes(base, at):
            self.fail(
                "KT513",
                node.slice,
                f"this changes {ast.unparse(node.value)}, into which it is an index",
                f"give it a name on a line of its own: i = {ast.unparse(node.slice)}",
            )
        return key

    # -- steps

    def _is_step(self, node: ast.Call) -> bool:
        target = self.static(node.func)
        mark = mark_of(target)
        return is_primitive(target) or (
            mark is not None and mark.kind in ("operation", "atomic", "hardware", "initial")
        )

    def hoist(self, node: ast.Call, target: Callable[..., Any]) -> Expr:
        """Take a step out of an expression: it happens first, under a name of its own."""
        (t,) = self._step(node, 1)
        if t == NONE:
            self.fail("KT323", node, f"{ast.unparse(node.func)}() has no value", _ALONE)
        return self._keep(t, node)

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
        """Emit a step and return the types of its results.

        `results` is how many of them are wanted, None for "whatever there is".
        """
        target = self.static(node.func)
        if is_primitive(target):
            types = self._primitive(node, target, results)
        else:
            types = self._call_function(node, target)
        if results is not None and len(types) != results:
            name = ast.unparse(node.func)
            if results == 1 and not types:
                self.fail("KT323", node, f"{name}() has no value", _ALONE)
            number = "1 result" if len(types) == 1 else f"{len(types)} results"
            taken = "1 is" if results == 1 else f"{results} are"
            self.fail(
                "KT323",
                node,
                f"{name}() gives {number}, {taken} taken",
                "ok, old = try_cmpxchg(...)"
                if target is prim.try_cmpxchg
                else f"{', '.join('abcdefgh'[: len(types)])} = {name}(...)",
            )
        return types

    def _primitive(
        self, node: ast.Call, target: Callable[..., Any], results: int | None
    ) -> tuple[Type, ...]:
        name = target.__name__
        loc = self.loc(node)
        if name == "choose":
            if results is None:
                self.fail("KT402", node, "this has no effect", "use its value, or remove it")
            (of,) = self.arguments(node, ["of"], "choose()", "choose(bool), choose(Gfn)")
            hint = "choose one of bool, of a Domain or of an Enum"
            t = BOOL if self.static(of) is bool else self.domain(of, hint)
            self._emit(s.Choose(Local("", t, loc), loc))
            return (t,)
        if name in ("require", "wait_until"):
            wait = name == "wait_until"
            if wait is not (self.kind == "operation"):
                other = "require" if wait else "wait_until"
                self.fail("KT505", node, f"{name}() has no place here", f"use {other}()")
            has_text = wait and (len(node.args) > 1 or any(k.arg == "text" for k in node.keywords))
            wanted = ["condition", "text"] if has_text else ["condition"]
            arg, *said = self.arguments(node, wanted, f"{name}()")
            cond = self._awaited(arg)
            text = f"wait_until({in_c(arg)})"
            if said:
                if not (isinstance(said[0], ast.Constant) and isinstance(said[0].value, str)):
                    self.fail("KT505", said[0], "the text of a wait is a string", 'text="..."')
                text = said[0].value
            self._emit(s.Wait(cond, loc, text) if wait else s.Require(cond, loc))
            return ()
        if self.kind != "operation":
            self.fail(
                "KT502",
                node,
                f"{name} is a step of its own; this function is one step as a whole",
                "read and assign shared state directly here",
            )
        return self._access(node, name)

    def _awaited(self, node: ast.expr) -> Expr:
        """Return the condition of a wait_until() or require(), which one step tests."""
        before = len(self._out)
        with self.shared_allowed():
            cond = self.cond(node)
        if len(self._out) > before and self.kind == "operation":
            self.fail(
                "KT506",
                node,
                "what is read before the wait does not change during it",
                "name the shared state in the condition itself: wait_until(not m.busy)",
            )
        return cond

    def _access(self, node: ast.Call, name: str) -> tuple[Type, ...]:
        count, gives = s.PRIMITIVES[name]
        wanted = {0: [], 1: ["value"], 2: ["old", "new"]}[count]
        if name.startswith("atomic_fetch"):
            wanted = ["mask"]
        values = self.arguments(node, ["place", *wanted], f"{name}()")
        place = self._place(values[0])
        bit = isinstance(place.type, BoolT)
        if name.endswith("_bit") and not bit:
            self.fail(
                "KT507",
                values[0],
                f"{name} wants one bit of a bitmap, this is {place.type}",
                f"{name}({ast.unparse(values[0])}[...])"
                if isinstance(place.type, MapT)
                else "use atomic_fetch_or, atomic_fetch_and or cmpxchg for a word",
            )
        word = isinstance(place.type, RecordT) and place.type.word
        if name.startswith("atomic_fetch") and not word:
            self.fail(
                "KT507",
                values[0],
                f"{name} wants a word, this is {place.type}",
                "use WRITE_ONCE, xchg, cmpxchg or set_bit",
            )
        args = tuple(self.arguments_in_order(node, [(v, place.type) for v in values[1:]]))
        texts = tuple(in_c(v) for v in values[1:])
        self._emit(s.Primitive(name, place, args, (), self.loc(node), texts))
        return {"old": (place.type,), "flag+old": (BOOL, place.type), "none": ()}[gives]

    def _place(self, node: ast.expr) -> Expr:
        with self.shared_allowed():
            place = self.expr(node)
        if not _is_place(place) or isinstance(place, Local):
            self.fail(
                "KT507",
                node,
                "a primitive wants a place in the shared state",
                f"such as {self.shared_name or 'm'}.{next(iter(self._fields()), 'field')}",
            )
        self._check_no_lock(place, node)
        return place

    def _call_function(self, node: ast.Call, target: Callable[..., Any]) -> tuple[Type, ...]:
        mark = mark_of(target)
        assert mark is not None
        if mark.kind in ("hardware", "initial"):
            self.fail(
                "KT216",
                node,
                f"{target.__name__}() is not to be called: it is @{mark.kind}",
                "it happens by itself, between any two steps"
                if mark.kind == "hardware"
                else "make what both need an @atomic function",
            )
        allowed = ("operation", "atomic") if self.kind == "operation" else ("atomic",)
        if mark.kind not in allowed or self.kind == "pure":
            self.fail(
                "KT502",
                node,
                f"{target.__name__}() takes steps, and this function is @{self.kind}",
                "call it from an @operation",
            )
        sig, args, texts, _ = self.function_arguments(node, target)
        fn = self.program.function(target, self.loc(node))
        self.forget_shared()
        self._emit(s.CallStmt(fn.key, args, (), self.loc(node), texts))
        if sig.result == NONE:
            return ()
        return sig.result.items if isinstance(sig.result, TupleT) else (sig.result,)

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call) and self._is_step(node):
            self._step(node, None)
            return
        if isinstance(node, ast.Constant) and (isinstance(node.value, str) or node.value is ...):
            return
        self.expr(node)
        self.fail("KT402", node, "this has no effect", "use its value, or remove it")

    # -- control

    def _if(self, node: ast.If) -> None:
        cond = self.cond(node.test)
        before, known = self.defined, self._not_none

        def side(truth: bool, nodes: list[ast.stmt]) -> tuple[s.Stmt, ...]:
            self.defined = set(before or ())
            self._not_none = [*known, *not_none(cond, truth)]
            return self.block(nodes)

        then = side(True, node.body)
        after_then, known_then = self.defined, self._not_none
        other = side(False, node.orelse)
        if self.defined is None:
            self._not_none = known_then
        elif after_then is not None:
            self._not_none = [e for e in known_then if e in self._not_none]
        self.defined = _join(after_then, self.defined)
        self._emit(s.IfStmt(cond, then, other, self.loc(node.test), self._reasons(node.test, cond)))

    def _reasons(self, node: ast.expr, cond: Expr) -> tuple[tuple[str, Expr], ...]:
        """Return the alternatives of a condition, so that a story can say which of them was true.

        A condition that takes a step has none: the step says it all.
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
        """Return a condition in C, without what only says in which scenarios it matters."""
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

    def _enter_loop(self, node: ast.While | ast.For) -> None:
        """Enter a loop; what it changes is not known at the start of its later rounds."""
        for name in _assigned([node]):
            self.forget(name)
        self.forget_shared()
        self._loops.append([])

    def _no_loops_here(self, node: ast.stmt) -> None:
        if self.kind == "pure":
            self.fail(
                "KT406",
                node,
                "a pure function does not loop",
                "use all(), any() or a comprehension",
            )

    def _while(self, node: ast.While) -> None:
        self._no_loops_here(node)
        if self.kind in _ONE_STEP:
            self.fail("KT406", node, "one step does not loop", "use `for ... in` a domain")
        if node.orelse:
            self.fail(
                "KT401",
                node,
                "`else` on a loop is not part of the language",
                "write it behind the loop",
            )
        before = set(self.defined or ())
        self._enter_loop(node)
        outer, self._out = self._out, []
        cond = self.cond(node.test)
        steps, self._out = self._out, outer
        always = simplify(cond) == x.TRUE
        with self.knowing(cond):
            body = self.block(node.body)
        ends = self._loops.pop()
        if not ends:
            self._not_none = [*self._not_none, *not_none(cond, False)]
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
        if idle_ways(body, self.program.program.functions) & {ON, CONTINUE}:
            self.fail(
                "KT409",
                node,
                "this loop can go around without a step",
                "let every way around it read shared state",
            )
        self._emit(s.While(cond, body, self.loc(node)))

    def _for(self, node: ast.For) -> None:
        self._no_loops_here(node)
        if node.orelse:
            self.fail(
                "KT401",
                node,
                "`else` on a loop is not part of the language",
                "write it behind the loop",
            )
        if not isinstance(node.target, ast.Name):
            self.fail(
                "KT407",
                node.target,
                "one variable runs over a domain",
                "write one loop inside the other",
            )
        domain = self.domain(node.iter, "a loop runs over a Domain")
        if isinstance(domain, EnumT):
            self.fail(
                "KT321",
                node.iter,
                f"{domain} is an Enum: a loop runs over a Domain",
                "write what is done for each member, one after the other",
            )
        if domain.symmetric:
            whole = self.kind in _ONE_STEP
            self.fail(
                "KT408",
                node.iter,
                f"the elements of {domain} have no order: it is symmetric",
                "do it for all at once, with Map(...), Set(...), all() or any()"
                if whole
                else "loop over a Domain that is not symmetric; or do it in one step, with @atomic",
            )
        before = set(self.defined or ())
        self._enter_loop(node)
        var = self._local_target(node, node.target, domain)
        known = self._not_none
        body = self.block(node.body)
        self._not_none = [e for e in known if e in self._not_none]
        ends = self._loops.pop()
        self.ended.add(var.name)
        self.defined = before
        for e in ends:
            self.defined = _join(self.defined, e)
        self._emit(s.For(var, body, self.loc(node)))

    def _leave_loop(self, node: ast.Break | ast.Continue) -> None:
        if isinstance(node, ast.Break):
            self._loops[-1].append(self.defined)
            self._emit(s.Break(self.loc(node)))
        else:
            self._emit(s.Continue(self.loc(node)))
        self.defined = None

    def _with(self, node: ast.With) -> None:
        if self.kind != "operation":
            self.fail(
                "KT405",
                node,
                "`with` belongs into an @operation",
                "remove it: one step needs no lock",
            )
        held = list(self._held)
        self._inside(node, node.items)
        self._held = held

    def _inside(self, node: ast.With, items: Sequence[ast.withitem]) -> None:
        """Emit the block of a `with` inside `items`, of which the outermost comes first."""
        if not items:
            self._out.extend(self.block(node.body))
            return
        make = self._with_item(node, items[0])
        outer, self._out = self._out, []
        # The next item is read once this one is held.
        self._inside(node, items[1:])
        body, self._out = tuple(self._out), outer
        self._emit(make(body))

    def _with_item(
        self, node: ast.With, item: ast.withitem
    ) -> Callable[[tuple[s.Stmt, ...]], s.Stmt]:
        call = item.context_expr
        loc = self.loc(call)
        if item.optional_vars is not None:
            self.fail(
                "KT401",
                item.optional_vars,
                "`as` is not part of the language",
                f"with {ast.unparse(call)}:",
            )
        target = self.static(call.func) if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and target in (prim.read_lock, prim.write_lock):
            (lock,) = self.arguments(call, ["lock"], f"{target.__name__}()")
            self._lock_wanted = True
            with self.shared_allowed():
                place = self.expr(lock)
            self._lock_wanted = False
            if not isinstance(place.type, LockT):
                self.fail(
                    "KT508",
                    lock,
                    f"a RwLock is wanted, this is {place.type}",
                    _lock_like(self._fields(), self.shared_name),
                )
            kind, text = target.__name__.removesuffix("_lock"), ast.unparse(call)
            for other, how in self._held:
                if other == place:
                    # Behind a writer that waits, the kernel's readers wait, too (queued_read_lock).
                    writer = "" if "write" in (kind, how) else ", once a writer waits"
                    name = ast.unparse(lock)
                    self.fail(
                        "KT509",
                        call,
                        f"{name} is held already: this would wait for itself{writer}",
                        "take it once, around all that needs it",
                    )
            self._held.append((place, kind))
            return lambda body: s.WithLock(kind, place, body, loc, text)
        if isinstance(call, ast.Call) and isinstance(target, Span):
            return self._with_span(call, target)
        self.fail(
            "KT405",
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
                    self.fail(
                        "KT510", k.value, "`when` is a condition on locals", "when=lambda: ..."
                    )
                names = [a.arg for a in k.value.args.args]
                for a in k.value.args.args:
                    if a.arg == self.shared_name:
                        self.check_free(a, a.arg, "when=lambda {}: ...", a.arg)
                if names and (call.args or len(names) != len(params)):
                    self.fail(
                        "KT510",
                        k.value,
                        f"the lambda takes all parameters of {decl.name}, or none",
                        f"when=lambda {', '.join(n for n, _ in decl.params)}: ...",
                    )
                with self.lazily(), self.binding_names(dict(zip(names, params, strict=False))):
                    when = self.cond(k.value.body)
                if names:
                    return lambda body: s.WithSpan(decl.key, tuple(params), when, body, loc)
        values = self.arguments(plain, [n for n, _ in decl.params], f"{decl.name}()")
        wanted = [(v, t) for v, (_, t) in zip(values, decl.params, strict=True)]
        args = tuple(self.arguments_in_order(plain, wanted))
        return lambda body: s.WithSpan(decl.key, args, when, body, loc)

    def _return(self, node: ast.Return) -> None:
        value = node.value
        if value is None:
            if self._result:
                self.fail(
                    "KT211",
                    node,
                    "a value is to be returned here",
                    f"return ..., of type {', '.join(map(str, self._result))}",
                )
            values: tuple[Expr, ...] = ()
        elif not self._result:
            self.fail(
                "KT211",
                node,
                f"{self.node.name}() returns nothing",
                f"annotate its result: -> {'bool' if self.property is not None else '...'}",
            )
        elif len(self._result) == 1:
            if isinstance(value, ast.Tuple):
                self.fail(
                    "KT211",
                    value,
                    f"one value is to be returned here, not {len(value.elts)}",
                    "-> tuple[...] gives several",
                )
            test = isinstance(self._result[0], BoolT)
            values = (self.cond(value) if test else self.expr(value, self._result[0]),)
        elif isinstance(value, ast.Tuple) and len(value.elts) == len(self._result):
            wanted = zip(value.elts, self._result, strict=True)
            values = tuple(self.in_order(*(partial(self.expr, v, t) for v, t in wanted)))
        else:
            names = ", ".join("abcdefgh"[: len(self._result)])
            self.fail(
                "KT211",
                node,
                f"{len(self._result)} values are to be returned here",
                f"return {names}",
            )
        self._emit(s.Return(values, self.loc(node)))
        self.defined = None


def _lock_like(fields: Mapping[str, Type], state: str | None) -> str:
    """Return a hint that names a lock of the shared state, or says to add one."""
    lock = next((n for n, t in fields.items() if isinstance(t, LockT)), None)
    return f"such as {state}.{lock}" if lock else "give the shared state a field of type RwLock"


def _join(a: set[str] | None, b: set[str] | None) -> set[str] | None:
    """Return what is set on both of two paths; None stands for a path that is never taken."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements set; those of comprehensions are their own."""
    for node in body:
        targets: list[ast.expr] = []
        match node:
            case ast.Assign():
                targets = node.targets
            case ast.AnnAssign() | ast.AugAssign() | ast.For():
                targets = [node.target]
        for t in targets:
            for one in t.elts if isinstance(t, ast.Tuple) else [t]:
                if isinstance(one, ast.Name):
                    yield one.id
        for inner in ("body", "orelse"):
            yield from _assigned(getattr(node, inner, []))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if ast.get_docstring(ast.Module(body, [])) is not None else body


def _is_place(e: Expr) -> bool:
    while isinstance(e, x.Field | x.Index):
        e = e.base
    return isinstance(e, x.Shared)


def _root(target: ast.expr) -> ast.expr:
    """Return the field of the shared state that a target lies in."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        if isinstance(target.value, ast.Name):
            break
        target = target.value
    return target
