"""The parts of a TLC configuration file that a guard depends on."""

from __future__ import annotations

import re

from kvmtla.tlc.comments import without_comments

_STRING = re.compile(r'"[^"\n]*"')
_TEMPORAL = frozenset({"PROPERTY", "PROPERTIES"})
# Liveness is not sound with any of these: Specifying Systems, section 14.3.5.
_REDUCTIONS = frozenset(
    {"CONSTRAINT", "CONSTRAINTS", "ACTION_CONSTRAINT", "ACTION_CONSTRAINTS", "SYMMETRY", "VIEW"}
)


def has_temporal_property(cfg: str) -> bool:
    """Return whether the text of a cfg names a property that may be temporal."""
    return bool(_words(cfg) & _TEMPORAL)


def unsound_reduction(cfg: str) -> str | None:
    """Return the keyword that makes TLC's answer about a temporal property worthless.

    None where the cfg has no temporal property or no such keyword. TLC warns of most of them and
    says nothing about VIEW.
    """
    words = _words(cfg)
    return min(words & _REDUCTIONS, default=None) if words & _TEMPORAL else None


def _words(cfg: str) -> set[str]:
    return set(_STRING.sub(" ", without_comments(cfg)).split())
