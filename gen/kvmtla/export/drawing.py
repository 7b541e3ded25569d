"""The frame of the pictures: the environment that reads the templates of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmtla import templates

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """Return the environment of the templates; all that is put in is escaped."""
    return templates.environment(__package__, escaped=True)
