"""The state graph of an algorithm's translation beside that of the model it was made from."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kvmtla.emit.pluscal import PlusCalWriter
from kvmtla.emit.pluscal_names import DONE_LABEL, PlusCalNames
from kvmtla.errors import ToolError
from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.ir.types import MapT, Value
from kvmtla.modules.module import Module
from kvmtla.patience import TooLongError, within
from kvmtla.sem import Meaning, State, enabled, first_states
from kvmtla.tlc import (
    RunOptions,
    TlcOutputError,
    TlcString,
    TlcValue,
    Toolchain,
    parse_value,
    run_tlc,
    translate,
)
from kvmtla.trace.reading import MismatchError, entries_of, read_value
from kvmtla.trace.words import Words
from kvmtla.verdict import Verdict

MOST_STATES = 5000
"""Models with more states than this are not compared unless that is asked for."""

Key = tuple[Value, ...]
Step = tuple[Key, str, Key]
"""The state before, the label, and the state after."""


@dataclass(frozen=True)
class Graph:
    """States, each as the values of a model's variables in their order, and steps between them."""

    first: frozenset[Key]
    states: frozenset[Key]
    steps: frozenset[Step]
    unlike: frozenset[Key] = frozenset()
    """The states that TLC has several of, from which the steps are not the same."""


@dataclass(frozen=True)
class GraphComparison:
    """A model's graph beside that of its algorithm.

    `states` and `steps` are how many the model has; 0 where it has too many, or where the graphs
    cannot be compared, for the reason `undecided`. `differences` are lines for the user.
    """

    module: Module
    states: int = 0
    steps: int = 0
    differences: tuple[str, ...] = ()
    undecided: str | None = None


def compare_graphs(
    module: Module,
    root: Path,
    toolchain: Toolchain,
    most: int = MOST_STATES,
    time_limit: float | None = None,
    cancel: threading.Event | None = None,
) -> GraphComparison:
    """Make a PlusCal algorithm of the model, have TLC explore it, and compare the graphs.

    The other graph is that of the reference semantics. `root` is the folder to which places in the
    spec are relative. `time_limit`, in seconds, applies to compiling, and again to TLC; `cancel`
    ends TLC. Raises SpecError where there is no algorithm for the model.
    """
    module.give(time_limit)
    try:
        model = module.model
        with within(time_limit):
            writer = PlusCalWriter(model, root)
            algorithm = writer.module()
    except TooLongError as error:
        return GraphComparison(module, undecided=error.message)
    expected = _graph_of(model, writer.names, most)
    if expected is None:
        return GraphComparison(module)
    try:
        text = translate(toolchain, model.name, algorithm)
        found = _explored(model, writer, text, toolchain, time_limit, cancel)
        differences = tuple(_differences(model, expected, found))
    except ToolError as error:
        return GraphComparison(module, undecided=error.message)
    except (MismatchError, TlcOutputError) as error:
        differences = (f"TLC's states cannot be read: {error}",)
    return GraphComparison(module, len(expected.states), len(expected.steps), differences)


def _graph_of(model: Model, names: PlusCalNames, most: int) -> Graph | None:
    """Return the model's graph by the reference semantics; None for more than `most` states."""
    meaning = Meaning(model)

    def key(state: State) -> Key:
        return tuple(state[n] for n in model.variables)

    first = {key(s): s for s in first_states(meaning)}
    seen, steps, todo = dict(first), set[Step](), list(first.items())
    while todo:
        source, state = todo.pop()
        for taken in enabled(meaning, state):
            label = names.label(taken.action.actor, taken.action.at or IDLE)
            target = key(taken.after)
            steps.add((source, label, target))
            if target not in seen:
                seen[target] = taken.after
                todo.append((target, taken.after))
        if len(seen) > most:
            return None
    return Graph(frozenset(first), frozenset(seen), frozenset(steps))


# -- what TLC finds

# These are added so that standing still is no deadlock; they are nobody's steps.
_QUIET = ("Quiescent", "Terminating")
_NODE = re.compile(r'^(-?\d+) \[label="((?:[^"\\]|\\.)*)"(,style = filled)?\]', re.M)
_EDGE = re.compile(r'^(-?\d+) -> (-?\d+) \[label="(\w+)"', re.M)
_VARIABLE = re.compile(r"^(?:/\\ )?(\w+) = ", re.M)
_ESCAPED = re.compile(r"\\(.)")


