#include "mm.h"

static __always_inline bool pte_volatile(u64 pte)
{
	return (pte & PTE_WRITE) && !(pte & pte_dirty_mask);
}

u64 write_pte(u64 *ptep, u64 old, u64 new)
{
	if (pte_present(old) && pte_volatile(old))
		return xchg(ptep, new);

	WRITE_ONCE(*ptep, new);
	return old;
}

static int set_pte_atomic(struct walk *walk, u64 new)
{
	WARN_ON(walk->left > 1);
	if (!try_cmpxchg64(walk->ptep, &walk->pte, new))
		return -16;
	return 0;
}

bool protect(struct mm *mm, unsigned long start)
{
	struct walk walk;
	bool set = false;

	for_each_pte(walk, mm, start, start + 1) {
retry:
		if (resched())
			continue;

		if (!pte_present(walk.pte) || !(walk.pte & PTE_WRITE))
			continue;

		if (set_pte_atomic(&walk, walk.pte & ~PTE_WRITE))
			goto retry;

		set = true;
	}

	return set;
}

void zap(struct mm *mm, unsigned long page)
{
	struct walk walk;

	write_lock(&mm->lock);
	for_each_present_pte(walk, mm, page, page + 1) {
		u64 old = write_pte(walk.ptep, walk.pte, PTE_NONE);

		if (old & pte_dirty_mask)
			set_bit(page, mm->log);
		trace_zap(page);
		flush(mm);
	}
	write_unlock(&mm->lock);
}

bool clean(struct mm *mm, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep);

	if (!pte_present(old))
		return false;

	old = write_pte(ptep, old, old & ~pte_dirty_mask);
	return old & pte_dirty_mask;
}

int fix(struct fault *fault, u64 *ptep)
{
	u64 old = READ_ONCE(*ptep), new = old;

	if (fault->write && pte_present(old))
		new |= PTE_WRITE | pte_dirty_mask;

	if (new == old)
		return FIX_RETRY;

	return try_cmpxchg64(ptep, &old, new) ? FIX_DONE : FIX_RETRY;
}

void flush(struct mm *mm)
{
	mm->flushes++;
}
