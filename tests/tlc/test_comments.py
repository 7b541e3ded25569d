"""Nothing but comments is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmtla.tlc import without_comments

_CODE = st.sampled_from(["a == 1", '    /\\ s = "free"', '  s = "\\\\* no (* comment *)"', "x"])
_COMMENTS = ["\\* said", "\\* (* said", "(* one (* two *) \\* *)", '(* a " b *)', "(*) *)"]


@given(st.lists(st.tuples(_CODE, st.sampled_from(["", *_COMMENTS])), min_size=1))
def test_only_comments_go(lines: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{code} {comment}" for code, comment in lines)
    assert without_comments(text) == "\n".join(code for code, _ in lines)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("(* c *) /\\ a", "        /\\ a"),
        ("(* one\n two *)  /\\ a\n\nb", "         /\\ a\nb"),
        ("a (* (* b *)", "a"),
        ('"no end (* a *)', '"no end'),
        ('"\\"(*" \\* b', '"\\"(*"'),
        ("", ""),
    ],
)
def test_what_is_left_stays_in_its_column(text: str, left: str) -> None:
    assert without_comments(text) == left
