"""KT1: messages about types, fields and constants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvmtla.errors import Loc, did_you_mean
from kvmtla.errors.message import Message
from kvmtla.front.hints import default_like
from kvmtla.ir.types import Type

_TYPES = (
    "use bool, Annotated[int, Between(...)], an Enum, a Domain, Word or Record, Map, Set, RwLock, "
    "or X | None"
)


def no_type(shown: object) -> Message:
    """Say that something is not a type of the language."""
    return Message("KT101", f"{shown} is not a type of the language", _TYPES)


def no_type_of_a_value(t: Type) -> Message:
    """Say that no value has the type `t`, as None and the shared state."""
    return Message("KT101", f"{t} is not the type of a value", _TYPES)


def integer_without_bounds() -> Message:
    """Say that `int` alone is no type."""
    return Message("KT102", "an integer without bounds", "write Annotated[int, Between(low, high)]")


def no_integer_between(low: int, high: int) -> Message:
    """Say that the bounds of an integer are the wrong way round."""
    return Message(
        "KT102",
        f"no integer lies between {low} and {high}",
        f"write Between({high}, {low})",
    )


def local_without_bounds(name: str, only: Type) -> Message:
    """Say that a local that counts has a type with one value only."""
    return Message(
        "KT102",
        f"{name!r} has no bounds: its first value is {only}",
        f"{name}: Annotated[int, Between(low, high)] = ...",
    )


def map_from(key: Type) -> Message:
    """Say that a Map cannot go from a type."""
    return Message("KT103", f"a map from {key}", "maps go from a Domain")


def set_type_of(element: Type) -> Message:
    """Say that a type of sets has elements of the wrong type."""
    return Message("KT103", f"a set of {element}", "sets are of a Domain or Enum")


def set_of(element: Type) -> Message:
    """Say that a set is made of elements of the wrong type."""
    return Message("KT103", f"a Set of {element}", "sets are of a Domain or an Enum")


def lock_as_value(t: Type) -> Message:
    """Say that a lock cannot be kept or passed on."""
    return Message(
        "KT104",
        f"{t} is not a value that can be kept or passed on",
        "a RwLock is a field of the shared state, or a Map of them is",
    )


def unknown_name_in_annotation(name: str, known: Iterable[str]) -> Message:
    """Say that the annotation of a local names something that does not exist."""
    return Message("KT105", f"unknown name {name!r}", did_you_mean(name, known))


def annotation_names_nothing(name: str | None, known: Iterable[str]) -> Message:
    """Say that an annotation of a field or parameter names something that does not exist."""
    names = ["bool", *(n for n in known if not n.startswith("_"))]
    return Message(
        "KT105",
        f"an annotation names {name!r}, which does not exist",
        did_you_mean(name or "", names),
    )


def unreadable_local_annotation(why: object) -> Message:
    """Say that Python cannot evaluate the annotation of a local."""
    return Message(
        "KT105",
        f"this annotation cannot be read: {why}",
        "an annotation is one type, such as bool, a class of the spec, or X | None",
    )


def unreadable_annotation(why: object) -> Message:
    """Say that Python cannot evaluate an annotation."""
    return Message("KT105", f"an annotation cannot be read: {why}", "write one type")


def wrong_annotation(text: str, hint: str | None) -> Message:
    """Say what is wrong in an annotation that makes a type with the wrong arguments."""
    return Message("KT105", text, hint)


def no_bit(cls: str, name: str) -> Message:
    """Say that a field of a word is not declared with Bit."""
    return Message("KT106", f"{cls}.{name} is not a bit", f"write {name}: bool = Bit(...)")


def bit_without_type(cls: str, name: str) -> Message:
    """Say that a bit has no annotation."""
    return Message("KT106", f"{cls}.{name} has no type", f"write {name}: bool = Bit(...)")


def no_such_position(cls: str, name: str, form: str, bit: object, size: int) -> Message:
    """Say that a word has no bit at a position."""
    return Message(
        "KT107",
        f"{cls}.{name}: there is no bit {bit!r} in a word of {size}",
        f"give it a number from 0 to {size - 1}: Bit({form}=5)",
    )


def position_taken(cls: str, other: str, name: str, bit: int, form: str) -> Message:
    """Say that two bits have one position."""
    return Message(
        "KT107",
        f"{cls}: {other} and {name} are both bit {bit} of {form}",
        "give one of them another position",
    )


def no_default(field: str) -> Message:
    """Say that a field of a record, given with its class, needs a default."""
    return Message(
        "KT108", f"{field} has no default", f"write {field.rpartition('.')[2]}: ... = ..."
    )


def no_first_element(field: str, domain: Type) -> Message:
    """Say that a field of a record is of a Domain, which has no default."""
    return Message(
        "KT108",
        f"{field} has no default: no {domain} comes before the others",
        f"write {field.rpartition('.')[2]}: {domain} | None = None",
    )


def wrong_default(field: str, t: Type, written: str) -> Message:
    """Say that the default of a record's field is of another type."""
    return Message("KT109", f"{field} is of type {t}, its default is {written}", default_like(t))


def no_fields(cls: str, what: str, like: str) -> Message:
    """Say that a class has none of `what` it consists of; `like` is one of them."""
    return Message("KT110", f"{cls} has no {what}", like)


def contains_itself(cls: str) -> Message:
    """Say that a record has a field of its own type."""
    return Message(
        "KT111",
        f"{cls} contains itself",
        "hold an element of a Domain here, and what belongs to it in a Map",
    )


def shared_field_with_value(cls: str, name: str) -> Message:
    """Say that a field of the shared state has a value in its class."""
    return Message(
        "KT112",
        f"{cls}.{name} has a value",
        "what it begins with is said in the function decorated with @initial",
    )


def two_types(name: str, other: Loc | None) -> Message:
    """Say that two types have one name."""
    where = f", or the one at {other.file}:{other.line}" if other is not None else ""
    return Message("KT113", f"there are two types called {name}", f"rename this one{where}")


def alias_of_member(cls: str, name: str, other: str) -> Message:
    """Say that a member of an enumeration has the value of another one."""
    return Message(
        "KT114",
        f"{cls}.{name} is only another name for {cls}.{other}",
        "give each member a value of its own",
    )


def label_of_nothing(cls: str, name: str, untyped: bool, fields: Mapping[str, Type]) -> Message:
    """Say that there is a label for what is no field; `untyped` if only its annotation lacks."""
    return Message(
        "KT115",
        f"{cls}.labels names {name!r}, which is not a field",
        f"it has no type: write {name}: bool, for example"
        if untyped
        else did_you_mean(name, fields),
    )


def constant_of(name: str, t: Type) -> Message:
    """Say that a constant is not of an enumeration."""
    return Message(
        "KT116", f"constant {name!r} is a {t}, not an enumeration", "list what it can be in an Enum"
    )


def nameless_span() -> Message:
    """Say that a span is not assigned to a name."""
    return Message("KT117", "this span has no name", "assign it to a name of the module")


def span_over(parameter: str, t: Type) -> Message:
    """Say that the parameter of a span is not of a Domain."""
    return Message(
        "KT117", f"a span's parameter is of a Domain, not {t}", f"{parameter}=... names a Domain"
    )


def name_of_its_kind(cls: str, name: str, kind: str) -> Message:
    """Say that a part of a class is called like what every class of its kind has."""
    return Message(
        "KT119",
        f"{cls}.{name} is called like what every {kind} has",
        f"give it another name, such as {name.strip('_')}_",
    )
