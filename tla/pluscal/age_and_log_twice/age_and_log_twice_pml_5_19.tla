------------------------------ MODULE age_and_log_twice_pml_5_19 ------------------------------
(***************************************************************************
 A page is aged once while user space logs twice: a session called off,
 then a real one.

   kernel 5.19, method pml
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, eager_page_split, freed, guest_mode, guest_only_reads,
   host_page_is_huge, memory, page_dirty, page_locked, page_written,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_missing,
   slots_generation, slots_update_in_progress, store_buffer, table,
   tlb_flush_requested, unlinked, unlinked_twice, upper, vcpu_mode,
   walk_cache, write_tracked.

 Generated from the spec by `kvmtla gen --pluscal`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None, AGER, DIRTY_LOG, VCPU_HARDWARE

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty) \/ ~s.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

READ_ONCE(place) == place

(* --algorithm age_and_log_twice_pml_5_19
{
variables
    spte = [gfn \in Gfn |->
               [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]];
    tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]];
    pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]];
    pml_enabled = FALSE;
    slot_logs = FALSE;
    fault_slot = [v \in Vcpu |-> "NONE"];
    dirty_bitmap = [g \in Gfn |-> FALSE];
    mmu_lock = 0;
    host_pte_readonly = [g \in Gfn |-> FALSE];
    unreported = [g \in Gfn |-> FALSE];

define {
    \* Does the vCPU run guest code?
    in_guest(cpu) ==
        fault_slot[cpu] = "NONE"

    \* Is there anything in the vCPU's PML buffer?
    has_logged(cpu) ==
        \E gfn \in Gfn : pml_buffer[cpu][gfn]

    \* User space takes each page that the dirty log does not name for clean.
    relies_on_log ==
        pc[DIRTY_LOG] \in {"kvm_get_dirty_log_protect_write_lock",
                           "kvm_get_dirty_log_protect_xchg", "clear_dirty_pt_masked_READ_ONCE",
                           "kvm_get_dirty_log_protect_flush_at_once", "copy_to_user",
                           "dirty_log_kvm_tdp_mmu_write_spte_xchg",
                           "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit",
                           "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit_2",
                           "dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE"}
}

macro WRITE_ONCE(place, value) { place := value; }
macro xchg(place, new) { place := new; }
macro try_cmpxchg(place, old, new) { if (place = old) place := new; }
macro set_bit(bit) { bit := TRUE; }
macro read_lock(lock) { await lock >= 0; lock := lock + 1; }
macro read_unlock(lock) { lock := lock - 1; }
macro write_unlock(lock) { lock := 0; }

macro kvm_flush_remote_tlbs() {
    tlb := [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]];
}

macro vmx_flush_pml_buffer() {
    await in_guest(self) /\ has_logged(self);
    if (pml_buffer[self][0]) {
        if (slot_logs) {
            dirty_bitmap[0] := TRUE;
        };
        pml_buffer[self][0] := FALSE;
    };
}

\* ager: kvm_mmu_notifier_clear_young()
process (ager = AGER)
variables
    ager_gfn = None;
    ager_old_spte = NoSpte;
{
kvm_mmu_notifier_clear_young:
    \* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
    \* virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young
    with (gfn \in Gfn) {
        ager_gfn := gfn;
    };
    \* write_lock(mmu_lock)
    await mmu_lock = 0;
    ager_old_spte := READ_ONCE(spte[ager_gfn]);
    if (ager_old_spte.present /\ ager_old_spte.accessed) {
        mmu_lock := -1;
        if (kvm_tdp_mmu_spte_need_atomic_write(ager_old_spte)) {
        ager_kvm_tdp_mmu_write_spte_xchg:
            \* arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
            xchg(spte[ager_gfn], [ager_old_spte EXCEPT !.accessed = FALSE]);
            write_unlock(mmu_lock);
            ager_gfn := None || ager_old_spte := NoSpte;
        } else {
        ager_kvm_tdp_mmu_write_spte_WRITE_ONCE:
            WRITE_ONCE(spte[ager_gfn], [ager_old_spte EXCEPT !.accessed = FALSE]);
            write_unlock(mmu_lock);
            ager_gfn := None || ager_old_spte := NoSpte;
        };
    };
}

