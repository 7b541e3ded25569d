"""Runs a specification as plain Python: an answer that the tool had no part in.

Nothing here knows how `kvmtla` reads, lowers or checks a specification, and nothing is shared with
the packages that do. Python itself runs the functions, with a stub in the place of `kvmtla`.
"""

from kvmtla.oracle.context import NotInLanguageError
from kvmtla.oracle.properties import Answer, Questions
from kvmtla.oracle.search import Budget, DoesNotFitError, Graph, explore
from kvmtla.oracle.specification import Specification, run_file, run_package
from kvmtla.oracle.world import World

__all__ = [
    "Answer",
    "Budget",
    "DoesNotFitError",
    "Graph",
    "NotInLanguageError",
    "Questions",
    "Specification",
    "World",
    "explore",
    "run_file",
    "run_package",
]
