------------------------------ MODULE values ------------------------------
(***************************************************************************
 Caches are filled.

   2 CPU, 1 page

 "What a CPU has cached belongs to it." - none
   V1 owners: owners_are_known violated
   V1 owners: ages_are_small holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    cpu0,  \* a CPU
    cpu1,  \* a CPU
    None   \* no value

Cpu == {cpu0, cpu1}
Page == {0}

VARIABLES
    pte,    \* pte
    cache,  \* cache
    last,   \* last
    zones,  \* zones
    level,  \* level
    cpu,    \* each CPU: its place in the code, and its locals
    zoner   \* the zoner: its place in the code, and its locals

\* The state that all share.
shared == <<pte, cache, last, zones, level>>

\* No step of a CPU changes these.
cpu_frame == <<zones, level, zoner>>

\* No step of the zoner changes these.
zoner_frame == <<pte, cache, last, cpu>>

\* No step of the hardware of the CPU changes these.
hardware_frame == <<pte, zones, level, cpu, zoner>>

vars == <<shared, cpu, zoner>>

Pte == [present: BOOLEAN, writable: BOOLEAN, dirty: BOOLEAN]
NoPte == [present |-> FALSE, writable |-> TRUE, dirty |-> FALSE]
Level == {"LOW", "MID", "HIGH"}
Entry == [pte: Pte, level: Level, owner: Cpu \cup {None}, age: -1..1]
NoEntry == [pte |-> [present |-> TRUE, writable |-> TRUE, dirty |-> FALSE], level |-> "MID",
            owner |-> None, age |-> -1]
Zone == {"DMA", "NORMAL"}
LevelOrder == [LOW |-> 0, MID |-> 1, HIGH |-> 2]
CpuState ==
    [pc: {"idle", "fill.READ_ONCE_1", "fill.READ_ONCE_2", "fill.WRITE_ONCE", "fill.try_cmpxchg",
          "fill.xchg", "fill.atomic_fetch_and", "done"},
     page: Page \cup {None},
     old: Pte,
     entry: Entry,
     level: Level,
     was: Entry]
IdleCpu ==
    [pc |-> "idle",
     page |-> None,
     old |-> NoPte,
     entry |-> NoEntry,
     level |-> "LOW",
     was |-> NoEntry]
ZonerState ==
    [pc: {"idle", "raise_level.READ_ONCE", "raise_level.WRITE_ONCE", "done"},
     zone: Zone,
     level: Level,
     zones: SUBSET Zone]
IdleZoner ==
    [pc |-> "idle",
     zone |-> "DMA",
     level |-> "LOW",
     zones |-> {}]

ASSUME cpu0 # cpu1
ASSUME None \notin Cpu
ASSUME None \notin Page

TypeOK ==
    /\ pte   \in [Page -> Pte]
    /\ cache \in [Cpu -> [Page -> Entry]]
    /\ last  \in Cpu \cup {None}
    /\ zones \in SUBSET Zone
    /\ level \in Level
    /\ cpu   \in [Cpu -> CpuState]
    /\ zoner \in ZonerState

\* Is it above a level, or old and dirty?
newer(entry, l) ==
    \/ LevelOrder[entry.level] > LevelOrder[l]
    \/ entry.age < 0 /\ entry.pte.dirty /\ entry.pte.writable /\ ~entry.pte.present

\* What a CPU has cached belongs to it, or to nobody.
owners_are_known ==
    \A c \in Cpu : \A page \in Page : cache[c][page].owner = None \/ cache[c][page].owner = c

ages_are_small ==
    \A c \in Cpu :
        \A page \in Page :
            cache[c][page].age <= 1 /\ (level \in {"LOW", "MID", "HIGH"} \/ "DMA" \in zones)

-----------------------------------------------------------------------------

Init ==
    /\ \E some \in BOOLEAN :
           /\ pte = [page \in Page |-> [present |-> FALSE, writable |-> TRUE, dirty |-> some]]
           /\ cache = [c \in Cpu |->
                          [page \in Page |->
                              [pte |-> NoPte, level |-> "MID", owner |-> None, age |-> -1]]]
           /\ last = None
           /\ zones = {"NORMAL"}
           /\ level = IF some THEN "LOW" ELSE "HIGH"
    /\ cpu = [c \in Cpu |-> IdleCpu]
    /\ zoner = IdleZoner

-----------------------------------------------------------------------------
\* Each CPU: fill()

\* Fill a cache with what is mapped, or with what was there if that is newer.
\* fill(), mm/cache.c: atomic_fetch_or(pte, MASK)
cpu_fill(c, page) ==
    /\ cpu[c].pc = "idle"
    /\ pte' =
           [pte EXCEPT
               ![page] = [present |-> TRUE, writable |-> pte[page].writable, dirty |-> TRUE]]
    /\ cpu' = [cpu EXCEPT ![c].pc = "fill.READ_ONCE_1", ![c].page = page, ![c].old = pte[page]]
    /\ UNCHANGED <<cpu_frame, cache, last>>

\* fill(), mm/cache.c: READ_ONCE(cache)
cpu_fill_READ_ONCE_1(c) ==
    /\ cpu[c].pc = "fill.READ_ONCE_1"
    /\ cpu' = [cpu EXCEPT ![c].pc = "fill.READ_ONCE_2", ![c].entry = cache[c][cpu[c].page]]
    /\ UNCHANGED <<shared, zoner>>

\* fill(), mm/cache.c: READ_ONCE(level); newer(entry, level)
cpu_fill_READ_ONCE_2(c) ==
    /\ cpu[c].pc = "fill.READ_ONCE_2"
    /\ IF newer(cpu[c].entry, level)
         THEN /\ cpu' = [cpu EXCEPT ![c].pc = "fill.WRITE_ONCE",
                                    ![c].old = NoPte,
                                    ![c].entry = NoEntry]
         ELSE /\ cpu' = [cpu EXCEPT ![c].pc = "fill.try_cmpxchg", ![c].level = level]
    /\ UNCHANGED <<shared, zoner>>

