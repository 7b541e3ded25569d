"""`kvmtla agree`: has TLC and the second engine check the same, and says where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

import click

from kvmtla.agree.pluscal import MOST_STATES
from kvmtla.agree.witness import witness
from kvmtla.check.agreement import Agreement, Second, said_by_engine, said_by_tlc
from kvmtla.check.select import Selection
from kvmtla.cli.algorithms import compare_algorithms
from kvmtla.cli.progress import watching
from kvmtla.cli.running import Running, checker, memo_of, read, running_options, selected
from kvmtla.cli.spec import SpecCommand, example_claim, example_settings, package_of, settings_of
from kvmtla.cli.table import columns, settings_shown
from kvmtla.engine import Limits
from kvmtla.load import SpecPackage
from kvmtla.modules.module import Module
from kvmtla.tlc import Toolchain

_DIFFERS, _UNDECIDED = "!", "?"


def _examples(package: SpecPackage) -> list[str]:
    claim = example_claim(package)
    return [
        "kvmtla agree                     all claims",
        f"kvmtla agree {claim} {example_settings(package)}",
        "kvmtla agree --pluscal",
    ]


@click.pass_context
def _agree(
    ctx: click.Context,
    /,
    *,
    names: tuple[str, ...],
    pluscal: bool,
    most: int,
    **running: Unpack[Running],
) -> int:
    package = package_of(ctx)
    spec = read(package, running)
    points = selected(spec, package.root, Selection(names, settings_of(ctx)), running)
    check = checker(running, apart=True)
    if pluscal:
        return compare_algorithms(points, package.root, check, most)
    with watching(err=True) as watcher:
        results = check.check(points, watcher, memo_of(spec, package.root, running))
    second = Second(Limits(seconds=running["timeout"]))
    found = [second.compare(r) for r in results]
    settings = settings_shown(a.point for a in found)
    cells = [_cells(a, settings) for a in found]
    for line in columns(cells, {"states", "depth", "steps", "TLC", "engine"}):
        click.echo(line)
    click.echo("")
    for line in _summary(found, second, check.toolchain):
        click.echo(line)
    if any(a.differences for a in found):
        return 1
    return 3 if any(a.undecided is not None for a in found) else 0


def _cells(a: Agreement, settings: Sequence[str]) -> dict[str, str]:
    r, o = a.result, a.outcome
    prop = a.point.prop
    mark = _DIFFERS if a.differences else _UNDECIDED if a.undecided is not None else " "
    # Searches that end early have seen different parts.
    whole = not r.states and not o.trace
    return {
        "": mark,
        "claim": a.point.claim.full_name,
        **{n: a.point.settings.get(n, "") for n in settings},
        "property": prop,
        "verdict": _both(said_by_tlc(r), said_by_engine(o, prop)),
        "states": _both(_number(r.distinct), _number(o.distinct)) if whole else "",
        "depth": _both(_number(r.searched), _number(o.depth)) if whole else "",
        "steps": "" if whole else _steps(a),
        "TLC": f"{r.seconds:.1f} s",
        "engine": f"{o.seconds:.3f} s",
    }


def _steps(a: Agreement) -> str:
    found = len(a.outcome.trace) - 1
    # TLC does not look for a short one among behaviours that go on for ever.
    tlc = found if a.outcome.loop is not None else max(len(a.result.states) - 1, 0)
    return _both(str(tlc), str(found))


def _both(tlc: str, engine: str) -> str:
    """Return what TLC says, and behind it what the engine says where that differs."""
    return tlc if tlc == engine else f"{tlc} / {engine}"


def _number(value: int | None) -> str:
    return f"{value:,}" if value is not None else "-"


def _summary(found: Sequence[Agreement], second: Second, toolchain: Toolchain) -> Iterator[str]:
    for a in found:
        if a.undecided is not None:
            yield click.style(f"{_UNDECIDED} {a.point.label} cannot be compared:", fg="yellow")
            yield from (f"    {line}" for line in a.undecided.splitlines())
    # One state for each module is enough to begin with.
    shown: set[Module] = set()
    for a in found:
        if not a.differences:
            continue
        text = f"{_DIFFERS} {a.point.label}: {'; '.join(a.differences)}"
        yield click.style(text, fg="red", bold=True)
        if a.point.module not in shown:
            shown.add(a.point.module)
            lines = witness(a.point, second.compiled(a.point), toolchain)
            yield from (f"    {line}" for line in lines)
    agreeing = sum(not a.differences and a.undecided is None for a in found)
    if agreeing == len(found):
        yield f"TLC and the second engine agree on {_all(agreeing)}."
    else:
        yield f"TLC and the second engine agree on {agreeing} of {len(found)} verdicts."


def _all(number: int) -> str:
    return "the verdict" if number == 1 else f"all {number} verdicts"


command = SpecCommand(
    "agree",
    callback=_agree,
    help="Check claims with TLC and with a second engine, which shares nothing with the generated "
    "TLA+, and compare verdicts, numbers of distinct states, depths, and lengths of "
    "counterexamples. Where two values are shown, the first is TLC's. Of what differs, a state is "
    "shown that one of them reaches and the other does not.\n\n"
    "With --pluscal, compare all states of each model, and all steps between them, by the "
    "reference semantics, with those that TLC finds in its algorithm in PlusCal. What TLC does is "
    "not looked up in the cache then.\n\n"
    "NAME is as for verify.\n\n"
    "Exit status: 0 they agree; 1 something differs; 2 a mistake in the command, the spec or a "
    "file; 3 nothing differs, and something could not be compared.",
    params=[
        click.Argument(["names"], metavar="[NAME]...", nargs=-1),
        click.Option(["--pluscal"], is_flag=True, help="Compare the algorithms in PlusCal."),
        click.Option(
            ["--most"],
            type=click.IntRange(min=1),
            metavar="N",
            default=MOST_STATES,
            show_default=True,
            help="With --pluscal, leave out models with more states than this.",
        ),
        *running_options(),
    ],
    examples=_examples,
)
