------------------------------ MODULE shadow_over_mmio_wp_6_4 ------------------------------
(***************************************************************************
 A page turns out to be a page table where an SPTE is still MMIO.

   kernel 6.4, method wp
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, freed, guest_mode,
   guest_only_reads, host_page_is_huge, host_pte_readonly, memory,
   page_dirty, page_locked, page_written, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_logs,
   slot_missing, slots_generation, slots_update_in_progress, store_buffer,
   table, tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache.

 Left out, since no word here has it:
   Spte.large, Spte.removed, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, fault_slot, write_tracked, mmu_lock, shadow_mmu_pc, shadow_mmu_gfn,
    shadow_mmu_old_spte, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_new_spte, vcpu_spte

vars == <<spte, tlb, fault_slot, write_tracked, mmu_lock, shadow_mmu_pc, shadow_mmu_gfn,
          shadow_mmu_old_spte, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of shadow_mmu changes these.
shadow_mmu_frame == <<fault_slot, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, write_tracked, shadow_mmu_pc, shadow_mmu_gfn, shadow_mmu_old_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<fault_slot, write_tracked, mmu_lock, shadow_mmu_pc, shadow_mmu_gfn,
                         shadow_mmu_old_spte, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_new_spte,
                         vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, mmio: BOOLEAN, mmio_generation: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> FALSE,
           mmio_generation |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte                \in [Gfn -> Spte]
    /\ tlb                 \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ write_tracked       \in [Gfn -> BOOLEAN]
    /\ mmu_lock            \in -1..2
    /\ shadow_mmu_pc       \in {"idle", "kvm_slot_page_track_add_page.set_bit",
                                "write_protect_gfn.READ_ONCE", "flush_at_once",
                                "kvm_slot_page_track_add_page.write_unlock",
                                "kvm_tdp_mmu_write_spte.xchg",
                                "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ shadow_mmu_gfn      \in Gfn \cup {None}
    /\ shadow_mmu_old_spte \in Spte
    /\ vcpu_pc             \in [Vcpu -> {"idle", "handle_mmio_page_fault.READ_ONCE",
                                         "check_mmio_spte", "enter_guest_1",
                                         "kvm_mmu_page_fault.read_lock",
                                         "kvm_mmu_page_fault.READ_ONCE",
                                         "tdp_mmu_set_spte_atomic.try_cmpxchg", "enter_guest_2",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                         "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_3"}]
    /\ vcpu_gfn            \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte       \in [Vcpu -> Spte]
    /\ vcpu_new_spte       \in [Vcpu -> Spte]
    /\ vcpu_spte           \in [Vcpu -> Spte]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty) \/ ~s.accessed

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
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does it say that there is no memory, but a device?
\* kvmspec/spte.py:63
is_mmio_spte(s) ==
    [present |-> FALSE, writable |-> s.writable, mmu_writable |-> FALSE,
     host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> s.mmio,
     mmio_generation |-> FALSE]
      = [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
         accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
\* kvmspec/spte.py:157
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, mmio |-> FALSE, mmio_generation |-> FALSE]

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

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
                  [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE,
                   host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE,
                   mmio_generation |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ write_tracked = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ shadow_mmu_pc = "idle"
    /\ shadow_mmu_gfn = None
    /\ shadow_mmu_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
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

\* A fault on MMIO, or on memory where there was none before.
\* kvmspec/mmio.py:44, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_mmio_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/mmio.py:30, arch/x86/kvm/mmu/mmu.c:handle_mmio_page_fault
vcpu_handle_mmio_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mmio_page_fault.READ_ONCE"
    /\ IF is_mmio_spte(spte[vcpu_gfn[cpu]])
         THEN /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "check_mmio_spte"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_page_fault.read_lock"]
              /\ UNCHANGED vcpu_spte
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte,
                   vcpu_new_spte>>

\* kvmspec/mmio.py:33, arch/x86/kvm/mmu/mmu.c:check_mmio_spte
vcpu_check_mmio_spte(cpu) ==
    /\ vcpu_pc[cpu] = "check_mmio_spte"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF vcpu_spte[cpu].mmio_generation
         THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_1"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_page_fault.read_lock"]
              /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_old_spte, vcpu_new_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_enter_guest_1(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest_1"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/mmio.py:49, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF fault_slot[cpu] = "NO_SLOT"
             THEN "kvm_mmu_page_fault.READ_ONCE"
             ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, vcpu_gfn, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/mmio.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_page_fault.READ_ONCE"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_new_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [present |-> FALSE, writable |-> TRUE,
                                          mmu_writable |-> FALSE, host_writable |-> FALSE,
                                          accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE,
                                          mmio_generation |-> TRUE]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_2"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_enter_guest_2(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest_2"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = make_spte(spte[vcpu_gfn[cpu]])]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF spte[vcpu_gfn[cpu]].writable
             THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
             ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_spte>>

\* kvmspec/tdp_mmu.py:220, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu_gfn[cpu]]
         THEN /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                     [vcpu_new_spte[cpu] EXCEPT
                         !.writable = FALSE,
                         !.mmu_writable = FALSE,
                         !.dirty = FALSE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
              /\ UNCHANGED vcpu_new_spte
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN vcpu_new_spte[cpu]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_2"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, vcpu_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ shadow_mmu_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : shadow_mmu_kvm_slot_page_track_add_page(gfn)
    \/ shadow_mmu_kvm_slot_page_track_add_page_set_bit
    \/ shadow_mmu_write_protect_gfn_READ_ONCE
    \/ shadow_mmu_flush_at_once
    \/ shadow_mmu_kvm_slot_page_track_add_page_write_unlock
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_xchg
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_kvm_mmu_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_handle_mmio_page_fault_READ_ONCE(cpu)
        \/ vcpu_check_mmio_spte(cpu)
        \/ vcpu_enter_guest_1(cpu)
        \/ vcpu_kvm_mmu_page_fault_read_lock(cpu)
        \/ vcpu_kvm_mmu_page_fault_READ_ONCE(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_enter_guest_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
