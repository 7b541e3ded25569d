"""The tables of verdicts are those of the spec, and no claim is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, Page, command, page_id, pages


@pytest.mark.parametrize(
    "path", [p for p in pages() if Page.read(p).tables("verdicts")], ids=page_id
)
def test_tables_are_real(path: Path, verdicts: dict[str, Any], updating: bool) -> None:
    page = Page.read(path)
    wrong = []
    for table in page.tables("verdicts"):
        new = ["", *_table(verdicts["results"], table.argument), ""]
        if table.lines != new:
            wrong.append((table.first, table.first + len(table.lines), new))
    if updating:
        page.replace(wrong)
    else:
        assert not wrong, "\n".join(f"{page_id(path)}:{w[0]}: not as it is" for w in wrong)


def test_the_page_of_findings_is_real(
    verdicts: dict[str, Any], environment: dict[str, str], updating: bool
) -> None:
    page = ROOT / "docs" / "findings.md"
    real = command(["kvmtla", "findings"], environment).stdout
    if updating:
        page.write_text(real, encoding="utf-8")
    else:
        same = page.read_text(encoding="utf-8") == real
        assert same, "docs/findings.md is not up to date: run kvmtla findings -o docs/findings.md"


def test_verdicts_are_as_expected(verdicts: dict[str, Any]) -> None:
    found = verdicts["results"]
    assert [r for r in found if r["verdict"] != r["expected"]] == []
    assert all(bool(r["trace"]) == (r["verdict"] in ("violated", "reached")) for r in found)
    named = ("claim", "kernel", "method", "rule", "variant", "property")
    keys = {tuple(r.get(n) for n in named) for r in found}
    assert len(keys) == len(found)
    assert {r["claim"].split()[0] for r in found} >= {f"C{i}" for i in range(1, 12)}


def _table(results: list[dict[str, Any]], number: str) -> list[str]:
    """A row for each property, scenario and method of a claim, a column for each kernel."""
    own = [r for r in results if r["claim"].split()[0] == number]
    kernels = list(dict.fromkeys(r["kernel"] for r in own))
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for r in own:
        row = rows.setdefault((r["claim"].split()[1], r["property"], r["method"]), {})
        states = f"{r['distinct']:,} states"
        row[r["kernel"]] = (
            f"**violated** in {r['depth']} steps" if r["trace"] else f"{r['verdict']}, {states}"
        )
    lines = [
        " | ".join(["| tested as", "property", "method", *(f"v{k}" for k in kernels)]) + " |",
        "|---" * (3 + len(kernels)) + "|",
    ]
    for (name, prop, method), row in rows.items():
        cells = [f"`{name}`", f"`{prop}`", method, *(row.get(k, "") for k in kernels)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
