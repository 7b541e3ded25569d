"""Who touches what, as the command prints it."""

from __future__ import annotations

from typing import Any

ADDERS = """\
count
  reads    add  READ_ONCE    -
  writes   add  WRITE_ONCE   -  only way plain
  changes  add  try_cmpxchg  -  only way atomic

done
  writes   add  WRITE_ONCE   -
"""

CROSSED = """\
count
  writes  forth  WRITE_ONCE  one for write, two for write
  writes  back   WRITE_ONCE  two for write, one for write
"""


def test_table(kvmtla: Any, counter: str) -> None:
    assert kvmtla("table", "adders", spec=counter).stdout == ADDERS
    assert kvmtla("table", "L2", spec=counter).stdout == CROSSED
    plain = kvmtla("table", "adders", "--way=plain", "--field", "count", spec=counter)
    assert plain.stdout == "count\n  changes  add  READ_ONCE, WRITE_ONCE  -\n"


def test_mistakes(kvmtla: Any, counter: str) -> None:
    done = kvmtla("table", "adders", "--field", "cuont", spec=counter)
    assert (done.returncode, done.stderr) == (
        2,
        "error[KT302]: the shared state has no field 'cuont'\n  help: did you mean 'count'?\n",
    )
    assert "there is no scenario 'addrs'" in kvmtla("table", "addrs", spec=counter).stderr
