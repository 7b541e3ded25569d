------------------------------ MODULE shadow_and_age_rule_5_19_no_ad_6_15 ------------------------------
(***************************************************************************
 A page that is being aged turns out to be a page table, while user space
 logs.

   kernel 6.15, method no_ad, rule rule_5_19
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, eager_page_split, freed, guest_mode, guest_only_reads,
   host_page_is_huge, memory, page_dirty, page_locked, page_written,
   pml_buffer, pml_enabled, rcu_read_lock, root, root_tlb,
   shadow_spte_is_old, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, tlb_flush_requested,
   unlinked, unlinked_twice, upper, vcpu_mode, walk_cache.

 Left out, since no word here has it:
   Spte.accessed, Spte.dirty, Spte.large, Spte.mmio, Spte.mmio_generation,
   Spte.removed.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock, host_pte_readonly,
    unreported, shadow_mmu_pc, shadow_mmu_gfn, shadow_mmu_old_spte, ager_pc, ager_gfn,
    ager_old_spte, dirty_log_pc, dirty_log_mask, dirty_log_flush, dirty_log_old_spte,
    dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte

vars == <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock,
          host_pte_readonly, unreported, shadow_mmu_pc, shadow_mmu_gfn, shadow_mmu_old_spte,
          ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_mask, dirty_log_flush,
          dirty_log_old_spte, dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte,
          vcpu_new_spte, vcpu_spte>>

\* No step of shadow_mmu changes these.
shadow_mmu_frame == <<slot_logs, fault_slot, dirty_bitmap, host_pte_readonly, unreported,
                      ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_mask,
                      dirty_log_flush, dirty_log_old_spte, dirty_log_result, vcpu_pc, vcpu_gfn,
                      vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of ager changes these.
ager_frame == <<tlb, slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock,
                host_pte_readonly, unreported, shadow_mmu_pc, shadow_mmu_gfn,
                shadow_mmu_old_spte, dirty_log_pc, dirty_log_mask, dirty_log_flush,
                dirty_log_old_spte, dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_write,
                vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of dirty_log changes these.
dirty_log_frame == <<fault_slot, write_tracked, host_pte_readonly, shadow_mmu_pc,
                     shadow_mmu_gfn, shadow_mmu_old_spte, ager_pc, ager_gfn, ager_old_spte,
                     vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, slot_logs, write_tracked, unreported, shadow_mmu_pc, shadow_mmu_gfn,
                shadow_mmu_old_spte, ager_pc, ager_gfn, ager_old_spte, dirty_log_pc,
                dirty_log_mask, dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<spte, slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock,
                         host_pte_readonly, shadow_mmu_pc, shadow_mmu_gfn, shadow_mmu_old_spte,
                         ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_mask,
                         dirty_log_flush, dirty_log_old_spte, dirty_log_result, vcpu_pc,
                         vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         saved_readable: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, saved_readable |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte                \in [Gfn -> Spte]
    /\ tlb                 \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_logs           \in BOOLEAN
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap        \in [Gfn -> BOOLEAN]
    /\ write_tracked       \in [Gfn -> BOOLEAN]
    /\ mmu_lock            \in -1..4
    /\ host_pte_readonly   \in [Gfn -> BOOLEAN]
    /\ unreported          \in [Gfn -> BOOLEAN]
    /\ shadow_mmu_pc       \in {"idle", "kvm_slot_page_track_add_page.set_bit",
                                "write_protect_gfn.READ_ONCE", "flush_at_once",
                                "kvm_slot_page_track_add_page.write_unlock",
                                "kvm_tdp_mmu_write_spte.xchg",
                                "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ shadow_mmu_gfn      \in Gfn \cup {None}
    /\ shadow_mmu_old_spte \in Spte
    /\ ager_pc             \in {"idle", "age_gfn_range.try_cmpxchg", "done"}
    /\ ager_gfn            \in Gfn \cup {None}
    /\ ager_old_spte       \in Spte
    /\ dirty_log_pc        \in {"idle", "kvm_swap_active_memslots.wait",
                                "kvm_mmu_slot_remove_write_access.read_lock",
                                "wrprot_gfn_range.READ_ONCE",
                                "kvm_mmu_slot_remove_write_access.read_unlock",
                                "kvm_mmu_slot_apply_flags.flush_at_once",
                                "kvm_get_dirty_log_protect.write_lock",
                                "kvm_get_dirty_log_protect.xchg",
                                "clear_dirty_pt_masked.READ_ONCE",
                                "kvm_get_dirty_log_protect.write_unlock",
                                "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                                "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                                "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                                "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"}
    /\ dirty_log_mask      \in [Gfn -> BOOLEAN]
    /\ dirty_log_flush     \in BOOLEAN
    /\ dirty_log_old_spte  \in Spte
    /\ dirty_log_result    \in BOOLEAN
    /\ vcpu_pc             \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                         "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                         "direct_page_fault.read_lock",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                         "enter_guest",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                         "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_3",
                                         "tdp_mmu_map_handle_target_level.set_bit",
                                         "fast_page_fault.try_cmpxchg",
                                         "mark_page_dirty_in_slot.READ_ONCE",
                                         "mark_page_dirty_in_slot.set_bit"}]
    /\ vcpu_gfn            \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_write          \in [Vcpu -> BOOLEAN]
    /\ vcpu_old_spte       \in [Vcpu -> Spte]
    /\ vcpu_new_spte       \in [Vcpu -> Spte]
    /\ vcpu_spte           \in [Vcpu -> Spte]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ s.saved_readable

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:15
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* The SPTE of a page that has just been aged; W is not kept.
\* kvmspec/spte.py:175
mark_spte_for_access_track(s) ==
    [s EXCEPT !.writable = FALSE, !.saved_readable = TRUE]

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU read through it, as far as R, W and X go?
\* kvmspec/spte.py:93
is_readable_pte(s) ==
    s.present /\ ~s.saved_readable

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE is_readable_pte(s)

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:146
relies_on_log ==
    dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
                      "clear_dirty_pt_masked.READ_ONCE",
                      "kvm_get_dirty_log_protect.write_unlock",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                      "tdp_mmu_clear_spte_bits.WRITE_ONCE"}

