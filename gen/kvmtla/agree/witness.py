"""The difference between two searches of a model: a state that one reaches and another does not."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kvmtla.engine import Compiled, Limits, Search
from kvmtla.ir.model import Model
from kvmtla.modules.point import Point
from kvmtla.sem import Meaning, State, enabled, first_states
from kvmtla.tlc import RunOptions, TlcOutputError, Toolchain, parse_state, run_tlc
from kvmtla.trace.reading import MismatchError, StateReader
from kvmtla.trace.words import Words
from kvmtla.verdict import Verdict

# Beyond this many states the reference semantics takes too long.
_MOST = 20_000


def witness(point: Point, compiled: Compiled, toolchain: Toolchain) -> list[str]:
    """Return lines that say which search is the odd one out, and show the state."""
    model = point.module.model
    said = _against_reference(model, compiled)
    if said is None:
        said = _against_tlc(point, compiled, toolchain)
    return said


def _against_reference(model: Model, compiled: Compiled) -> list[str] | None:
    """Return lines as `witness` does; None where the engine finds the reference's states."""
    search = Search(compiled, symmetry=False)
    outcome = search.run((), limit=Limits(states=_MOST))
    if outcome.verdict is Verdict.UNKNOWN:
        return [f"There are more than {_MOST} states, too many to say who is right."]
    if outcome.verdict is Verdict.VIOLATED:
        return [
            "A variable gets a value that is not of its type:",
            *_lines(model, outcome.trace[-1][1]),
        ]
    known = set()
    for state in _reachable(model):
        known.add(tuple(state.values()))
        if not search.has(state):
            said = "The reference semantics reaches a state that the engine does not:"
            return [said, *_lines(model, state)]
    for state in search.states():
        if tuple(state.values()) not in known:
            said = "The engine reaches a state that the reference semantics does not:"
            return [said, *_lines(model, state)]
    return None


def _reachable(model: Model) -> Iterator[State]:
    """Yield all states by the reference semantics, each once, nearest first."""
    meaning = Meaning(model)
    names = tuple(model.variables)

    def ordered(state: State) -> dict[str, object]:
        return {n: state[n] for n in names}

    layer = [ordered(s) for s in first_states(meaning)]
    seen: set[tuple[object, ...]] = set()
    while layer:
        ahead = []
        for state in layer:
            key = tuple(state.values())
            if key not in seen:
                seen.add(key)
                yield state
                ahead += [ordered(t.after) for t in enabled(meaning, state)]
        layer = ahead


def _against_tlc(point: Point, compiled: Compiled, toolchain: Toolchain) -> list[str]:
    model = point.module.model
    search = Search(compiled)
    search.run(())
    found = set()
    head = "The engine and the reference semantics find the same states."
    try:
        for state in _states_of_tlc(point, toolchain):
            if not search.has(state):
                said = f"{head} TLC reaches one that they do not:"
                return [said, *_lines(model, state)]
            found.add(search.number(state))
    except (MismatchError, TlcOutputError) as error:
        return [f"{head} TLC reaches one that cannot be read: {error}"]
    for state in search.states():
        if search.number(state) not in found:
            return [f"{head} TLC does not reach this one:", *_lines(model, state)]
    return [f"{head} So does TLC; what they say of them is what differs."]


def _states_of_tlc(point: Point, toolchain: Toolchain) -> Iterator[State]:
    """Yield all states that TLC reaches, in its own order."""
    module = point.module
    cfg = module.cfg_file(point.prop)
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / module.file).write_text(module.text, encoding="utf-8")
        # Nothing may end the search before its end.
        frame = module.cfgs[point.prop].partition("INVARIANTS")[0]
        (folder / cfg).write_text(frame, encoding="utf-8")
        dump = folder / "states.dump"
        options = RunOptions(dump=str(dump))
        run_tlc(toolchain, folder, module.file, cfg, options=options)
        text = dump.read_text(encoding="utf-8") if dump.exists() else ""
    reader = StateReader(module.model)
    for part in re.split(r"^State \d+:$", text, flags=re.MULTILINE)[1:]:
        yield reader.state(parse_state(part.strip()))


def _lines(model: Model, state: State) -> list[str]:
    words = Words(model)
    width = max(map(len, model.variables))
    return [
        f"    {n.ljust(width)}  {words.value(state[n], v.type)}" for n, v in model.variables.items()
    ]
