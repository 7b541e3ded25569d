"""The page of findings says what verify says, and shows what show shows."""

from __future__ import annotations

import re
from typing import Any

BEGINNING = """\
<!-- Written by `kvmtla findings`: change the spec, not this file. -->

# What the model shows

Two tasks *count*.

## L3: `wrong`

> All are \\*counted\\*

From a mail.

Tested as: Two tasks count at once. Bounds: 2 tasks; each task once.

| property |  | plain |
| --- | --- | --- |
| `nothing_lost` |  | **violated** in 6 steps (expected: holds) |

A shortest counterexample to `nothing_lost`, way plain:

```text
"""
TABLE = """
| property |  | plain | atomic |
| --- | --- | --- | --- |
| `nothing_lost` |  | **violated** in 6 steps | holds, 24 states |
| `nothing_counted` |  | **violated** in 2 steps |  |

<details><summary>A shortest counterexample to nothing_counted, way plain</summary>
"""


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
    assert TABLE in page
    assert re.findall("^#+ .*", page, re.M)[2:] == [
        "## a mail",
        "### L1: `lost`",
        "### L1b: `found`",
        "### L2: `crossed`",
    ]
    shown = kvmtla("show", "L3", "--as", "commit", spec=text).stdout
    assert f"```text\n{shown.rstrip()}\n```" in page
    assert page.count("```text") == 2
    # Open for the claim that leads, folded for the other.
    assert page.index("A shortest counterexample to `nothing_lost`") < page.index("## a mail")
    assert page.count("<details><summary>") == 1
    assert page.count("\n</details>\n") == 1
    assert "| `nothing_lost` |  | unknown |" in page
