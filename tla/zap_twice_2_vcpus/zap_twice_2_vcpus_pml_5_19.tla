------------------------------ MODULE zap_twice_2_vcpus_pml_5_19 ------------------------------
(***************************************************************************
 Two tasks zap a page table, and one ages the page, while the guest writes
 to it.

   kernel 5.19, method pml
   2 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   memory, page_locked, pml_buffer, pml_enabled, rcu_read_lock, root,
   root_tlb, shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, spte, store_buffer, tlb_flush_requested,
   unlinked, unlinked_twice, unreported, vcpu_mode, write_tracked.

 Left out, since no word here has it:
   Spte.mmio, Spte.mmio_generation, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, None

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0}

VARIABLES
    upper, table, walk_cache, tlb, mmu_lock, page_dirty, page_written, zapper_pc, zapper_old,
    zapper_old_spte, other_zapper_pc, other_zapper_old, other_zapper_ok, ager_pc, ager_upper,
    ager_new_spte, ager_old_spte

vars == <<upper, table, walk_cache, tlb, mmu_lock, page_dirty, page_written, zapper_pc,
          zapper_old, zapper_old_spte, other_zapper_pc, other_zapper_old, other_zapper_ok,
          ager_pc, ager_upper, ager_new_spte, ager_old_spte>>

\* No step of zapper changes these.
zapper_frame == <<page_written, other_zapper_pc, other_zapper_old, other_zapper_ok, ager_pc,
                  ager_upper, ager_new_spte, ager_old_spte>>

\* No step of other_zapper changes these.
other_zapper_frame == <<page_written, zapper_pc, zapper_old, zapper_old_spte, ager_pc,
                        ager_upper, ager_new_spte, ager_old_spte>>