\* dirty log: log_twice()
process (dirty_log = DIRTY_LOG)
variables
    mask = [g \in Gfn |-> FALSE];
    flush = FALSE;
    dirty_log_old_spte = NoSpte;
    old_spte_2 = NoSpte;
    result = FALSE;
    ok = FALSE;
{
log_twice:
    \* A session that ends before it begins, as when a migration is called off; then a real one.
    \* virt/kvm/kvm_main.c:kvm_swap_active_memslots
    \* rcu_assign_pointer(kvm->memslots, slots)
    slot_logs := TRUE;
    dirty_bitmap := [gfn \in Gfn |-> FALSE];

kvm_swap_active_memslots_wait:
    await \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN";

kvm_mmu_update_cpu_dirty_logging:
    \* arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
    \* kvm_make_all_cpus_request()
    pml_enabled := TRUE;
    pml_buffer := [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]];

kvm_mmu_slot_leaf_clear_dirty_read_lock:
    \* arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty
    \* read_lock(mmu_lock)
    await mmu_lock >= 0;
    dirty_log_old_spte := READ_ONCE(spte[0]);
    if (dirty_log_old_spte.present /\ dirty_log_old_spte.dirty) {
        mmu_lock := mmu_lock + 1;

    dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg:
        \* arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
        \* try_cmpxchg(spte[0], old_spte, old_spte & ~dbit)
        if (spte[0] = dirty_log_old_spte) {
            spte[0] := [dirty_log_old_spte EXCEPT !.dirty = FALSE];
            ok := TRUE;
            dirty_log_old_spte := NoSpte;

        kvm_set_pfn_dirty_set_bit_2:
            \* virt/kvm/kvm_main.c:kvm_set_pfn_dirty
            read_unlock(mmu_lock);
            result := TRUE;
            ok := FALSE;

        flush_at_once_1:
            \* virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
            kvm_flush_remote_tlbs();
            result := FALSE;
        } else {
            dirty_log_old_spte := NoSpte;

        clear_dirty_gfn_range_READ_ONCE:
            \* arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
            dirty_log_old_spte := READ_ONCE(spte[0]);
            if (~dirty_log_old_spte.present \/ ~dirty_log_old_spte.dirty) {
                read_unlock(mmu_lock);
            } else {
                goto dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg;
            };
        };
    };

disable_dirty_logging_kvm_activate_memslot:
    \* virt/kvm/kvm_main.c:kvm_swap_active_memslots
    \* rcu_assign_pointer(kvm->memslots, slots)
    slot_logs := FALSE;
    dirty_bitmap := [gfn \in Gfn |-> FALSE];

disable_dirty_logging_kvm_swap_active_memslots_wait:
    await \A cpu \in Vcpu : fault_slot[cpu] # "LOGGED";

disable_dirty_logging_kvm_mmu_update_cpu_dirty_logging:
    \* arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
    \* kvm_make_all_cpus_request()
    pml_enabled := FALSE;
    pml_buffer := [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]];

enable_dirty_logging_kvm_activate_memslot:
    \* virt/kvm/kvm_main.c:kvm_swap_active_memslots
    \* rcu_assign_pointer(kvm->memslots, slots)
    slot_logs := TRUE;
    dirty_bitmap := [gfn \in Gfn |-> FALSE];

log_once_kvm_swap_active_memslots_wait:
    await \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN";

log_once_kvm_mmu_update_cpu_dirty_logging:
    \* arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
    \* kvm_make_all_cpus_request()
    pml_enabled := TRUE;
    pml_buffer := [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]];

