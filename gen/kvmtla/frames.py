"""Rows as a pandas frame, or a message on how to get pandas, which is an extra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kvmtla.errors import ToolError


def frame(rows: Sequence[Mapping[str, object]], index: str | None = None) -> Any:
    """Return the DataFrame of `rows`; `index` is the column that names them, if one does.

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
    # Values stay as they are: missing numbers take no detour through floating point.
    made = pandas.DataFrame(list(rows)).convert_dtypes()
    return made.set_index(index) if index is not None and rows else made