\* fill(), mm/cache.c: WRITE_ONCE(cache, cpu)
cpu_fill_WRITE_ONCE(c) ==
    /\ cpu[c].pc = "fill.WRITE_ONCE"
    /\ cache' = [cache EXCEPT ![c][cpu[c].page].owner = c]
    /\ cpu' = [cpu EXCEPT ![c] = [IdleCpu EXCEPT !.pc = "done"]]
    /\ UNCHANGED <<cpu_frame, pte, last>>

\* fill(), mm/cache.c: try_cmpxchg(last, NULL, cpu); !ok && last != cpu
cpu_fill_try_cmpxchg(c) ==
    /\ cpu[c].pc = "fill.try_cmpxchg"
    /\ IF last # None /\ last # c
         THEN /\ cpu' = [cpu EXCEPT ![c].pc = "fill.xchg",
                                    ![c].entry = [cpu[c].entry EXCEPT
                                                     !.owner = last,
                                                     !.age = IF cpu[c].entry.age > 0
                                                               THEN cpu[c].entry.age
                                                               ELSE -cpu[c].entry.age]]
              /\ UNCHANGED last
         ELSE /\ last' = IF last = None THEN c ELSE last
              /\ cpu' = [cpu EXCEPT ![c].pc = "fill.xchg"]
    /\ UNCHANGED <<cpu_frame, pte, cache>>

\* fill(), mm/cache.c: xchg(cache, new); was == new || was.pte & MASK
cpu_fill_xchg(c) ==
    /\ cpu[c].pc = "fill.xchg"
    /\ cache' =
           [cache EXCEPT
               ![c][cpu[c].page] = [cpu[c].entry EXCEPT
                                       !.pte.writable = \/ cpu[c].old.writable
                                                        \/ cpu[c].entry.pte.writable,
                                       !.level = cpu[c].level]]
    /\ IF \/ cache[c][cpu[c].page]
               = [cpu[c].entry EXCEPT
                     !.pte.writable = cpu[c].old.writable \/ cpu[c].entry.pte.writable,
                     !.level = cpu[c].level]
          \/ cache[c][cpu[c].page].pte.present
          \/ cache[c][cpu[c].page].pte.dirty
         THEN /\ cpu' = [cpu EXCEPT ![c].pc = "fill.atomic_fetch_and",
                                    ![c].old = NoPte,
                                    ![c].entry = NoEntry,
                                    ![c].level = "LOW",
                                    ![c].was = cache[c][cpu[c].page]]
         ELSE /\ cpu' = [cpu EXCEPT ![c] = [IdleCpu EXCEPT !.pc = "done"]]
    /\ UNCHANGED <<cpu_frame, pte, last>>

