------------------------------ MODULE zap_twice_pml_5_19 ------------------------------
(***************************************************************************
 Two tasks zap a page table, and one ages the page, while the guest writes
 to it.

   kernel 5.19, method pml, 1 vCPU, 1 gfn, 1 page table

 "Exempt non-leaf SPTEs from atomic updates as KVM itself doesn't modify
 non-leaf SPTEs without holding mmu_lock, they do not have Dirty bits, and
 KVM doesn't consume the Accessed bit of non-leaf SPTEs." - ba3a6120a4e7
 ("KVM: x86/mmu: Use atomic XCHG to write TDP MMU SPTEs with volatile
 bits")
   C6 nonleaf_is_exempt: unlinked_once holds
   C6 nonleaf_is_exempt: page_tagged_by_walk holds
   C6 nonleaf_is_exempt: accessed_above holds

 "Of a page table that is taken apart nothing is left, and nobody gets
 there." - this specification: what the code goes by
   P4 tables_are_taken_apart_whole: not_present_is_whole holds
   P4 tables_are_taken_apart_whole: linked_table_is_not_unlinked holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    upper,           \* *sptep (2 MiB)
    table,           \* *sptep (4 KiB)
    walk_cache,      \* paging-structure cache
    unlinked,        \* call_rcu(tdp_mmu_free_sp)
    unlinked_twice,  \* call_rcu() a second time
    tlb,             \* TLB
    mmu_lock,        \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    page_dirty,      \* backing page dirty
    page_written,    \* page written
    zapper,          \* the zapper: its place in the code, and its locals
    other_zapper,    \* the other zapper: its place in the code, and its locals
    ager             \* the ager: its place in the code, and its locals

\* The state that all share.
shared == <<upper, table, walk_cache, unlinked, unlinked_twice, tlb, mmu_lock, page_dirty,
            page_written>>

\* No step of the zapper changes these.
zapper_frame == <<page_written, other_zapper, ager>>

\* No step of the other zapper changes these.
other_zapper_frame == <<page_written, zapper, ager>>

\* No step of the ager changes these.
ager_frame == <<upper, walk_cache, unlinked, unlinked_twice, tlb, page_written, zapper,
                other_zapper>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<unlinked, unlinked_twice, mmu_lock, page_dirty, zapper, other_zapper, ager>>

vars == <<shared, zapper, other_zapper, ager>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, mmio: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           mmio |-> FALSE, removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
ZapperState ==
    [pc: {"idle", "kvm_tdp_mmu_zap_sp.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit",
          "handle_removed_pt.READ_ONCE", "kvm_tdp_mmu_write_spte.xchg",
          "handle_removed_pt.kvm_set_pfn_dirty.set_bit", "call_rcu", "flush_at_once",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     old: NonLeaf,
     old_spte: Spte]
IdleZapper ==
    [pc |-> "idle",
     old |-> NoNonLeaf,
     old_spte |-> NoSpte]
OtherZapperState ==
    [pc: {"idle", "zap_collapsible_spte_range.READ_ONCE", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "kvm_set_pfn_dirty.set_bit", "handle_removed_pt.xchg",
          "handle_removed_pt.kvm_set_pfn_dirty.set_bit", "call_rcu", "flush_at_once",
          "tdp_mmu_zap_spte_atomic.WRITE_ONCE", "done"},
     old: NonLeaf,
     ok: BOOLEAN]
IdleOtherZapper ==
    [pc |-> "idle",
     old |-> NoNonLeaf,
     ok |-> FALSE]
AgerState ==
    [pc: {"idle", "age_gfn_range.READ_ONCE", "kvm_tdp_mmu_write_spte.xchg",
          "kvm_set_pfn_dirty.set_bit", "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     upper: NonLeaf,
     new_spte: Spte,
     old_spte: Spte]
IdleAger ==
    [pc |-> "idle",
     upper |-> NoNonLeaf,
     new_spte |-> NoSpte,
     old_spte |-> NoSpte]

ASSUME None \notin PageTable

TypeOK ==
    /\ upper          \in NonLeaf
    /\ table          \in [PageTable -> Spte]
    /\ walk_cache     \in [Vcpu -> PageTable \cup {None}]
    /\ unlinked       \in [PageTable -> BOOLEAN]
    /\ unlinked_twice \in BOOLEAN
    /\ tlb            \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock       \in -1..3
    /\ page_dirty     \in [Gfn -> BOOLEAN]
    /\ page_written   \in [Gfn -> BOOLEAN]
    /\ zapper         \in ZapperState
    /\ other_zapper   \in OtherZapperState
    /\ ager           \in AgerState

\* An SPTE that points to a page table; everything is allowed there.
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, mmio |-> FALSE, removed |-> FALSE]

\* Does the SPTE of 2 MiB map them?
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(spte) ==
    (~spte.writable /\ spte.mmu_writable) \/ (spte.writable /\ ~spte.dirty) \/ ~spte.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does it point to a page table?
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* No page table is given to RCU twice, which would free it twice. Meant for all kernels.
unlinked_once ==
    ~unlinked_twice

\* A running operation will tag the backing page dirty.
tag_owed(gfn) ==
    \/ /\ zapper.pc \in {"kvm_set_pfn_dirty.set_bit",
                         "handle_removed_pt.kvm_set_pfn_dirty.set_bit"}
       /\ 0 = gfn
    \/ /\ other_zapper.pc \in {"kvm_set_pfn_dirty.set_bit",
                               "handle_removed_pt.kvm_set_pfn_dirty.set_bit"}
       /\ 0 = gfn
    \/ ager.pc = "kvm_set_pfn_dirty.set_bit" /\ 0 = gfn

\* As `page_tagged`, where the SPTE that says so may be at either level.
page_tagged_by_walk ==
    \A gfn \in Gfn :
        \/ ~page_written[gfn]
        \/ page_dirty[gfn]
        \/ upper.spte.dirty
        \/ \E t \in PageTable : table[t].dirty
        \/ tag_owed(gfn)

\* Where a page was accessed, so was what is above it.
accessed_above ==
    \A t \in PageTable : upper.child # t \/ upper.spte.accessed \/ ~table[t].accessed

\* Is it present, 0, REMOVED, or MMIO of whichever generation?
is_whole(spte) ==
    \/ spte.present
    \/ spte = NoSpte
    \/ spte
         = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
            host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
            mmio |-> FALSE, removed |-> TRUE]
    \/ spte
         = [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE,
            host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
            mmio |-> TRUE, removed |-> FALSE]

\* An SPTE that is not present is 0, REMOVED_SPTE or MMIO, as a whole: no other bit is in it.
not_present_is_whole ==
    (\A t \in PageTable : is_whole(table[t])) /\ is_whole(upper.spte)

\* No page table that waits for being freed is linked still.
linked_table_is_not_unlinked ==
    ~(\E t \in PageTable : unlinked[t] /\ upper.child = t)

-----------------------------------------------------------------------------

Init ==
    /\ \E t \in PageTable :
           /\ upper = [spte |-> make_nonleaf_spte, child |-> t]
           /\ table = [[p \in PageTable |-> NoSpte] EXCEPT
                          ![t] = [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE,
                                  large |-> FALSE, mmio |-> FALSE, removed |-> FALSE]]
           /\ walk_cache = [v \in Vcpu |-> None]
           /\ unlinked = [p \in PageTable |-> FALSE]
           /\ unlinked_twice = FALSE
           /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
           /\ mmu_lock = 0
           /\ page_dirty = [gfn \in Gfn |-> FALSE]
           /\ page_written = [g \in Gfn |-> FALSE]
    /\ zapper = IdleZapper
    /\ other_zapper = IdleOtherZapper
    /\ ager = IdleAger

-----------------------------------------------------------------------------
\* The zapper: kvm_tdp_mmu_zap_sp()

\* Zap the table, mmu_lock held for write: the non-leaf SPTE is written plainly.
\* kvm_tdp_mmu_zap_sp(), arch/x86/kvm/mmu/tdp_mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep (2
\* MiB)); is_shadow_present_pte(old.spte)
zapper_kvm_tdp_mmu_zap_sp ==
    /\ zapper.pc = "idle"
    /\ mmu_lock = 0
    /\ IF upper.spte.present
         THEN /\ mmu_lock' = -1
              /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_zap_sp.WRITE_ONCE", !.old = upper]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   page_dirty>>

\* kvm_tdp_mmu_zap_sp(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf());
\* is_leaf(old)
zapper_kvm_tdp_mmu_zap_sp_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_zap_sp.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF is_leaf(zapper.old)
         THEN /\ IF zapper.old.spte.present /\ zapper.old.spte.dirty
                   THEN /\ zapper' = [zapper EXCEPT !.pc = "kvm_set_pfn_dirty.set_bit"]
                   ELSE /\ IF zapper.old.child # None
                             THEN /\ zapper' = [zapper EXCEPT
                                         !.pc = "handle_removed_pt.READ_ONCE"]
                             ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
         ELSE /\ IF zapper.old.child # None
                   THEN /\ zapper' = [zapper EXCEPT !.pc = "handle_removed_pt.READ_ONCE"]
                   ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<zapper_frame, table, walk_cache, unlinked, unlinked_twice, tlb, mmu_lock,
                   page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty); old.child != NULL
