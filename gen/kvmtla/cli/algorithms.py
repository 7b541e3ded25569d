"""`kvmtla agree --pluscal`: compares the algorithms with the models that they are made of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import click

from kvmtla.agree.pluscal import GraphComparison, compare_graphs
from kvmtla.check.run import Checker
from kvmtla.cli.running import announce
from kvmtla.cli.table import columns
from kvmtla.modules.point import Point

_DIFFERS, _UNDECIDED = "!", "?"


def compare_algorithms(points: Sequence[Point], root: Path, check: Checker, most: int) -> int:
    """Compare the algorithm of each module of `points` that is small enough, and print the result.

    Returns the exit status. `root` is the folder to which places in the spec are relative. Raises
    SpecError where there is no algorithm for a model.
    """
    modules = list(dict.fromkeys(p.module for p in points))
    cancel = threading.Event()
    compare = partial(
        compare_graphs,
        root=root,
        toolchain=check.toolchain,
        most=most,
        time_limit=check.options.time_limit,
        cancel=cancel,
    )
    found = []
    pool = ThreadPoolExecutor(check.jobs)
    started = time.monotonic()
    try:
        for c in pool.map(compare, modules):
            found.append(c)
            count = f"{len(found):>{len(str(len(modules)))}}/{len(modules)}"
            announce(f"{count}  {c.module.name} {_said(c)} ({time.monotonic() - started:.1f} s)")
    finally:
        cancel.set()
        pool.shutdown(cancel_futures=True)
    for line in columns([_cells(c) for c in found], {"states", "steps"}):
        click.echo(line)
    click.echo("")
    for line in _summary(found, most):
        click.echo(line)
    if any(c.differences for c in found):
        return 1
    return 3 if any(c.undecided is not None for c in found) else 0


def _said(c: GraphComparison) -> str:
    if c.differences:
        return "different"
    if c.undecided is not None:
        return "cannot be compared"
    return "the same" if c.states else "too many states"


def _cells(c: GraphComparison) -> dict[str, str]:
    mark = _DIFFERS if c.differences else _UNDECIDED if c.undecided is not None else " "
    return {
        "": mark,
        "module": c.module.name,
        "states": f"{c.states:,}" if c.states else "",
        "steps": f"{c.steps:,}" if c.states else "",
        "graphs": _said(c),
    }


def _summary(found: Sequence[GraphComparison], most: int) -> Iterator[str]:
    for c in found:
        if c.undecided is not None:
            yield click.style(f"{_UNDECIDED} {c.module.name} cannot be compared:", fg="yellow")
            yield from (f"    {line}" for line in c.undecided.splitlines())
        if c.differences:
            yield click.style(f"{_DIFFERS} {c.module.name}:", fg="red", bold=True)
            yield from (f"    {line}" for line in c.differences)
    same = [c for c in found if c.states and not c.differences]
    states, steps = sum(c.states for c in same), sum(c.steps for c in same)
    yield (
        f"The algorithms of {len(same)} of {len(found)} modules have the state graph of their "
        f"models: {states:,} states, {steps:,} steps."
    )
    if large := sum(not c.states and c.undecided is None for c in found):
        yield f"{large} have more than {most:,} states, and were left out."
