"""`kvmtla new`: begins a spec of one's own."""

from __future__ import annotations

import keyword
import sys
from pathlib import Path

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from kvmtla.errors import ToolError
from kvmtla.files import cannot_write, write_file

_FILES = ("__init__.py", "model.py")


def _new_spec(name: str) -> int:
    folder = Path(name)
    package = folder.name
    if not package.isidentifier() or not package.isascii() or keyword.iskeyword(package):
        raise click.UsageError(
            f"{package!r} is no name for a package: use letters, digits and underscores."
        )
    if package in sys.stdlib_module_names or package in ("kvmtla", "kvmspec"):
        raise click.UsageError(f"{package!r} is the name of another package: choose another one.")
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise ToolError(
            f"there is a {folder} already", hint="choose another name, or move it away"
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


command = click.Group(
    "new",
    help="Begin a spec of your own.",
    short_help="Begin a spec of your own.",
    commands=[
        click.Command(
            "spec",
            callback=_new_spec,
            help="Make the folder NAME with a small spec in it that works: its own fields, one "
            "actor, one operation, an invariant that fails and one that holds.",
            params=[click.Argument(["name"], metavar="NAME")],
        )
    ],
)