zapper_kvm_set_pfn_dirty_set_bit ==
    /\ zapper.pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ IF zapper.old.child # None
         THEN /\ zapper' = [zapper EXCEPT !.pc = "handle_removed_pt.READ_ONCE"]
         ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* is_shadow_present_pte(old_spte)
zapper_handle_removed_pt_READ_ONCE ==
    /\ zapper.pc = "handle_removed_pt.READ_ONCE"
    /\ IF table[zapper.old.child].present
         THEN /\ IF kvm_tdp_mmu_spte_need_atomic_write(table[zapper.old.child])
                   THEN /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_write_spte.xchg"]
                   ELSE /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                                    !.old_spte = table[zapper.old.child]]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "call_rcu"]
    /\ UNCHANGED <<shared, other_zapper, ager>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper.old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      mmio |-> FALSE, removed |-> TRUE]]
    /\ zapper' = [zapper EXCEPT !.pc = IF /\ table[zapper.old.child].present
                                          /\ table[zapper.old.child].dirty
                                         THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
                                         ELSE "call_rcu"]
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, unlinked, unlinked_twice, tlb, mmu_lock,
                   page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty)
zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit ==
    /\ zapper.pc = "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ zapper' = [zapper EXCEPT !.pc = "call_rcu"]
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: call_rcu(&sp->rcu_head,
\* tdp_mmu_free_sp_rcu_callback)
zapper_call_rcu ==
    /\ zapper.pc = "call_rcu"
    /\ unlinked' = [unlinked EXCEPT ![zapper.old.child] = TRUE]
    /\ unlinked_twice' = (unlinked_twice \/ unlinked[zapper.old.child])
    /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, mmu_lock, page_dirty>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, upper, table, unlinked, unlinked_twice, page_dirty>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB),
