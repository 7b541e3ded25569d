"""Counterexamples in the forms of other tools: pictures, diagrams, state graphs, ITF."""

from kvmtla.export.claims import claims
from kvmtla.export.dot import dot
from kvmtla.export.graph import graph
from kvmtla.export.itf import itf
from kvmtla.export.mermaid import mermaid
from kvmtla.export.svg import svg

__all__ = ["claims", "dot", "graph", "itf", "mermaid", "svg"]
