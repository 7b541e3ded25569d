------------------------------ MODULE zap_and_kick_flush_in_steps_wp_6_15 ------------------------------
(***************************************************************************
 A page is unmapped, and vCPUs have to leave the guest for the flush.

   kernel 6.15, method wp, variant flush_in_steps, 1 vCPU, 1 gfn

 "We want to publish modifications to the page tables before reading mode."
 - virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment
   F1 zap_flush_in_steps: writable_in_guest_implies_flushed holds

 "A flush for which vCPUs have to leave the guest comes to its end." - this
 specification: what a scenario is for
   G8 flush_is_waited_for: page_is_gone reached

 "The VCPU thread is outside guest mode" -
 Documentation/virt/kvm/vcpu-requests.rst, VCPU Mode
   P8 mode_says_where_the_vcpu_is: request_is_served_outside holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,                 \* *sptep
    tlb,                  \* TLB
    vcpu_mode,            \* vcpu->mode
    tlb_flush_requested,  \* KVM_REQ_TLB_FLUSH
    fault_slot,           \* fault->slot
    mmu_lock,             \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,    \* host PTE read-only
    zapper,               \* the zapper: its place in the code, and its locals
    vcpu                  \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly>>

\* No step of the zapper changes these.
zapper_frame == <<tlb, fault_slot, host_pte_readonly, vcpu>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                    zapper, vcpu>>

vars == <<shared, zapper, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
VcpuMode == {"IN_GUEST_MODE", "OUTSIDE_GUEST_MODE", "EXITING_GUEST_MODE"}
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ZapperState ==
    [pc: {"idle", "kvm_make_all_cpus_request.WRITE_ONCE", "kvm_kick_many_cpus",
          "kvm_make_all_cpus_request.wait", "kvm_tdp_mmu_write_spte.xchg",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None}]
IdleZapper ==
    [pc |-> "idle",
     gfn |-> None]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "vmentry.vcpu_enter_guest.test_and_clear_bit", "vmentry.kvm_vcpu_flush_tlb_all",
          "vcpu_enter_guest.WRITE_ONCE_1", "kvm_vcpu_exit_request.READ_ONCE_1",
          "vmentry.enter_guest", "vcpu_enter_guest.WRITE_ONCE_2",
          "kvm_vcpu_exit_request.READ_ONCE_2", "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_set_spte_atomic.try_cmpxchg", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "handle_ipi.vcpu_enter_guest.test_and_clear_bit",
          "handle_ipi.kvm_vcpu_flush_tlb_all", "vcpu_enter_guest.WRITE_ONCE_3",
          "kvm_vcpu_exit_request.READ_ONCE_3", "handle_ipi.enter_guest",
          "vcpu_enter_guest.WRITE_ONCE_4", "kvm_vcpu_exit_request.READ_ONCE_4"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     spte: Spte,
     new_spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     spte |-> NoSpte,
     new_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte                \in [Gfn -> Spte]
    /\ tlb                 \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ vcpu_mode           \in [Vcpu -> VcpuMode]
    /\ tlb_flush_requested \in [Vcpu -> BOOLEAN]
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ mmu_lock            \in -1..2
    /\ host_pte_readonly   \in [Gfn -> BOOLEAN]
    /\ zapper              \in ZapperState
    /\ vcpu                \in [Vcpu -> VcpuState]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty)

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation will flush the page from all TLBs.
flush_owed(gfn) ==
    /\ zapper.pc \in {"kvm_make_all_cpus_request.WRITE_ONCE", "kvm_kick_many_cpus",
                      "kvm_make_all_cpus_request.wait", "kvm_tdp_mmu_write_spte.xchg",
                      "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ zapper.gfn = gfn

\* As `writable_implies_flushed`, for CPUs that run guest code right now.
writable_in_guest_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn :
            \/ ~(tlb[cpu][gfn].writable /\ in_guest(cpu))
            \/ spte[gfn].mmu_writable
            \/ flush_owed(gfn)

\* Nothing is mapped, no CPU has anything cached, and whoever saw to that is done.
page_is_gone ==
    /\ ~(\E gfn \in Gfn : spte[gfn].present \/ flush_owed(gfn))
    /\ ~(\E cpu \in Vcpu : \E gfn \in Gfn : tlb[cpu][gfn].writable)

\* A vCPU serves a request to flush while vcpu->mode is OUTSIDE_GUEST_MODE.
request_is_served_outside ==
    [][\A cpu \in Vcpu :
           \/ ~(tlb_flush_requested[cpu] /\ ~tlb_flush_requested'[cpu])
           \/ vcpu_mode[cpu] = "OUTSIDE_GUEST_MODE"
    ]_<<vcpu_mode, tlb_flush_requested>>

\* To reach page_is_gone is to find this false.
Never_page_is_gone == ~page_is_gone

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ vcpu_mode = [v \in Vcpu |-> "IN_GUEST_MODE"]
    /\ tlb_flush_requested = [v \in Vcpu |-> FALSE]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ zapper = IdleZapper
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The zapper: kvm_unmap_gfn_range()

\* Take a page away, and flush before mmu_lock is dropped.
\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper.pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ zapper' = [zapper EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ zapper' = [zapper EXCEPT
                     !.pc = IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                              THEN "kvm_tdp_mmu_write_spte.xchg"
                              ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                     !.gfn = gfn]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
zapper_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ zapper.pc = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_kick_many_cpus"]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, mmu_lock>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
zapper_kvm_kick_many_cpus ==
    /\ zapper.pc = "kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.wait"]
    /\ UNCHANGED <<zapper_frame, spte, tlb_flush_requested, mmu_lock>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the
\* IPI; write_unlock(mmu_lock)
zapper_kvm_make_all_cpus_request_wait ==
    /\ zapper.pc = "kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ mmu_lock' = 0
    /\ zapper' = [IdleZapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.WRITE_ONCE"]
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.WRITE_ONCE"]
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock>>

Zapper ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_kvm_make_all_cpus_request_WRITE_ONCE
    \/ zapper_kvm_kick_many_cpus
    \/ zapper_kvm_make_all_cpus_request_wait
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), handle_ipi()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, mmu_lock, host_pte_readonly, zapper>>

