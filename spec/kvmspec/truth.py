"""What a recorder wrote down besides the trace: what the guest did, and what user space was told.

A line for each access of the guest (`W` or `R`: vCPU, a time before and after, gfn, value), for
each ioctl a line where it begins and one where it ends, with the bitmap, and at the end what is in
the tables (`SNAP` and `S`). All times are of one clock.
"""

from collections.abc import Callable

from kvmtla.evidence import Answer, GuestWrite, Truth

_WORD = 64
_TABLE = 4096


def read_truth(text: str) -> Truth:
    """Return what a file says; what cannot be read is a flaw."""
    writes: list[GuestWrite] = []
    logged: list[tuple[int, int]] = []
    answers: list[Answer] = []
    cleared: list[Answer] = []
    entries: dict[tuple[int, int, int], int] = {}
    tables: list[tuple[int, int, int]] = []
    flaws: list[str] = []
    manual = False
    base = 0
    since: int | None = None
    begun: dict[str, dict[str, str]] = {}
    ring: set[int] = set()
    last = 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        what = words[0]
        named = dict(w.split("=", 1) for w in words if "=" in w)
        try:
            if what in "WR" and len(words) == 6:
                if what == "W":
                    gfn = int(words[4], 16)
                    writes.append(GuestWrite(number, gfn, int(words[2]), int(words[3])))
            elif what == "S" and len(words) == 4:
                entries[0, int(words[1]), int(words[2], 16)] = int(words[3], 16)
            elif what == "SNAP" and named.get("r") == str(_TABLE):
                tables.append((0, int(named["level"]), int(named["gfn"], 16)))
            elif what == "SCENARIO":
                manual = named.get("manual") == "1"
            elif what == "RINGENT":
                ring.add(base + int(named["off"], 16))
            elif len(words) > 1 and words[1] in ("begin", "end"):
                last = int(named["t"])
                if words[1] == "begin":
                    begun[what] = {**named, "line": line}
                    if what == "SETREG" and since is not None:
                        logged.append((since, last))
                        since = None
                    ring = set() if what == "RING" else ring
                    continue
                first = begun.pop(what, {})
                begin = int(first.get("t", last))
                failed = named.get("ret", "0") != "0"
                if what == "SETREG" and not failed:
                    base = int(first["gfn"], 16)
                    if int(first["flags"], 16) & 1:
                        since = last
                elif what == "GET" and not failed:
                    answers.append(Answer(number, begin, last, _pages(line, base)))
                elif what == "CLEAR":
                    pages = _pages(first.get("line", ""), base + int(first.get("first", 0)))
                    cleared.append(Answer(number, begin, last, pages))
                elif what == "RING":
                    answers.append(Answer(number, begin, last, frozenset(ring)))
        except (KeyError, ValueError, IndexError):
            flaws.append(f"line {number} cannot be read: {line[:60]}")
    if since is not None:
        logged.append((since, last))
    return Truth(writes, logged, answers, cleared if manual else None, entries, tables, flaws)


def _pages(line: str, base: int) -> frozenset[int]:
    """Return the pages of a bitmap, which is written as word:bits for each word that is not 0."""
    words = (w.split(":") for w in line.partition(" bm")[2].split())
    return frozenset(
        base + int(word) * _WORD + bit
        for word, bits in words
        for bit in range(_WORD)
        if int(bits, 16) >> bit & 1
    )


def log_notes() -> Callable[[str], range | None]:
    """Return a function that is given the recorder's notes in the trace, one after the other.

    It gives the pages that are logged for certain from then on.
    """
    asked: dict[str, str] = {}
    on: range | None = None

    def see(text: str) -> range | None:
        nonlocal asked, on
        words = text.split()
        if words[:1] == ["SETREG"]:
            named = dict(w.split("=", 1) for w in words if "=" in w)
            if words[1] == "begin":
                asked, on = named, None
            elif named.get("ret") == "0" and int(asked.get("flags", "0"), 16) & 1:
                first = int(asked["gfn"], 16)
                on = range(first, first + int(asked["npages"]))
        return on

    return see
