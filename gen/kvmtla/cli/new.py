"""`kvmtla new`: begins a spec of one's own, or adds to one."""

from __future__ import annotations

import contextlib
import keyword
import sys
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Unpack

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from kvmtla.author import Added, new_claim, new_invariant, new_operation
from kvmtla.check.engine_results import Answer
from kvmtla.check.question import question, scenario_of
from kvmtla.check.select import Selection
from kvmtla.check.words import said
from kvmtla.cli.asking import answers
from kvmtla.cli.running import Running, announce, read, running_options, selected
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.errors import CommandError, KvmtlaError, ToolError
from kvmtla.files import cannot_write, write_file
from kvmtla.front.scenario import read_project
from kvmtla.load import SpecPackage
from kvmtla.modules.worlds import Worlds
from kvmtla.verdict import Verdict


class _UnknownError(KvmtlaError):
    """Raised where a verdict is not found out."""

    exit_status = 3


_FILES = ("__init__.py", "model.py")


def _new_spec(name: str) -> int:
    folder = Path(name)
    package = folder.name
    if not package.isidentifier() or not package.isascii() or keyword.iskeyword(package):
        raise CommandError(
            "KT909",
            f"{package!r} is no name for a package",
            hint="use letters, digits and underscores",
        )
    if package in sys.stdlib_module_names or package in ("kvmtla", "kvmspec"):
        raise CommandError(
            "KT909", f"{package!r} is the name of another package", hint="choose another one"
        )
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ToolError(
            "KT808", f"there is a {folder} already", hint="choose another name, or move it away"
        ) from None
    except OSError as error:
        raise cannot_write(folder, error) from error
    templates = Environment(
        loader=PackageLoader("kvmtla", "starter"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    for file in _FILES:
        text = templates.get_template(f"{file}.jinja").render(name=package)
        write_file(folder / file, text)
    click.echo(f"{folder}: a spec with one operation and one claim. What it says:")
    click.echo(f"  kvmtla verify --spec {folder}")
    click.echo(f"  kvmtla show A1 --spec {folder}")
    return 0


@click.pass_context
def _new_invariant(ctx: click.Context, /, *, name: str, expression: str, doc: str) -> int:
    package = package_of(ctx)
    text = sys.stdin.read() if expression == "-" else expression
    added = new_invariant(package, read_project(package.project), name, text, doc)
    _say(added, f"kvmtla new claim NUMBER {name}_holds SCENARIO {name}", ctx)
    return 0


@click.pass_context
def _new_operation(
    ctx: click.Context, /, *, name: str, scenario: str | None, kernel: str | None
) -> int:
    package = package_of(ctx)
    added = new_operation(package, read_project(package.project), name, scenario, kernel)
    _say(added, f"kvmtla check {scenario or 'SCENARIO'} -i EXPR", ctx)
    return 0


@click.pass_context
def _new_claim(
    ctx: click.Context,
    /,
    *,
    number: str,
    name: str,
    scenario: str,
    prop: str,
    violated: bool,
    found: bool,
    quote: str,
    source: str,
    **running: Unpack[Running],
) -> int:
    if violated and found:
        raise CommandError("KT904", "--violated says what --found is to say", hint="leave one out")
    package = package_of(ctx)
    spec = read(package, running)
    settings = settings_of(ctx)
    about = scenario_of(spec, scenario)
    asked_for = Worlds(spec, about).asked(settings)
    if (left_out := asked_for.line()) is not None:
        announce(left_out)
    at: list[tuple[Mapping[str, Enum], bool]]
    if found:
        asked = question(spec, package.name, scenario, prop, "PROPERTY", settings=settings)
        points = selected(replace(spec, claims=(asked,)), package.root, Selection(), running)
        at = [(a.point.constants, _fails(a)) for a in answers(points, running)]
    else:
        at = [(spec.spoken(w), violated) for w in asked_for.worlds]
    added = new_claim(
        spec,
        package,
        number,
        name,
        scenario,
        prop,
        at=at,
        quote=quote,
        source=source,
    )
    _say(added, f"kvmtla verify {number}", ctx)
    return 0


def _fails(answer: Answer) -> bool:
    """Is the property violated, or the goal not reached? Raises where that is not known."""
    if answer.verdict is Verdict.UNKNOWN:
        raise _UnknownError(
            "KT921",
            f"{answer.point.label} is unknown: {answer.reason}",
            hint="say what is expected: leave out --found, or write --violated instead",
        )
    return said(answer.verdict, answer.point.kind) in ("violated", "unreached")


def _say(added: Added, then: str, ctx: click.Context) -> None:
    where = added.file.resolve()
    with contextlib.suppress(ValueError):
        where = where.relative_to(Path.cwd())
    click.echo(f"{where}:{added.line}: added. Next:")
    if added.left:
        click.echo(f"  {added.left}")
    spec = ctx.find_root().params["spec"]
    click.echo(f"  {then}{'' if spec == 'kvmspec' else f' --spec {spec}'}")


def _claim_examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    scenario = claims[0].scenario if claims else "SCENARIO"
    name = scenario if isinstance(scenario, str) else scenario.name
    return [f"kvmtla new claim X1 my_claim {name} my_invariant --found {example_settings(package)}"]


command = click.Group(
    "new",
    help="Begin a spec of your own, or add to one.",
    commands=[
        click.Command(
            "spec",
            callback=_new_spec,
            help="Make the folder NAME with a small spec in it that works: its own fields, one "
            "actor, one operation, an invariant that fails and one that holds.",
            params=[click.Argument(["name"], metavar="NAME")],
        ),
        click.Command(
            "invariant",
            callback=_new_invariant,
            help="Add the invariant NAME to the spec. EXPR is what it says, as for check; - reads "
            "it from standard input. It is put where the other invariants are, with the imports "
            "that it needs.",
            short_help="Add an invariant.",
            params=[
                click.Argument(["name"], metavar="NAME"),
                click.Argument(["expression"], metavar="EXPR"),
                click.Option(["--doc"], default="", metavar="TEXT", help="What it means."),
            ],
        ),
        click.Command(
            "operation",
            callback=_new_operation,
            help="Add the operation NAME to the spec, one that works and does nothing yet.",
            short_help="Add an operation.",
            params=[
                click.Argument(["name"], metavar="NAME"),
                click.Option(
                    ["--in", "scenario"],
                    metavar="SCENARIO",
                    help="Have an actor of this scenario run it, once.",
                ),
                click.Option(
                    ["--kernel"],
                    metavar="FILE:FUNCTION",
                    help="The kernel function that it is.",
                ),
            ],
        ),
        SpecCommand(
            "claim",
            callback=_new_claim,
            help="Add a claim to the spec: that PROPERTY holds in SCENARIO, for the values of the "
            "constants for which check would ask.\n\n"
            "Exit status: 0 it is added; 2 a mistake in the command, the spec or a file; 3 what "
            "--found is to say could not be found out.",
            short_help="Add a claim.",
            examples=_claim_examples,
            params=[
                click.Argument(["number"], metavar="NUMBER"),
                click.Argument(["name"], metavar="NAME"),
                click.Argument(["scenario"], metavar="SCENARIO"),
                click.Argument(["prop"], metavar="PROPERTY"),
                click.Option(
                    ["--violated"],
                    is_flag=True,
                    help="It is expected to be violated, or a goal not to be reached.",
                ),
                click.Option(
                    ["--found"],
                    is_flag=True,
                    help="It is expected what is found out now, as check does.",
                ),
                click.Option(
                    ["--quote"], default="", metavar="TEXT", help="The sentence, word for word."
                ),
                click.Option(
                    ["--source"],
                    default="the author",
                    show_default=True,
                    metavar="TEXT",
                    help="Where it stands.",
                ),
                *running_options(),
            ],
        ),
    ],
)
