"""KT3: messages about names, values and expressions."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from kvmtla.errors import did_you_mean
from kvmtla.errors.message import Message
from kvmtla.front.hints import members, operators, towards
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    MapT,
    RecordT,
    SharedT,
    Type,
)

_CHANGES = "words and records have but(...)"


def unknown_name(name: str, known: Iterable[str]) -> Message:
    """Say that a name means nothing here."""
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    hint = f"did you mean {near[0]!r}?" if near else None
    return Message(
        "KT301",
        f"unknown name {name!r}",
        hint or "define it, import it, or take it as a parameter",
    )


def nothing_in_module(module: str, name: str, known: Iterable[str]) -> Message:
    """Say that a module has nothing of a name."""
    names = [n for n in known if not n.startswith("_")]
    return Message("KT301", f"module {module} has no {name!r}", did_you_mean(name, names))


def unknown_type(name: str, hint: str) -> Message:
    """Say that a name, which is like that of a type, is unknown."""
    return Message("KT301", f"there is no {name}", hint)


def no_such_field(of: object, name: str | None, known: Iterable[str]) -> Message:
    """Say that `of` has no field of a name."""
    return Message("KT302", f"{of} has no field {name!r}", did_you_mean(name or "", known))


def has_no_fields(t: Type) -> Message:
    """Say that values of a type have no fields."""
    return Message(
        "KT303",
        f"{t} has no fields",
        "name an element of it first: x[...].field"
        if isinstance(t, MapT)
        else "only words, records and the shared state have fields",
    )


def no_method(name: str) -> Message:
    """Say that there is no method of a name."""
    return Message("KT303", f"there is no method {name!r}", _CHANGES)


def has_no_but(t: Type) -> Message:
    """Say that values of a type cannot be changed by but()."""
    return Message("KT303", f"{t} has no but()", _CHANGES)


def no_member(enum: str, name: str, known: Iterable[str]) -> Message:
    """Say that an enumeration has no member of a name."""
    return Message("KT304", f"{enum} has no member {name!r}", did_you_mean(name, known))


def another_shared_state(wanted: SharedT | None, here: SharedT | None) -> Message:
    """Say that a function about another shared state is called."""
    return Message(
        "KT305",
        f"{wanted} is wanted, this is {here}",
        "a scenario has one shared state: functions that call each other share it",
    )


def may_be_none(want: Type | None = None) -> Message:
    """Say that something may be None, where a value is wanted (a `want`, if that is known)."""
    said = f", and {want} is wanted" if want is not None else ""
    return Message("KT306", f"this may be None{said}", "test it with `is not None` first")


def another_type(want: Type, have: Type) -> Message:
    """Say that a value of one type is wanted, and one of another is there."""
    return Message("KT306", f"{want} is wanted, this is {have}", towards(want, have))


def identity(sign: str) -> Message:
    """Say that `is` compares something else than None."""
    return Message("KT307", "`is` asks for None only", f"compare values with {sign}")


def never_none(t: Type) -> Message:
    """Say that a test for None has only one outcome."""
    return Message("KT307", f"{t} is never None", f"remove the test, or make its type {t} | None")


def compared_with(t: Type, u: Type) -> Message:
    """Say that values of two types are compared."""
    word = any(isinstance(v, RecordT) and v.word for v in (t, u))
    hint = f"compare it with {members(t)}" if isinstance(t, EnumT) else f"both have to be a {t}"
    if word and any(isinstance(v, BoolT | IntT) for v in (t, u)):
        hint = "a word is a condition by itself: true when any of its bits is"
    return Message("KT308", f"{t} is compared with {u}", hint)


def no_order(t: Type, u: Type) -> Message:
    """Say that values of two types are compared by their order, which they do not have."""
    hint = "compare them with == and !=, or one of their fields"
    if isinstance(t, EnumT):
        hint = "derive it from OrderedEnum"
    if isinstance(t, DomainT):
        hint = "elements of a Domain compare with == and != only"
    return Message("KT309", f"{t} and {u} have no order", hint)


def operator_of_one(sign: str, t: Type) -> Message:
    """Say that an operator with one operand does not apply to a type."""
    return Message("KT310", f"{sign} does not apply to {t}", operators(t))


def operator_of_two(sign: str, t: Type, u: Type) -> Message:
    """Say that an operator with two operands does not apply to two types."""
    return Message("KT310", f"{sign} does not apply to {t} and {u}", operators(t))


def cannot_be_indexed(t: Type) -> Message:
    """Say that values of a type are indexed."""
    return Message("KT311", f"{t} cannot be indexed", "only a Map can")


def not_in_a_display(items: str) -> Message:
    """Say that `in` has a Python collection of `items` on its right."""
    return Message("KT312", "`in` wants a Set on its right", f"Set({{{items}}})")


def not_in(t: Type, left: str, right: str) -> Message:
    """Say that `in` has a value of a type on its right that has no elements."""
    return Message(
        "KT312",
        f"`in` wants a Set on its right, this is {t}",
        f"index it: {right}[{left}]" if isinstance(t, MapT) else "compare with == or !=",
    )


def loop_is_over(name: str) -> Message:
    """Say that the variable of a loop is read after the loop."""
    return Message(
        "KT313",
        f"{name!r} runs over a loop that is over",
        f"keep what is wanted of it in a local of its own: last = {name}",
    )


def read_before_set(name: str) -> Message:
    """Say that a local may have no value yet."""
    return Message(
        "KT313",
        f"{name!r} may be read here before it is set",
        "give it a value on every path that leads here",
    )


def two_types_of_local(name: str, known: Type, want: Type) -> Message:
    """Say that a local is annotated as something else than it is."""
    return Message(
        "KT314",
        f"{name!r} is a {known} elsewhere, here a {want}",
        "give one of them another name",
    )


def none_of_what(name: str) -> Message:
    """Say that a local's first value is None, from which its type is not known."""
    return Message(
        "KT315", "None of what type?", f"{name}: ... | None = None, with the type of the value"
    )


