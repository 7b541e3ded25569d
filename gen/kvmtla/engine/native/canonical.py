"""States that differ only in the names of interchangeable elements, brought to one of them.

The slice of an element is what a state says of it: its entries in maps and its places in sets, and
for each reference to an element whether it is to this one. To rename the elements is to permute
their slices, so sorting the slices makes all such states the same. Elements with the same slice are
alike, and it makes no difference which of them comes first. This does not work if the slice of an
element itself speaks of elements; then all renamings are tried, as the engine in Python does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.engine.native.translate import WORD, Untranslatable
from kvmtla.engine.packing import Layout
from kvmtla.engine.symmetry import (
    Move,
    count_of_renamings,
    renamings,
    symmetric_domains,
)
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, Type, domains_in

_MOST_KEY = 128
# The most renamings that can be tried for each state.
_MOST_WAYS = 720


@dataclass
class _Slices:
    """The parts of a state that speak of the elements of a domain.

    `runs` has for each element runs of bits, each as the first bit and the number of bits.
    `references` are runs of bits that name an element, with the code of the first element.
    """

    size: int
    runs: list[list[tuple[int, int]]] = field(default_factory=list)
    references: list[tuple[int, int, int]] = field(default_factory=list)


class _Entangled(Exception):  # noqa: N818 - it never leaves this module
    """The slice of an element speaks of elements."""


def canonical(layout: Layout) -> str | None:
    """Return the C function that makes a state canonical; None if no elements can be swapped.

    Raises Untranslatable if that is too costly.
    """
    domains = symmetric_domains(layout)
    if not domains:
        return None
    try:
        found = [(d, _slices(layout, d, domains)) for d in domains]
        parts = [line for d, s in found if s.runs[0] or s.references for line in _sorted(d, s)]
    except _Entangled:
        return _by_renaming(layout)
    return "\n".join(["static void canonical(u64 *s) {", *parts, "}"]) if parts else None


def _slices(layout: Layout, domain: str, domains: Sequence[str]) -> _Slices:
    found = _Slices(layout.sizes[domain], [[] for _ in range(layout.sizes[domain])])
    for s in layout.slots.values():
        _gather(layout, s.type, s.offset - MIXED_BITS, domain, domains, found)
    return found


def _gather(
    layout: Layout, t: Type, at: int, domain: str, domains: Sequence[str], found: _Slices
) -> None:
    """Note what a value of type `t` that begins at the bit `at` says of the elements."""
    if all(d.name != domain for d in domains_in(t)):
        return
    match t:
        case MapT(key, value) if key.name == domain:
            if any(d.name in domains for d in domains_in(value)):
                raise _Entangled
            width = layout.width(value)
            if width:
                for i, runs in enumerate(found.runs):
                    runs.append((at + i * width, width))
        case SetT(DomainT()):
            for i, runs in enumerate(found.runs):
                runs.append((at + i, 1))
        case DomainT() if layout.bounds.of(t)[0] == 0:
            found.references.append((at, layout.width(t), 0))
        case OptionalT(DomainT() as inner) if layout.bounds.of(inner)[0] == 0:
            found.references.append((at, layout.width(t), 1))
        case MapT(key, value) if key.name not in domains:
            for i in range(layout.sizes[key.name]):
                at_i = at + i * layout.width(value)
                _gather(layout, value, at_i, domain, domains, found)
        case RecordT(_, fields):
            for f in fields:
                offset, inner = layout.field(t, f.name)
                _gather(layout, inner, at + offset, domain, domains, found)
        case OptionalT(inner) if layout.tagged(t) and _has_no_reference(inner):
            _gather(layout, inner, at + 1, domain, domains, found)
        case _:
            raise _Entangled


def _has_no_reference(t: Type) -> bool:
    """Is the type free of references? The zero bits of a missing value would look like one."""
    match t:
        case MapT(_, value):
            return _has_no_reference(value)
        case RecordT(_, fields):
            return all(_has_no_reference(f.type) for f in fields)
        case OptionalT(inner):
            return _has_no_reference(inner)
        case DomainT():
            return False
    return True


def _sorted(domain: str, slices: _Slices) -> Iterator[str]:
    n, width = slices.size, len(slices.references)
    width += sum(w for _, w in slices.runs[0])
    if width > _MOST_KEY or any(w > WORD for _, w in slices.runs[0]):
        raise _Entangled
    yield f"  {{ /* {domain} */"
    yield f"    typedef {'u64' if width <= WORD else 'u128'} Key;"
    yield "    u64 p[WORDS + 1]; memcpy(p, s, WORDS * sizeof *s); p[WORDS] = 0;"
    for i, runs in enumerate(slices.runs):
        parts, at = [], 0
        for start, w in runs:
            parts.append(f"(Key)(get(p, {start}) & {_mask(w)}ULL) << {at}")
            at += w
        for k, (start, w, first) in enumerate(slices.references):
            parts.append(f"(Key)((get(p, {start}) & {_mask(w)}ULL) == {i + first}) << {at + k}")
        yield f"    Key k{i} = {' | '.join(parts)};"
    known = " && ".join(f"k{i} <= k{i + 1}" for i in range(n - 1))
    yield f"    if (!({known})) {{"
    yield f"      Key k[{n}] = {{{', '.join(f'k{i}' for i in range(n))}}};"
    yield f"      int was[{n}] = {{{', '.join(map(str, range(n)))}}};"
    yield f"      for (int i = 1; i < {n}; i++) {{"
    yield "        Key one = k[i]; int name = was[i], j = i;"
    yield "        for (; j && k[j - 1] > one; j--) k[j] = k[j - 1], was[j] = was[j - 1];"
    yield "        k[j] = one; was[j] = name;"
    yield "      }"
    for i, runs in enumerate(slices.runs):
        at = 0
        for start, w in runs:
            yield f"      clear(s, {start}, {_mask(w)}ULL, 0);"
            yield f"      put(s, {start}, (u64)(k[{i}] >> {at}) & {_mask(w)}ULL, 0);"
            at += w
    if slices.references:
        yield f"      int now[{n}];"
        yield f"      for (int i = 0; i < {n}; i++) now[was[i]] = i;"
    for start, w, first in slices.references:
        yield f"      {{ u64 one = (get(p, {start}) & {_mask(w)}ULL) - {first};"
        yield f"        if (one < {n}) {{"
        yield f"          clear(s, {start}, {_mask(w)}ULL, 0);"
        yield f"          put(s, {start}, (u64)now[one] + {first}, 0);"
        yield "        } }"
    yield "      (void)was;"
    yield "    }"
    yield "  }"


def _mask(width: int) -> int:
    return (1 << width) - 1


def _by_renaming(layout: Layout) -> str | None:
    """Return C that finds the smallest of all states that renaming makes."""
    count = count_of_renamings(layout)
    if count > _MOST_WAYS:
        raise Untranslatable(f"{count} renamings of elements that states speak of in maps of them")
    ways = list(renamings(layout))
    if not any(m.matters for way in ways for m in way):
        return None
    codes: dict[tuple[int, ...], int] = {}
    known: list[int] = []
    rows = []
    for way in ways:
        cells = []
        for m in _pieces(way):
            first = -1
            if m.codes is not None:
                if m.codes not in codes:
                    codes[m.codes] = len(known)
                    known += m.codes
                first = codes[m.codes]
            count = len(m.codes) if m.codes is not None else 0
            cells.append(
                f"{{{m.source - MIXED_BITS}, {m.target - MIXED_BITS}, {m.width}, {first}, {count}}}"
            )
        rows.append(cells)
    most = max(map(len, rows))
    table = ",\n  ".join(f"{{{', '.join(cells)}}}" for cells in rows)
    return f"""static const int codes[] = {{{", ".join(map(str, known or [0]))}}};
