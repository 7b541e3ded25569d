"""What Python says where a reading of a specification can go wrong: small ones, answers by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.oracle import Budget, DoesNotFitError, Questions, explore, run_file

HEADER = """\
from enum import Enum
from typing import Annotated
from kvmtla import *

Count = Annotated[int, Between(0, 2)]
class Page(Domain): "A page."
class Cpu(Domain, symmetric=True): "A CPU."
class Pte(Word):
    young: bool = Bit(x86=5)
    dirty: bool = Bit(x86=6)
class Mode(Enum):
    FAST = "gcc-12"
    SLOW = "gcc.12"
mode = constant("mode", Mode)
class M(Shared):
    n: Count
    k: Count
    flag: bool
    other: bool
    pte: Map[Page, Pte]
    owner: Page | None
    one: RwLock
    two: RwLock
@initial
def first(m: M) -> None:
    m.n = 0
"""


def asked(
    folder: Path, text: str, actors: str, hardware: str = "", **constants: str
) -> tuple[Questions, dict[str, bool]]:
    """What can be asked of a specification, and whether each of its properties is violated."""
    file = folder / "spec.py"
    world = (
        f'world = Scenario("world", "All.", machine=M, sizes={{Page: 2, Cpu: 2}}, initial=first, '
        f"actors=[{actors}], hardware=[{hardware}])\n"
    )
    file.write_text(f"{HEADER}{text}\n{world}", encoding="utf-8")
    spec = run_file(file)
    made = spec.world("world", {"mode": "FAST", **constants})
    questions = Questions(made, explore(made, Budget(5000, 20)))
    return questions, {n: questions.ask(p).violated for n, p in spec.properties.items()}


def test_one_step_code_is_evaluated_in_the_order_of_python(tmp_path: Path) -> None:
    text = """
@atomic()
def take(m: M) -> Count:
    old = m.n
    m.n = 0
    return old
@atomic()
def both(m: M) -> None:
    m.n = 1
    m.flag = m.n == take(m)
    m.n = 1
    m.other = take(m) == m.n
@operation()
def op(m: M) -> None:
    both(m)
@reachable
def read_first(m: M) -> bool:
    return m.flag
@reachable
def taken_first(m: M) -> bool:
    return m.other
"""
    _, found = asked(tmp_path, text, 'Actor("a", op)')
    assert found == {"read_first": True, "taken_first": False}


def test_a_value_that_was_read_stays_what_it_was(tmp_path: Path) -> None:
    text = """
@atomic()
def change(m: M, page: Page) -> None:
    old = m.pte[page]
    whole = m.pte
    m.pte[page].dirty = True
    m.flag = old.dirty or whole[page].dirty
    m.other = m.pte[page].dirty
@operation()
def op(m: M, page: Page) -> None:
    change(m, page)
@reachable
def changed_with_it(m: M) -> bool:
    return m.flag
@reachable
def changed(m: M) -> bool:
    return m.other
"""
    _, found = asked(tmp_path, text, 'Actor("a", op, times=1)')
    assert found == {"changed_with_it": False, "changed": True}


def test_each_access_is_a_step_and_nothing_else_is(tmp_path: Path) -> None:
    text = """
@operation()
def count(m: M) -> None:
    n = READ_ONCE(m.n)
    if n < 2:
        WRITE_ONCE(m.n, n + 1)
@operation()
def atomically(m: M) -> None:
    with write_lock(m.one):
        n = READ_ONCE(m.n)
        if n < 2:
            WRITE_ONCE(m.n, n + 1)
            set_bit(m.flag)
@reachable
def both_counted(m: M) -> bool:
    return m.n == 2
@reachable
def seen_between(m: M) -> bool:
    return m.n == 1 and held_for_write(m.one) and not m.flag
@reachable
def held_and_done(m: M) -> bool:
    return m.flag and held_for_write(m.one)
