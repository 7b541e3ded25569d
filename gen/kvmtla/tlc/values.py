"""TLA+ values as Python values, and the text TLC prints them as."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")

# An interval is written out as a set, so one that TLC never enumerated has to be refused.
_INTERVAL_LIMIT = 1_000_000


class TlcOutputError(Exception):
    """Text from TLC that does not read as what it should be.

    `what` names the thing expected, `text` is the whole text and `position` the 0-based offset in
    it at which reading stopped.
    """

    def __init__(self, what: str, text: str, position: int) -> None:
        self.what = what
        self.text = text
        self.position = position
        before, after = text[:position], text[position:]
        excerpt = f"{before[-40:]}>>>{after[:40]}"
        super().__init__(f"not {what}, from offset {position}: {excerpt!r}")

    def __reduce__(self) -> tuple[type[TlcOutputError], tuple[str, str, int]]:
        return (type(self), (self.what, self.text, self.position))


@dataclass(frozen=True, slots=True)
class TlcString:
    """A TLA+ string; `text` has its escapes undone."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelValue:
    """A model value (or any bare identifier), equal only to itself."""

    name: str


class _FrozenMap(Mapping[K, "TlcValue"], Generic[K]):
    """An immutable, hashable mapping: the base of records and functions."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[K, TlcValue]) -> None:
        self._items = dict(items)
        self._hash: int | None = None

    def __getitem__(self, key: K) -> TlcValue:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._items == self._items

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((type(self), frozenset(self._items.items())))
        return self._hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"


class TlcRecord(_FrozenMap[str]):
    """A record: field name to value."""

    __slots__ = ()


class TlcFunction(_FrozenMap["TlcValue"]):
    """A function that TLC writes with `:>` and `@@`: argument to value.

    TLC prints a function over 1..n (and the empty one) as a tuple, so those never come as this.
    """

    __slots__ = ()


TlcValue: TypeAlias = (
    "bool | int | TlcString | ModelValue | tuple[TlcValue, ...] | frozenset[TlcValue]"
    " | TlcRecord | TlcFunction"
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", '"': '"', "\\": "\\"}
_VARIABLE = re.compile(r"^(/\\ )?([0-9]*[A-Za-z_][A-Za-z0-9_]*(?:![A-Za-z0-9_]+)*) = ", re.M)


class _RefusedError(Exception):
    """A token whose text is well formed but stands for no value; carries the reason."""


def _unescape(match: re.Match[str]) -> str:
    try:
        return _ESCAPES[match[1]]
    except KeyError:
        raise _RefusedError(f"a string (it has the unknown escape {match[0]})") from None


def _unquote(token: str) -> TlcString:
    body = token[1:-1]
    return TlcString(re.sub(r"\\(.)", _unescape, body) if "\\" in body else body)


def _interval(first: str, last: str) -> frozenset[TlcValue]:
    low, high = int(first), int(last)
    if high - low >= _INTERVAL_LIMIT:
        raise _RefusedError(f"a value (the interval {first}..{last} is too large to write out)")
    return frozenset(range(low, high + 1))


def _distinct(pairs: list[tuple[Any, TlcValue]]) -> dict[Any, TlcValue]:
    items = dict(pairs)
    if len(items) != len(pairs):
        raise _RefusedError("a value (a field or an argument appears twice)")
    return items


@functools.cache
def _parser() -> Callable[[str], TlcValue]:
    # Imported here: a run answered from a cache reads no value and should not pay for lark.
    from lark import Lark, Transformer  # noqa: PLC0415

    class Build(Transformer[Any, Any]):
        """Builds the value while the parser reduces; no tree is ever made."""

        def true(self, _: list[Any]) -> bool:
            return True

        def false(self, _: list[Any]) -> bool:
            return False

        def integer(self, children: list[str]) -> int:
            return int(children[0])

        def string(self, children: list[str]) -> TlcString:
            return _unquote(children[0])

        def model_value(self, children: list[str]) -> ModelValue:
            return ModelValue(str(children[0]))

        def sequence(self, children: list[TlcValue]) -> tuple[TlcValue, ...]:
            return tuple(children)

        def enumeration(self, children: list[TlcValue]) -> frozenset[TlcValue]:
            return frozenset(children)

        def interval(self, children: list[str]) -> frozenset[TlcValue]:
            return _interval(children[0], children[1])

        def field(self, children: list[Any]) -> Any:
            return str(children[0]), children[1]

        def maplet(self, children: list[Any]) -> Any:
            return children[0], children[1]

        def record(self, children: list[Any]) -> TlcRecord:
            return TlcRecord(_distinct(children))

        def function(self, children: list[Any]) -> TlcFunction:
            return TlcFunction(_distinct(children))

    lark = Lark.open(
        "values.lark",
        rel_to=__file__,
        start="value",
        parser="lalr",
        lexer="basic",
        maybe_placeholders=False,
        transformer=Build(),
    )
    # With a transformer, lark's tree type is whatever the transformer makes of the start rule.
    return cast("Callable[[str], TlcValue]", lark.parse)


# Most variables keep their value from one state to the next.
@functools.lru_cache(maxsize=4096)
def parse_value(text: str) -> TlcValue:
    """Return the value that `text` (as TLC prints it, also over several lines) stands for.

    `TRUE` and `FALSE` become bool, numbers int, `<<...>>` tuple, sets and intervals frozenset,
    strings `TlcString`, identifiers `ModelValue`, `[a |-> 1]` `TlcRecord` and `(k :> v @@ ...)`
    `TlcFunction`. All are hashable. Raises `TlcOutputError` for anything else, also for a value
    that TLC left symbolic (`SUBSET S`, `[S -> T]`).
    """
    from lark.exceptions import UnexpectedInput  # noqa: PLC0415

    try:
        return _parser()(text)
    except UnexpectedInput as error:
        # Where the text just ends, the offset lark gives is that of the last token.
        position = len(text) if getattr(error, "token", None) == "" else error.pos_in_stream
        raise TlcOutputError("a TLA+ value", text, position or 0) from None
    except _RefusedError as error:
        raise TlcOutputError(str(error), text, 0) from None


def parse_state(text: str) -> dict[str, TlcValue]:
    r"""Return the variables of a state, in TLC's order, from its `/\ name = value` lines.

    A module with one variable prints `name = value` instead. Raises `TlcOutputError` where a line
    belongs to no variable, a value does not read, or a variable appears twice.
    """
    text = text.rstrip()
    starts = list(_VARIABLE.finditer(text))
    if not starts or starts[0].start() != 0:
        raise TlcOutputError("a state", text, 0)
    state: dict[str, TlcValue] = {}
    for index, start in enumerate(starts):
        alone = start[1] is None
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        if start[2] in state or (alone and len(starts) > 1):
            raise TlcOutputError("a state", text, start.start())
        try:
            state[start[2]] = parse_value(text[start.end() : end].rstrip())
        except TlcOutputError as error:
            raise TlcOutputError(error.what, text, start.end() + error.position) from None
    return state
