"""What models have in common is made once, and is what it would be by itself."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec, read_project
from kvmtla.fuzz.specification import seeded
from kvmtla.lower.build import Lowering
from kvmtla.lower.parts import Parts
from kvmtla.modules.points import points
from kvmtla.mutate import Campaign
from kvmtla.mutate.program import with_mutant
from support.claims import ROOT, SPEC, sample
from support.specs import load, project_of

# Every so many-th module of all claims.
_APART = 61


class Apart(Parts):
    """Parts of which nothing is kept."""

    def _part(self, kind: Any, keys: Any, to: Any, made: Any, counted: Any) -> Any:
        return made(self.program, to)


@pytest.fixture(scope="module")
def spec() -> Spec:
    return SPEC


def test_a_model_is_the_same_whatever_was_made_before(spec: Spec) -> None:
    # The modules of one call share their parts, those of two have nothing in common.
    names = list(dict.fromkeys(p.module.name for p in points(spec, ROOT)))[::_APART]
    together = {p.module.name: p.module for p in points(spec, ROOT)}
    for name in names:
        alone = next(p.module for p in points(spec, ROOT) if p.module.name == name)
        assert together[name].model == alone.model


def test_no_module_says_anything_else_because_parts_are_shared(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(spec, claims=tuple(sample(spec.claims, 6)))
    together = {p.module.name: p.module for p in points(spec, ROOT)}
    monkeypatch.setattr("kvmtla.modules.points.Parts", Apart)
    apart = {p.module.name: p.module for p in points(spec, ROOT)}
    assert together.keys() == apart.keys()
    for name, module in apart.items():
        assert (together[name].text, together[name].cfgs) == (module.text, module.cfgs)


def test_releases_share_what_is_the_same_in_them(spec: Spec) -> None:
    parts = Parts(spec.reader.program)
    claim = next(c for c in spec.claims if len(c.points) > 2)
    made = [
        Lowering(claim.scenario, parts, p.constants, [p.property], "M", None).actors
        for p in claim.points
    ]
    assert len({id(a) for actors in made for a in actors}) < sum(map(len, made))


def test_what_a_mutant_changes_nothing_in_is_that_of_the_spec_as_it_is(spec: Spec) -> None:
    campaign = Campaign(spec, ROOT, sample=12, cached=False)
    below = Parts(spec.reader.program)
    shared = 0
    for mutant in campaign.mutants:
        mutated = with_mutant(spec, mutant)
        world = next(w for w in campaign.worlds if w.sees(mutant))
        above = world.lowering(mutated, Parts(mutated.reader.program, below))
        original = world.lowering(spec, below)
        shared += sum(a is b for a, b in zip(above.actors, original.actors, strict=True))
        alone = world.lowering(mutated, Parts(mutated.reader.program))
        assert above.model(None) == alone.model(None)
    assert shared


def test_random_scenarios_that_share_parts_are_what_they_are_alone(tmp_path: Path) -> None:
    shared = 0
    for seed in sample(range(160), 8):
        spec = read_project(project_of(load(tmp_path, seeded(seed), f"s{seed}.py")))
        parts = Parts(spec.reader.program)
        made = []
        for world in _worlds(spec, random.Random(seed)):
            lowering, alone = (
                Lowering(*world[:1], p, *world[1:], "M", None)
                for p in (parts, Parts(spec.reader.program))
            )
            try:
                expected = alone.model(None)
            except SpecError as error:
                with pytest.raises(SpecError) as same:
                    lowering.model(None)
                assert same.value.render() == error.render()
                continue
            # As text, in which places count, too.
            assert repr(lowering.model(None)) == repr(expected)
            made += lowering.actors
        shared += len(made) - len({id(a) for a in made})
    assert shared


def _worlds(spec: Spec, pick: random.Random) -> Iterator[tuple[Any, ...]]:
    """The scenarios of a spec in other sizes, for all values of the constants, in any order."""
    (claim,) = spec.claims
    asked = list({p.property.name: p.property for p in claim.points}.values())
    names = list(claim.scenario.sizes)
    values = [list(d.kind) for d in spec.constants.values()]
    found = [
        (
            replace(claim.scenario, sizes=dict(zip(names, sizes, strict=True))),
            dict(zip(spec.constants, constants, strict=True)),
            asked,
        )
        for sizes in itertools.product((1, 2), repeat=len(names))
        for constants in itertools.product(*values)
    ]
    yield from pick.sample(found, min(8, len(found)))
