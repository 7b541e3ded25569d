------------------------------ MODULE zap_and_map_pml_5_18 ------------------------------
(***************************************************************************
 A page table is zapped; the guest faults, and gets another.

   kernel 5.18, method pml, 2 vCPU, 1 gfn, 2 page table

 "Freeze the SPTE by setting it to a special, non-present value. This will
 stop other threads from immediately installing a present entry in its
 place before the TLBs are flushed." -
 arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic(), comment, until v6.12
   T1 removed_until_flushed: one_translation holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    vcpu0,  \* a vCPU
    vcpu1,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    upper,       \* *sptep (2 MiB)
    table,       \* *sptep (4 KiB)
    allocated,   \* page table in use
    walk_cache,  \* paging-structure cache
    tlb,         \* TLB
    fault_slot,  \* fault->slot
    mmu_lock,    \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    zapper,      \* the zapper: its place in the code, and its locals
    vcpu         \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<upper, table, allocated, walk_cache, tlb, fault_slot, mmu_lock>>

\* No step of the zapper changes these.
zapper_frame == <<allocated, fault_slot, vcpu>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<allocated, fault_slot, mmu_lock, zapper, vcpu>>

vars == <<shared, zapper, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ZapperState ==
    [pc: {"idle", "zap_collapsible_spte_range.READ_ONCE", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "handle_removed_pt.xchg", "flush_at_once", "tdp_mmu_zap_spte_atomic.WRITE_ONCE",
          "done"},
     old: NonLeaf,
     ok: BOOLEAN]
IdleZapper ==
    [pc |-> "idle",
     old |-> NoNonLeaf,
     ok |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE_1", "fast_page_fault.READ_ONCE_2",
          "direct_page_fault.read_lock", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg", "flush_at_once",
          "tdp_mmu_zap_spte_atomic.WRITE_ONCE", "enter_guest", "kvm_tdp_mmu_map.READ_ONCE_1",
          "try_to_link", "tdp_mmu_link_sp.handle_removed_pt.xchg",
          "kvm_tdp_mmu_map.READ_ONCE_2", "map_small_page.READ_ONCE",
          "map_small_page.try_cmpxchg", "fast_page_fault.try_cmpxchg_1",
          "mark_page_dirty_in_slot.READ_ONCE", "fast_page_fault.try_cmpxchg_2"},
     upper: NonLeaf,
     old_spte: Spte,
     linked: BOOLEAN,
     ok: BOOLEAN,
     spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     upper |-> NoNonLeaf,
     old_spte |-> NoSpte,
     linked |-> FALSE,
     ok |-> FALSE,
     spte |-> NoSpte]

ASSUME vcpu0 # vcpu1
ASSUME None \notin PageTable

TypeOK ==
    /\ upper      \in NonLeaf
    /\ table      \in [PageTable -> Spte]
    /\ allocated  \in [PageTable -> BOOLEAN]
    /\ walk_cache \in [Vcpu -> PageTable \cup {None}]
    /\ tlb        \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot \in [Vcpu -> FaultSlot]
    /\ mmu_lock   \in -1..3
    /\ zapper     \in ZapperState
    /\ vcpu       \in [Vcpu -> VcpuState]

\* An SPTE that points to a page table; everything is allowed there.
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Does the SPTE of 2 MiB map them?
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, large |-> FALSE, removed |-> FALSE]

\* Where something is mapped, no CPU knows of a page table that was there before.
one_translation ==
    \A cpu \in Vcpu :
        ~upper.spte.present \/ walk_cache[cpu] = None \/ walk_cache[cpu] = upper.child

-----------------------------------------------------------------------------

Init ==
    /\ \E t \in PageTable :
           /\ upper = [spte |-> make_nonleaf_spte, child |-> t]
           /\ table = [[p \in PageTable |-> NoSpte] EXCEPT
                          ![t] = [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE,
                                  large |-> FALSE, removed |-> FALSE]]
           /\ allocated = [[p \in PageTable |-> FALSE] EXCEPT ![t] = TRUE]
           /\ walk_cache = [v \in Vcpu |-> None]
           /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
           /\ fault_slot = [v \in Vcpu |-> "NONE"]
           /\ mmu_lock = 0
    /\ zapper = IdleZapper
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The zapper: kvm_mmu_zap_collapsible_sptes()

\* Zap what keeps pages from being huge, mmu_lock held for read; the mutant holds no lock.
\* kvm_mmu_zap_collapsible_sptes(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); !points_to_table(old)
zapper_kvm_mmu_zap_collapsible_sptes ==
    /\ zapper.pc = "idle"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ zapper' = [zapper EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ zapper' = [zapper EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                          !.old = upper]
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb>>

\* zap_collapsible_spte_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* !points_to_table(old)
zapper_zap_collapsible_spte_range_READ_ONCE ==
    /\ zapper.pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ zapper' = [zapper EXCEPT !.pc = "done"]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                          !.old = upper]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), old,