def empty_set_of_what() -> Message:
    """Say that nothing tells the type of an empty set's elements."""
    return Message("KT315", "an empty Set of what?", "annotate the variable it goes to")


def type_is_no_value(text: str, can_be_chosen: bool) -> Message:
    """Say that a type stands where a value is wanted."""
    hint = f"choose({text}) is any one of them" if can_be_chosen else None
    return Message("KT316", f"{text} is a type, not a value", hint)


def function_is_no_value(text: str) -> Message:
    """Say that a function stands where a value is wanted."""
    return Message("KT316", f"{text} is a function, not a value", f"call it: {text}(...)")


def local_is_called(name: str) -> Message:
    """Say that a local is called like a function."""
    return Message(
        "KT316", f"{name!r} is a local here, not a function", "give the local another name"
    )


def python_value(text: str, kind: str) -> Message:
    """Say that a name means a Python value of a kind that a spec cannot hold."""
    return Message(
        "KT317",
        f"{text} is a Python {kind}, which no expression can hold",
        "use a parameter, a local, a constant of the scenario, an Enum's member or a word",
    )


def literal(value: object) -> Message:
    """Say that a literal has no place in a spec."""
    number = isinstance(value, float | complex)
    hint = "numbers are integers" if number else "use an enumeration's member for a name"
    return Message("KT317", f"{value!r} has no place in a spec", hint)


def makes_nothing(cls: type) -> Message:
    """Say that a class is called that makes no value of a spec."""
    return Message(
        "KT317",
        f"{cls.__name__}(...) makes nothing that a spec can hold",
        _CONVERSIONS.get(cls, "make it in the module, and give it a name there"),
    )


_CONVERSIONS: dict[type, str] = {
    bool: "a word is a condition by itself: `if word`, or ask for one of its fields",
    int: "1 if ... else 0",
}


def too_many_arguments(what: str, names: Sequence[str], here: int) -> Message:
    """Say that a call has too many arguments; `names` are the parameters."""
    number = "1 argument" if len(names) == 1 else f"{len(names)} arguments"
    return Message("KT318", f"{what} takes {number}, here are {here}", _call_like(what, names))


