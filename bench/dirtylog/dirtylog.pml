/*
 * One page, logged by write protection, as a user of Spin writes it: the model of model.py.
 *
 * spin -DN=3 -a dirtylog.pml && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -m100000
 */
#ifndef N
#define N 3
#endif

/* The SPTE's bits, and those of a TLB entry. */
#define P 1
#define W 2
#define M 4
#define A 8
#define D 16
#define TV 1
#define TW 2
#define TD 4

#define VOLATILE(s) ((s & P) && ((!(s & W) && (s & M)) || !(s & A) || ((s & W) && !(s & D))))
#define NOW(old) (VOLATILE(old) -> spte : old)
#define FLUSH(i) for (i : 0 .. N - 1) { tlb[i] = 0 }
#define LOGGED (lpc >= 4)
#define WROTE unreported = unreported || LOGGED; wrote = true

byte spte;
byte tlb[N];
byte vpc[N]; /* 0: in the guest, 1: before the cmpxchg, 2: before the marking */
byte vold[N];
bool bitmap, unreported, wrote, wlock, rlock, page_dirty, on;
byte apc, aold, aged; /* 0: idle, 1: before the write, 2: before the unlock */
byte zpc, zold, zapped;
byte lpc; /* 0: off, 1: before the read, 2: cmpxchg, 3: flush, 4: ready, 5: get, 6: protect, 7: flush */
byte lold, gets, enables;
bool lmask, lset;

#define MARKING(i) (vpc[i] == 2)
#define CHECK \
  for (i : 0 .. N - 1) { \
    marking = marking || MARKING(i); \
    assert(!(tlb[i] & TW) || ((spte & P) && (spte & M)) || zpc == 2) \
  } \
  assert(!unreported || bitmap || lmask || marking); \
  assert(!(wrote && !(spte & P) && zpc == 0) || page_dirty); \
  marking = false; i = 0

#define VCPU(v) \
  :: d_step { vpc[v] == 0 && (spte & P) && !(tlb[v] & TV) -> \
       tlb[v] = TV | (spte & W) | ((spte & D) -> TD : 0); spte = spte | A; CHECK } \
  :: d_step { vpc[v] == 0 && tlb[v] == (TV | TW | TD) -> WROTE; CHECK } \
  :: d_step { vpc[v] == 0 && (tlb[v] & (TW | TD)) != (TW | TD) && (spte & P) && (spte & W) -> \
       spte = spte | A | D; tlb[v] = TV | TW | TD; WROTE; CHECK } \
  :: d_step { tlb[v] & TV -> tlb[v] = 0; CHECK } \
  :: d_step { vpc[v] == 0 && !(spte & P) && !wlock -> \
       spte = P | W | M | A | D; bitmap = bitmap || on; CHECK } \
  :: d_step { vpc[v] == 0 && (spte & P) && !(spte & W) && (spte & M) && !(tlb[v] & TW) -> \
       vpc[v] = 1; vold[v] = spte; tlb[v] = 0; CHECK } \
  :: d_step { vpc[v] == 1 -> \
       if :: spte == vold[v] -> spte = spte | W; vpc[v] = 2 :: else -> vpc[v] = 0 fi; \
       vold[v] = 0; CHECK } \
  :: d_step { vpc[v] == 2 -> vpc[v] = 0; bitmap = bitmap || on; CHECK }

active proctype all() {
  byte i;
  bool marking;
  do
  VCPU(0)
#if N > 1
  VCPU(1)
#endif
#if N > 2
  VCPU(2)
#endif
#if N > 3
  VCPU(3)
#endif
  /* the ager */
  :: d_step { apc == 0 && aged < 2 && !wlock && !rlock && (spte & P) && (spte & A) ->
       wlock = true; apc = 1; aold = spte; aged++; CHECK }
  :: d_step { apc == 1 -> spte = NOW(aold) & (P | W | M | D); apc = 2; aold = 0; CHECK }
  :: d_step { apc == 2 -> apc = 0; wlock = false; CHECK }
  /* the zapper */
  :: d_step { zpc == 0 && zapped < 1 && !wlock && !rlock && (spte & P) ->
       wlock = true; zpc = 1; zold = spte; zapped++; CHECK }
  :: d_step { zpc == 1 -> page_dirty = page_dirty || (NOW(zold) & D); spte = 0; zold = 0; zpc = 2; CHECK }
  :: d_step { zpc == 2 -> zpc = 0; wlock = false; FLUSH(i); CHECK }
  /* dirty logging */
  :: d_step { lpc == 0 && enables < 2 && !wlock ->
       lpc = 1; enables++; on = true; rlock = true; lset = false; CHECK }
  :: d_step { lpc == 1 ->
       if :: (spte & P) && (spte & W) -> lpc = 2; lold = spte
          :: else -> lpc = 3; rlock = false fi; CHECK }
  :: d_step { lpc == 2 ->
       if :: spte == lold -> spte = spte & (P | M | A | D); lset = true; lpc = 3; rlock = false
          :: else -> lpc = 1 fi;
       lold = 0; CHECK }
  :: d_step { lpc == 3 -> if :: lset -> FLUSH(i) :: else fi; lset = false; lpc = 4; CHECK }
  :: d_step { lpc == 4 && gets < 2 -> lpc = 5; gets++; CHECK }
  :: d_step { lpc == 5 && !wlock && !rlock ->
       lmask = bitmap; bitmap = false;
       if :: lmask && (spte & P) && (spte & W) -> lpc = 6; wlock = true; lold = spte
          :: else -> lpc = 7 fi; CHECK }
  :: d_step { lpc == 6 -> spte = NOW(lold) & (P | M | A | D); lpc = 7; wlock = false; lold = 0; CHECK }
  :: d_step { lpc == 7 -> if :: lmask -> FLUSH(i); unreported = false :: else fi; lmask = false; lpc = 4; CHECK }
  :: d_step { lpc == 4 && enables < 2 -> lpc = 0; on = false; bitmap = false; unreported = false; CHECK }
  od
}
