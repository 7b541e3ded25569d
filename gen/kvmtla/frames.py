"""Rows as a frame of pandas, which is an extra: there, or a message that says how to get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kvmtla.errors import ToolError


def frame(rows: Sequence[Mapping[str, object]], index: str | None = None) -> Any:
    """The DataFrame of `rows`; `index` is the column that names them, if one does.

    Raises ToolError where pandas is not installed.
    """
    try:
        import pandas  # noqa: PLC0415 - half a second, and an extra
    except ImportError as error:
        raise ToolError(
            "KT812",
            "this needs pandas, which is not installed",
            hint="pip install 'kvmtla[pandas]'",
        ) from error
    # As they are, without a detour through floating point for numbers that are missing.
    made = pandas.DataFrame(list(rows)).convert_dtypes()
    return made.set_index(index) if index is not None and rows else made
