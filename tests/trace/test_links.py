"""How steps hang together: what one finds that another made, and what one undoes."""

from __future__ import annotations

from dataclasses import replace

from kvmtla.trace import Change, Step, Told, Trace, build_trace
from kvmtla.trace.links import digest, linked
from support.counterexamples import C3, C4, ZAP, violation

Case = tuple[str, str, str, str]


def trace(case: Case) -> Trace:
    found = violation(*case)
    return build_trace(found.model, found.raw, found.prop)


def _undone(t: Trace) -> list[tuple[int, int, str]]:
    return [(s.number, n.number, n.text) for s in t.steps for n in s.links if n.kind == "undoes"]


def test_an_exchange_stores_what_was_read_before_the_cpu_set_dirty() -> None:
    t = trace(C3)
    assert _undone(t) == [
        (
            15,
            14,
            "stores D=0 as read in step 13: undoes D=1 of step 14 (CPU of vCPU 0); "
            "only what xchg returns still has it",
        )
    ]
    assert digest(t.steps) == (13, 14, 15, 17, 18, 19)
    assert [n.text for n in t.steps[16].links] == ["*sptep: A=0 D=0 since step 15 (ager)"]
    assert [n.text for n in t.steps[18].links] == ["TLB: W=1 D=1 since step 14"]


def test_an_exchange_undoes_a_fast_page_fault() -> None:
    assert [text.partition(":")[2][:14] for _, _, text in _undone(trace(C4))] == [" undoes W=1 of"]


def test_a_plain_write_has_nothing_to_give_back() -> None:
    assert [text.partition("; ")[2] for _, _, text in _undone(trace(ZAP))] == [""]


def _step(number: int, actor: str, *told: Told, **change: str) -> Step:
    changes = tuple(
        Change("*p", field, *values.split("->")) for field, values in sorted(change.items())
    )
    return Step(
        number, actor, actor, f"{actor}_op", "x", told, changes, "", "x.py", 1, None, False, {}
    )


def _told(kind: str, *reads: tuple[str, str]) -> Told:
    return Told(kind, f"{kind}(*p)", "", (), (), "x.py", 1, None, reads)


READ = _told("READ_ONCE", ("*p", ""))
WRITE = _told("WRITE_ONCE")


def _kinds(*steps: Step) -> list[list[str]]:
    return [[n.kind for n in s.links] for s in linked(steps)]


def test_what_is_stored_anew_undoes_nothing() -> None:
    """Only an older value does, of a field that somebody else has changed since it was read."""
    read, change = _step(1, "a", READ), _step(2, "b", WRITE, D="0->1")
    store = _step(3, "a", WRITE, D="1->0")
    assert _kinds(read, change, store) == [[], [], ["undoes"]]
    # A value that was not what was read.
    assert _kinds(read, change, _step(3, "a", WRITE, D="1->2")) == [[], [], []]
    # Another field.
    assert _kinds(read, change, _step(3, "a", WRITE, A="1->0")) == [[], [], []]
    # One's own change.
    assert _kinds(read, _step(2, "a", WRITE, D="0->1"), store) == [[], [], []]
    # What was read again, or in the very step that stores.
    again = _step(3, "a", READ)
    assert _kinds(read, change, again, replace(store, number=4))[3] == []
    assert _kinds(read, change, _step(3, "a", READ, WRITE, D="1->0")) == [[], [], ["found"]]
    # What an earlier operation read.
    assert _kinds(replace(read, ends=True), change, store) == [[], [], []]
    assert _kinds(replace(read, operation="other"), change, store) == [[], [], []]


def test_several_changes_are_undone_by_the_step_that_made_the_last() -> None:
    first, last = _step(2, "b", WRITE, D="0->1"), _step(3, "c", WRITE, D="1->2")
    (*_, store) = linked([_step(1, "a", READ), first, last, _step(4, "a", WRITE, D="2->0")])
    (link,) = store.links
    assert (link.number, link.read) == (3, (1,))
    assert link.text == "stores D=0 as read in step 1: undoes D=2 of step 3 (c)"


def test_what_is_known_already_is_no_news() -> None:
    change, look = _step(1, "b", WRITE, D="0->1"), _step(2, "a", READ)
    assert _kinds(change, look, replace(look, number=3)) == [[], ["found"], []]
    assert _kinds(change, replace(look, actor="b")) == [[], []]
    hardware = _step(2, "b", _told("hardware", ("*p", "D")))
    assert _kinds(change, hardware, replace(hardware, number=3)) == [[], ["found"], ["found"]]
    assert _kinds(change, _step(2, "a", _told("hardware", ("*p", "A")))) == [[], []]


def test_what_is_decided_on_what_was_undone_is_part_of_the_matter() -> None:
    lost = [
        _step(1, "a", READ),
        _step(2, "b", WRITE, D="0->1"),
        _step(3, "a", WRITE, D="1->0"),
        _step(4, "c", READ),
        *(_step(n, "c", WRITE) for n in range(5, 14)),
    ]
    decides = _step(9, "c", _told("unlock"), _told("test"))
    assert decides.decides
    assert not _step(9, "c", READ, _told("test")).decides
    assert digest(linked(lost)) == (1, 2, 3, 4, 13)
    assert digest(linked([*lost[:8], decides, *lost[9:]])) == (1, 2, 3, 4, 9, 13)
    # Not by somebody else, nor in another operation.
    other = replace(decides, operation="another")
    for step in (replace(decides, actor="d"), other):
        assert digest(linked([*lost[:8], step, *lost[9:]])) == (1, 2, 3, 4, 13)


def test_nothing_is_short_where_nothing_is_undone() -> None:
    assert digest(linked([_step(1, "b", WRITE, D="0->1"), _step(2, "a", READ)])) == ()
    assert digest(()) == ()