\* KVM has read the SPTE as accessed, and is to write plainly.
\* kvmspec/machine.py:152
taken_for_accessed(gfn) ==
    \/ /\ shadow_mmu_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
       /\ ~shadow_mmu_old_spte.saved_readable
       /\ shadow_mmu_gfn = gfn
    \/ /\ dirty_log_pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
       /\ ~dirty_log_old_spte.saved_readable
       /\ 0 = gfn

\* No page that has just been aged is about to be marked accessed again by a plain write.
\* kvmspec/invariants.py:240
aging_is_kept ==
    ~(\E gfn \in Gfn : spte[gfn].present /\ taken_for_accessed(gfn) /\ spte[gfn].saved_readable)

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
                         "kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "kvm_get_dirty_log_protect.write_unlock",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE"}
    /\ dirty_log_mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
\* kvmspec/invariants.py:30
dirty_implies_logged ==
    \A gfn \in Gfn : ~unreported[gfn] \/ dirty_bitmap[gfn] \/ marking(gfn) \/ harvesting(gfn)

\* A running operation will flush the page from all TLBs.
\* kvmspec/machine.py:149
flush_owed(gfn) ==
    \/ /\ shadow_mmu_pc \in {"flush_at_once", "kvm_tdp_mmu_write_spte.xchg",
                             "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
       /\ shadow_mmu_gfn = gfn
    \/ dirty_log_pc \in {"kvm_mmu_slot_remove_write_access.read_lock",
                         "wrprot_gfn_range.READ_ONCE",
                         "kvm_mmu_slot_remove_write_access.read_unlock",
                         "kvm_mmu_slot_apply_flags.flush_at_once",
                         "kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                         "tdp_mmu_set_spte_atomic.try_cmpxchg"}
    \/ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_unlock" /\ dirty_log_result
    \/ /\ dirty_log_pc \in {"kvm_get_dirty_log_protect.write_unlock",
                            "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user"}
       /\ dirty_log_flush

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or a flush is on its way.
\* kvmspec/invariants.py:48
writable_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].mmu_writable \/ flush_owed(gfn)

\* A running operation takes write access to the page away.
\* kvmspec/machine.py:154
protecting(gfn) ==
    /\ shadow_mmu_pc \in {"kvm_slot_page_track_add_page.set_bit",
                          "write_protect_gfn.READ_ONCE", "flush_at_once",
                          "kvm_slot_page_track_add_page.write_unlock",
                          "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ shadow_mmu_gfn = gfn

\* No CPU can write to a page table that KVM shadows, once KVM has taken write access away.
\* kvmspec/invariants.py:125
shadowed_page_is_protected ==
    ~(\E cpu \in Vcpu :
          \E gfn \in Gfn : tlb[cpu][gfn].writable /\ write_tracked[gfn] /\ ~protecting(gfn))

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, saved_readable |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ write_tracked = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ shadow_mmu_pc = "idle"
    /\ shadow_mmu_gfn = None
    /\ shadow_mmu_old_spte = NoSpte
    /\ ager_pc = "idle"
    /\ ager_gfn = None
    /\ ager_old_spte = NoSpte
    /\ dirty_log_pc = "idle"
    /\ dirty_log_mask = [g \in Gfn |-> FALSE]
    /\ dirty_log_flush = FALSE
    /\ dirty_log_old_spte = NoSpte
    /\ dirty_log_result = FALSE
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_write = [v \in Vcpu |-> FALSE]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* KVM shadows the page, an upper-level page table; flushed before the lock is dropped.
\* kvmspec/page_track.py:26, arch/x86/kvm/mmu/page_track.c:kvm_slot_page_track_add_page
shadow_mmu_kvm_slot_page_track_add_page(gfn) ==
    /\ shadow_mmu_pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ shadow_mmu_gfn' = gfn
    /\ shadow_mmu_pc' = "kvm_slot_page_track_add_page.set_bit"
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, write_tracked, shadow_mmu_old_spte>>

\* kvmspec/page_track.py:27, arch/x86/kvm/mmu/page_track.c:kvm_slot_page_track_add_page
shadow_mmu_kvm_slot_page_track_add_page_set_bit ==
    /\ shadow_mmu_pc = "kvm_slot_page_track_add_page.set_bit"
    /\ write_tracked' = [write_tracked EXCEPT ![shadow_mmu_gfn] = TRUE]
    /\ shadow_mmu_pc' = "write_protect_gfn.READ_ONCE"
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, mmu_lock, shadow_mmu_gfn, shadow_mmu_old_spte>>

\* kvmspec/tdp_mmu.py:142, arch/x86/kvm/mmu/tdp_mmu.c:write_protect_gfn
shadow_mmu_write_protect_gfn_READ_ONCE ==
    /\ shadow_mmu_pc = "write_protect_gfn.READ_ONCE"
    /\ IF ~spte[shadow_mmu_gfn].present
         THEN /\ shadow_mmu_pc' = "kvm_slot_page_track_add_page.write_unlock"
              /\ UNCHANGED shadow_mmu_old_spte
         ELSE /\ IF [spte[shadow_mmu_gfn] EXCEPT !.writable = FALSE, !.mmu_writable = FALSE]
                      = spte[shadow_mmu_gfn]
                   THEN /\ shadow_mmu_pc' = "kvm_slot_page_track_add_page.write_unlock"
                        /\ UNCHANGED shadow_mmu_old_spte
                   ELSE /\ shadow_mmu_old_spte' = spte[shadow_mmu_gfn]
                        /\ shadow_mmu_pc' =
                               IF kvm_tdp_mmu_spte_need_atomic_write(spte[shadow_mmu_gfn])
                                 THEN "kvm_tdp_mmu_write_spte.xchg"
                                 ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, write_tracked, mmu_lock, shadow_mmu_gfn>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
shadow_mmu_flush_at_once ==
    /\ shadow_mmu_pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ shadow_mmu_pc' = "kvm_slot_page_track_add_page.write_unlock"
    /\ UNCHANGED <<shadow_mmu_frame, spte, write_tracked, mmu_lock, shadow_mmu_gfn,
                   shadow_mmu_old_spte>>

\* kvmspec/page_track.py:26, arch/x86/kvm/mmu/page_track.c:kvm_slot_page_track_add_page
shadow_mmu_kvm_slot_page_track_add_page_write_unlock ==
    /\ shadow_mmu_pc = "kvm_slot_page_track_add_page.write_unlock"
    /\ mmu_lock' = 0
    /\ shadow_mmu_gfn' = None
    /\ shadow_mmu_pc' = "done"
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, write_tracked, shadow_mmu_old_spte>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
shadow_mmu_kvm_tdp_mmu_write_spte_xchg ==
    /\ shadow_mmu_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' =
           [spte EXCEPT
               ![shadow_mmu_gfn] = [shadow_mmu_old_spte EXCEPT
                                       !.writable = FALSE,
                                       !.mmu_writable = FALSE]]
    /\ shadow_mmu_old_spte' = NoSpte
    /\ shadow_mmu_pc' = "flush_at_once"
    /\ UNCHANGED <<shadow_mmu_frame, tlb, write_tracked, mmu_lock, shadow_mmu_gfn>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ shadow_mmu_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' =
           [spte EXCEPT
               ![shadow_mmu_gfn] = [shadow_mmu_old_spte EXCEPT
                                       !.writable = FALSE,
                                       !.mmu_writable = FALSE]]
    /\ shadow_mmu_old_spte' = NoSpte
    /\ shadow_mmu_pc' = "flush_at_once"
    /\ UNCHANGED <<shadow_mmu_frame, tlb, write_tracked, mmu_lock, shadow_mmu_gfn>>

\* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
\* kvmspec/tdp_mmu.py:100, arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager_pc = "idle"
    /\ IF ~spte[gfn].present \/ spte[gfn].saved_readable
         THEN /\ ager_pc' = "done"
              /\ UNCHANGED <<ager_gfn, ager_old_spte>>
         ELSE /\ ager_gfn' = gfn
              /\ ager_old_spte' = spte[gfn]
              /\ ager_pc' = "age_gfn_range.try_cmpxchg"
    /\ UNCHANGED <<ager_frame, spte>>

\* kvmspec/tdp_mmu.py:110, arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range
ager_age_gfn_range_try_cmpxchg ==
    /\ ager_pc = "age_gfn_range.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![ager_gfn] = IF spte[ager_gfn] = ager_old_spte
                               THEN mark_spte_for_access_track(ager_old_spte)
                               ELSE spte[ager_gfn]]
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "done"
    /\ UNCHANGED ager_frame

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvmspec/dirty_log.py:87, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log_once ==
    /\ dirty_log_pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, mmu_lock, unreported, dirty_log_mask,
                   dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:89, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:45, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.flush_at_once"
              /\ UNCHANGED <<mmu_lock, dirty_log_old_spte>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_result>>

\* kvmspec/tdp_mmu.py:159, arch/x86/kvm/mmu/tdp_mmu.c:wrprot_gfn_range
dirty_log_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log_pc = "wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.flush_at_once"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_result>>

\* kvmspec/dirty_log.py:45, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access
dirty_log_kvm_mmu_slot_remove_write_access_read_unlock ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ dirty_log_result' = FALSE
    /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.flush_at_once"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_old_spte>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_mmu_slot_apply_flags_flush_at_once ==
    /\ dirty_log_pc = "kvm_mmu_slot_apply_flags.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:143, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ IF \E gfn \in Gfn : dirty_bitmap[gfn]
         THEN /\ mmu_lock' = -1
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.xchg"
              /\ UNCHANGED dirty_log_flush
         ELSE /\ dirty_log_flush' = FALSE
              /\ dirty_log_pc' = "copy_to_user"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:149, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_xchg ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.xchg"
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_mask' = dirty_bitmap
    /\ IF dirty_bitmap[0]
         THEN /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE"
              /\ UNCHANGED <<mmu_lock, dirty_log_flush>>
         ELSE /\ mmu_lock' = 0
              /\ dirty_log_flush' = TRUE
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.flush_at_once"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, unreported, dirty_log_old_spte,
                   dirty_log_result>>

\* kvmspec/tdp_mmu.py:188, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = 0
              /\ dirty_log_flush' = TRUE
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.flush_at_once"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                   THEN /\ dirty_log_pc' = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
                        /\ UNCHANGED dirty_log_old_spte
                   ELSE /\ dirty_log_old_spte' = spte[0]
                        /\ dirty_log_pc' = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
              /\ UNCHANGED <<mmu_lock, dirty_log_flush>>
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_result>>

\* kvmspec/dirty_log.py:143, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_write_unlock ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.write_unlock"
    /\ mmu_lock' = 0
    /\ dirty_log_pc' =
           IF dirty_log_flush THEN "kvm_get_dirty_log_protect.flush_at_once" ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' = "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_mask, dirty_log_flush, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:154, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_copy_to_user ==
    /\ dirty_log_pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log_mask[gfn]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_flush' = FALSE
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/tdp_iter.py:39, arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits
dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and ==
    /\ dirty_log_pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
    /\ spte' = [spte EXCEPT ![0].writable = FALSE]
    /\ mmu_lock' = 0
    /\ dirty_log_flush' = TRUE
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.flush_at_once"
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/tdp_iter.py:42, arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits
dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE ==
    /\ dirty_log_pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_flush' = TRUE
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.flush_at_once"
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_result>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF spte[0] = dirty_log_old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
              /\ dirty_log_result' = TRUE
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_unlock"
         ELSE /\ dirty_log_pc' = "wrprot_gfn_range.READ_ONCE"
              /\ UNCHANGED <<spte, dirty_log_result>>
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_mask, dirty_log_flush>>

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:146, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E write \in BOOLEAN :
           /\ in_guest(cpu)
           /\ ~translates(spte[gfn], write)
           /\ ~tlb[cpu][gfn].writable
           /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
           /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
           /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = write]
           /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
           /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly,
                          vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_write, vcpu_new_spte, vcpu_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], vcpu_write[cpu])
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                   ELSE /\ IF vcpu_write[cpu] /\ spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.saved_readable = FALSE, !.writable = TRUE], TRUE))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                                       ELSE /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.saved_readable = FALSE,
                                                       !.writable = TRUE]]
                                            /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                             ELSE /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.saved_readable = FALSE], vcpu_write[cpu]))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                                       ELSE /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.saved_readable = FALSE]]
                                            /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                        /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, vcpu_gfn, vcpu_write,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:149, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu_gfn[cpu]]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
    /\ IF spte[vcpu_gfn[cpu]].present /\ is_access_allowed(spte[vcpu_gfn[cpu]], vcpu_write[cpu])
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     IF spte[vcpu_gfn[cpu]].writable
                       THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
                       ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
              /\ UNCHANGED <<mmu_lock, vcpu_gfn>>
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_write, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:220, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu_gfn[cpu]]
         THEN /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                     [present |-> TRUE, writable |-> FALSE, mmu_writable |-> FALSE,
                      host_writable |-> TRUE, saved_readable |-> FALSE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
              /\ UNCHANGED vcpu_new_spte
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN vcpu_new_spte[cpu]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly, vcpu_write,
                   vcpu_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.set_bit"]
              /\ UNCHANGED vcpu_new_spte
         ELSE /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                     [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                      host_writable |-> TRUE, saved_readable |-> FALSE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:224, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
           [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
            saved_readable |-> FALSE]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_write, vcpu_old_spte, vcpu_spte>>

\* kvmspec/faults.py:106, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_spte[cpu]
         THEN /\ spte' = [spte EXCEPT ![vcpu_gfn[cpu]] = vcpu_new_spte[cpu]]
              /\ IF vcpu_new_spte[cpu].writable /\ ~vcpu_spte[cpu].writable
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "mark_page_dirty_in_slot.READ_ONCE"]
                        /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
                   ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<spte, vcpu_gfn, vcpu_write>>
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:81, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable, dirty |-> spte[gfn].writable]]
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<Vcpu_hardware_frame, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ shadow_mmu_pc \in {"idle", "done"}
    /\ ager_pc \in {"idle", "done"}
    /\ dirty_log_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn :
        \/ shadow_mmu_kvm_slot_page_track_add_page(gfn)
        \/ ager_kvm_mmu_notifier_clear_young(gfn)
    \/ shadow_mmu_kvm_slot_page_track_add_page_set_bit
    \/ shadow_mmu_write_protect_gfn_READ_ONCE
    \/ shadow_mmu_flush_at_once
    \/ shadow_mmu_kvm_slot_page_track_add_page_write_unlock
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_xchg
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ ager_age_gfn_range_try_cmpxchg
    \/ dirty_log_log_once
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_unlock
    \/ dirty_log_kvm_mmu_slot_apply_flags_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_write_unlock
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and
    \/ dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
        \/ vcpu_handle_mm_fault(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
