"""The messages of TLC's `-tool` output.

A message is a line `@!@!@STARTMSG code:class @!@!@`, its text, and a line
`@!@!@ENDMSG code @!@!@` (tlc2.output.MP). Newer versions may leave out `:class`. One message may
contain another: TLC pastes a finished message into the text of an exception. Between 2220 and 2219
the parser of TLA+ (SANY) writes lines of its own without any marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Classes (tlc2.output.MP).
NONE, ERROR, BUG, WARNING, STATE = range(5)

SANY_START, SANY_END = 2220, 2219

_START = re.compile(r"(?P<before>.*?)@!@!@STARTMSG (?P<code>-?\d+)(?::(?P<klass>\d+))? @!@!@$")
_END = re.compile(r"@!@!@ENDMSG (?P<code>-?\d+) @!@!@$")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `klass` is None where TLC did not say it.

    `text` has no end of line at its end; messages nested in this one are in `inner`, and their own
    text is part of `text` too, at its place.
    """

    code: int
    klass: int | None
    text: str
    inner: tuple[Message, ...] = ()

    def walk(self) -> list[Message]:
        """Return this message and all that are nested in it, outermost first."""
        return [self, *(deeper for message in self.inner for deeper in message.walk())]


@dataclass(slots=True)
class _Open:
    code: int
    klass: int | None
    lines: list[str] = field(default_factory=list)
    inner: list[Message] = field(default_factory=list)


class Protocol:
    """Takes TLC's standard output line by line and gives messages.

    `messages` are the finished outermost messages in their order; `sany` the lines SANY wrote;
    `stray` the lines that nobody should have written (empty lines are not counted); `faults` one
    sentence for each breach of the form of messages. None of the four is ever shortened.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.sany: list[str] = []
        self.stray: list[str] = []
        self.faults: list[str] = []
        self._open: list[_Open] = []
        self._in_sany = False

    def feed(self, line: str) -> Message | None:
        """Take one line (with or without its end); return the outermost message it finishes."""
        line = line.rstrip("\r\n")
        if "@!@!@" in line:
            if start := _START.match(line):
                self._start(start)
                return None
            if end := _END.match(line):
                return self._end(int(end["code"]))
            self.faults.append(f"a mark that is neither start nor end of a message: {line!r}")
        if self._open:
            self._open[-1].lines.append(line)
        elif line.strip():
            (self.sany if self._in_sany else self.stray).append(line)
        return None

    def close(self) -> None:
        """Note that no more lines come; an unfinished message becomes a fault."""
        for unfinished in self._open:
            self.faults.append(f"message {unfinished.code} has no end")
        self._open.clear()

    def _start(self, start: re.Match[str]) -> None:
        if start["before"]:
            if self._open:
                self._open[-1].lines.append(start["before"])
            else:
                self.stray.append(start["before"])
        klass = start["klass"]
        self._open.append(_Open(int(start["code"]), None if klass is None else int(klass)))

    def _end(self, code: int) -> Message | None:
        if not self._open or self._open[-1].code != code:
            expected = f"that of {self._open[-1].code}" if self._open else "none"
            self.faults.append(f"end of message {code}, where {expected} was to come")
            return None
        done = self._open.pop()
        message = Message(done.code, done.klass, "\n".join(done.lines), tuple(done.inner))
        if self._open:
            outer = self._open[-1]
            outer.lines.append(message.text)
            outer.inner.append(message)
            return None
        self.messages.append(message)
        if code in (SANY_START, SANY_END):
            self._in_sany = code == SANY_START
        return message
