------------------------------ MODULE recover_and_log_pml_6_4 ------------------------------
(***************************************************************************
 A memslot stops logging, so that its pages can be huge again, and logs
 again.

   kernel 6.4, method pml
   1 Vcpu, 1 Gfn, 4 PageTable

 Left out, since nothing here depends on it:
   eager_page_split, freed, guest_mode, guest_only_reads,
   host_page_is_huge, host_pte_readonly, memory, page_dirty, page_locked,
   page_written, rcu_read_lock, root, root_tlb, shadow_spte_is_old,
   slot_missing, slots_generation, slots_update_in_progress, spte,
   store_buffer, tlb_flush_requested, unlinked, unlinked_twice, vcpu_mode,
   write_tracked.

 Left out, since no word here has it:
   Spte.mmio, Spte.mmio_generation, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0, 1, 2, 3}

VARIABLES
    upper, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs, fault_slot,
    dirty_bitmap, mmu_lock, unreported, dirty_log_pc, dirty_log_mask, dirty_log_upper,
    dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok, vcpu_pc,
    vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte, vcpu_slot

vars == <<upper, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
          fault_slot, dirty_bitmap, mmu_lock, unreported, dirty_log_pc, dirty_log_mask,
          dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
          dirty_log_ok, vcpu_pc, vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok,
          vcpu_spte, vcpu_slot>>

\* No step of dirty_log changes these.
dirty_log_frame == <<fault_slot, vcpu_pc, vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked,
                     vcpu_ok, vcpu_spte, vcpu_slot>>

\* No step of vcpu changes these.
vcpu_frame == <<pml_enabled, slot_logs, unreported, dirty_log_pc, dirty_log_mask,
                dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                dirty_log_old, dirty_log_ok>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<allocated, pml_enabled, slot_logs, fault_slot, dirty_bitmap, mmu_lock,
                         dirty_log_pc, dirty_log_mask, dirty_log_upper, dirty_log_old_spte,
                         dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok, vcpu_pc,
                         vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte,
                         vcpu_slot>>

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

TypeOK ==
    /\ upper              \in NonLeaf
    /\ table              \in [PageTable -> Spte]
    /\ allocated          \in [PageTable -> BOOLEAN]
    /\ walk_cache         \in [Vcpu -> PageTable \cup {None}]
    /\ tlb                \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer         \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled        \in BOOLEAN
    /\ slot_logs          \in BOOLEAN
    /\ fault_slot         \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap       \in [Gfn -> BOOLEAN]
    /\ mmu_lock           \in -1..2
    /\ unreported         \in [Gfn -> BOOLEAN]
    /\ dirty_log_pc       \in {"idle", "stop_logging.kvm_swap_active_memslots.wait",
                               "stop_logging.kvm_mmu_update_cpu_dirty_logging",
                               "kvm_mmu_zap_collapsible_sptes.read_lock",
                               "zap_collapsible_spte_range.READ_ONCE", "kvm_activate_memslot",
                               "log.kvm_swap_active_memslots.wait",
                               "log.kvm_mmu_update_cpu_dirty_logging",
                               "kvm_mmu_slot_try_split_huge_pages.read_lock",
                               "kvm_mmu_slot_try_split_huge_pages.READ_ONCE",
                               "kvm_mmu_slot_leaf_clear_dirty.read_lock",
                               "clear_dirty_gfn_range.READ_ONCE_1",
                               "clear_dirty_gfn_range.READ_ONCE_2",
                               "kvm_mmu_slot_remove_write_access.read_lock",
                               "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE",
                               "flush_at_once", "kvm_get_dirty_log_protect.write_lock",
                               "clear_dirty_pt_masked.READ_ONCE_1",
                               "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                               "clear_dirty_pt_masked.READ_ONCE_2",
                               "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                               "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                               "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg",
                               "clear_dirty_gfn_range.try_cmpxchg_1",
                               "clear_dirty_gfn_range.try_cmpxchg_2", "try_to_link",
                               "tdp_mmu_link_sp.handle_removed_pt.xchg",
                               "tdp_mmu_set_spte_atomic.try_cmpxchg",
                               "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg",
                               "tdp_mmu_zap_spte_atomic.flush_at_once",
                               "tdp_mmu_zap_spte_atomic.WRITE_ONCE", "done"}
    /\ dirty_log_mask     \in [Gfn -> BOOLEAN]
    /\ dirty_log_upper    \in NonLeaf
    /\ dirty_log_old_spte \in Spte
    /\ dirty_log_spte     \in Spte
    /\ dirty_log_linked   \in BOOLEAN
    /\ dirty_log_old      \in NonLeaf
    /\ dirty_log_ok       \in BOOLEAN
    /\ vcpu_pc            \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE_1",
                                        "fast_page_fault.READ_ONCE_2",
                                        "direct_page_fault.read_lock", "enter_guest",
                                        "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                        "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg",
                                        "flush_at_once", "try_to_link",
                                        "tdp_mmu_link_sp.handle_removed_pt.xchg",
                                        "kvm_tdp_mmu_map.READ_ONCE", "map_small_page.READ_ONCE",
                                        "map_small_page.set_bit", "map_small_page.try_cmpxchg",
                                        "fast_page_fault.try_cmpxchg_1",
                                        "mark_page_dirty_in_slot.READ_ONCE",
                                        "mark_page_dirty_in_slot.set_bit",
                                        "fast_page_fault.try_cmpxchg_2"}]
    /\ vcpu_gfn           \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_upper         \in [Vcpu -> NonLeaf]
    /\ vcpu_old_spte      \in [Vcpu -> Spte]
    /\ vcpu_linked        \in [Vcpu -> BOOLEAN]
    /\ vcpu_ok            \in [Vcpu -> BOOLEAN]
    /\ vcpu_spte          \in [Vcpu -> Spte]
    /\ vcpu_slot          \in [Vcpu -> FaultSlot]

