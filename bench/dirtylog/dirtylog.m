-- One page, logged by write protection, as a user of Murphi writes it: the model of model.py.
-- The number of vCPUs is put in by run.py.

const N: 3;

type
  Vcpu: scalarset(N);
  Spte: record p: boolean; w: boolean; m: boolean; a: boolean; d: boolean; end;
  Tlb: record v: boolean; w: boolean; d: boolean; end;
  Step: enum { idle, writing, leaving };
  Fault: enum { guest, exchanging, marking };
  Log: enum { off, reading, protecting, flushing, ready, getting, again, telling };

var
  spte: Spte; tlb: array[Vcpu] of Tlb;
  vpc: array[Vcpu] of Fault; vold: array[Vcpu] of Spte;
  bitmap: boolean; unreported: boolean; wrote: boolean;
  wlock: boolean; rlock: boolean; page_dirty: boolean; on: boolean;
  apc: Step; aold: Spte; aged: 0..2;
  zpc: Step; zold: Spte; zapped: 0..1;
  lpc: Log; lold: Spte; lmask: boolean; lset: boolean; gets: 0..2; enables: 0..2;

procedure None(var s: Spte);
begin
  s.p := false; s.w := false; s.m := false; s.a := false; s.d := false;
end;

function Same(s: Spte; o: Spte): boolean;
begin
  return s.p = o.p & s.w = o.w & s.m = o.m & s.a = o.a & s.d = o.d;
end;

function IsVolatile(s: Spte): boolean;
begin
  return s.p & ((!s.w & s.m) | !s.a | (s.w & !s.d));
end;

procedure Drop(v: Vcpu);
begin
  tlb[v].v := false; tlb[v].w := false; tlb[v].d := false;
end;

procedure Flush();
begin
  for v: Vcpu do Drop(v); end;
end;

procedure Wrote();
begin
  if lpc = ready | lpc = getting | lpc = again | lpc = telling then unreported := true; end;
  wrote := true;
end;

startstate
begin
  clear spte; clear vold; clear tlb; clear aold; clear zold; clear lold;
  for v: Vcpu do vpc[v] := guest; end;
  bitmap := false; unreported := false; wrote := false; wlock := false; rlock := false;
  page_dirty := false; on := false; apc := idle; aged := 0; zpc := idle; zapped := 0;
  lpc := off; lmask := false; lset := false; gets := 0; enables := 0;
end;

ruleset v: Vcpu do
  rule "walk" vpc[v] = guest & spte.p & !tlb[v].v ==>
  begin
    tlb[v].v := true; tlb[v].w := spte.w; tlb[v].d := spte.d; spte.a := true;
  end;
  rule "hit" vpc[v] = guest & tlb[v].v & tlb[v].w & tlb[v].d ==>
  begin
    Wrote();
  end;
  rule "assist" vpc[v] = guest & !(tlb[v].w & tlb[v].d) & spte.p & spte.w ==>
  begin
    spte.a := true; spte.d := true;
    tlb[v].v := true; tlb[v].w := true; tlb[v].d := true; Wrote();
  end;
  rule "evict" tlb[v].v ==>
  begin
    Drop(v);
  end;
  rule "map" vpc[v] = guest & !spte.p & !wlock ==>
  begin
    spte.p := true; spte.w := true; spte.m := true; spte.a := true; spte.d := true;
    bitmap := bitmap | on;
  end;
  rule "fault" vpc[v] = guest & spte.p & !spte.w & spte.m & !tlb[v].w ==>
  begin
    vpc[v] := exchanging; vold[v] := spte; Drop(v);
  end;
  rule "exchange" vpc[v] = exchanging ==>
  begin
    if Same(spte, vold[v]) then spte.w := true; vpc[v] := marking; else vpc[v] := guest; end;
    None(vold[v]);
  end;
  rule "mark" vpc[v] = marking ==>
  begin
    vpc[v] := guest; bitmap := bitmap | on;
  end;
end;

rule "age" apc = idle & aged < 2 & !wlock & !rlock & spte.p & spte.a ==>
begin
  wlock := true; apc := writing; aold := spte; aged := aged + 1;
end;
rule "age: write" apc = writing ==>
begin
  if !IsVolatile(aold) then spte := aold; end;
  spte.a := false; apc := leaving; None(aold);
end;
rule "age: unlock" apc = leaving ==>
begin
  apc := idle; wlock := false;
end;

rule "zap" zpc = idle & zapped < 1 & !wlock & !rlock & spte.p ==>
begin
  wlock := true; zpc := writing; zold := spte; zapped := zapped + 1;
end;
rule "zap: write" zpc = writing ==>
begin
  if IsVolatile(zold) ? spte.d : zold.d then page_dirty := true; end;
  None(spte); None(zold); zpc := leaving;
end;
rule "zap: flush" zpc = leaving ==>
begin
  zpc := idle; wlock := false; Flush();
end;

rule "enable" lpc = off & enables < 2 & !wlock ==>
begin
  lpc := reading; enables := enables + 1; on := true; rlock := true; lset := false;
end;
rule "read" lpc = reading ==>
begin
  if spte.p & spte.w then lpc := protecting; lold := spte; else lpc := flushing; rlock := false; end;
end;
rule "protect" lpc = protecting ==>
begin
  if Same(spte, lold) then
    spte.w := false; lset := true; lpc := flushing; rlock := false;
  else
    lpc := reading;
  end;
  None(lold);
end;
rule "flush" lpc = flushing ==>
begin
  if lset then Flush(); end;
  lset := false; lpc := ready;
end;
rule "get" lpc = ready & gets < 2 ==>
begin
  lpc := getting; gets := gets + 1;
end;
rule "get: take" lpc = getting & !wlock & !rlock ==>
begin
  lmask := bitmap; bitmap := false;
  if lmask & spte.p & spte.w then lpc := again; wlock := true; lold := spte; else lpc := telling; end;
end;
rule "get: protect" lpc = again ==>
begin
  if !IsVolatile(lold) then spte := lold; end;
  spte.w := false; lpc := telling; wlock := false; None(lold);
end;
rule "get: flush" lpc = telling ==>
begin
  if lmask then Flush(); unreported := false; end;
  lmask := false; lpc := ready;
end;
rule "disable" lpc = ready & enables < 2 ==>
begin
  lpc := off; on := false; bitmap := false; unreported := false;
end;

invariant "no miss" unreported -> bitmap | lmask | exists v: Vcpu do vpc[v] = marking end;
invariant "MMU-writable or flushed"
  forall v: Vcpu do tlb[v].w -> (spte.p & spte.m) | zpc = leaving end;
invariant "page tagged" (wrote & !spte.p & zpc = idle) -> page_dirty;
