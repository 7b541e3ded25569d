"""Random expressions have the same value in TLC as in the reference semantics."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from kvmtla.emit.module import ModuleWriter
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Local
from kvmtla.ir.fold import deep_simplify
from kvmtla.ir.model import Definition, Leaf, Model, Pick
from kvmtla.ir.types import BOOL, DomainT, MapT
from kvmtla.sem import Meaning
from kvmtla.tlc import find_toolchain, run_tlc
from kvmtla.verdict import Verdict
from support.random_exprs import TYPES, Expressions, definition, model, state

MANY = 150
CASES = 6
CASE = DomainT("Case", False, "case")


def _spec(seed: int) -> Model:
    """A module with one first state for each case, and an invariant for each expression.

    It says that the expression has the value that the reference semantics gives it, in each case.
    """
    random = Random(seed)
    states = [state(random) for _ in range(CASES)]
    meaning = Meaning(model(Leaf({}, ())))
    case = Local("case#1", CASE)
    definitions: list[Definition] = []
    for i in range(MANY):
        t = TYPES[random.choice(sorted(TYPES))]
        e = Expressions(random).of(t, random.randint(1, 5))
        if i % 2:
            e = deep_simplify(e)
        known = x.Const(tuple(meaning.value(e, s) for s in states), MapT(CASE, t))
        wanted = x.Index(known, x.Shared("at", CASE), t)
        definitions.append(definition(f"Value{i}", e))
        definitions.append(
            definition(f"Right{i}", x.Bin("==", x.Call(f"Value{i}", (), t), wanted, BOOL))
        )
    first = {
        n: x.Index(x.Const(tuple(s[n] for s in states), MapT(CASE, t)), case, t)
        for n, t in TYPES.items()
    }
    initial = Pick(case, Leaf({"at": case, **first}, ()))
    return model(initial, *definitions, extra={"at": CASE}, sizes={"Case": CASES})


@pytest.mark.parametrize("seed", [1, 10])
def test_tlc_and_the_reference_semantics_agree(seed: int, tmp_path: Path) -> None:
    made = _spec(seed)
    writer = ModuleWriter(made, tmp_path)
    (tmp_path / "expressions.tla").write_text(writer.module(), encoding="utf-8")
    right = [d.name for d in made.definitions if d.name.startswith("Right")]
    cfg = writer.cfg("Right0").replace("    Right0\n", "".join(f"    {r}\n" for r in right))
    (tmp_path / "expressions.cfg").write_text(cfg, encoding="utf-8")
    outcome = run_tlc(find_toolchain(), tmp_path, "expressions.tla", "expressions.cfg")
    assert (outcome.reason, outcome.name) == (None, None)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.distinct == CASES
