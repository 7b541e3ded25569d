------------------------------ MODULE split_pml_5_19 ------------------------------
(***************************************************************************
 A memslot begins to log; a huge page is split for it, at once or when the
 guest writes.

   kernel 5.19, method pml, 1 vCPU, 1 gfn, 2 page table

 "Since the split SPTEs retain the write and dirty bits of the huge SPTE,
 it is safe for KVM to decide if a TLB flush is necessary based on the
 split SPTEs." -
 arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_try_split_huge_pages(), comment
   T3 split_without_flush: dirty_implies_logged holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    upper,             \* *sptep (2 MiB)
    table,             \* *sptep (4 KiB)
    allocated,         \* page table in use
    walk_cache,        \* paging-structure cache
    eager_page_split,  \* eager_page_split
    tlb,               \* TLB
    pml_buffer,        \* PML buffer
    pml_enabled,       \* PML
    slot_logs,         \* slot->flags LOG_DIRTY
    fault_slot,        \* fault->slot
    dirty_bitmap,      \* slot->dirty_bitmap
    mmu_lock,          \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    unreported,        \* written, user space not told
    dirty_log,         \* the dirty log: its place in the code, and its locals
    vcpu               \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<upper, table, allocated, walk_cache, eager_page_split, tlb, pml_buffer, pml_enabled,
            slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported>>

\* No step of the dirty log changes these.
dirty_log_frame == <<eager_page_split, fault_slot, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<eager_page_split, pml_enabled, slot_logs, unreported, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<allocated, eager_page_split, pml_enabled, slot_logs, fault_slot,
                    dirty_bitmap, mmu_lock, dirty_log, vcpu>>

vars == <<shared, dirty_log, vcpu>>

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
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_update_cpu_dirty_logging",
          "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_1",
          "kvm_mmu_slot_try_split_huge_pages.read_lock",
          "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_2",
          "kvm_mmu_slot_leaf_clear_dirty.read_lock", "clear_dirty_gfn_range.READ_ONCE_1",
          "clear_dirty_gfn_range.READ_ONCE_2", "kvm_mmu_slot_leaf_clear_dirty.flush_at_once",
          "kvm_mmu_slot_remove_write_access.read_lock",
          "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE",
          "kvm_mmu_slot_remove_write_access.read_unlock",
          "kvm_mmu_slot_remove_write_access.flush_at_once",
          "kvm_get_dirty_log_protect.write_lock", "clear_dirty_pt_masked.READ_ONCE_1",
          "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
          "clear_dirty_pt_masked.READ_ONCE_2", "kvm_tdp_mmu_write_spte.xchg",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE",
          "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg",
          "clear_dirty_gfn_range.try_cmpxchg_1", "clear_dirty_gfn_range.try_cmpxchg_2",
          "try_to_link", "handle_removed_pt.xchg", "done"},
     mask: [Gfn -> BOOLEAN],
     upper: NonLeaf,
     old_spte: Spte,
     spte_set: BOOLEAN,
     spte: Spte,
     linked: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     mask |-> [g \in Gfn |-> FALSE],
     upper |-> NoNonLeaf,
     old_spte |-> NoSpte,
     spte_set |-> FALSE,
     spte |-> NoSpte,
     linked |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE_1", "fast_page_fault.READ_ONCE_2",
          "direct_page_fault.read_lock",
          "tdp_mmu_zap_spte_atomic.tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_zap_spte_atomic.handle_removed_pt.xchg",
          "tdp_mmu_zap_spte_atomic.flush_at_once", "tdp_mmu_zap_spte_atomic.WRITE_ONCE",
          "enter_guest", "kvm_tdp_mmu_map.READ_ONCE_1",
          "map_huge_page.tdp_mmu_set_spte_atomic.try_cmpxchg",
          "map_huge_page.handle_removed_pt.xchg", "map_huge_page.flush_at_once", "try_to_link",
          "tdp_mmu_link_sp.handle_removed_pt.xchg", "kvm_tdp_mmu_map.READ_ONCE_2",
          "map_small_page.READ_ONCE", "map_small_page.set_bit", "map_small_page.try_cmpxchg",
          "fast_page_fault.try_cmpxchg_1", "mark_page_dirty_in_slot.READ_ONCE",
          "mark_page_dirty_in_slot.set_bit", "fast_page_fault.try_cmpxchg_2"},
     gfn: Gfn \cup {None},
     huge: BOOLEAN,
     upper: NonLeaf,
     old_spte: Spte,
     linked: BOOLEAN,
     ok: BOOLEAN,
     spte: Spte,
     slot: FaultSlot]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     huge |-> FALSE,
     upper |-> NoNonLeaf,
     old_spte |-> NoSpte,
     linked |-> FALSE,
     ok |-> FALSE,
     spte |-> NoSpte,
     slot |-> "NONE"]

