"""The one law: never "holds" or "violated" unless everything TLC left behind agrees.

`judge` looks for objections. Without any, a run that says that it found no error HOLDS, and a run
that says what is violated, with a whole trace, is VIOLATED; everything else is UNKNOWN. Anything
not known to be harmless is an objection: TLC has ways of ending with exit status 0 and "No error
has been found" after it missed or even reported an error (tlaplus#1385 `-continue`, tlaplus#798 no
initial states, `TLCSet("exit", TRUE)` with states left on the queue, tlaplus#971 liveness with
several workers, liveness with symmetry or constraints).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvmtla.tlc.facts import (
    BACK_TO_STATE,
    BANNER,
    BEHAVIOUR,
    CALL_STACK,
    COMPUTING_INITIAL,
    COUNTER_EXAMPLE,
    COVERAGE_ACTION,
    COVERAGE_START,
    DEPTH,
    FINISHED,
    GENERAL,
    INITIAL,
    INITIAL_WITH_DUPLICATES,
    INVARIANT_INITIAL,
    LIVENESS_BRANCHES,
    LIVENESS_END,
    LIVENESS_START,
    OUT_DEGREE,
    PROGRESS,
    SANY_END,
    SANY_START,
    STARTING,
    STATE_LINES,
    STATS,
    STUTTERING,
    SUCCESS,
    VERSION,
    Facts,
    Violation,
    ending_of,
    is_readable,
    state_of,
)
from kvmtla.tlc.outcome import Lasso, RawState, TlcOutcome
from kvmtla.tlc.protocol import BUG, ERROR, NONE, STATE, WARNING, Message, Protocol
from kvmtla.tlc.values import TlcOutputError, TlcValue, parse_state
from kvmtla.verdict import Kind, Verdict

# In a run that holds, each of these comes once.
_ONCE = (
    *(VERSION, BANNER, SANY_START, SANY_END, STARTING),
    *(COMPUTING_INITIAL, SUCCESS, STATS, DEPTH, FINISHED),
)
# These report progress and speak for or against nothing (2168: a Java override was loaded; 2269:
# initial states so far; 2202, 2221, 2773 to 2775, 2777, 2778: coverage).
_HARMLESS = frozenset(
    {
        *_ONCE,
        *(INITIAL, INITIAL_WITH_DUPLICATES, PROGRESS, OUT_DEGREE),
        *(LIVENESS_BRANCHES, LIVENESS_START, LIVENESS_END),
        *(COVERAGE_START, COVERAGE_ACTION, 2202, 2221, 2773, 2774, 2775, 2777, 2778),
        *(2168, 2269),
    }
)
# Liveness together with symmetry, or with constraints: neither answer can be believed
# (Specifying Systems, section 14.3.5).
_UNSOUND_WARNINGS = frozenset({2279, 2284})
# 2401: the garbage collector is not the one TLC likes; 2270: a temporary file could not be deleted.
_HARMLESS_WARNINGS = frozenset({2401, 2270})
# Java without the management classes: there will be no statistics to look at from outside.
_NO_STATISTICS = "Failed to create MBean wrapper"

_OUT_OF_MEMORY = frozenset({1001, 1002, 1003})
_STACK_OVERFLOW = 1005
_CONFIGURATION = frozenset(range(5001, 5007))
# tlc2.output.EC.ExitStatus
_FAILURES = {
    10: "an assumption is false or cannot be evaluated",
    75: "TLC could not evaluate the spec",
    76: "TLC could not evaluate an invariant",
    77: "TLC could not evaluate a temporal property",
    151: "TLC does not accept the configuration",
}
_EVALUATION = frozenset({75, 76, 77})
_PARSE_ERROR = 150

# What TLC says where it is told to compute everything at once.
_NO_LAZY_VALUES = "LazyValue is disabled."
_SANY_LINE = re.compile(r"(Parsing file|Semantic processing of module|Linting of module) \S.*")
# Newer versions also say in which jar a module of their own is.
_PARSED = re.compile(r"Parsing file (.+?\.tla)(?: \(.*\))?")
_PROCESSED = re.compile(r"Semantic processing of module (\S+)")
# Java says one of these on standard error when a thread of it has died.
_TROUBLE = re.compile(r"Exception|Error\b|@!@!@")
_LONGEST = 800
_NOT_OF_STEPS = "TLC takes what should be about steps for a temporal property"


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The remains of a process that ended.

    `exit_code` is negative for a signal, as in `subprocess`. `stopped` is why the process was ended
    from outside (None: it ended by itself). `stderr` is its standard error, or the end of it.
    `temporal` says that a temporal property was asked for, `of_steps` that what may look like one
    is about steps, `coverage` that coverage was asked for; `collision_limit` is the greatest
    probability of a fingerprint collision to put up with. `modules` are the files of the modules
    that TLC was to read, besides those that it brings.
    """

    output: Protocol
    exit_code: int
    stopped: str | None
    stderr: str
    seconds: float
    temporal: bool
    of_steps: bool
    coverage: bool
    collision_limit: float
    modules: frozenset[Path]


