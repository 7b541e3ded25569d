----------------------------- MODULE DirtyLog -----------------------------
\* One page, logged by write protection, as an expert writes it: the model of model.py.
EXTENDS Naturals, FiniteSets, TLC
CONSTANT Vcpus
VARIABLES spte, tlb, vpc, vold, bitmap, unreported, wrote, wlock, rlock, pageDirty, on,
          apc, aold, aged, zpc, zold, zapped, lpc, lold, lmask, lset, gets, enables
hw    == <<spte, tlb>>
fault == <<vpc, vold>>
notes == <<bitmap, unreported, wrote>>
locks == <<wlock, rlock>>
ager  == <<apc, aold, aged>>
zap   == <<zpc, zold, zapped, pageDirty>>
log   == <<lpc, lold, lmask, lset, gets, enables, on>>
vars  == <<hw, fault, notes, locks, ager, zap, log>>

None  == [P |-> FALSE, W |-> FALSE, M |-> FALSE, A |-> FALSE, D |-> FALSE]
All   == [P |-> TRUE, W |-> TRUE, M |-> TRUE, A |-> TRUE, D |-> TRUE]
NoTlb == [v |-> FALSE, w |-> FALSE, d |-> FALSE]
Flushed == [v \in Vcpus |-> NoTlb]
Volatile(s) == s.P /\ (~s.W /\ s.M \/ ~s.A \/ s.W /\ ~s.D)
Now(old) == IF Volatile(old) THEN spte ELSE old
Logged == lpc \in {"ready", "get", "again", "tell"}

Init == /\ spte = None /\ tlb = Flushed /\ vpc = [v \in Vcpus |-> "guest"]
        /\ vold = [v \in Vcpus |-> None]
        /\ bitmap = FALSE /\ unreported = FALSE /\ wrote = FALSE /\ wlock = FALSE /\ rlock = FALSE
        /\ apc = "idle" /\ aold = None /\ aged = 0
        /\ zpc = "idle" /\ zold = None /\ zapped = 0 /\ pageDirty = FALSE
        /\ lpc = "off" /\ lold = None /\ lmask = FALSE /\ lset = FALSE /\ gets = 0 /\ enables = 0
        /\ on = FALSE

\* ---------------------------------------------------------------- a vCPU
Wrote == unreported' = (unreported \/ Logged) /\ wrote' = TRUE
Walk(v) == /\ vpc[v] = "guest" /\ spte.P /\ ~tlb[v].v
           /\ spte' = [spte EXCEPT !.A = TRUE]
           /\ tlb' = [tlb EXCEPT ![v] = [v |-> TRUE, w |-> spte.W, d |-> spte.D]]
           /\ UNCHANGED <<fault, notes, locks, ager, zap, log>>
Hit(v) == /\ vpc[v] = "guest" /\ tlb[v].v /\ tlb[v].w /\ tlb[v].d /\ Wrote
          /\ UNCHANGED <<hw, fault, bitmap, locks, ager, zap, log>>
Assist(v) == /\ vpc[v] = "guest" /\ ~(tlb[v].w /\ tlb[v].d) /\ spte.P /\ spte.W
             /\ spte' = [spte EXCEPT !.A = TRUE, !.D = TRUE]
             /\ tlb' = [tlb EXCEPT ![v] = [v |-> TRUE, w |-> TRUE, d |-> TRUE]]
             /\ Wrote /\ UNCHANGED <<fault, bitmap, locks, ager, zap, log>>
Evict(v) == /\ tlb[v].v /\ tlb' = [tlb EXCEPT ![v] = NoTlb]
            /\ UNCHANGED <<spte, fault, notes, locks, ager, zap, log>>
Map(v) == /\ vpc[v] = "guest" /\ ~spte.P /\ ~wlock
          /\ spte' = All /\ bitmap' = (bitmap \/ on)
          /\ UNCHANGED <<tlb, fault, unreported, wrote, locks, ager, zap, log>>
Fault(v) == /\ vpc[v] = "guest" /\ spte.P /\ ~spte.W /\ spte.M /\ ~tlb[v].w
            /\ vpc' = [vpc EXCEPT ![v] = "exchange"] /\ vold' = [vold EXCEPT ![v] = spte]
            /\ tlb' = [tlb EXCEPT ![v] = NoTlb]
            /\ UNCHANGED <<spte, notes, locks, ager, zap, log>>
Exchange(v) == /\ vpc[v] = "exchange" /\ vold' = [vold EXCEPT ![v] = None]
               /\ IF spte = vold[v]
                  THEN spte' = [spte EXCEPT !.W = TRUE] /\ vpc' = [vpc EXCEPT ![v] = "mark"]
                  ELSE UNCHANGED spte /\ vpc' = [vpc EXCEPT ![v] = "guest"]
               /\ UNCHANGED <<tlb, notes, locks, ager, zap, log>>
Mark(v) == /\ vpc[v] = "mark" /\ vpc' = [vpc EXCEPT ![v] = "guest"] /\ bitmap' = (bitmap \/ on)
           /\ UNCHANGED <<hw, vold, unreported, wrote, locks, ager, zap, log>>

\* --------------------------------------------------------------- the ager
Age == /\ apc = "idle" /\ aged < 2 /\ ~wlock /\ ~rlock /\ spte.P /\ spte.A
       /\ wlock' = TRUE /\ apc' = "write" /\ aold' = spte /\ aged' = aged + 1
       /\ UNCHANGED <<hw, fault, notes, rlock, zap, log>>
