"""Java processes that stay, and run TLC again and again, each time as if it were the first.

Starting Java and loading TLC takes half a second of a processor, which is more than most models
take. The classes in `resident/` (Java, with its source beside it) make TLC's static state anew
between two runs. Whoever relies on an answer from here confirms it: by replaying a trace, and by
comparing numbers with those of another engine.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from kvmtla.errors import ToolError
from kvmtla.tlc.command import RunOptions, file_of, java_options, of_version, tlc_arguments
from kvmtla.tlc.outcome import Progress, TlcOutcome
from kvmtla.tlc.process import Running, listen, running
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.toolchain import Toolchain
from kvmtla.tlc.verdict import FinishedRun, judge

RESIDENT_JAR = Path(__file__).parent / "resident" / "resident.jar"
_MAIN = "kvmtla.Resident"
# TLC leaves threads and hooks behind, which go with the process.
_MOST_RUNS = 200
_POLL = 0.1


class Residents:
    """At most `most` such processes, each started when there is work for it.

    `options` are those of the runs, as far as they are options of Java. Used as a context, at whose
    end all processes are dead. May be called from several threads at once.
    """

    def __init__(self, toolchain: Toolchain, options: RunOptions, most: int) -> None:
        self.toolchain = toolchain
        self.trouble: str | None = None
        """The reason why no process can be had; None where none is known."""
        self._java = java_options(options)
        self._free: queue.SimpleQueue[_Resident | None] = queue.SimpleQueue()
        self._made: list[_Resident] = []
        for _ in range(most):
            self._free.put(None)

    def __enter__(self) -> Residents:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for resident in self._made:
            resident.end()

    def takes(self, options: RunOptions) -> bool:
        """Return whether these processes can do a run with `options`.

        They cannot do one of a temporal property: TLC was seen to find another lasso. Nor can they
        do one that needs other options of Java, or leaves more behind than its output.
        """
        return (
            self.trouble is None
            and java_options(options) == self._java
            and not (options.temporal or options.large or options.coverage)
            and options.dump is None
            and options.workers == 1
        )

    def run(
        self,
        folder: Path,
        module: str,
        cfg: str,
        options: RunOptions,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
        beside: Collection[str] = (),
    ) -> TlcOutcome | None:
        """Return the outcome of a run; the arguments are those of `run_tlc`.

        None where it has to be asked in a process of its own: they do not take it, no process can
        be had, or it died before it gave the answer.
        """
        if not self.takes(options):
            return None
        resident = self._next(cancel)
        try:
            if resident is None:
                resident = _Resident(self.toolchain, self._java)
                self._made.append(resident)
            outcome = resident.run(folder, module, cfg, options, on_progress, cancel, beside)
        except (OSError, ToolError) as error:
            self.trouble = f"{error}"
            outcome = None
        finally:
            if resident is not None and not resident.lives:
                resident.end()
                resident = None
            self._free.put(resident)
        if outcome is None and self.trouble is None and resident is None and not self._has_answered:
            self.trouble = "Java ended before it gave an answer"
        return outcome

    @property
    def _has_answered(self) -> bool:
        return any(r.answered for r in self._made)

    def _next(self, cancel: threading.Event | None) -> _Resident | None:
        while True:
            try:
                return self._free.get(timeout=_POLL)
            except queue.Empty:
                if cancel is not None and cancel.is_set():
                    return None


@dataclass(slots=True)
class _Resident:
    """One such process, with a folder of its own."""

    toolchain: Toolchain
    java: list[str]
    answered: int = 0
    lives: bool = True
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _private: Path = field(init=False)
    _work: Path = field(init=False)
    _running: Running = field(init=False)
    _stderr: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        with contextlib.ExitStack() as stack:
            made = tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True)
            self._private = Path(stack.enter_context(made))
            self._work = self._private / "work"
            temporary = self._private / "tmp"
            self._work.mkdir()
            temporary.mkdir()
            self._stderr = stack.enter_context((self._private / "stderr").open("w+b"))
            java = self.toolchain.java
            line = [str(java.path), *self.java, *of_version(java, RunOptions())]
            line += [f"-Djava.io.tmpdir={temporary}"]
            line += [f"-XX:ErrorFile={self._private / 'java-error.log'}"]
            line += ["-cp", str(RESIDENT_JAR), _MAIN, str(self.toolchain.jar.path)]
            self._running = stack.enter_context(running(line, self._work, self._stderr, asked=True))
            self._stack = stack.pop_all()

    def end(self) -> None:
        """End the process, and remove its files."""
        self.lives = False
        self._stack.close()

    def run(
        self,
        folder: Path,
        module: str,
        cfg: str,
        options: RunOptions,
        on_progress: Callable[[Progress], None] | None,
        cancel: threading.Event | None,
        beside: Collection[str],
    ) -> TlcOutcome | None:
        """Return the outcome of a run; None where the process died over it, as it well may."""
        # Nothing that TLC writes can be mistaken for the end of this run.
        word = secrets.token_hex(16)
        protocol = Protocol()
        started = time.monotonic()
        said = self._stderr.seek(0, 2)
        private = self._private / word
        private.mkdir()
        files = [Path(shutil.copy(f, self._work)) for f in folder.iterdir() if f.is_file()]
        self.lives = False
        arguments = tlc_arguments(self.toolchain.jar, module, cfg, private, options)
        try:
            assert self._running.process.stdin is not None
            self._running.process.stdin.write("\0".join([word, *arguments]).encode() + b"\n")
            self._running.process.stdin.flush()
        except OSError:
            return None
        end = f"{word} ".encode()
        heard = listen(
            self._running.lines,
            protocol,
            options.time_limit,
            on_progress,
            cancel,
            lambda line: line.startswith(end),
        )
        if heard.last is None and heard.stopped is None:
            return None
        protocol.close()
        self._stderr.seek(said)
        outcome = judge(
            FinishedRun(
                output=protocol,
                exit_code=int(heard.last.split()[1]) if heard.last is not None else -1,
                stopped=heard.stopped,
                stderr=self._stderr.read().decode("utf-8", "replace"),
                seconds=time.monotonic() - started,
                temporal=options.temporal,
                of_steps=options.of_steps,
                coverage=options.coverage,
                collision_limit=options.collision_limit,
                modules=frozenset(self._work / file_of(m) for m in (module, *beside)),
            )
        )
        if heard.stopped is None:
            for f in files:
                f.unlink()
            shutil.rmtree(private, ignore_errors=True)
            self.answered += 1
            self.lives = self.answered < _MOST_RUNS
        return replace(outcome, resident=True)