ASSUME None \notin PageTable
ASSUME None \notin Gfn

TypeOK ==
    /\ upper            \in NonLeaf
    /\ table            \in [PageTable -> Spte]
    /\ allocated        \in [PageTable -> BOOLEAN]
    /\ walk_cache       \in [Vcpu -> PageTable \cup {None}]
    /\ eager_page_split \in BOOLEAN
    /\ tlb              \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer       \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled      \in BOOLEAN
    /\ slot_logs        \in BOOLEAN
    /\ fault_slot       \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap     \in [Gfn -> BOOLEAN]
    /\ mmu_lock         \in -1..2
    /\ unreported       \in [Gfn -> BOOLEAN]
    /\ dirty_log        \in DirtyLogState
    /\ vcpu             \in [Vcpu -> VcpuState]

\* Does the SPTE of 2 MiB map them?
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(spte) ==
    (~spte.writable /\ spte.mmu_writable) \/ (spte.writable /\ ~spte.dirty) \/ ~spte.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* An SPTE that points to a page table; everything is allowed there.
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does it point to a page table?
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, large |-> FALSE, removed |-> FALSE]

\* User space takes each page that the dirty log does not name for clean.
relies_on_log ==
    dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock",
                      "clear_dirty_pt_masked.READ_ONCE_1",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "clear_dirty_pt_masked.READ_ONCE_2", "kvm_tdp_mmu_write_spte.xchg",
                      "kvm_tdp_mmu_write_spte.WRITE_ONCE"}

\* A page is on its way into the dirty bitmap.
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu[cpu].pc \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu[cpu].gfn = gfn

\* The page was taken out of the bitmap, and will be reported.
harvesting(gfn) ==
    /\ dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "clear_dirty_pt_masked.READ_ONCE_1",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "clear_dirty_pt_masked.READ_ONCE_2", "kvm_tdp_mmu_write_spte.xchg",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ dirty_log.mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
dirty_implies_logged ==
    \A gfn \in Gfn :
        \/ ~unreported[gfn]
        \/ dirty_bitmap[gfn]
        \/ \E cpu \in Vcpu : pml_buffer[cpu][gfn]
        \/ marking(gfn)
        \/ harvesting(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ \E result \in BOOLEAN :
           /\ \E r \in BOOLEAN :
                  /\ \E result_1 \in BOOLEAN :
                         /\ upper = [spte |-> [[present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE, large |-> FALSE, removed |-> FALSE] EXCEPT
                                                  !.writable = result,
                                                  !.dirty = r,
                                                  !.large = TRUE],
                                     child |-> None]
                         /\ table = [p \in PageTable |-> NoSpte]
                         /\ allocated = [p \in PageTable |-> FALSE]
                         /\ walk_cache = [v \in Vcpu |-> None]
                         /\ eager_page_split = result_1
                         /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
                         /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
                         /\ pml_enabled = FALSE
                         /\ slot_logs = FALSE
                         /\ fault_slot = [v \in Vcpu |-> "NONE"]
                         /\ dirty_bitmap = [g \in Gfn |-> FALSE]
                         /\ mmu_lock = 0
                         /\ unreported = [g \in Gfn |-> FALSE]
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The dirty log: log()

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_1"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* tdp_mmu_split_huge_pages_root(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(eager_page_split)
dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE_1 ==
    /\ dirty_log.pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_1"
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = IF eager_page_split
                    THEN "kvm_mmu_slot_try_split_huge_pages.read_lock"
                    ELSE "kvm_mmu_slot_leaf_clear_dirty.read_lock"]
    /\ UNCHANGED <<shared, vcpu>>

\* tdp_mmu_split_huge_pages_root(), arch/x86/kvm/mmu/tdp_mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); !is_leaf(upper)
dirty_log_kvm_mmu_slot_try_split_huge_pages_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_try_split_huge_pages.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~is_leaf(upper)
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "try_to_link", !.upper = upper]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* tdp_mmu_split_huge_pages_root(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* !is_leaf(upper)
dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE_2 ==
    /\ dirty_log.pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_2"
    /\ IF ~is_leaf(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "try_to_link", !.upper = upper]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); table != NULL
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
    /\ mmu_lock >= 0
    /\ IF upper.child # None
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_2",
                                                !.upper = upper]
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.dirty
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.read_lock"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "clear_dirty_gfn_range.try_cmpxchg_2",
                               !.upper = upper,
                               !.spte = upper.spte]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); table != NULL
