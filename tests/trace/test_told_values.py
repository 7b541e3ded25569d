"""The values that are told beside a step are those that the locals have.

They are told from expressions over the state before. Here it is asked what is in the state after,
where nothing is reset: the local has the value that was read, chosen, returned or decided on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvmtla.front.scenario import Spec, read_project
from kvmtla.ir.model import Model
from kvmtla.ir.types import MapT
from kvmtla.load import load_package
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.points import points
from kvmtla.sem import Meaning, State, Taken, enabled, first_states
from kvmtla.trace.counterexample import READS, Told
from kvmtla.trace.tell import Teller
from support.golden import SPECS

HERE = Path(__file__).parent
KEPT = Reductions(dead_locals=False)
MOST_STATES = 300


def _steps(model: Model) -> Iterator[tuple[Taken, State]]:
    meaning = Meaning(model)
    todo = list(first_states(meaning))
    known = {repr(s) for s in todo}
    for state in todo:
        for taken in enabled(meaning, state):
            yield taken, state
            if (key := repr(taken.after)) not in known and len(known) < MOST_STATES:
                known.add(key)
                todo.append(taken.after)


def _values(t: Told) -> Iterator[tuple[str, str]]:
    yield from t.operands
    name, _, given = t.text.partition(" = ")
    if given and t.kind in ("call", "choose", *READS):
        yield name, t.value


def _compared(spec: Spec, root: Path) -> Counter[str]:
    """How many values of each kind of event a spec's models have, all of them right."""
    found: Counter[str] = Counter()
    models = {p.module.model.name: p.module.model for p in points(spec, root, KEPT)}
    for model in models.values():
        teller = Teller(model)
        for taken, before in _steps(model):
            told = teller.step(1, taken, before).told
            # The last value that a local is told to have is the one that it keeps.
            last = {n: (v, t) for t in told for n, v in _values(t)}
            for name, (value, t) in last.items():
                variable = model.variables.get(f"{taken.action.actor}_{name}")
                if variable is None:
                    continue
                kept, kind = taken.after[variable.name], variable.type
                if isinstance(kind, MapT) and taken.action.params:
                    kept, kind = kept[taken.bound[taken.action.params[0].name]], kind.value
                assert value == teller.words.value(kept, kind), (model.name, t.text, name)
                found[t.kind] += 1
    return found


@pytest.mark.parametrize("file", [HERE / "told.py", SPECS / "values.py"], ids=lambda f: f.stem)
def test_values_are_those_of_the_locals(file: Path) -> None:
    package = load_package(str(file))
    found = _compared(read_project(package.project), package.root)
    assert set(found) >= {"test", "READ_ONCE"}