class _Objection(Exception):  # noqa: N818 - it is not an error, and never leaves this module
    """The reason why a verdict cannot be given; carries the sentence."""


def judge(run: FinishedRun) -> TlcOutcome:
    """Return the outcome of `run`. Never raises for what TLC did or wrote."""
    facts = Facts(run.output.messages)
    violation = facts.violation()
    verdict, reason = Verdict.UNKNOWN, None
    trace: tuple[RawState, ...] = ()
    lasso: Lasso | None = None
    try:
        if run.stopped is not None:
            raise _Objection(run.stopped)
        if violation is not None:
            trace, lasso = _violated(run, facts, violation)
            verdict = Verdict.VIOLATED
        elif run.exit_code == 0:
            _holds(run, facts)
            verdict = Verdict.HOLDS
        else:
            raise _Objection(_failure(run, facts))
    except _Objection as objection:
        reason = str(objection)
        if violation is not None and run.stopped is None:
            reason = f"TLC says that {violation.words()}, but {reason}"
    shown = violation if verdict is Verdict.VIOLATED else None
    stats, progress = facts.stats(), facts.progress()
    if stats is None and progress is not None:
        stats = (progress.generated, progress.distinct, progress.queue)
    generated, distinct, queue = stats or (None, None, None)
    return TlcOutcome(
        verdict=verdict,
        reason=reason,
        kind=shown.kind if shown else None,
        name=shown.name if shown else None,
        trace=trace,
        lasso=lasso,
        generated=generated,
        distinct=distinct,
        queue=queue,
        depth=facts.depth(),
        initial=facts.initial(),
        seconds=run.seconds,
        coverage=facts.coverage(),
        collision=facts.collision(),
        tlc_version=facts.version(),
        warnings=tuple(m.text for m in facts.top if m.klass == WARNING and not _is_harmless(m)),
        notes=run.stderr,
        exit_code=run.exit_code,
        messages=tuple(facts.top),
    )


def _holds(run: FinishedRun, facts: Facts) -> None:
    for message in facts.all():
        if message.klass in (ERROR, BUG):
            raise _Objection(f"TLC reported an error and ended with status 0: {_say(message)}")
    _check_form(run)
    for message in facts.top:
        if message.inner:
            raise _Objection(f"message {message.code} contains another one: {_say(message)}")
        if not _is_harmless(message):
            how = "warns" if message.klass == WARNING else "said something unexpected"
            raise _Objection(f"TLC {how} (message {message.code}): {_say(message)}")
    _check_frame(facts, _ONCE)
    _check_counts(facts)
    _check_liveness(run, facts)
    collision = facts.collision()
    # Written so that "not a number" is refused too.
    if collision is None or not collision <= run.collision_limit:
        raise _Objection(
            "two states may have been taken for one: TLC estimates a probability of "
            f"{collision}, the limit is {run.collision_limit}"
        )
    if run.coverage and not facts.coverage():
        raise _Objection("TLC gave no coverage although it was asked for")


