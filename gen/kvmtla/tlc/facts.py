"""Facts in the single messages of a run: numbers of messages, their texts, counts, names.

Nothing is concluded here. A fact that is missing, or whose text is not exactly what TLC is known to
write, is None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvmtla.tlc.outcome import ActionCoverage, Progress
from kvmtla.tlc.protocol import Message
from kvmtla.verdict import Kind

# Numbers of messages: tlc2.output.EC.
VERSION, BANNER, FINISHED = 2262, 2187, 2186
SANY_START, SANY_END, STARTING, COMPUTING_INITIAL = 2220, 2219, 2185, 2189
INITIAL, INITIAL_WITH_DUPLICATES = 2190, 2191
SUCCESS, STATS, DEPTH, OUT_DEGREE, PROGRESS = 2193, 2199, 2194, 2268, 2200
LIVENESS_BRANCHES, LIVENESS_START, LIVENESS_END = 2212, 2192, 2267
STATE_LINES, STUTTERING, BACK_TO_STATE = 2217, 2218, 2122
BEHAVIOUR, COUNTER_EXAMPLE = 2121, 2264
INVARIANT_INITIAL, ASSERT_FAILED, GENERAL, CALL_STACK = 2107, 2132, 1000, 2103
COVERAGE_START, COVERAGE_ACTION = 2201, 2772

# For each message: what it says is violated, the exit statuses that go with it
# (tlc2.output.EC.ExitStatus; newer versions count a violated action property as safety), and where
# the name is in its text.
_VIOLATIONS: Mapping[int, tuple[Kind, frozenset[int], re.Pattern[str]]] = {
    2110: (Kind.INVARIANT, frozenset({12}), re.compile(r"Invariant (?P<name>\S+) is violated\.")),
    INVARIANT_INITIAL: (
        Kind.INVARIANT,
        frozenset({12}),
        re.compile(r"Invariant (?P<name>\S+) is violated by the initial state:\n.*", re.DOTALL),
    ),
    2112: (
        Kind.ACTION,
        frozenset({12, 13}),
        re.compile(r"Action property (?P<name>.+) is violated\."),
    ),
    2114: (Kind.DEADLOCK, frozenset({11}), re.compile(r"Deadlock reached\.(?P<name>)")),
    2116: (
        Kind.TEMPORAL,
        frozenset({13}),
        # TLC of 2026 says which.
        re.compile(r"Temporal propert(?:ies were|y (?P<name>\S+) was) violated\.\n?"),
    ),
    ASSERT_FAILED: (
        Kind.ASSERTION,
        frozenset({14}),
        re.compile(
            r"The first argument of Assert evaluated to FALSE; the second argument was:\n"
            r"(?P<name>.*)",
            re.DOTALL,
        ),
    ),
}

_NUMBER = r"([\d,]+)"
_PROGRESS = re.compile(
    rf"Progress\({_NUMBER}\) at [^\n]*: {_NUMBER} states generated(?: \([^)\n]*\))?, "
    rf"{_NUMBER} distinct states found(?: \([^)\n]*\))?, {_NUMBER} states left on queue\."
)
_TEXTS: Mapping[int, re.Pattern[str]] = {
    VERSION: re.compile(r"TLC2 Version [^\n]+"),
    BANNER: re.compile(
        r"Running breadth-first search Model-Checking with fp \d+ and seed -?\d+ "
        r"with (\d+) workers? [^\n]*\(.*\)\."
    ),
    SANY_START: re.compile(r"Starting SANY\.\.\."),
    SANY_END: re.compile(r"SANY finished\."),
    STARTING: re.compile(r"Starting\.\.\. \([^\n]+\)"),
    COMPUTING_INITIAL: re.compile(r"Computing initial states\.\.\."),
    INITIAL: re.compile(
        rf"Finished computing initial states: {_NUMBER} distinct states? generated at [^\n]*\."
    ),
    INITIAL_WITH_DUPLICATES: re.compile(
        rf"Finished computing initial states: [\d,]+ states? generated, with {_NUMBER} of them "
        r"distinct at [^\n]*\."
    ),
    PROGRESS: _PROGRESS,
    STATS: re.compile(
        rf"{_NUMBER} states generated, {_NUMBER} distinct states found, "
        rf"{_NUMBER} states left on queue\."
    ),
    LIVENESS_BRANCHES: re.compile(
        r"Implied-temporal checking--satisfiability problem has \d+ branches\."
    ),
    LIVENESS_START: re.compile(
        rf"Checking [^\n]*temporal properties for the (\w+) state space with {_NUMBER} total "
        r"distinct states at \(.*\)"
    ),
    LIVENESS_END: re.compile(r"Finished checking temporal properties in \S+ at [^\n]+"),
    OUT_DEGREE: re.compile(r"The average outdegree of the complete state graph is [^\n]+\)\."),
    FINISHED: re.compile(r"Finished in \S.* at \(.+\)"),
    DEPTH: re.compile(rf"The depth of the complete state graph search is {_NUMBER}\."),
    SUCCESS: re.compile(
        r"Model checking completed\. No error has been found\.\n"
        r"  Estimates of the probability that TLC did not check all reachable states\n"
        r"  because two distinct states had the same fingerprint:\n"
        r"  calculated \(optimistic\):  val = ([0-9.E+-]+)"
        r"(?:\n  based on the actual fingerprints:  val = ([0-9.E+-]+))?"
    ),
}
_ACTION = r"<([\w!]+)(?:\(.*\))? line \d+, col \d+ to line \d+, col \d+ of module [^<>\n]+>"
_COVERAGE = re.compile(rf"{_ACTION}: {_NUMBER}:{_NUMBER}")
_STATE = re.compile(rf"(\d+): (?:<Initial predicate>|{_ACTION})\n(.*)", re.DOTALL)
_STUTTERING = re.compile(r"(\d+): Stuttering\s*")
_BACK = re.compile(rf"(\d+): Back to state(?:: {_ACTION})?\s*")


def is_readable(message: Message) -> bool:
    """Return whether the text of `message` is as its number promises, where anything depends on it.

    The messages of a trace are not looked at.
    """
    if message.code == COVERAGE_ACTION:
        return _COVERAGE.fullmatch(message.text) is not None
    pattern = _TEXTS.get(message.code)
    return pattern is None or pattern.fullmatch(message.text) is not None


def progress_of(message: Message) -> Progress | None:
    """Return the counts in a progress message; None for other messages and unreadable ones."""
    if message.code != PROGRESS or not (match := _PROGRESS.fullmatch(message.text)):
        return None
    depth, generated, distinct, queue = map(_int, match.groups())
    return Progress(generated, distinct, queue, depth)


def state_of(message: Message) -> tuple[int, str | None, str] | None:
    """Return the number, action (None: initial) and variables' text of a state of a trace.

    None for other messages and unreadable ones.
    """
    if message.code != STATE_LINES or not (match := _STATE.fullmatch(message.text)):
        return None
    return int(match[1]), match[2], match[3]


def ending_of(message: Message) -> tuple[int, str | None] | None:
    """Return the number and action in a message that ends the trace of an infinite behaviour."""
    if message.code == STUTTERING:
        match = _STUTTERING.fullmatch(message.text)
        return (int(match[1]), None) if match else None
    match = _BACK.fullmatch(message.text) if message.code == BACK_TO_STATE else None
    return (int(match[1]), match[2]) if match else None


@dataclass(frozen=True, slots=True)
class Violation:
    """A message that says that something is violated.

    `index` is its place among the outermost messages, `exits` are the exit statuses that go with
    it, and `name` is that of the invariant or property, or the words of an assertion. `readable`
    says whether the text is what it should be.
    """

    message: Message
    index: int
    kind: Kind
    exits: frozenset[int]
    name: str | None
    readable: bool

    def words(self) -> str:
        """Return what is violated, as a clause."""
        if self.kind is Kind.DEADLOCK:
            return "a deadlock is reached"
        what = "a temporal property" if self.kind is Kind.TEMPORAL else self.kind.value
        return f"{what}{f' {self.name}' if self.name else ''} is violated"


class Facts:
    """The facts in `top`, the outermost messages of a run."""

    def __init__(self, top: Sequence[Message]) -> None:
        self.top = top
        self.times = Counter(message.code for message in top)

    def all(self) -> Iterator[Message]:
        """Yield all messages, also those within others."""
        for message in self.top:
            yield from message.walk()

    def last(self, code: int) -> Message | None:
        """Return the last of the outermost messages with this number."""
        return next((m for m in reversed(self.top) if m.code == code), None)

    def version(self) -> str | None:
        """Return how TLC introduces itself."""
        message = self.last(VERSION)
        return message.text.strip() if message else None

    def workers(self) -> int | None:
        """Return the number of workers, if the search is breadth first."""
        return self._number(BANNER)

    def initial(self) -> int | None:
        """Return the number of distinct initial states."""
        return self._number(INITIAL if self.times[INITIAL] else INITIAL_WITH_DUPLICATES)

    def depth(self) -> int | None:
        """Return the depth of the search at its end."""
        return self._number(DEPTH)

    def stats(self) -> tuple[int, int, int] | None:
        """Return the numbers of generated, distinct and queued states at the end."""
        match = self._match(STATS)
        return (_int(match[1]), _int(match[2]), _int(match[3])) if match else None

    def progress(self) -> Progress | None:
        """Return the last progress report."""
        message = self.last(PROGRESS)
        return progress_of(message) if message else None

    def whole_space_checked(self) -> bool:
        """Return whether the last check of temporal properties covered all states."""
        match = self._match(LIVENESS_START)
        return match is not None and match[1] == "complete"

    def collision(self) -> float | None:
        """Return the larger of the estimated probabilities that two states were taken for one."""
        match = self._match(SUCCESS)
        try:
            return max(float(text) for text in match.groups() if text) if match else None
        except ValueError:
            return None

    def coverage(self) -> dict[str, ActionCoverage]:
        """Return the counts of each action by the last report, which repeats those before it."""
        start = max((i for i, m in enumerate(self.top) if m.code == COVERAGE_START), default=0)
        counts: dict[str, ActionCoverage] = {}
        for message in self.top[start:]:
            if message.code == COVERAGE_ACTION and (match := _COVERAGE.fullmatch(message.text)):
                # An action that Next names twice has two lines.
                before = counts.get(match[1], ActionCoverage(0, 0))
                counts[match[1]] = ActionCoverage(
                    before.distinct + _int(match[2]), before.generated + _int(match[3])
                )
        return counts

    def violation(self) -> Violation | None:
        """Return the first message that says that something is violated."""
        for index, message in enumerate(self.top):
            # Older versions paste a failed assertion into the report of an exception.
            asserted = (m for m in message.inner if m.code == ASSERT_FAILED)
            source = next(asserted, message) if message.code == GENERAL else message
            if source.code in _VIOLATIONS:
                kind, exits, pattern = _VIOLATIONS[source.code]
                match = pattern.fullmatch(source.text)
                name = (match["name"] or None) if match else None
                return Violation(source, index, kind, exits, name, match is not None)
        return None

    def _match(self, code: int) -> re.Match[str] | None:
        message = self.last(code)
        return _TEXTS[code].fullmatch(message.text) if message else None

    def _number(self, code: int) -> int | None:
        match = self._match(code)
        return _int(match[1]) if match else None


def _int(text: str) -> int:
    return int(text.replace(",", ""))
