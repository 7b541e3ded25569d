"""Every construct of the language: the models that it is lowered to do what is written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from support.cases import CASES, project
from support.compare import VARIANTS, Comparison


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cases")


@cache
def _comparison(folder: Path, name: str) -> Comparison:
    return Comparison(project(name, folder))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", CASES)
def test_the_model_does_what_is_written(name: str, variant: str, folder: Path) -> None:
    assert _comparison(folder, name).differences(variant) == []
