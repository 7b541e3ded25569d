"""What the kernel's C has beyond C: its words, its types, its accesses and its locks."""

from __future__ import annotations

import re

WORDS = re.compile(
    r"\b(?:__always_inline|__must_check|__init|__exit|__read_mostly|__ro_after_init|__maybe_unused"
    r"|noinline|noinline_for_stack|__cold|__hot|__rcu|__user|__weak|fallthrough)\b"
)
"""Words that say something to the compiler alone."""

TYPES = {
    "bool": (1, False),
    "_Bool": (1, False),
    "char": (8, True),
    "u8": (8, False),
    "u16": (16, False),
    "s16": (16, True),
    "short": (16, True),
    "int": (32, True),
    "s32": (32, True),
    "unsigned int": (32, False),
    "unsigned": (32, False),
    "u32": (32, False),
    "uint": (32, False),
    "long": (64, True),
    "s64": (64, True),
    "long long": (64, True),
    "unsigned long": (64, False),
    "ulong": (64, False),
    "unsigned long long": (64, False),
    "u64": (64, False),
    "uint64_t": (64, False),
    "uint32_t": (32, False),
    "size_t": (64, False),
}
"""name -> (bits, is it signed)."""

SAME = frozenset(
    {"likely", "unlikely", "rcu_dereference", "rcu_dereference_raw", "READ_ONCE_NOCHECK"}
)
"""What gives its argument back."""

# C's name -> (the primitive, the place, the values; each by its number among the arguments).
ACCESSES: dict[str, tuple[str, int, tuple[int, ...]]] = {
    "READ_ONCE": ("READ_ONCE", 0, ()),
    "smp_load_acquire": ("READ_ONCE", 0, ()),
    "WRITE_ONCE": ("WRITE_ONCE", 0, (1,)),
    "smp_store_release": ("WRITE_ONCE", 0, (1,)),
    "xchg": ("xchg", 0, (1,)),
    "xchg64": ("xchg", 0, (1,)),
    "cmpxchg": ("cmpxchg", 0, (1, 2)),
    "cmpxchg64": ("cmpxchg", 0, (1, 2)),
    "try_cmpxchg": ("try_cmpxchg", 0, (1, 2)),
    "try_cmpxchg64": ("try_cmpxchg", 0, (1, 2)),
    "atomic64_fetch_and": ("atomic_fetch_and", 1, (0,)),
    "atomic64_fetch_or": ("atomic_fetch_or", 1, (0,)),
    "atomic_long_fetch_and": ("atomic_fetch_and", 1, (0,)),
    "atomic_long_fetch_or": ("atomic_fetch_or", 1, (0,)),
    "set_bit": ("set_bit", 1, ()),
    "set_bit_le": ("set_bit", 1, ()),
    "clear_bit": ("clear_bit", 1, ()),
    "clear_bit_le": ("clear_bit", 1, ()),
    "test_bit": ("test_bit", 1, ()),
    "test_and_set_bit": ("test_and_set_bit", 1, ()),
    "test_and_clear_bit": ("test_and_clear_bit", 1, ()),
}
BY_VALUE = frozenset({"READ_ONCE", "smp_load_acquire", "WRITE_ONCE", "smp_store_release"})
"""Those that name the place itself, and not where it is."""

LOCKS: dict[str, tuple[str, str]] = {
    "read_lock": ("lock", "read"),
    "read_unlock": ("unlock", "read"),
    "write_lock": ("lock", "write"),
    "write_unlock": ("unlock", "write"),
    "spin_lock": ("lock", "write"),
    "spin_unlock": ("unlock", "write"),
    "mutex_lock": ("lock", "write"),
    "mutex_unlock": ("unlock", "write"),
}
"""C's name -> (what it does, how the lock is held)."""