\* An SPTE that points to a page table; everything is allowed there.
\* kvmspec/two_levels.py:266
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
\* kvmspec/walks.py:22
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

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

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Is there anything in the vCPU's PML buffer?
\* kvmspec/faults.py:30
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
\* kvmspec/spte.py:157
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, large |-> FALSE, removed |-> FALSE]

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:146
relies_on_log ==
    dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock",
                      "clear_dirty_pt_masked.READ_ONCE_1",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "clear_dirty_pt_masked.READ_ONCE_2",
                      "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                      "tdp_mmu_clear_spte_bits.WRITE_ONCE"}

\* A page is on its way into the dirty bitmap.
\* kvmspec/machine.py:147
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu_pc[cpu] \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu_gfn[cpu] = gfn

\* The page was taken out of the bitmap, and will be reported.
\* kvmspec/machine.py:148
harvesting(gfn) ==
    /\ dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "clear_dirty_pt_masked.READ_ONCE_1",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "clear_dirty_pt_masked.READ_ONCE_2",
                         "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE"}
    /\ dirty_log_mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
\* kvmspec/invariants.py:30
dirty_implies_logged ==
    \A gfn \in Gfn :
        \/ ~unreported[gfn]
        \/ dirty_bitmap[gfn]
        \/ \E cpu \in Vcpu : pml_buffer[cpu][gfn]
        \/ marking(gfn)
        \/ harvesting(gfn)

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
           /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
           /\ pml_enabled = TRUE
           /\ slot_logs = TRUE
           /\ fault_slot = [v \in Vcpu |-> "NONE"]
           /\ dirty_bitmap = [g \in Gfn |-> FALSE]
           /\ mmu_lock = 0
           /\ unreported = [g \in Gfn |-> FALSE]
           /\ dirty_log_pc = "idle"
           /\ dirty_log_mask = [g \in Gfn |-> FALSE]
           /\ dirty_log_upper = NoNonLeaf
           /\ dirty_log_old_spte = NoSpte
           /\ dirty_log_spte = NoSpte
           /\ dirty_log_linked = FALSE
           /\ dirty_log_old = NoNonLeaf
           /\ dirty_log_ok = FALSE
           /\ vcpu_pc = [v \in Vcpu |-> "idle"]
           /\ vcpu_gfn = [v \in Vcpu |-> None]
           /\ vcpu_upper = [v \in Vcpu |-> NoNonLeaf]
           /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
           /\ vcpu_linked = [v \in Vcpu |-> FALSE]
           /\ vcpu_ok = [v \in Vcpu |-> FALSE]
           /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
           /\ vcpu_slot = [v \in Vcpu |-> "NONE"]

