"""Searching all that a model can reach: in Python, and from some size on by compiled C."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kvmtla.engine.compile import Compiled, compiled_within
from kvmtla.engine.native import (
    DisagreementError,
    Native,
    NoCompilerError,
    Progress,
    Untranslatable,
    find_compiler,
)
from kvmtla.engine.outcome import Limits, Outcome, gave_up
from kvmtla.engine.search import Search
from kvmtla.engine.symmetry import count_of_renamings
from kvmtla.ir.model import Model
from kvmtla.patience import TooLongError, within
from kvmtla.verdict import Verdict

PAYS = 30_000
"""The states from which on a model is compiled: about as many as Python does meanwhile."""

# Up to this many states, Python finds out who gets stuck in a model that compiled C has searched.
_MANY_STATES = 300_000

# Python tries all renamings of each state; with more than this it does not come far.
_MANY_RENAMINGS = 120


@dataclass(frozen=True)
class Watcher:
    """The functions that are told how far a long search is, and why compiled C is not used."""

    progress: Callable[[Progress], None]
    note: Callable[[str], None]


_NOBODY = Watcher(lambda _: None, lambda _: None)


def explore(
    model: Model | Compiled,
    props: str | Sequence[str] | None = None,
    *,
    limit: Limits | None = None,
    symmetry: bool = True,
    native: bool | None = None,
    watcher: Watcher | None = None,
    stuck: bool = False,
) -> Outcome:
    """Check whether the properties `props` hold in all states and steps the model can reach.

    They are one or several of the model's properties that are not temporal; None is all of them. A
    goal holds if it is not reached. In any case every variable has to keep to its type. With
    `symmetry`, states that differ only in the names of the elements of a symmetric domain are one.
    The verdict of a search that a limit ends is unknown. With `stuck`, also find out who can get
    stuck, if all of them hold and the states are not too many for Python. Raises KeyError for a
    property that the model does not have.

    If `native` is True, the model is compiled to C whatever its size, if False never; None is from
    the size on at which it pays. A model that cannot be compiled is searched in Python, and the
    `watcher` is told why.
    """
    limit, watcher = limit or Limits(), watcher or _NOBODY
    started = time.monotonic()
    try:
        compiled = compiled_within(model, limit)
    except TooLongError as error:
        return gave_up(error.message)
    layers: list[int] = []
    if native is None and _is_quick(compiled, symmetry):
        search = Search(compiled, symmetry=symmetry, since=started)
        few = replace(limit, states=PAYS if limit.states is None else min(PAYS, limit.states))
        found = search.run(props, limit=few)
        if found.verdict is not Verdict.UNKNOWN or found.distinct <= PAYS:
            return replace(found, stuck=search.stuck()) if stuck else found
        layers = search.layers()
    if native is not False:
        try:
            with within(limit.seconds, spent=time.monotonic() - started):
                made = Native(compiled, find_compiler())
            found = made.explore(
                props,
                limit=limit,
                symmetry=symmetry,
                watch=watcher.progress,
                layers=layers,
                since=started,
            )
            if not stuck or found.verdict is not Verdict.HOLDS or found.distinct > _MANY_STATES:
                return found
            search = Search(compiled, symmetry=symmetry)
            search.run((), limit=limit)
            return replace(found, stuck=search.stuck())
        except (NoCompilerError, Untranslatable, DisagreementError) as error:
            watcher.note(f"searched in Python, since {error}")
        except TooLongError as error:
            return gave_up(error.message)
    search = Search(compiled, symmetry=symmetry, since=started)
    found = search.run(props, limit=limit.of_python())
    return replace(found, stuck=search.stuck()) if stuck else found


def _is_quick(compiled: Compiled, symmetry: bool) -> bool:
    return not symmetry or count_of_renamings(compiled.layout) <= _MANY_RENAMINGS
