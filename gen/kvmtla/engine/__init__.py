"""The second engine: models as specialised Python, searched breadth first.

It shares nothing with the emitters but the intermediate form, so that it can speak for or against
them. `explore` answers whether invariants hold in all states that a model can reach.
"""

from kvmtla.engine.compile import Compiled, compile_model
from kvmtla.engine.outcome import TYPE_OK, Limits, Outcome
from kvmtla.engine.search import Search, explore

__all__ = [
    "TYPE_OK",
    "Compiled",
    "Limits",
    "Outcome",
    "Search",
    "compile_model",
    "explore",
]
