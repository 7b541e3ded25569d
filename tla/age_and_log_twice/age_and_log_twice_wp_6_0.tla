------------------------------ MODULE age_and_log_twice_wp_6_0 ------------------------------
(***************************************************************************
 A page is aged once while user space logs twice: a session called off,
 then a real one.

   kernel 6.0, method wp
   1 Vcpu, 1 Gfn

 Left out, since nothing here depends on it:
   page_dirty, page_written, pml_buffer, pml_enabled.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS Vcpu, Gfn, None

VARIABLES
    spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_pc, ager_gfn,
    ager_old_spte, dirty_log_pc, dirty_log_mask, dirty_log_old_spte, vcpu_pc, vcpu_gfn,
    vcpu_old_spte, vcpu_spte

vars == <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_pc,
          ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_mask, dirty_log_old_spte, vcpu_pc,
          vcpu_gfn, vcpu_old_spte, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, accessed: BOOLEAN,
         dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE, accessed |-> FALSE,
           dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte               \in [Gfn -> Spte]
    /\ tlb                \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_logs          \in BOOLEAN
    /\ fault_slot         \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap       \in [Gfn -> BOOLEAN]
    /\ mmu_lock           \in -1..3
    /\ unreported         \in [Gfn -> BOOLEAN]
    /\ ager_pc            \in {"idle", "kvm_tdp_mmu_write_spte.xchg",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ ager_gfn           \in Gfn \cup {None}
    /\ ager_old_spte      \in Spte
    /\ dirty_log_pc       \in {"idle", "kvm_swap_active_memslots.wait",
                               "kvm_mmu_slot_apply_flags.read_lock",
                               "wrprot_gfn_range.READ_ONCE", "kvm_flush_remote_tlbs_1",
                               "disable_dirty_logging.kvm_activate_memslot",
                               "disable_dirty_logging.kvm_swap_active_memslots.wait",
                               "enable_dirty_logging.kvm_activate_memslot",
                               "log_once.kvm_swap_active_memslots.wait",
                               "log_once.kvm_mmu_slot_apply_flags.read_lock",
                               "log_once.wrprot_gfn_range.READ_ONCE", "kvm_flush_remote_tlbs_2",
                               "kvm_get_dirty_log_protect.write_lock",
                               "kvm_get_dirty_log_protect.xchg",
                               "clear_dirty_pt_masked.READ_ONCE",
                               "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs",
                               "copy_to_user", "kvm_tdp_mmu_write_spte.xchg",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                               "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg",
                               "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"}
    /\ dirty_log_mask     \in [Gfn -> BOOLEAN]
    /\ dirty_log_old_spte \in Spte
    /\ vcpu_pc            \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                        "direct_page_fault.read_lock",
                                        "tdp_mmu_map_handle_target_level.READ_ONCE",
                                        "tdp_mmu_map_handle_target_level.set_bit",
                                        "tdp_mmu_set_spte_atomic.try_cmpxchg", "vmentry",
                                        "fast_page_fault.try_cmpxchg",
                                        "mark_page_dirty_in_slot.READ_ONCE",
                                        "mark_page_dirty_in_slot.set_bit"}]
    /\ vcpu_gfn           \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte      \in [Vcpu -> Spte]
    /\ vcpu_spte          \in [Vcpu -> Spte]

\* The SPTE that a write fault installs (spte.c:make_spte); A and D set in advance.
\* kvmspec/spte.py:66
make_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, accessed |-> TRUE,
     dirty |-> TRUE]

\* May a present SPTE change outside mmu_lock (spte.c:spte_has_volatile_bits, v5.19 to 6.14)?
\* kvmspec/spte.py:56
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ ~s.accessed \/ (s.writable /\ ~s.dirty)

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:10
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:9
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:64
relies_on_log ==
    dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
                      "clear_dirty_pt_masked.READ_ONCE",
                      "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs", "copy_to_user",
                      "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}

\* A page is on its way into the dirty bitmap.
\* kvmspec/machine.py:65
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu_pc[cpu] \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu_gfn[cpu] = gfn

\* GET has taken the page out of the bitmap, and will report it.
\* kvmspec/machine.py:66
harvesting(gfn) ==
    /\ dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs", "copy_to_user",
                         "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ dirty_log_mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