def _explored(
    model: Model,
    writer: PlusCalWriter,
    text: str,
    toolchain: Toolchain,
    time_limit: float | None,
    cancel: threading.Event | None,
) -> Graph:
    """Return the graph of a translated algorithm, in the values of the model."""
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / f"{model.name}.tla").write_text(text, encoding="utf-8")
        (folder / "run.cfg").write_text(writer.frame(), encoding="utf-8")
        dump = folder / "graph.dot"
        options = RunOptions(time_limit, dump=str(dump))
        module = f"{model.name}.tla"
        outcome = run_tlc(toolchain, folder, module, "run.cfg", options=options, cancel=cancel)
        if outcome.verdict is not Verdict.HOLDS:
            raise ToolError(
                "KT811", f"TLC does not get through {model.name} in PlusCal: {outcome.reason}"
            )
        graph = dump.read_text(encoding="utf-8")
    reader = _Reader(model, writer)
    states, first = {}, set()
    for number, label, filled in _NODE.findall(graph):
        states[number] = reader.state(_ESCAPED.sub(_unescaped, label))
        if filled:
            first.add(states[number])
    if len(states) != outcome.distinct:
        raise ToolError("KT811", f"TLC found {outcome.distinct} states, and wrote {len(states)}")
    same = {copy: label for (_, copy), label in writer.names.copies.items()}
    ahead: dict[str, set[tuple[str, Key]]] = {number: set() for number in states}
    for a, b, by in _EDGE.findall(graph):
        if by not in _QUIET:
            ahead[a].add((same.get(by, by), states[b]))
    steps = {(states[a], by, b) for a, found in ahead.items() for by, b in found}
    whole: dict[Key, set[tuple[str, Key]]] = {}
    for number, found in ahead.items():
        whole.setdefault(states[number], set()).update(found)
    unlike = {states[number] for number, found in ahead.items() if found != whole[states[number]]}
    return Graph(frozenset(first), frozenset(states.values()), frozenset(steps), frozenset(unlike))


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


class _Reader:
    """Reads TLC's states of an algorithm as states of the model.

    In the model, a local that nobody reads any more has its first value. An algorithm may leave the
    last one in it.
    """

    def __init__(self, model: Model, writer: PlusCalWriter) -> None:
        self.model = model
        self.names = writer.names
        self._kept = writer.kept
        self._places = {(a, label): place for (a, place), label in self.names.labels.items()}
        self._places |= {
            (a, copy): self._places[a, label] for (a, copy), label in self.names.copies.items()
        }
        self._read: dict[tuple[str, str], Value] = {}

    def state(self, text: str) -> Key:
        """Return a state; raise MismatchError or TlcOutputError where it is none of the model."""
        parts = _VARIABLE.split(text)[1:]
        raw = dict(zip(parts[::2], parts[1::2], strict=True))
        values = []
        for n in self.model.variables:
            name = self._name(n)
            if name not in raw:
                raise MismatchError(f"there is no variable {name}")
            shown = raw[name].strip()
            known = self._read.get((n, shown))
            if known is None:
                known = self._value(n, shown)
                self._read[n, shown] = known
            values.append(known)
        state = dict(zip(self.model.variables, values, strict=True))
        for n in self._kept:
            state[n] = self._as_in_model(n, state)
        return tuple(state.values())

    def _as_in_model(self, variable: str, state: Mapping[str, Value]) -> Value:
        """Return the value of an actor's variable, or its first one where it is of no use."""
        v = self.model.variables[variable]
        assert v.actor is not None
        now, first, at = state[variable], v.first, state[f"{v.actor}_pc"]
        if not isinstance(v.type, MapT):
            return self._one(variable, now, first, at)
        assert isinstance(now, tuple)
        assert isinstance(first, tuple)
        assert isinstance(at, tuple)
        each = zip(now, first, at, strict=True)
        return tuple(self._one(variable, *one) for one in each)

    def _one(self, variable: str, now: Value, first: Value, at: Value) -> Value:
        return now if str(at) not in self._kept[variable] else first

    def _name(self, variable: str) -> str:
        if variable in self.names.locals:
            return self.names.locals[variable].text
        return self.names.shared.get(variable, "pc")

    def _value(self, variable: str, shown: str) -> Value:
        v = self.model.variables[variable]
        if variable in self.names.locals or v.actor is None:
            return read_value(_parsed(shown), v.type, self.model.sizes, variable)
        where = entries_of(_parsed(shown))
        there = [self._place(v.actor, where[_parsed(i)]) for i in self.names.ids_of(v.actor)]
        return there[0] if v.actor in self.names.ids else tuple(there)

    def _place(self, actor: str, at: TlcValue) -> str:
        assert isinstance(at, TlcString)
        return DONE if at.text == DONE_LABEL else self._places[actor, at.text]


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> TlcValue:
    return parse_value(text)


# -- how they differ


def _differences(model: Model, expected: Graph, found: Graph) -> Iterator[str]:
    pairs = (
        ("first state", expected.first, found.first),
        ("state", expected.states, found.states),
    )
    for what, here, there in pairs:
        if only := here - there:
            yield f"{len(only)} of {len(here)} {what}s are not the algorithm's, such as:"
            yield from _lines(model, _least(only))
        if only := there - here:
            yield f"{len(only)} of the algorithm's {what}s are not the model's, such as:"
            yield from _lines(model, _least(only))
    for who, one, other in (("algorithm", expected, found), ("model", found, expected)):
        both = {s for s in one.steps - other.steps if s[0] in other.states}
        if both:
            source, label, target = min(both, key=repr)
            yield f"{len(both)} steps are not the {who}'s, such as {label}, from"
            yield from _lines(model, source)
            yield "  to"
            yield from _lines(model, target)
    yield from _unlike(model, found)


def _unlike(model: Model, found: Graph) -> Iterator[str]:
    if found.unlike:
        yield "from states that differ in locals of no more use, the algorithm goes on differently:"
        yield from _lines(model, _least(found.unlike))


def _least(states: frozenset[Key]) -> Key:
    return min(states, key=repr)


def _lines(model: Model, state: Key) -> list[str]:
    words = Words(model)
    width = max(map(len, model.variables))
    pairs = zip(model.variables.items(), state, strict=True)
    return [f"    {n.ljust(width)}  {words.value(value, v.type)}" for (n, v), value in pairs]
