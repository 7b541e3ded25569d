"""Changes a tree of C in one place at a time, and looks whether it is told, at the right function.

By hand, since the trees are large:

    python tests/csource/mutating.py TREE [SEED [COUNT]]

`docs/source.md` has what came out.
"""

from __future__ import annotations

import itertools
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kvmtla.csource import ast as c
from kvmtla.csource.compare import Comparison, Outcome
from kvmtla.csource.parse import arguments, without_comments
from kvmtla.csource.program import CProgram
from kvmtla.csource.trees import SourceTree, open_tree
from kvmtla.front.scenario import read_project
from kvmtla.load import load_package

MASKS = {
    "PT_WRITABLE_MASK": "shadow_dirty_mask",
    "shadow_dirty_mask": "PT_WRITABLE_MASK",
    "shadow_accessed_mask": "shadow_dirty_mask",
    "shadow_mmu_writable_mask": "shadow_host_writable_mask",
}
KINDS = {
    "READ_ONCE(": "(",
    "try_cmpxchg64(": "cmpxchg64(",
    "atomic64_fetch_and(": "atomic64_fetch_or(",
    "set_bit_le(": "clear_bit_le(",
    "kvm_tdp_mmu_write_spte_atomic(": "__kvm_tdp_mmu_write_spte(",
    "tdp_mmu_clear_spte_bits(": "kvm_tdp_mmu_write_spte(",
}
STALE = ("old_spte = ", "iter->old_spte = ", "iter.old_spte = ", "mask = ")
NO_EFFECT = re.compile(r"WARN|lockdep|BUG|trace_|stat\.|pr_|update_page_stats|set_pfn_accessed")
LOCKS = re.compile(r"\b(?:read|write)_(?:un)?lock\(|KVM_MMU_(?:UN)?LOCK\(|flush_remote_tlbs\w*\(")


@dataclass(frozen=True)
class Mutant:
    kind: str
    function: str
    file: str
    line: int
    text: str
    """The file as it is then."""


def mutants(
    tree: SourceTree, function: c.Function, lines_run: set[int], left: re.Pattern[str]
) -> Iterator[Mutant]:
    """The mutants of a function, in lines that a run came by; of calls that are left out, none."""
    file, name, first, last = function.file, function.name, function.line, function.last_line
    text = without_comments(tree.texts[file])
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: first - 1])
    end = sum(len(line) + 1 for line in lines[:last])
    body = start + text[start:end].index("{")

    def made(kind: str, at: int, upto: int, new: str) -> Mutant:
        line = text.count("\n", 0, at) + 1
        kept = "\n" * (text.count("\n", at, upto) - new.count("\n"))
        return Mutant(kind, name, file, line, text[:at] + new + kept + text[upto:])

    def effect(at: int) -> bool:
        if text.count("\n", 0, at) + 1 not in lines_run:
            return False
        begin = max(text.rfind(ch, 0, at) for ch in ";{}")
        return not NO_EFFECT.search(text[begin:at])

    for old, new in [*MASKS.items()]:
        for m in re.finditer(rf"\b{old}\b", text[body:end]):
            at = body + m.start()
            if effect(at):
                yield made("mask", at, at + len(old), new)
    for m in re.finditer(r"&\s*~", text[body:end]):
        at = body + m.start()
        if effect(at):
            yield made("bit kept", at, body + m.end(), "&")
    for old, new in KINDS.items():
        for m in re.finditer(rf"(?<!\w){re.escape(old)}", text[body:end]):
            if effect(body + m.start()):
                yield made("kind", body + m.start(), body + m.end(), new)
    for old in STALE:
        for m in re.finditer(rf"(?<![\w.>]){re.escape(old)}(?=\w+\()", text[body:end]):
            if effect(body + m.start()):
                yield made("stale value", body + m.start(), body + m.end(), "")
    for m in re.finditer(r"\bif \(", text[body:end]):
        found = arguments(text, body + m.end())
        if found is None or not effect(body + m.end()):
            continue
        inside = text[body + m.end() : found[1] - 1]
        if not NO_EFFECT.search(inside):
            at = body + m.end()
            yield made("negated", at, found[1] - 1, f"!({inside})")
    statements = [
        (body + m.start(1), body + m.end(1))
        for m in re.finditer(r"(?<=[;{}:])\s*(\w[\w>.\-\[\] =|]*\((?:[^;{}])*\);)", text[body:end])
        if not re.match(r"(?:else|if|for|while|return|switch|u64|int|bool|struct|const)\b", m[1])
        and not NO_EFFECT.search(m[1])
    ]
    for at, upto in statements:
        what = text[at:upto]
        if left.search(what) or not effect(at):
            continue
        if LOCKS.search(what):
            yield made("lock or flush", at, upto, ";")
        elif not re.match(r"(?:rcu|srcu)_|u64|int|bool|struct|const|tdp_mmu_unlink|walk_", what):
            yield made("dropped", at, upto, ";")
            yield made("doubled", at, upto, f"{what} {what}")
    for (a, b), (e, f) in itertools.pairwise(statements):
        if not text[b:e].strip() and not left.search(text[a:f]) and effect(a) and effect(e):
            yield made("moved", a, f, f"{text[e:f]} {text[a:b]}")


def main() -> None:
    where, seed, count = (*sys.argv[1:], *("1", "30")[len(sys.argv) - 2 :])
    package = load_package("kvmspec")
    source = package.project.c
    assert source is not None
    spec = read_project(package.project)
    tree = open_tree(where, source.files)
    assert tree.version is not None
    kernel = source.kernels(tree.version)
    program = CProgram(tree, source)
    comparison = Comparison(spec, source, program, kernel)
    results = list(comparison.all())
    left = re.compile(rf"\b(?:{'|'.join(source.calls)})\(")
    users: dict[str, set[str]] = {}
    for r in results:
        if r.outcome is Outcome.SAME:
            for name in (r.name, *r.followed):
                users.setdefault(name, set()).add(r.operation)
    found: dict[str, list[Mutant]] = {}
    for name in users:
        function = program.function(name)
        if function is not None and name not in source.apart:
            for m in mutants(tree, function, comparison.lines_run(function), left):
                found.setdefault(m.kind, []).append(m)
    chance = random.Random(int(seed))
    kinds = sorted(found)
    told = 0
    for i in range(int(count)):
        among = found[kinds[i % len(kinds)]]
        one = among.pop(chance.randrange(len(among)))
        if not among:
            kinds.remove(one.kind)
        changed = replace(tree, texts={**tree.texts, one.file: one.text})
        comparison = Comparison(spec, source, CProgram(changed, source), kernel)
        own = [
            comparison.one(name, fn)
            for name, functions in comparison.modelled.items()
            for fn in functions
            if fn.key in users[one.function] and comparison.exists(fn)
        ]
        how = sorted({r.outcome.value for r in own if not r.fine})
        told += bool(how)
        said = ", ".join(how) or "NOT TOLD"
        print(f"{one.kind:14} {one.function}() {one.file.rsplit('/', 1)[1]}:{one.line}: {said}")
    print(f"{told} of {count} told; seed {seed}; {tree.version[0]}.{tree.version[1]}")


if __name__ == "__main__":
    main()
