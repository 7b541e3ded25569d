"""Who can never go on is told, whatever else happens, and by whomever it is asked."""

from __future__ import annotations

import json
from typing import Any

SPEC = '''
"""Two tasks lock each other out while hardware goes on."""
from kvmtla import *

class Machine(Shared):
    a: RwLock
    b: RwLock
    x: bool
    tick: bool

@initial
def start(m: Machine) -> None:
    m.x = False

@operation()
def ab(m: Machine) -> None:
    with write_lock(m.a):
        with write_lock(m.b):
            set_bit(m.x)

@operation()
def ba(m: Machine) -> None:
    with write_lock(m.b):
        with write_lock(m.a):
            set_bit(m.x)

@hardware("tick")
def ticks(m: Machine) -> None:
    m.tick = not m.tick

@invariant
def one_of_them(m: Machine) -> bool:
    return m.x or not m.x or m.tick

@invariant
def never(m: Machine) -> bool:
    return not m.x

s = Scenario("s", "Two locks.", machine=Machine, sizes={}, initial=start,
             actors=[Actor("t", ab), Actor("u", ba)], hardware=[ticks])
project = Project("p", [Claim("1", "locks", quote="", source="", scenario=s,
                  expect=[holds(one_of_them), violated(never)])], [])
'''
REASON = "t and u can never go on: stuck in the middle of an operation after 2 steps"


def test_what_would_hold_is_unknown_and_a_violation_stays_one(kvmtla: Any) -> None:
    for options in ((), (), ("--no-reduction",)):
        done = kvmtla("verify", "--format", "json", *options, spec=SPEC)
        assert done.returncode == 3
        one, other = json.loads(done.stdout)["results"]
        assert (one["verdict"], one["reason"]) == ("unknown", REASON)
        assert one["depth"] == len(one["trace"]) == 2
        assert (other["verdict"], other["reason"]) == ("violated", None)
        assert one["stuck"] == other["stuck"] == ["t", "u"]
        assert f"never is violated; and {REASON}" in done.stderr


def test_all_who_are_asked_say_the_same(kvmtla: Any) -> None:
    for engine in ("python", "tlc"):
        done = kvmtla("check", "s", "-i", "one_of_them", "--engine", engine, spec=SPEC)
        assert done.returncode == 3
        assert f"s: unknown: {REASON}" in done.stdout
        assert "t can never go on, whatever the others do:" in done.stdout
    agree = kvmtla("agree", spec=SPEC)
    assert agree.returncode == 0, agree.stdout
    assert " stuck " in agree.stdout
