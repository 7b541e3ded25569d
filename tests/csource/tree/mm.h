/* What every file includes. */
#define BIT(n) (1ull << (n))
#define PTE_PRESENT BIT(0)
#define PTE_WRITE BIT(1)

#ifdef CONFIG_OTHER
#define PTE_NONE BIT(63)
#else
#define PTE_NONE 0ull
#endif

enum { FIX_RETRY, FIX_DONE = 5, FIX_SPURIOUS };

static inline bool pte_present(u64 pte)
{
	return !!(pte & PTE_PRESENT);
}

#define for_each_present_pte(_walk, _mm, _start, _end) \
	for_each_pte(_walk, _mm, _start, _end)		\
		if (!pte_present(_walk.pte))		\
			continue;			\
		else