\* kvmspec/invariants.py:17
dirty_implies_logged ==
    \A gfn \in Gfn : ~unreported[gfn] \/ dirty_bitmap[gfn] \/ marking(gfn) \/ harvesting(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |-> make_spte]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ ager_pc = "idle"
    /\ ager_gfn = None
    /\ ager_old_spte = NoSpte
    /\ dirty_log_pc = "idle"
    /\ dirty_log_mask = [g \in Gfn |-> FALSE]
    /\ dirty_log_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* Age a page. There is no flush, on purpose: A is a hint.
\* kvmspec/notifiers.py:13, virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present \/ ~spte[gfn].accessed
         THEN /\ ager_pc' = "done"
              /\ UNCHANGED <<mmu_lock, ager_gfn, ager_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ ager_gfn' = gfn
              /\ ager_old_spte' = spte[gfn]
              /\ ager_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte, dirty_log_pc,
                   vcpu_pc>>

\* kvmspec/tdp_iter.py:19, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_xchg ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![ager_gfn] = [ager_old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "done"
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte, dirty_log_pc,
                   vcpu_pc>>

\* kvmspec/tdp_iter.py:21, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![ager_gfn] = [ager_old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "done"
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, dirty_log_mask,
                   dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte, dirty_log_pc,
                   vcpu_pc>>

\* A session that ends before it begins, as when a migration is called off; then a real one.
\* kvmspec/dirty_log.py:57, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log_twice ==
    /\ dirty_log_pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, unreported, ager_gfn, ager_old_spte,
                   dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:59, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.read_lock"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:27, arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags
dirty_log_kvm_mmu_slot_apply_flags_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_apply_flags.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_pc' = "kvm_flush_remote_tlbs_1"
              /\ UNCHANGED <<mmu_lock, dirty_log_old_spte>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/tdp_mmu.py:85, arch/x86/kvm/mmu/tdp_mmu.c:wrprot_gfn_range
dirty_log_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log_pc = "wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_flush_remote_tlbs_1"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/dirty_log.py:34, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_flush_remote_tlbs_1 ==
    /\ dirty_log_pc = "kvm_flush_remote_tlbs_1"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' = "disable_dirty_logging.kvm_activate_memslot"
    /\ UNCHANGED <<spte, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:57, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_disable_dirty_logging_kvm_activate_memslot ==
    /\ dirty_log_pc = "disable_dirty_logging.kvm_activate_memslot"
    /\ slot_logs' = FALSE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "disable_dirty_logging.kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, unreported, ager_gfn, ager_old_spte,
                   dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:59, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_disable_dirty_logging_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "disable_dirty_logging.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "LOGGED"
    /\ dirty_log_pc' = "enable_dirty_logging.kvm_activate_memslot"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:57, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_enable_dirty_logging_kvm_activate_memslot ==
    /\ dirty_log_pc = "enable_dirty_logging.kvm_activate_memslot"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "log_once.kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, unreported, ager_gfn, ager_old_spte,
                   dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:59, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log_once_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "log_once.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "log_once.kvm_mmu_slot_apply_flags.read_lock"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:27, arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags
dirty_log_log_once_kvm_mmu_slot_apply_flags_read_lock ==
    /\ dirty_log_pc = "log_once.kvm_mmu_slot_apply_flags.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_pc' = "kvm_flush_remote_tlbs_2"
              /\ UNCHANGED <<mmu_lock, dirty_log_old_spte>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/tdp_mmu.py:85, arch/x86/kvm/mmu/tdp_mmu.c:wrprot_gfn_range
dirty_log_log_once_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log_pc = "log_once.wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_flush_remote_tlbs_2"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/dirty_log.py:34, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_flush_remote_tlbs_2 ==
    /\ dirty_log_pc = "kvm_flush_remote_tlbs_2"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<spte, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:95, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ IF \E gfn \in Gfn : dirty_bitmap[gfn]
         THEN /\ mmu_lock' = -1
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.xchg"
         ELSE /\ dirty_log_pc' = "copy_to_user"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:99, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_xchg ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.xchg"
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_mask' = dirty_bitmap
    /\ IF dirty_bitmap[0]
         THEN /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE"
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, unreported, ager_gfn, ager_old_spte,
                   dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/tdp_mmu.py:107, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = 0
              /\ dirty_log_pc' = "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/dirty_log.py:104, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_get_dirty_log_protect_kvm_flush_remote_tlbs ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' = "copy_to_user"
    /\ UNCHANGED <<spte, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, vcpu_pc>>

\* kvmspec/dirty_log.py:105, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_copy_to_user ==
    /\ dirty_log_pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log_mask[gfn]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, ager_gfn,
                   ager_old_spte, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   ager_pc, vcpu_pc>>

\* kvmspec/tdp_iter.py:19, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_xchg ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs"
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/tdp_iter.py:21, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.kvm_flush_remote_tlbs"
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/tdp_mmu.py:48, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
dirty_log_log_once_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log_pc = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF spte[0] = dirty_log_old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_flush_remote_tlbs_2"
         ELSE /\ dirty_log_pc' = "log_once.wrprot_gfn_range.READ_ONCE"
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* kvmspec/tdp_mmu.py:48, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF spte[0] = dirty_log_old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_flush_remote_tlbs_1"
         ELSE /\ dirty_log_pc' = "wrprot_gfn_range.READ_ONCE"
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, vcpu_gfn, vcpu_old_spte, vcpu_spte, ager_pc,
                   vcpu_pc>>

\* A write fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:90, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~(spte[gfn].present /\ spte[gfn].writable)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_old_spte, vcpu_spte,
                   ager_pc, dirty_log_pc>>

\* kvmspec/faults.py:73, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte>>
         ELSE /\ IF spte[vcpu_gfn[cpu]].writable
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
                        /\ UNCHANGED vcpu_spte
                   ELSE /\ IF ~spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "direct_page_fault.read_lock"]
                                  /\ UNCHANGED vcpu_spte
                             ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                         spte[vcpu_gfn[cpu]]]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "fast_page_fault.try_cmpxchg"]
                        /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_old_spte,
                   ager_pc, dirty_log_pc>>

