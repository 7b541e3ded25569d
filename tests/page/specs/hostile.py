"""Two tasks count, under names that mean harm to whatever shows them."""

from enum import Enum
from typing import Annotated, ClassVar

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Between,
    Bit,
    Claim,
    Domain,
    Map,
    Project,
    RwLock,
    Scenario,
    Shared,
    Word,
    constant,
    hardware,
    initial,
    invariant,
    operation,
    require,
    violated,
    write_lock,
)

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&amp;${7*7}{{7*7}}"
RTL = "\u202eevil\u202c \u05d0\u05d1\u05d2 \u2028\u2029 --> ]]> <!-- *//*"
LONG = "x" * 400
LINES = 'two\nlines\r\n\tand "more"\n    end\n}\n'


class Way(Enum):
    EVIL = "</title><b>"


way = constant("way", Way, EVIL)


class Task(Domain, label="task <b>&\"'"):
    """</script><script>alert(3)</script>"""


class Flags(Word):
    """A word with two bits, at its ends."""

    seen: bool = Bit(evil=63, label=RTL)
    lost: bool = Bit(evil=0, label="<i onmouseover=alert(4)>\n x")


class World(Shared):
    """Shared by all."""

    count: Annotated[int, Between(0, 2)]
    flags: Map[Task, Flags]
    done: Map[Task, bool]
    one: RwLock

    labels: ClassVar = {"count": EVIL, "flags": LONG, "done": RTL, "one": f"<u>lock</u>{LINES}"}


@initial
def nothing(m: World) -> None:
    """Nobody has counted."""
    m.count = 0


@hardware("</div><script>alert(5)</script>\nend\n", source="<a href='javascript:alert(6)'>SDM</a>")
def noise(m: World, me: Task) -> None:
    """-->"""
    require(not m.flags[me].seen)
    m.flags[me] = m.flags[me].but(seen=True, lost=True)


@operation(kernel="<script>alert(7)</script>:x")
def add(m: World, me: Task) -> None:
    """Count; </script> is in the source that the page shows. <script>alert(8)</script>"""
    with write_lock(m.one):
        old = READ_ONCE(m.count)
    if old < 2:
        WRITE_ONCE(m.count, old + 1)
    WRITE_ONCE(m.done[me], True)


@invariant
def nothing_lost(m: World) -> bool:
    """</script><script>alert(9)</script> When all have counted, all are counted."""
    return (
        m.count == 2 or not all(m.done[t] for t in Task) or not any(m.flags[t].seen for t in Task)
    )


adders = Scenario(
    "adders",
    f"{EVIL} {RTL} {LONG} {LINES}",
    machine=World,
    sizes={Task: 2},
    initial=nothing,
    actors=[Actor("adder", add, each=Task, times=1, label=f"{EVIL}{RTL}")],
    hardware=[noise],
)

project = Project(
    name=f"{EVIL} {RTL}",
    constants=[way],
    word_format=lambda config: "evil",
    claims=[
        Claim(
            "H1",
            "hostile",
            quote=f"{EVIL} {RTL} {LINES}",
            source=f"{EVIL} {LONG}",
            note=f"{LONG} {EVIL}",
            scenario=adders,
            expect=[violated(nothing_lost, way=Way.EVIL)],
        ),
    ],
)
