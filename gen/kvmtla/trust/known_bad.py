"""Specs and ways to run them that mislead TLC: what it says of each, and what is made of that.

All were seen to go wrong in some version; `what` tells how TLC goes wrong, with the number of its
issue where there is one. Wherever it does, the verdict has to be one of those `allowed`: the true
one, or unknown.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kvmtla.errors import ToolError
from kvmtla.tlc import RunOptions, Toolchain, run_tlc
from kvmtla.tlc.command import command, java_options
from kvmtla.tlc.facts import SUCCESS
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.verdict import FinishedRun, judge
from kvmtla.verdict import Verdict

_VIOLATED = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN})
_HOLDS = frozenset({Verdict.HOLDS, Verdict.UNKNOWN})
_UNKNOWN = frozenset({Verdict.UNKNOWN})
# A run that hangs is ended after so many seconds.
_PATIENCE = 30.0
_NAME = "Bad"

_COUNTER = """
VARIABLE x
Init == x = 0
Up == x < 3 /\\ x' = x + 1
Back == x = 3 /\\ x' = 0
Next == Up \\/ Back
Spec == Init /\\ [][Next]_x /\\ WF_x(Next)
Small == x < 3
Large == x < 9
Settles == <>[](x = 3)
"""
_LIVENESS = "SPECIFICATION Spec\nPROPERTY Settles\n"
_SAFETY = "SPECIFICATION Spec\nINVARIANT Small\n"
_TRUE = "SPECIFICATION Spec\nINVARIANT Large\n"
_INIT = "INIT Init\nNEXT Next\n"
_LAZY = """
VARIABLE x
Pick(v) == \\E n \\in 0..1 : v = n /\\ v > 0
Init == Pick(x)
Next == x' = x
Other == x # 1
"""
_OTHER = "INIT Init\nNEXT Next\nINVARIANT Other\n"


@dataclass(frozen=True)
class Bad:
    """Something that misleads TLC.

    `given` are more arguments for TLC, `java` more options of Java; the driver has no way to give
    these. `refused` says that the driver does not even run it. `unwritten` is for where TLC's own
    answer is wrong and nothing in its output tells: a pattern of the TLA+ that does the harm, which
    is harmless only because no such TLA+ is generated. `shared_out` has TLC search by a server and
    a worker.
    """

    what: str
    allowed: frozenset[Verdict]
    text: str = _COUNTER
    cfg: str = _INIT
    options: RunOptions = field(default_factory=RunOptions)
    given: tuple[str, ...] = ()
    java: tuple[str, ...] = ()
    refused: bool = False
    unwritten: str | None = None
    shared_out: bool = False


@dataclass(frozen=True)
class Answer:
    """The result of one: TLC's ending, the verdict (None: it was not asked for), and the reason."""

    bad: Bad
    said: str
    verdict: Verdict | None
    reason: str | None

    @property
    def holds_out(self) -> bool:
        """Whether the guard did its work."""
        if self.bad.refused or self.bad.unwritten is not None:
            return self.verdict is None
        return self.verdict in self.bad.allowed

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict is wrong; an unknown one is not."""
        return self.verdict in {Verdict.HOLDS, Verdict.VIOLATED} - self.bad.allowed


KNOWN_BAD = (
    Bad(
        "liveness with several workers: violations are missed (tlaplus#971)",
        frozenset({Verdict.VIOLATED}),
        cfg=_LIVENESS,
        options=RunOptions(workers=4, temporal=True),
    ),
    Bad(
        "liveness, depth first: a violated property, exit status 0",
        _VIOLATED,
        cfg=_LIVENESS,
        options=RunOptions(temporal=True),
        given=("-dfid", "10"),
    ),
    Bad(
        "-continue: a violation, then no error, exit status 0 (tlaplus#1385)",
        _VIOLATED,
        cfg=_SAFETY,
        given=("-continue",),
    ),
    Bad(
        "a variable handed to an operator: no initial state, success (tlaplus#798)",
        _VIOLATED,
        _LAZY,
        _OTHER,
    ),
    Bad(
        "the same with lazy values off",
        _VIOLATED,
        _LAZY,
        _OTHER,
        options=RunOptions(lazy_values=False),
    ),
    Bad(
        "EXCEPT on a function that is not yet worked out: lost (tlaplus#1145, #1302)",
        _VIOLATED,
        "INSTANCE Sequences\nVARIABLE x\nInit == x = 0\n"
        "Next == x' = SubSeq([[i \\in 1..4 |-> 0] EXCEPT ![2] = 1], 2, 2)[1]\nOther == x # 1",
        _OTHER,
        # Operators that take a function for a sequence; and functions whose arguments are
        # functions.
        unwritten=r"\b(SubSeq|Append|Head|Tail|Seq|Len)\(|\\o |\[\[[^]|]*->",
    ),
    *(
        Bad(
            f"liveness with {keyword}: unsound, and a warning at most",
            _UNKNOWN,
            cfg=f"{_LIVENESS}{keyword} Large\n",
            options=RunOptions(temporal=True),
            refused=True,
        )
        for keyword in ("CONSTRAINT", "SYMMETRY", "VIEW")
    ),
    Bad(
        "-generateSpecTE: states of the trace are lost",
        _VIOLATED,
        cfg=_SAFETY,
        given=("-generateSpecTE",),
    ),
    Bad(
        "a semantic error: SANY alone ends with status 0",
        _UNKNOWN,
        "VARIABLE x\nInit == x = zz\nNext == x' = x",
    ),
    Bad(
        "SYMMETRY on a set of one element: an exception",
        _HOLDS,
        "CONSTANT a\nVARIABLE x\nInit == x = a\nNext == x' = x\nSym == Permutations({a})",
        f"{_INIT}CONSTANT a = a\nSYMMETRY Sym\n",
    ),
    Bad(
        "fingerprints that may collide: an estimate, and success",
        _UNKNOWN,
        cfg=_TRUE,
        options=RunOptions(collision_limit=1e-30),
    ),
    Bad(
        "out of memory in a worker: it hangs",
        _UNKNOWN,
        "VARIABLE x\nInit == x = {}\nNext == \\E s \\in SUBSET (1..24) : x' = s",
        options=RunOptions(heap_mb=20),
    ),
    Bad(
        "an unsatisfiable Init: success",
        _UNKNOWN,
        "VARIABLE x\nInit == x = 0 /\\ x = 1\nNext == x' = x",
    ),
    Bad(
        'TLCSet("exit", TRUE): success with states left',
        _UNKNOWN,
        'VARIABLE x\nInit == x = 0\nNext == x\' = x + 1 /\\ (x < 5 \\/ TLCSet("exit", TRUE))',
    ),
    Bad(
        "stopAfter: success with states left",
        _UNKNOWN,
        "VARIABLE x\nInit == x = 0\nNext == x' = x + 1",
        java=("-Dtlc2.TLC.stopAfter=1",),
    ),
    Bad(
        "a search that a server shares out: exit status 0, and a trace that is none",
        _UNKNOWN,
        cfg=f"{_INIT}INVARIANT Small\n",
        shared_out=True,
    ),
)


def try_all(toolchain: Toolchain, jobs: int) -> list[Answer]:
    """Return the answers to all of them, run side by side in folders of their own (#378)."""
    with ThreadPoolExecutor(jobs) as threads:
        return list(threads.map(lambda bad: try_one(toolchain, bad), KNOWN_BAD))


def try_one(toolchain: Toolchain, bad: Bad) -> Answer:
    """Return the answer to one of them."""
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        text = f"---- MODULE {_NAME} ----\nEXTENDS Integers, TLC\n{bad.text}\n====\n"
        (folder / f"{_NAME}.tla").write_text(text, encoding="utf-8")
        (folder / f"{_NAME}.cfg").write_text(bad.cfg, encoding="utf-8")
        if bad.refused:
            try:
                found = run_tlc(toolchain, folder, _NAME, f"{_NAME}.cfg", options=bad.options)
            except ToolError as error:
                return Answer(bad, "not run", None, error.message)
            return Answer(bad, "was run", found.verdict, found.reason)
        private = folder / "private"
        private.mkdir()
        line = command(toolchain, _NAME, f"{_NAME}.cfg", private, bad.options)
        at = line.index("-config")
        line = [line[0], *bad.java, *line[1:at], *bad.given, *line[at:]]
        if bad.shared_out:
            return _shared_out(toolchain, folder, bad)
        return _run(line, folder, bad)


def _run(line: Sequence[str], folder: Path, bad: Bad) -> Answer:
    """Run TLC in a way that the driver would not, and have it judged as the driver does."""
    try:
        done = subprocess.run(
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            env=java_environment(),
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(bad, "hangs", Verdict.UNKNOWN, "TLC hangs")
    return _answer(bad, folder, done.stdout, done.stderr, done.returncode)


def _shared_out(toolchain: Toolchain, folder: Path, bad: Bad) -> Answer:
    """Run a server and a worker of TLC on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    java = [
        str(toolchain.java.path),
        *java_options(bad.options),
        f"-Djava.io.tmpdir={folder}",
        "-Djava.rmi.server.hostname=127.0.0.1",
        f"-Dtlc2.tool.distributed.TLCServer.port={port}",
        "-cp",
        str(toolchain.jar.path),
    ]
    server = [*java, "tlc2.tool.distributed.TLCServer", "-tool", "-config", f"{_NAME}.cfg", _NAME]
    worker = [*java, "tlc2.tool.distributed.TLCWorker", "127.0.0.1"]
    environment = java_environment()
    with (folder / "worker.txt").open("wb") as said:
        # A worker waits for its server.
        helping = subprocess.Popen(
            worker, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment
        )
        try:
            return _run(server, folder, bad)
        finally:
            helping.kill()
            helping.wait()


def _answer(bad: Bad, folder: Path, text: str, stderr: str, status: int) -> Answer:
    protocol = Protocol()
    for line in text.splitlines():
        protocol.feed(line)
    protocol.close()
    found = judge(
        FinishedRun(
            output=protocol,
            exit_code=status,
            stopped=None,
            stderr=stderr,
            seconds=0.0,
            temporal=bad.options.temporal,
            coverage=False,
            of_steps=False,
            collision_limit=bad.options.collision_limit,
            modules=frozenset({folder / f"{_NAME}.tla"}),
        )
    )
    success = any(m.code == SUCCESS for m in protocol.messages)
    said = f"{'no error, ' if success else ''}exit status {status}"
    if bad.unwritten is not None:
        return Answer(bad, said, None, "no such TLA+ is generated")
    return Answer(bad, said, found.verdict, found.reason)
