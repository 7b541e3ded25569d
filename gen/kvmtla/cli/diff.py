"""`kvmtla diff`: where two kernels, two methods or two variants part, and what comes of it."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import click

from kvmtla.check.results import Result
from kvmtla.check.select import Selection, SelectionError, matching
from kvmtla.check.words import in_words
from kvmtla.cli.progress import watching
from kvmtla.cli.running import (
    Running,
    announce,
    checker,
    memo_of,
    read,
    running_options,
    selected,
)
from kvmtla.cli.spec import SpecCommand, example_claim, package_of, settings_of
from kvmtla.cli.terminal import present
from kvmtla.errors import did_you_mean
from kvmtla.front.scenario import ClaimPoint, Spec
from kvmtla.insight.difference import Compared, Parting, Side, first_difference, sides
from kvmtla.load import SpecPackage
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.modules.worlds import Settings, Worlds
from kvmtla.trace import Step, step_in_words, trace_of
from kvmtla.trace.replay import Walk
from kvmtla.trace.tell import Teller
from kvmtla.verdict import Verdict

_SAME, _DIFFERS, _UNKNOWN = 0, 1, 3
_Settings = dict[str, tuple[str, ...]]


def _examples(package: SpecPackage) -> list[str]:
    claim = example_claim(package)
    values = [str(v.value) for c in package.project.constants[:1] for v in c.kind]
    one, other = (values * 2)[:2] if values else ("A", "B")
    return [f"kvmtla diff {claim} {one} {other}"]


@click.pass_context
def _diff(
    ctx: click.Context, /, *, name: str, one: str, other: str, **running: Unpack[Running]
) -> int:
    package = package_of(ctx)
    spec = read(package, running)
    given = settings_of(ctx)
    names = both_of(spec, values_of(spec, one), values_of(spec, other))
    differ = {n for n in names[0] if names[0][n] != names[1][n]}
    settings = [{**given, **n} for n in names]
    try:
        ones, others = (
            selected(spec, package.root, Selection((name,), s), running) for s in settings
        )
        two, more = pair(ones, others, differ, name)
    except SelectionError as nothing_claimed:
        if nothing_claimed.code not in ("KT907", "KT918"):
            raise
        ones, others = (_unclaimed(spec, package, name, s) for s in settings)
        two, more = pair(ones, others, differ, name)
    check = checker(running)
    with watching(err=True) as watcher:
        results = check.check(two, watcher, memo_of(spec, package.root, running))
    both = sides(two[0].module.model, two[1].module.model, two[0].prop)
    compared = [first_difference(both[i], both[1 - i]) for i in (0, 1)]
    titles = [_title(p, n, differ) for p, n in zip(two, names, strict=True)]
    present("".join(f"{line}\n" for line in _told(results, titles, both, compared, package.root)))
    for p in more:
        announce(f"also: {p.claim.full_name} {', '.join(p.settings.values())}: {p.prop}")
    if any(c.parting for c in compared):
        return _DIFFERS
    if not all(c.complete for c in compared) or any(r.verdict is Verdict.UNKNOWN for r in results):
        return _UNKNOWN
    return _SAME


def _unclaimed(spec: Spec, package: SpecPackage, name: str, settings: Settings) -> list[Point]:
    """Return what can be asked of the scenarios and properties of claims, whatever they say of it.

    Raises WorldError where the settings mean nothing there.
    """
    asked = []
    for claim in matching(spec.claims, [name]):
        at = Worlds(spec, claim.scenario).asked(settings).worlds
        props = {p.property.name: p.property for p in claim.points}.values()
        expected = tuple(ClaimPoint(p, w, "holds") for p in props for w in at)
        asked.append(replace(claim, points=expected))
    return points(replace(spec, claims=tuple(asked)), package.root)


def values_of(spec: Spec, text: str) -> _Settings:
    """Return the constants that values such as `5.19,pml` mean, with these values."""
    found: _Settings = {}
    known = {n: [str(v.value) for v in d.kind] for n, d in spec.constants.items()}
    for part in text.split(","):
        homes = [n for n, values in known.items() if part in values]
        if not homes:
            every = [v for values in known.values() for v in values]
            raise SelectionError(
                "KT919",
                f"no constant of the spec has the value {part!r}",
                hint=did_you_mean(part, every) or "kvmtla diff --help lists them",
            )
        if (twice := next((n for n in homes if n in found), None)) is not None:
            raise SelectionError(
                "KT918",
                f"{twice} cannot be {found[twice][0]} and {part} at once",
                hint=f"kvmtla diff NAME {found[twice][0]} {part} compares the two",
            )
        found.update(dict.fromkeys(homes, (part,)))
    return found


def both_of(spec: Spec, one: _Settings, other: _Settings) -> tuple[_Settings, _Settings]:
    """Return the values for both sides. A constant that only one of them names has its default on
    the other side; or the same value, where it has no default.

    Raises SelectionError where both are the same.
    """
    defaults = {n: (str(d.default.value),) for n, d in spec.constants.items() if d.default}
    left = {n: defaults.get(n, v) for n, v in {**one, **other}.items()}
    found = {**left, **one}, {**left, **other}
    if found[0] == found[1]:
        same = ", ".join(f"{n} {v}" for n, (v,) in found[0].items())
        raise SelectionError(
            "KT918", f"both are {same}", hint="name two values of one constant, such as two kernels"
        )
    return found


def pair(
    ones: Sequence[Point], others: Sequence[Point], differ: set[str], name: str
) -> tuple[list[Point], list[Point]]:
    """Return two points that differ only in these constants, and the first ones of other pairs.

    Raises SelectionError where there are none; `name` is what the user calls them.
    """

    def rest(p: Point) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        fixed = tuple((n, v) for n, v in p.settings.items() if n not in differ)
        return p.claim.full_name, p.prop, fixed

    by_rest = {rest(p): p for p in reversed(others)}
    pairs = [[p, by_rest[rest(p)]] for p in ones if rest(p) in by_rest]
    if not pairs:
        raise SelectionError("KT918", f"{name} claims nothing of both, all else equal")
    return pairs[0], [p for p, _ in pairs[1:]]


def _title(point: Point, given: _Settings, differ: set[str]) -> str:
    # A point does not mention a constant that has its default.
    values = {**point.settings, **{n: v for n, (v,) in given.items()}}
    return ", ".join(f"{n} {v}" for n, v in values.items() if n in differ)


def _told(
    results: Sequence[Result],
    titles: Sequence[str],
    both: Sequence[Side],
    compared: Sequence[Compared],
    root: Path,
) -> Iterator[str]:
    point = results[0].point
    differ = {n for n, v in point.settings.items() if results[1].point.settings.get(n) != v}
    same = "".join(f", {n} {v}" for n, v in point.settings.items() if n not in differ)
    yield f"{point.claim.full_name}, {point.prop}{same}"
    width = max(map(len, titles))
    yield from (f"  {t.ljust(width)}  {in_words(r)}" for t, r in zip(titles, results, strict=True))
    partings = [(i, c.parting) for i, c in enumerate(compared) if c.parting is not None]
    if not partings:
        yield ""
        if all(c.complete for c in compared):
            yield "Both can take the same steps, always."
            if results[0].verdict is not results[1].verdict:
                yield "What differs is what an actor has found, not what can be seen of its steps."
        else:
            yield "Both can take the same steps, as far as that could be looked at."
        return
    i, parting = min(partings, key=lambda p: len(p[1].path))
    yield ""
    yield from _parting(parting, both[i], both[1 - i], titles[i], titles[1 - i], point.prop, root)


def _parting(
    parting: Parting, able: Side, other: Side, able_is: str, other_is: str, prop: str, root: Path
) -> Iterator[str]:
    if parting.step is None:
        words = "; ".join(Teller(able.model).first(parting.first))
        yield f"{able_is} can begin as {other_is} cannot: {words}"
        return
    path = [*parting.path, parting.step]
    steps = trace_of(able.model, Walk(parting.first, path), prop, reorder=False).steps
    if parting.path:
        yield "Both can take these steps:"
        yield from (f"{s.number:>3}  {s.actor}: {s.text}" for s in steps[:-1])
        yield ""
    yield f"Then {able_is} can, and {other_is} cannot:"
    yield from step_in_words(steps[-1], root=root)
    yield from _source(steps[-1])
    yield ""
    seen, unseen = _instead(parting, able, other, steps[-1])
    if seen:
        yield f"There, {other_is} can:"
    elif unseen:
        yield f"There, {other_is} only goes on, and nothing is seen of it:"
    else:
        yield f"There, {other_is} has no step of {steps[-1].actor}."
    for s in seen or unseen:
        yield from step_in_words(s, root=root)
        yield from _source(s)


def _instead(
    parting: Parting, able: Side, other: Side, step: Step
) -> tuple[list[Step], list[Step]]:
    """Return the steps of the other there that can be seen and that the one lacks, or else those of
    the same actor; and those of the same actor that cannot be seen.
    """
    teller = Teller(other.model)
    last = parting.path[-1].after if parting.path else parting.first
    ours = {key for s in able.unseen([last]).values() for key, _ in able.steps(s)}
    news: dict[object, Step] = {}
    seen: dict[object, Step] = {}
    unseen: dict[object, Step] = {}
    for state, taken in parting.others:
        told = teller.step(step.number, taken, state)
        kind = told.actor, told.action, told.changes
        if other.seen(taken.after) != other.seen(state):
            if other.seen_of(taken) not in ours:
                news.setdefault(kind, told)
            if told.actor == step.actor:
                seen.setdefault(kind, told)
        elif told.actor == step.actor:
            unseen.setdefault(told.action, told)
    mine = [s for s in news.values() if s.actor == step.actor]
    # Only the first of several steps that nobody sees: the others are further on.
    return mine or list((news or seen).values()), list(unseen.values())[:1]


def _source(step: Step) -> Iterator[str]:
    """Yield the line of the specification."""
    told = [t for t in step.told if t.kind not in ("test", "lock", "unlock")]
    file, line = (told[-1].file, told[-1].line) if told else (step.file, step.line)
    if text := linecache.getline(file, line).strip():
        yield f"       {Path(file).name}:{line}: {text}"


command = SpecCommand(
    "diff",
    callback=_diff,
    help="Compare two kernels, two methods, or two variants of an operation: their verdicts, and "
    "the first step that one of them can take and the other, after the same steps, cannot.\n\n"
    "NAME is a claim's number or name; A and B are values of the constants, such as 5.19 and 6.0, "
    "or 5.19,pml and 5.19,wp. All else is equal; the options say what it is, where it matters.\n\n"
    "Exit status: 0 they can take the same steps; 1 they part; 2 a mistake in the command, the "
    "spec or a file; 3 it could not be found out.",
    params=[
        click.Argument(["name"], metavar="NAME"),
        click.Argument(["one"], metavar="A"),
        click.Argument(["other"], metavar="B"),
        *running_options(),
    ],
    examples=_examples,
)