\* User space turns dirty logging off, as when a migration is called off; then on again.
\* kvmspec/dirty_log.py:87, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_stop_and_log ==
    /\ dirty_log_pc = "idle"
    /\ slot_logs' = FALSE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "stop_logging.kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/dirty_log.py:89, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_stop_logging_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "stop_logging.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "LOGGED"
    /\ dirty_log_pc' = "stop_logging.kvm_mmu_update_cpu_dirty_logging"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, mmu_lock, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                   dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:192, arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
dirty_log_stop_logging_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log_pc = "stop_logging.kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = FALSE
    /\ dirty_log_pc' = "kvm_mmu_zap_collapsible_sptes.read_lock"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/two_levels.py:190, arch/x86/kvm/mmu/mmu.c:kvm_mmu_zap_collapsible_sptes
dirty_log_kvm_mmu_zap_collapsible_sptes_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_zap_collapsible_sptes.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ dirty_log_pc' = "kvm_activate_memslot"
              /\ UNCHANGED <<mmu_lock, dirty_log_old>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_old' = upper
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                   dirty_log_ok>>

\* kvmspec/two_levels.py:177, arch/x86/kvm/mmu/tdp_mmu.c:zap_collapsible_spte_range
dirty_log_zap_collapsible_spte_range_READ_ONCE ==
    /\ dirty_log_pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_activate_memslot"
              /\ UNCHANGED dirty_log_old
         ELSE /\ dirty_log_old' = upper
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                   dirty_log_ok>>

\* kvmspec/dirty_log.py:87, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_kvm_activate_memslot ==
    /\ dirty_log_pc = "kvm_activate_memslot"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "log.kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/dirty_log.py:89, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "log.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "log.kvm_mmu_update_cpu_dirty_logging"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, mmu_lock, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                   dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:192, arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
dirty_log_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log_pc = "log.kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log_pc' = "kvm_mmu_slot_try_split_huge_pages.read_lock"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:41, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_split_huge_pages_root
dirty_log_kvm_mmu_slot_try_split_huge_pages_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_try_split_huge_pages.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~is_leaf(upper)
         THEN /\ dirty_log_pc' = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
              /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_upper' = upper
              /\ dirty_log_pc' = "try_to_link"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:43, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_split_huge_pages_root
dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE ==
    /\ dirty_log_pc = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE"
    /\ IF ~is_leaf(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
              /\ UNCHANGED dirty_log_upper
         ELSE /\ dirty_log_upper' = upper
              /\ dirty_log_pc' = "try_to_link"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:115, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
    /\ mmu_lock >= 0
    /\ IF upper.child # None
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_upper' = upper
              /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_2"
              /\ UNCHANGED dirty_log_spte
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.dirty
                   THEN /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
                        /\ UNCHANGED <<mmu_lock, dirty_log_upper, dirty_log_spte>>
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ dirty_log_upper' = upper
                        /\ dirty_log_spte' = upper.spte
                        /\ dirty_log_pc' = "clear_dirty_gfn_range.try_cmpxchg_2"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:57, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_READ_ONCE_1 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ dirty_log_upper' = upper
              /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_2"
              /\ UNCHANGED <<mmu_lock, dirty_log_spte>>
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.dirty
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
                        /\ UNCHANGED <<dirty_log_upper, dirty_log_spte>>
                   ELSE /\ dirty_log_upper' = upper
                        /\ dirty_log_spte' = upper.spte
                        /\ dirty_log_pc' = "clear_dirty_gfn_range.try_cmpxchg_2"
                        /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:63, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_READ_ONCE_2 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.READ_ONCE_2"
    /\ IF ~table[dirty_log_upper.child].present \/ ~table[dirty_log_upper.child].dirty
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_upper' = NoNonLeaf
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
              /\ UNCHANGED dirty_log_spte
         ELSE /\ dirty_log_spte' = table[dirty_log_upper.child]
              /\ dirty_log_pc' =
                     IF dirty_log_upper.child # None
                       THEN "clear_dirty_gfn_range.try_cmpxchg_1"
                       ELSE "clear_dirty_gfn_range.try_cmpxchg_2"
              /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:126, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ IF upper.child # None
         THEN /\ dirty_log_pc' = "flush_at_once"
              /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.writable
                   THEN /\ dirty_log_pc' = "flush_at_once"
                        /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ dirty_log_upper' = upper
                        /\ dirty_log_pc' =
                               "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:57, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_READ_ONCE ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE"
    /\ IF upper.child # None
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "flush_at_once"
              /\ UNCHANGED dirty_log_upper
         ELSE /\ IF ~upper.spte.present \/ ~upper.spte.writable
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log_pc' = "flush_at_once"
                        /\ UNCHANGED dirty_log_upper
                   ELSE /\ dirty_log_upper' = upper
                        /\ dirty_log_pc' =
                               "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg"
                        /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_flush_at_once ==
    /\ dirty_log_pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_upper, dirty_log_old_spte,
                   dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:177, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_mask' = dirty_bitmap
    /\ IF dirty_bitmap[0]
         THEN /\ mmu_lock' = -1
              /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE_1"
         ELSE /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_bitmap[gfn]
                       THEN "kvm_get_dirty_log_protect.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, unreported, dirty_log_upper, dirty_log_old_spte,
                   dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:158, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE_1 ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE_1"
    /\ IF upper.child = None
         THEN /\ mmu_lock' = 0
              /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_log_mask[gfn]
                       THEN "kvm_get_dirty_log_protect.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED dirty_log_upper
         ELSE /\ dirty_log_upper' = upper
              /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE_2"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' = "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:184, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_copy_to_user ==
    /\ dirty_log_pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log_mask[gfn]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, mmu_lock, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/huge_pages.py:162, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE_2 ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE_2"
    /\ IF ~table[dirty_log_upper.child].present \/ ~table[dirty_log_upper.child].dirty
         THEN /\ mmu_lock' = 0
              /\ dirty_log_upper' = NoNonLeaf
              /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_log_mask[gfn]
                       THEN "kvm_get_dirty_log_protect.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ IF kvm_tdp_mmu_spte_need_atomic_write(table[dirty_log_upper.child])
                   THEN /\ dirty_log_pc' = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
                        /\ UNCHANGED dirty_log_old_spte
                   ELSE /\ dirty_log_old_spte' = table[dirty_log_upper.child]
                        /\ dirty_log_pc' = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
              /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/two_levels.py:85, arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits
dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and ==
    /\ dirty_log_pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
    /\ table' = [table EXCEPT ![dirty_log_upper.child].dirty = FALSE]
    /\ mmu_lock' = 0
    /\ dirty_log_upper' = NoNonLeaf
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_mask[gfn]
             THEN "kvm_get_dirty_log_protect.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/two_levels.py:87, arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits
dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE ==
    /\ dirty_log_pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
    /\ table' =
           [table EXCEPT ![dirty_log_upper.child] = [dirty_log_old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_upper' = NoNonLeaf
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_mask[gfn]
             THEN "kvm_get_dirty_log_protect.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_spte,
                   dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:69, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_try_cmpxchg ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.try_cmpxchg"
    /\ dirty_log_upper' = NoNonLeaf
    /\ IF upper = dirty_log_upper
         THEN /\ upper' =
                     [spte |-> [dirty_log_upper.spte EXCEPT !.writable = FALSE], child |-> None]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "flush_at_once"
         ELSE /\ dirty_log_pc' =
                     "kvm_mmu_slot_remove_write_access.clear_dirty_gfn_range.READ_ONCE"
              /\ UNCHANGED <<upper, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_spte, dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:67, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_try_cmpxchg_1 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.try_cmpxchg_1"
    /\ dirty_log_upper' = NoNonLeaf
    /\ dirty_log_spte' = NoSpte
    /\ IF table[dirty_log_upper.child] = dirty_log_spte
         THEN /\ table' =
                     [table EXCEPT
                         ![dirty_log_upper.child] = [dirty_log_spte EXCEPT !.dirty = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
         ELSE /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_1"
              /\ UNCHANGED <<table, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/huge_pages.py:69, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_try_cmpxchg_2 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.try_cmpxchg_2"
    /\ dirty_log_upper' = NoNonLeaf
    /\ dirty_log_spte' = NoSpte
    /\ IF upper = dirty_log_upper
         THEN /\ upper' = [spte |-> [dirty_log_spte EXCEPT !.dirty = FALSE], child |-> None]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
         ELSE /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_1"
              /\ UNCHANGED <<upper, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_linked, dirty_log_old, dirty_log_ok>>

\* kvmspec/two_levels.py:306, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_link_sp
dirty_log_try_to_link ==
    /\ dirty_log_pc = "try_to_link"
    /\ IF upper = dirty_log_upper
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT ![t] = [dirty_log_upper.spte EXCEPT !.large = FALSE]]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF dirty_log_upper.child # None
                          THEN /\ dirty_log_linked' = TRUE
                               /\ dirty_log_pc' = "tdp_mmu_link_sp.handle_removed_pt.xchg"
                               /\ UNCHANGED <<mmu_lock, dirty_log_upper>>
                          ELSE /\ mmu_lock' = mmu_lock - 1
                               /\ dirty_log_upper' = NoNonLeaf
                               /\ dirty_log_pc' = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
                               /\ UNCHANGED dirty_log_linked
         ELSE /\ dirty_log_upper' = NoNonLeaf
              /\ dirty_log_pc' = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE"
              /\ UNCHANGED <<upper, table, allocated, mmu_lock, dirty_log_linked>>
    /\ UNCHANGED <<dirty_log_frame, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte, dirty_log_spte,
                   dirty_log_old, dirty_log_ok>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
dirty_log_tdp_mmu_link_sp_handle_removed_pt_xchg ==
    /\ dirty_log_pc = "tdp_mmu_link_sp.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![dirty_log_upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[dirty_log_upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ dirty_log_upper' = NoNonLeaf
              /\ IF dirty_log_linked
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log_linked' = FALSE
                        /\ dirty_log_pc' = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
                   ELSE /\ dirty_log_pc' = "kvm_mmu_slot_try_split_huge_pages.READ_ONCE"
                        /\ UNCHANGED <<mmu_lock, dirty_log_linked>>
         ELSE /\ UNCHANGED <<mmu_lock, dirty_log_upper, dirty_log_linked, dirty_log_pc>>
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_spte, dirty_log_old, dirty_log_ok>>

\* kvmspec/two_levels.py:136, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = dirty_log_old
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ dirty_log_ok' = TRUE
              /\ IF dirty_log_old.child # None
                   THEN /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"
                        /\ UNCHANGED dirty_log_old
                   ELSE /\ dirty_log_old' = NoNonLeaf
                        /\ dirty_log_pc' = "tdp_mmu_zap_spte_atomic.flush_at_once"
         ELSE /\ dirty_log_old' = NoNonLeaf
              /\ dirty_log_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<upper, dirty_log_ok>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, mmu_lock, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
dirty_log_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg ==
    /\ dirty_log_pc = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![dirty_log_old.child] = [present |-> FALSE, writable |-> FALSE,
                                         mmu_writable |-> FALSE, host_writable |-> FALSE,
                                         accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                         removed |-> TRUE]]
    /\ IF table[dirty_log_old.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ dirty_log_old' = NoNonLeaf
              /\ dirty_log_pc' =
                     IF dirty_log_ok
                       THEN "tdp_mmu_zap_spte_atomic.flush_at_once"
                       ELSE "zap_collapsible_spte_range.READ_ONCE"
         ELSE /\ UNCHANGED <<dirty_log_old, dirty_log_pc>>
    /\ UNCHANGED <<dirty_log_frame, upper, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, mmu_lock, unreported, dirty_log_mask,
                   dirty_log_upper, dirty_log_old_spte, dirty_log_spte, dirty_log_linked,
                   dirty_log_ok>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_tdp_mmu_zap_spte_atomic_flush_at_once ==
    /\ dirty_log_pc = "tdp_mmu_zap_spte_atomic.flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' =
           IF dirty_log_ok
             THEN "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
             ELSE "zap_collapsible_spte_range.READ_ONCE"
    /\ UNCHANGED <<dirty_log_frame, upper, table, allocated, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old,
                   dirty_log_ok>>

\* kvmspec/two_levels.py:154, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic
dirty_log_tdp_mmu_zap_spte_atomic_WRITE_ONCE ==
    /\ dirty_log_pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF dirty_log_ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_ok' = FALSE
              /\ dirty_log_pc' = "kvm_activate_memslot"
         ELSE /\ dirty_log_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<mmu_lock, dirty_log_ok>>
    /\ UNCHANGED <<dirty_log_frame, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported, dirty_log_mask, dirty_log_upper,
                   dirty_log_old_spte, dirty_log_spte, dirty_log_linked, dirty_log_old>>

\* A write fault.
\* kvmspec/two_levels.py:432, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~tlb[cpu][gfn].writable
    /\ ~(/\ translates(IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE)
         /\ translates(IF walk_cache[cpu] # None THEN table[walk_cache[cpu]] ELSE IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE))
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = None]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, tlb, pml_buffer, dirty_bitmap, mmu_lock,
                   vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* kvmspec/faults.py:54, arch/x86/kvm/vmx/vmx.c:vmx_flush_pml_buffer
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ IF pml_buffer[cpu][0]
         THEN /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
              /\ dirty_bitmap' =
                     IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
         ELSE /\ UNCHANGED <<pml_buffer, dirty_bitmap>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, fault_slot, mmu_lock,
                   vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte,
                   vcpu_slot>>

\* kvmspec/two_levels.py:388, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_2"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte, vcpu_slot>>
         ELSE /\ IF ~upper.spte.present
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
                        /\ UNCHANGED <<vcpu_gfn, vcpu_upper, vcpu_spte, vcpu_slot>>
                   ELSE /\ IF is_access_allowed(upper.spte, TRUE)
                             THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                                  /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                                  /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                             ELSE /\ IF ~upper.spte.mmu_writable
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "direct_page_fault.read_lock"]
                                            /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                                       ELSE /\ IF vcpu_slot[cpu] = "LOGGED"
                                                 THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                             "direct_page_fault.read_lock"]
                                                      /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                                                 ELSE /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] =
                                                             upper]
                                                      /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                             upper.spte]
                                                      /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                             "fast_page_fault.try_cmpxchg_2"]
                                  /\ UNCHANGED <<vcpu_gfn, vcpu_slot>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_old_spte, vcpu_linked, vcpu_ok>>