\* No step of ager changes these.
ager_frame == <<upper, walk_cache, tlb, page_written, zapper_pc, zapper_old, zapper_old_spte,
                other_zapper_pc, other_zapper_old, other_zapper_ok>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<mmu_lock, page_dirty, zapper_pc, zapper_old, zapper_old_spte,
                         other_zapper_pc, other_zapper_old, other_zapper_ok, ager_pc,
                         ager_upper, ager_new_spte, ager_old_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ upper            \in NonLeaf
    /\ table            \in [PageTable -> Spte]
    /\ walk_cache       \in [Vcpu -> PageTable \cup {None}]
    /\ tlb              \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock         \in -1..3
    /\ page_dirty       \in [Gfn -> BOOLEAN]
    /\ page_written     \in [Gfn -> BOOLEAN]
    /\ zapper_pc        \in {"idle", "kvm_tdp_mmu_zap_sp.WRITE_ONCE",
                             "kvm_set_pfn_dirty.set_bit", "handle_removed_pt.READ_ONCE",
                             "kvm_tdp_mmu_write_spte.xchg",
                             "handle_removed_pt.kvm_set_pfn_dirty.set_bit", "flush_at_once",
                             "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ zapper_old       \in NonLeaf
    /\ zapper_old_spte  \in Spte
    /\ other_zapper_pc  \in {"idle", "zap_collapsible_spte_range.READ_ONCE",
                             "tdp_mmu_set_spte_atomic.try_cmpxchg", "kvm_set_pfn_dirty.set_bit",
                             "handle_removed_pt.xchg",
                             "handle_removed_pt.kvm_set_pfn_dirty.set_bit", "flush_at_once",
                             "tdp_mmu_zap_spte_atomic.WRITE_ONCE", "done"}
    /\ other_zapper_old \in NonLeaf
    /\ other_zapper_ok  \in BOOLEAN
    /\ ager_pc          \in {"idle", "age_gfn_range.READ_ONCE", "kvm_tdp_mmu_write_spte.xchg",
                             "kvm_set_pfn_dirty.set_bit", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                             "done"}
    /\ ager_upper       \in NonLeaf
    /\ ager_new_spte    \in Spte
    /\ ager_old_spte    \in Spte

\* An SPTE that points to a page table; everything is allowed there.
\* kvmspec/two_levels.py:266
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does the SPTE of 2 MiB map them?
\* kvmspec/walks.py:16
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(spte) ==
    (~spte.writable /\ spte.mmu_writable) \/ (spte.writable /\ ~spte.dirty) \/ ~spte.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:15
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does it point to a page table?
\* kvmspec/walks.py:22
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* A running operation will tag the backing page dirty.
\* kvmspec/machine.py:150
tag_owed(gfn) ==
    \/ /\ zapper_pc \in {"kvm_set_pfn_dirty.set_bit",
                         "handle_removed_pt.kvm_set_pfn_dirty.set_bit"}
       /\ 0 = gfn
    \/ /\ other_zapper_pc \in {"kvm_set_pfn_dirty.set_bit",
                               "handle_removed_pt.kvm_set_pfn_dirty.set_bit"}
       /\ 0 = gfn
    \/ ager_pc = "kvm_set_pfn_dirty.set_bit" /\ 0 = gfn

\* As `page_tagged`, where the SPTE that says so may be at either level.
\* kvmspec/invariants.py:169
page_tagged_by_walk ==
    \A gfn \in Gfn :
        \/ ~page_written[gfn]
        \/ page_dirty[gfn]
        \/ upper.spte.dirty
        \/ \E t \in PageTable : table[t].dirty
        \/ tag_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ \E t \in PageTable :
           /\ upper = [spte |-> make_nonleaf_spte, child |-> t]
           /\ table = [[p \in PageTable |-> NoSpte] EXCEPT
                          ![t] = [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE,
                                  large |-> FALSE, removed |-> FALSE]]
           /\ walk_cache = [v \in Vcpu |-> None]
           /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
           /\ mmu_lock = 0
           /\ page_dirty = [gfn \in Gfn |-> FALSE]
           /\ page_written = [g \in Gfn |-> FALSE]
           /\ zapper_pc = "idle"
           /\ zapper_old = NoNonLeaf
           /\ zapper_old_spte = NoSpte
           /\ other_zapper_pc = "idle"
           /\ other_zapper_old = NoNonLeaf
           /\ other_zapper_ok = FALSE
           /\ ager_pc = "idle"
           /\ ager_upper = NoNonLeaf
           /\ ager_new_spte = NoSpte
           /\ ager_old_spte = NoSpte

\* Zap the table, mmu_lock held for write: the non-leaf SPTE is written plainly.
\* kvmspec/two_levels.py:164, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_sp
zapper_kvm_tdp_mmu_zap_sp ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ IF upper.spte.present
         THEN /\ mmu_lock' = -1
              /\ zapper_old' = upper
              /\ zapper_pc' = "kvm_tdp_mmu_zap_sp.WRITE_ONCE"
         ELSE /\ zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, zapper_old>>
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, page_dirty, zapper_old_spte>>

\* kvmspec/two_levels.py:168, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_sp
zapper_kvm_tdp_mmu_zap_sp_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_sp.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF is_leaf(zapper_old)
         THEN /\ IF zapper_old.spte.present /\ zapper_old.spte.dirty
                   THEN /\ zapper_pc' = "kvm_set_pfn_dirty.set_bit"
                        /\ UNCHANGED zapper_old
                   ELSE /\ IF zapper_old.child # None
                             THEN /\ zapper_pc' = "handle_removed_pt.READ_ONCE"
                                  /\ UNCHANGED zapper_old
                             ELSE /\ zapper_old' = NoNonLeaf
                                  /\ zapper_pc' = "flush_at_once"
         ELSE /\ IF zapper_old.child # None
                   THEN /\ zapper_pc' = "handle_removed_pt.READ_ONCE"
                        /\ UNCHANGED zapper_old
                   ELSE /\ zapper_old' = NoNonLeaf
                        /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<zapper_frame, table, walk_cache, tlb, mmu_lock, page_dirty, zapper_old_spte>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
zapper_kvm_set_pfn_dirty_set_bit ==
    /\ zapper_pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ IF zapper_old.child # None
         THEN /\ zapper_pc' = "handle_removed_pt.READ_ONCE"
              /\ UNCHANGED zapper_old
         ELSE /\ zapper_old' = NoNonLeaf
              /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, mmu_lock, zapper_old_spte>>

\* kvmspec/two_levels.py:117, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
zapper_handle_removed_pt_READ_ONCE ==
    /\ zapper_pc = "handle_removed_pt.READ_ONCE"
    /\ IF table[zapper_old.child].present
         THEN /\ IF kvm_tdp_mmu_spte_need_atomic_write(table[zapper_old.child])
                   THEN /\ zapper_pc' = "kvm_tdp_mmu_write_spte.xchg"
                        /\ UNCHANGED zapper_old_spte
                   ELSE /\ zapper_old_spte' = table[zapper_old.child]
                        /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
              /\ UNCHANGED zapper_old
         ELSE /\ zapper_old' = NoNonLeaf
              /\ zapper_pc' = "flush_at_once"
              /\ UNCHANGED zapper_old_spte
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, mmu_lock, page_dirty>>

\* kvmspec/two_levels.py:75, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper_old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ zapper_old' = NoNonLeaf
    /\ zapper_pc' =
           IF table[zapper_old.child].present /\ table[zapper_old.child].dirty
             THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
             ELSE "flush_at_once"
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, tlb, mmu_lock, page_dirty, zapper_old_spte>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit ==
    /\ zapper_pc = "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, mmu_lock, zapper_old,
                   zapper_old_spte>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once ==
    /\ zapper_pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<zapper_frame, upper, table, page_dirty, zapper_old, zapper_old_spte>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ table' =
           [table EXCEPT
               ![zapper_old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ zapper_old' = NoNonLeaf
    /\ zapper_old_spte' = NoSpte
    /\ zapper_pc' =
           IF zapper_old_spte.present /\ zapper_old_spte.dirty
             THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
             ELSE "flush_at_once"
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, tlb, mmu_lock, page_dirty>>

\* Zap what keeps pages from being huge, mmu_lock held for read; the mutant holds no lock.
\* kvmspec/two_levels.py:190, arch/x86/kvm/mmu/mmu.c:kvm_mmu_zap_collapsible_sptes
other_zapper_kvm_mmu_zap_collapsible_sptes ==
    /\ other_zapper_pc = "idle"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ other_zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, other_zapper_old>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ other_zapper_old' = upper
              /\ other_zapper_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, tlb, page_dirty,
                   other_zapper_ok>>

\* kvmspec/two_levels.py:177, arch/x86/kvm/mmu/tdp_mmu.c:zap_collapsible_spte_range
other_zapper_zap_collapsible_spte_range_READ_ONCE ==
    /\ other_zapper_pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ other_zapper_pc' = "done"
              /\ UNCHANGED other_zapper_old
         ELSE /\ other_zapper_old' = upper
              /\ other_zapper_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, tlb, page_dirty,
                   other_zapper_ok>>

\* kvmspec/two_levels.py:136, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
other_zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ other_zapper_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = other_zapper_old
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ other_zapper_ok' = TRUE
              /\ IF is_leaf(other_zapper_old)
                   THEN /\ IF other_zapper_old.spte.present /\ other_zapper_old.spte.dirty
                             THEN /\ other_zapper_pc' = "kvm_set_pfn_dirty.set_bit"
                                  /\ UNCHANGED other_zapper_old
                             ELSE /\ IF other_zapper_old.child # None
                                       THEN /\ other_zapper_pc' = "handle_removed_pt.xchg"
                                            /\ UNCHANGED other_zapper_old
                                       ELSE /\ other_zapper_old' = NoNonLeaf
                                            /\ other_zapper_pc' = "flush_at_once"
                   ELSE /\ IF other_zapper_old.child # None
                             THEN /\ other_zapper_pc' = "handle_removed_pt.xchg"
                                  /\ UNCHANGED other_zapper_old
                             ELSE /\ other_zapper_old' = NoNonLeaf
                                  /\ other_zapper_pc' = "flush_at_once"
         ELSE /\ other_zapper_old' = NoNonLeaf
              /\ other_zapper_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<upper, other_zapper_ok>>
    /\ UNCHANGED <<other_zapper_frame, table, walk_cache, tlb, mmu_lock, page_dirty>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
other_zapper_kvm_set_pfn_dirty_set_bit ==
    /\ other_zapper_pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ IF other_zapper_old.child # None
         THEN /\ other_zapper_pc' = "handle_removed_pt.xchg"
              /\ UNCHANGED other_zapper_old
         ELSE /\ other_zapper_old' = NoNonLeaf
              /\ other_zapper_pc' =
                     IF other_zapper_ok
                       THEN "flush_at_once"
                       ELSE "zap_collapsible_spte_range.READ_ONCE"
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, tlb, mmu_lock,
                   other_zapper_ok>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
other_zapper_handle_removed_pt_xchg ==
    /\ other_zapper_pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![other_zapper_old.child] = [present |-> FALSE, writable |-> FALSE,
                                            mmu_writable |-> FALSE, host_writable |-> FALSE,
                                            accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                            removed |-> TRUE]]
    /\ IF table[other_zapper_old.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ other_zapper_old' = NoNonLeaf
              /\ other_zapper_pc' =
                     IF /\ table[other_zapper_old.child].present
                        /\ table[other_zapper_old.child].dirty
                       THEN "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
                       ELSE IF other_zapper_ok
                              THEN "flush_at_once"
                              ELSE "zap_collapsible_spte_range.READ_ONCE"
         ELSE /\ UNCHANGED <<other_zapper_old, other_zapper_pc>>
    /\ UNCHANGED <<other_zapper_frame, upper, walk_cache, tlb, mmu_lock, page_dirty,
                   other_zapper_ok>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
other_zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit ==
    /\ other_zapper_pc = "handle_removed_pt.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ other_zapper_pc' =
           IF other_zapper_ok THEN "flush_at_once" ELSE "zap_collapsible_spte_range.READ_ONCE"
    /\ UNCHANGED <<other_zapper_frame, upper, table, walk_cache, tlb, mmu_lock,
                   other_zapper_old, other_zapper_ok>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
other_zapper_flush_at_once ==
    /\ other_zapper_pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ other_zapper_pc' =
           IF other_zapper_ok
             THEN "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
             ELSE "zap_collapsible_spte_range.READ_ONCE"
    /\ UNCHANGED <<other_zapper_frame, upper, table, mmu_lock, page_dirty, other_zapper_old,
                   other_zapper_ok>>

\* kvmspec/two_levels.py:154, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic
other_zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE ==
    /\ other_zapper_pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF other_zapper_ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ other_zapper_ok' = FALSE
              /\ other_zapper_pc' = "done"
         ELSE /\ other_zapper_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<mmu_lock, other_zapper_ok>>
    /\ UNCHANGED <<other_zapper_frame, table, walk_cache, tlb, page_dirty, other_zapper_old>>

\* Age the page, without a flush; from v6.15 on without mmu_lock.
\* kvmspec/two_levels.py:261, virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young
ager_kvm_mmu_notifier_clear_young ==
    /\ ager_pc = "idle"
    /\ mmu_lock = 0
    /\ IF upper.child # None
         THEN /\ mmu_lock' = -1
              /\ ager_upper' = upper
              /\ ager_pc' = "age_gfn_range.READ_ONCE"
         ELSE /\ ager_pc' = "done"
              /\ UNCHANGED <<mmu_lock, ager_upper>>
    /\ UNCHANGED <<ager_frame, table, page_dirty, ager_new_spte, ager_old_spte>>

\* kvmspec/two_levels.py:241, arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range
ager_age_gfn_range_READ_ONCE ==
    /\ ager_pc = "age_gfn_range.READ_ONCE"
    /\ IF table[ager_upper.child].present /\ table[ager_upper.child].accessed
         THEN /\ ager_new_spte' = [table[ager_upper.child] EXCEPT !.accessed = FALSE]
              /\ IF kvm_tdp_mmu_spte_need_atomic_write(table[ager_upper.child])
                   THEN /\ ager_pc' = "kvm_tdp_mmu_write_spte.xchg"
                        /\ UNCHANGED ager_old_spte
                   ELSE /\ ager_old_spte' = table[ager_upper.child]
                        /\ ager_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
              /\ UNCHANGED <<mmu_lock, ager_upper>>
         ELSE /\ mmu_lock' = 0
              /\ ager_upper' = NoNonLeaf
              /\ ager_pc' = "done"
              /\ UNCHANGED <<ager_new_spte, ager_old_spte>>
    /\ UNCHANGED <<ager_frame, table, page_dirty>>

\* kvmspec/two_levels.py:75, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_xchg ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ table' = [table EXCEPT ![ager_upper.child] = ager_new_spte]
    /\ ager_upper' = NoNonLeaf
    /\ ager_new_spte' = NoSpte
    /\ IF /\ table[ager_upper.child].present
          /\ table[ager_upper.child].dirty
          /\ ~(ager_new_spte.present /\ ager_new_spte.dirty)
         THEN /\ ager_pc' = "kvm_set_pfn_dirty.set_bit"
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ ager_pc' = "done"
    /\ UNCHANGED <<ager_frame, page_dirty, ager_old_spte>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
ager_kvm_set_pfn_dirty_set_bit ==
    /\ ager_pc = "kvm_set_pfn_dirty.set_bit"
    /\ mmu_lock' = 0
    /\ page_dirty' = [page_dirty EXCEPT ![0] = TRUE]
    /\ ager_pc' = "done"
    /\ UNCHANGED <<ager_frame, table, ager_upper, ager_new_spte, ager_old_spte>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ table' = [table EXCEPT ![ager_upper.child] = ager_new_spte]
    /\ ager_upper' = NoNonLeaf
    /\ ager_new_spte' = NoSpte
    /\ ager_old_spte' = NoSpte
    /\ IF /\ ager_old_spte.present
          /\ ager_old_spte.dirty
          /\ ~(ager_new_spte.present /\ ager_new_spte.dirty)
         THEN /\ ager_pc' = "kvm_set_pfn_dirty.set_bit"
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ ager_pc' = "done"
    /\ UNCHANGED <<ager_frame, page_dirty>>

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* kvmspec/walks.py:28, SDM vol. 3, 29.3.5 and 29.4.1
walk_to_table(cpu) ==
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, tlb, page_written>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* kvmspec/walks.py:38, SDM vol. 3, 29.3.5 and 29.4.3
write_by_table(cpu, gfn, t) ==
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, walk_cache, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, page_written>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ other_zapper_pc \in {"idle", "done"}
    /\ ager_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ zapper_kvm_tdp_mmu_zap_sp
    \/ zapper_kvm_tdp_mmu_zap_sp_WRITE_ONCE
    \/ zapper_kvm_set_pfn_dirty_set_bit
    \/ zapper_handle_removed_pt_READ_ONCE
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ other_zapper_kvm_mmu_zap_collapsible_sptes
    \/ other_zapper_zap_collapsible_spte_range_READ_ONCE
    \/ other_zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ other_zapper_kvm_set_pfn_dirty_set_bit
    \/ other_zapper_handle_removed_pt_xchg
    \/ other_zapper_handle_removed_pt_kvm_set_pfn_dirty_set_bit
    \/ other_zapper_flush_at_once
    \/ other_zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE
    \/ ager_kvm_mmu_notifier_clear_young
    \/ ager_age_gfn_range_READ_ONCE
    \/ ager_kvm_tdp_mmu_write_spte_xchg
    \/ ager_kvm_set_pfn_dirty_set_bit
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ \E cpu \in Vcpu : walk_to_table(cpu)
    \/ \E cpu \in Vcpu, gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
