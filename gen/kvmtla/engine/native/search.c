/*
 * Breadth-first search of one model, whose steps and tests stand above this text.
 *
 * The states are in an array, in the order in which they were found, so that each layer is one run
 * of it. A table of their numbers, of open addressing, says where a state is. Several threads go
 * through a layer; whichever of them finds a state first, the set of states of the next layer is the
 * same, and of what violates something the least state is noted. So no answer depends on them.
 */

#define CHUNK 64        /* states that a thread takes at once */
#define BUFFER 64       /* states that are looked up together, so that memory is waited for once */
#define RESERVED 64     /* numbers of states that a thread takes at once */
#define SEGMENT_BITS (WORDS <= 2 ? 17 : WORDS <= 4 ? 16 : 14)
#define SEGMENT (1u << SEGMENT_BITS) /* states are allocated in segments of so many */
#define HUGE (1u << 21) /* what lies across the whole of it is looked at: one page is to be large */
#define FEW 1024        /* to go through so few states, no thread is begun */
#define MOST_THREADS 64
#define LAST 0xfffffff0ull

enum { RUNNING, HOLDS, VIOLATED, TOO_MANY, TOO_LARGE, FULL, NO_MEMORY, MISFIT };
enum { CHECKING, EXPANDING, SEEKING, ENDED };

typedef struct { u64 w[WORDS]; } State;

typedef struct Run Run;

struct Worker {
  Run *run;
  pthread_t thread;
  u64 fired[ENDS + 1]; /* the first counts first states */
  u64 watched[WATCHED + 1];
  u64 resting;
  int misfit, found, filled;
  u64 free, end; /* numbers of states that it may use */
  unsigned char is_bad[TESTS];
  State bad[TESTS];
  State buffer[BUFFER];
  u64 slot[BUFFER];
};

struct Run {
  State **segments;
  u64 room, next; /* states that there is room for, and numbers given away */
  u32 *table;
  u64 size;
  u64 *layers; /* where each begins */
  u64 depth, layers_room;
  u64 start, stop, cursor; /* the layer, and what of it is still to do */
  u64 most_states, most_bytes, slack;
  int phase, threads, symmetric, on_steps, halt;
  i64 until;
  unsigned char asked[TESTS];
  State wanted;
  Worker workers[MOST_THREADS];
};