def _violated(
    run: FinishedRun, facts: Facts, violation: Violation
) -> tuple[tuple[RawState, ...], Lasso | None]:
    if run.exit_code not in violation.exits:
        if violation.kind is Kind.ASSERTION and run.exit_code in _EVALUATION:
            raise _Objection("this version of TLC gives no trace to a failed assertion")
        raise _Objection(_mishap(run, facts) or f"it ended with exit status {run.exit_code}")
    _check_form(run)
    if not violation.readable or facts.top[violation.index].klass not in (ERROR, None):
        raise _Objection(f"that message is unreadable: {_clip(violation.message.text)!r}")
    for index, message in enumerate(facts.top):
        if index != violation.index:
            _check_beside(message, violation)
    _check_frame(facts, (VERSION, BANNER, FINISHED))
    one_worker = facts.workers() == 1
    if violation.kind is Kind.TEMPORAL and run.of_steps:
        raise _Objection(_NOT_OF_STEPS)
    if violation.kind is Kind.TEMPORAL and not one_worker:
        raise _Objection("a temporal property was checked by more than one worker")
    trace, lasso = _trace(facts, violation)
    # Breadth first, one worker: no state lies deeper than the one in which the violation shows.
    depth = facts.depth()
    shortest = violation.kind in (Kind.INVARIANT, Kind.ACTION) and one_worker
    if shortest and depth and len(trace) < depth:
        raise _Objection(f"its trace has {len(trace)} states, and the search went {depth} deep")
    return trace, lasso


def _check_form(run: FinishedRun) -> None:
    """Object to output that is not in the form it should have, whatever it says."""
    output = run.output
    if output.faults:
        raise _Objection(f"TLC's output is damaged: {output.faults[0]}")
    for line in output.stray:
        if line.strip() != _NO_LAZY_VALUES:
            raise _Objection(f"TLC's output has a line of unknown origin: {_clip(line)!r}")
    for line in output.sany:
        if not _SANY_LINE.fullmatch(line.strip()):
            raise _Objection(f"TLC's parser has something to say: {_clip(line)!r}")
    _check_modules(run)
    for line in run.stderr.splitlines():
        if _TROUBLE.search(line):
            raise _Objection(f"Java reported trouble: {_clip(line)!r}")


def _check_modules(run: FinishedRun) -> None:
    """Object unless TLC read the modules that it was to read, each once, and no others.

    The modules that TLC brings along lie elsewhere.
    """
    lines = [line.strip() for line in run.output.sany]
    parsed = [_real(m[1]) for line in lines if (m := _PARSED.fullmatch(line))]
    processed = [m[1] for line in lines if (m := _PROCESSED.fullmatch(line))]
    asked = {_real(str(f)) for f in run.modules}
    folders = {f.parent for f in asked}
    own = [f for f in parsed if f.parent in folders]
    if sorted(own) != sorted(asked):
        missing, others = sorted(asked - {*own}), sorted({*own} - asked)
        what = [f"did not read {_names(missing)}"] if missing else []
        what += [f"read {_names(others)}, which it was not given"] if others else []
        raise _Objection(f"TLC {' and '.join(what) or 'read a module twice'}")
    if sorted(f.stem for f in parsed) != sorted(processed):
        raise _Objection("TLC did not make sense of the same modules that it had read")


def _real(name: str) -> Path:
    return Path(os.path.realpath(name))


def _names(files: Sequence[Path]) -> str:
    return ", ".join(f.name for f in files)


def _check_frame(facts: Facts, once: Sequence[int]) -> None:
    """Object unless each message of `once` came once, both ends are right, and all is readable."""
    for code in once:
        if facts.times[code] != 1:
            raise _Objection(f"message {code} came {facts.times[code]} times instead of once")
    if facts.top[0].code != VERSION or facts.top[-1].code != FINISHED:
        raise _Objection("TLC's output does not begin and end as it should")
    for message in facts.top:
        if not is_readable(message):
            raise _Objection(f"message {message.code} is unreadable: {_clip(message.text)!r}")


