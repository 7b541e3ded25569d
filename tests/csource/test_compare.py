"""C that is the same, C that is not, and C that is not understood."""

from __future__ import annotations

from typing import Any

import pytest

from csource.conftest import Held
from kvmtla.csource.compare import Outcome, Result
from kvmtla.evidence import CDifference, COperation, Left

# In the function, one text for another.
MUTANTS = {
    "an access is dropped": ("clean", "old = write_pte(ptep, old, old & ~pte_dirty_mask);", ""),
    "an access is doubled": ("clean", "u64 old = READ_ONCE(*ptep);", "u64 old = READ_ONCE(*ptep); old = READ_ONCE(*ptep);"),
    "an access is moved": ("zap", "flush(mm);\n\t}\n\twrite_unlock(&mm->lock);", "}\n\twrite_unlock(&mm->lock);\n\tflush(mm);"),
    "its kind is another": ("write_pte", "return xchg(ptep, new);", "WRITE_ONCE(*ptep, new); return old;"),
    "the other kind, too": ("write_pte", "WRITE_ONCE(*ptep, new);", "xchg(ptep, new);"),
    "a plain load": ("clean", "READ_ONCE(*ptep)", "*ptep"),
    "a plain store": ("write_pte", "WRITE_ONCE(*ptep, new)", "*ptep = new"),
    "a mask is another": ("protect", "walk.pte & ~PTE_WRITE)", "walk.pte & ~pte_dirty_mask)"),
    "a mask has a bit more": ("protect", "walk.pte & ~PTE_WRITE)", "walk.pte & ~(PTE_WRITE | BIT(12)))"),
    "a bit is set, not cleared": ("clean", "old & ~pte_dirty_mask", "old | pte_dirty_mask"),
    "a bit is not set": ("fix", "PTE_WRITE | pte_dirty_mask", "PTE_WRITE"),
    "half of a word": ("clean", "u64 old = READ", "u32 old = READ"),
    "a stale value is stored": ("fix", "new |= PTE_WRITE | pte_dirty_mask;", "new |= PTE_WRITE | pte_dirty_mask; old = 0;"),
    "the stale value is believed": ("write_pte", "return xchg(ptep, new);", "xchg(ptep, new); return old;"),
    "the stale value is used": ("zap", "if (old & pte_dirty_mask)", "if (walk.pte & pte_dirty_mask)"),
    "the lock is not taken": ("zap", "write_lock(&mm->lock);", ""),
    "the lock is not given back": ("zap", "write_unlock(&mm->lock);", ""),
    "the lock is held for read": ("zap", "write_lock(&mm->lock);", "read_lock(&mm->lock);"),
    "there is no flush": ("zap", "flush(mm);", ""),
    "a flush too many": ("clean", "if (!pte_present(old))\n\t\treturn false;", "if (!pte_present(old))\n\t\treturn false;\n\tflush(mm);"),
    "the flush comes first": ("zap", "if (old & pte_dirty_mask)", "flush(mm); if (old & pte_dirty_mask)"),
    "a condition is negated": ("protect", "if (!pte_present(walk.pte) ||", "if (pte_present(walk.pte) ||"),
    "a condition is weaker": ("protect", "!pte_present(walk.pte) || !(walk.pte & PTE_WRITE)", "!pte_present(walk.pte)"),
    "or for and": ("fix", "fault->write && pte_present(old)", "fault->write || pte_present(old)"),
    "no retry": ("protect", "goto retry;", "continue;"),
    "the result is another": ("protect", "set = true;", ""),
    "the result is the other one": ("fix", "? FIX_DONE : FIX_RETRY", "? FIX_RETRY : FIX_DONE"),
    "a mark is dropped": ("zap", "set_bit(page, mm->log);", ";"),
    "a mark in another place": ("zap", "set_bit(page, mm->log);", "set_bit(page, mm->other);"),
    "an access inside of a warning": ("protect", "set = true;", "WARN_ON(xchg(walk.ptep, 0)); set = true;"),
}  # fmt: skip

