"""Counterexamples of the project's own spec."""

from __future__ import annotations

import pytest

from support.counterexamples import C3, C4, IN_PLACE, ZAP, Found, violation


@pytest.fixture(params=[C3, C4, IN_PLACE, ZAP], ids=lambda p: f"{p[0]}-{p[1]}")
def found(request: pytest.FixtureRequest) -> Found:
    return violation(*request.param)


@pytest.fixture
def zap() -> Found:
    return violation(*ZAP)
