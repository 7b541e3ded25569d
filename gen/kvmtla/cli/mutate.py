"""`kvmtla mutate`: changes the operations one place at a time, and says which claims notice."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvmtla.check.question import scenario_of
from kvmtla.check.run import Checker, default_jobs, processors
from kvmtla.check.words import in_words
from kvmtla.cli.progress import watching
from kvmtla.cli.running import announce, deliver, output_file, tool_options
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.cli.table import columns
from kvmtla.cli.version import version
from kvmtla.front.scenario import read_project
from kvmtla.load import SpecPackage
from kvmtla.mutate import Campaign, Confirmed, Fate, Mutant, confirm
from kvmtla.mutate.operators import OPERATORS
from kvmtla.mutate.report import COUNTED, ENOUGH, Tally, as_json, place
from kvmtla.tlc import RunOptions, find_toolchain
from kvmtla.verdict import Verdict

if TYPE_CHECKING:
    from rich.progress import TaskID

_NUMBERS = {"mutants", *(f.value for f in Fate), "kills", "fewest steps", "steps"}


def _examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    scenario = claims[0].scenario if claims else "SCENARIO"
    name = scenario if isinstance(scenario, str) else scenario.name
    return [
        "kvmtla mutate                    the whole spec, in minutes",
        f"kvmtla mutate {name}",
        "kvmtla mutate --sample 50        always the same 50, as CI does",
        "kvmtla mutate --json - | jq '.mutants[] | select(.fate == \"survived\")'",
    ]


@click.pass_context
def _mutate(
    ctx: click.Context,
    /,
    *,
    scenarios: tuple[str, ...],
    sample: int | None,
    seed: int,
    matrix: bool,
    at_least: float,
    json_file: str | None,
    jobs: int | None,
    no_tlc: bool,
    no_cache: bool,
    jar: str | None,
    java: str | None,
) -> int:
    target = output_file(json_file)
    package = package_of(ctx)
    spec = read_project(package.project)
    named = [scenario_of(spec, s) for s in scenarios]
    campaign = Campaign(spec, package.root, named, sample, seed, matrix, not no_cache)
    with _counting(len(campaign.mutants)) as progress:
        found = campaign.run(jobs or processors(), progress)
    tally = Tally(campaign.mutants, found)
    survivors = [(m, found[m.name]) for m in tally.of(Fate.SURVIVED)]
    if survivors and not no_tlc:
        check = Checker(
            find_toolchain(java, jar, announce=announce),
            RunOptions(),
            jobs or default_jobs(),
            cached=not no_cache,
        )
        with watching(err=True) as watcher:
            said = confirm(spec, package.root, campaign.worlds, survivors, check, watcher)
        tally = Tally(campaign.mutants, found, {c.mutant: c for c in said})
    beside = json_file == "-"
    try:
        if json_file is not None:
            deliver(as_json(tally, version(), package.root), target)
    finally:
        for line in _report(tally, campaign, package.root, matrix):
            click.echo(line, err=beside)
    if tally.score < at_least or tally.disputed:
        return 1
    return 3 if tally.counts[Fate.UNKNOWN] or _unconfirmed(tally) else 0


def _unconfirmed(tally: Tally) -> list[Confirmed]:
    return [c for c in tally.confirmed.values() if c.result.verdict is Verdict.UNKNOWN]


@contextlib.contextmanager
def _counting(total: int) -> Iterator[Callable[[int, int], None]]:
    """Show how many mutants are judged, where somebody looks on."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    # Imported here: nothing of it is needed where nobody looks on.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn  # noqa: PLC0415

    bar = Progress(
        "mutants",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        # Drawn when something is said: a thread of its own must not be there when processes fork.
        auto_refresh=False,
    )
    task: TaskID = bar.add_task("mutants", total=total)
    with bar:

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, refresh=True)

        yield show


# -- the report


def _report(tally: Tally, campaign: Campaign, root: Path, matrix: bool) -> Iterator[str]:
    functions = len({m.function for m in tally.mutants})
    yield (
        f"{_several(len(tally.mutants), 'mutant')} of {_several(functions, 'function')}, "
        f"in {_several(len(campaign.worlds), 'world')}"
    )
    if not tally.mutants:
        return
    yield ""
    yield from columns(list(_by_operator(tally)), _NUMBERS)
    yield ""
    yield from _by_invariant(tally, campaign)
    if matrix:
        yield ""
        yield from columns(list(_cells(tally, root)), _NUMBERS)
    for fate, head in (
        (Fate.SURVIVED, "To review: no claim notices these"),
        (Fate.UNKNOWN, "Not found out: these have too many states"),
        (Fate.NOTICED, "No invariant fails here, but what is claimed to happen does not"),
    ):
        mutants = tally.of(fate)
        if mutants:
            yield ""
            yield click.style(head, bold=True)
        for m in mutants:
            yield ""
            yield from _shown(m, tally, root)
    yield ""
    yield from _summary(tally)


def _by_operator(tally: Tally) -> Iterator[dict[str, str]]:
    shown = [f for f in Fate if tally.counts[f] or f in COUNTED[:3]]
    for operator in (*OPERATORS, None):
        mutants = [m for m in tally.mutants if operator in (m.change.operator, None)]
        if mutants:
            counts = Counter(tally.found[m.name].fate for m in mutants)
            yield {
                "operator": operator or "all",
                "mutants": f"{len(mutants):,}",
                **{f.value: f"{counts[f]:,}" if counts[f] else "" for f in shown},
            }