dirty_log_clear_dirty_gfn_range_READ_ONCE_1 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_2",
                                                !.upper = upper]
              /\ UNCHANGED mmu_lock
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.dirty
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.read_lock"]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "clear_dirty_gfn_range.try_cmpxchg_2",
                               !.upper = upper,
                               !.spte = upper.spte]
                        /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(spte) || !(spte & bit)
dirty_log_clear_dirty_gfn_range_READ_ONCE_2 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE_2"
    /\ IF ~table[dirty_log.upper.child].present \/ ~table[dirty_log.upper.child].dirty
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.read_lock",
                     !.upper = NoNonLeaf]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF dirty_log.upper.child # None
                              THEN "clear_dirty_gfn_range.try_cmpxchg_1"
                              ELSE "clear_dirty_gfn_range.try_cmpxchg_2",
                     !.spte = table[dirty_log.upper.child]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_mmu_slot_leaf_clear_dirty_flush_at_once ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_remove_write_access.read_lock"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_mmu_slot_remove_write_access(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); table != NULL
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ IF upper.child # None
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.writable
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg",
                               !.upper = upper]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); table != NULL
dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE"
    /\ IF upper.child # None
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.writable
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg",
                               !.upper = upper]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_slot_remove_write_access(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock); spte_set
\* && !always_flushes()
dirty_log_kvm_mmu_slot_remove_write_access_read_unlock ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ IF dirty_log.spte_set
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.flush_at_once"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                                !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_lock(mmu_lock);
\* xchg(slot->dirty_bitmap, 0); mask[gfn]
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ IF dirty_bitmap[0]
         THEN /\ mmu_lock' = -1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE_1",
                                                !.mask = dirty_bitmap]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF \E gfn \in Gfn : dirty_bitmap[gfn]
                              THEN "kvm_get_dirty_log_protect.flush_at_once"
                              ELSE "copy_to_user",
                     !.mask = dirty_bitmap]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, unreported>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); table == NULL
dirty_log_clear_dirty_pt_masked_READ_ONCE_1 ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE_1"
    /\ IF upper.child = None
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                              THEN "kvm_get_dirty_log_protect.flush_at_once"
                              ELSE "copy_to_user"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE_2",
                                                !.upper = upper]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log.mask[gfn]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, mmu_lock>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE_2 ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE_2"
    /\ IF ~table[dirty_log.upper.child].present \/ ~table[dirty_log.upper.child].dirty
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                              THEN "kvm_get_dirty_log_protect.flush_at_once"
                              ELSE "copy_to_user",
                     !.upper = NoNonLeaf]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF kvm_tdp_mmu_spte_need_atomic_write(table[dirty_log.upper.child])
                              THEN "kvm_tdp_mmu_write_spte.xchg"
                              ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                     !.old_spte = table[dirty_log.upper.child]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep (4 KiB), old_spte &
\* ~dbit); write_unlock(mmu_lock); any(mask[gfn])
dirty_log_kvm_tdp_mmu_write_spte_xchg ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ table' =
           [table EXCEPT ![dirty_log.upper.child] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                                               THEN "kvm_get_dirty_log_protect.flush_at_once"
                                               ELSE "copy_to_user",
                                      !.upper = NoNonLeaf,
                                      !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB), old_spte &
\* ~dbit); write_unlock(mmu_lock); any(mask[gfn])
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ table' =
           [table EXCEPT ![dirty_log.upper.child] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                                               THEN "kvm_get_dirty_log_protect.flush_at_once"
                                               ELSE "copy_to_user",
                                      !.upper = NoNonLeaf,
                                      !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=spte & ~bit)); ok
dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_try_cmpxchg ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg"
    /\ IF upper = dirty_log.upper
         THEN /\ upper' =
                     [spte |-> [dirty_log.upper.spte EXCEPT !.writable = FALSE], child |-> None]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.flush_at_once",
                     !.upper = NoNonLeaf]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE",
                     !.upper = NoNonLeaf]
              /\ UNCHANGED <<upper, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (4 KiB), spte, spte &
