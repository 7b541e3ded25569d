"""`kvmtla doctor`: shows what there is to work with, and where."""

from __future__ import annotations

import platform
from collections.abc import Sequence

import click

from kvmtla.check.result_cache import results_folder
from kvmtla.check.run import default_jobs
from kvmtla.cli.running import announce, tool_options
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.cli.table import columns
from kvmtla.cli.version import version
from kvmtla.errors import KvmtlaError
from kvmtla.tlc import describe, find_toolchain
from kvmtla.trust.known_bad import Answer, try_all

_DIFFERS, _UNDECIDED = "!", "?"
_WRONG, _UNKNOWN = 1, 3


@click.pass_context
def _doctor(ctx: click.Context, *, quick: bool, jar: str | None, java: str | None) -> int:
    status = 0
    toolchain = None
    rows = [
        ("kvmtla", version()),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("jobs", str(default_jobs())),
    ]
    problems = []
    try:
        package = package_of(ctx)
        rows.append(("spec", f"{package.root / package.name} ({package.project.name})"))
    except KvmtlaError as error:
        problems.append(error)
    try:
        toolchain = find_toolchain(java, jar, announce=announce)
        rows += describe(toolchain)
    except KvmtlaError as error:
        problems.append(error)
    rows.append(("results", _results()))
    width = max(len(n) for n, _ in rows)
    for name, value in rows:
        click.echo(f"{name.ljust(width)}  {value}")
    for problem in problems:
        announce(problem.render())
        status = problem.exit_status
    if toolchain is None or quick:
        return status
    click.echo()
    answers = try_all(toolchain, default_jobs())
    for line in columns([_cells(a) for a in answers], ()):
        click.echo(line)
    click.echo()
    return status or conclude(answers)


def conclude(answers: Sequence[Answer]) -> int:
    """Say what has come of the guards, and return the exit status for that."""
    wrong = sum(a.is_wrong for a in answers)
    open_ = [a for a in answers if not a.holds_out and not a.is_wrong]
    for a in open_:
        text = f"{_UNDECIDED} {a.bad.what}: {a.reason or a.said}"
        click.echo(click.style(text, fg="yellow"))
    if wrong:
        text = f"{wrong} of {len(answers)} guards do not hold: a wrong verdict came out."
        click.echo(click.style(text, fg="red", bold=True))
        return _WRONG
    if open_:
        click.echo(
            f"No wrong verdict came out. Of {len(open_)} of {len(answers)} guards it is unknown "
            "whether they hold, as where a machine is slow."
        )
        return _UNKNOWN
    click.echo(f"All {len(answers)} guards hold.")
    return 0


def _cells(answer: Answer) -> dict[str, str]:
    verdict = answer.verdict.value if answer.verdict is not None else "refused"
    return {
        "": " " if answer.holds_out else _DIFFERS if answer.is_wrong else _UNDECIDED,
        "what goes wrong with TLC": answer.bad.what,
        "this TLC": answer.said,
        "verdict": verdict,
    }


def _results() -> str:
    folder = results_folder()
    kept = list(folder.glob("*/*.json"))
    size = sum(f.stat().st_size for f in kept)
    return f"{folder} ({len(kept)} kept, {size / 1e6:.1f} MB; may be deleted at any time)"


command = PlainCommand(
    "doctor",
    callback=_doctor,
    help="Show which Java and which tla2tools.jar are used, what this TLC can do, and where "
    "things are kept; then run what is known to mislead some TLC with this one, and show that no "
    "verdict comes of it that is not so.\n\n"
    "Exit status: 0 all is well; 1 a wrong verdict came out; 2 something is missing; 3 none came "
    "out, and of some guard it is unknown whether it holds.",
    params=[
        click.Option(["--quick"], is_flag=True, help="Do not try what is known to mislead TLC."),
        *tool_options(),
    ],
    examples=lambda _: ["kvmtla doctor", "kvmtla doctor --jar tla2tools.jar"],
)
