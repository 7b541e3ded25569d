"""What a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvmtla.sem import State
from kvmtla.tlc import Kind, Verdict

TYPE_OK = "TypeOK"
"""What is violated where a variable has a value that is not of its type."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up: after so many states, seconds, or MiB of states; None is never.

    What the states take is an estimate. Without `megabytes`, it is half of the machine's memory.
    """

    states: int | None = None
    seconds: float | None = None
    megabytes: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a search.

    `reason` is given exactly where the verdict is unknown, `kind` and `trace` where it is violated,
    and so is `name`, of the property that is false in the last state, or of the last step, or of
    the goal that is reached (TYPE_OK where a variable has left its type), None for a deadlock.
    `trace` is a shortest way there: the name of each action (None: the first state) with the state
    that it led to.

    `distinct` states were found, of those that symmetry makes one only one. `generated` counts
    first states, steps, and stops of which none is a deadlock; `depth` is the number of states on
    the longest of the shortest ways to a state. Of a search that did not end, they say how far it
    came. `ends` says of each action how often each end of its tree was come to, `fired` how often
    the action was taken, `watched` in how many of the states each condition that the model was
    compiled with is true.
    """

    verdict: Verdict
    reason: str | None
    kind: Kind | None
    name: str | None
    distinct: int
    generated: int
    depth: int
    trace: tuple[tuple[str | None, State], ...] = ()
    ends: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    watched: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    loop: int | None = None
    """Of a trace that goes on for ever: how many steps come before those that repeat."""

    @property
    def fired(self) -> Mapping[str, int]:
        """How often each action was taken."""
        return {action: sum(counts) for action, counts in self.ends.items()}


@dataclass(frozen=True)
class Census:
    """What a search found that goes on after a violation.

    `violated` has what is violated with the fewest steps that lead there, in the order in which it
    was found: properties, None for a deadlock, and TYPE_OK, with which the search ends. It is
    `complete` where no limit ended it. The numbers are as in an outcome.
    """

    violated: Mapping[str | None, int]
    complete: bool
    distinct: int
    generated: int
    depth: int
