"""A compiled model as a C program: its steps, its tests, its symmetry, and the search."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files

from kvmtla.engine.compile import Compiled, Stage
from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.engine.native.canonical import canonical
from kvmtla.engine.native.translate import WORD, Function, words

_STATE, _STEP = "const u64 *s_", "const u64 *s_, const u64 *t_"


def word_count(compiled: Compiled) -> int:
    """Return the number of words that a state of a model has."""
    return max(1, -(-(compiled.layout.bits - MIXED_BITS) // WORD))


def c_source(compiled: Compiled) -> str:
    """Return the C program of a model. Raises Untranslatable if there is none."""
    return "\n".join([*_Program(compiled).lines(), _part("search.c")])


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


class _Program:
    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._count = word_count(compiled)
        self._functions = {
            f.name: f for f in ast.parse(compiled.source).body if isinstance(f, ast.FunctionDef)
        }
        self._most_steps = 0

    def lines(self) -> Iterator[str]:
        c = self._compiled
        yield f"#define WORDS {self._count}"
        yield _part("prelude.h")
        everything = (1 << c.layout.bits) - 1
        yield from self._steps("first", "first", everything)
        yield from self._stages(c.stages)
        tests = [*c.invariants.values(), c.typed, c.at_rest, *c.watched.values()]
        names = [p.test.__name__ for p in tests]
        for name, p in zip(names, tests, strict=True):
            yield from self._test(name, _STATE, {"s": p.mask})
        for step in c.steps.values():
            yield from self._test(step.test.__name__, _STEP, {"s": step.mask, "t": step.after})
        yield from self._numbers()
        yield _table("state_tests", _STATE, names)
        of_steps = [step.test.__name__ for step in c.steps.values()]
        yield _table("step_tests", _STEP, of_steps or ["0"])
        looked = [(step.mask | step.after) >> MIXED_BITS for step in c.steps.values()] or [0]
        rows = [f"{{{_row(self._words(bits))}}}" for bits in looked]
        yield f"static const u64 looked[][WORDS] = {{{', '.join(rows)}}};"
        made = canonical(c.layout)
        yield f"enum {{ IS_SYMMETRIC = {int(made is not None)} }};"
        yield made or "static void canonical(u64 *s) { (void)s; }"

    def _numbers(self) -> Iterator[str]:
        c = self._compiled
        invariants, steps = len(c.invariants), len(c.steps)
        numbers = {
            "INVARIANTS": invariants,
            "AT_REST": invariants + 1,
            "FIRST_WATCHED": invariants + 2,
            "WATCHED": len(c.watched),
            "STEPS": steps,
            "FIRST_STEP": invariants + 1,
            "SOUGHT": invariants + 1 + steps,
            "TESTS": invariants + 2 + steps,
            "ENDS": len(c.ends),
            "MOST_STEPS": self._most_steps,
        }
        yield f"enum {{ {', '.join(f'{n} = {v}' for n, v in numbers.items())} }};"
        yield f"#define BLANK {{{_row(self._words(c.blank >> MIXED_BITS))}}}"

    def _words(self, bits: int) -> list[int]:
        return words(bits, self._count)

    def _steps(self, function: str, name: str, mask: int) -> Iterator[str]:
        body = Function(self._functions[function], self._count, {"s": mask}).body()
        self._most_steps += body.count("OUT(")
        yield f"static void {name}(Worker *w, {_STATE}) {{\n{body}\n  (void)w;\n}}"

    def _test(self, name: str, parameters: str, masks: dict[str, int]) -> Iterator[str]:
        body = Function(self._functions[name], self._count, masks).body()
        yield f"static int {name}(Worker *w, {parameters}) {{\n  (void)w;\n{body}\n}}"

    def _stages(self, stages: tuple[Stage, ...]) -> Iterator[str]:
        calls = []
        for stage in stages:
            cases = []
            for place, (mask, step) in stage.steps.items():
                name = step.__name__
                yield from self._steps(name, f"f_{name}", mask)
                cases.append((place, f"f_{name}(w, s_);"))
            if not stage.places:
                calls += [f"  {call}" for _, call in cases]
                continue
            low = (stage.places & -stage.places).bit_length() - 1
            run = stage.places >> low
            calls.append(f"  switch (get(s, {low - MIXED_BITS}) & {run}ULL) {{")
            calls += [f"    case {place >> low}: {call} break;" for place, call in cases]
            calls.append("  }")
        kept = ", ".join(f"s_[{i}]" for i in range(self._count))
        head = f"  const u64 s[WORDS + 1] = {{{kept}}}; (void)s;"
        yield "\n".join([f"static void expand(Worker *w, {_STATE}) {{", head, *calls, "}"])


def _row(numbers: list[int]) -> str:
    return ", ".join(f"{n}ULL" for n in numbers)


def _table(name: str, parameters: str, functions: list[str]) -> str:
    return f"static int (*const {name}[])(Worker *, {parameters}) = {{{', '.join(functions)}}};"