\* NonLeaf(spte=removed)); ok
zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ zapper.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = zapper.old
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ IF zapper.old.child # None
                   THEN /\ zapper' = [zapper EXCEPT !.pc = "handle_removed_pt.xchg",
                                                    !.ok = TRUE]
                   ELSE /\ zapper' = [zapper EXCEPT !.pc = "flush_at_once",
                                                    !.old = NoNonLeaf,
                                                    !.ok = TRUE]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "zap_collapsible_spte_range.READ_ONCE",
                                          !.old = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<zapper_frame, table, walk_cache, tlb, mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
zapper_handle_removed_pt_xchg ==
    /\ zapper.pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper.old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ IF table[zapper.old.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ zapper' = [zapper EXCEPT !.pc = IF zapper.ok
                                                   THEN "flush_at_once"
                                                   ELSE "zap_collapsible_spte_range.READ_ONCE",
                                          !.old = NoNonLeaf]
         ELSE /\ UNCHANGED zapper
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, tlb, mmu_lock>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm); ok
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ zapper' = [zapper EXCEPT !.pc = IF zapper.ok
                                         THEN "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
                                         ELSE "zap_collapsible_spte_range.READ_ONCE"]
    /\ UNCHANGED <<zapper_frame, upper, table, mmu_lock>>

\* tdp_mmu_zap_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf())
zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE ==
    /\ zapper.pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF zapper.ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ zapper' = [IdleZapper EXCEPT !.pc = "done"]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "zap_collapsible_spte_range.READ_ONCE"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<zapper_frame, table, walk_cache, tlb>>

Zapper ==
    \/ zapper_kvm_mmu_zap_collapsible_sptes
    \/ zapper_zap_collapsible_spte_range_READ_ONCE
    \/ zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ zapper_handle_removed_pt_xchg
    \/ zapper_flush_at_once
    \/ zapper_tdp_mmu_zap_spte_atomic_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault()

\* A write fault.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~tlb[cpu][gfn].writable
    /\ ~(/\ translates(IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE)
         /\ translates(IF walk_cache[cpu] # None THEN table[walk_cache[cpu]] ELSE IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE))
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = None]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1"]
    /\ UNCHANGED <<upper, table, allocated, tlb, mmu_lock, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (2 MiB)); table != NULL
vcpu_fast_page_fault_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_2",
                                      ![cpu].upper = upper]
         ELSE /\ IF ~upper.spte.present
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
                   ELSE /\ IF is_access_allowed(upper.spte, TRUE)
                             THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
                             ELSE /\ IF ~upper.spte.mmu_writable
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "direct_page_fault.read_lock"]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg_2",
                                                   ![cpu].upper = upper,
                                                   ![cpu].spte = upper.spte]
    /\ UNCHANGED <<shared, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_2"
    /\ IF ~table[vcpu[cpu].upper.child].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock",
                                      ![cpu].upper = NoNonLeaf]
         ELSE /\ IF is_access_allowed(table[vcpu[cpu].upper.child], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
                   ELSE /\ IF ~table[vcpu[cpu].upper.child].mmu_writable
                             THEN /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "direct_page_fault.read_lock",
                                         ![cpu].upper = NoNonLeaf]
                             ELSE /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = IF vcpu[cpu].upper.child # None
                                                       THEN "fast_page_fault.try_cmpxchg_1"
                                                       ELSE "fast_page_fault.try_cmpxchg_2",
                                         ![cpu].spte = table[vcpu[cpu].upper.child]]
    /\ UNCHANGED <<shared, zapper>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE( *sptep (2 MiB));
\* !huge && is_leaf(upper)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF is_leaf(upper)
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                      ![cpu].upper = upper]
         ELSE /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ IF ~points_to_table(upper)
                             THEN /\ mmu_lock' = mmu_lock + 1
                                  /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "try_to_link",
                                                          ![cpu].upper = upper]
                             ELSE /\ IF upper.child # None
                                       THEN /\ mmu_lock' = mmu_lock + 1
                                            /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "map_small_page.READ_ONCE",
                                                   ![cpu].upper = upper]
                                       ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
                                            /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<upper, table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=removed)); ok
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ IF vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg",
                               ![cpu].ok = TRUE]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "flush_at_once",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].ok = TRUE]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu[cpu].upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ IF vcpu[cpu].ok
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "flush_at_once",
                                                ![cpu].upper = NoNonLeaf]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<upper, allocated, walk_cache, tlb, fault_slot, zapper>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm); ok
vcpu_flush_at_once(cpu) ==
    /\ vcpu[cpu].pc = "flush_at_once"
    /\ walk_cache' = [c \in Vcpu |-> None]
    /\ tlb' = [c \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ IF vcpu[cpu].ok
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<upper, table, allocated, fault_slot, zapper>>

\* tdp_mmu_zap_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf())
vcpu_tdp_mmu_zap_spte_atomic_WRITE_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF ~vcpu[cpu].ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_1",
                                      ![cpu].ok = FALSE]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<upper, table, allocated, walk_cache, tlb, mmu_lock, zapper>>

