"""`kvmtla source`: the operations beside the C that they model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

import click

from kvmtla.cli.spec import SpecCommand, package_of, settings_of
from kvmtla.csource import changed, report
from kvmtla.csource.compare import Comparison, Result
from kvmtla.csource.program import CProgram
from kvmtla.csource.trees import SourceTree, open_tree
from kvmtla.errors import ToolError, did_you_mean
from kvmtla.front.scenario import Spec, read_project
from kvmtla.lang.c import CSource
from kvmtla.load import SpecPackage, spec_functions

_MOST = 2


def _examples(package: SpecPackage) -> list[str]:
    return [
        "kvmtla source --tree linux",
        "kvmtla source --tree linux-source-6.12.tar.xz --kernel 6.4",
        "kvmtla source --tree git:linux@v6.1 --tree git:linux@v6.12",
    ]


def _comparison(spec: Spec, source: CSource, tree: SourceTree, kernel: Enum | None) -> Comparison:
    if kernel is None and tree.version is None:
        raise ToolError(
            "KT814",
            f"{tree.name} does not say which version it is",
            hint="name the release that it stands for, by --kernel",
        )
    if kernel is None:
        assert tree.version is not None
        kernel = source.kernels(tree.version)
    return Comparison(spec, source, CProgram(tree, source), kernel)


def _said(comparison: Comparison) -> str:
    version = comparison.program.tree.version
    known = f" ({version[0]}.{version[1]})" if version else ""
    return f"{comparison.program.tree.name}{known}, as {comparison.kernel.value}"


def _kernel(ctx: click.Context, source: CSource) -> Enum | None:
    """Return the release that is asked for; None if none is."""
    sample = source.kernels((0, 0))
    given = [v for values in settings_of(ctx).values() for v in values]
    members = {str(m.value): m for m in type(sample)}
    found = [members[v] for v in given if v in members]
    if len(found) != len(given) or len(found) > 1:
        raise ToolError(
            "KT814",
            "a tree stands for one release, and is compared in all worlds of it",
            hint="--kernel alone, and once",
        )
    return found[0] if found else None


@click.pass_context
def _source(
    ctx: click.Context,
    /,
    *,
    functions: tuple[str, ...],
    trees: tuple[str, ...],
    everything: bool,
    left_out: bool,
    diff: bool,
) -> int:
    package = package_of(ctx)
    source = package.project.c
    if source is None:
        raise ToolError("KT814", f"{package.name} says nothing of any C", hint="Project(c=...)")
    if len(trees) > _MOST:
        raise ToolError("KT814", "there are two trees at most", hint="--tree OLD --tree NEW")
    with spec_functions(package.root):
        kernel = _kernel(ctx, source)
        spec = read_project(package.project)
        opened = [open_tree(t, source.files) for t in trees]
        found = [_comparison(spec, source, t, kernel) for t in opened]
        results = [_asked(c.all(), functions) for c in found]
    if functions and not any(results):
        names = sorted({n for c in found for n in c.modelled})
        raise ToolError(
            "KT302",
            f"no operation models {functions[0]!r}",
            hint=did_you_mean(functions[0], names),
        )
    if len(found) == _MOST:
        return _two(spec, found, results, diff)
    (comparison,), (results_here,) = found, results
    click.echo(_said(comparison))
    if left_out:
        for line in report.left_out(results_here):
            click.echo(line)
    else:
        for line in report.lines(results_here, everything=everything or bool(functions)):
            click.echo(line)
        click.echo(report.summary(results_here))
    return 0 if all(r.fine for r in results_here) else 1


def _asked(results: Iterable[Result], functions: Sequence[str]) -> list[Result]:
    return [
        r
        for r in results
        if not functions
        or {r.operation, r.name, r.kernel.partition(":")[2]} & {f.rstrip("()") for f in functions}
    ]


def _two(
    spec: Spec, found: Sequence[Comparison], results: Sequence[Sequence[Result]], diff: bool
) -> int:
    old, new = found
    both = [r for some in results for r in some]
    for line in changed.lines(
        changed.changes(spec, old, new, both), _said(old), _said(new), show=diff
    ):
        click.echo(line)
    bad = [r for r in results[1] if not r.fine]
    if bad:
        click.echo(f"of {new.program.tree.name}, neither the same nor listed:")
        for line in report.lines(bad, everything=False):
            click.echo(line)
    else:
        click.echo(f"of {new.program.tree.name}, all is the same or listed")
    return 1 if bad else 0


command = SpecCommand(
    "source",
    callback=_source,
    help="Hold the operations against the C that they model.\n\n"
    "Each function is run, and the operation that models it beside it, with the same answers to "
    "each access to shared memory. They are the same if they make the same accesses with the same "
    "values, in the same order, take the same locks, call the same functions and return the same, "
    "whatever the answers. FUNCTION, if given, are the functions to look at, in the kernel's words "
    "or the specification's. With two trees: what changed between them, and which operations and "
    "claims that concerns. Exit status 1 if anything is neither the same nor listed.",
    params=[
        click.Argument(["functions"], nargs=-1, metavar="[FUNCTION]..."),
        click.Option(
            ["--tree", "trees"],
            multiple=True,
            required=True,
            metavar="TREE",
            help="A folder, a tarball, or git:DIR@TAG. Given twice, the two are compared.",
        ),
        click.Option(
            ["--all", "everything"],
            is_flag=True,
            help="Show what is listed, too, and what was left out of what is the same.",
        ),
        click.Option(
            ["--left-out", "left_out"],
            is_flag=True,
            help="Show all that the C has and the model leaves out, each with its reason.",
        ),
        click.Option(["--diff"], is_flag=True, help="With two trees, show each change."),
    ],
    examples=_examples,
)