log_once_kvm_mmu_slot_leaf_clear_dirty_read_lock:
    \* arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty
    read_lock(mmu_lock);
    dirty_log_old_spte := READ_ONCE(spte[0]);
    if (~dirty_log_old_spte.present \/ ~dirty_log_old_spte.dirty) {
        result := FALSE;

    kvm_mmu_slot_leaf_clear_dirty_read_unlock:
        read_unlock(mmu_lock);
        mask := [gfn \in Gfn |-> FALSE];
    } else {
    log_once_tdp_mmu_set_spte_atomic_try_cmpxchg:
        \* arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
        \* try_cmpxchg(spte[0], old_spte, old_spte & ~dbit)
        if (spte[0] = dirty_log_old_spte) {
            spte[0] := [dirty_log_old_spte EXCEPT !.dirty = FALSE];
            ok := TRUE;
            dirty_log_old_spte := NoSpte;

        kvm_set_pfn_dirty_set_bit_1:
            \* virt/kvm/kvm_main.c:kvm_set_pfn_dirty
            read_unlock(mmu_lock);
            result := TRUE;
            ok := FALSE;

        flush_at_once_2:
            \* virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
            kvm_flush_remote_tlbs();
            mask := [gfn \in Gfn |-> FALSE];
            result := FALSE;
        } else {
            dirty_log_old_spte := NoSpte;

        log_once_clear_dirty_gfn_range_READ_ONCE:
            \* arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
            dirty_log_old_spte := READ_ONCE(spte[0]);
            if (~dirty_log_old_spte.present \/ ~dirty_log_old_spte.dirty) {
                result := FALSE;

            kvm_mmu_slot_leaf_clear_dirty_read_unlock_2:
                \* arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty
                read_unlock(mmu_lock);
                mask := [gfn \in Gfn |-> FALSE];
            } else {
                goto log_once_tdp_mmu_set_spte_atomic_try_cmpxchg;
            };
        };
    };

kvm_get_dirty_log_protect_write_lock:
    while (TRUE) {
        \* virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
        \* write_lock(mmu_lock)
        await mmu_lock = 0;
        if (\E gfn \in Gfn : READ_ONCE(dirty_bitmap)[gfn]) {
            mmu_lock := -1;

        kvm_get_dirty_log_protect_xchg:
            mask := dirty_bitmap;
            xchg(dirty_bitmap, [gfn \in Gfn |-> FALSE]);
            if (mask[0]) {
            clear_dirty_pt_masked_READ_ONCE:
                \* arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
                dirty_log_old_spte := READ_ONCE(spte[0]);
                if (~dirty_log_old_spte.present \/ ~dirty_log_old_spte.dirty) {
                    write_unlock(mmu_lock);
                    flush := TRUE;
                } else if (kvm_tdp_mmu_spte_need_atomic_write(dirty_log_old_spte)) {
                dirty_log_kvm_tdp_mmu_write_spte_xchg:
                    \* arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
                    \* xchg(spte[0], old_spte & ~dbit)
                    if (spte[0].present /\ spte[0].dirty) {
                        spte[0] := [dirty_log_old_spte EXCEPT !.dirty = FALSE];
                        dirty_log_old_spte := NoSpte;

                    tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit:
                        \* virt/kvm/kvm_main.c:kvm_set_pfn_dirty
                        write_unlock(mmu_lock);
                        flush := TRUE;
                    } else {
                        spte[0] := [dirty_log_old_spte EXCEPT !.dirty = FALSE];
                        write_unlock(mmu_lock);
                        flush := TRUE;
                        dirty_log_old_spte := NoSpte;
                    };
                } else {
                    old_spte_2 := dirty_log_old_spte;

                dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE:
                    \* arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
                    WRITE_ONCE(spte[0], [dirty_log_old_spte EXCEPT !.dirty = FALSE]);
                    dirty_log_old_spte := NoSpte || old_spte_2 := NoSpte;

                tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit_2:
                    \* virt/kvm/kvm_main.c:kvm_set_pfn_dirty
                    write_unlock(mmu_lock);
                    flush := TRUE;
                };
            } else {
                write_unlock(mmu_lock);
                flush := TRUE;
            };

        kvm_get_dirty_log_protect_flush_at_once:
            \* virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
            kvm_flush_remote_tlbs();
        } else {
            flush := FALSE;
        };

    copy_to_user:
        \* virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
        \* copy_to_user(): user space knows, and will copy the pages named
        unreported := [gfn \in Gfn |-> unreported[gfn] /\ ~mask[gfn]];
        mask := [gfn \in Gfn |-> FALSE];
        flush := FALSE;
    };
}

