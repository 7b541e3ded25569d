"""From the classes and annotations of a spec to types."""

from __future__ import annotations

import enum
import inspect
import types as pytypes
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from kvmtla.errors import Loc, SpecError
from kvmtla.ir.types import (
    BOOL,
    LOCK,
    NONE,
    BoolT,
    DomainT,
    EnumT,
    FieldT,
    IntT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    SharedT,
    TupleT,
    Type,
)
from kvmtla.lang.types import (
    Between,
    BitInfo,
    Domain,
    Map,
    OrderedEnum,
    Record,
    RwLock,
    Set,
    Shared,
    Word,
)

_WORD_SIZE = 64


class TypeReader:
    """Turns Python types into the language's; keeps what it has read."""

    def __init__(self) -> None:
        self._known: dict[type, Type] = {}

    def read(self, hint: Any, loc: Loc) -> Type:
        """The type that an annotation means; raises SpecError at `loc` for any other."""
        if hint is None or hint is type(None):
            return NONE
        if hint is bool:
            return BOOL
        if hint is int:
            raise SpecError(
                "an integer without bounds",
                loc=loc,
                hint="write Annotated[int, Between(low, high)]",
            )
        if isinstance(hint, type) and get_origin(hint) is None:
            return self._class(hint, loc)
        return self._generic(hint, loc)

    def _class(self, cls: type, loc: Loc) -> Type:
        if cls in self._known:
            return self._known[cls]
        made: Type
        if cls is RwLock:
            made = LOCK
        elif issubclass(cls, enum.Enum):
            made = EnumT(
                cls.__name__, tuple(m.name for m in cls), ordered=issubclass(cls, OrderedEnum)
            )
        elif issubclass(cls, Domain) and cls is not Domain:
            made = DomainT(cls.__name__, cls.symmetric, cls.label)
        elif issubclass(cls, Word) and cls is not Word:
            made = self._word(cls, loc)
        elif issubclass(cls, Record) and cls is not Record:
            made = self._record(cls, loc)
        elif issubclass(cls, Shared) and cls is not Shared:
            made = SharedT(cls.__name__, self._fields(cls, loc))
        else:
            raise SpecError(
                f"{cls.__name__} is not a type of the language",
                loc=loc,
                hint="use bool, Annotated[int, Between(...)], an Enum, a Domain, Word or Record, "
                "Map, Set, RwLock, or X | None",
            )
        self._known[cls] = made
        return made

    def _generic(self, hint: Any, loc: Loc) -> Type:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            bounds = [a for a in args[1:] if isinstance(a, Between)]
            if args[0] is int and bounds:
                if bounds[0].low > bounds[0].high:
                    raise SpecError(
                        f"no integer lies between {bounds[0].low} and {bounds[0].high}", loc=loc
                    )
                return IntT(bounds[0].low, bounds[0].high)
            return self.read(args[0], loc)
        if origin is Map and len(args) == 2:
            key = self.read(args[0], loc)
            if not isinstance(key, DomainT):
                raise SpecError(f"a map from {key}", loc=loc, hint="maps go from a Domain")
            return MapT(key, self.read(args[1], loc))
        if origin is Set and len(args) == 1:
            element = self.read(args[0], loc)
            if not isinstance(element, DomainT | EnumT):
                raise SpecError(f"a set of {element}", loc=loc, hint="sets are of a Domain or Enum")
            return SetT(element)
        if origin in (Union, pytypes.UnionType):
            inner = [a for a in args if a is not type(None)]
            if len(inner) == 1 and len(args) == 2:
                return OptionalT(self.read(inner[0], loc))
        if origin is tuple:
            return TupleT(tuple(self.read(a, loc) for a in args))
        raise SpecError(f"{hint!r} is not a type of the language", loc=loc)

    def _fields(self, cls: type, loc: Loc) -> dict[str, Type]:
        hints = hints_of(cls, loc)
        return {
            name: self.read(hint, loc) for name, hint in hints.items() if not _class_variable(hint)
        }

    def _word(self, cls: type[Word], loc: Loc) -> RecordT:
        loc = class_location(cls) or loc
        fields = []
        taken: dict[tuple[str, int], str] = {}
        for name in hints_of(cls, loc):
            info = cls.__dict__.get(name)
            if not isinstance(info, BitInfo):
                raise SpecError(
                    f"{cls.__name__}.{name} has no bit position",
                    loc=loc,
                    hint=f"write {name}: bool = Bit(...)",
                )
            for form, bit in info.positions.items():
                if not 0 <= bit < _WORD_SIZE:
                    raise SpecError(
                        f"{cls.__name__}.{name}: there is no bit {bit} in a word of 64", loc=loc
                    )
                other = taken.setdefault((form, bit), name)
                if other != name:
                    raise SpecError(
                        f"{cls.__name__}: {other} and {name} are both bit {bit} of {form}",
                        loc=loc,
                        hint="give one of them another position",
                    )
            fields.append(
                FieldT(name, BOOL, info.label or name, dict(info.positions), info.default)
            )
        if not fields:
            raise SpecError(f"{cls.__name__} has no bits", loc=loc)
        return RecordT(cls.__name__, tuple(fields), word=True)

    def _record(self, cls: type[Record], loc: Loc) -> RecordT:
        loc = class_location(cls) or loc
        fields = []
        for name, hint in hints_of(cls, loc).items():
            if _class_variable(hint):
                continue
            t = self.read(hint, loc)
            value = cls.__dict__.get(name)
            if isinstance(value, enum.Enum):
                value = value.name
            if isinstance(t, BoolT | IntT | EnumT) and value is None:
                raise SpecError(
                    f"{cls.__name__}.{name} has no default",
                    loc=loc,
                    hint=f"write {name}: ... = ...",
                )
            fields.append(FieldT(name, t, cls.labels.get(name, name), {}, value))
        if not fields:
            raise SpecError(f"{cls.__name__} has no fields", loc=loc)
        return RecordT(cls.__name__, tuple(fields))


def hints_of(thing: type | Callable[..., Any], loc: Loc) -> Mapping[str, Any]:
    """The annotations of a class or function, names looked up; a SpecError for an unknown name."""
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except NameError as e:
        raise SpecError(f"an annotation names {e.name!r}, which does not exist", loc=loc) from None
    except TypeError as e:
        raise SpecError(f"an annotation cannot be read: {e}", loc=loc) from None


def class_location(cls: type) -> Loc | None:
    """The line of a class's definition, None where there is no source."""
    try:
        lines, first = inspect.getsourcelines(cls)
    except (OSError, TypeError):
        return None
    offset = next((i for i, text in enumerate(lines) if text.lstrip().startswith("class ")), 0)
    text = lines[offset]
    start = len(text) - len(text.lstrip())
    file = inspect.getsourcefile(cls) or ""
    return Loc(file, first + offset, start, first + offset, len(text.rstrip()))


def _class_variable(hint: Any) -> bool:
    return hint is typing.ClassVar or get_origin(hint) is typing.ClassVar
