------------------------------ MODULE kick_lock_by_lock ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 Cpu

 Left out, since nothing here depends on it:
   first.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1, None

Cpu == {cpu0, cpu1}

VARIABLES
    requested, stale, lock, flusher_pc, flusher_cpu, vcpu_pc

vars == <<requested, stale, lock, flusher_pc, flusher_cpu, vcpu_pc>>

\* No step of vcpu changes these.
vcpu_frame == <<lock, flusher_pc, flusher_cpu>>

\* No step of Cpu_hardware changes these.
Cpu_hardware_frame == <<requested, lock, flusher_pc, flusher_cpu, vcpu_pc>>


TypeOK ==
    /\ requested   \in [Cpu -> BOOLEAN]
    /\ stale       \in [Cpu -> BOOLEAN]
    /\ lock        \in -1..3
    /\ flusher_pc  \in {"idle", "flush.test_bit", "flush.write_unlock_1", "flush.set_bit",
                        "flush.wait", "flush.write_unlock_2"}
    /\ flusher_cpu \in Cpu \cup {None}
    /\ vcpu_pc     \in [Cpu -> {"idle", "enter.clear_bit"}]

\* A CPU is asked to flush only by who holds the lock.
\* kinds.py:98
asked_under_the_lock ==
    [][\A cpu \in Cpu : ~(requested'[cpu] /\ ~requested[cpu]) \/ (lock = -1 /\ lock' = -1)
    ]_<<requested, lock>>

-----------------------------------------------------------------------------

Init ==
    /\ requested = [c \in Cpu |-> FALSE]
    /\ stale = [c \in Cpu |-> FALSE]
    /\ lock = 0
    /\ flusher_pc = "idle"
    /\ flusher_cpu = None
    /\ vcpu_pc = [c \in Cpu |-> "idle"]

\* Ask a CPU to flush, and wait until it has done so.
\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush(cpu) ==
    /\ flusher_pc = "idle"
    /\ lock = 0
    /\ lock' = -1
    /\ flusher_cpu' = cpu
    /\ flusher_pc' = "flush.test_bit"
    /\ UNCHANGED <<requested, stale, vcpu_pc>>

\* kinds.py:71, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_test_bit ==
    /\ flusher_pc = "flush.test_bit"
    /\ IF ~stale[flusher_cpu]
         THEN /\ flusher_cpu' = None
              /\ flusher_pc' = "flush.write_unlock_1"
         ELSE /\ flusher_pc' = "flush.set_bit"
              /\ UNCHANGED flusher_cpu
    /\ UNCHANGED <<requested, stale, lock, vcpu_pc>>

\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_write_unlock_1 ==
    /\ flusher_pc = "flush.write_unlock_1"
    /\ lock' = 0
    /\ flusher_pc' = "idle"
    /\ UNCHANGED <<requested, stale, flusher_cpu, vcpu_pc>>

\* kinds.py:74, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_set_bit ==
    /\ flusher_pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher_cpu] = TRUE]
    /\ flusher_pc' = "flush.wait"
    /\ UNCHANGED <<stale, lock, flusher_cpu, vcpu_pc>>

\* kinds.py:75, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_wait ==
    /\ flusher_pc = "flush.wait"
    /\ ~requested[flusher_cpu]
    /\ flusher_cpu' = None
    /\ flusher_pc' = "flush.write_unlock_2"
    /\ UNCHANGED <<requested, stale, lock, vcpu_pc>>

\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_write_unlock_2 ==
    /\ flusher_pc = "flush.write_unlock_2"
    /\ lock' = 0
    /\ flusher_pc' = "idle"
    /\ UNCHANGED <<requested, stale, flusher_cpu, vcpu_pc>>

\* Do what is requested.
\* kinds.py:81, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_enter(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ requested' = [requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = IF requested[cpu] THEN "enter.clear_bit" ELSE "idle"]
    /\ UNCHANGED <<vcpu_frame, stale>>

\* kinds.py:82, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_enter_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "enter.clear_bit"
    /\ stale' = [stale EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, requested>>

\* It does so only once.
\* kinds.py:61
fill(cpu) ==
    /\ ~stale[cpu]
    /\ ~requested[cpu]
    /\ stale' = [stale EXCEPT ![cpu] = TRUE]
    /\ UNCHANGED Cpu_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ flusher_pc \in {"idle"}
    /\ \A self \in Cpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E cpu \in Cpu :
        \/ flusher_flush(cpu)
        \/ vcpu_enter(cpu)
        \/ vcpu_enter_clear_bit(cpu)
        \/ fill(cpu)
    \/ flusher_flush_test_bit
    \/ flusher_flush_write_unlock_1
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait
    \/ flusher_flush_write_unlock_2
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
