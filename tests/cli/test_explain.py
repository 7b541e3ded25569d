"""What `explain` says of a property."""

from __future__ import annotations

from typing import Any

EXPLAINED = """\
written_implies_dirty  (mine/model.py:71)
  A page that has been written is dirty, so that it will be written back.

It asks about
  pte           *ptep
  page_written  page written

What can change that in scenario aging
  pte: *ptep
    writes   age_page  WRITE_ONCE        -  only way plain
    changes  age_page  atomic_fetch_and  -  only way atomic
    writes   write     at any moment     -

  page_written: page written
    writes   write     at any moment     -

What is claimed of it
  A1 no_write_is_lost  violated  plain
  A1 no_write_is_lost  holds     atomic

Which mutants of the operations it kills
  not known: kvmtla mutate

How near it comes to be false in aging, way atomic
  It has something to say in 4 of 7 states.
  One thing keeps it true: *ptep.D

"""


KILLED = """\
Which mutants of the operations it kills
  1 of those that it was asked about
     4 steps  mine/model.py:67, not atomic
              - atomic_fetch_and(m.pte, ~Pte(accessed=True))
              + __atomic_fetch_and(m.pte, ~Pte(accessed=True))
"""


def test_explain(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    done = kvmtla("explain", "written_implies_dirty", "--spec", "mine")
    assert done.stdout == EXPLAINED
    assert kvmtla("mutate", "--no-tlc", "--spec", "mine").returncode == 1
    more = kvmtla("explain", "written_implies_dirty", "--spec", "mine")
    assert KILLED in more.stdout
    plain = kvmtla("explain", "written_implies_dirty", "aging", "--way=plain", "--spec", "mine")
    assert plain.stdout.endswith("It is expected to be violated: kvmtla show A1\n\n")
    wrong = kvmtla("explain", "written_implies_dirt", "--spec", "mine")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "error[KT906]: nothing is claimed of a property 'written_implies_dirt'\n"
        "  help: did you mean 'written_implies_dirty'?\n",
    )


def test_what_nobody_claims_can_be_looked_at(kvmtla: Any, counter: str) -> None:
    done = kvmtla("explain", "nothing_counted", "crossed", spec=counter)
    assert done.returncode == 0
    assert "It has something to say in all 1" in done.stdout


def test_nothing_is_claimed_of_it_there(kvmtla: Any, counter: str) -> None:
    def said(*words: str) -> str:
        done = kvmtla("explain", *words, spec=counter)
        assert done.returncode == 2
        return str(done.stderr)

    assert said("nothing_lots") == (
        "error[KT906]: nothing is claimed of a property 'nothing_lots'\n"
        "  help: did you mean 'nothing_lost'?\n"
    )
    assert said("nothing_counted", "--way", "atomic") == (
        "error[KT907]: nothing is claimed of a property 'nothing_counted' for these values\n"
        "  help: there is: way plain\n"
    )
