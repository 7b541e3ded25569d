"""A small specification, and the C that it models."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import ClassVar

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Bit,
    Claim,
    Domain,
    Map,
    OrderedEnum,
    Project,
    RwLock,
    Scenario,
    Shared,
    Word,
    atomic,
    atomic_fetch_and,
    constant,
    holds,
    initial,
    invariant,
    operation,
    pure,
    set_bit,
    try_cmpxchg,
    write_lock,
    xchg,
)
from kvmtla.evidence import CAbsence, CDifference, COperation, CPlace, CSource, Left


class Release(OrderedEnum):
    V1 = "1.0"
    V2 = "2.0"


release = constant("release", Release, "the release")


class Pte(Word):
    present: bool = Bit(c=0)
    writable: bool = Bit(c=1)
    dirty: bool = Bit(c=6)


class Page(Domain, label="page"):
    pass


class Mm(Shared):
    pte: Map[Page, Pte]
    log: Map[Page, bool]
    lock: RwLock
    flushed: bool

    labels: ClassVar = {"pte": "*ptep"}


DIRTY = Pte(dirty=True)
WRITABLE = Pte(writable=True)


@pure
def is_volatile(pte: Pte) -> bool:
    return pte.writable and not pte.dirty


@atomic(kernel="mm.c:flush", text="flush(mm)")
def flush(m: Mm) -> None:
    m.flushed = True


@operation(kernel="mm.c:write_pte")
def write_pte(m: Mm, page: Page, old: Pte, new: Pte) -> Pte:
    if old.present and is_volatile(old):
        old = xchg(m.pte[page], new)
    else:
        WRITE_ONCE(m.pte[page], new)
    return old


@operation(kernel="mm.c:protect")
def protect(m: Mm, page: Page) -> bool:
    while True:
        old = READ_ONCE(m.pte[page])
        if not old.present or not old.writable:
            return False
        ok, _ = try_cmpxchg(m.pte[page], old, old & ~WRITABLE)
        if ok:
            return True


@operation(kernel="mm.c:zap")
def zap(m: Mm, page: Page) -> None:
    with write_lock(m.lock):
        old = READ_ONCE(m.pte[page])
        if old.present:
            old = write_pte(m, page, old, Pte())
            if old.dirty:
                set_bit(m.log[page])
            flush(m)


@operation(kernel="mm.c:clean")
def clean(m: Mm, page: Page) -> bool:
    old = READ_ONCE(m.pte[page])
    if not old.present:
        return False
    if release >= Release.V2:
        old = atomic_fetch_and(m.pte[page], ~DIRTY)
    else:
        old = write_pte(m, page, old, old & ~DIRTY)
    return old.dirty


@operation(kernel="mm.c:fix")
def fix(m: Mm, page: Page, write: bool) -> bool:
    old = READ_ONCE(m.pte[page])
    new = old
    if write and old.present:
        new = old | WRITABLE | DIRTY
    if new == old:
        return False
    ok, _ = try_cmpxchg(m.pte[page], old, new)
    return ok


@operation()
def everything(m: Mm, page: Page) -> None:
    protect(m, page)
    zap(m, page)
    clean(m, page)
    fix(m, page, True)


@initial
def nothing(m: Mm) -> None:
    m.flushed = False


@invariant
def always(m: Mm) -> bool:
    return True


all_of_it = Scenario(
    "all_of_it",
    "Everything.",
    machine=Mm,
    sizes={Page: 1},
    initial=nothing,
    actors=[Actor("task", everything, times=1)],
)

MASKS = {"present": "PTE_PRESENT", "writable": "PTE_WRITE", "dirty": "pte_dirty_mask"}


def bits(field: str, world: Mapping[str, Enum], c: object) -> int:
    return c(MASKS[field])  # type: ignore[operator, no-any-return]


def words(pte: Mapping[str, bool], world: Mapping[str, Enum], c: object) -> int:
    if not pte["present"]:
        return 0
    return 0x123_4000_7000 | sum(bits(f, world, c) for f, is_set in pte.items() if is_set)


SOURCE = CSource(
    files=("mm.h", "mm.c"),
    kernels=lambda version: Release.V2 if version >= (2, 0) else Release.V1,
    worlds=lambda one: [{"release": one}],
    words=words,
    bits=bits,
    legal=lambda pte, world: pte["present"] or not (pte["writable"] or pte["dirty"]),
    places=(
        CPlace(("pte",), (r"\*ptep", r"\*walk\.ptep")),
        CPlace(("log",), (r"\*mm->log",)),
        CPlace(("lock",), (r"mm->lock",)),
    ),
    apart={"flush": "it is one step"},
    constants=lambda world, c: {"pte_dirty_mask": "BIT(6)"},
    defined=frozenset({"CONFIG_MMU"}),
    macros={
        "for_each_pte(walk, mm, start, end)": Left(
            "one page",
            "for (walk.left = ({ walk.ptep = ptep; walk.pte = READ_ONCE(*walk.ptep); 1; }); "
            "walk.left; walk.left = 0)",
        ),
        "WARN_ON(x)": Left("warnings", "0"),
    },
    calls={"trace_zap": Left("tracing"), "resched": Left("yielding")},
    paths={r"mm->huge": Left("huge pages")},
    private=(r"fault->.*",),
    operations={
        "protect": COperation(reread="what the compare-and-exchange gives is what is there"),
        "clean": COperation(names=("clean_pte",)),
        "fix": COperation(
            params={"write": "fault->write"}, results={"FIX_RETRY": False, "else": True}
        ),
        "zap": COperation(
            differences=(CDifference(r"flush\(\)", r"set_bit\(log\)", "known", since=(3, 0)),),
            absences=(CAbsence("gone", since=(4, 0)),),
        ),
    },
    writers={"mm.c": frozenset({"write_pte", "WRITE_ONCE", "xchg"})},
)


_TREE = Path(__file__).with_name("tree")
HEADER = (_TREE / "mm.h").read_text(encoding="utf-8")
CODE = (_TREE / "mm.c").read_text(encoding="utf-8")

project = Project(
    name="small",
    claims=[
        Claim(
            "S1",
            "always",
            quote="It is so.",
            source="mm.c",
            scenario=all_of_it,
            expect=[holds(always, release=list(Release))],
        )
    ],
    constants=[release],
    c=SOURCE,
)