AgeWrite == /\ apc = "write" /\ apc' = "unlock" /\ aold' = None
            /\ spte' = [Now(aold) EXCEPT !.A = FALSE]
            /\ UNCHANGED <<tlb, fault, notes, locks, aged, zap, log>>
AgeUnlock == /\ apc = "unlock" /\ apc' = "idle" /\ wlock' = FALSE
             /\ UNCHANGED <<hw, fault, notes, rlock, aold, aged, zap, log>>

\* ------------------------------------------------------------- the zapper
Zap == /\ zpc = "idle" /\ zapped < 1 /\ ~wlock /\ ~rlock /\ spte.P
       /\ wlock' = TRUE /\ zpc' = "write" /\ zold' = spte /\ zapped' = zapped + 1
       /\ UNCHANGED <<hw, fault, notes, rlock, ager, pageDirty, log>>
ZapWrite == /\ zpc = "write" /\ zpc' = "flush" /\ spte' = None /\ zold' = None
            /\ pageDirty' = (pageDirty \/ Now(zold).D)
            /\ UNCHANGED <<tlb, fault, notes, locks, ager, zapped, log>>
ZapFlush == /\ zpc = "flush" /\ zpc' = "idle" /\ wlock' = FALSE /\ tlb' = Flushed
            /\ UNCHANGED <<spte, fault, notes, rlock, ager, zold, zapped, pageDirty, log>>

\* ---------------------------------------------------------- dirty logging
Enable == /\ lpc = "off" /\ enables < 2 /\ ~wlock
          /\ lpc' = "read" /\ enables' = enables + 1 /\ on' = TRUE /\ rlock' = TRUE
          /\ UNCHANGED <<hw, fault, notes, wlock, ager, zap, lold, lmask, lset, gets>>
Read == /\ lpc = "read"
        /\ IF spte.P /\ spte.W THEN lpc' = "protect" /\ lold' = spte /\ UNCHANGED rlock
                               ELSE lpc' = "flush" /\ rlock' = FALSE /\ UNCHANGED lold
        /\ UNCHANGED <<hw, fault, notes, wlock, ager, zap, lmask, lset, gets, enables, on>>
Protect == /\ lpc = "protect" /\ lold' = None
           /\ IF spte = lold
              THEN spte' = [spte EXCEPT !.W = FALSE] /\ lset' = TRUE /\ lpc' = "flush" /\ rlock' = FALSE
              ELSE lpc' = "read" /\ UNCHANGED <<spte, lset, rlock>>
           /\ UNCHANGED <<tlb, fault, notes, wlock, ager, zap, lmask, gets, enables, on>>
Flush == /\ lpc = "flush" /\ lpc' = "ready" /\ lset' = FALSE
         /\ tlb' = IF lset THEN Flushed ELSE tlb
         /\ UNCHANGED <<spte, fault, notes, locks, ager, zap, lold, lmask, gets, enables, on>>
Get == /\ lpc = "ready" /\ gets < 2 /\ lpc' = "get" /\ gets' = gets + 1
       /\ UNCHANGED <<hw, fault, notes, locks, ager, zap, lold, lmask, lset, enables, on>>
GetTake == /\ lpc = "get" /\ ~wlock /\ ~rlock /\ lmask' = bitmap /\ bitmap' = FALSE
           /\ IF bitmap /\ spte.P /\ spte.W
              THEN lpc' = "again" /\ wlock' = TRUE /\ lold' = spte
              ELSE lpc' = "tell" /\ UNCHANGED <<wlock, lold>>
           /\ UNCHANGED <<hw, fault, unreported, wrote, rlock, ager, zap, lset, gets, enables, on>>
GetProtect == /\ lpc = "again" /\ lpc' = "tell" /\ wlock' = FALSE /\ lold' = None
              /\ spte' = [Now(lold) EXCEPT !.W = FALSE]
              /\ UNCHANGED <<tlb, fault, notes, rlock, ager, zap, lmask, lset, gets, enables, on>>
GetFlush == /\ lpc = "tell" /\ lpc' = "ready" /\ lmask' = FALSE
            /\ IF lmask THEN tlb' = Flushed /\ unreported' = FALSE ELSE UNCHANGED <<tlb, unreported>>
            /\ UNCHANGED <<spte, fault, bitmap, wrote, locks, ager, zap, lold, lset, gets, enables, on>>
Disable == /\ lpc = "ready" /\ enables < 2 /\ lpc' = "off"
           /\ on' = FALSE /\ bitmap' = FALSE /\ unreported' = FALSE
           /\ UNCHANGED <<hw, fault, wrote, locks, ager, zap, lold, lmask, lset, gets, enables>>

Next == \/ \E v \in Vcpus : \/ Walk(v) \/ Hit(v) \/ Assist(v) \/ Evict(v)
                            \/ Map(v) \/ Fault(v) \/ Exchange(v) \/ Mark(v)
        \/ Age \/ AgeWrite \/ AgeUnlock \/ Zap \/ ZapWrite \/ ZapFlush
        \/ Enable \/ Read \/ Protect \/ Flush \/ Get \/ GetTake \/ GetProtect \/ GetFlush \/ Disable
----------------------------------------------------------------------------
NoMiss == unreported => bitmap \/ lmask \/ \E v \in Vcpus : vpc[v] = "mark"
MmuWritable == \A v \in Vcpus : tlb[v].w => (spte.P /\ spte.M) \/ zpc = "flush"
PageTagged == (wrote /\ ~spte.P /\ zpc = "idle") => pageDirty
Sym == Permutations(Vcpus)
=============================================================================
