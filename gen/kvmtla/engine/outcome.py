"""The results of searches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kvmtla.sem import State
from kvmtla.verdict import Kind, Verdict

Trace = tuple[tuple[str | None, State], ...]
"""The name of each action (None: the first state) with the state that it led to."""

TYPE_OK = "TypeOK"
"""The name of what is violated where a variable has a value that is not of its type."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The states, seconds and MiB of states after which a search gives up; None is never.

    The memory that states take is an estimate. Without `megabytes`, the limit is half of the
    machine's memory. `in_python` is another limit to the states, for models that are not compiled.
    """

    states: int | None = None
    seconds: float | None = None
    megabytes: int | None = None
    in_python: int | None = None

    def of_python(self) -> Limits:
        """Return the limits for a model that is not compiled."""
        known = [n for n in (self.states, self.in_python) if n is not None]
        return replace(self, states=min(known, default=None))


@dataclass(frozen=True)
class Stuck:
    """The actors that can get stuck: in the middle of an operation, without a step ever again.

    `trace` is a shortest way to a state where somebody is stuck. `who` are those who are stuck in
    that state: actors, each with the number of the one that is meant if there are several. `actors`
    are the names of all who get stuck somewhere. All are empty if nobody does.
    """

    who: tuple[tuple[str, int | None], ...] = ()
    actors: tuple[str, ...] = ()
    trace: Trace = ()


@dataclass(frozen=True)
class Outcome:
    """The result of a search.

    `reason` is given exactly if the verdict is unknown; `kind`, `name` and `trace` if it is
    violated. `name` is that of the property that is false in the last state or of the last step, or
    of the goal that is reached (TYPE_OK if a variable has left its type). `trace` is a shortest way
    there.

    `distinct` states were found, where states that symmetry makes one count once. `generated`
    counts first states, steps, and stops in which nobody is in the middle of anything. `depth` is
    the number of states on the longest of the shortest ways to a state. If the search did not end,
    these say how far it came. `ends` has for each action how often each end of its tree was
    reached, `fired` how often the action was taken, `watched` in how many of the states each
    condition that the model was compiled with is true. `stuck` says who can get stuck; None if that
    was not asked, or the search did not come to its end.
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
    """The number of steps before those that repeat, if the trace goes on for ever."""
    stuck: Stuck | None = None

    @property
    def fired(self) -> Mapping[str, int]:
        """The number of times that each action was taken."""
        return {action: sum(counts) for action, counts in self.ends.items()}


def gave_up(reason: str) -> Outcome:
    """Return the result of a search that did not even begin."""
    return Outcome(Verdict.UNKNOWN, reason, None, None, 0, 0, 0)


@dataclass(frozen=True)
class Census:
    """The result of a search that goes on after a violation.

    `violated` has what is violated, with the fewest steps that lead there, in the order in which it
    was found: properties, and TYPE_OK, with which the search ends. It is `complete` if no limit
    ended it. The numbers are as in an outcome. `stuck` is the fewest steps after which somebody is
    stuck; None if nobody is, or that was not asked, or the search did not come to its end.
    """

    violated: Mapping[str, int]
    complete: bool
    distinct: int
    generated: int
    depth: int
    stuck: int | None = None