def _by_invariant(tally: Tally, campaign: Campaign) -> Iterator[str]:
    order = sorted(tally.kills.items(), key=lambda k: (-len(k[1]), k[0]))
    if order:
        rows = [
            {
                "property": prop,
                "kills": f"{len(mutants):,}",
                "fewest steps": str(min(mutants.values())),
            }
            for prop, mutants in order
        ]
        yield from columns(rows, _NUMBERS)
    idle = campaign.idle(dict(tally.found))
    if idle:
        what = "kills none of these" if campaign.sample is not None else "kills nothing"
        for prop in idle:
            yield click.style(f"{prop} {what}", fg="yellow" if campaign.sample is None else None)


def _cells(tally: Tally, root: Path) -> Iterator[dict[str, str]]:
    """Yield the matrix without its empty cells: a row for each mutant and what kills it."""
    for m in tally.mutants:
        finding = tally.found[m.name]
        kills: list[tuple[str, str]] = [(p, str(n)) for p, n in finding.kills.items()]
        for prop, steps in kills or [(finding.fate.value, "")]:
            yield {
                "mutant": m.name,
                "place": f"{place(m, root)}:{m.change.loc.line}",
                "operator": m.change.operator,
                "by": prop,
                "steps": steps,
            }


def _shown(mutant: Mutant, tally: Tally, root: Path) -> Iterator[str]:
    change, finding = mutant.change, tally.found[mutant.name]
    yield (
        f"{mutant.name}  {place(mutant, root)}:{change.loc.line}  {mutant.function}()  "
        f"{change.operator}"
    )
    yield click.style(f"  - {change.before}", fg="red")
    if change.after:
        yield click.style(f"  + {change.after}", fg="green")
    differs = finding.at(finding.fate)
    scenarios = len({w.split(",")[0] for w in finding.asked})
    yield f"  differs in {'; '.join(s.world for s in differs)}"
    yield (
        f"  asked in {_several(len(finding.asked), 'world')} of {_several(scenarios, 'scenario')}"
    )
    lost = sorted({p for s in differs for p in s.lost})
    if lost:
        yield f"  does not happen any more: {', '.join(lost)}"
    confirmed = tally.confirmed.get(mutant.name)
    if confirmed is not None:
        yield _said(confirmed)


def _said(confirmed: Confirmed) -> str:
    result = confirmed.result
    text = f"  TLC: {result.point.prop} {in_words(result)}"
    return click.style(text, fg="red", bold=True) if confirmed.disputed else text


def _summary(tally: Tally) -> Iterator[str]:
    same, none = tally.counts[Fate.EQUIVALENT], tally.counts[Fate.NO_PROGRAM]
    left = [f"{same:,} are the same as the original"] if same else []
    left += [f"{none:,} are no program"] if none else []
    if left:
        yield f"Of {len(tally.mutants):,} mutants, {' and '.join(left)}."
    killed, noticed = tally.counts[Fate.KILLED], tally.counts[Fate.NOTICED]
    text = f"Of {tally.counted:,} that differ, killed: {killed:,}, noticed: {noticed:,}"
    yield f"{text}: {tally.score:.1f} %."
    for c in tally.disputed:
        yield click.style(f"! {c.mutant}: TLC and the second engine do not agree", fg="red")


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


command = PlainCommand(
    "mutate",
    callback=_mutate,
    help="Change the operations of the spec one place at a time, and see whether the claims "
    "notice.\n\n"
    "Each mutant has one place changed: an atomic access is made in two steps, its result is not "
    "looked at, a statement is left out or moved past its neighbour, a lock is not taken, a "
    "condition is negated or loses a clause, a bit is not set. The second engine says what becomes "
    "of it. A mutant is killed where a property that is claimed to hold is violated, or somebody "
    "gets stuck; it is noticed where only a violation or a goal that is claimed does not happen "
    "any more. What survives, although it is not the same as the original, is for you to look at; "
    "TLC checks it once more.\n\n"
    "SCENARIO: only what runs there, and only the claims about it. The name of a claim stands for "
    "its scenario.\n\n"
    "Exit status: 0 enough are killed or noticed; 1 too few, or TLC does not agree; 2 a mistake in "
    "the command, the spec or a file; 3 enough, but something could not be found out.",
    params=[
        click.Argument(["scenarios"], metavar="[SCENARIO]...", nargs=-1),
        click.Option(
            ["--sample"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Only so many mutants, chosen at random, but always the same.",
        ),
        click.Option(
            ["--seed"],
            type=int,
            default=0,
            metavar="N",
            help="Choose others for the sample.",
        ),
        click.Option(
            ["--matrix"],
            is_flag=True,
            help="Ask on after the first kill, and show for each mutant all that kills it, with "
            "the steps it takes. Takes much longer.",
        ),
        click.Option(
            ["--at-least"],
            type=click.FloatRange(0, 100),
            default=ENOUGH,
            show_default=True,
            metavar="PERCENT",
            help="How many of those that differ are to be killed or noticed.",
        ),
        click.Option(
            ["--json", "json_file"],
            metavar="FILE",
            help="Write it as JSON too; - is standard output, and the report then goes to standard "
            "error.",
        ),
        click.Option(
            ["--jobs", "-j"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Judge in so many processes; as many as there are processors if not given.",
        ),
        click.Option(["--no-tlc"], is_flag=True, help="Do not have TLC check what survives."),
        click.Option(
            ["--no-cache"],
            is_flag=True,
            help="Judge what is known already, too, and do not keep what comes out.",
        ),
        *tool_options(),
    ],
    examples=_examples,
)