\* kvmspec/two_levels.py:392, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE_2"
    /\ IF ~table[vcpu_upper[cpu].child].present
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte, vcpu_slot>>
         ELSE /\ IF is_access_allowed(table[vcpu_upper[cpu].child], TRUE)
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                        /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED vcpu_spte
                   ELSE /\ IF ~table[vcpu_upper[cpu].child].mmu_writable
                             THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "direct_page_fault.read_lock"]
                                  /\ UNCHANGED vcpu_spte
                             ELSE /\ IF vcpu_upper[cpu].child # None
                                       THEN /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   table[vcpu_upper[cpu].child]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg_1"]
                                            /\ UNCHANGED vcpu_upper
                                       ELSE /\ IF vcpu_slot[cpu] = "LOGGED"
                                                 THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] =
                                                             NoNonLeaf]
                                                      /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                             "direct_page_fault.read_lock"]
                                                      /\ UNCHANGED vcpu_spte
                                                 ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                             table[vcpu_upper[cpu].child]]
                                                      /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                             "fast_page_fault.try_cmpxchg_2"]
                                                      /\ UNCHANGED vcpu_upper
                        /\ UNCHANGED <<vcpu_gfn, vcpu_slot>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_old_spte, vcpu_linked, vcpu_ok>>

\* kvmspec/two_levels.py:434, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF vcpu_slot[cpu] = "LOGGED"
         THEN /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED <<mmu_lock, vcpu_upper>>
                   ELSE /\ IF ~points_to_table(upper)
                             THEN /\ mmu_lock' = mmu_lock + 1
                                  /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "try_to_link"]
                                  /\ UNCHANGED <<vcpu_gfn, vcpu_slot>>
                             ELSE /\ IF upper.child # None
                                       THEN /\ mmu_lock' = mmu_lock + 1
                                            /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "map_small_page.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_gfn, vcpu_slot>>
                                       ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                                            /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "enter_guest"]
                                            /\ UNCHANGED <<mmu_lock, vcpu_upper>>
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
              /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED <<mmu_lock, vcpu_upper>>
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   dirty_bitmap, mmu_lock, vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked,
                   vcpu_ok, vcpu_spte, vcpu_slot>>

