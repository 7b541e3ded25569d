"""Runs TLC and says what it found, or that it found nothing that can be relied upon.

`find_toolchain` finds (or fetches) Java and tla2tools.jar; `run_tlc` checks a module that is in a
folder and returns a `TlcOutcome` with one of three verdicts; `parse_value` and `parse_state` read
the values TLC prints. This package knows nothing about where the module came from.
"""

from __future__ import annotations

from kvmtla.tlc.archive import ARCHIVE_PAYS_FROM, prepare_archive
from kvmtla.tlc.command import RunOptions
from kvmtla.tlc.comments import without_comments
from kvmtla.tlc.outcome import ActionCoverage, Lasso, Progress, RawState, TlcOutcome
from kvmtla.tlc.pcal import translate
from kvmtla.tlc.probe import describe
from kvmtla.tlc.residents import Residents
from kvmtla.tlc.run import run_tlc
from kvmtla.tlc.toolchain import Toolchain, find_toolchain
from kvmtla.tlc.values import (
    ModelValue,
    TlcFunction,
    TlcOutputError,
    TlcRecord,
    TlcString,
    TlcValue,
    parse_state,
    parse_value,
)

__all__ = [
    "ARCHIVE_PAYS_FROM",
    "ActionCoverage",
    "Lasso",
    "ModelValue",
    "Progress",
    "RawState",
    "Residents",
    "RunOptions",
    "TlcFunction",
    "TlcOutcome",
    "TlcOutputError",
    "TlcRecord",
    "TlcString",
    "TlcValue",
    "Toolchain",
    "describe",
    "find_toolchain",
    "parse_state",
    "parse_value",
    "prepare_archive",
    "run_tlc",
    "translate",
    "without_comments",
]
