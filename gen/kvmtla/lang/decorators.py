"""The decorators that make Python functions part of a spec, and spans to ask about."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, ParamSpec, TypeVar

from kvmtla.errors import Loc, SpecError
from kvmtla.lang.types import NotRunError, OrderedEnum, caller

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=Enum)
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mark:
    """The statement of a decorator about a function, kept on the function as `__kvmtla__`.

    `kind` is as in `kvmtla.ir.stmt.Function`, or the value of a `kvmtla.ir.property.PropertyKind`.
    """

    kind: str
    kernel: str | None = None
    text: str | None = None
    fair: bool = False
    since: OrderedEnum | None = None
    until: OrderedEnum | None = None


def mark_of(thing: object) -> Mark | None:
    """Return the mark of a function; None where it has none."""
    mark = getattr(thing, "__kvmtla__", None)
    return mark if isinstance(mark, Mark) else None


def _marker(mark: Mark) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        if not inspect.isfunction(function):
            what = "class" if isinstance(function, type) else type(function).__name__
            raise SpecError(
                "KT203",
                f"@{mark.kind} decorates a function, this is a {what}",
                loc=caller(),
                hint="write it above a `def` of the module",
            )
        function.__kvmtla__ = mark  # type: ignore[attr-defined]
        return function

    return decorate


def _check_called(decorator: Callable[..., Any], first: object) -> None:
    """Raise SpecError where a decorator that takes arguments stands without parentheses."""
    if inspect.isfunction(first):
        name = decorator.__name__
        code = first.__code__
        raise SpecError(
            "KT202",
            f"@{name} takes arguments",
            loc=Loc(code.co_filename, code.co_firstlineno),
            hint='@hardware("what a story says of it")' if name == "hardware" else f"@{name}()",
        )
    if not isinstance(first, str | None):
        raise SpecError(
            "KT202",
            f"the first argument of @{decorator.__name__} is a text, not {first!r}",
            hint=f'@{decorator.__name__}("...")',
            loc=caller(),
        )


def check_fair(fair: object, what: str, loc: Loc) -> None:
    """Raise SpecError where `fair` is neither True nor False."""
    if not isinstance(fair, bool):
        raise SpecError(
            "KT621",
            f"{what}: fair is True or False, not {fair!r}",
            loc=loc,
            hint="fair=True: it does not stop for ever in front of a step that stays possible",
        )


def _check_life(since: object, until: object, what: str, loc: Loc) -> None:
    """Raise SpecError where these are not values of one constant between which something exists."""
    for word, given in (("since", since), ("until", until)):
        if given is not None and not isinstance(given, OrderedEnum):
            raise SpecError(
                "KT219",
                f"@{what}: {word} is {given!r}, not a value of a constant that has an order",
                loc=loc,
                hint=f"{word}=... names a member of an OrderedEnum",
            )
    if since is None or until is None:
        return
    assert isinstance(since, OrderedEnum)
    assert isinstance(until, OrderedEnum)
    if type(since) is not type(until):
        raise SpecError(
            "KT219",
            f"@{what}: since is a {type(since).__name__}, until a {type(until).__name__}",
            loc=loc,
            hint="both are values of one constant",
        )
    if not since < until:
        raise SpecError(
            "KT219",
            f"@{what}: with since={since} and until={until} it never exists",
            loc=loc,
            hint="until=... is the first value with which it is gone",
        )


def pure(function: F) -> F:
    """Mark a function of values, or of the state in a property; it takes no step."""
    return _marker(Mark("pure"))(function)


def invariant(function: F) -> F:
    """Mark a property of every state: it takes the shared state and gives True where all is well.

    The docstring's first line is its meaning in words.
    """
    return _marker(Mark("invariant"))(function)


def step_invariant(function: F) -> F:
    """Mark a property of every step: it takes the shared state before the step and after it.

    `def f(before: Kvm, after: Kvm) -> bool:` gives True where the step is all right. A step that
    changes nothing that the function asks about does not count.
    """
    return _marker(Mark("step_invariant"))(function)


def reachable(function: F) -> F:
    """Mark a goal: it takes the shared state; some state in which it gives True must be reached."""
    return _marker(Mark("reachable"))(function)


def eventually(function: F) -> F:
    """Mark a property of behaviours: each has a state in which the function gives True.

    Its parameters beside the shared state stand for all values: it is asked of each by itself. The
    `fair` of the scenario's actors says what they can be relied on to do.
    """
    return _marker(Mark("eventually"))(function)


def leads_to(function: F) -> F:
    """Mark a property of behaviours: one thing is followed by another, or comes together with it.

    The function gives both, `-> tuple[bool, bool]`. Its parameters are as for `eventually`.
    """
    return _marker(Mark("leads_to"))(function)


def operation(
    kernel: str | None = None,
    *,
    since: OrderedEnum | None = None,
    until: OrderedEnum | None = None,
) -> Callable[[F], F]:
    """Mark kernel code, run in steps; `kernel` is "file:function" in the kernel's tree.

    `since` is the first value of a constant with which the code exists, `until` the first one with
    which it is gone: nothing is asked of code that does not exist.
    """
    _check_called(operation, kernel)
    _check_life(since, until, "operation", caller())
    return _marker(Mark("operation", kernel, since=since, until=until))


def atomic(
    kernel: str | None = None,
    text: str | None = None,
    *,
    since: OrderedEnum | None = None,
    until: OrderedEnum | None = None,
) -> Callable[[F], F]:
    """Mark a function that an operation calls and that is one step as a whole.

    `text` is what a story says of it, in the kernel's words; `since` and `until` are as for
    `operation`.
    """
    _check_called(atomic, kernel)
    _check_life(since, until, "atomic", caller())
    return _marker(Mark("atomic", kernel, text, since=since, until=until))


def hardware(
    text: str,
    source: str | None = None,
    *,
    fair: bool = False,
    since: OrderedEnum | None = None,
    until: OrderedEnum | None = None,
) -> Callable[[F], F]:
    """Mark a step that a CPU may take at any moment at which its `require`s are true.

    `text` is what a story says of it, `source` where the rule stands (a manual's section). A CPU
    that is `fair` does not put the step off for ever while it stays possible. `since` and `until`
    are as for `operation`.
    """
    _check_called(hardware, text)
    check_fair(fair, "hardware", caller())
    _check_life(since, until, "hardware", caller())
    return _marker(Mark("hardware", source, text, fair, since, until))


def initial(function: F) -> F:
    """Mark the function that initialises the shared state, with `choose` for what may differ."""
    return _marker(Mark("initial"))(function)


@dataclass(frozen=True, eq=False)
class ConstantDecl(Generic[E]):
    """A constant of scenarios; see `constant`."""

    name: str
    kind: type[E]
    doc: str
    default: E | None = None


def constant(name: str, kind: type[E], doc: str = "", *, default: E | None = None) -> E:
    """Make a constant that each scenario is run with, one of `kind`; `doc` explains the option.

    With a `default`, claims need not name it; where it has that value, no output mentions it.
    """
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
        raise SpecError(
            "KT603",
            f"{name!r} is no name for a constant",
            loc=caller(),
            hint="use letters, digits and underscores",
        )
    if not (isinstance(kind, type) and issubclass(kind, Enum) and list(kind)):
        raise SpecError(
            "KT116",
            f"constant {name!r} is a {getattr(kind, '__name__', repr(kind))}, not an enumeration",
            loc=caller(),
            hint="list what it can be in an Enum",
        )
    if default is not None and not isinstance(default, kind):
        raise SpecError(
            "KT116",
            f"the default of constant {name!r} is no {kind.__name__}: {default!r}",
            hint=f"default={next(iter(kind))}",
            loc=caller(),
        )
    written = [str(m.value) for m in kind]
    twice = next((v for v in written if written.count(v) > 1), None)
    if twice is not None:
        raise SpecError(
            "KT604",
            f"two values of constant {name!r} are written {twice!r}",
            hint="give one of them another value",
            loc=caller(),
        )
    return ConstantDecl(name, kind, doc, default)  # type: ignore[return-value]


class Span:
    """A named stretch of operations; properties can ask whether an actor is inside it.

    `with harvesting(gfn):` stands around statements of an operation. From the moment at which the
    step before the block is done until its last step is done, `harvesting.active(gfn)` is true.
    `with harvesting(gfn, when=lambda: found):` is a span only while the condition on locals
    holds, and `with harvesting(when=lambda gfn: mask[gfn]):` is one for each gfn for which it
    holds. A span costs no states: where an operation stands is part of the state anyway.
    """

    def __init__(self, doc: str, **params: type[Any]) -> None:
        self.doc = doc
        self.params = params
        self.loc = caller()

    def __call__(
        self, *args: object, when: Callable[..., bool] | None = None
    ) -> AbstractContextManager[None]:
        """Open the span over a `with` block."""
        raise NotRunError("a span")

    def active(self, *args: object) -> bool:
        """Is some actor inside the span with these arguments?"""
        raise NotRunError("active")