# Other ways to write a function.
SAME = {
    "do and while": ("protect", """\
bool protect(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);

	do {
		if (!(old & PTE_PRESENT) || (old & PTE_WRITE) == 0)
			return false;
	} while (!try_cmpxchg64(ptep, &old, old & ~PTE_WRITE));
	return true;
}
"""),
    "for ever, break and a label": ("protect", """\
bool protect(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);
	bool done;

	for (;;) {
		done = false;
		if (~old & (PTE_PRESENT | PTE_WRITE))
			goto out;
		done = try_cmpxchg64(ptep, &old, old ^ PTE_WRITE);
		if (done)
			break;
	}
out:
	return done;
}
"""),
    "a ternary, a comma, a block as a value": ("clean", """\
bool clean(struct mm *mm, u64 *ptep)
{
	u64 old, none;

	old = ({ u64 found = READ_ONCE(*ptep); found; }), none = 0;
	return old & PTE_PRESENT ? !!(write_pte(ptep, old, old & ~pte_dirty_mask) & pte_dirty_mask)
				 : none;
}
"""),
    "shifts, steps and a counted loop": ("clean", """\
bool clean(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep), mask = 1;
	int i = 0, n;

	while (i++ < 6)
		mask <<= 1;
	for (n = 3; n > 0; --n)
		mask += 0;
	if ((old & 1) != 1)
		return false;
	old = write_pte(ptep, old, old & ~mask);
	return (old >> 6) & 1;
}
"""),
    "a structure, by value and by pointer": ("clean", """\
struct found { u64 pte; bool there; };

static struct found look(u64 *ptep)
{
	struct found f = { .pte = READ_ONCE(*ptep) };

	f.there = f.pte & PTE_PRESENT;
	return f;
}

static u64 take_dirty(struct found *f, u64 *ptep)
{
	f->pte = write_pte(ptep, f->pte, f->pte & ~pte_dirty_mask);
	return f->pte;
}

bool clean(struct mm *mm, u64 *ptep)
{
	struct found f = look(ptep);

	return f.there && (take_dirty(&f, ptep) & pte_dirty_mask);
}
"""),
    "a function as an argument": ("clean", """\
static u64 without(u64 pte)
{
	return pte & ~pte_dirty_mask;
}

static u64 change(u64 *ptep, u64 old, u64 (*how)(u64))
{
	return write_pte(ptep, old, how(old));
}

bool clean(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);

	return pte_present(old) && (change(ptep, old, without) & pte_dirty_mask);
}
"""),
    "what is not compiled": ("clean", """\
bool clean(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);

#ifdef CONFIG_MMU
	if (!pte_present(old))
		return false;
#else
	if (panic())
		return true;
#endif
#ifndef CONFIG_MMU
	old = 0;
#endif
	old = write_pte(ptep, old, old & ~pte_dirty_mask);
	return old & pte_dirty_mask;
}
"""),
}  # fmt: skip

# What no run can make sense of, with the line in the function.
NOT_UNDERSTOOD = {
    "a switch": ("switch (old) { case 0: return false; }", "switch"),
    "assembly": ('asm volatile("" ::: "memory");', "asm"),
    "a call of nobody knows what": ("if (somebody(old)) return false;", "somebody()"),
    "a store to what is shared": ("mm->other = old;", "mm->other"),
    "an access to another place": ("WRITE_ONCE(mm->other, 1);", "mm->other"),
    "another lock": ("spin_lock(&mm->other);", "mm->other"),
    "a loop without an end": ("while (1) mm = mm;", "loop"),
    "a value of which nothing is known": ("WRITE_ONCE(*ptep, mm->pte);", "nothing is known"),
    "code that is never reached": ("if (old > ~0ull) flush(mm);", "no run comes by"),
    "half a condition that never counts": ("if (0 && old) return false;", "no run comes by"),
    "no C": ("if (old { return; }", ""),
}


def replaced(code: str, name: str, old: str, new: str) -> str:
    """Return C with a text inside a function replaced."""
    head, there, rest = code.partition(f" {name}(")
    body, end, after = rest.partition("\n}\n")
    assert there and old in body, (name, old)
    return head + there + body.replace(old, new, 1) + end + after


def rewritten(code: str, name: str, new: str) -> str:
    """Return C with a function replaced by others."""
    lines = code.split("\n")
    first = next(i for i, line in enumerate(lines) if f" {name}(" in line and line[0].isalpha())
    last = lines.index("}", first)
    return "\n".join([*lines[:first], new, *lines[last + 1 :]])


def outcomes(found: dict[str, Result]) -> dict[str, str]:
    return {name: r.outcome.value for name, r in found.items() if name != "flush"}


def test_all_is_the_same(held: Held) -> None:
    found = held()
    assert outcomes(found) == dict.fromkeys(("write_pte", "protect", "zap", "clean", "fix"), "same")
    assert found["protect"].left["WARN_ON"] == "warnings"
    assert all(r.runs > 1 for n, r in found.items() if n != "flush")


def test_who_gives_up_later_than_is_looked_is_not_told_which_is_said(
    held: Held, small: Any
) -> None:
    new = """\
bool protect(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);
	int tries = 0;

	do {
		if (!(old & PTE_PRESENT) || !(old & PTE_WRITE) || ++tries > %d)
			return false;
	} while (!try_cmpxchg64(ptep, &old, old & ~PTE_WRITE));
	return true;
}
"""
    later, soon = (held(rewritten(small[1].CODE, "protect", new % n)) for n in (7, 1))
    assert later["protect"].outcome is Outcome.SAME
    assert "a compare-and-exchange fails 2 times" in later["protect"].left["later rounds of a loop"]
    assert soon["protect"].outcome is Outcome.DIFFERS


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_told(held: Held, small: Any, name: str) -> None:
    function, old, new = MUTANTS[name]
    found = held(replaced(small[1].CODE, function, old, new))
    assert not found[function].fine
    others = {n for n, r in found.items() if not r.fine} - {function}
    assert not others or name in ("a mark in another place",), others