\* kvmspec/faults.py:92, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_spte,
                   ager_pc, dirty_log_pc>>

\* kvmspec/tdp_mmu.py:126, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF fault_slot[cpu] = "LOGGED"
             THEN "tdp_mmu_map_handle_target_level.set_bit"
             ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, ager_pc, dirty_log_pc>>

\* kvmspec/tdp_mmu.py:127, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc>>

\* kvmspec/tdp_mmu.py:48, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN make_spte
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_spte, ager_pc,
                   dirty_log_pc>>

\* kvmspec/faults.py:94, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_vmentry(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc>>

\* kvmspec/faults.py:80, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_spte[cpu]
         THEN /\ spte' =
                     [spte EXCEPT ![vcpu_gfn[cpu]] = [vcpu_spte[cpu] EXCEPT !.writable = TRUE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.READ_ONCE"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED spte
    /\ UNCHANGED <<tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   ager_pc, dirty_log_pc>>

\* kvmspec/faults.py:62, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported,
                   ager_gfn, ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc>>

\* kvmspec/faults.py:63, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_old_spte, vcpu_spte,
                   ager_pc, dirty_log_pc>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:15, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ spte[gfn].present
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> spte[gfn].writable /\ spte[gfn].dirty]]
    /\ UNCHANGED <<slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc, vcpu_pc>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:25, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ spte[gfn].present
    /\ spte[gfn].writable
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc, vcpu_pc>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:40, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc, vcpu_pc>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:49, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<spte, slot_logs, fault_slot, dirty_bitmap, mmu_lock, unreported, ager_gfn,
                   ager_old_spte, dirty_log_mask, dirty_log_old_spte, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, ager_pc, dirty_log_pc, vcpu_pc>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ ager_pc \in {"idle", "done"}
    /\ dirty_log_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_kvm_tdp_mmu_write_spte_xchg
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_log_twice
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_slot_apply_flags_read_lock
    \/ dirty_log_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_flush_remote_tlbs_1
    \/ dirty_log_disable_dirty_logging_kvm_activate_memslot
    \/ dirty_log_disable_dirty_logging_kvm_swap_active_memslots_wait
    \/ dirty_log_enable_dirty_logging_kvm_activate_memslot
    \/ dirty_log_log_once_kvm_swap_active_memslots_wait
    \/ dirty_log_log_once_kvm_mmu_slot_apply_flags_read_lock
    \/ dirty_log_log_once_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_flush_remote_tlbs_2
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_flush_remote_tlbs
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_log_once_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_vmentry(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
