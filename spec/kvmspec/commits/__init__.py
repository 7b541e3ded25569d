"""Commits as pairs: what the parent gets wrong, by the commit's own words, and the commit right.

A module for each: to add one, write its scenario and its claim, and put it into `COMMITS`. Where
the commit changes a function that others use, the function asks for a `Variant` at that place.
"""

from kvmspec.commits import (
    c7c8a4742c4ab,
    c13e2e4f62a4b,
    c226d9b8f1688,
    c706c9c55e5a3,
    c928c54b1c4ca,
    c2673dfb591a3,
    ca835429cda91,
    cb64d740ea7dd,
    cbd29677952fa,
    cf082d86ea685,
)

COMMITS = [
    ca835429cda91,
    c7c8a4742c4ab,
    cf082d86ea685,
    c706c9c55e5a3,
    cbd29677952fa,
    cb64d740ea7dd,
    c2673dfb591a3,
    c226d9b8f1688,
    c13e2e4f62a4b,
    c928c54b1c4ca,
]
CLAIMS = [claim for commit in COMMITS for claim in commit.CLAIMS]