\* ~bit); ok
dirty_log_clear_dirty_gfn_range_try_cmpxchg_1 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.try_cmpxchg_1"
    /\ IF table[dirty_log.upper.child] = dirty_log.spte
         THEN /\ table' =
                     [table EXCEPT
                         ![dirty_log.upper.child] = [dirty_log.spte EXCEPT !.dirty = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.flush_at_once",
                     !.upper = NoNonLeaf,
                     !.spte = NoSpte]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_1",
                                                !.upper = NoNonLeaf,
                                                !.spte = NoSpte]
              /\ UNCHANGED <<table, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=spte & ~bit)); ok
dirty_log_clear_dirty_gfn_range_try_cmpxchg_2 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.try_cmpxchg_2"
    /\ IF upper = dirty_log.upper
         THEN /\ upper' = [spte |-> [dirty_log.spte EXCEPT !.dirty = FALSE], child |-> None]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.flush_at_once",
                     !.upper = NoNonLeaf,
                     !.spte = NoSpte]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_1",
                                                !.upper = NoNonLeaf,
                                                !.spte = NoSpte]
              /\ UNCHANGED <<upper, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* tdp_mmu_link_sp(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg64(sptep, new table)
dirty_log_try_to_link ==
    /\ dirty_log.pc = "try_to_link"
    /\ IF upper = dirty_log.upper
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT ![t] = [dirty_log.upper.spte EXCEPT !.large = FALSE]]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF dirty_log.upper.child # None
                          THEN /\ dirty_log' = [dirty_log EXCEPT
                                      !.pc = "handle_removed_pt.xchg",
                                      !.linked = TRUE]
                               /\ UNCHANGED mmu_lock
                          ELSE /\ mmu_lock' = mmu_lock - 1
                               /\ dirty_log' = [dirty_log EXCEPT
                                      !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock",
                                      !.upper = NoNonLeaf]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_2",
                     !.upper = NoNonLeaf]
              /\ UNCHANGED <<upper, table, allocated, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
dirty_log_handle_removed_pt_xchg ==
    /\ dirty_log.pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![dirty_log.upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[dirty_log.upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ IF dirty_log.linked
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock",
                               !.upper = NoNonLeaf,
                               !.linked = FALSE]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE_2",
                               !.upper = NoNonLeaf]
                        /\ UNCHANGED mmu_lock
         ELSE /\ UNCHANGED <<mmu_lock, dirty_log>>
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

DirtyLog ==
    \/ dirty_log_log
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE_1
    \/ dirty_log_kvm_mmu_slot_try_split_huge_pages_read_lock
    \/ dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE_2
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_1
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_2
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_flush_at_once
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_unlock
    \/ dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_1
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_2
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_try_cmpxchg
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_1
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_2
    \/ dirty_log_try_to_link
    \/ dirty_log_handle_removed_pt_xchg

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit()

\* A write fault.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~tlb[cpu][gfn].writable
    /\ ~(/\ translates(IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE)
         /\ translates(IF walk_cache[cpu] # None THEN table[walk_cache[cpu]] ELSE IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE))
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = None]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                            ![cpu].gfn = gfn,
                            ![cpu].slot = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, tlb, pml_buffer, dirty_bitmap,
                   mmu_lock>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ dirty_bitmap' = IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, fault_slot, mmu_lock,
                   vcpu>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (2 MiB)); table != NULL
vcpu_fast_page_fault_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_2",
                                      ![cpu].upper = upper]
         ELSE /\ IF ~upper.spte.present
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
                   ELSE /\ IF is_access_allowed(upper.spte, TRUE)
                             THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                          ![cpu].gfn = None,
                                                          ![cpu].slot = "NONE"]
                             ELSE /\ IF ~upper.spte.mmu_writable
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "direct_page_fault.read_lock"]
                                       ELSE /\ IF vcpu[cpu].slot = "LOGGED"
                                                 THEN /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "direct_page_fault.read_lock"]
                                                 ELSE /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "fast_page_fault.try_cmpxchg_2",
                                                             ![cpu].upper = upper,
                                                             ![cpu].spte = upper.spte]
    /\ UNCHANGED <<shared, dirty_log>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_2"
    /\ IF ~table[vcpu[cpu].upper.child].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock",
                                      ![cpu].upper = NoNonLeaf]
         ELSE /\ IF is_access_allowed(table[vcpu[cpu].upper.child], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].gfn = None,
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].slot = "NONE"]
                   ELSE /\ IF ~table[vcpu[cpu].upper.child].mmu_writable
                             THEN /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "direct_page_fault.read_lock",
                                         ![cpu].upper = NoNonLeaf]
                             ELSE /\ IF vcpu[cpu].upper.child # None
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg_1",
                                                   ![cpu].spte = table[vcpu[cpu].upper.child]]
                                       ELSE /\ IF vcpu[cpu].slot = "LOGGED"
                                                 THEN /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "direct_page_fault.read_lock",
                                                             ![cpu].upper = NoNonLeaf]
                                                 ELSE /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "fast_page_fault.try_cmpxchg_2",
                                                             ![cpu].spte = table[vcpu[cpu].upper.child]]
    /\ UNCHANGED <<shared, dirty_log>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); slot == LOGGED;
