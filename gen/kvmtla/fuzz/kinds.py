"""The types of random specifications, and the text that declares them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class T:
    """A type: its name, the types it is made of, and the bounds of an integer."""

    name: str
    of: tuple[T, ...] = ()
    low: int = 0
    high: int = 0

    def __str__(self) -> str:
        match self.name:
            case "int":
                if (self.low, self.high) == (0, 2):
                    return "Count"
                return f"Annotated[int, Between({self.low}, {self.high})]"
            case "map":
                return f"Map[{self.of[0]}, {self.of[1]}]"
            case "set":
                return f"Set[{self.of[0]}]"
            case "optional":
                return f"{self.of[0]} | None"
        return self.name


def integer(low: int, high: int) -> T:
    """Return the type of the integers with these bounds."""
    return T("int", (), low, high)


def optional(t: T) -> T:
    """Return the type of a value, or None."""
    return T("optional", (t,))


def map_of(key: T, value: T) -> T:
    """Return the type of a map from a domain."""
    return T("map", (key, value))


def set_of(element: T) -> T:
    """Return the type of a set of a domain or an enumeration."""
    return T("set", (element,))


BOOL, ZONE, LEVEL, PTE, FLAGS, ENTRY, DEEP, LOCK = (
    T(n) for n in ("bool", "Zone", "Level", "Pte", "Flags", "Entry", "Deep", "RwLock")
)
PAGE, CPU = T("Page"), T("Cpu")
MODE, KERNEL = T("Mode"), T("Kernel")
DOMAINS = (PAGE, CPU)
WORDS = (PTE, FLAGS)
MEMBERS = {
    ZONE: ("DMA", "LOW", "HIGH"),
    LEVEL: ("NONE", "SOME", "ALL"),
    MODE: ("FAST", "SLOW"),
    KERNEL: ("V1", "V2"),
}
ORDERED = (LEVEL, KERNEL)
PARTS = {
    PTE: {"young": BOOL, "dirty": BOOL},
    FLAGS: {"on": BOOL, "off": BOOL},
    ENTRY: {"valid": BOOL, "level": LEVEL, "owner": optional(CPU), "count": integer(0, 2)},
    DEEP: {"pte": PTE, "inner": ENTRY, "near": map_of(PAGE, BOOL), "some": set_of(ZONE)},
}

# The types of shared fields, the more frequent ones more than once.
FIELDS = (
    *(BOOL,) * 4,
    *(integer(0, 2),) * 3,
    integer(-1, 1),
    integer(0, 3),
    ZONE,
    LEVEL,
    LEVEL,
    PTE,
    PTE,
    FLAGS,
    ENTRY,
    DEEP,
    PAGE,
    optional(CPU),
    optional(CPU),
    optional(PAGE),
    optional(integer(0, 1)),
    optional(ENTRY),
    optional(LEVEL),
    set_of(CPU),
    set_of(PAGE),
    set_of(ZONE),
    map_of(PAGE, BOOL),
    map_of(PAGE, BOOL),
    map_of(PAGE, PTE),
    map_of(PAGE, PTE),
    map_of(PAGE, integer(0, 2)),
    map_of(CPU, BOOL),
    map_of(CPU, ENTRY),
    map_of(PAGE, optional(CPU)),
    map_of(CPU, map_of(PAGE, BOOL)),
    map_of(PAGE, set_of(CPU)),
)
# The types of parameters and results, and with some more, those of locals.
SMALL = (BOOL, BOOL, integer(0, 2), LEVEL, ZONE, PTE, PAGE, optional(CPU), ENTRY)
LOCALS = (
    *SMALL,
    CPU,
    FLAGS,
    integer(-1, 2),
    map_of(PAGE, BOOL),
    map_of(CPU, PTE),
    map_of(PAGE, LEVEL),
    set_of(CPU),
    set_of(ZONE),
    optional(PAGE),
    optional(integer(0, 1)),
)
# The types of which any value can be chosen directly.
CHOSEN = (BOOL, PAGE, CPU, ZONE, LEVEL)

_CLASSES = {
    "Count": """Count = Annotated[int, Between(0, 2)]
""",
    "Page": """class Page(Domain, label="page"):
    \"\"\"Ordered.\"\"\"
""",
    "Cpu": """class Cpu(Domain, symmetric=True, label="CPU"):
    \"\"\"Symmetric.\"\"\"
""",
    "Zone": """class Zone(Enum):
    \"\"\"Without order.\"\"\"

    DMA = "dma"
    LOW = "low-mem"
    HIGH = "high mem"
""",
    "Level": """class Level(OrderedEnum):
    \"\"\"With an order.\"\"\"

    NONE = "none"
    SOME = "some"
    ALL = "all"
""",
    "Mode": """class Mode(Enum):
    \"\"\"A constant's.\"\"\"

    FAST = "gcc-12"
    SLOW = "gcc.12"
""",
    "Kernel": """class Kernel(OrderedEnum):
    \"\"\"A constant's, with an order.\"\"\"

    V1 = "5.18"
    V2 = "6.0-rc1"
""",
    "Pte": """class Pte(Word):
    \"\"\"A word.\"\"\"

    young: bool = Bit(x86=5, arm64=10, label="A")
    dirty: bool = Bit(x86=6, arm64=55)
    # No word that is made has it, but masks do.
    huge: bool = Bit(x86=7, arm64=1)
""",
    "Flags": """class Flags(Word):
    \"\"\"A word that does not begin empty.\"\"\"

    on: bool = Bit(x86=0, arm64=63, default=True)
    off: bool = Bit(x86=63, arm64=0)
""",
    "Entry": """class Entry(Record):
    \"\"\"A record.\"\"\"

    valid: bool = False
    level: Level = Level.SOME
    owner: Cpu | None = None
    count: Count = 1

    labels: ClassVar = {"valid": "V"}
""",
    "Deep": """class Deep(Record):
    \"\"\"A record with words, records, maps and sets in it.\"\"\"

    pte: Pte = Pte(dirty=True)
    inner: Entry
    near: Map[Page, bool]
    some: Set[Zone]
""",
}
_NEEDS = {
    "Entry": ("Level", "Cpu", "Count"),
    "Deep": ("Pte", "Entry", "Page", "Zone", "Level", "Cpu", "Count"),
}


def declarations(text: str) -> str:
    """Return the text of the classes that a text uses."""
    used = {name for name in _CLASSES if re.search(rf"\b{name}\b", text)}
    used |= {more for name in used for more in _NEEDS.get(name, ())}
    return "\n\n".join(body for name, body in _CLASSES.items() if name in used)