def _is_harmless(message: Message) -> bool:
    if message.klass == WARNING:
        return message.code in _HARMLESS_WARNINGS or (
            message.code == GENERAL and message.text.startswith(_NO_STATISTICS)
        )
    return message.code in _HARMLESS and message.klass in (NONE, None)


def _check_counts(facts: Facts) -> None:
    """Object unless the counts are those of a search that went through to its end."""
    if facts.times[INITIAL] + facts.times[INITIAL_WITH_DUPLICATES] != 1:
        raise _Objection("TLC does not say how many initial states there are")
    initial, stats, progress = facts.initial(), facts.stats(), facts.progress()
    if not initial:
        raise _Objection("the spec has no initial state, so nothing was checked")
    if stats is None:
        raise _Objection("TLC does not say how many states there are")
    generated, distinct, queue = stats
    if queue != 0:
        raise _Objection(f"TLC stopped with {queue} states not looked at")
    if not initial <= distinct <= generated:
        raise _Objection(
            f"TLC's counts contradict each other: {initial} initial states, {distinct} distinct, "
            f"{generated} generated"
        )
    if progress and (progress.generated, progress.distinct, progress.queue) != stats:
        raise _Objection("TLC's last progress report contradicts its final counts")
    if not facts.depth():
        raise _Objection("TLC reports a search of no depth")


def _check_liveness(run: FinishedRun, facts: Facts) -> None:
    if run.temporal and facts.workers() != 1:
        raise _Objection("a temporal property was checked by more than one worker")
    if run.of_steps and facts.times[LIVENESS_BRANCHES] + facts.times[LIVENESS_START]:
        raise _Objection(_NOT_OF_STEPS)
    if facts.times[LIVENESS_START] != facts.times[LIVENESS_END]:
        raise _Objection("TLC began to check temporal properties and did not finish")
    # A property that is really an invariant or a tautology is not checked in this way.
    if facts.times[LIVENESS_BRANCHES] and not facts.whole_space_checked():
        raise _Objection("TLC did not check the temporal properties of the whole state space")


def _check_beside(message: Message, violation: Violation) -> None:
    """Object to a message that has no place beside a violation."""
    allowed = {BEHAVIOUR: ERROR, COUNTER_EXAMPLE: ERROR}
    allowed |= dict.fromkeys((STATE_LINES, STUTTERING, BACK_TO_STATE), STATE)
    if violation.kind is Kind.ASSERTION:
        allowed[CALL_STACK] = ERROR
    if message.code in allowed:
        fits = message.klass in (allowed[message.code], None)
    elif message.klass == WARNING:
        fits = message.code not in _UNSOUND_WARNINGS
    else:
        fits = message.code != SUCCESS and _is_harmless(message)
    if not fits or message.inner:
        raise _Objection(f"it also says (message {message.code}): {_say(message)}")


def _trace(facts: Facts, violation: Violation) -> tuple[tuple[RawState, ...], Lasso | None]:
    heads = [i for i, m in enumerate(facts.top) if m.code in (BEHAVIOUR, COUNTER_EXAMPLE)]
    printed = [
        (i, m)
        for i, m in enumerate(facts.top)
        if m.code in (STATE_LINES, STUTTERING, BACK_TO_STATE)
    ]
    if violation.message.code == INVARIANT_INITIAL:
        if printed or heads:
            raise _Objection("it gives two traces")
        text = violation.message.text.partition("\n")[2]
        return (RawState(1, None, _variables(text)),), None
    if len(heads) != 1 or not printed:
        raise _Objection("it gives more than one trace" if len(heads) > 1 else "it gives no trace")
    if not violation.index < heads[0] < printed[0][0]:
        raise _Objection("its trace is not in its place")
    messages = [message for _, message in printed]
    ending = messages.pop() if messages[-1].code != STATE_LINES else None
    states = tuple(_state(message) for message in messages)
    _check_states(states)
    lasso = _lasso(ending, len(states)) if ending else None
    if (lasso is None) == (violation.kind is Kind.TEMPORAL):
        how = "does not say how it goes on" if lasso is None else "goes on for ever"
        raise _Objection(f"its trace {how}")
    return states, lasso


