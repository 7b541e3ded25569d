"""The page of findings says what verify says, a line for each claim."""

from __future__ import annotations

import re
from typing import Any

BEGINNING = """\
<!-- Written by `kvmtla findings`: change the spec, not this file. -->

# What the model shows

Two tasks *count*.

## a mail

> All are \\*counted\\*

- **L3** `wrong`: {verdict} Bounds: 2 tasks; each task once.

## a mail
""".replace("{verdict}", "`nothing_lost` **violated** (expected: holds) in plain.")
TWO = (
    "`nothing_lost` **violated** in plain, holds in atomic; "
    "`nothing_counted` **violated** in plain."
)


def test_findings(kvmtla: Any, counter: str) -> None:
    text = counter.replace('"No update can be lost."', '"All are *counted*"')
    text = text.replace(
        'name="counter",', 'name="counter", preface="Two tasks *count*.", lead=["L3"],'
    )
    done = kvmtla("findings", "-o", "page ü.md", spec=text)
    assert done.returncode == 1, done.stderr
    assert not done.stdout
    assert "L3 wrong, way plain: nothing_lost is violated, expected holds" in done.stderr
    assert (
        "L2 crossed, way plain: nothing_lost is unknown: forth and back can never go on"
        in done.stderr
    )
    page = (kvmtla.folder / "page ü.md").read_text(encoding="utf-8")
    assert page.startswith(BEGINNING)
    assert TWO in page
    assert re.findall(r"^- \*\*(\w+)\*\* `(\w+)`", page, re.M) == [
        ("L3", "wrong"),
        ("L1", "lost"),
        ("L1b", "found"),
        ("L2", "crossed"),
    ]
    assert "`nothing_lost` unknown" in page
    # A sentence stands once above all claims that test it.
    assert len(re.findall("^> ", page, re.M)) == len(set(re.findall("^> .*", page, re.M)))