\* READ_ONCE( *sptep (2 MiB))
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF vcpu[cpu].slot = "LOGGED"
         THEN /\ IF is_leaf(upper)
                   THEN /\ mmu_lock' = mmu_lock + 1
                        /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_zap_spte_atomic.tdp_mmu_set_spte_atomic.try_cmpxchg",
                               ![cpu].upper = upper]
                   ELSE /\ IF upper.spte
                                = [present |-> FALSE, writable |-> FALSE,
                                   mmu_writable |-> FALSE, host_writable |-> FALSE,
                                   accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                   removed |-> TRUE]
                             THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                          ![cpu].gfn = None,
                                                          ![cpu].slot = "NONE"]
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
                                                 ELSE /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "enter_guest",
                                                             ![cpu].gfn = None,
                                                             ![cpu].slot = "NONE"]
                                                      /\ UNCHANGED mmu_lock
         ELSE /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].gfn = None,
                                                ![cpu].slot = "NONE"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "map_huge_page.tdp_mmu_set_spte_atomic.try_cmpxchg",
                               ![cpu].gfn = None,
                               ![cpu].upper = upper,
                               ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=removed)); ok
vcpu_tdp_mmu_zap_spte_atomic_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_zap_spte_atomic.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ IF vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_zap_spte_atomic.handle_removed_pt.xchg",
                               ![cpu].ok = TRUE]
                   ELSE /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_zap_spte_atomic.flush_at_once",
                               ![cpu].upper = NoNonLeaf,
                               ![cpu].ok = TRUE]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].slot = "NONE"]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_tdp_mmu_zap_spte_atomic_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_zap_spte_atomic.handle_removed_pt.xchg"
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
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_zap_spte_atomic.flush_at_once",
                               ![cpu].upper = NoNonLeaf]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].gfn = None,
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].slot = "NONE"]
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm); ok
vcpu_tdp_mmu_zap_spte_atomic_flush_at_once(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_zap_spte_atomic.flush_at_once"
    /\ walk_cache' = [c \in Vcpu |-> None]
    /\ tlb' = [c \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ IF vcpu[cpu].ok
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, pml_buffer, fault_slot, dirty_bitmap>>

\* tdp_mmu_zap_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf())
vcpu_tdp_mmu_zap_spte_atomic_WRITE_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF ~vcpu[cpu].ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].slot = "NONE"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_1",
                                      ![cpu].ok = FALSE]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   dirty_bitmap, mmu_lock>>

\* kvm_tdp_mmu_map(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* is_removed_spte(upper.spte)
vcpu_kvm_tdp_mmu_map_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_1"
    /\ IF upper.spte
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].slot = "NONE"]
         ELSE /\ IF vcpu[cpu].huge
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "map_huge_page.tdp_mmu_set_spte_atomic.try_cmpxchg",
                               ![cpu].gfn = None,
                               ![cpu].upper = upper,
                               ![cpu].slot = "NONE"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ IF ~points_to_table(upper)
                             THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "try_to_link",
                                                          ![cpu].upper = upper]
                                  /\ UNCHANGED mmu_lock
                             ELSE /\ IF upper.child # None
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "map_small_page.READ_ONCE",
                                                   ![cpu].upper = upper]
                                            /\ UNCHANGED mmu_lock
                                       ELSE /\ mmu_lock' = mmu_lock - 1
                                            /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                                    ![cpu].gfn = None,
                                                                    ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=new_spte)); ok