\* Out of the guest for a kick, and back.
\* vcpu_run(), arch/x86/kvm/x86.c: IPI: VM-Exit; vcpu->mode = OUTSIDE_GUEST_MODE
vcpu_handle_ipi(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ fault_slot[cpu] = "NONE"
    /\ vcpu_mode[cpu] = "EXITING_GUEST_MODE"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, mmu_lock, host_pte_readonly, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                               ![cpu].gfn = None]
                   ELSE /\ IF spte[vcpu[cpu].gfn].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu[cpu].gfn] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                                   ![cpu].spte = spte[vcpu[cpu].gfn],
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.writable = TRUE]]
                             ELSE /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
    /\ UNCHANGED <<shared, zapper>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, zapper>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, zapper>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(host PTE
\* read-only)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly,
                   zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* is_shadow_present_pte(old_spte) && is_access_allowed(old_spte, write)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu[cpu].gfn].present /\ is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                     ![cpu].old_spte = spte[vcpu[cpu].gfn]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly,
                   zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vmentry.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, fault_slot, mmu_lock, host_pte_readonly, zapper>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<spte, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<shared, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, mmu_lock, host_pte_readonly,
                   zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          accessed |-> TRUE, dirty |-> TRUE]
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None,
                            ![cpu].old_spte = NoSpte]
    /\ UNCHANGED <<tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly, zapper>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep, spte, new_spte); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ IF vcpu[cpu].new_spte.writable /\ ~vcpu[cpu].spte.writable
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
                   ELSE /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                               ![cpu].gfn = None,
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None]
    /\ UNCHANGED <<shared, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, fault_slot, mmu_lock, host_pte_readonly, zapper>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<spte, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<shared, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, mmu_lock, host_pte_readonly,
                   zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<shared, zapper>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_handle_ipi(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu)
    \/ vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu)
    \/ vcpu_vmentry_enter_guest(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu)
    \/ vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu)
    \/ vcpu_handle_ipi_enter_guest(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(), evict()

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED hardware_frame

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