\* kvm_tdp_mmu_map(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* is_removed_spte(upper.spte)
vcpu_kvm_tdp_mmu_map_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_1"
    /\ IF upper.spte
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
         ELSE /\ IF ~points_to_table(upper)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "try_to_link", ![cpu].upper = upper]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ IF upper.child # None
                             THEN /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "map_small_page.READ_ONCE",
                                         ![cpu].upper = upper]
                                  /\ UNCHANGED mmu_lock
                             ELSE /\ mmu_lock' = mmu_lock - 1
                                  /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<upper, table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* tdp_mmu_link_sp(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg64(sptep, new table)
vcpu_try_to_link(cpu) ==
    /\ vcpu[cpu].pc = "try_to_link"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT
                                ![t] = IF is_leaf(vcpu[cpu].upper)
                                         THEN [vcpu[cpu].upper.spte EXCEPT !.large = FALSE]
                                         ELSE NoSpte]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF vcpu[cpu].upper.child # None
                          THEN /\ vcpu' = [vcpu EXCEPT
                                      ![cpu].pc = "tdp_mmu_link_sp.handle_removed_pt.xchg",
                                      ![cpu].linked = TRUE]
                          ELSE /\ vcpu' = [vcpu EXCEPT
                                      ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_2",
                                      ![cpu].upper = NoNonLeaf]
                     /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
              /\ UNCHANGED <<upper, table, allocated>>
    /\ UNCHANGED <<walk_cache, tlb, fault_slot, zapper>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_link_sp.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu[cpu].upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ IF ~vcpu[cpu].linked
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_2",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].linked = FALSE]
                        /\ UNCHANGED mmu_lock
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<upper, allocated, walk_cache, tlb, fault_slot, zapper>>

\* kvm_tdp_mmu_map(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); upper.child != NULL
vcpu_kvm_tdp_mmu_map_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_2"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.READ_ONCE",
                                      ![cpu].upper = upper]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<upper, table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* is_removed_spte(old_spte)
vcpu_map_small_page_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.READ_ONCE"
    /\ IF table[vcpu[cpu].upper.child]
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.try_cmpxchg",
                                      ![cpu].old_spte = table[vcpu[cpu].upper.child]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<upper, table, allocated, walk_cache, tlb, fault_slot, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (4 KiB),
\* old_spte, new_spte); read_unlock(mmu_lock)
vcpu_map_small_page_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.try_cmpxchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = IF table[vcpu[cpu].upper.child] = vcpu[cpu].old_spte
                                            THEN make_spte(vcpu[cpu].old_spte)
                                            ELSE table[vcpu[cpu].upper.child]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                            ![cpu].upper = NoNonLeaf,
                            ![cpu].old_spte = NoSpte]
    /\ UNCHANGED <<upper, allocated, walk_cache, tlb, fault_slot, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (4 KiB), spte, spte |
\* PT_WRITABLE_MASK); ok
vcpu_fast_page_fault_try_cmpxchg_1(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg_1"
    /\ IF table[vcpu[cpu].upper.child] = vcpu[cpu].spte
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu[cpu].upper.child] = [vcpu[cpu].spte EXCEPT !.writable = TRUE]]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED table
    /\ UNCHANGED <<upper, allocated, walk_cache, tlb, fault_slot, mmu_lock, zapper>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<shared, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (2 MiB), upper, fixed); ok
vcpu_fast_page_fault_try_cmpxchg_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg_2"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' = [spte |-> [vcpu[cpu].spte EXCEPT !.writable = TRUE], child |-> None]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED upper
    /\ UNCHANGED <<table, allocated, walk_cache, tlb, fault_slot, mmu_lock, zapper>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_fast_page_fault_READ_ONCE_1(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE_2(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu)
    \/ vcpu_flush_at_once(cpu)
    \/ vcpu_tdp_mmu_zap_spte_atomic_WRITE_ONCE(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_kvm_tdp_mmu_map_READ_ONCE_1(cpu)
    \/ vcpu_try_to_link(cpu)
    \/ vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu)
    \/ vcpu_kvm_tdp_mmu_map_READ_ONCE_2(cpu)
    \/ vcpu_map_small_page_READ_ONCE(cpu)
    \/ vcpu_map_small_page_try_cmpxchg(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_1(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_2(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_to_table(), write_by_table(), evict()

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* SDM vol. 3, 29.3.5 and 29.4.1: the CPU walks to the page table
walk_to_table(cpu) ==
    /\ in_guest(cpu)
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<hardware_frame, table, tlb>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* SDM vol. 3, 29.3.5 and 29.4.3: write: the CPU sets A and D in the leaf
write_by_table(cpu, gfn, t) ==
    /\ in_guest(cpu)
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, upper, walk_cache>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache>>

Hardware(cpu) ==
    \/ walk_to_table(cpu)
    \/ \E gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E gfn \in Gfn : evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
