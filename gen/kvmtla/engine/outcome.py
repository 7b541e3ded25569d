"""What a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kvmtla.sem import State
from kvmtla.tlc import Kind, Verdict

Trace = tuple[tuple[str | None, State], ...]
"""The name of each action (None: the first state) with the state that it led to."""

TYPE_OK = "TypeOK"
"""What is violated where a variable has a value that is not of its type."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up: after so many states, seconds, or MiB of states; None is never.

    What the states take is an estimate. Without `megabytes`, it is half of the machine's memory.
    `in_python` is another limit to the states, which counts where a model is not compiled.
    """

    states: int | None = None
    seconds: float | None = None
    megabytes: int | None = None
    in_python: int | None = None

    def of_python(self) -> Limits:
        """The limits where a model is not compiled."""
        known = [n for n in (self.states, self.in_python) if n is not None]
        return replace(self, states=min(known, default=None))


@dataclass(frozen=True)
class Stuck:
    """Who can get stuck: in the middle of an operation, without a step ever again.

    `trace` is a shortest way to where somebody is, `who` are those who are stuck in its last state:
    actors, each with the number of the one that is meant, where there are several. `actors` are the
    names of all who get stuck somewhere. All are empty where nobody does.
    """

    who: tuple[tuple[str, int | None], ...] = ()
    actors: tuple[str, ...] = ()
    trace: Trace = ()


@dataclass(frozen=True)
class Outcome:
    """The result of a search.

    `reason` is given exactly where the verdict is unknown, `kind` and `trace` where it is violated,
    and so is `name`, of the property that is false in the last state, or of the last step, or of
    the goal that is reached (TYPE_OK where a variable has left its type). `trace` is a shortest way
    there.

    `distinct` states were found, of those that symmetry makes one only one. `generated` counts
    first states, steps, and stops in which nobody is in the middle of anything; `depth` is the
    number of states on the longest of the shortest ways to a state. Of a search that did not end,
    they say how far it came. `ends` says of each action how often each end of its tree was come to,
    `fired` how often the action was taken, `watched` in how many of the states each condition that
    the model was compiled with is true. `stuck` says who can get stuck; None where that was not
    asked, or the search did not come to its end.
    """

    verdict: Verdict
    reason: str | None
    kind: Kind | None
    name: str | None
    distinct: int
    generated: int
    depth: int
    trace: Trace = ()
    ends: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    watched: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    loop: int | None = None
    """Of a trace that goes on for ever: how many steps come before those that repeat."""
    stuck: Stuck | None = None

    @property
    def fired(self) -> Mapping[str, int]:
        """How often each action was taken."""
        return {action: sum(counts) for action, counts in self.ends.items()}


def gave_up(reason: str) -> Outcome:
    """Return the result of a search that did not even begin."""
    return Outcome(Verdict.UNKNOWN, reason, None, None, 0, 0, 0)


@dataclass(frozen=True)
class Census:
    """What a search found that goes on after a violation.

    `violated` has what is violated with the fewest steps that lead there, in the order in which it
    was found: properties, and TYPE_OK, with which the search ends. It is `complete` where no limit
    ended it. The numbers are as in an outcome. `stuck` is how soon somebody gets stuck, None where
    nobody does, or that was not asked, or the search did not come to its end.
    """

    violated: Mapping[str, int]
    complete: bool
    distinct: int
    generated: int
    depth: int
    stuck: int | None = None