def no_such_parameter(what: str, name: str, known: Sequence[str]) -> Message:
    """Say that a call names a parameter that does not exist."""
    return Message("KT318", f"{what} has no parameter {name!r}", did_you_mean(name, known))


def given_twice(name: str) -> Message:
    """Say that a call has an argument twice."""
    return Message("KT318", f"{name!r} is given twice", "leave one of them out")


def arguments_missing(
    what: str, missing: Sequence[str], names: Sequence[str], hint: str | None
) -> Message:
    """Say which arguments a call lacks; without a `hint`, it is shown what the call is like."""
    return Message(
        "KT318",
        f"{what} also wants {' and '.join(map(repr, missing))}",
        hint or _call_like(what, names),
    )


def _call_like(what: str, names: Sequence[str]) -> str:
    return f"{what[:-2]}({', '.join(names)})"


def fields_by_name(t: RecordT, text: str) -> Message:
    """Say that the fields of a word or record are given by name; `text` is what is given."""
    return Message("KT319", f"the fields of {t} are given by name", f"{t.fields[0].name}={text}")


def map_is_made_from_all() -> Message:
    """Say that a Map is made in another way than from all of a domain."""
    return Message("KT320", "a Map is made from all of its domain", "Map({g: value for g in Gfn})")


def key_of_a_map(domain: Type) -> Message:
    """Say that the key in a Map's comprehension is not its variable."""
    return Message(
        "KT320",
        "the key is the variable that runs over the domain",
        f"Map({{x: ... for x in {domain}}})",
    )


def element_of_a_set(domain: Type) -> Message:
    """Say that the element in a Set's comprehension is not its variable."""
    return Message(
        "KT320",
        "the element is the variable that runs over the domain",
        f"Set({{x for x in {domain} if ...}})",
    )


def how_a_set_is_made() -> Message:
    """Say that a Set is made from something that is neither elements nor a domain."""
    return Message(
        "KT320",
        "a Set is made from elements, or from its domain",
        "Set({a, b}), or Set({g for g in Gfn if ...})",
    )


def neither_domain_nor_enum(text: str, hint: str) -> Message:
    """Say that something is run over, or chosen from, that cannot be."""
    return Message("KT321", f"{text} is neither a Domain nor an Enum", hint)


def loop_over_enum(domain: Type) -> Message:
    """Say that a loop runs over an Enum."""
    return Message(
        "KT321",
        f"{domain} is an Enum: a loop runs over a Domain",
        "write what is done for each member, one after the other",
    )


def quantifier_without_domain(kind: str) -> Message:
    """Say that all() or any() has something else than a generator."""
    return Message(
        "KT322", f"{kind}() wants `... for x in Domain`", f"{kind}(... for x in Gfn if ...)"
    )


def call_without_value(name: str) -> Message:
    """Say that the value of a call is used that has none."""
    return Message("KT323", f"{name}() has no value", "call it on a line of its own")


def number_of_results(name: str, here: int, taken: int, flagged: bool) -> Message:
    """Say that another number of results is taken; `flagged` if a flag comes with the value."""
    number = "1 result" if here == 1 else f"{here} results"
    return Message(
        "KT323",
        f"{name}() gives {number}, {'1 is' if taken == 1 else f'{taken} are'} taken",
        "ok, old = try_cmpxchg(...)"
        if flagged
        else f"{', '.join('abcdefgh'[:here])} = {name}(...)",
    )


def only_calls_are_unpacked() -> Message:
    """Say that something is taken apart that is no call with several results."""
    return Message(
        "KT324",
        "only the results of a call are taken apart",
        "write one assignment for each",
    )


def results_go_to_names() -> Message:
    """Say that results of a call go to something else than names."""
    return Message(
        "KT324",
        "the results of a call go to names",
        "give each a name of its own, and store it then",
    )


def name_is_taken(name: str, meaning: str, instead: str) -> Message:
    """Say that a variable is called like something else; `instead` is code with a free name."""
    return Message(
        "KT325",
        f"{name!r} is {meaning} already",
        f"give the variable a name of its own: {instead}",
    )