\* vCPU: direct_page_fault(), vmx_handle_exit()
process (vcpu \in Vcpu)
variables
    vcpu_gfn = None;
    vcpu_old_spte = NoSpte;
    vcpu_spte = NoSpte;
    new_spte = NoSpte;
{
idle:
    while (TRUE) {
        either {
            \* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
            \* arch/x86/kvm/mmu/mmu.c:direct_page_fault
            with (gfn \in Gfn) {
                \* fault: VM-Exit, the CPU drops its translation
                await in_guest(self) /\ ~translates(spte[gfn], TRUE);
                await ~tlb[self][gfn].writable;
                fault_slot[self] := IF slot_logs THEN "LOGGED" ELSE "PLAIN";
                vcpu_gfn := gfn;
            };

        fast_page_fault_READ_ONCE:
            \* arch/x86/kvm/mmu/mmu.c:fast_page_fault
            vcpu_spte := READ_ONCE(spte[vcpu_gfn]);
            if (~vcpu_spte.present \/ (~is_access_allowed(vcpu_spte, TRUE) /\
                (~vcpu_spte.mmu_writable \/
                ~is_access_allowed([vcpu_spte EXCEPT !.writable = TRUE], TRUE)))) {
            kvm_faultin_pfn_READ_ONCE:
                \* arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
                if (READ_ONCE(host_pte_readonly[vcpu_gfn])) {
                handle_mm_fault:
                    \* the host faults the page in for write: page_mkwrite()
                    host_pte_readonly[vcpu_gfn] := FALSE;
                };

            direct_page_fault_read_lock:
                \* arch/x86/kvm/mmu/mmu.c:direct_page_fault
                \* read_lock(mmu_lock)
                await mmu_lock >= 0;
                if (~READ_ONCE(host_pte_readonly[vcpu_gfn])) {
                    mmu_lock := mmu_lock + 1;

                tdp_mmu_map_handle_target_level_READ_ONCE_1:
                    \* arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
                    vcpu_old_spte := READ_ONCE(spte[vcpu_gfn]);

                tdp_mmu_map_handle_target_level_READ_ONCE_2:
                    if (READ_ONCE(fault_slot[self]) = "LOGGED") {
                    tdp_mmu_map_handle_target_level_set_bit:
                        set_bit(dirty_bitmap[vcpu_gfn]);
                    };

                vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg:
                    \* arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
                    try_cmpxchg(spte[vcpu_gfn], vcpu_old_spte, make_spte(vcpu_old_spte));
                    read_unlock(mmu_lock);
                    vcpu_gfn := None || vcpu_old_spte := NoSpte;
                } else {
                    vcpu_gfn := None;
                };
            } else if (is_access_allowed(vcpu_spte, TRUE)) {
                vcpu_gfn := None;
            } else {
                new_spte := [vcpu_spte EXCEPT !.writable = TRUE];

            fast_page_fault_try_cmpxchg:
                \* arch/x86/kvm/mmu/mmu.c:fast_page_fault
                \* try_cmpxchg(spte[vcpu_gfn], spte, new_spte)
                if (spte[vcpu_gfn] = vcpu_spte) {
                    spte[vcpu_gfn] := new_spte;
                    if (new_spte.writable /\ ~vcpu_spte.writable) {
                        vcpu_spte := NoSpte || new_spte := NoSpte;

                    mark_page_dirty_in_slot_READ_ONCE:
                        \* virt/kvm/kvm_main.c:mark_page_dirty_in_slot
                        if (READ_ONCE(fault_slot[self]) = "LOGGED") {
                        mark_page_dirty_in_slot_set_bit:
                            set_bit(dirty_bitmap[vcpu_gfn]);
                            vcpu_gfn := None;
                        } else {
                            vcpu_gfn := None;
                        };
                    } else {
                        vcpu_gfn := None || vcpu_spte := NoSpte || new_spte := NoSpte;
                    };
                } else {
                    vcpu_spte := NoSpte || new_spte := NoSpte;
                    goto fast_page_fault_READ_ONCE;
                };
            };

        enter_guest:
            \* arch/x86/kvm/mmu/mmu.c:direct_page_fault
            \* VM-Entry
            fault_slot[self] := "NONE";
        } or {
            \* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
            \* arch/x86/kvm/vmx/vmx.c:vmx_flush_pml_buffer
            vmx_flush_pml_buffer();
        };
    };
}