static const struct {{ short from, to, width; int codes, count; }} ways[][{most}] = {{
  {table}
}};
static void canonical(u64 *s) {{
  u64 p[WORDS + 1], least_[WORDS];
  memcpy(p, s, WORDS * sizeof *s); p[WORDS] = 0;
  memcpy(least_, s, sizeof least_);
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {{
    u64 d[WORDS] = {{0}};
    for (int k = 0; k < {most} && ways[i][k].width; k++) {{
      u64 v = get(p, ways[i][k].from) & ((u64)-1 >> (64 - ways[i][k].width));
      if (v < (u64)ways[i][k].count) v = (u64)codes[ways[i][k].codes + (int)v];
      put(d, ways[i][k].to, v, 0);
    }}
    for (int k = WORDS - 1; k >= 0; k--)
      if (d[k] != least_[k]) {{
        if (d[k] < least_[k]) memcpy(least_, d, sizeof d);
        break;
      }}
  }}
  memcpy(s, least_, sizeof least_);
}}"""


def _pieces(way: Sequence[Move]) -> Iterator[Move]:
    """Yield the moves in pieces that are no wider than a word."""
    for m in way:
        for at in range(0, m.width, WORD):
            yield Move(m.source + at, m.target + at, min(WORD, m.width - at), m.codes)