\* kvmspec/two_levels.py:136, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = vcpu_upper[cpu]
         THEN /\ upper' =
                     [spte |-> [make_spte(IF is_leaf(vcpu_upper[cpu]) THEN vcpu_upper[cpu].spte ELSE NoSpte) EXCEPT
                                   !.large = TRUE],
                      child |-> None]
              /\ IF vcpu_upper[cpu].child # None
                   THEN /\ vcpu_ok' = [vcpu_ok EXCEPT ![cpu] = TRUE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"]
                        /\ UNCHANGED <<mmu_lock, vcpu_upper>>
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED vcpu_ok
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED <<upper, vcpu_ok>>
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_gfn, vcpu_old_spte, vcpu_linked, vcpu_spte, vcpu_slot>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu_upper[cpu].child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu_upper[cpu].child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_ok' = [vcpu_ok EXCEPT ![cpu] = FALSE]
              /\ IF vcpu_ok[cpu] /\ vcpu_upper[cpu].child # None
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "flush_at_once"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ UNCHANGED <<mmu_lock, vcpu_upper, vcpu_ok, vcpu_pc>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_gfn, vcpu_old_spte, vcpu_linked, vcpu_spte, vcpu_slot>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
vcpu_flush_at_once(cpu) ==
    /\ vcpu_pc[cpu] = "flush_at_once"
    /\ walk_cache' = [c \in Vcpu |-> None]
    /\ tlb' = [c \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, pml_buffer, fault_slot, dirty_bitmap,
                   vcpu_gfn, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte,
                   vcpu_slot>>

