"""An integer that leaves its bounds is noticed, whether anything depends on it or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.engine import TYPE_OK, explore
from kvmtla.front.scenario import read_project
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.points import points
from support.specs import load, project_of

HEAD = """
from typing import Annotated
from kvmtla import *

Wide = Annotated[int, Between(0, 5)]
Few = Annotated[int, Between(0, 2)]


class M(Shared):
    five: Wide
    few: Few
    on: bool


@hardware("one more")
def more(m: M) -> None:
    require(m.few < 2)
    m.few = m.few + 1


walking = Span("Somebody walks.")


@invariant
def nothing_is_asked(m: M) -> bool:
    return True or m.on
"""
FIRST = """
@initial
def first(m: M) -> None:
    m.five = 5
    m.few = 0
    m.on = False
"""
BODIES = {
    "a local that only a span asks about, and nobody about that": """
    n: Few = READ_ONCE(m.few)
    n = n + 1
    with walking(when=lambda: n > 1):
        WRITE_ONCE(m.on, True)
    WRITE_ONCE(m.on, False)
""",
    "a local, counted up": """
    n: Few = READ_ONCE(m.few)
    n = n + 1
    WRITE_ONCE(m.on, True)
    WRITE_ONCE(m.few, 2 if n > 1 else n)
""",
    "a local made of such a one": """
    n: Few = READ_ONCE(m.few)
    n = n + 1
    k: Few = n
    n = 0
    WRITE_ONCE(m.on, True)
    WRITE_ONCE(m.on, k > 1)
""",
    "a local that a span reads on the way in": """
    n: Few = READ_ONCE(m.few)
    n = n + 1
    WRITE_ONCE(m.on, True)
    with walking(when=lambda: n > 1):
        n = 0
        WRITE_ONCE(m.on, n > 0)
""",
    "a local that holds what never changes": """
    n: Few = READ_ONCE(m.five)
    WRITE_ONCE(m.on, n > 1)
""",
    "a local that waits for a lock to be dropped": """
    n: Few = READ_ONCE(m.few)
    with write_lock(m.lock):
        k = READ_ONCE(m.few)
        n = k + 1
    WRITE_ONCE(m.on, n > 1)
""",
}


def _bounds_are_left(folder: Path, text: str, reductions: Reductions) -> bool:
    name = f"s{len(list(folder.iterdir()))}.py"
    spec = read_project(project_of(load(folder, text, name)))
    (point,) = points(spec, folder, reductions)
    return explore(point.module.model, point.prop).name == TYPE_OK


@pytest.mark.parametrize("reductions", [Reductions(), Reductions.none()], ids=["default", "none"])
@pytest.mark.parametrize("body", BODIES)
def test_a_local_that_rests_out_of_its_bounds(
    body: str, reductions: Reductions, tmp_path: Path
) -> None:
    head = HEAD.replace("    on: bool\n", "    on: bool\n    lock: RwLock\n")
    text = f"{head}{FIRST}\n\n@operation()\ndef op(m: M) -> None:{BODIES[body]}"
    assert _bounds_are_left(tmp_path, text, reductions)
    assert not _bounds_are_left(tmp_path, text.replace("Few = Anno", "Few = Wide  # "), reductions)


@pytest.mark.parametrize("reductions", [Reductions(), Reductions.none()], ids=["default", "none"])
def test_a_field_that_begins_out_of_its_bounds(reductions: Reductions, tmp_path: Path) -> None:
    op = "\n\n@operation()\ndef op(m: M) -> None:\n    WRITE_ONCE(m.on, True)\n"
    head = HEAD.replace("    m.few = m.few + 1\n", "    m.on = True\n")
    wrong = FIRST.replace("m.few = 0", "m.few = m.few - 1")
    assert _bounds_are_left(tmp_path, f"{head}{wrong}{op}", reductions)
    assert not _bounds_are_left(tmp_path, f"{head}{FIRST}{op}", reductions)
