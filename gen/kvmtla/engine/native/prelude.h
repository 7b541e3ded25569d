/* What the functions of a model are written in. */

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint32_t u32;
typedef int64_t i64;
typedef uint64_t u64;
__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

typedef struct Worker Worker;

static void give(Worker *w, const u64 *from, const u64 *s, const u64 *d, int end);
static void misfit(Worker *w);

/* A step from `s_`, of which `s` are the bits that are looked at, to what `d` makes of these. */
#define OUT(d, end) give(w, s_, s, d, end)
/* What Python's integers have room for, and a run of bits of a state has not. */
#define CHECK(fits) \
  if (!(fits)) misfit(w)

static inline int least(i64 a, int b) { return a < b ? (int)a : b; }

/* The bits of a state from one on, of which there are enough behind it. */
static inline u64 get(const u64 *s, int at) {
  int i = at >> 6, by = at & 63;
  return by ? s[i] >> by | s[i + 1] << (64 - by) : s[i];
}

static inline u128 get2(const u64 *s, int at) { return (u128)get(s, at + 64) << 64 | get(s, at); }

static inline void put(u64 *d, int at, u64 low, u64 high) {
  int i = at >> 6, by = at & 63;
  if (i < WORDS) d[i] |= low << by;
  if (i + 1 < WORDS) d[i + 1] |= high << by | (by ? low >> (64 - by) : 0);
  if (i + 2 < WORDS && by) d[i + 2] |= high >> (64 - by);
}

static inline void clear(u64 *d, int at, u64 low, u64 high) {
  int i = at >> 6, by = at & 63;
  if (i < WORDS) d[i] &= ~(low << by);
  if (i + 1 < WORDS) d[i + 1] &= ~(high << by | (by ? low >> (64 - by) : 0));
  if (i + 2 < WORDS && by) d[i + 2] &= ~(high >> (64 - by));
}

static inline u64 bit_of(const u64 *table, int words, i64 at) {
  return at < (i64)words * 64 ? table[at >> 6] >> (at & 63) & 1 : 0;
}
