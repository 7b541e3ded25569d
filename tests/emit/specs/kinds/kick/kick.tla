------------------------------ MODULE kick ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 Cpu

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1, None

Cpu == {cpu0, cpu1}

VARIABLES
    requested, stale, first, lock, flusher_pc, flusher_cpu, vcpu_pc

vars == <<requested, stale, first, lock, flusher_pc, flusher_cpu, vcpu_pc>>

\* No step of flusher changes these.
flusher_frame == <<stale, first, vcpu_pc>>

\* No step of vcpu changes these.
vcpu_frame == <<first, lock, flusher_pc, flusher_cpu>>

\* No step of Cpu_hardware changes these.
Cpu_hardware_frame == <<requested, first, lock, flusher_pc, flusher_cpu, vcpu_pc>>


TypeOK ==
    /\ requested   \in [Cpu -> BOOLEAN]
    /\ stale       \in [Cpu -> BOOLEAN]
    /\ first       \in Cpu
    /\ lock        \in -1..3
    /\ flusher_pc  \in {"idle", "flush.set_bit", "flush.wait"}
    /\ flusher_cpu \in Cpu \cup {None}
    /\ vcpu_pc     \in [Cpu -> {"idle", "enter.clear_bit"}]

\* Somebody flushes this CPU's TLB.
\* kinds.py:51
flushing(cpu) ==
    flusher_pc \in {"flush.set_bit", "flush.wait"} /\ flusher_cpu = cpu

\* Who is asked to flush is waited for.
\* kinds.py:92
requested_is_waited_for ==
    \A cpu \in Cpu : ~requested[cpu] \/ flushing(cpu)

\* A request is over only when nothing is stale any more.
\* kinds.py:108
done_when_clean ==
    [][\A cpu \in Cpu : ~(requested[cpu] /\ ~requested'[cpu]) \/ ~stale'[cpu]
    ]_<<requested, stale>>

\* Somebody sees to this CPU, and to no other.
\* kinds.py:86
is_flushed(cpu) ==
    flushing(cpu) /\ ~(\E c \in Cpu : c # cpu /\ flushing(c))

\* The first CPU's flush ends before that of another begins.
\* kinds.py:116
one_at_a_time ==
    [][\/ ~is_flushed(first)
       \/ flushing(first)' /\ ~(\E c \in Cpu : c # first /\ flushing(c)')
       \/ ~(\E cpu \in Cpu : is_flushed(cpu)')
    ]_<<[cpu \in Cpu |-> flushing(cpu)]>>

\* All CPUs have something stale.
\* kinds.py:126
all_stale ==
    \A cpu \in Cpu : stale[cpu]

\* Two CPUs are asked at the same time.
\* kinds.py:132
two_requests ==
    \E a \in Cpu : \E b \in Cpu : a # b /\ requested[a] /\ requested[b]

\* To reach all_stale is to find this false.
Never_all_stale == ~all_stale

\* To reach two_requests is to find this false.
Never_two_requests == ~two_requests

-----------------------------------------------------------------------------

Init ==
    /\ \E result \in Cpu :
           /\ requested = [c \in Cpu |-> FALSE]
           /\ stale = [c \in Cpu |-> FALSE]
           /\ first = result
           /\ lock = 0
           /\ flusher_pc = "idle"
           /\ flusher_cpu = None
           /\ vcpu_pc = [c \in Cpu |-> "idle"]

\* Ask a CPU to flush, and wait until it has done so.
\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush(cpu) ==
    /\ flusher_pc = "idle"
    /\ lock = 0
    /\ IF ~stale[cpu]
         THEN /\ flusher_pc' = "idle"
              /\ UNCHANGED <<lock, flusher_cpu>>
         ELSE /\ lock' = -1
              /\ flusher_cpu' = cpu
              /\ flusher_pc' = "flush.set_bit"
    /\ UNCHANGED <<flusher_frame, requested>>

\* kinds.py:74, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_set_bit ==
    /\ flusher_pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher_cpu] = TRUE]
    /\ flusher_pc' = "flush.wait"
    /\ UNCHANGED <<flusher_frame, lock, flusher_cpu>>

\* kinds.py:75, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_wait ==
    /\ flusher_pc = "flush.wait"
    /\ ~requested[flusher_cpu]
    /\ lock' = 0
    /\ flusher_cpu' = None
    /\ flusher_pc' = "idle"
    /\ UNCHANGED <<flusher_frame, requested>>

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
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
