"""The frame of the pictures: what the templates of this package are read with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmtla import templates

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """Where the templates are; all that is put in is escaped."""
    return templates.environment(__package__, escaped=True)
