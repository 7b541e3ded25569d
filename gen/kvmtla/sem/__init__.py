"""What a model means: the reference semantics that every trace is checked against."""

from kvmtla.sem.evaluate import Meaning, State
from kvmtla.sem.steps import Taken, enabled, first_states, steps

__all__ = ["Meaning", "State", "Taken", "enabled", "first_states", "steps"]