static i64 now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (i64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline State *state_at(const Run *run, u64 i) {
  return &run->segments[i >> SEGMENT_BITS][i & (SEGMENT - 1)];
}

static inline int same(const State *a, const State *b) {
  u64 differs = 0;
  for (int i = 0; i < WORDS; i++) differs |= a->w[i] ^ b->w[i];
  return !differs;
}

static int less(const State *a, const State *b) {
  for (int i = WORDS - 1; i >= 0; i--)
    if (a->w[i] != b->w[i]) return a->w[i] < b->w[i];
  return 0;
}

static inline u64 hash(const State *s) {
  u64 h = 0x9e3779b97f4a7c15ull;
  for (int i = 0; i < WORDS; i++) {
    u128 m = (u128)(h ^ s->w[i]) * 0xd6e8feb86659fd93ull;
    h = (u64)m ^ (u64)(m >> 64) ^ 0xbf58476d1ce4e5b9ull * (u64)(i + 1);
  }
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15ull;
  return h ^ h >> 29;
}

static void note(Worker *w, int test, const State *s) {
  if (!w->is_bad[test] || less(s, &w->bad[test])) w->bad[test] = *s;
  w->is_bad[test] = 1;
}

/* -- states that are found */

static void insert(Worker *w, const State *s, u64 h) {
  Run *run = w->run;
  for (;; h = (h + 1) & (run->size - 1)) {
    u32 k = __atomic_load_n(&run->table[h], __ATOMIC_ACQUIRE);
    if (!k) {
      if (w->free == w->end) {
        w->free = __atomic_fetch_add(&run->next, RESERVED, __ATOMIC_RELAXED);
        w->end = w->free + RESERVED;
      }
      *state_at(run, w->free) = *s;
      if (__atomic_compare_exchange_n(&run->table[h], &k, (u32)(w->free + 1), 0, __ATOMIC_RELEASE,
                                      __ATOMIC_ACQUIRE)) {
        w->free++;
        return;
      }
    }
    if (same(state_at(run, k - 1), s)) return;
  }
}

static void flush(Worker *w) {
  Run *run = w->run;
  int n = w->filled;
  w->filled = 0;
  if (run->symmetric)
    for (int i = 0; i < n; i++) canonical(w->buffer[i].w);
  if (run->phase == SEEKING) {
    for (int i = 0; i < n; i++) w->found |= same(&w->buffer[i], &run->wanted);
    return;
  }
  for (int i = 0; i < n; i++) {
    w->slot[i] = hash(&w->buffer[i]) & (run->size - 1);
    __builtin_prefetch(&run->table[w->slot[i]]);
  }
  for (int i = 0; i < n; i++) {
    u32 k = __atomic_load_n(&run->table[w->slot[i]], __ATOMIC_RELAXED);
    if (k) __builtin_prefetch(state_at(run, k - 1));
  }
  for (int i = 0; i < n; i++) insert(w, &w->buffer[i], w->slot[i]);
}

static void give(Worker *w, const u64 *from, const u64 *s, const u64 *d, int end) {
  State *to = &w->buffer[w->filled];
  for (int i = 0; i < WORDS; i++) to->w[i] = from[i] ^ s[i] ^ d[i];
  w->fired[end < 0 ? 0 : end + 1]++;
  if (w->run->on_steps)
    for (int i = 0; i < STEPS; i++) {
      if (!w->run->asked[FIRST_STEP + i]) continue;
      u64 changed = 0;
      for (int k = 0; k < WORDS; k++) changed |= (s[k] ^ d[k]) & looked[i][k];
      if (changed && !step_tests[i](w, from, to->w)) note(w, FIRST_STEP + i, (const State *)from);
    }
  if (++w->filled == BUFFER) flush(w);
}

static void misfit(Worker *w) { w->misfit = 1; }

/* -- a thread */

static void check(Worker *w, const State *s) {
  for (int i = 0; i < WATCHED; i++) w->watched[i] += (u64)state_tests[FIRST_WATCHED + i](w, s->w);
  for (int i = 0; i <= INVARIANTS; i++)
    if (w->run->asked[i] && !state_tests[i](w, s->w)) note(w, i, s);
}

static void expand_one(Worker *w, const State *s) {
  w->resting += (u64)state_tests[AT_REST](w, s->w);
  expand(w, s->w);
}

static void seek_one(Worker *w, const State *s) {
  w->found = 0;
  expand(w, s->w);
  flush(w);
  if (w->found) note(w, SOUGHT, s);
}

static int has_room(const Run *run) {
  u64 n = __atomic_load_n(&run->next, __ATOMIC_RELAXED) + run->slack;
  return n <= run->room && n <= run->size / 4 * 3;
}

/* Are there more states than there may be, whatever is reserved only? */
static int too_many(const Run *run) {
  u64 n = __atomic_load_n(&run->next, __ATOMIC_RELAXED);
  return n > run->most_states && n - run->most_states > (u64)run->threads * RESERVED;
}

static void *work(void *given) {
  Worker *w = given;
  Run *run = w->run;
  while (!__atomic_load_n(&run->halt, __ATOMIC_RELAXED)) {
    if (now() > run->until) break;
    if (run->phase == EXPANDING && (!has_room(run) || too_many(run))) break;
    u64 i = __atomic_fetch_add(&run->cursor, CHUNK, __ATOMIC_RELAXED);
    if (i >= run->stop) break;
    u64 end = i + CHUNK < run->stop ? i + CHUNK : run->stop;
    for (; i < end; i++) {
      State s = *state_at(run, i);
      if (run->phase == CHECKING) check(w, &s);
      else if (run->phase == EXPANDING) expand_one(w, &s);
      else seek_one(w, &s);
    }
    if (w->misfit) __atomic_store_n(&run->halt, 1, __ATOMIC_RELAXED);
  }
  flush(w);
  return 0;
}

static void work_all(Run *run) {
  int n = run->stop > run->cursor + FEW ? run->threads : 1;
  int begun = 1;
  run->halt = 0;
  for (; begun < n; begun++)
    if (pthread_create(&run->workers[begun].thread, 0, work, &run->workers[begun])) break;
  work(&run->workers[0]);
  for (int i = 1; i < begun; i++) pthread_join(run->workers[i].thread, 0);
}

/* -- room */

static void *allocated(size_t size) {
  if (size < HUGE) return calloc(1, size);
  void *made = aligned_alloc(HUGE, (size + HUGE - 1) / HUGE * HUGE);
#ifdef MADV_HUGEPAGE
  if (made) madvise(made, size, MADV_HUGEPAGE);
#endif
  return made;
}

static u64 bytes(const Run *run) {
  return run->room * sizeof(State) + run->size * sizeof(u32) + sizeof(Run);
}

static int more_states(Run *run) {
  u64 more = run->room / 8 + run->slack;
  u64 count = (run->next + more + SEGMENT - 1) >> SEGMENT_BITS;
  State **moved = realloc(run->segments, count * sizeof *moved);
  if (!moved) return NO_MEMORY;
  run->segments = moved;
  while (run->room >> SEGMENT_BITS < count) {
    State *made = allocated(SEGMENT * sizeof(State));
    if (!made) return NO_MEMORY;
    run->segments[run->room >> SEGMENT_BITS] = made;
    run->room += SEGMENT;
  }
  return RUNNING;
}

static int larger_table(Run *run, u64 size) {
  free(run->table); /* first, since all that it says can be found out again */
  run->table = allocated(size * sizeof(u32));
  if (!run->table) {
    run->size = 0;
    return NO_MEMORY;
  }
  memset(run->table, 0, size * sizeof(u32));
  run->size = size;
  for (u64 i = 0; i < run->next; i++) {
    u64 h = hash(state_at(run, i)) & (size - 1);
    while (run->table[h]) h = (h + 1) & (size - 1);
    run->table[h] = (u32)(i + 1);
  }
  return RUNNING;
}

/* The numbers that threads have reserved and not used are given to the last states. */
static void close_gaps(Run *run) {
  u64 gaps = 0;
  for (int i = 0; i < run->threads; i++) gaps += run->workers[i].end - run->workers[i].free;
  u64 count = run->next - gaps, last = run->next;
  for (int i = 0; i < run->threads; i++) {
    Worker *w = &run->workers[i];
    for (u64 gap = w->free; gap < w->end && gap < count; gap++) {
      for (int unused = 1; unused;) { /* the last state that has a number */
        last--;
        unused = 0;
        for (int k = 0; k < run->threads; k++)
          unused |= run->workers[k].free <= last && last < run->workers[k].end;
      }
      State *moved = state_at(run, last);
      u64 h = hash(moved) & (run->size - 1);
      while (run->table[h] != last + 1) h = (h + 1) & (run->size - 1);
      run->table[h] = (u32)(gap + 1);
      *state_at(run, gap) = *moved;
    }
  }
  for (int i = 0; i < run->threads; i++) run->workers[i].free = run->workers[i].end = 0;
  run->next = count;
}

static int make_room(Run *run) {
  close_gaps(run);
  if (run->next * sizeof(State) + run->size * sizeof(u32) > run->most_bytes) return FULL;
  while (!has_room(run)) {
    if (run->next + run->slack > LAST) return TOO_LARGE;
    if (run->next + run->slack > run->size / 4 * 3) {
      if (bytes(run) + run->size * sizeof(u32) > run->most_bytes) return FULL;
      if (larger_table(run, run->size * 2)) return NO_MEMORY;
    } else {
      if (bytes(run) + (run->room / 8 + run->slack) * sizeof(State) > run->most_bytes) return FULL;
      if (more_states(run)) return NO_MEMORY;
    }
  }
  return RUNNING;
}

/* -- the search */

static int any_bad(const Run *run) {
  for (int i = 0; i < run->threads; i++)
    if (memchr(run->workers[i].is_bad, 1, TESTS)) return 1;
  return 0;
}

static int is_misfit(const Run *run) {
  for (int i = 0; i < run->threads; i++)
    if (run->workers[i].misfit) return 1;
  return 0;
}

/* Begin the layer that was found last; there is none where nothing new was found. */
static int next_layer(Run *run) {
  if (run->depth == run->layers_room) {
    u64 *moved = realloc(run->layers, 2 * run->layers_room * sizeof *moved);
    if (!moved) return NO_MEMORY;
    run->layers = moved;
    run->layers_room *= 2;
  }
  close_gaps(run);
  run->start = run->stop;
  run->stop = run->next;
  run->cursor = run->start;
  run->phase = run->start == run->stop ? ENDED : CHECKING;
  if (run->phase == CHECKING) run->layers[run->depth++] = run->start;
  return RUNNING;
}

/* Goes on for so many seconds; the result says whether, and why, that was the end. */
int search_on(Run *run, double seconds) {
  run->until = now() + (i64)(seconds * 1e9);
  while (run->phase != ENDED) {
    if (run->phase == EXPANDING) {
      int room = make_room(run);
      if (room) return room;
      if (run->next > run->most_states) return TOO_MANY;
    }
    work_all(run);
    if (is_misfit(run)) return MISFIT;
    if (run->cursor >= run->stop) {
      if (run->phase == SEEKING) {
        run->phase = ENDED;
        break;
      }
      if (run->phase == CHECKING) {
        if (any_bad(run)) return VIOLATED;
        run->phase = EXPANDING;
        run->cursor = run->start;
      } else if (next_layer(run)) {
        return NO_MEMORY;
      } else if (run->phase == ENDED && any_bad(run)) {
        return VIOLATED; /* by a step that leads to no new state */
      }
    }
    if (now() > run->until) return RUNNING;
  }
  return HOLDS;
}

void search_end(Run *run) {
  for (u64 i = 0; i < run->room >> SEGMENT_BITS; i++) free(run->segments[i]);
  free(run->segments);
  free(run->table);
  free(run->layers);
  free(run);
}

/* A new search; 0 where there is no memory for it. */
Run *search_begin(int threads, int symmetric, const unsigned char *asked, u64 most_states,
                  u64 most_bytes) {
  Run *run = calloc(1, sizeof *run);
  if (!run) return 0;
  run->threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
  run->symmetric = symmetric && IS_SYMMETRIC;
  memcpy(run->asked, asked, TESTS);
  run->most_states = most_states;
  run->most_bytes = most_bytes;
  run->slack = (u64)run->threads * (CHUNK * (MOST_STEPS + 1) + BUFFER + RESERVED);
  for (int i = 0; i < run->threads; i++) run->workers[i].run = run;
  u64 size = 1024;
  while (size / 2 < run->slack) size *= 2;
  run->layers_room = 64;
  run->layers = malloc(run->layers_room * sizeof *run->layers);
  run->phase = EXPANDING;
  if (!run->layers || more_states(run) || larger_table(run, size)) {
    search_end(run);
    return 0;
  }
  static const State blank = {BLANK};
  first(&run->workers[0], blank.w);
  flush(&run->workers[0]);
  for (int i = 0; i < STEPS; i++) run->on_steps |= asked[FIRST_STEP + i];
  next_layer(run);
  return run;
}

/* From here on `search_on` looks for the states of a layer that lead to `wanted`. */
void search_seek(Run *run, u64 layer, const u64 *wanted) {
  memcpy(run->wanted.w, wanted, sizeof run->wanted);
  run->start = run->cursor = run->layers[layer];
  run->stop = layer + 1 < run->depth ? run->layers[layer + 1] : run->next;
  run->phase = SEEKING;
  run->on_steps = 0;
  for (int i = 0; i < run->threads; i++) run->workers[i].is_bad[SOUGHT] = 0;
}

/* The least state that was noted for a test; whether there is one. */
int search_bad(const Run *run, int test, u64 *found) {
  const State *least = 0;
  for (int i = 0; i < run->threads; i++) {
    const Worker *w = &run->workers[i];
    if (w->is_bad[test] && (!least || less(&w->bad[test], least))) least = &w->bad[test];
  }
  if (least) memcpy(found, least->w, sizeof *least);
  return least != 0;
}

/* States in layers that were begun, all states, layers, bytes, first states, stops, then how often
   each end was come to, then how often each condition that is watched was true. */
void search_counts(const Run *run, u64 *out) {
  u64 gaps = 0;
  memset(out, 0, (6 + ENDS + WATCHED) * sizeof *out);
  for (int i = 0; i < run->threads; i++) {
    const Worker *w = &run->workers[i];
    gaps += w->end - w->free;
    out[4] += w->fired[0];
    out[5] += w->resting;
    for (int k = 0; k < ENDS; k++) out[6 + k] += w->fired[k + 1];
    for (int k = 0; k < WATCHED; k++) out[6 + ENDS + k] += w->watched[k];
  }
  out[0] = run->stop;
  out[1] = run->next - gaps;
  out[2] = run->depth;
  out[3] = bytes(run);
}

int search_ended(const Run *run) { return run->phase == ENDED; }

u64 search_layer(const Run *run, u64 layer) { return run->layers[layer]; }

void search_state(const Run *run, u64 i, u64 *out) { memcpy(out, state_at(run, i), sizeof(State)); }

/* The state that stands for all that symmetry makes one with `s`. */
void search_canonical(const Run *run, u64 *s) {
  if (run->symmetric) canonical(s);
}
