"""Turns a counterexample into the data of its page."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kvmtla.ir import expr as x
from kvmtla.ir.model import Definition, Model
from kvmtla.ir.types import DomainT, Value, elements
from kvmtla.page.model import Claim, Light, PageData, PageLine, PageState, PageStep
from kvmtla.page.places import Places
from kvmtla.page.sources import Sources
from kvmtla.sem import Meaning, State, Taken
from kvmtla.trace import Step, Trace
from kvmtla.trace.around import MOST_STEPS, Node, around
from kvmtla.trace.explain import explain
from kvmtla.trace.narration import Line, again, in_short, innermost, lines, narrate
from kvmtla.trace.tell import Teller

VERSION = 1
_WORD_BITS = 64

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A counterexample with what a page says around it.

    `root` is the folder to which places in the specification are relative, `command` shows the
    counterexample again, `made_by` is this program with its version.
    """

    model: Model
    trace: Trace
    claim: Claim
    verdict: str
    bounds: str
    command: str
    made_by: str
    root: Path


def page_data(shown: Shown, most: int = MOST_STEPS) -> PageData:
    """Return the data of the page for `shown`, with about `most` steps of the state graph."""
    return _Builder(shown).data(most)


class _Builder:
    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self.model = shown.model
        self.meaning = Meaning(self.model)
        self.teller = Teller(self.model)
        self.places = Places(self.model)
        self.sources = Sources(shown.root)
        self.spans = list(_spans(self.model))
        self.words: dict[str, int] = {}
        self.lines: dict[PageLine, int] = {}
        self.steps: dict[PageStep, int] = {}
        self.reasons: dict[tuple[str, ...], int] = {}

    def data(self, most: int) -> PageData:
        """Return the page's data."""
        m, trace = self.model, self.shown.trace
        nodes, own = around(self.meaning, [trace.first, *(s.after for s in trace.steps)], most)
        states = tuple(self._state(n) for n in nodes)
        places = self.places.places
        bits = [s.bit for p in places for s in p.slots if s.bit is not None]
        told = tuple(self._lines(said) for _, said in narrate(trace))
        short = tuple((s.number, self._lines(said)) for s, said in in_short(trace))
        return PageData(
            version=VERSION,
            title=f"{self.shown.claim.name}: {trace.title}",
            claim=self.shown.claim,
            verdict=self.shown.verdict,
            property=trace.property,
            meaning=trace.meaning,
            scenario=trace.scenario,
            doc=trace.doc,
            bounds=self.shown.bounds,
            constants=dict(trace.constants),
            command=self.shown.command,
            made_by=self.shown.made_by,
            first_words=trace.first_words,
            lanes=trace.lanes,
            actors=tuple(dict.fromkeys(self._all_lanes())),
            word_format=m.word_format or "",
            word_bits=max([_WORD_BITS, *(b + 1 for b in bits)]),
            places=places,
            invariants=tuple(Light(n, self.meaning.definitions[n].doc, "") for n in m.invariants),
            spans=tuple(light for light, _, _ in self.spans),
            words=tuple(self.words),
            spots=tuple(self.sources.spots),
            lines=tuple(self.lines),
            excerpts=tuple(self.sources.excerpts),
            steps=tuple(self.steps),
            reasons=tuple(self.reasons),
            states=states,
            complete=all(n.leads is not None for n in nodes),
            # Where one round is told of steps that repeat, so much is shown.
            path=tuple(self._choices(nodes, own))[: len(told)],
            told=told,
            short=short,
            own=trace.own,
            loop=trace.loop,
            again=again(trace) if trace.loop is not None else "",
            failure=trace.failure,
        )

    def _all_lanes(self) -> Iterator[str]:
        """Yield the names of all lanes, those that do nothing in the counterexample included."""
        yield from self.shown.trace.lanes
        for a in self.model.actors:
            if a.domain is None:
                yield a.label
            else:
                yield from (f"{a.label} {i}" for i in range(self.model.sizes[a.domain]))

    def _state(self, node: Node) -> PageState:
        state = node.state
        true = [self.meaning.invariant(n, state) for n in self.model.invariants]
        why = [
            line
            for n, holds in zip(self.model.invariants, true, strict=True)
            if not holds
            for line in explain(self.meaning, self.places.words, self.model.asked(n), [state])
        ]
        leads = None
        if node.leads is not None:
            leads = tuple((to, self._step(taken, state)) for to, taken in node.leads)
        return PageState(
            tuple(_number(self.words, v) for v in self.places.values(state)),
            _flags(true),
            _flags(bool(self.meaning.value(d.body, state, bound)) for _, d, bound in self.spans),
            _number(self.reasons, tuple(why)) if why else -1,
            leads,
        )

    def _step(self, taken: Taken, before: State) -> int:
        step = self.teller.step(0, taken, before)
        inner = innermost(step)
        places = [(t.file, t.line, t.kernel_source, t.path) for t in (*inner, *step.told)]
        places.append((step.file, step.line, step.kernel_source, (step.operation,)))
        told = PageStep(
            step.lane,
            step.actor,
            step.operation,
            step.text,
            self._lines(lines(step)),
            tuple(dict.fromkeys(self.sources.spot(*place) for place in places)),
            step.is_hardware,
            step.begins,
            step.enters,
        )
        return _number(self.steps, told)

    def _lines(self, said: Iterable[Line]) -> tuple[int, ...]:
        found = (PageLine(n.kind.value, n.text, n.mark, n.links, n.minor) for n in said)
        return tuple(_number(self.lines, line) for line in found)

    def _choices(self, nodes: Sequence[Node], own: Sequence[int]) -> Iterator[int]:
        """Yield which of the possible steps the counterexample takes, from its first state on."""
        steps = zip(own, own[1:], self.shown.trace.steps, strict=False)
        for before, after, step in steps:
            leads = nodes[before].leads
            assert leads is not None
            yield self._choice(nodes[before].state, leads, after, step)

    def _choice(
        self, before: State, leads: Sequence[tuple[int, Taken]], after: int, step: Step
    ) -> int:
        """Return the number of the step that is told the same; several may lead to one state."""
        same = [
            i for i, (to, t) in enumerate(leads) if to == after and t.action.name == step.action
        ]
        for i in same:
            if self.teller.step(step.number, leads[i][1], before) == step:
                return i
        return same[0]


def _spans(model: Model) -> Iterator[tuple[Light, Definition, Mapping[str, Value]]]:
    """Yield the spans that the model asks about, for all their elements."""
    names = {e.span for e in model.expressions if isinstance(e, x.Active)}
    for d in model.definitions:
        if d.name not in names:
            continue
        ranges = [elements(p.type, model.sizes) for p in d.params]
        for values in itertools.product(*ranges):
            of = [
                f"{p.type.label} {v}"
                for p, v in zip(d.params, values, strict=True)
                if isinstance(p.type, DomainT)
            ]
            bound = {p.name: v for p, v in zip(d.params, values, strict=True)}
            yield Light(d.name, d.doc, ", ".join(of)), d, bound


def _flags(values: Iterator[bool] | Sequence[bool]) -> str:
    return "".join("1" if v else "0" for v in values)


def _number(table: dict[T, int], thing: T) -> int:
    return table.setdefault(thing, len(table))