"""
    lost, found = asked(tmp_path, text, 'Actor("a", count, times=1), Actor("b", count, times=1)')
    assert found["both_counted"]
    # By where each is (idle, has read 0 or 1, done) and n: II0, RI0 and IR0, RR0, DI1 and ID1,
    # DR1 and RD1 with 0 read, the same with 1 read, DD1, DD2.
    assert len(lost.graph.moments) == 12
    _, found = asked(tmp_path, text, 'Actor("a", atomically, times=1)')
    assert found == {"both_counted": False, "seen_between": True, "held_and_done": True}


def test_a_step_invariant_is_about_what_is_written_in_it(tmp_path: Path) -> None:
    text = """
@operation()
def op(m: M) -> None:
    WRITE_ONCE(m.n, 1)
    set_bit(m.other)
@pure
def armed(m: M) -> bool:
    return m.flag
@step_invariant
def changes_while_armed(before: M, after: M) -> bool:
    return before.flag and before.n <= after.n
@step_invariant
def by_a_function(before: M, after: M) -> bool:
    return armed(before) and armed(after)
@step_invariant
def fine(before: M, after: M) -> bool:
    return before.k == after.k and not before.flag
"""
    _, found = asked(tmp_path, text, 'Actor("a", op)')
    assert found == {"changes_while_armed": True, "by_a_function": False, "fine": False}


LOCKS = """
@operation()
def ab(m: M) -> None:
    with write_lock(m.one):
        with write_lock(m.two):
            set_bit(m.flag)
@operation()
def ba(m: M) -> None:
    with write_lock(m.two), write_lock(m.one):
        clear_bit(m.flag)
@hardware("tick")
def tick(m: M) -> None:
    m.other = not m.other
@atomic()
def inner(m: M) -> None:
    require(m.flag)
@atomic()
def outer(m: M) -> None:
    inner(m)
@operation()
def waits(m: M) -> None:
    set_bit(m.other)
    outer(m)
@operation()
def waits_first(m: M) -> None:
    outer(m)
@operation()
def spins(m: M) -> None:
    set_bit(m.other)
    while not test_bit(m.flag):
        pass
@operation()
def helps(m: M) -> None:
    set_bit(m.flag)
"""


@pytest.mark.parametrize(
    ("actors", "who"),
    [
        ('Actor("a", ab), Actor("b", ba)', ["a", "b"]),
        ('Actor("a", ab), Actor("b", ab)', []),
        ('Actor("a", waits)', ["a"]),
        ('Actor("a", waits), Actor("b", helps)', []),
        # Who waits for its first step has not begun.
        ('Actor("a", waits_first)', []),
        # Who goes round takes steps.
        ('Actor("a", spins)', []),
    ],
)
def test_who_can_never_go_on_is_stuck(tmp_path: Path, actors: str, who: list[str]) -> None:
    for hardware in ("", "tick"):
        questions, _ = asked(tmp_path, LOCKS, actors, hardware)
        assert questions.stuck == who


BOUNDS = """
@operation()
def field(m: M) -> None:
    n = READ_ONCE(m.n)
    WRITE_ONCE(m.n, n + 1)
@operation()
def local(m: M) -> None:
    j: Count = 0
    while not test_bit(m.flag):
        j += 1
    WRITE_ONCE(m.k, 1 if j > 1 else 0)
"""


@pytest.mark.parametrize(("operation", "name"), [("field", "n"), ("local", "j")])
def test_an_integer_that_leaves_its_bounds_is_told(
    tmp_path: Path, operation: str, name: str
) -> None:
    questions, _ = asked(tmp_path, BOUNDS, f'Actor("a", {operation})')
    assert set(questions.graph.outside.values()) == {name}


def test_a_local_is_chosen_again(tmp_path: Path) -> None:
    text = """
@operation()
def op(m: M) -> None:
    p = choose(Page)
    q = p
    p = choose(Page)
    if p != q:
        set_bit(m.flag)
@reachable
def differ(m: M) -> bool:
    return m.flag
"""
    _, found = asked(tmp_path, text, 'Actor("a", op)')
    assert found == {"differ": True}


CONSTANT = """
@operation()
def op(m: M) -> None:
    if mode == Mode.SLOW:
        set_bit(m.flag)
