"""`kvmtla table`: who reads and who writes what, and under which lock."""

from __future__ import annotations

import click

from kvmtla.check.question import scenario_of
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.errors import ToolError, did_you_mean
from kvmtla.front.scenario import read_project
from kvmtla.insight.accesses import lines, rows
from kvmtla.load import SpecPackage
from kvmtla.modules.worlds import Worlds


def _examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    scenario = claims[0].scenario if claims else "SCENARIO"
    name = scenario if isinstance(scenario, str) else scenario.name
    return [f"kvmtla table {name}", f"kvmtla table {name} {example_settings(package)}"]


@click.pass_context
def _table(ctx: click.Context, /, *, scenario: str, fields: tuple[str, ...]) -> int:
    spec = read_project(package_of(ctx).project)
    found = scenario_of(spec, scenario)
    for field in fields:
        if field not in found.machine.fields:
            raise ToolError(
                "KT302",
                f"the shared state has no field {field!r}",
                hint=did_you_mean(field, found.machine.fields),
            )
    asked = Worlds(spec, found).asked(settings_of(ctx))
    touched = rows(spec, found, asked.worlds)
    if (left_out := asked.line()) is not None:
        click.echo(click.style(left_out, dim=True))
    for line in lines([r for r in touched if not fields or r.field in fields], found.labels):
        click.echo(line)
    return 0


command = SpecCommand(
    "table",
    callback=_table,
    help="Show which functions of a scenario read and which write each field of the shared state, "
    "by which primitive, and under which locks.\n\n"
    "SCENARIO is the name of a scenario, or of a claim whose scenario is meant. What differs "
    "between the values of the constants, all that there are or those of the options, says so.",
    params=[
        click.Argument(["scenario"], metavar="SCENARIO"),
        click.Option(
            ["--field", "fields"],
            multiple=True,
            metavar="FIELD",
            help="Only this field. May be given several times.",
        ),
    ],
    examples=_examples,
)
