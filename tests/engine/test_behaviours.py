"""Properties of behaviours of random models: the second engine and TLC say the same of each.

`KVMTLA_RANDOM_SPECS` and `KVMTLA_RANDOM_SEED` are as for the other random models; of these there
are a fiftieth.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.check.engine_results import ask
from kvmtla.emit.module import ModuleWriter
from kvmtla.engine import Limits, Outcome, compile_model, go_round
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Fair, Model
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import BOOL, EnumT, MapT
from kvmtla.lower.symbolic import Reductions
from kvmtla.sem import Meaning, broken, unfair
from kvmtla.tlc import TlcOutcome, find_toolchain, run_tlc
from kvmtla.trace import ReplayError, follow
from kvmtla.trace.replay import replay
from kvmtla.verdict import Kind, Verdict
from support.golden import points_of
from support.seeded import seeded_modules

MODELS = int(os.environ.get("KVMTLA_RANDOM_SPECS", "300")) // 50
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
MOST = Limits(states=600)
PROPERTIES = 8

LASSOS = [p for p in points_of("kinds") if p.kind.temporal and p.expected == "violated"]


def _models(folder: Path) -> Iterator[Model]:
    """Models with random properties of behaviours, somebody fair in most of them."""
    # Nothing may be left out, or what counts as a step is another thing.
    whole = Reductions(locks=False, slices=False)
    seeds = range(SEED, SEED + 40 * MODELS)
    for number, module in enumerate(seeded_modules(folder, seeds, whole)):
        model = module.model
        if not model.invariants:
            continue
        r = random.Random(f"{SEED} {number}")
        fair = [
            Fair(a.name, a.domain, own)
            for a in model.actors
            if (own := tuple(b.name for b in model.actions if b.actor == a.name and b.at))
            and r.random() < 0.8
        ]
        made = tuple(_property(r, model, k) for k in range(PROPERTIES))
        yield replace(model, name="Random", properties=made, fairness=tuple(fair))


def _property(r: random.Random, model: Model, number: int) -> Property:
    kind = r.choice([PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO])
    parts = tuple(_condition(r, model) for _ in range(1 + (kind is PropertyKind.LEADS_TO)))
    return Property(f"ends_{number}", kind, (), parts, (), "", model.initial_loc)


def _condition(r: random.Random, model: Model) -> Expr:
    """What an invariant says, its contrary, or that an actor is in some place."""
    actors = [a for a in model.actors if not a.hardware]
    if r.random() < 0.5 or not actors:
        e: Expr = x.Call(r.choice(model.invariants), (), BOOL)
        return e if r.random() < 0.5 else x.Un("not", e, BOOL)
    actor = r.choice(actors)
    t = model.variables[f"{actor.name}_pc"].type
    me = None
    if isinstance(t, MapT):
        me, t = x.Local("me#there", t.key), t.value
    assert isinstance(t, EnumT)
    place = x.ActorVar(actor.name, "pc", me, t)
    there = x.Bin("==", place, x.Const(r.choice(t.members), t), BOOL)
    return there if me is None else x.Quant(r.choice(["all", "any"]), me, there)


def _tlc(model: Model, props: list[str], folder: Path) -> TlcOutcome:
    """What TLC says of several properties at once."""
    writer = ModuleWriter(model, folder)
    (folder / "Random.tla").write_text(writer.module(), encoding="utf-8")
    more = "".join(f"    {p}\n" for p in props[1:])
    (folder / "Random.cfg").write_text(writer.cfg(props[0]) + more, encoding="utf-8")
    return run_tlc(find_toolchain(), folder, "Random.tla", "Random.cfg")


def test_all_agree(tmp_path: Path) -> None:
    done = 0
    for model in _models(tmp_path):
        compiled = compile_model(model)
        found = {p.name: go_round(compiled, p.name, limit=MOST) for p in model.properties}
        kinds = {o.kind for o in found.values() if o.verdict is not Verdict.HOLDS}
        if not kinds <= {Kind.TEMPORAL}:
            # Too large, or with a value beyond its bounds, which both see to first.
            continue
        good = [n for n, o in found.items() if o.verdict is Verdict.HOLDS]
        bad = {n: o for n, o in found.items() if o.verdict is Verdict.VIOLATED}
        if not good or not bad:
            continue
        for name, o in bad.items():
            follow(model, o.trace, name, o.loop)
        said = _tlc(model, good, tmp_path)
        assert said.reason is None, said.reason
        assert said.verdict is Verdict.HOLDS
        assert said.distinct == found[good[0]].distinct
        # The longest loop is the hardest to find.
        name = max(bad, key=lambda n: _round(bad[n]))
        said = _tlc(model, [name], tmp_path)
        assert (said.verdict, said.kind) == (Verdict.VIOLATED, Kind.TEMPORAL)
        replay(model, said.trace, name, said.lasso)
        done += 1
        if done == MODELS:
            return
    raise AssertionError(f"only {done} models")


def _round(o: Outcome) -> int:
    assert o.loop is not None
    return len(o.trace) - 1 - o.loop


@pytest.mark.parametrize("p", LASSOS, ids=lambda p: str(p.prop))
def test_what_is_no_counterexample_is_refused(p: object) -> None:
    point = next(q for q in LASSOS if q is p)
    model = point.module.model
    outcome = go_round(model, point.prop)
    assert outcome.loop is not None
    follow(model, outcome.trace, point.prop, outcome.loop)
    for loop in {*range(len(outcome.trace)), None} - {outcome.loop}:
        with pytest.raises(ReplayError):
            follow(model, outcome.trace, point.prop, loop)
    for i in range(len(outcome.trace)):
        with pytest.raises(ReplayError):
            follow(model, [*outcome.trace[:i], *outcome.trace[i + 1 :]], point.prop, outcome.loop)
    # What does not go on although it has to is not fair, whatever it says of the property.
    states = [s for _, s in outcome.trace]
    assert unfair(Meaning(model), states[:1], 0) is not None
    assert broken(Meaning(model), model.asked("request_is_served"), states, outcome.loop) is None


@pytest.mark.parametrize("p", points_of("kinds"), ids=lambda p: str(p.prop))
def test_the_engine_says_what_is_expected(p: object) -> None:
    point = next(q for q in points_of("kinds") if q is p)
    answer = ask(point, Limits())
    wrong = point.expected in ("violated", "reached")
    assert (answer.verdict is Verdict.VIOLATED) is wrong
    assert (answer.trace() is not None) is wrong
