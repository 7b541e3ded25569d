"""The meaning of a model: the reference semantics that every trace is checked against."""

from kvmtla.sem.behaviours import Broken, broken, steps_of, unfair
from kvmtla.sem.evaluate import Meaning, State
from kvmtla.sem.steps import Taken, enabled, first_states, steps
from kvmtla.sem.stuck import Task, in_the_middle, stuck, waiting

__all__ = [
    "Broken",
    "Meaning",
    "State",
    "Taken",
    "Task",
    "broken",
    "enabled",
    "first_states",
    "in_the_middle",
    "steps",
    "steps_of",
    "stuck",
    "unfair",
    "waiting",
]
