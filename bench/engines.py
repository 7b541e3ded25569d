"""Transitions per second of the second engine, in Python and compiled, beside TLC.

On the largest claim of the spec.

    PYTHONPATH=gen:spec python bench/engines.py [--vcpus 1 2 3] [--pages 2] [--no-tlc]

Prints a table in Markdown. The time of each is that of the search: of TLC all that a run takes, its
start too, of the engine from the first state on, and beside it what it takes to compile the model.
The memory is the most that each has had until then, so that models are to be asked in their order.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kvmspec import project
from kvmtla.emit.module import ModuleWriter
from kvmtla.engine import compile_model, explore
from kvmtla.engine.native import Native, find_compiler
from kvmtla.front.scenario import Spec, read_project
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.modules.points import points
from kvmtla.tlc import RunOptions, TlcOutcome, find_toolchain, run_tlc

ROOT = Path(__file__).parents[1] / "spec"
# From so many transitions on, TLC is given the settings for large models.
LARGE = 1_000_000


def largest(spec: Spec) -> tuple[str, str, str]:
    """The claim, the settings and the property with the most states, of those that hold.

    Of those with one vCPU, and of states or steps: what else there is, one engine cannot tell.
    """
    sizes = {}
    for p in points(spec, ROOT):
        model = p.module.model
        if p.expected == "holds" and model.sizes["Vcpu"] == 1 and not model.temporal:
            found = explore(model, p.prop)
            sizes[p.claim.name, " ".join(p.settings.values()), p.prop] = found.distinct
    return max(sizes, key=lambda k: sizes[k])


def model_of(spec: Spec, chosen: tuple[str, str, str], vcpus: int, pages: int) -> Model:
    """The model of a point with so many vCPUs and pages."""
    name, settings, prop = chosen
    claim = next(c for c in spec.claims if c.name == name)
    point = next(
        p
        for p in claim.points
        if p.property.name == prop
        and settings == " ".join(str(v.value) for v in spec.spoken(p.constants).values())
    )
    sizes = {**claim.scenario.sizes, "Vcpu": vcpus, "Gfn": pages}
    scenario = replace(claim.scenario, sizes=sizes)
    return lower(scenario, spec.reader, point.constants, [point.property], name="Bench")


def by_tlc(model: Model, prop: str, large: bool) -> tuple[TlcOutcome, float]:
    """What TLC finds, with one worker, and the CPU seconds that it takes."""
    writer = ModuleWriter(model, ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Bench.tla").write_text(writer.module(), encoding="utf-8")
        (folder / "Bench.cfg").write_text(writer.cfg(prop), encoding="utf-8")
        before = os.times()
        options = RunOptions(large=large)
        outcome = run_tlc(find_toolchain(), folder, "Bench.tla", "Bench.cfg", options=options)
        after = os.times()
    used = after.children_user + after.children_system
    return outcome, used - before.children_user - before.children_system


def row(model: Model, prop: str, tlc: bool) -> list[str]:
    """The cells for one model."""
    before = time.process_time()
    compiled = compile_model(model)
    compile_time = time.process_time() - before
    before = time.process_time()
    found = explore(compiled, prop, native=False)
    seconds = time.process_time() - before
    cells = [
        *(f"{model.sizes['Vcpu']}", f"{model.sizes['Gfn']}", found.verdict.value),
        *(f"{found.distinct:,}", f"{found.generated:,}"),
        *(f"{compile_time:.2f}", f"{seconds:.2f}", f"{found.generated / seconds:,.0f}"),
    ]
    cells.append(_megabytes(resource.RUSAGE_SELF))
    native = Native(compiled, find_compiler())
    before = time.process_time()
    said = native.explore(prop, threads=1)
    used = time.process_time() - before
    same = (said.verdict, said.distinct, said.generated, said.depth)
    assert same == (found.verdict, found.distinct, found.generated, found.depth), same
    cells += [f"{used:.2f}", f"{said.generated / used:,.0f}"]
    if tlc:
        other, used = by_tlc(model, prop, found.generated > LARGE)
        both = (other.verdict, other.distinct, other.depth)
        assert both == (found.verdict, found.distinct, found.depth), both
        cells += [f"{other.seconds:.1f}", f"{used:.1f}", f"{found.generated / used:,.0f}"]
        cells.append(_megabytes(resource.RUSAGE_CHILDREN))
    return cells


def _megabytes(who: int) -> str:
    return f"{resource.getrusage(who).ru_maxrss / 1024:,.0f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--vcpus", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--pages", type=int, nargs="+", default=[1])
    parser.add_argument("--no-tlc", action="store_true")
    given = parser.parse_args(arguments)
    spec = read_project(project)
    chosen = largest(spec)
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"{', '.join(chosen)}; load {load} on {os.cpu_count()} processors\n")
    head = ["vCPUs", "pages", "verdict", "states", "transitions"]
    head += ["compile s", "engine s", "a second", "engine MB", "compiled s", "a second"]
    if not given.no_tlc:
        head += ["TLC s", "TLC CPU s", "a CPU second", "TLC MB"]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for pages in given.pages:
        for vcpus in given.vcpus:
            cells = row(model_of(spec, chosen, vcpus, pages), chosen[2], not given.no_tlc)
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
