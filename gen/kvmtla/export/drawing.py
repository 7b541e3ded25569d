"""The frame of the pictures: what the templates of this package are read with."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Where the templates are; all that is put in is escaped."""
    return Environment(
        loader=PackageLoader("kvmtla.export"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