\* Hardware: any of this, at any moment.
process (Vcpu_hardware = VCPU_HARDWARE)
{
Vcpu_hardware_acts:
    while (TRUE) {
        either {
            \* A translation is cached, with W and D as the SPTE has them; A is set first.
            \* SDM vol. 3, 29.3.2 and 29.3.5
            with (cpu \in Vcpu; gfn \in Gfn) {
                await in_guest(cpu) /\ translates(spte[gfn], FALSE);
                await ~tlb[cpu][gfn].writable;
                tlb[cpu][gfn] := [writable |-> spte[gfn].writable,
                                  dirty |-> need_not_set_dirty(spte[gfn])];
                spte[gfn].accessed := TRUE;
            };
        } or {
            \* A write whose translation is not cached dirty: A and D are set in one locked
            \* access.
            \* SDM vol. 3, 29.3.5 and 29.3.6
            with (cpu \in Vcpu; gfn \in Gfn) {
                await in_guest(cpu) /\ translates(spte[gfn], TRUE);
                await ~tlb[cpu][gfn].dirty;
                if (pml_enabled /\ ~spte[gfn].dirty) {
                    pml_buffer[cpu][gfn] := TRUE;
                };
                spte[gfn].accessed := TRUE || spte[gfn].dirty := TRUE;
                tlb[cpu][gfn] := [writable |-> TRUE, dirty |-> TRUE];
            };
        } or {
            \* A write whose translation is cached writable and dirty touches no SPTE, and logs
            \* nothing.
            \* SDM vol. 3, 29.3.5
            with (cpu \in Vcpu; gfn \in Gfn) {
                await in_guest(cpu) /\ tlb[cpu][gfn].writable /\ tlb[cpu][gfn].dirty;
                if (relies_on_log) {
                    unreported[gfn] := TRUE;
                };
            };
        } or {
            \* A TLB entry may go at any time.
            \* SDM vol. 3, 29.4.2
            with (cpu \in Vcpu; gfn \in Gfn) {
                await tlb[cpu][gfn].writable;
                tlb[cpu][gfn] := NoTlbEntry;
            };
        };
    }
}

} *)
\* BEGIN TRANSLATION
\* END TRANSLATION

TypeOK ==
    /\ spte \in [Gfn -> Spte]
    /\ tlb \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled \in BOOLEAN
    /\ slot_logs \in BOOLEAN
    /\ fault_slot \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap \in [Gfn -> BOOLEAN]
    /\ mmu_lock \in -1..3
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ unreported \in [Gfn -> BOOLEAN]
    /\ pc[AGER] \in {"kvm_mmu_notifier_clear_young", "ager_kvm_tdp_mmu_write_spte_xchg",
                     "ager_kvm_tdp_mmu_write_spte_WRITE_ONCE", "Done"}
    /\ ager_gfn \in Gfn \cup {None}
    /\ ager_old_spte \in Spte
    /\ pc[DIRTY_LOG] \in {"log_twice", "kvm_swap_active_memslots_wait",
                          "kvm_mmu_update_cpu_dirty_logging",
                          "kvm_mmu_slot_leaf_clear_dirty_read_lock",
                          "clear_dirty_gfn_range_READ_ONCE", "flush_at_once_1",
                          "disable_dirty_logging_kvm_activate_memslot",
                          "disable_dirty_logging_kvm_swap_active_memslots_wait",
                          "disable_dirty_logging_kvm_mmu_update_cpu_dirty_logging",
                          "enable_dirty_logging_kvm_activate_memslot",
                          "log_once_kvm_swap_active_memslots_wait",
                          "log_once_kvm_mmu_update_cpu_dirty_logging",
                          "log_once_kvm_mmu_slot_leaf_clear_dirty_read_lock",
                          "log_once_clear_dirty_gfn_range_READ_ONCE",
                          "kvm_mmu_slot_leaf_clear_dirty_read_unlock",
                          "kvm_mmu_slot_leaf_clear_dirty_read_unlock_2", "flush_at_once_2",
                          "kvm_get_dirty_log_protect_write_lock",
                          "kvm_get_dirty_log_protect_xchg", "clear_dirty_pt_masked_READ_ONCE",
                          "kvm_get_dirty_log_protect_flush_at_once", "copy_to_user",
                          "dirty_log_kvm_tdp_mmu_write_spte_xchg",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit_2",
                          "dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE",
                          "log_once_tdp_mmu_set_spte_atomic_try_cmpxchg",
                          "kvm_set_pfn_dirty_set_bit_1",
                          "dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg",
                          "kvm_set_pfn_dirty_set_bit_2", "Done"}
    /\ mask \in [Gfn -> BOOLEAN]
    /\ flush \in BOOLEAN
    /\ dirty_log_old_spte \in Spte
    /\ old_spte_2 \in Spte
    /\ result \in BOOLEAN
    /\ ok \in BOOLEAN
    /\ \A self \in Vcpu : pc[self] \in {"idle", "fast_page_fault_READ_ONCE",
                                        "kvm_faultin_pfn_READ_ONCE", "handle_mm_fault",
                                        "direct_page_fault_read_lock",
                                        "tdp_mmu_map_handle_target_level_READ_ONCE_1",
                                        "tdp_mmu_map_handle_target_level_READ_ONCE_2",
                                        "tdp_mmu_map_handle_target_level_set_bit",
                                        "vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg",
                                        "enter_guest", "fast_page_fault_try_cmpxchg",
                                        "mark_page_dirty_in_slot_READ_ONCE",
                                        "mark_page_dirty_in_slot_set_bit"}
    /\ vcpu_gfn \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte \in [Vcpu -> Spte]
    /\ vcpu_spte \in [Vcpu -> Spte]
    /\ new_spte \in [Vcpu -> Spte]

