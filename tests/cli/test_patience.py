"""What takes longer than it may: it is unknown, and the rest is answered."""

from __future__ import annotations

import time
from typing import Any

import pytest

SPEC = '''
from enum import Enum
from kvmtla import *
class Size(Enum):
    LITTLE = "little"
    BIG = "big"
size = constant("size", Size, "how much there is to do")
class Page(Domain, label="page"):
    """A page."""
class M(Shared):
    b: Map[Page, bool]
    x: bool
@atomic()
def sync(m: M) -> None:
    if size == Size.BIG:
        for r in Page:
            for q in Page:
                for p in Page:
                    m.b[q] = m.b[p]
@operation()
def op(m: M) -> None:
    sync(m)
    set_bit(m.x)
@initial
def first(m: M) -> None:
    m.b = Map({p: False for p in Page})
@invariant
def fine(m: M) -> bool:
    return not any(m.b[p] for p in Page) or m.x
world = Scenario("world", "w.", machine=M, sizes={Page: 64}, initial=first,
                 actors=[Actor("one", op, times=1)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(fine, size=[*Size])])],
                  constants=[size])
'''
REASON = "compiling took longer than 5 seconds, in sync()"


@pytest.mark.parametrize(
    "command", [("verify",), ("check", "C1", "-i", "fine(m)", "--engine", "python"), ("agree",)]
)
def test_what_takes_too_long_to_compile_is_unknown(kvmtla: Any, command: tuple[str, ...]) -> None:
    begin = time.monotonic()
    done = kvmtla(*command, "--timeout", "5", spec=SPEC)
    assert done.returncode == 3, done.stderr
    assert REASON in done.stdout
    assert "holds" in done.stdout
    # Minutes, if nobody asked how long it may take.
    assert time.monotonic() - begin < 60


def test_to_read_the_specification_takes_too_long(kvmtla: Any) -> None:
    done = kvmtla("verify", "--timeout", "0.001", spec=SPEC)
    assert done.returncode == 3
    assert "error[KT813]: reading the specification took longer than 0.001 seconds" in done.stderr
