"""What a model means: the reference semantics that every trace is checked against."""

from kvmtla.sem.behaviours import Broken, broken, steps_of, unfair
from kvmtla.sem.evaluate import Meaning, State
from kvmtla.sem.steps import Taken, enabled, first_states, steps

__all__ = [
    "Broken",
    "Meaning",
    "State",
    "Taken",
    "broken",
    "enabled",
    "first_states",
    "steps",
    "steps_of",
    "unfair",
]
