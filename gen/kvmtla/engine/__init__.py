"""The second engine: models as specialised Python, searched breadth first.

It shares nothing with the emitters but the intermediate form, so that it can speak for or against
them. `explore` answers whether properties of states and of steps hold in all that a model can
reach, `go_round` whether properties of behaviours do. Large models are compiled to C; see `native`.
"""

from kvmtla.engine.behaviours import go_round
from kvmtla.engine.compile import Compiled, compile_model
from kvmtla.engine.explore import PAYS, Watcher, explore
from kvmtla.engine.graph import Graph
from kvmtla.engine.outcome import TYPE_OK, Census, Limits, Outcome, Stuck, gave_up
from kvmtla.engine.search import Search, census

__all__ = [
    "PAYS",
    "TYPE_OK",
    "Census",
    "Compiled",
    "Graph",
    "Limits",
    "Outcome",
    "Search",
    "Stuck",
    "Watcher",
    "census",
    "compile_model",
    "explore",
    "gave_up",
    "go_round",
]