\* REMOVED_SPTE); is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ table' =
           [table EXCEPT
               ![zapper.old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      mmio |-> FALSE, removed |-> TRUE]]
    /\ zapper' = [zapper EXCEPT !.pc = IF zapper.old_spte.present /\ zapper.old_spte.dirty
                                         THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
                                         ELSE "call_rcu",
                                !.old_spte = NoSpte]
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, unlinked, unlinked_twice, tlb, mmu_lock,
                   page_dirty>>

Zapper ==
    \/ zapper_kvm_tdp_mmu_zap_sp
    \/ zapper_kvm_tdp_mmu_zap_sp_WRITE_ONCE
    \/ zapper_kvm_set_pfn_dirty_set_bit
    \/ zapper_handle_removed_pt_READ_ONCE
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit
    \/ zapper_call_rcu
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* The other zapper: kvm_mmu_zap_collapsible_sptes()

\* Zap what keeps pages from being huge, mmu_lock held for read; the mutant holds no lock.
\* kvm_mmu_zap_collapsible_sptes(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); !points_to_table(old)
other_zapper_kvm_mmu_zap_collapsible_sptes ==
    /\ other_zapper.pc = "idle"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ other_zapper' = [other_zapper EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ other_zapper' = [other_zapper EXCEPT
                     !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                     !.old = upper]
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   page_dirty>>

\* zap_collapsible_spte_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* !points_to_table(old)
other_zapper_zap_collapsible_spte_range_READ_ONCE ==
    /\ other_zapper.pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ other_zapper' = [other_zapper EXCEPT !.pc = "done"]
         ELSE /\ other_zapper' = [other_zapper EXCEPT
                     !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                     !.old = upper]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   page_dirty>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), old,
