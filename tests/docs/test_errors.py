"""The page of errors is what the codes say; the examples in it are tried in tests/errors."""

from __future__ import annotations

from kvmtla.errors.page import page

from .conftest import ROOT


def test_the_page_of_errors_is_real(updating: bool) -> None:
    machine = (ROOT / "tests" / "support" / "machine.py").read_text(encoding="utf-8")
    made = page(machine[machine.index("class Page(") :])
    target = ROOT / "docs" / "errors.md"
    if updating:
        target.write_text(made, encoding="utf-8")
    assert target.read_text(encoding="utf-8") == made, (
        "docs/errors.md is not up to date: pytest tests/docs --update-docs"
    )
