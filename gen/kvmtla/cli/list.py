"""`kvmtla list`: lists what is claimed, and of what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import click

from kvmtla.check.select import matching
from kvmtla.cli.spec import PlainCommand, example_claim, package_of
from kvmtla.front.scenario import ClaimPoint, ClaimRead, Spec, read_project
from kvmtla.modules.worlds import check_claims

_WIDTH = 80


@click.pass_context
def _list(ctx: click.Context, *, names: tuple[str, ...]) -> int:
    spec = read_project(package_of(ctx).project)
    check_claims(spec)
    claims = matching(spec.claims, names)
    for claim in claims:
        for line in _claim(claim, spec):
            click.echo(line)
        click.echo()
    if names:
        return 0
    for name, decl in spec.constants.items():
        values = ", ".join(str(v.value) for v in decl.kind)
        click.echo(click.wrap_text(f"{name}: {decl.doc} ({values})", _WIDTH, "", "  "))
    return 0


def _claim(claim: ClaimRead, spec: Spec) -> Iterator[str]:
    yield click.style(claim.full_name, bold=True)
    yield click.wrap_text(f'"{claim.quote}"', _WIDTH, "  ", "  ")
    yield click.wrap_text(claim.source, _WIDTH, "  ", "    ")
    if claim.note:
        yield click.wrap_text(claim.note, _WIDTH, "  ", "  ")
    yield click.wrap_text(
        f"scenario {claim.scenario.name}: {claim.scenario.doc}", _WIDTH, "  ", "    "
    )
    groups: dict[tuple[str, str], list[ClaimPoint]] = {}
    for p in claim.points:
        groups.setdefault((p.property.name, p.expected), []).append(p)
    width = max(len(prop) for prop, _ in groups)
    for (prop, expected), found in groups.items():
        for settings in _settings(found, spec):
            yield f"  {prop.ljust(width)}  {expected.ljust(8)}  {settings}"


def _settings(found: Sequence[ClaimPoint], spec: Spec) -> Iterator[str]:
    """Yield the values of the constants; on one line, if they are all combinations of some."""
    spoken = [spec.spoken(p.constants) for p in found]
    # A constant that all leave at its default is not worth a word.
    names = [n for n in spec.constants if any(n in s for s in spoken)]
    points: list[Mapping[str, str]] = [{n: str(p.constants[n].value) for n in names} for p in found]
    values = {n: list(dict.fromkeys(p[n] for p in points)) for n in names}
    if len(points) == len(list(itertools.product(*values.values()))):
        yield "; ".join(f"{n} {', '.join(v)}" for n, v in values.items())
        return
    for p in points:
        yield "; ".join(f"{n} {v}" for n, v in p.items())


command = PlainCommand(
    "list",
    callback=_list,
    help="List the claims: the sentence, where it stands, the scenario that tests it, its "
    "properties, and which verdict is expected for which values of the constants.\n\n"
    "NAME is a claim's number, its name, or a pattern; all claims if there is none.",
    params=[click.Argument(["names"], metavar="[NAME]...", nargs=-1)],
    examples=lambda package: ["kvmtla list", f"kvmtla list {example_claim(package)}"],
)
