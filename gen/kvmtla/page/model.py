"""The data of a page: it becomes JSON, and the page's own script draws it.

A state is a list of values in words, one for each slot; the slots are the fields of all places, in
order. Values, steps and reasons are stored once, in tables, and referred to by number.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a place ("" if it is the whole place). `bit` is its position in a word.

    `idle` says that nothing in the model ever sets it.
    """

    label: str
    bit: int | None
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the state that is shown as one.

    `kind` is one of word, record, value, lock, at (where an actor stands). `group` is what it
    belongs to, `name` its name in steps, and `label` its name inside its group. `actor` is its
    owner, "" for shared state.
    """

    name: str
    label: str
    group: str
    kind: str
    actor: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class PageLine:
    """Something that is said of a step, as in `trace.narration`.

    `mark` is the end of the text that is new, "" for none; `steps` are those that it names.
    """

    kind: str
    text: str
    mark: str
    steps: tuple[int, ...]
    minor: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of the specification: its excerpt (-1: none), its kernel source, its functions."""

    excerpt: int
    file: str
    line: int
    kernel: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file of the specification, from the line `first`."""

    file: str
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageStep:
    """A step, wherever it is taken; `text` is what happens in it, on one line.

    `lines` are the numbers of what is said of it, wherever it comes from. `spots` are those of its
    places in the specification, the innermost first.
    """

    lane: str
    actor: str
    operation: str
    text: str
    lines: tuple[int, ...]
    spots: tuple[int, ...]
    hardware: bool
    begins: bool
    enters: bool


@dataclass(frozen=True, slots=True)
class Light:
    """Something that is true or false in each state: an invariant, or that somebody is in a span.

    `of` names the elements that the span is for, "" if none.
    """

    name: str
    doc: str
    of: str


@dataclass(frozen=True, slots=True)
class PageState:
    """A state: its values, the lights that are on, why invariants are false, what may happen next.

    `why` is the number of a reason, -1 for none. `next` is None where the page's part of the state
    graph ends.
    """

    values: tuple[int, ...]
    invariants: str
    spans: str
    why: int
    next: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim that is tested: a sentence and its source."""

    name: str
    quote: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class PageData:
    """All that a page shows. The counterexample starts in state 0 and takes the choices `path`."""

    version: int
    title: str
    claim: Claim
    verdict: str
    property: str
    meaning: str
    scenario: str
    doc: str
    bounds: str
    constants: dict[str, str]
    command: str
    made_by: str
    first_words: tuple[str, ...]
    lanes: tuple[str, ...]
    actors: tuple[str, ...]
    word_format: str
    word_bits: int
    places: tuple[Place, ...]
    invariants: tuple[Light, ...]
    spans: tuple[Light, ...]
    words: tuple[str, ...]
    spots: tuple[Spot, ...]
    lines: tuple[PageLine, ...]
    excerpts: tuple[Excerpt, ...]
    steps: tuple[PageStep, ...]
    reasons: tuple[tuple[str, ...], ...]
    states: tuple[PageState, ...]
    complete: bool
    """Whether these are all states."""
    path: tuple[int, ...]
    told: tuple[tuple[int, ...], ...]
    """The numbers of the lines for each step of the path, with what it has to do with others."""
    short: tuple[tuple[int, tuple[int, ...]], ...]
    """The steps that matter most, with the lines for each; none where all do."""
    own: bool
    """Whether the path is not the counterexample, but one that somebody chose."""
    loop: int | None
    """The number of steps before those that repeat, as in `trace.Trace`; `again` says so."""
    again: str
    failure: tuple[str, ...]
    """Lines that say what is wrong where the path ends."""


def as_json(data: PageData) -> str:
    """Return the page's data as JSON, safe inside a script element."""
    text = msgspec.json.encode(data).decode()
    # It must not contain the end of the element, a comment, or the end of a line of JavaScript.
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return text
