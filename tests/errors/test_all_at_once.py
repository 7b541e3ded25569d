"""All mistakes of a spec are told at once: those of two examples are told of both together.

Which examples are put together is drawn; with KVMTLA_ALL, each is put together with each.
"""

from __future__ import annotations

import ast
import itertools
import os
import random
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

from kvmtla.errors import KvmtlaError, SpecError
from kvmtla.errors.registry import Code, all_codes
from kvmtla.front.scenario import read_project
from support.specs import HEADER, complaint, errors_in, load, project_of

# What a spec has only once: these examples cannot stand beside another one.
ALONE = re.compile(r"\(Shared\)|\bworld\b|Scenario\(|Project\(|constant\(|labels")
FRAMES = {
    "body": "@operation()\ndef op(m: Machine, cpu: Cpu, page: Page) -> None:\n{}",
    "property": "@invariant\ndef asked(m: Machine) -> bool:\n    return {}",
    "module": "{}",
}
Said = set[tuple[str, str, str | None]]


def part(code: Code, suffix: str) -> str:
    """The wrong example as lines of a module, with its own names made different by a suffix."""
    wrong = code.wrong
    if code.kind == "body":
        wrong = "".join(f"    {line}\n" for line in wrong.splitlines())
    text = FRAMES[code.kind].format(wrong)
    own = {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return re.sub(rf"\b({'|'.join(own) or '$.'})\b", rf"\1{suffix}", text)


def said(folder: Path, *parts: str) -> Said:
    """What is said of a spec that is made of these parts, but for the places."""
    text = "\n\n".join([HEADER, *parts])
    try:
        # Each spec is a file of its own: Python keeps the lines of those that it has seen.
        module = load(folder, text, f"{len(list(folder.iterdir()))}.py")
    except KvmtlaError:
        return set()
    try:
        read_project(project_of(module))
    except SpecError as error:
        found = errors_in(error)
        places = [(e.loc.file, e.loc.line, e.loc.column) for e in found if e.loc is not None]
        assert places == sorted(places)
        assert len({(e.code, e.loc, e.message) for e in found}) == len(found)
        return {(e.code, e.message, _without_lines(e.hint)) for e in found}
    return set()


def _without_lines(hint: str | None) -> str | None:
    return re.sub(r"line \d+|\S+\.py:\d+", "elsewhere", hint) if hint is not None else None


def drawn(codes: Sequence[Code], number: int) -> list[tuple[Code, Code]]:
    pairs = list(itertools.permutations(codes, 2))
    if os.environ.get("KVMTLA_ALL"):
        return pairs
    seed = int(os.environ.get("KVMTLA_RANDOM_SEED", "1"))
    return random.Random(seed).sample(pairs, number)


def examples(*kinds: str) -> list[Code]:
    """The examples of these kinds that can stand beside others."""
    codes = all_codes().values()
    return [c for c in codes if c.kind in kinds and not ALONE.search(c.wrong) and _is_python(c)]


def _is_python(code: Code) -> bool:
    try:
        ast.parse(part(code, ""))
    except SyntaxError:
        return False
    return True


def test_of_two_functions_all_is_told(tmp_path: Path) -> None:
    alone: dict[str, Said] = {}
    together = 0
    pairs = drawn(examples(*FRAMES), 40)
    for one, other in pairs:
        parts = part(one, "_a"), part(other, "_b")
        for code, text in zip((one, other), parts, strict=True):
            if text not in alone:
                alone[text] = said(tmp_path, text)
            assert not alone[text] or code.code in {c for c, *_ in alone[text]}
        if all(alone[p] for p in parts):
            together += 1
            both = alone[parts[0]] | alone[parts[1]]
            assert said(tmp_path, *parts) == both, f"{one.code} and {other.code}"
    assert together > len(pairs) // 3


def test_of_one_function_all_is_told(tmp_path: Path) -> None:
    """The statements of one example stand behind those of another one."""
    for one, other in drawn(examples("body"), 30):
        lines = _with_locals(one, "_a"), _with_locals(other, "_b")
        alone = [said(tmp_path, _operation(text)) for text in lines]
        assert all(alone)
        both = alone[0] | alone[1]
        assert said(tmp_path, _operation("\n".join(lines))) == both, f"{one.code} and {other.code}"


def _operation(lines: str) -> str:
    return FRAMES["body"].format(indent(lines, "    "))


def _with_locals(code: Code, suffix: str) -> str:
    """The wrong example of statements, with its own locals made different by a suffix."""
    names = (n for n in ast.walk(ast.parse(code.wrong)) if isinstance(n, ast.Name))
    own = {n.id for n in names if isinstance(n.ctx, ast.Store)} - {"m", "cpu", "page"}
    return re.sub(rf"\b({'|'.join(own) or '$.'})\b", rf"\1{suffix}", code.wrong)


SEVERAL = """
from __future__ import annotations
@pure
def low(m: Machine, page: Pgae) -> bool:
    return m.count < mark and m.nothing

@operation()
def op(m: Machine, cpu: Cpu, page: Page) -> None:
    old = READ_ONCE(m.pte[page]).prsent
    if old:
        WRITE_ONCE(m.pte[page], old)
    for p in Pages:
        set_bit(m.bitmap[p])
    wait_until(not m.busy and m.busi)
    n = READ_ONCE(m.count) + old
    note(m, nobody)
    note(m, nobody, p)
    low(m, page)

@invariant
def well(m: Machine) -> bool:
    return low(m, 3) and m.zone == 7

world = Scenario("world", "d.", machine=Machine, sizes={Page: 1}, initial=blank,
                 actors=[Actor("one", op), Actor("two")], hardware=[note])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(well), reached(well), holds(low)])], constants=[])
"""


def test_all_of_a_spec(tmp_path: Path) -> None:
    """Nothing is said of what follows from another mistake: of old, of n, and of p."""
    lines = complaint(tmp_path, SEVERAL).splitlines()
    assert [line.removeprefix("spec.py:") for line in lines if "error" in line] == [
        "6: error[KT105]: an annotation names 'Pgae', which does not exist",
        "7: error[KT301]: unknown name 'mark'",
        "7: error[KT302]: the shared state has no field 'nothing'",
        "11: error[KT302]: Pte has no field 'prsent'",
        "14: error[KT301]: there is no Pages",
        "16: error[KT302]: the shared state has no field 'busi'",
        "18: error[KT301]: unknown name 'nobody'",
        "19: error[KT318]: note() takes 2 arguments, here are 3",
        "20: error[KT501]: low reads shared state outside a primitive",
        "24: error[KT308]: Zone is compared with the integer 7",
        "26: error[KT609]: note is not @hardware",
        "26: error[KT606]: Machine.tlb needs Cpu, and scenario 'world' does not say how many "
        "there are",
        "27: error[KT608]: actor 'two' runs nothing",
        "29: error[KT620]: claim C1 says reached(well), and that is no goal",
        "29: error[KT612]: claim C1: low is not a property",
        "15 errors",
    ]
