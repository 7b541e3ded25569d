"""The compiled engine finds what the one in Python finds."""

from __future__ import annotations

import ctypes
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from kvmtla.engine import compile_model
from kvmtla.engine.native import Compiler, Native
from kvmtla.engine.native.compiler import library
from kvmtla.ir.model import Model
from support.claims import all_points
from support.native import compare
from support.seeded import seeded_modules

Damage = Callable[[bytes], bytes]

RANDOM_MODELS = max(6, int(os.environ.get("KVMTLA_RANDOM_SPECS", "300")) // 50)
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
OF_THE_SPEC = int(os.environ.get("KVMTLA_NATIVE_MODELS", "6"))


def _of_the_spec() -> list[Model]:
    models = list({p.module.name: p.module.model for p in all_points()}.values())
    return random.Random(SEED).sample(models, min(OF_THE_SPEC, len(models)))


@pytest.mark.parametrize("model", _of_the_spec(), ids=lambda m: m.name)
def test_models_of_the_spec(model: Model, compiler: Compiler) -> None:
    compiled = compile_model(model)
    assert compare(compiled, Native(compiled, compiler))


def test_random_models(compiler: Compiler, tmp_path: Path) -> None:
    asked = 0
    seeds = range(SEED, SEED + 10 * RANDOM_MODELS)
    for module, _ in zip(seeded_modules(tmp_path, seeds), range(RANDOM_MODELS), strict=False):
        compiled = compile_model(module.model)
        asked += compare(compiled, Native(compiled, compiler))
    assert asked > RANDOM_MODELS


@pytest.mark.parametrize("damage", [lambda _: b"", lambda d: d[:-1], lambda d: d[:-9] + b"x" * 9])
def test_a_broken_library_is_compiled_again(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path))
    source = "int seven(void) { return 7; }\n"
    with library(source, compiler) as made:
        whole = made.read_bytes()
    made.unlink()
    made.write_bytes(damage(whole))
    with library(source, compiler) as again:
        assert ctypes.CDLL(str(again)).seven() == 7
    assert list(again.parent.iterdir()) == [again]