\* A page is on its way into the dirty bitmap.
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ pc[cpu] \in {"mark_page_dirty_in_slot_READ_ONCE", "mark_page_dirty_in_slot_set_bit"}
        /\ vcpu_gfn[cpu] = gfn

\* The page was taken out of the bitmap, and will be reported.
harvesting(gfn) ==
    /\ pc[DIRTY_LOG] \in {"kvm_get_dirty_log_protect_write_lock",
                          "kvm_get_dirty_log_protect_xchg", "clear_dirty_pt_masked_READ_ONCE",
                          "kvm_get_dirty_log_protect_flush_at_once", "copy_to_user",
                          "dirty_log_kvm_tdp_mmu_write_spte_xchg",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit_2",
                          "dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE"}
    /\ mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
dirty_implies_logged ==
    \A gfn \in Gfn :
        \/ ~unreported[gfn]
        \/ dirty_bitmap[gfn]
        \/ \E cpu \in Vcpu : pml_buffer[cpu][gfn]
        \/ marking(gfn)
        \/ harvesting(gfn)

\* A running operation will flush the page from all TLBs.
flush_owed(gfn) ==
    \/ /\ pc[DIRTY_LOG] \in {"flush_at_once_1", "kvm_mmu_slot_leaf_clear_dirty_read_unlock",
                             "kvm_mmu_slot_leaf_clear_dirty_read_unlock_2", "flush_at_once_2"}
       /\ result
    \/ pc[DIRTY_LOG] \in {"kvm_get_dirty_log_protect_xchg", "clear_dirty_pt_masked_READ_ONCE",
                          "dirty_log_kvm_tdp_mmu_write_spte_xchg",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit",
                          "tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit_2",
                          "dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE"}
    \/ pc[DIRTY_LOG] \in {"kvm_get_dirty_log_protect_flush_at_once", "copy_to_user"} /\ flush

\* A page that a CPU has a translation of counts as accessed, or a flush is on its way.
used_implies_accessed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].accessed \/ flush_owed(gfn)

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ pc[AGER] \in {"kvm_mmu_notifier_clear_young", "Done"}
    /\ pc[DIRTY_LOG] \in {"log_twice", "Done"}
    /\ \A self \in Vcpu : pc[self] \in {"idle"}
    /\ UNCHANGED vars

QuietSpec == Init /\ [][Next \/ Quiescent]_vars

=============================================================================
