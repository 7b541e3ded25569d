"""Reading the classes and annotations of a spec as types."""

from __future__ import annotations

import ast
import enum
import re
import sys
import types as pytypes
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from kvmtla.errors import Loc, SpecError, did_you_mean
from kvmtla.front.hints import towards
from kvmtla.front.source import class_definition, definition, location
from kvmtla.front.wording import wrong_call
from kvmtla.ir.types import (
    BOOL,
    LOCK,
    NONE,
    BoolT,
    DomainT,
    EnumT,
    FieldT,
    IntT,
    LockT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    SharedT,
    TupleT,
    Type,
    Value,
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
_TYPES = (
    "use bool, Annotated[int, Between(...)], an Enum, a Domain, Word or Record, Map, Set, RwLock, "
    "or X | None"
)


class TypeReader:
    """A reader that turns Python types into the language's, and keeps what it has read."""

    def __init__(self) -> None:
        self._known: dict[type, Type] = {}
        self._reading: list[type] = []

    def read(self, hint: Any, loc: Loc) -> Type:
        """Return the type that an annotation means; raise SpecError at `loc` for any other."""
        if hint is None or hint is type(None):
            return NONE
        if hint is bool:
            return BOOL
        if hint is int:
            raise SpecError(
                "KT102",
                "an integer without bounds",
                loc=loc,
                hint="write Annotated[int, Between(low, high)]",
            )
        if isinstance(hint, type) and get_origin(hint) is None:
            return self._class(hint, loc)
        return self._generic(hint, loc)

    def word_formats(self) -> set[str]:
        """Return the formats that some word has positions for."""
        words = [t for t in self._known.values() if isinstance(t, RecordT) and t.word]
        return {form for t in words for f in t.fields for form in f.bits}

    def location(self, name: str, part: str = "") -> Loc | None:
        """Return where a type, or a part of it, is declared; None where there is no source."""
        for cls in self._known:
            if cls.__name__ == name:
                return (field_location(cls, part) if part else None) or class_location(cls)
        return None

    def value(self, hint: Any, loc: Loc) -> Type:
        """Return the type of something whose value can be kept and passed on.

        Raises SpecError for what has no value, and for locks, which stay where they are.
        """
        t = self._inner(hint, loc)
        if _holds_lock(t):
            raise SpecError(
                "KT104",
                f"{t} is not a value that can be kept or passed on",
                loc=loc,
                hint="a RwLock is a field of the shared state, or a Map of them is",
            )
        return t

    def _inner(self, hint: Any, loc: Loc) -> Type:
        t = self.read(hint, loc)
        if isinstance(t, NoneT | TupleT | SharedT):
            raise SpecError("KT101", f"{t} is not the type of a value", loc=loc, hint=_TYPES)
        return t

    def _class(self, cls: type, loc: Loc) -> Type:
        if cls in self._known:
            return self._known[cls]
        self._check_name(cls, loc)
        made: Type
        if cls is RwLock:
            made = LOCK
        elif issubclass(cls, enum.Enum) and list(cls):
            _check_members(cls, loc)
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
            made = SharedT(cls.__name__, self._shared(cls, loc))
        else:
            raise SpecError(
                "KT101", f"{cls.__name__} is not a type of the language", loc=loc, hint=_TYPES
            )
        self._known[cls] = made
        return made

    def _check_name(self, cls: type, loc: Loc) -> None:
        """Raise SpecError for two types of one name: a module could not tell them apart."""
        for other in self._known:
            if other.__name__ == cls.__name__:
                there = class_location(other)
                where = f", or the one at {there.file}:{there.line}" if there is not None else ""
                raise SpecError(
                    "KT113",
                    f"there are two types called {cls.__name__}",
                    loc=class_location(cls) or loc,
                    hint=f"rename this one{where}",
                )

    def _generic(self, hint: Any, loc: Loc) -> Type:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            bounds = [a for a in args[1:] if isinstance(a, Between)]
            if args[0] is int and bounds:
                if bounds[0].low > bounds[0].high:
                    raise SpecError(
                        "KT102",
                        f"no integer lies between {bounds[0].low} and {bounds[0].high}",
                        hint=f"write Between({bounds[0].high}, {bounds[0].low})",
                        loc=loc,
                    )
                return IntT(bounds[0].low, bounds[0].high)
            return self.read(args[0], loc)
        if origin is Map and len(args) == 2:
            key = self.read(args[0], loc)
            if not isinstance(key, DomainT):
                raise SpecError("KT103", f"a map from {key}", loc=loc, hint="maps go from a Domain")
            return MapT(key, self._inner(args[1], loc))
        if origin is Set and len(args) == 1:
            element = self.read(args[0], loc)
            if not isinstance(element, DomainT | EnumT):
                raise SpecError(
                    "KT103", f"a set of {element}", loc=loc, hint="sets are of a Domain or Enum"
                )
            return SetT(element)
        if origin in (Union, pytypes.UnionType):
            inner = [a for a in args if a is not type(None)]
            if len(inner) == 1 and len(args) == 2:
                return OptionalT(self.value(inner[0], loc))
        if origin is tuple:
            return TupleT(tuple(self.value(a, loc) for a in args))
        raise SpecError(
            "KT101", f"{_shown(hint)} is not a type of the language", loc=loc, hint=_TYPES
        )

    def _shared(self, cls: type[Shared], loc: Loc) -> dict[str, Type]:
        fields = {}
        for name, hint, where in _fields(cls, Shared, loc):
            fields[name] = self._inner(hint, where)
            if name in vars(cls):
                raise SpecError(
                    "KT112",
                    f"{cls.__name__}.{name} has a value",
                    loc=where,
                    hint="what it begins with is said in the function decorated with @initial",
                )
        if not fields:
            raise SpecError(
                "KT110",
                f"{cls.__name__} has no fields",
                hint="name: bool",
                loc=class_location(cls) or loc,
            )
        return fields

    def _word(self, cls: type[Word], loc: Loc) -> RecordT:
        fields = []
        taken: dict[tuple[str, int], str] = {}
        for name, hint, where in _fields(cls, Word, loc):
            info = cls.__dict__.get(name)
            if not isinstance(info, BitInfo) or hint is not bool:
                raise SpecError(
                    "KT106",
                    f"{cls.__name__}.{name} is not a bit",
                    loc=where,
                    hint=f"write {name}: bool = Bit(...)",
                )
            for form, bit in info.positions.items():
                if not (isinstance(bit, int) and 0 <= bit < _WORD_SIZE):
                    raise SpecError(
                        "KT107",
                        f"{cls.__name__}.{name}: there is no bit {bit!r} in a word of 64",
                        hint=f"give it a number from 0 to {_WORD_SIZE - 1}: Bit({form}=5)",
                        loc=where,
                    )
                other = taken.setdefault((form, bit), name)
                if other != name:
                    raise SpecError(
                        "KT107",
                        f"{cls.__name__}: {other} and {name} are both bit {bit} of {form}",
                        loc=where,
                        hint="give one of them another position",
                    )
            fields.append(
                FieldT(name, BOOL, info.label or name, dict(info.positions), info.default)
            )
        # A bit without an annotation is one that the editor does not know.
        names = [f.name for f in fields]
        for name in cls.bit_names():
            if name not in names:
                raise SpecError(
                    "KT106",
                    f"{cls.__name__}.{name} has no type",
                    loc=field_location(cls, name) or loc,
                    hint=f"write {name}: bool = Bit(...)",
                )
        if not fields:
            raise SpecError(
                "KT110",
                f"{cls.__name__} has no bits",
                hint="name: bool = Bit(x86=0)",
                loc=class_location(cls) or loc,
            )
        return RecordT(cls.__name__, tuple(fields), word=True)

    def _record(self, cls: type[Record], loc: Loc) -> RecordT:
        if cls in self._reading:
            raise SpecError(
                "KT111",
                f"{cls.__name__} contains itself",
                hint="hold an element of a Domain here, and what belongs to it in a Map",
                loc=class_location(cls) or loc,
            )
        self._reading.append(cls)
        fields = []
        for name, hint, where in _fields(cls, Record, loc):
            t = self.value(hint, where)
            value = self._default(f"{cls.__name__}.{name}", t, getattr(cls, name, None), where)
            fields.append(FieldT(name, t, cls.labels.get(name, name), {}, value))
        self._reading.pop()
        if not fields:
            raise SpecError(
                "KT110",
                f"{cls.__name__} has no fields",
                hint="name: bool = False",
                loc=class_location(cls) or loc,
            )
        return RecordT(cls.__name__, tuple(fields))

    def _default(self, name: str, t: Type, given: Any, loc: Loc) -> Value:
        """Return the default of a record's field; None for that of its type."""
        if given is None:
            if isinstance(t, BoolT | IntT | EnumT):
                raise SpecError(
                    "KT108",
                    f"{name} has no default",
                    loc=loc,
                    hint=f"write {name.rpartition('.')[2]}: ... = ...",
                )
            if isinstance(t, DomainT):
                raise SpecError(
                    "KT108",
                    f"{name} has no default: no {t} comes before the others",
                    loc=loc,
                    hint=f"write {name.rpartition('.')[2]}: {t} | None = None",
                )
            return None
        kind = t.inner if isinstance(t, OptionalT) else t
        same = self._known.get(type(given)) == kind
        if isinstance(kind, BoolT) and isinstance(given, bool):
            return given
        if isinstance(kind, IntT) and isinstance(given, int) and kind.low <= given <= kind.high:
            return given
        if same and isinstance(given, enum.Enum):
            return given.name
        if same and isinstance(given, Word):
            return given.values()
        raise SpecError(
            "KT109",
            f"{name} is of type {t}, its default is {_written(given)}",
            hint=_default_like(t),
            loc=loc,
        )


def hints_of(thing: type | Callable[..., Any], loc: Loc) -> Mapping[str, Any]:
    """Return the evaluated annotations of a class or function; raise SpecError where that fails."""
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except NameError as e:
        names = vars(sys.modules.get(thing.__module__, typing))
        raise SpecError(
            "KT105",
            f"an annotation names {e.name!r}, which does not exist",
            loc=_wrong_annotation(thing) or loc,
            hint=did_you_mean(e.name or "", ["bool", *(n for n in names if not n.startswith("_"))]),
        ) from None
    except Exception as e:
        said, hint = wrong_call(str(e)) or (f"an annotation cannot be read: {e}", "write one type")
        raise SpecError("KT105", said, loc=_wrong_annotation(thing) or loc, hint=hint) from None


def class_location(cls: type) -> Loc | None:
    """Return the line of a class's definition; None where there is no source."""
    found = class_definition(cls)
    return Loc(found[0], found[1].lineno) if found is not None else None


def _check_members(cls: type[enum.Enum], loc: Loc) -> None:
    for name, member in cls.__members__.items():
        where = field_location(cls, name) or class_location(cls) or loc
        _check_own(cls, enum.Enum, name, where)
        if member.name != name:
            raise SpecError(
                "KT114",
                f"{cls.__name__}.{name} is only another name for {cls.__name__}.{member.name}",
                loc=where,
                hint="give each member a value of its own",
            )


def _wrong_annotation(thing: type | Callable[..., Any]) -> Loc | None:
    """Return where a class or function has an annotation that cannot be evaluated."""
    names = vars(sys.modules.get(thing.__module__, typing))
    for name, hint in thing.__annotations__.items():
        try:
            if isinstance(hint, str):
                eval(hint, dict(names))
        except Exception:
            if isinstance(thing, type):
                return field_location(thing, name)
            file, node = definition(thing)
            found = next((a for a in node.args.args if a.arg == name), None)
            at = found if found is not None else node.returns
            return location(file, at) if at is not None else None
    return None


def _fields(cls: type, kind: type, loc: Loc) -> Iterator[tuple[str, Any, Loc]]:
    """Yield name, annotation and place of each field of a class, which is of a `kind` such as Word.

    `loc` is for want of a better place. Raises SpecError for a name that all of the kind have.
    """
    loc = class_location(cls) or loc
    for name, hint in hints_of(cls, loc).items():
        if not (hint is typing.ClassVar or get_origin(hint) is typing.ClassVar):
            where = field_location(cls, name) or loc
            _check_own(cls, kind, name, where)
            yield name, hint, where


def _check_own(cls: type, kind: type, name: str, loc: Loc) -> None:
    """Raise SpecError for a part of a class that has the name of something all of its kind have."""
    if any(name in vars(c) for c in kind.__mro__):
        raise SpecError(
            "KT119",
            f"{cls.__name__}.{name} is called like what every {kind.__name__} has",
            loc=loc,
            hint=f"give it another name, such as {name.strip('_')}_",
        )


def field_location(cls: type, name: str) -> Loc | None:
    """Return where a class, or one of its bases, has a field; None where there is no source."""
    for c in cls.__mro__:
        found = class_definition(c)
        for node in found[1].body if found is not None else ():
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            target = node.target if isinstance(node, ast.AnnAssign) else target
            if found is not None and isinstance(target, ast.Name) and target.id == name:
                return location(found[0], node)
    return None


def _holds_lock(t: Type) -> bool:
    return isinstance(t, LockT) or (isinstance(t, MapT) and _holds_lock(t.value))


def _written(value: Any) -> str:
    return str(value) if isinstance(value, enum.Enum) else repr(value)


def _default_like(t: Type) -> str | None:
    """Return what a default of this type may be, as a hint."""
    match t:
        case BoolT():
            return "write True or False"
        case OptionalT():
            return "write None"
    return towards(t, t)


def _shown(hint: Any) -> str:
    """Return an annotation as it is written, without the modules."""
    return re.sub(r"\b(\w+\.)+(?=\w)", "", repr(hint))
