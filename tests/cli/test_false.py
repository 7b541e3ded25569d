"""What is false whatever happens, or in the first state already, is a verdict like any other."""

from __future__ import annotations

from typing import Any

SPEC = '''
"""A timer that nobody looks at, and what never changes."""
from enum import Enum
from kvmtla import *

class Zone(Enum):
    DMA = "dma"
    LOW = "low"

class Machine(Shared):
    busy: bool
    on: bool

@initial
def first(m: Machine) -> None:
    m.busy = False

@hardware("the timer ticks")
def tick(m: Machine) -> None:
    m.busy = not m.busy

@operation()
def note(m: Machine) -> None:
    set_bit(m.busy)
    if READ_ONCE(m.on):
        if READ_ONCE(m.busy):
            clear_bit(m.busy)

@invariant
def off(m: Machine) -> bool:
    """It is off."""
    return not m.on

@invariant
def on(m: Machine) -> bool:
    """It is on."""
    return m.on

@invariant
def of_no_state(m: Machine) -> bool:
    """There is no zone for DMA."""
    return m.on or not any(z == Zone.DMA for z in Zone)

@reachable
def is_off(m: Machine) -> bool:
    """It is off."""
    return not m.on

@reachable
def is_on(m: Machine) -> bool:
    """It is on."""
    return m.on

@step_invariant
def stays_on(before: Machine, after: Machine) -> bool:
    """It changes only while it is on, and it never does."""
    return before.on

@step_invariant
def never_busy(before: Machine, after: Machine) -> bool:
    """Nothing changes while it is off."""
    return before.on and after.busy == before.busy

expected = [holds(off), violated(on), violated(of_no_state), reached(is_off), unreached(is_on),
            holds(stays_on), violated(never_busy)]

def claims(number: str, name: str, *actors: Actor) -> Claim:
    scenario = Scenario(name, "Only a timer.", machine=Machine, sizes={}, initial=first,
                        actors=[*actors], hardware=[tick])
    return Claim(number, name, quote="", source="", scenario=scenario, expect=expected)

project = Project("false", [claims("F1", "timer"), claims("F2", "noted", Actor("t", note))], [])
'''


def test_it_is_a_verdict(kvmtla: Any) -> None:
    done = kvmtla("verify", spec=SPEC)
    assert "All 14 verdicts are as expected." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert "READ_ONCE(m.busy) is never" not in done.stdout
    agree = kvmtla("agree", spec=SPEC)
    assert agree.returncode == 0, agree.stdout


def test_it_is_told(kvmtla: Any) -> None:
    for engine in ("python", "tlc"):
        done = kvmtla("check", "timer", "-i", "m.on", "--engine", engine, spec=SPEC)
        assert done.returncode == 1
        assert done.stdout.startswith("timer: violated in 0 steps")
        assert "invariant is false" in done.stdout
