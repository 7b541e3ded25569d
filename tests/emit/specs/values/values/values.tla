------------------------------ MODULE values ------------------------------
(***************************************************************************
 Caches are filled.

   2 Cpu, 1 Page

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1, None

Cpu == {cpu0, cpu1}
Page == {0}

VARIABLES
    pte, cache, last, zones, level, cpu_pc, cpu_page, cpu_old, cpu_entry, cpu_level, cpu_was,
    zoner_pc, zoner_zone, zoner_level, zoner_zones

vars == <<pte, cache, last, zones, level, cpu_pc, cpu_page, cpu_old, cpu_entry, cpu_level,
          cpu_was, zoner_pc, zoner_zone, zoner_level, zoner_zones>>

\* No step of cpu changes these.
cpu_frame == <<zones, level, zoner_pc, zoner_zone, zoner_level, zoner_zones>>

\* No step of zoner changes these.
zoner_frame == <<pte, cache, last, cpu_pc, cpu_page, cpu_old, cpu_entry, cpu_level, cpu_was>>

\* No step of Cpu_hardware changes these.
Cpu_hardware_frame == <<pte, zones, level, cpu_pc, cpu_page, cpu_old, cpu_entry, cpu_level,
                        cpu_was, zoner_pc, zoner_zone, zoner_level, zoner_zones>>

Pte == [present: BOOLEAN, writable: BOOLEAN, dirty: BOOLEAN]
NoPte == [present |-> FALSE, writable |-> TRUE, dirty |-> FALSE]
Level == {"LOW", "MID", "HIGH"}
Entry == [pte: Pte, level: Level, owner: Cpu \cup {None}, age: -1..1]
NoEntry == [pte |-> [present |-> TRUE, writable |-> TRUE, dirty |-> FALSE], level |-> "MID",
            owner |-> None, age |-> -1]
Zone == {"DMA", "NORMAL"}
LevelOrder == [LOW |-> 0, MID |-> 1, HIGH |-> 2]

TypeOK ==
    /\ pte         \in [Page -> Pte]
    /\ cache       \in [Cpu -> [Page -> Entry]]
    /\ last        \in Cpu \cup {None}
    /\ zones       \in SUBSET Zone
    /\ level       \in Level
    /\ cpu_pc      \in [Cpu -> {"idle", "fill.READ_ONCE_1", "fill.READ_ONCE_2",
                                "fill.WRITE_ONCE", "fill.try_cmpxchg", "fill.xchg",
                                "fill.atomic_fetch_and", "done"}]
    /\ cpu_page    \in [Cpu -> Page \cup {None}]
    /\ cpu_old     \in [Cpu -> Pte]
    /\ cpu_entry   \in [Cpu -> Entry]
    /\ cpu_level   \in [Cpu -> Level]
    /\ cpu_was     \in [Cpu -> Entry]
    /\ zoner_pc    \in {"idle", "raise_level.READ_ONCE", "raise_level.WRITE_ONCE", "done"}
    /\ zoner_zone  \in Zone
    /\ zoner_level \in Level
    /\ zoner_zones \in SUBSET Zone

\* Is it above a level, or old and dirty?
\* values.py:86
newer(entry, l) ==
    \/ LevelOrder[entry.level] > LevelOrder[l]
    \/ entry.age < 0 /\ entry.pte.dirty /\ entry.pte.writable /\ ~entry.pte.present

\* What a CPU has cached belongs to it, or to nobody.
\* values.py:137
owners_are_known ==
    \A cpu \in Cpu :
        \A page \in Page : cache[cpu][page].owner = None \/ cache[cpu][page].owner = cpu

\* values.py:147
ages_are_small ==
    \A cpu \in Cpu :
        \A page \in Page :
            cache[cpu][page].age <= 1 /\ (level \in {"LOW", "MID", "HIGH"} \/ "DMA" \in zones)

-----------------------------------------------------------------------------

Init ==
    /\ \E some \in BOOLEAN :
           /\ pte = [page \in Page |-> [present |-> FALSE, writable |-> TRUE, dirty |-> some]]
           /\ cache = [cpu \in Cpu |->
                          [page \in Page |->
                              [pte |-> NoPte, level |-> "MID", owner |-> None, age |-> -1]]]
           /\ last = None
           /\ zones = {"NORMAL"}
           /\ level = IF some THEN "LOW" ELSE "HIGH"
           /\ cpu_pc = [c \in Cpu |-> "idle"]
           /\ cpu_page = [c \in Cpu |-> None]
           /\ cpu_old = [c \in Cpu |-> NoPte]
           /\ cpu_entry = [c \in Cpu |-> NoEntry]
           /\ cpu_level = [c \in Cpu |-> "LOW"]
           /\ cpu_was = [c \in Cpu |-> NoEntry]
           /\ zoner_pc = "idle"
           /\ zoner_zone = "DMA"
           /\ zoner_level = "LOW"
           /\ zoner_zones = {}

\* Fill a cache with what is mapped, or with what was there if that is newer.
\* values.py:96, mm/cache.c:fill
cpu_fill(cpu, page) ==
    /\ cpu_pc[cpu] = "idle"
    /\ pte' =
           [pte EXCEPT
               ![page] = [present |-> TRUE, writable |-> pte[page].writable, dirty |-> TRUE]]
    /\ cpu_page' = [cpu_page EXCEPT ![cpu] = page]
    /\ cpu_old' = [cpu_old EXCEPT ![cpu] = pte[page]]
    /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.READ_ONCE_1"]
    /\ UNCHANGED <<cpu_frame, cache, last, cpu_entry, cpu_level, cpu_was>>

\* values.py:97, mm/cache.c:fill
cpu_fill_READ_ONCE_1(cpu) ==
    /\ cpu_pc[cpu] = "fill.READ_ONCE_1"
    /\ cpu_entry' = [cpu_entry EXCEPT ![cpu] = cache[cpu][cpu_page[cpu]]]
    /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.READ_ONCE_2"]
    /\ UNCHANGED <<cpu_frame, pte, cache, last, cpu_page, cpu_old, cpu_level, cpu_was>>

\* values.py:98, mm/cache.c:fill
cpu_fill_READ_ONCE_2(cpu) ==
    /\ cpu_pc[cpu] = "fill.READ_ONCE_2"
    /\ IF newer(cpu_entry[cpu], level)
         THEN /\ cpu_old' = [cpu_old EXCEPT ![cpu] = NoPte]
              /\ cpu_entry' = [cpu_entry EXCEPT ![cpu] = NoEntry]
              /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.WRITE_ONCE"]
              /\ UNCHANGED cpu_level
         ELSE /\ cpu_level' = [cpu_level EXCEPT ![cpu] = level]
              /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.try_cmpxchg"]
              /\ UNCHANGED <<cpu_old, cpu_entry>>
    /\ UNCHANGED <<cpu_frame, pte, cache, last, cpu_page, cpu_was>>

\* values.py:100, mm/cache.c:fill
cpu_fill_WRITE_ONCE(cpu) ==
    /\ cpu_pc[cpu] = "fill.WRITE_ONCE"
    /\ cache' = [cache EXCEPT ![cpu][cpu_page[cpu]].owner = cpu]
    /\ cpu_page' = [cpu_page EXCEPT ![cpu] = None]
    /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<cpu_frame, pte, last, cpu_old, cpu_entry, cpu_level, cpu_was>>

\* values.py:102, mm/cache.c:fill
cpu_fill_try_cmpxchg(cpu) ==
    /\ cpu_pc[cpu] = "fill.try_cmpxchg"
    /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.xchg"]
    /\ IF last # None /\ last # cpu
         THEN /\ cpu_entry' = [cpu_entry EXCEPT ![cpu] =
                     [cpu_entry[cpu] EXCEPT
                         !.owner = last,
                         !.age = IF cpu_entry[cpu].age > 0
                                   THEN cpu_entry[cpu].age
                                   ELSE -cpu_entry[cpu].age]]
              /\ UNCHANGED last
         ELSE /\ last' = IF last = None THEN cpu ELSE last
              /\ UNCHANGED cpu_entry
    /\ UNCHANGED <<cpu_frame, pte, cache, cpu_page, cpu_old, cpu_level, cpu_was>>

