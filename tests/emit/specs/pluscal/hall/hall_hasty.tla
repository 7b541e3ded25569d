------------------------------ MODULE hall_hasty ------------------------------
(***************************************************************************
 Two CPUs go through two gates ( * ) while somebody empties the hall.

   way hasty
   2 Cpu, 2 Gate

 Generated from the spec by `kvmtla gen --pluscal`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1, GUARD, GATE_HARDWARE

Cpu == {cpu0, cpu1}
Gate == {0, 1}


READ_ONCE(place) == place

(* --algorithm hall_hasty
{
variables
    lock = 0;
    taken = [gate \in Gate |-> FALSE];
    inside = {};
    count = 0;

define {
    \* Somebody is between a gate and the hall.
    entering(gate) ==
        \/ \E cpu \in Cpu : pc[cpu] \in {"go_WRITE_ONCE_1", "enter_1"} /\ 1 = gate
        \/ \E cpu \in Cpu : pc[cpu] \in {"go_WRITE_ONCE_2", "enter_2"} /\ 0 = gate

    \* Two are inside.
    crowd ==
        \E a \in Cpu : \E b \in Cpu : a # b /\ a \in inside /\ b \in inside
}

macro WRITE_ONCE(place, value) { place := value; }

macro enter() {
    if (\E a \in Cpu : \E b \in Cpu : a # b /\ a \in inside \cup {self} /\
        b \in inside \cup {self}) {
        count := count + 1;
    };
    inside := inside \cup {self};
}

\* CPU: go()
process (visitor \in Cpu)
{
go:
    \* Through the first gate that is free.
    \* hall.c:go
    if (READ_ONCE(taken[0])) {
    go_READ_ONCE:
        if (~READ_ONCE(taken[1])) {
        go_WRITE_ONCE_1:
            WRITE_ONCE(taken[1], TRUE);

        enter_1:
            \* hall.c:enter
            enter();
        };
    } else {
    go_WRITE_ONCE_2:
        \* hall.c:go
        WRITE_ONCE(taken[0], TRUE);

    enter_2:
        \* hall.c:enter
        enter();
    };
}

\* guard: watch()
process (guard = GUARD)
variables
    left = 2;
{
watch:
    while (TRUE) {
        \* Empties the hall once somebody is there.
        \* hall.c:watch
        await left > 0;
        await \E cpu \in Cpu : cpu \in inside;

    watch_read_lock:
        \* read_lock(lock)
        await lock >= 0;
        WRITE_ONCE(inside, {});
        left := left - 1;
    };
}

\* Hardware: any of this, at any moment.
process (Gate_hardware = GATE_HARDWARE)
{
Gate_hardware_acts:
    while (TRUE) {
        with (gate \in Gate) {
            await taken[gate] /\ ~entering(gate) /\ ~crowd;
            taken[gate] := FALSE;
        };
    }
}

} *)
\* BEGIN TRANSLATION
\* END TRANSLATION

TypeOK ==
    /\ lock \in -1..3
    /\ taken \in [Gate -> BOOLEAN]
    /\ inside \in SUBSET Cpu
    /\ count \in 0..3
    /\ \A self \in Cpu : pc[self] \in {"go", "go_READ_ONCE", "go_WRITE_ONCE_1", "enter_1",
                                       "go_WRITE_ONCE_2", "enter_2", "Done"}
    /\ pc[GUARD] \in {"watch", "watch_read_lock", "Done"}
    /\ left \in 0..2

\* No more than one crowd was ever counted.
few_at_once ==
    count < 2

\* Whoever goes through a gate has taken it.
gates_are_taken ==
    \A gate \in Gate : taken[gate] \/ ~entering(gate)

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ \A self \in Cpu : pc[self] \in {"go", "Done"}
    /\ pc[GUARD] \in {"watch", "Done"}
    /\ UNCHANGED vars

QuietSpec == Init /\ [][Next \/ Quiescent]_vars

Symmetry == Permutations(Cpu)

=============================================================================
