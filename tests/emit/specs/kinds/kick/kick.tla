------------------------------ MODULE kick ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 CPU

 "Each kind of property." - this file
   K1 kinds: requested_is_waited_for holds
   K1 kinds: done_when_clean violated
   K1 kinds: one_at_a_time holds
   K1 kinds: all_stale reached
   K1 kinds: two_requests unreached

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    cpu0,  \* a CPU
    cpu1,  \* a CPU
    None   \* no value

Cpu == {cpu0, cpu1}

VARIABLES
    requested,  \* requested
    stale,      \* stale
    first,      \* first
    lock,       \* lock: 0 free, -1 held for write, else held for read by so many
    flusher,    \* the flusher: its place in the code, and its locals
    vcpu_pc     \* each CPU: its place in the code

\* The state that all share.
shared == <<requested, stale, first, lock>>

\* No step of the flusher changes these.
flusher_frame == <<stale, first, vcpu_pc>>

\* No step of a CPU changes these.
vcpu_frame == <<first, lock, flusher>>

\* No step of the hardware of the CPU changes these.
hardware_frame == <<requested, first, lock, flusher, vcpu_pc>>

vars == <<shared, flusher, vcpu_pc>>

FlusherState ==
    [pc: {"idle", "flush.set_bit", "flush.wait"},
     cpu: Cpu \cup {None}]
IdleFlusher ==
    [pc |-> "idle",
     cpu |-> None]

ASSUME cpu0 # cpu1
ASSUME None \notin Cpu

TypeOK ==
    /\ requested \in [Cpu -> BOOLEAN]
    /\ stale     \in [Cpu -> BOOLEAN]
    /\ first     \in Cpu
    /\ lock      \in -1..3
    /\ flusher   \in FlusherState
    /\ vcpu_pc   \in [Cpu -> {"idle", "enter.clear_bit"}]

\* Somebody flushes this CPU's TLB.
flushing(cpu) ==
    flusher.pc \in {"flush.set_bit", "flush.wait"} /\ flusher.cpu = cpu

\* Who is asked to flush is waited for.
requested_is_waited_for ==
    \A cpu \in Cpu : ~requested[cpu] \/ flushing(cpu)

\* A request is over only when nothing is stale any more.
done_when_clean ==
    [][\A cpu \in Cpu : ~(requested[cpu] /\ ~requested'[cpu]) \/ ~stale'[cpu]
    ]_<<requested, stale>>

\* Somebody sees to this CPU, and to no other.
is_flushed(cpu) ==
    flushing(cpu) /\ ~(\E c \in Cpu : c # cpu /\ flushing(c))

\* The first CPU's flush ends before that of another begins.
one_at_a_time ==
    [][\/ ~is_flushed(first)
       \/ flushing(first)' /\ ~(\E c \in Cpu : c # first /\ flushing(c)')
       \/ ~(\E cpu \in Cpu : is_flushed(cpu)')
    ]_<<[cpu \in Cpu |-> flushing(cpu)]>>

\* All CPUs have something stale.
all_stale ==
    \A cpu \in Cpu : stale[cpu]

\* Two CPUs are asked at the same time.
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
           /\ vcpu_pc = [c \in Cpu |-> "idle"]
    /\ flusher = IdleFlusher

-----------------------------------------------------------------------------
\* The flusher: flush()

\* Ask a CPU to flush, and wait until it has done so.
\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_lock(lock); test_bit(stale)
flusher_flush(cpu) ==
    /\ flusher.pc = "idle"
    /\ lock = 0
    /\ stale[cpu]
    /\ lock' = -1
    /\ flusher' = [flusher EXCEPT !.pc = "flush.set_bit", !.cpu = cpu]
    /\ UNCHANGED <<flusher_frame, requested>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: set_bit(requested)
flusher_flush_set_bit ==
    /\ flusher.pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher.cpu] = TRUE]
    /\ flusher' = [flusher EXCEPT !.pc = "flush.wait"]
    /\ UNCHANGED <<flusher_frame, lock>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: wait_until(!(m.requested[cpu]));
\* write_unlock(lock)
flusher_flush_wait ==
    /\ flusher.pc = "flush.wait"
    /\ ~requested[flusher.cpu]
    /\ lock' = 0
    /\ flusher' = IdleFlusher
    /\ UNCHANGED <<flusher_frame, requested>>

Flusher ==
    \/ \E cpu \in Cpu : flusher_flush(cpu)
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait

-----------------------------------------------------------------------------
\* Each CPU: enter()

\* Do what is requested.
\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(requested)
vcpu_enter(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ requested' = [requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF requested[cpu] THEN "enter.clear_bit" ELSE vcpu_pc[cpu]]
    /\ UNCHANGED <<vcpu_frame, stale>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: clear_bit(stale)
vcpu_enter_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "enter.clear_bit"
    /\ stale' = [stale EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, requested>>

Vcpu(cpu) ==
    \/ vcpu_enter(cpu)
    \/ vcpu_enter_clear_bit(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each CPU does: fill()

\* It does so only once.
\* fill(): the CPU caches something
fill(cpu) ==
    /\ ~stale[cpu]
    /\ ~requested[cpu]
    /\ stale' = [stale EXCEPT ![cpu] = TRUE]
    /\ UNCHANGED hardware_frame

Hardware(cpu) ==
    \/ fill(cpu)

-----------------------------------------------------------------------------

Next ==
    \/ Flusher
    \/ \E cpu \in Cpu : Vcpu(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