\* kvmspec/two_levels.py:306, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_link_sp
vcpu_try_to_link(cpu) ==
    /\ vcpu_pc[cpu] = "try_to_link"
    /\ IF upper = vcpu_upper[cpu]
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT
                                ![t] = IF is_leaf(vcpu_upper[cpu])
                                         THEN [vcpu_upper[cpu].spte EXCEPT !.large = FALSE]
                                         ELSE NoSpte]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF vcpu_upper[cpu].child # None
                          THEN /\ vcpu_linked' = [vcpu_linked EXCEPT ![cpu] = TRUE]
                               /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                      "tdp_mmu_link_sp.handle_removed_pt.xchg"]
                               /\ UNCHANGED vcpu_upper
                          ELSE /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                               /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                      "kvm_tdp_mmu_map.READ_ONCE"]
                               /\ UNCHANGED vcpu_linked
                     /\ UNCHANGED <<mmu_lock, vcpu_gfn, vcpu_slot>>
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED <<upper, table, allocated, vcpu_linked>>
    /\ UNCHANGED <<vcpu_frame, walk_cache, tlb, pml_buffer, fault_slot, dirty_bitmap,
                   vcpu_old_spte, vcpu_ok, vcpu_spte>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_link_sp.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu_upper[cpu].child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu_upper[cpu].child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ IF ~vcpu_linked[cpu]
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED vcpu_linked
                   ELSE /\ vcpu_linked' = [vcpu_linked EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_tdp_mmu_map.READ_ONCE"]
                        /\ UNCHANGED <<mmu_lock, vcpu_gfn, vcpu_slot>>
         ELSE /\ UNCHANGED <<mmu_lock, vcpu_gfn, vcpu_upper, vcpu_linked, vcpu_slot, vcpu_pc>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_old_spte, vcpu_ok, vcpu_spte>>

\* kvmspec/two_levels.py:377, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_map
vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_tdp_mmu_map.READ_ONCE"
    /\ IF upper.child # None
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.READ_ONCE"]
              /\ UNCHANGED <<mmu_lock, vcpu_gfn, vcpu_slot>>
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_upper
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte>>

\* kvmspec/two_levels.py:334, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_map_small_page_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "map_small_page.READ_ONCE"
    /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
    /\ IF table[vcpu_upper[cpu].child]
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = table[vcpu_upper[cpu].child]]
              /\ IF vcpu_slot[cpu] = "LOGGED"
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.set_bit"]
                        /\ UNCHANGED vcpu_gfn
                   ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.try_cmpxchg"]
              /\ UNCHANGED <<mmu_lock, vcpu_upper>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_linked, vcpu_ok, vcpu_spte>>