\* NonLeaf(spte=removed)); ok
other_zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ other_zapper.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = other_zapper.old
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, mmio |-> FALSE, removed |-> TRUE],
                      child |-> None]
              /\ IF is_leaf(other_zapper.old)
                   THEN /\ IF other_zapper.old.spte.present /\ other_zapper.old.spte.dirty
                             THEN /\ other_zapper' = [other_zapper EXCEPT
                                         !.pc = "kvm_set_pfn_dirty.set_bit",
                                         !.ok = TRUE]
                             ELSE /\ IF other_zapper.old.child # None
                                       THEN /\ other_zapper' = [other_zapper EXCEPT
                                                   !.pc = "handle_removed_pt.xchg",
                                                   !.ok = TRUE]
                                       ELSE /\ other_zapper' = [other_zapper EXCEPT
                                                   !.pc = "flush_at_once",
                                                   !.old = NoNonLeaf,
                                                   !.ok = TRUE]
                   ELSE /\ IF other_zapper.old.child # None
                             THEN /\ other_zapper' = [other_zapper EXCEPT
                                         !.pc = "handle_removed_pt.xchg",
                                         !.ok = TRUE]
                             ELSE /\ other_zapper' = [other_zapper EXCEPT
                                         !.pc = "flush_at_once",
                                         !.old = NoNonLeaf,
                                         !.ok = TRUE]
         ELSE /\ other_zapper' = [other_zapper EXCEPT
                     !.pc = "zap_collapsible_spte_range.READ_ONCE",
                     !.old = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<other_zapper_frame, table, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock, page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty); old.child != NULL
other_zapper_kvm_set_pfn_dirty_set_bit ==
    /\ other_zapper.pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ IF other_zapper.old.child # None
         THEN /\ other_zapper' = [other_zapper EXCEPT !.pc = "handle_removed_pt.xchg"]
         ELSE /\ other_zapper' = [other_zapper EXCEPT
                     !.pc = IF other_zapper.ok
                              THEN "flush_at_once"
                              ELSE "zap_collapsible_spte_range.READ_ONCE",
                     !.old = NoNonLeaf]
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
other_zapper_handle_removed_pt_xchg ==
    /\ other_zapper.pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![other_zapper.old.child] = [present |-> FALSE, writable |-> FALSE,
                                            mmu_writable |-> FALSE, host_writable |-> FALSE,
                                            accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                            mmio |-> FALSE, removed |-> TRUE]]
    /\ other_zapper' = [other_zapper EXCEPT
           !.pc = IF table[other_zapper.old.child]
                       # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                          host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                          large |-> TRUE, mmio |-> FALSE, removed |-> TRUE]
                    THEN IF /\ table[other_zapper.old.child].present
                            /\ table[other_zapper.old.child].dirty
                           THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
                           ELSE "call_rcu"
                    ELSE other_zapper.pc]
    /\ UNCHANGED <<other_zapper_frame, upper, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock, page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty)
other_zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit ==
    /\ other_zapper.pc = "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ other_zapper' = [other_zapper EXCEPT !.pc = "call_rcu"]
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, unlinked, unlinked_twice, tlb,
                   mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: call_rcu(&sp->rcu_head,
\* tdp_mmu_free_sp_rcu_callback); ok
other_zapper_call_rcu ==
    /\ other_zapper.pc = "call_rcu"
    /\ unlinked' = [unlinked EXCEPT ![other_zapper.old.child] = TRUE]
    /\ unlinked_twice' = (unlinked_twice \/ unlinked[other_zapper.old.child])
    /\ other_zapper' = [other_zapper EXCEPT
           !.pc = IF other_zapper.ok
                    THEN "flush_at_once"
                    ELSE "zap_collapsible_spte_range.READ_ONCE",
           !.old = NoNonLeaf]
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, tlb, mmu_lock, page_dirty>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm); ok
other_zapper_flush_at_once ==
    /\ other_zapper.pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ other_zapper' = [other_zapper EXCEPT
           !.pc = IF other_zapper.ok
                    THEN "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
                    ELSE "zap_collapsible_spte_range.READ_ONCE"]
    /\ UNCHANGED <<other_zapper_frame, upper, table, unlinked, unlinked_twice, mmu_lock,
                   page_dirty>>

\* tdp_mmu_zap_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf())
other_zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE ==
    /\ other_zapper.pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF other_zapper.ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ other_zapper' = [IdleOtherZapper EXCEPT !.pc = "done"]
         ELSE /\ other_zapper' = [other_zapper EXCEPT
                     !.pc = "zap_collapsible_spte_range.READ_ONCE"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<other_zapper_frame, table, walk_cache, unlinked, unlinked_twice, tlb,
                   page_dirty>>