\* values.py:106, mm/cache.c:fill
cpu_fill_xchg(cpu) ==
    /\ cpu_pc[cpu] = "fill.xchg"
    /\ cache' =
           [cache EXCEPT
               ![cpu][cpu_page[cpu]] = [cpu_entry[cpu] EXCEPT
                                           !.pte.writable = \/ cpu_old[cpu].writable
                                                            \/ cpu_entry[cpu].pte.writable,
                                           !.level = cpu_level[cpu]]]
    /\ cpu_old' = [cpu_old EXCEPT ![cpu] = NoPte]
    /\ cpu_entry' = [cpu_entry EXCEPT ![cpu] = NoEntry]
    /\ cpu_level' = [cpu_level EXCEPT ![cpu] = "LOW"]
    /\ IF \/ cache[cpu][cpu_page[cpu]]
               = [cpu_entry[cpu] EXCEPT
                     !.pte.writable = cpu_old[cpu].writable \/ cpu_entry[cpu].pte.writable,
                     !.level = cpu_level[cpu]]
          \/ cache[cpu][cpu_page[cpu]].pte.present
          \/ cache[cpu][cpu_page[cpu]].pte.dirty
         THEN /\ cpu_was' = [cpu_was EXCEPT ![cpu] = cache[cpu][cpu_page[cpu]]]
              /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "fill.atomic_fetch_and"]
              /\ UNCHANGED cpu_page
         ELSE /\ cpu_page' = [cpu_page EXCEPT ![cpu] = None]
              /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "done"]
              /\ UNCHANGED cpu_was
    /\ UNCHANGED <<cpu_frame, pte, last>>

