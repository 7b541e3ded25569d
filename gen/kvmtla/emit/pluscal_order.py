"""The order in which the labels of a process are best read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def in_order(ways: Mapping[str, Sequence[str]]) -> list[str]:
    """Order labels so that each comes after those that lead to it, as far as there are no loops.

    `ways` says for each label where it leads, in the order of the text; the first is where the
    process begins. The labels of a loop come right behind the one where it begins, and what comes
    after the loop, after them. Labels that nothing leads to come last, in their own order.
    """
    begin = next(iter(ways))
    placed: list[str] = []
    seen = {begin}
    stack = [(begin, _order(begin, begin, ways))]
    while stack:
        label, ahead = stack[-1]
        while ahead and ahead[0] in seen:
            ahead.pop(0)
        if ahead:
            seen.add(ahead[0])
            stack.append((ahead[0], _order(ahead[0], begin, ways)))
        else:
            placed.append(label)
            stack.pop()
    placed.reverse()
    return [*placed, *(label for label in ways if label not in seen)]


def _order(label: str, begin: str, ways: Mapping[str, Sequence[str]]) -> list[str]:
    """Return where a label leads: what is visited first comes last in the text."""
    ahead = [to for to in reversed(ways[label]) if to in ways]
    return sorted(ahead, key=lambda to: label in _reached(to, begin, ways))


def _reached(label: str, begin: str, ways: Mapping[str, Sequence[str]]) -> set[str]:
    """Return what a label leads to, but not through the beginning of another operation."""
    found: set[str] = set()
    todo = [label]
    while todo:
        one = todo.pop()
        if one not in found and one in ways:
            found.add(one)
            todo += [to for to in ways[one] if to != begin]
    return found