\* kvmspec/two_levels.py:341, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_map_small_page_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "map_small_page.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte,
                   vcpu_slot>>

\* kvmspec/two_levels.py:342, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_map_small_page_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "map_small_page.try_cmpxchg"
    /\ table' =
           [table EXCEPT
               ![vcpu_upper[cpu].child] = IF table[vcpu_upper[cpu].child] = vcpu_old_spte[cpu]
                                            THEN make_spte(vcpu_old_spte[cpu])
                                            ELSE table[vcpu_upper[cpu].child]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, vcpu_gfn, vcpu_linked, vcpu_ok, vcpu_spte, vcpu_slot>>

\* kvmspec/two_levels.py:400, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg_1(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg_1"
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF table[vcpu_upper[cpu].child] = vcpu_spte[cpu]
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu_upper[cpu].child] = [vcpu_spte[cpu] EXCEPT !.writable = TRUE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.READ_ONCE"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
              /\ UNCHANGED table
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_linked, vcpu_ok,
                   vcpu_slot>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_slot>>
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok,
                   vcpu_spte>>

\* kvmspec/faults.py:81, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_ok, vcpu_spte>>

\* kvmspec/two_levels.py:409, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg_2(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg_2"
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF upper = vcpu_upper[cpu]
         THEN /\ upper' = [spte |-> [vcpu_spte[cpu] EXCEPT !.writable = TRUE], child |-> None]
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_slot' = [vcpu_slot EXCEPT ![cpu] = "NONE"]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
              /\ UNCHANGED <<upper, vcpu_gfn, vcpu_slot>>
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_old_spte, vcpu_linked, vcpu_ok>>

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* kvmspec/walks.py:28, SDM vol. 3, 29.3.5 and 29.4.1
walk_to_table(cpu) ==
    /\ in_guest(cpu)
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, tlb, pml_buffer, unreported>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* kvmspec/walks.py:38, SDM vol. 3, 29.3.5 and 29.4.3
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
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, walk_cache, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, tlb, pml_buffer>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, pml_buffer, unreported>>

\* A write by way of the SPTE of 2 MiB.
\* kvmspec/walks.py:57, SDM vol. 3, 29.3.5 and 29.3.6
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
    /\ UNCHANGED <<Vcpu_hardware_frame, table, walk_cache, unreported>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ dirty_log_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ dirty_log_stop_and_log
    \/ dirty_log_stop_logging_kvm_swap_active_memslots_wait
    \/ dirty_log_stop_logging_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_zap_collapsible_sptes_read_lock
    \/ dirty_log_zap_collapsible_spte_range_READ_ONCE
    \/ dirty_log_kvm_activate_memslot
    \/ dirty_log_log_kvm_swap_active_memslots_wait
    \/ dirty_log_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_try_split_huge_pages_read_lock
    \/ dirty_log_kvm_mmu_slot_try_split_huge_pages_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_1
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_2
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_READ_ONCE
    \/ dirty_log_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_1
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_2
    \/ dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and
    \/ dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_clear_dirty_gfn_range_try_cmpxchg
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_1
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_2
    \/ dirty_log_try_to_link
    \/ dirty_log_tdp_mmu_link_sp_handle_removed_pt_xchg
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ dirty_log_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg
    \/ dirty_log_tdp_mmu_zap_spte_atomic_flush_at_once
    \/ dirty_log_tdp_mmu_zap_spte_atomic_WRITE_ONCE
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
        \/ write_by_huge_page(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_vmx_handle_exit(cpu)
        \/ vcpu_fast_page_fault_READ_ONCE_1(cpu)
        \/ vcpu_fast_page_fault_READ_ONCE_2(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu)
        \/ vcpu_flush_at_once(cpu)
        \/ vcpu_try_to_link(cpu)
        \/ vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu)
        \/ vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu)
        \/ vcpu_map_small_page_READ_ONCE(cpu)
        \/ vcpu_map_small_page_set_bit(cpu)
        \/ vcpu_map_small_page_try_cmpxchg(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg_1(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg_2(cpu)
        \/ walk_to_table(cpu)
    \/ \E cpu \in Vcpu, gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
