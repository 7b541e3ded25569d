"""Source text of Python expressions, worked out as far as it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kvmtla.value_class import value_class


@value_class(frozen=True, slots=True)
class Term:
    """Source text in parentheses, the value in `const` if known; for a number, its bounds."""

    text: str
    const: int | None = None
    low: int = 0
    high: int = 0


def number(value: int) -> Term:
    """Return the term of a known number."""
    return Term(str(value) if value >= 0 else f"({value})", value, value, value)


def truth(value: bool) -> Term:
    """Return the term of a known truth value."""
    return Term(str(int(value)), int(value))


def bits(value: int) -> Term:
    """Return the term of a known packed value."""
    return Term(str(value), value)


def negated(a: Term) -> Term:
    """Return the negation of `a`."""
    return truth(not a.const) if a.const is not None else Term(f"(not {a.text})")


def both(parts: Iterable[Term]) -> Term:
    """Return the term that says whether all are true, looked at from the left."""
    open_ = []
    for p in parts:
        if p.const is None:
            open_.append(p)
        elif not p.const:
            return p
    return _run(open_, "and", True)


def either(parts: Iterable[Term]) -> Term:
    """Return the term that says whether any is true, looked at from the left."""
    open_ = []
    for p in parts:
        if p.const is None:
            open_.append(p)
        elif p.const:
            return p
    return _run(open_, "or", False)


def _run(parts: Sequence[Term], word: str, empty: bool) -> Term:
    if not parts:
        return truth(empty)
    return parts[0] if len(parts) == 1 else Term(f"({f' {word} '.join(p.text for p in parts)})")


def let(lets: Sequence[tuple[str, Term]], body: Term) -> Term:
    """Return `body` with names given to terms, which may use the names before them.

    A term that is used only once is written out.
    """
    if body.const is not None:
        return body
    texts = [body.text]
    for name, term in reversed(lets):
        word = re.compile(rf"\b{name}\b")
        uses = [len(word.findall(text)) for text in texts]
        if sum(uses) == 1:
            i = uses.index(1)
            texts[i] = word.sub(lambda _, t=term.text: t, texts[i])  # type: ignore[misc]
        elif any(uses):
            texts.insert(0, f"({name} := {term.text})")
    whole = texts[0] if len(texts) == 1 else f"({', '.join(texts)})[-1]"
    return Term(whole, None, body.low, body.high)


def plus(a: Term, by: int) -> Term:
    """Return the sum of a number and a known one."""
    if a.const is not None:
        return number(a.const + by)
    if not by:
        return a
    return Term(f"({a.text} {'+' if by > 0 else '-'} {abs(by)})", None, a.low + by, a.high + by)


def added(op: str, a: Term, b: Term) -> Term:
    """Return the sum of two numbers, or their difference, as `op` says."""
    if b.const is not None:
        return plus(a, -b.const if op == "-" else b.const)
    low, high = (a.low + b.low, a.high + b.high) if op == "+" else (a.low - b.high, a.high - b.low)
    return Term(f"({a.text} {op} {b.text})", None, low, high)


def combined(op: str, a: Term, b: Term) -> Term:
    """Return the union, intersection or difference of two sets, as `op` says."""
    if a.const is not None and b.const is not None:
        p, q = a.const, b.const
        return bits({"|": p | q, "&": p & q, "-": p & ~q}[op])
    return Term(f"({a.text} & ~{b.text})" if op == "-" else f"({a.text} {op} {b.text})")


def bit(a: Term, place: int) -> Term:
    """Return one bit of a packed value."""
    return Term(f"({a.text} >> {place} & 1)" if place else f"({a.text} & 1)")


def shifted(a: Term, by: int) -> Term:
    """Return a packed value without its `by` lowest bits."""
    return bits(a.const >> by) if a.const is not None else Term(f"({a.text} >> {by})")


def joined(parts: Iterable[tuple[Term, int]]) -> Term:
    """Return runs of bits put side by side; each comes with the place of its lowest bit."""
    known = 0
    texts = []
    for term, offset in parts:
        if term.const is not None:
            known |= term.const << offset
        else:
            texts.append(f"{term.text} << {offset}" if offset else term.text)
    if not texts:
        return bits(known)
    return Term(f"({' | '.join([*texts, *([str(known)] if known else [])])})")
