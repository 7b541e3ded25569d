"""Names that cannot stand in a module are refused, with a place; all others can be used.

Those that can be used, though they look dangerous, are in `specs/hazards.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.emit.names import Scope
from kvmtla.errors import SpecError
from support.specs import HEADER, load, modules, project_of

SPEC = """
class One(Domain, symmetric=True):
    pass

class Kind(Enum):
    FIRST = 1
    B = 2

class State(Shared):
    field: bool
    kind: Kind
    ones: Map[One, bool]

@operation()
def op(m: State, one: One, kind: Kind) -> None:
    WRITE_ONCE(m.kind, kind)
    WRITE_ONCE(m.ones[one], READ_ONCE(m.field))
    WRITE_ONCE(m.field, READ_ONCE(m.ones[one]))

@initial
def first(m: State) -> None:
    m.field = True

@invariant
def prop(m: State) -> bool:
    return m.field and m.kind == Kind.FIRST and all(m.ones[one] for one in One)

world = Scenario("scenario", "d", machine=State, sizes={One: 2}, initial=first,
                 actors=[Actor("actor", op)])
"""


def _said(folder: Path, old: str, new: str) -> str:
    assert old in SPEC
    text = HEADER + SPEC.replace(old, new)
    with pytest.raises(SpecError) as error:
        modules(project_of(load(folder, text)), folder)
    return error.value.message


@pytest.mark.parametrize("old", ["One", "Kind", "field", "prop"])
@pytest.mark.parametrize("new", ["SUBSET", "ONLY", "Nat", "Next", "TypeOK", "Permutations"])
def test_words_of_the_module(tmp_path: Path, old: str, new: str) -> None:
    assert _said(tmp_path, old, new).endswith(f"is called as a word of TLA+ is: {new}")


def test_a_field_is_shown_where_it_is_declared(tmp_path: Path) -> None:
    text = HEADER + SPEC.replace("field", "Next")
    with pytest.raises(SpecError, match=r"\| {5}Next: bool\n +\| {5}\^{10}\n"):
        modules(project_of(load(tmp_path, text)), tmp_path)


@pytest.mark.parametrize("old", ["One", "Kind", "field", "prop"])
@pytest.mark.parametrize("new", ["WF_x", "SF_x", "größe", "__"])
def test_words_that_tla_does_not_know(tmp_path: Path, old: str, new: str) -> None:
    assert _said(tmp_path, old, new).endswith(f"has a name that TLA+ does not know: {new}")


@pytest.mark.parametrize("new", ["LET", "ONLY", "_", "WF_x", "ä"])
def test_members(tmp_path: Path, new: str) -> None:
    assert _said(tmp_path, "FIRST", new).endswith("has a name that TLA+ does not know")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("field", "actor_pc", "two variables of scenario 'scenario' are called 'actor_pc'"),
        ("field", "one0", "a shared field is called as an element of One is: one0"),
        ("prop", "one1", "a function is called as an element of One is: one1"),
        ("field", "prop", "a function is called as a shared field is: prop"),
        ("Kind", "field", "a shared field is called as a type is: field"),
        ("scenario", "TLC", "a module of TLA+ cannot be called TLC"),
        ("scenario", "LET", "a module of TLA+ cannot be called LET"),
    ],
)
def test_two_things_of_one_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert _said(tmp_path, old, new) == said


def test_elements_of_two_domains_are_not_called_the_same(tmp_path: Path) -> None:
    # One and ONE: the elements of both would be one0 and one1.
    more = "class ONE(Domain, symmetric=True):\n    pass\n\n"
    more += "class State(Shared):\n    o: Map[ONE, bool]"
    text = SPEC.replace("class State(Shared):", more).replace("{One: 2}", "{One: 2, ONE: 2}")
    text = text.replace("m.field and", "m.field and all(m.o[o] for o in ONE) and")
    text = text.replace("one: One,", "one: One, o: ONE,").replace(
        "    WRITE_ONCE(m.kind, kind)", "    WRITE_ONCE(m.kind, kind)\n    set_bit(m.o[o])"
    )
    with pytest.raises(SpecError) as error:
        modules(project_of(load(tmp_path, HEADER + text)), tmp_path)
    assert error.value.message.startswith("an element of ")


@pytest.mark.parametrize("name", ["_", "__", "WF_x", "SF_", "größe", "ä"])
def test_bound_variables_get_a_name_that_can_be_used(name: str) -> None:
    scope, first = Scope({"x_1"}).bind(f"{name}#1")
    _, second = scope.bind(f"{name}#2")
    assert (first, second) == ("x", "x_2")


def test_bound_variables_keep_their_names_where_they_can() -> None:
    scope, first = Scope({"vars", "LET"}).bind("vars#1")
    scope, second = scope.bind("vars#2")
    assert (first, second) == ("v", "vars_1")
    assert scope.bind("_vars#3")[1] == "_vars"
    assert scope.bind("LET#4")[1] == "L"
