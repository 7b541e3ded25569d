"""The spec that a command works on, and the options and examples that come from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from shlex import quote
from typing import Any

import click

from kvmtla.errors import SpecError
from kvmtla.lang.decorators import ConstantDecl
from kvmtla.load import SpecPackage, load_package

_PACKAGE = "kvmtla.package"
_SETTINGS = "kvmtla.settings"

Examples = Callable[[SpecPackage], Sequence[str]]


def package_of(ctx: click.Context) -> SpecPackage:
    """Return the spec named on the command line, imported once; raise SpecError or ToolError."""
    if _PACKAGE not in ctx.meta:
        ctx.meta[_PACKAGE] = load_package(ctx.find_root().params["spec"])
    package: SpecPackage = ctx.meta[_PACKAGE]
    return package


def settings_of(ctx: click.Context) -> dict[str, tuple[str, ...]]:
    """Return the values given on the command line for the constants of the spec."""
    settings: dict[str, tuple[str, ...]] = ctx.meta.setdefault(_SETTINGS, {})
    return settings


class PlainCommand(click.Command):
    """A command with examples in its help."""

    def __init__(self, *args: Any, examples: Examples, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples where click has a command's last words."""
        with formatter.section("Examples"):
            for line in self._examples(package_of(ctx)):
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class SpecCommand(PlainCommand):
    """A command that also has an option for each constant of the spec."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and those of the spec's constants."""
        own = super().get_params(ctx)
        taken = {flag for p in own for flag in p.opts}
        package = package_of(ctx)
        return [*(constant_option(d, taken, package) for d in package.project.constants), *own]


def constant_option(decl: object, taken: set[str], package: SpecPackage) -> click.Option:
    """Return the option for a constant; raise SpecError if it cannot have one."""
    if not isinstance(decl, ConstantDecl):
        raise SpecError(
            "KT617", f"{decl!r} is not a constant", loc=package.project.loc, hint="use constant()"
        )
    flag = _flag(decl)
    if flag in taken:
        raise SpecError(
            "KT619",
            f"a constant cannot be called {decl.name!r}: {flag} is an option already",
            hint="give it another name",
            loc=package.project.loc,
        )

    def keep(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
        settings_of(ctx)[decl.name] = values

    values = _values(decl)
    return click.Option(
        # The name behind the flag is never seen; no parameter of click's may have it.
        [flag, f"constant_{decl.name}"],
        type=click.Choice(values),
        metavar="|".join(values),
        multiple=True,
        expose_value=False,
        callback=keep,
        help=f"Only for this; {decl.doc}. May be given several times.",
    )


def _flag(decl: ConstantDecl[Any]) -> str:
    return f"--{decl.name.replace('_', '-')}"


def _values(decl: ConstantDecl[Any]) -> list[str]:
    kind: type[Enum] = decl.kind
    return [str(v.value) for v in kind]


def example_settings(package: SpecPackage) -> str:
    """Return options that choose a value for each constant that has no default."""
    constants = [d for d in package.project.constants if isinstance(d, ConstantDecl)]
    asked = [d for d in constants if d.default is None]
    return " ".join(f"{_flag(d)} {quote(_values(d)[0])}" for d in asked)


def example_claim(package: SpecPackage) -> str:
    """Return the number of a claim; "NAME" where there is none."""
    return package.project.claims[0].number if package.project.claims else "NAME"