\* values.py:108, mm/cache.c:fill
cpu_fill_atomic_fetch_and(cpu) ==
    /\ cpu_pc[cpu] = "fill.atomic_fetch_and"
    /\ pte' =
           [pte EXCEPT
               ![cpu_page[cpu]] = [present |-> /\ pte[cpu_page[cpu]].present
                                               /\ cpu_was[cpu].pte.present,
                                   writable |-> /\ pte[cpu_page[cpu]].writable
                                                /\ cpu_was[cpu].pte.writable,
                                   dirty |-> pte[cpu_page[cpu]].dirty /\ cpu_was[cpu].pte.dirty]]
    /\ cpu_page' = [cpu_page EXCEPT ![cpu] = None]
    /\ cpu_was' = [cpu_was EXCEPT ![cpu] = NoEntry]
    /\ cpu_pc' = [cpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<cpu_frame, cache, last, cpu_old, cpu_entry, cpu_level>>

\* values.py:114, mm/cache.c:raise_level
zoner_raise_level(zone) ==
    /\ zoner_pc = "idle"
    /\ \E l \in Level :
           /\ level' = l
           /\ zoner_zone' = zone
           /\ zoner_level' = l
           /\ zoner_pc' = "raise_level.READ_ONCE"
           /\ UNCHANGED <<zoner_frame, zones, zoner_zones>>

\* values.py:115, mm/cache.c:raise_level
zoner_raise_level_READ_ONCE ==
    /\ zoner_pc = "raise_level.READ_ONCE"
    /\ zoner_zones' = zones
    /\ zoner_pc' = "raise_level.WRITE_ONCE"
    /\ UNCHANGED <<zoner_frame, zones, level, zoner_zone, zoner_level>>

\* values.py:117, mm/cache.c:raise_level
zoner_raise_level_WRITE_ONCE ==
    /\ zoner_pc = "raise_level.WRITE_ONCE"
    /\ zones' =
           IF zoner_level = "HIGH"
             THEN {z \in Zone : z \in zoner_zones \/ z = zoner_zone} \ zoner_zones
             ELSE {z \in Zone : z \in zoner_zones \/ z = zoner_zone} \cap {zoner_zone}
    /\ zoner_zone' = "DMA"
    /\ zoner_level' = "LOW"
    /\ zoner_zones' = {}
    /\ zoner_pc' = "done"
    /\ UNCHANGED <<zoner_frame, level>>

\* values.py:121
forget(cpu, page) ==
    /\ cache[cpu][page].owner # None
    /\ level = "MID"
    /\ cache' =
           [cache EXCEPT ![cpu] = [p \in Page |-> IF p = page THEN NoEntry ELSE cache[cpu][p]]]
    /\ last' = None
    /\ UNCHANGED Cpu_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ \A self \in Cpu : cpu_pc[self] \in {"idle", "done"}
    /\ zoner_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E cpu \in Cpu, page \in Page :
        \/ cpu_fill(cpu, page)
        \/ forget(cpu, page)
    \/ \E cpu \in Cpu :
        \/ cpu_fill_READ_ONCE_1(cpu)
        \/ cpu_fill_READ_ONCE_2(cpu)
        \/ cpu_fill_WRITE_ONCE(cpu)
        \/ cpu_fill_try_cmpxchg(cpu)
        \/ cpu_fill_xchg(cpu)
        \/ cpu_fill_atomic_fetch_and(cpu)
    \/ \E zone \in Zone : zoner_raise_level(zone)
    \/ zoner_raise_level_READ_ONCE
    \/ zoner_raise_level_WRITE_ONCE
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
