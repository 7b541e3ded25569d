------------------------------ MODULE Several ------------------------------
(***************************************************************************
 Several modules, for one run of TLC. Each behaviour is one of the module that
 `which` names; variables that only others have stay 0.
 ***************************************************************************)
CONSTANTS vcpu0, None

VARIABLES
    which, ager_gfn, ager_old_spte, ager_pc, fault_slot, host_pte_readonly, mmu_lock, spte, tlb,
    vcpu_gfn, vcpu_new_spte, vcpu_old_spte, vcpu_pc, vcpu_spte

M1 == INSTANCE age_wp_6_4

Init1 ==
    /\ which = "age_wp_6_4"
    /\ M1!Init

Next1 ==
    /\ which = "age_wp_6_4"
    /\ M1!Next
    /\ UNCHANGED <<which>>

Holds1 ==
    which = "age_wp_6_4" =>
        /\ M1!TypeOK
        /\ M1!writable_implies_flushed_w

M2 == INSTANCE age_wp_6_15

Init2 ==
    /\ which = "age_wp_6_15"
    /\ M2!Init
    /\ ager_old_spte = 0

Next2 ==
    /\ which = "age_wp_6_15"
    /\ M2!Next
    /\ UNCHANGED <<which, ager_old_spte>>

Holds2 ==
    which = "age_wp_6_15" =>
        /\ M2!TypeOK
        /\ M2!writable_implies_flushed_w
        /\ M2!writable_implies_flushed

Init ==
    \/ Init1
    \/ Init2

Next ==
    \/ Next1
    \/ Next2

=============================================================================