def _variables(text: str) -> Mapping[str, TlcValue]:
    try:
        return parse_state(text)
    except TlcOutputError as error:
        raise _Objection(f"a state of its trace is unreadable: {error}") from None


def _state(message: Message) -> RawState:
    state = state_of(message)
    if state is None:
        raise _Objection(f"a state of its trace is unreadable: {_clip(message.text)!r}")
    return RawState(state[0], state[1], _variables(state[2]))


def _check_states(states: Sequence[RawState]) -> None:
    """Object unless the states are 1, 2, ..., of the same variables, only the first initial."""
    if [state.number for state in states] != list(range(1, len(states) + 1)) or not states:
        raise _Objection("the states of its trace are not numbered 1, 2, 3 and so on")
    if [state.action is None for state in states] != [True] + [False] * (len(states) - 1):
        raise _Objection("its trace does not begin in an initial state and go on by steps")
    for state in states:
        if list(state.variables) != list(states[0].variables):
            raise _Objection(f"state {state.number} of its trace has other variables than state 1")


def _lasso(message: Message, length: int) -> Lasso:
    ending = ending_of(message)
    if ending and message.code == STUTTERING and ending[0] == length + 1:
        return Lasso(length, None, stuttering=True)
    if ending and message.code == BACK_TO_STATE and 1 <= ending[0] <= length:
        return Lasso(ending[0], ending[1], stuttering=False)
    raise _Objection(f"the end of its trace is unreadable: {_clip(message.text)!r}")


def _clip(text: str) -> str:
    """Return `text` on one line, cut off only where it is very long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


def _say(message: Message) -> str:
    """Return the text of a message, without the words that TLC puts around every exception."""
    source = message.inner[-1] if message.inner else message
    text = source.text.split("\n: ", 1)[-1] if source.code == GENERAL else source.text
    # A stack trace of Java says nothing about the spec.
    return _clip("\n".join(line for line in text.split("\n") if not line.startswith("\tat ")))


def _mishap(run: FinishedRun, facts: Facts) -> str | None:
    """Return what befell the process, apart from what TLC says about the spec; None if nothing."""
    messages = list(facts.all())
    codes = {message.code for message in messages}
    if codes & _OUT_OF_MEMORY or "OutOfMemoryError" in run.stderr:
        return "Java ran out of memory"
    if _STACK_OVERFLOW in codes or any("StackOverflowError" in m.text for m in messages):
        return "Java's stack overflowed: a recursive definition does not end, or nests very deeply"
    if run.exit_code < 0:
        return f"TLC was killed by signal {-run.exit_code}"
    return None


def _failure(run: FinishedRun, facts: Facts) -> str:
    """Return why a run ended with neither success nor a violation."""
    if mishap := _mishap(run, facts):
        return mishap
    if run.exit_code == _PARSE_ERROR:
        words = (line for line in run.output.sany if not _SANY_LINE.fullmatch(line.strip()))
        return "\n".join(["TLC cannot parse the module:", *words])
    what = _FAILURES.get(run.exit_code, f"TLC failed with exit status {run.exit_code}")
    if any(message.code in _CONFIGURATION for message in facts.all()):
        what = _FAILURES[151]
    for message in facts.top:
        if message.klass in (ERROR, BUG):
            return f"{what}: {_say(message)}"
    # A Java that never got as far as TLC writes to standard error, or just somewhere.
    said = _clip(run.stderr) or _clip(" ".join(run.output.stray))
    return f"{what}: {said}" if said else what