@reachable
def slow(m: M) -> bool:
    return m.flag and mode != Mode.FAST
"""


def test_a_constant_is_what_the_world_says(tmp_path: Path) -> None:
    for name in ("FAST", "SLOW"):
        _, found = asked(tmp_path, CONSTANT, 'Actor("a", op)', mode=name)
        assert found == {"slow": name == "SLOW"}


HIDDEN = """
watched = Span("Somebody is at the page.", page=Page)
@operation()
def both(m: M) -> bool:
    with write_lock(m.one):
        return READ_ONCE(m.flag) == READ_ONCE(m.other)
@operation()
def on_the_stack(m: M) -> None:
    # What was read is in no local while the next is read, or while the lock is dropped.
    if both(m):
        WRITE_ONCE(m.n, 1)
    else:
        WRITE_ONCE(m.n, 2)
@operation()
def all_pages(m: M) -> None:
    for page in Page:
        for other in Page:
            with watched(page):
                if page != other and test_bit(m.flag):
                    break
@hardware("flip")
def flip(m: M) -> None:
    m.flag = not m.flag
@reachable
def same(m: M) -> bool:
    return m.n == 1
@reachable
def not_the_same(m: M) -> bool:
    return m.n == 2
@invariant
def one_at_a_time(m: M) -> bool:
    return not all(watched.active(p) for p in Page)
@reachable
def watched_somewhere(m: M) -> bool:
    return any(watched.active(p) for p in Page)
"""


def test_where_an_operation_is_has_all_that_its_frames_hold(tmp_path: Path) -> None:
    _, found = asked(tmp_path, HIDDEN, 'Actor("a", on_the_stack, all_pages)', "flip")
    assert found == {
        "same": True,
        "not_the_same": True,
        "one_at_a_time": False,
        "watched_somewhere": True,
    }


BEHAVIOURS = """
@operation()
def up(m: M) -> None:
    set_bit(m.flag)
@operation()
def down(m: M) -> None:
    clear_bit(m.flag)
@operation()
def looks(m: M) -> None:
    READ_ONCE(m.flag)
@operation()
def maybe_up(m: M) -> None:
    if choose(bool):
        set_bit(m.flag)
@operation()
def nothing(m: M) -> None:
    pass
@eventually
def gets_set(m: M) -> bool:
    return m.flag
@leads_to
def is_cleared(m: M) -> tuple[bool, bool]:
    return m.flag, not m.flag
@leads_to
def each_is_cleared(m: M, page: Page) -> tuple[bool, bool]:
    return m.pte[page].dirty, not m.pte[page].dirty
"""


@pytest.mark.parametrize(
    ("actors", "violated"),
    [
        ('Actor("a", up), Actor("b", down)', {"gets_set", "is_cleared"}),
        ('Actor("a", up, fair=True), Actor("b", down)', {"is_cleared"}),
        ('Actor("a", up, fair=True), Actor("b", down, fair=True)', set()),
        # Which of them it does, again and again, is up to it, whether it changes anything or not.
        ('Actor("a", up, down, fair=True)', {"gets_set", "is_cleared"}),
        ('Actor("a", up, looks, fair=True)', {"gets_set", "is_cleared"}),
        ('Actor("a", maybe_up, fair=True)', {"gets_set", "is_cleared"}),
        # What has no step at all is never done.
        ('Actor("a", up, nothing, fair=True)', {"is_cleared"}),
    ],
)
def test_who_is_fair_does_not_stop_for_ever(
    tmp_path: Path, actors: str, violated: set[str]
) -> None:
    _, found = asked(tmp_path, BEHAVIOURS, actors)
    assert {n for n, v in found.items() if v} == violated


def test_what_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    questions, _ = asked(tmp_path, LOCKS, 'Actor("a", ab), Actor("b", ba)')
    with pytest.raises(DoesNotFitError, match="more than 5 states"):
        explore(questions.world, Budget(5, 20))
