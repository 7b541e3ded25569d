"""The second engine in Python beside the same engine compiled to C, on the models of all claims."""

from __future__ import annotations

from dataclasses import replace

from kvmtla.engine import Compiled, Outcome, compile_model, explore
from kvmtla.engine.native import Native, NoCompilerError, Untranslatable, find_compiler
from kvmtla.trace import ReplayError, follow
from kvmtla.trust.section import Found, Ground, Section

# In the short form, one of so many models is compared.
_OF = 25


def _run(ground: Ground) -> Found:
    try:
        compiler = find_compiler()
    except NoCompilerError as error:
        return Found((f"Not run: {error}.",))
    modules = {r.point.module.name: r.point.module for r in ground.results}
    chosen = list(modules)[:: _OF if ground.short else 1]
    faults: list[str] = []
    refused = questions = 0
    for name in chosen:
        compiled = compile_model(modules[name].model)
        try:
            native = Native(compiled, compiler)
        except Untranslatable:
            refused += 1
            continue
        except NoCompilerError as error:
            return Found((), (str(error),))
        asked = [(), *([p] for p in (*compiled.invariants, *compiled.steps))]
        for props in asked:
            questions += 1
            python = explore(compiled, props, native=False)
            c = native.explore(props)
            found = difference(compiled, python, c)
            if found is not None:
                faults.append(f"{name}, {', '.join(props) or 'all states'}: {found}")
    return Found(
        (
            f"{questions - len(faults)} of {questions} questions on {len(chosen) - refused} models "
            f"have the same answer; {refused} cannot be compiled.",
        ),
        tuple(faults),
    )


def difference(compiled: Compiled, python: Outcome, c: Outcome) -> str | None:
    """Return how two answers differ; None where they do not."""
    if (python.verdict, python.name) != (c.verdict, c.name):
        return f"{python.verdict.value} {python.name} in Python, {c.verdict.value} {c.name} in C"
    if len(python.trace) != len(c.trace):
        return f"{len(python.trace)} states to it in Python, {len(c.trace)} in C"
    sizes = [(o.distinct, o.generated, o.depth) for o in (python, c)]
    if sizes[0] != sizes[1]:
        return f"states, steps and depth are {sizes[0]} in Python, {sizes[1]} in C"
    if replace(python, trace=(), seconds=0.0) != replace(c, trace=(), seconds=0.0):
        return "steps are not taken as often"
    if c.trace and c.name != compiled.typed.name:
        try:
            follow(compiled.model, c.trace, c.name)
        except ReplayError as error:
            return f"the counterexample of C is none: {error}"
    return None


SECTION = Section(
    "compiled",
    "The compiled engine",
    "The second engine as C against the same in Python: verdict, numbers of states and steps, "
    "depth, how often each step is taken, length of the counterexample, which has to replay.",
    _run,
)
