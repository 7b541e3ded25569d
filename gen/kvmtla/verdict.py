"""The verdict on a question, and the sort of thing that was violated, whoever found it."""

from __future__ import annotations

import enum


class Verdict(enum.Enum):
    """The answer. UNKNOWN is neither of the others and always comes with a reason."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


class Kind(enum.Enum):
    """The sort of thing that was violated."""

    INVARIANT = "invariant"
    DEADLOCK = "deadlock"
    TEMPORAL = "temporal"
    ACTION = "action property"
    ASSERTION = "assertion"