vcpu_map_huge_page_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "map_huge_page.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' =
                     [spte |-> [make_spte(IF is_leaf(vcpu[cpu].upper) THEN vcpu[cpu].upper.spte ELSE NoSpte) EXCEPT
                                   !.large = TRUE],
                      child |-> None]
              /\ IF vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "map_huge_page.handle_removed_pt.xchg",
                               ![cpu].ok = TRUE]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_map_huge_page_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "map_huge_page.handle_removed_pt.xchg"
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
         THEN /\ IF vcpu[cpu].ok /\ vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_huge_page.flush_at_once",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].ok = FALSE]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].ok = FALSE]
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* read_unlock(mmu_lock)
vcpu_map_huge_page_flush_at_once(cpu) ==
    /\ vcpu[cpu].pc = "map_huge_page.flush_at_once"
    /\ walk_cache' = [c \in Vcpu |-> None]
    /\ tlb' = [c \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, pml_buffer, fault_slot, dirty_bitmap>>

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
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].slot = "NONE"]
              /\ UNCHANGED <<upper, table, allocated>>
    /\ UNCHANGED <<vcpu_frame, walk_cache, tlb, pml_buffer, fault_slot, dirty_bitmap>>

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
                                                ![cpu].gfn = None,
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].slot = "NONE"]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_2",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].linked = FALSE]
                        /\ UNCHANGED mmu_lock
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* kvm_tdp_mmu_map(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); upper.child != NULL
vcpu_kvm_tdp_mmu_map_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_tdp_mmu_map.READ_ONCE_2"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.READ_ONCE",
                                      ![cpu].upper = upper]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* is_removed_spte(old_spte)
vcpu_map_small_page_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.READ_ONCE"
    /\ IF table[vcpu[cpu].upper.child]
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].slot = "NONE"]
         ELSE /\ IF vcpu[cpu].slot = "LOGGED"
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.set_bit",
                                                ![cpu].old_spte = table[vcpu[cpu].upper.child],
                                                ![cpu].slot = "NONE"]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.try_cmpxchg",
                                                ![cpu].gfn = None,
                                                ![cpu].old_spte = table[vcpu[cpu].upper.child],
                                                ![cpu].slot = "NONE"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_map_small_page_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.try_cmpxchg", ![cpu].gfn = None]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock>>

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
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap>>

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
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].slot = "NONE"]
    /\ UNCHANGED <<shared, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].gfn = None, ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (2 MiB), upper, fixed); ok
vcpu_fast_page_fault_try_cmpxchg_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg_2"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' = [spte |-> [vcpu[cpu].spte EXCEPT !.writable = TRUE], child |-> None]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].gfn = None,
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte,
                                      ![cpu].slot = "NONE"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE_1(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE_2(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_zap_spte_atomic_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_tdp_mmu_zap_spte_atomic_handle_removed_pt_xchg(cpu)
    \/ vcpu_tdp_mmu_zap_spte_atomic_flush_at_once(cpu)
    \/ vcpu_tdp_mmu_zap_spte_atomic_WRITE_ONCE(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_kvm_tdp_mmu_map_READ_ONCE_1(cpu)
    \/ vcpu_map_huge_page_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_map_huge_page_handle_removed_pt_xchg(cpu)
    \/ vcpu_map_huge_page_flush_at_once(cpu)
    \/ vcpu_try_to_link(cpu)
    \/ vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu)
    \/ vcpu_kvm_tdp_mmu_map_READ_ONCE_2(cpu)
    \/ vcpu_map_small_page_READ_ONCE(cpu)
    \/ vcpu_map_small_page_set_bit(cpu)
    \/ vcpu_map_small_page_try_cmpxchg(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_1(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_2(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_to_table(), write_by_table(), write_through_tlb(),
\* evict(), write_by_huge_page()

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* SDM vol. 3, 29.3.5 and 29.4.1: the CPU walks to the page table
walk_to_table(cpu) ==
    /\ in_guest(cpu)
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<hardware_frame, table, tlb, pml_buffer, unreported>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* SDM vol. 3, 29.3.5 and 29.4.3: write: the CPU sets A and D in the leaf
write_by_table(cpu, gfn, t) ==
    /\ in_guest(cpu)
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~table[t].dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<hardware_frame, upper, walk_cache, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ relies_on_log
    /\ unreported' = [unreported EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, tlb, pml_buffer>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, pml_buffer, unreported>>

\* A write by way of the SPTE of 2 MiB.
\* SDM vol. 3, 29.3.5 and 29.3.6: write to a huge page: the CPU sets A and D
write_by_huge_page(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ is_leaf(upper)
    /\ translates(upper.spte, TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE, !.spte.dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~upper.spte.dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<hardware_frame, table, walk_cache, unreported>>

Hardware(cpu) ==
    \/ walk_to_table(cpu)
    \/ \E gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E gfn \in Gfn :
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
        \/ write_by_huge_page(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
