"""The compiled engine beside the one in Python."""

from __future__ import annotations

from dataclasses import replace

from kvmtla.engine import Compiled, Outcome, explore
from kvmtla.engine.native import Native
from kvmtla.tlc import Kind, Verdict
from kvmtla.trace import follow


def compare(compiled: Compiled, native: Native, threads: int = 1) -> int:
    """Asserts that both find the same for all properties of a model; gives how many it asked."""
    count = 0
    for symmetry in (True, False):
        whole = explore(compiled, (), symmetry=symmetry, native=False)
        said = native.explore((), deadlock=False, symmetry=symmetry, threads=threads)
        assert _numbers(said) == _numbers(whole)
    names = [*compiled.invariants, *compiled.steps]
    for props in [names, *([n] for n in names)]:
        _compare(
            compiled,
            explore(compiled, props, native=False),
            native.explore(props, deadlock=False, threads=threads),
        )
        count += 1
    return count


def _numbers(found: Outcome) -> object:
    return replace(found, seconds=0.0, trace=())


def _compare(compiled: Compiled, python: Outcome, c: Outcome) -> None:
    assert len(c.trace) == len(python.trace)
    # Of what is violated in a step, Python goes to the end of the layer.
    if python.kind is not Kind.ACTION:
        assert _numbers(c) == _numbers(python)
    assert c.verdict is python.verdict
    if c.verdict is Verdict.VIOLATED and c.name != compiled.typed.name:
        follow(compiled.model, c.trace, c.name)
