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

from kvmtla.errors import Loc
from kvmtla.errors.message import Message
from kvmtla.front.messages import types as says
from kvmtla.front.mistakes import Mistakes
from kvmtla.front.source import class_definition, definition, location
from kvmtla.front.wording import wrong_call
from kvmtla.ir.types import (
    BOOL,
    ERROR,
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


class TypeReader:
    """A reader that turns Python types into the language's, and keeps what it has read."""

    def __init__(self, mistakes: Mistakes | None = None) -> None:
        self.mistakes = mistakes if mistakes is not None else Mistakes()
        self._known: dict[type, Type] = {}
        self._reading: list[type] = []

    def read(self, hint: Any, loc: Loc) -> Type:
        """Return the type that an annotation at `loc` means; note what is wrong, as an ERROR."""
        if hint is None or hint is type(None):
            return NONE
        if hint is bool:
            return BOOL
        if hint is int:
            return self._wrong(says.integer_without_bounds(), loc)
        if hint is UNREADABLE:
            return ERROR
        if isinstance(hint, type) and get_origin(hint) is None:
            return self._class(hint, loc)
        return self._generic(hint, loc)

    def _wrong(self, message: Message, loc: Loc) -> Type:
        """Note a mistake, and return the type of what is wrong."""
        self.mistakes.note(message, loc)
        return ERROR

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

        Notes what has no value, and locks, which stay where they are.
        """
        t = self._inner(hint, loc)
        return self._wrong(says.lock_as_value(t), loc) if _holds_lock(t) else t

    def _inner(self, hint: Any, loc: Loc) -> Type:
        t = self.read(hint, loc)
        if isinstance(t, NoneT | TupleT | SharedT):
            return self._wrong(says.no_type_of_a_value(t), loc)
        return t

    def _class(self, cls: type, loc: Loc) -> Type:
        if cls not in self._known:
            with self.mistakes.apart():
                made = self._new_class(cls, loc)
            if cls in self._reading:
                # Another class that this one contains has asked for it.
                return made
            self._known[cls] = made
        return self._known[cls]

    def _new_class(self, cls: type, loc: Loc) -> Type:
        for other in self._known:
            if other.__name__ == cls.__name__:
                # A module could not tell them apart.
                message = says.two_types(cls.__name__, class_location(other))
                return self._wrong(message, class_location(cls) or loc)
        if cls is RwLock:
            return LOCK
        if issubclass(cls, enum.Enum) and list(cls):
            self._check_members(cls, loc)
            return EnumT(
                cls.__name__, tuple(m.name for m in cls), ordered=issubclass(cls, OrderedEnum)
            )
        if issubclass(cls, Domain) and cls is not Domain:
            return DomainT(cls.__name__, cls.symmetric, cls.label)
        if issubclass(cls, Word) and cls is not Word:
            return self._word(cls, loc)
        if issubclass(cls, Record) and cls is not Record:
            return self._record(cls, loc)
        if issubclass(cls, Shared) and cls is not Shared:
            return SharedT(cls.__name__, self._shared(cls, loc))
        return self._wrong(says.no_type(cls.__name__), loc)

    def _generic(self, hint: Any, loc: Loc) -> Type:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            bounds = [a for a in args[1:] if isinstance(a, Between)]
            if args[0] is not int or not bounds:
                return self.read(args[0], loc)
            low, high = bounds[0].low, bounds[0].high
            if low > high:
                return self._wrong(says.no_integer_between(low, high), loc)
            return IntT(low, high)
        if origin is Map and len(args) == 2:
            return self._map(self.read(args[0], loc), self._inner(args[1], loc), loc)
        if origin is Set and len(args) == 1:
            element = self.read(args[0], loc)
            if isinstance(element, DomainT | EnumT):
                return SetT(element)
            return element if element == ERROR else self._wrong(says.set_type_of(element), loc)
        if origin in (Union, pytypes.UnionType):
            inner = [a for a in args if a is not type(None)]
            if len(inner) == 1 and len(args) == 2:
                t = self.value(inner[0], loc)
                return t if t == ERROR else OptionalT(t)
        if origin is tuple:
            return TupleT(tuple(self.value(a, loc) for a in args))
        return self._wrong(says.no_type(_shown(hint)), loc)

    def _map(self, key: Type, value: Type, loc: Loc) -> Type:
        if isinstance(key, DomainT):
            return value if value == ERROR else MapT(key, value)
        return key if key == ERROR else self._wrong(says.map_from(key), loc)

    def _fields(self, cls: type, kind: type, loc: Loc) -> Iterator[tuple[str, Any, Loc]]:
        """Yield name, annotation and place of each field of a class of a `kind` such as Word.

        `loc` is for want of a better place. Notes a name that all of the kind have.
        """
        loc = class_location(cls) or loc
        for name, hint in hints_of(cls, loc, self.mistakes).items():
            if not (hint is typing.ClassVar or get_origin(hint) is typing.ClassVar):
                where = field_location(cls, name) or loc
                self._check_own(cls, kind, name, where)
                yield name, hint, where

    def _check_own(self, cls: type, kind: type, name: str, loc: Loc) -> None:
        """Note a part of a class that has the name of something all of its kind have."""
        if any(name in vars(c) for c in kind.__mro__):
            message = says.name_of_its_kind(cls.__name__, name, kind.__name__)
            self.mistakes.note(message, loc)

    def _check_members(self, cls: type[enum.Enum], loc: Loc) -> None:
        for name, member in cls.__members__.items():
            where = field_location(cls, name) or class_location(cls) or loc
            self._check_own(cls, enum.Enum, name, where)
            if member.name != name:
                message = says.alias_of_member(cls.__name__, name, member.name)
                self.mistakes.note(message, where)

    def _shared(self, cls: type[Shared], loc: Loc) -> dict[str, Type]:
        fields = {}
        for name, hint, where in self._fields(cls, Shared, loc):
            fields[name] = self._inner(hint, where)
            if name in vars(cls):
                self.mistakes.note(says.shared_field_with_value(cls.__name__, name), where)
        if not fields:
            self._without_fields(cls, "fields", "name: bool", loc)
        return fields

    def _without_fields(self, cls: type, what: str, like: str, loc: Loc) -> Type:
        return self._wrong(says.no_fields(cls.__name__, what, like), class_location(cls) or loc)

    def _word(self, cls: type[Word], loc: Loc) -> Type:
        fields = []
        taken: dict[tuple[str, int], str] = {}
        for name, hint, where in self._fields(cls, Word, loc):
            info = cls.__dict__.get(name)
            if not isinstance(info, BitInfo) or hint is not bool:
                if hint is not UNREADABLE:
                    self.mistakes.note(says.no_bit(cls.__name__, name), where)
                fields.append(FieldT(name, BOOL, name))
                continue
            self._check_positions(cls, name, info, taken, where)
            fields.append(
                FieldT(name, BOOL, info.label or name, dict(info.positions), info.default)
            )
        # A bit without an annotation is one that the editor does not know.
        names = [f.name for f in fields]
        for name in cls.bit_names():
            if name not in names:
                message = says.bit_without_type(cls.__name__, name)
                self.mistakes.note(message, field_location(cls, name) or loc)
                fields.append(FieldT(name, BOOL, name))
        if not fields:
            return self._without_fields(cls, "bits", "name: bool = Bit(x86=0)", loc)
        return RecordT(cls.__name__, tuple(fields), word=True)

    def _check_positions(
        self,
        cls: type,
        name: str,
        info: BitInfo,
        taken: dict[tuple[str, int], str],
        loc: Loc,
    ) -> None:
        """Note where a bit has a position that is none, or is `taken`; take those that it has."""
        for form, bit in info.positions.items():
            if not (isinstance(bit, int) and 0 <= bit < _WORD_SIZE):
                message = says.no_such_position(cls.__name__, name, form, bit, _WORD_SIZE)
                self.mistakes.note(message, loc)
                continue
            other = taken.setdefault((form, bit), name)
            if other != name:
                message = says.position_taken(cls.__name__, other, name, bit, form)
                self.mistakes.note(message, loc)

    def _record(self, cls: type[Record], loc: Loc) -> Type:
        if cls in self._reading:
            return self._wrong(says.contains_itself(cls.__name__), class_location(cls) or loc)
        self._reading.append(cls)
        fields = []
        for name, hint, where in self._fields(cls, Record, loc):
            t = self.value(hint, where)
            value = self._default(f"{cls.__name__}.{name}", t, getattr(cls, name, None), where)
            fields.append(FieldT(name, t, cls.labels.get(name, name), {}, value))
        self._reading.remove(cls)
        if not fields:
            return self._without_fields(cls, "fields", "name: bool = False", loc)
        return RecordT(cls.__name__, tuple(fields))

    def _default(self, name: str, t: Type, given: Any, loc: Loc) -> Value:
        """Return the default of a record's field; None for that of its type, or a wrong one."""
        if t == ERROR:
            return None
        if given is None:
            if isinstance(t, BoolT | IntT | EnumT):
                self.mistakes.note(says.no_default(name), loc)
            if isinstance(t, DomainT):
                self.mistakes.note(says.no_first_element(name, t), loc)
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
        self.mistakes.note(says.wrong_default(name, t, _written(given)), loc)
        return None


class _Unreadable:
    """Stands for an annotation that cannot be evaluated, which is noted already."""


UNREADABLE = _Unreadable()


def hints_of(thing: type | Callable[..., Any], loc: Loc, mistakes: Mistakes) -> Mapping[str, Any]:
    """Return the evaluated annotations of a class or function, UNREADABLE for those that fail.

    What is wrong is noted, at `loc` for want of a better place.
    """
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except Exception:
        # One of them cannot be evaluated, or several.
        found = {}
        for owner in reversed(thing.__mro__) if isinstance(thing, type) else (thing,):
            names = vars(sys.modules.get(owner.__module__, typing))
            for name, hint in getattr(owner, "__annotations__", {}).items():
                found[name] = _hint(thing, name, hint, names, loc, mistakes)
        return found


def _hint(
    thing: type | Callable[..., Any],
    name: str,
    hint: Any,
    names: Mapping[str, Any],
    loc: Loc,
    mistakes: Mistakes,
) -> Any:
    """Return an annotation, evaluated with `names`; note what is wrong with it."""
    alone = pytypes.SimpleNamespace(__annotations__={name: hint})
    try:
        return typing.get_type_hints(alone, dict(names), include_extras=True)[name]
    except NameError as e:
        message = says.annotation_names_nothing(e.name, names)
    except Exception as e:
        wrong = wrong_call(str(e))
        message = says.wrong_annotation(*wrong) if wrong else says.unreadable_annotation(e)
    mistakes.note(message, _annotation_location(thing, name) or loc)
    return UNREADABLE


def class_location(cls: type) -> Loc | None:
    """Return the line of a class's definition; None where there is no source."""
    found = class_definition(cls)
    return Loc(found[0], found[1].lineno) if found is not None else None


def _annotation_location(thing: type | Callable[..., Any], name: str) -> Loc | None:
    """Return where a class or function has its annotation of a field, parameter or "return"."""
    if isinstance(thing, type):
        return field_location(thing, name)
    file, node = definition(thing)
    found = next((a for a in node.args.args if a.arg == name), None)
    at = found if found is not None else node.returns
    return location(file, at) if at is not None else None


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


def _shown(hint: Any) -> str:
    """Return an annotation as it is written, without the modules."""
    return re.sub(r"\b(\w+\.)+(?=\w)", "", repr(hint))