OtherZapper ==
    \/ other_zapper_kvm_mmu_zap_collapsible_sptes
    \/ other_zapper_zap_collapsible_spte_range_READ_ONCE
    \/ other_zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ other_zapper_kvm_set_pfn_dirty_set_bit
    \/ other_zapper_handle_removed_pt_xchg
    \/ other_zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit
    \/ other_zapper_call_rcu
    \/ other_zapper_flush_at_once
    \/ other_zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE

-----------------------------------------------------------------------------
\* The ager: kvm_mmu_notifier_clear_young()

\* Age the page, without a flush; from v6.15 on without mmu_lock.
\* kvm_mmu_notifier_clear_young(), virt/kvm/kvm_main.c: write_lock(mmu_lock); READ_ONCE( *sptep
\* (2 MiB)); table != NULL
ager_kvm_mmu_notifier_clear_young ==
    /\ ager.pc = "idle"
    /\ mmu_lock = 0
    /\ IF upper.child # None
         THEN /\ mmu_lock' = -1
              /\ ager' = [ager EXCEPT !.pc = "age_gfn_range.READ_ONCE", !.upper = upper]
         ELSE /\ ager' = [ager EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<ager_frame, table, page_dirty>>

\* age_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* is_shadow_present_pte(old_spte) && old_spte.accessed
ager_age_gfn_range_READ_ONCE ==
    /\ ager.pc = "age_gfn_range.READ_ONCE"
    /\ IF table[ager.upper.child].present /\ table[ager.upper.child].accessed
         THEN /\ IF kvm_tdp_mmu_spte_need_atomic_write(table[ager.upper.child])
                   THEN /\ ager' = [ager EXCEPT !.pc = "kvm_tdp_mmu_write_spte.xchg",
                                                !.new_spte = [table[ager.upper.child] EXCEPT
                                                                 !.accessed = FALSE]]
                   ELSE /\ ager' = [ager EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                                !.new_spte = [table[ager.upper.child] EXCEPT
                                                                 !.accessed = FALSE],
                                                !.old_spte = table[ager.upper.child]]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ ager' = [IdleAger EXCEPT !.pc = "done"]
    /\ UNCHANGED <<ager_frame, table, page_dirty>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep (4 KiB), new_spte);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
ager_kvm_tdp_mmu_write_spte_xchg ==
    /\ ager.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ table' = [table EXCEPT ![ager.upper.child] = ager.new_spte]
    /\ IF /\ table[ager.upper.child].present
          /\ table[ager.upper.child].dirty
          /\ ~(ager.new_spte.present /\ ager.new_spte.dirty)
         THEN /\ ager' = [IdleAger EXCEPT !.pc = "kvm_set_pfn_dirty.set_bit"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ ager' = [IdleAger EXCEPT !.pc = "done"]
    /\ UNCHANGED <<ager_frame, page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty); write_unlock(mmu_lock)
ager_kvm_set_pfn_dirty_set_bit ==
    /\ ager.pc = "kvm_set_pfn_dirty.set_bit"
    /\ mmu_lock' = 0
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ ager' = [ager EXCEPT !.pc = "done"]
    /\ UNCHANGED <<ager_frame, table>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB), new_spte);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ table' = [table EXCEPT ![ager.upper.child] = ager.new_spte]
    /\ IF /\ ager.old_spte.present
          /\ ager.old_spte.dirty
          /\ ~(ager.new_spte.present /\ ager.new_spte.dirty)
         THEN /\ ager' = [IdleAger EXCEPT !.pc = "kvm_set_pfn_dirty.set_bit"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ ager' = [IdleAger EXCEPT !.pc = "done"]
    /\ UNCHANGED <<ager_frame, page_dirty>>

Ager ==
    \/ ager_kvm_mmu_notifier_clear_young
    \/ ager_age_gfn_range_READ_ONCE
    \/ ager_kvm_tdp_mmu_write_spte_xchg
    \/ ager_kvm_set_pfn_dirty_set_bit
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_to_table(), write_by_table(), write_through_tlb(),
\* evict()

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* SDM vol. 3, 29.3.5 and 29.4.1: the CPU walks to the page table
walk_to_table(cpu) ==
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<hardware_frame, table, tlb, page_written>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* SDM vol. 3, 29.3.5 and 29.4.3: write: the CPU sets A and D in the leaf
write_by_table(cpu, gfn, t) ==
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, upper, walk_cache, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, tlb>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, page_written>>

Hardware(cpu) ==
    \/ walk_to_table(cpu)
    \/ \E gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E gfn \in Gfn :
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ OtherZapper
    \/ Ager
    \/ \E cpu \in Vcpu : Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
