"""Counts of what happens in a model, made by the second engine in all states it can reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kvmtla.engine import Compiled, Limits, Stuck, compile_model, explore
from kvmtla.errors import Loc
from kvmtla.insight.decisions import decisions_taken
from kvmtla.ir import expr as x
from kvmtla.ir.expr import TRUE, Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import Model, Way, leaves
from kvmtla.ir.premise import premise
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.patience import within
from kvmtla.trace.tell import Teller
from kvmtla.verdict import Verdict

# A property that looks at no more bits of a state than this is tried with all their values.
_FEW_BITS = 14


@dataclass(frozen=True)
class Decision:
    """The number of times that the condition at a place in the spec came out true, and false.

    For a step into which several ways have been merged, these are the numbers of states in which
    the condition may come out so.
    """

    loc: Loc
    true: int
    false: int


@dataclass(frozen=True)
class GetsStuck:
    """The actors that get stuck, in words, and the fewest steps to it; `who` is empty for none."""

    who: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Counts:
    """The counts of what happens in all of a model, or in part of it.

    `whole` says whether it is all of the model. `premises` gives, for each property, the number of
    `states` in which its premise is true (see `kvmtla.ir.premise`); it is empty unless the model
    was searched as a whole. `certain` gives the properties that are true whatever the state is,
    with the reason. `steps` says how often a step of each operation or hardware function was taken.
    `generated` and `depth` are numbers of the search, as in an outcome. `stuck` says who gets stuck
    in the whole model.
    """

    states: int
    generated: int
    depth: int
    whole: bool
    premises: Mapping[str, int]
    certain: Mapping[str, str]
    steps: Mapping[str, int]
    decisions: tuple[Decision, ...]
    stuck: GetsStuck | None


@dataclass(frozen=True)
class Countable:
    """A model, compiled so that the search sees in each state what is to be counted.

    `asked` are the premises of properties, `taken` the decisions of steps into which ways have been
    merged, each under the name by which it is watched.
    """

    compiled: Compiled
    asked: Mapping[str, Expr]
    taken: Mapping[str, tuple[Way, Expr]]


def countable(model: Model, limit: Limits) -> Countable:
    """Return the model, compiled for counting; raise TooLongError beyond the time limit."""
    definitions = {d.name: d for d in model.definitions}
    bodies = {n: definitions[n].body for n in model.invariants}
    asked = {n: premise(body, definitions) for n, body in bodies.items()}
    asked |= {p.name: _begins(p) for p in model.properties if p.kind is PropertyKind.LEADS_TO}
    taken = {f"decision {i}": one for i, one in enumerate(decisions_taken(model))}
    with within(limit.seconds):
        compiled = compile_model(model, {**asked, **{n: cond for n, (_, cond) in taken.items()}})
    return Countable(compiled, asked, taken)


def count(model: Model | Countable, limit: Limits, enough: int | None = None) -> Counts | None:
    """Return the counts of a model; None where it cannot be searched within the limit.

    With `enough`, the search stops soon after so many states, which are those nearest to the start.
    Raises TooLongError where even compiling takes longer.
    """
    given = model if isinstance(model, Countable) else countable(model, limit)
    compiled, asked, taken = given.compiled, given.asked, given.taken
    model = compiled.model
    definitions = {d.name: d for d in model.definitions}
    bodies = {n: definitions[n].body for n in model.invariants}
    least = min((n for n in (limit.states, enough) if n is not None), default=None)
    found = explore(compiled, (), limit=replace(limit, states=least), stuck=True)
    whole = found.verdict is Verdict.HOLDS
    if not whole and (enough is None or found.distinct <= enough):
        return None
    steps: Counter[str] = Counter()
    ways: Counter[Way] = Counter()
    for action in model.actions:
        for leaf, times in zip(leaves(action.tree), found.ends[action.name], strict=True):
            steps[action.operation] += times
            for way in leaf.ways:
                ways[way] += times
    for name, (way, _) in taken.items():
        ways[way] += found.watched[name]
    certain = {n: "it says no more than True" for n, body in bodies.items() if body == TRUE}
    certain |= {
        n: "it is true of all values that the fields can have"
        for n in model.invariants
        if n not in certain and _is_certain(compiled, n)
    }
    decisions = (
        Decision(loc, ways[loc, True], ways[loc, False])
        for loc in dict.fromkeys(w[0] for w in ways)
    )
    premises = {n: found.watched[n] for n in asked} if whole else {}
    return Counts(
        found.distinct,
        found.generated,
        found.depth,
        whole,
        premises,
        certain,
        steps,
        tuple(decisions),
        in_words(model, found.stuck),
    )


def in_words(model: Model, stuck: Stuck | None) -> GetsStuck | None:
    """Return who gets stuck, in words; None where that was not asked."""
    if stuck is None:
        return None
    teller = Teller(model)
    return GetsStuck(tuple(teller.name(*who) for who in stuck.who), max(0, len(stuck.trace) - 1))


def _begins(prop: Property) -> Expr:
    """Return the condition after which something has to follow, for any parameter values."""
    e = prop.parts[0]
    for p in prop.params:
        e = simplify(x.Quant("any", p, e))
    return e


def _is_certain(compiled: Compiled, name: str) -> bool:
    """Is an invariant that looks at few bits true for all values that they can have?"""
    test = compiled.invariants[name]
    if test.mask.bit_count() > _FEW_BITS:
        return False
    rest = compiled.blank & ~test.mask
    bits = test.mask
    while True:
        if not test.test(bits) and compiled.layout.has(rest | bits, test.mask):
            return False
        if not bits:
            return True
        bits = (bits - 1) & test.mask