\* fill(), mm/cache.c: atomic_fetch_and(pte, was.pte)
cpu_fill_atomic_fetch_and(c) ==
    /\ cpu[c].pc = "fill.atomic_fetch_and"
    /\ pte' =
           [pte EXCEPT
               ![cpu[c].page] = [present |-> pte[cpu[c].page].present /\ cpu[c].was.pte.present,
                                 writable |-> /\ pte[cpu[c].page].writable
                                              /\ cpu[c].was.pte.writable,
                                 dirty |-> pte[cpu[c].page].dirty /\ cpu[c].was.pte.dirty]]
    /\ cpu' = [cpu EXCEPT ![c] = [IdleCpu EXCEPT !.pc = "done"]]
    /\ UNCHANGED <<cpu_frame, cache, last>>

CpuTask(c) ==
    \/ \E page \in Page : cpu_fill(c, page)
    \/ cpu_fill_READ_ONCE_1(c)
    \/ cpu_fill_READ_ONCE_2(c)
    \/ cpu_fill_WRITE_ONCE(c)
    \/ cpu_fill_try_cmpxchg(c)
    \/ cpu_fill_xchg(c)
    \/ cpu_fill_atomic_fetch_and(c)

-----------------------------------------------------------------------------
\* The zoner: raise_level()

\* raise_level(), mm/cache.c: WRITE_ONCE(level, level)
zoner_raise_level(zone) ==
    /\ zoner.pc = "idle"
    /\ \E l \in Level :
           /\ level' = l
           /\ zoner' = [zoner EXCEPT !.pc = "raise_level.READ_ONCE", !.zone = zone, !.level = l]
           /\ UNCHANGED <<zoner_frame, zones>>

\* raise_level(), mm/cache.c: READ_ONCE(zones)
zoner_raise_level_READ_ONCE ==
    /\ zoner.pc = "raise_level.READ_ONCE"
    /\ zoner' = [zoner EXCEPT !.pc = "raise_level.WRITE_ONCE", !.zones = zones]
    /\ UNCHANGED <<shared, cpu>>

\* raise_level(), mm/cache.c: WRITE_ONCE(zones, level == HIGH ? both - zones : both &
\* Set({zone}))
zoner_raise_level_WRITE_ONCE ==
    /\ zoner.pc = "raise_level.WRITE_ONCE"
    /\ zones' =
           IF zoner.level = "HIGH"
             THEN {z \in Zone : z \in zoner.zones \/ z = zoner.zone} \ zoner.zones
             ELSE {z \in Zone : z \in zoner.zones \/ z = zoner.zone} \cap {zoner.zone}
    /\ zoner' = [IdleZoner EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zoner_frame, level>>

Zoner ==
    \/ \E zone \in Zone : zoner_raise_level(zone)
    \/ zoner_raise_level_READ_ONCE
    \/ zoner_raise_level_WRITE_ONCE

-----------------------------------------------------------------------------
\* What the hardware of each CPU does: forget()

\* forget(): the cache forgets
forget(c, page) ==
    /\ cache[c][page].owner # None
    /\ level = "MID"
    /\ cache' = [cache EXCEPT ![c] = [p \in Page |-> IF p = page THEN NoEntry ELSE cache[c][p]]]
    /\ last' = None
    /\ UNCHANGED hardware_frame

Hardware(c) ==
    \/ \E page \in Page : forget(c, page)

-----------------------------------------------------------------------------

Next ==
    \/ \E c \in Cpu : CpuTask(c) \/ Hardware(c)
    \/ Zoner

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