@pytest.mark.parametrize("name", SAME)
def test_another_way_to_write_it(held: Held, small: Any, name: str) -> None:
    function, new = SAME[name]
    result = held(rewritten(small[1].CODE, function, new))[function]
    assert result.outcome is Outcome.SAME, (result.why, result.sides)


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_not_understood_is_not_the_same(held: Held, small: Any, name: str) -> None:
    line, said = NOT_UNDERSTOOD[name]
    code = replaced(small[1].CODE, "clean", "\n\tif (!pte", f"\n\t{line}\n\tif (!pte")
    found = held(code)
    result = found.get("clean")
    assert result is not None
    assert result.outcome in (Outcome.NOT_COMPARED, Outcome.GONE), result.sides
    number = code.split("\n").index(f"\t{line}") + 1
    if said:
        assert said in result.why[0]
        assert result.why[0].startswith(f"mm.c:{number}: ")
    assert outcomes(found)["fix"] == "same" or not said


def test_renamed_gone_and_new(held: Held, small: Any) -> None:
    code = small[1].CODE
    found = held(code.replace(" clean(", " clean_pte(").replace(" protect(", " guard_pte("))
    assert found["clean"].outcome is Outcome.SAME
    assert found["clean"].name == "clean_pte"
    assert found["protect"].outcome is Outcome.GONE
    more = "\nvoid other(u64 *ptep)\n{\n\tWRITE_ONCE(*ptep, 0);\n}\n"
    found = held(code + more)
    assert found["other"].outcome is Outcome.NEW
    assert not found["other"].fine
    assert held(code + more, unmodelled={"other": "so it is"})["other"].fine


def test_what_is_known_is_listed(held: Held, small: Any) -> None:
    code = replaced(small[1].CODE, "zap", "flush(mm);", "set_bit(page, mm->log);")
    assert held(code)["zap"].outcome is Outcome.DIFFERS
    assert not held(code)["zap"].listed
    other = {
        "zap": COperation(differences=(CDifference(r"flush\(\)", r"set_bit\(log\)", "known"),))
    }
    listed = held(code, operations=other)["zap"]
    assert (listed.outcome, listed.listed, listed.why) == (Outcome.DIFFERS, True, ("known",))
    # What is listed is that, and nothing else.
    code = replaced(small[1].CODE, "zap", "flush(mm);", "")
    assert not held(code, operations=other)["zap"].fine


def test_the_release_is_that_of_the_tree(held: Held, small: Any) -> None:
    code = small[1].CODE
    assert held(code, (2, 0))["clean"].outcome is Outcome.DIFFERS
    newer = replaced(
        code,
        "clean",
        "old = write_pte(ptep, old, old & ~pte_dirty_mask);",
        "old = atomic64_fetch_and(~pte_dirty_mask, (atomic64_t *)ptep);",
    )
    assert held(newer, (2, 0))["clean"].outcome is Outcome.SAME
    assert held(newer, (1, 0))["clean"].outcome is Outcome.DIFFERS


def test_a_read_that_is_left_out_has_to_say_so(held: Held) -> None:
    found = held(operations={})["protect"]
    assert found.outcome is Outcome.DIFFERS
    assert found.sides is not None
    assert found.sides.model[found.sides.at].startswith("READ_ONCE(pte)")


def test_who_calls_with_another_value_than_is_assumed_is_told(held: Held, small: Any) -> None:
    code = small[1].CODE
    code = code.replace("u64 old, u64 new)", "u64 old, u64 new, int how)").replace(
        "PTE_NONE)", "PTE_NONE, 1)"
    )
    code = code.replace("old & ~pte_dirty_mask)", "old & ~pte_dirty_mask, 1)")
    operations = {
        **small[0].c.operations,
        "write_pte": COperation(start={"how": Left("as all call it", 1)}),
    }
    assert held(code, operations=operations)["zap"].outcome is Outcome.SAME
    other = held(code.replace("PTE_NONE, 1)", "PTE_NONE, 2)"), operations=operations)
    assert other["zap"].outcome is Outcome.NOT_COMPARED
    assert "with 2 for how" in other["zap"].why[0]
    assert other["clean"].outcome is Outcome.SAME


def test_a_condition_that_is_left_out_explains_what_is_not_reached(held: Held, small: Any) -> None:
    code = replaced(
        small[1].CODE,
        "fix",
        "\tif (new == old)",
        "\tif (mm_is_odd)\n\t\tflush(mm);\n\tif (new == old)",
    )
    assert held(code)["fix"].outcome is Outcome.DIFFERS
    fix = COperation(
        params={"write": "fault->write"},
        results={"FIX_RETRY": False, "else": True},
        left={"mm_is_odd": Left("it never is")},
    )
    found = held(code, operations={"fix": fix, "protect": COperation(reread="so")})["fix"]
    assert found.outcome is Outcome.SAME
    assert found.left["mm_is_odd"] == "it never is"
