"""Additions to a spec: an invariant, an operation, a claim."""

from __future__ import annotations

import ast
import keyword
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import kvmtla
from kvmtla.author.source import Source, file_module, module_of
from kvmtla.errors import ToolError, did_you_mean
from kvmtla.front.quoted import STATE, names_of, quoted_invariant
from kvmtla.front.scenario import Spec, read_property
from kvmtla.ir.property import PROPERTIES
from kvmtla.ir.types import BoolT, DomainT, IntT, MapT, RecordT, SharedT, Type
from kvmtla.lang.decorators import mark_of
from kvmtla.lang.scenario import Claim, Scenario
from kvmtla.lang.types import Shared
from kvmtla.load import SpecPackage
from kvmtla.modules.worlds import boxes

_WIDTH = 100
_FACADE = kvmtla.__name__
_INSTALLED = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class Added:
    """The place where something was added, and what is left to do by hand ("" for nothing)."""

    file: Path
    line: int
    left: str = ""


def new_invariant(package: SpecPackage, spec: Spec, name: str, text: str, doc: str = "") -> Added:
    """Add an invariant, the expression `text`, to the module that has most of them.

    Raises ToolError for a name that is taken or is none, and SpecError for what is wrong in `text`.
    """
    machine = _machine(spec)
    names = names_of(package.name, machine)
    _check_free(name, names)
    scenario = next(s for s in spec.scenarios.values() if s.machine.name == machine.__name__)
    function = quoted_invariant(text, name=name, origin="EXPR", machine=machine, names=names)
    read_property(function, spec.reader, scenario, scenario.loc)
    source = _source(package, _home(package, names, "invariant", machine))
    source.need({"invariant": _FACADE, **_where(_names_in(text) | {machine.__name__}, names)})
    said = doc or "TODO: what it means, and why it is right."
    line = source.append(
        [
            "@invariant",
            f"def {name}({STATE}: {machine.__name__}) -> bool:",
            *_docstring(said),
            *_returned(text.strip()),
        ]
    )
    source.save()
    return Added(source.path, line)


def new_operation(
    package: SpecPackage, spec: Spec, name: str, scenario: str | None, kernel: str | None
) -> Added:
    """Add an operation that reads a part of the shared state and writes it back.

    Its author is to change that; it is there so that the spec goes on working. With a `scenario`,
    an actor of it runs the operation once. Raises ToolError for a name that is taken or is none,
    and for a scenario that does not exist.
    """
    machine = _machine(spec)
    names = names_of(package.name, machine)
    _check_free(name, names)
    declared = _declared(spec, scenario) if scenario is not None else None
    read = spec.reader.types.read(machine, spec.project.loc)
    assert isinstance(read, SharedT)
    place, params = _a_place(read.fields)
    operations = [o for a in declared.actors for o in a.operations] if declared else []
    near = [m for o in operations if package.has(Path(str((m := module_of(o)).__file__)))]
    source = _source(package, near[0] if near else _home(package, names, "operation", machine))
    used = {machine.__name__, *(p.name for p in params)}
    facade = dict.fromkeys(("READ_ONCE", "WRITE_ONCE", "operation"), _FACADE)
    source.need({**facade, **_where(used, names)})
    given = "".join(f", {p.name.lower()}: {p.name}" for p in params)
    line = source.append(
        [
            f'@operation(kernel="{kernel}")' if kernel else "@operation()",
            f"def {name}({STATE}: {machine.__name__}{given}) -> None:",
            '    """TODO: what it does, and where it stands in the kernel."""',
            f"    old = READ_ONCE({STATE}.{place})",
            f"    WRITE_ONCE({STATE}.{place}, old)",
        ]
    )
    source.save()
    left = f'have an actor of a scenario run it: Actor("{name}", {name}, times=1)'
    if declared is not None:
        left = _run_by_actor(package, declared, name, source)
    return Added(source.path, line, left)


def new_claim(
    spec: Spec,
    package: SpecPackage,
    number: str,
    name: str,
    scenario: str,
    prop: str,
    *,
    at: Sequence[tuple[Mapping[str, Enum], bool]],
    quote: str,
    source: str,
) -> Added:
    """Add a claim that `prop` has the verdict that is expected of it in `scenario`.

    `at` has the values of the constants, except defaults, each with whether the property fails
    there: then the verdict is "violated", or "unreached" for a goal; else it is "holds" or
    "reached".

    The claim is put behind the first one about the same scenario, or else behind the last one of
    all. Raises ToolError for a name that is taken, for a scenario or property that does not exist,
    and where claims are not written as a list.
    """
    names = names_of(package.name, _machine(spec))
    declared = _declared(spec, scenario)
    _check_property(names, prop)
    if any((c.number, c.name) == (number, name) for c in spec.claims):
        raise ToolError(
            "KT808", f"there is a claim {number} {name} already", hint="give it another name"
        )
    made = [c for c in spec.project.claims if isinstance(c, Claim)]
    claims = [c for c in made if package.has(Path(c.loc.file))]
    beside = [*(c for c in claims if c.scenario is declared), *reversed(claims)]
    found = _in_list(beside)
    if found is None:
        raise ToolError(
            "KT913",
            "the claims of this spec are not written as a list",
            hint="write the claim by hand: Claim(number, name, quote=..., source=..., ...)",
        )
    code, _, _ = found
    _check_writable(package, code.path)
    known = _name_of(names, declared)
    words = {_verdict(names[prop], f): [c for c, g in at if g == f] for _, f in at}
    put = [(word, box) for word, some in words.items() for box in boxes(some)]
    spelt = {v: _spelt(v, code, names) for _, b in put for some in b.values() for v in some}
    expected = [(w, [f"{n}={_listed([spelt[v] for v in b[n]])}" for n in b]) for w, b in put]
    used = {prop, *([known] if known else []), *(s.partition(".")[0] for s in spelt.values())}
    code.need(
        {
            "Claim": _FACADE,
            **{verdict: _FACADE for verdict, _ in expected},
            **_where(used, names),
        }
    )
    found = _in_list([c for c in beside if c.loc.file == str(code.path)], code)
    assert found is not None
    _, within, call = found
    indent = call.col_offset
    text = (
        f"Claim(\n    {_quoted(number)},\n    {_quoted(name)},\n"
        f"{_argument('quote', quote, indent)}{_argument('source', source, indent)}"
        f"    scenario={known or _quoted(declared.name)},\n"
        f"    expect={_expectations(expected, prop, indent)},\n)"
    )
    line = code.into_list(call, within, text)
    code.save()
    return Added(code.path, line)


# -- where things are


def _machine(spec: Spec) -> type[Shared]:
    """Return the shared state that a spec's scenarios are about; the first one's if they differ."""
    for s in _scenarios(spec):
        return s.machine
    raise ToolError(
        "KT913",
        "this spec has no scenario",
        hint="write one: Scenario(name, doc, machine=..., ...)",
    )


def _scenarios(spec: Spec) -> Iterator[Scenario]:
    project = spec.project
    for s in [*project.scenarios, *(c.scenario for c in project.claims)]:
        if isinstance(s, Scenario):
            yield s


def _declared(spec: Spec, name: str) -> Scenario:
    found = {s.name: s for s in _scenarios(spec)}
    if name not in found:
        raise ToolError(
            "KT908",
            f"there is no scenario {name!r}",
            hint=did_you_mean(name, found) or f"there is: {', '.join(found)}",
        )
    return found[name]


def _check_free(name: str, names: Mapping[str, object]) -> None:
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise ToolError(
            "KT909",
            f"{name!r} is no name for a function",
            hint="use letters, digits and underscores",
        )
    if name in names:
        raise ToolError(
            "KT808", f"there is a {name} in this spec already", hint="choose another name"
        )


def _check_property(names: Mapping[str, object], prop: str) -> None:
    known = [n for n, v in names.items() if (m := mark_of(v)) is not None and m.kind in PROPERTIES]
    if prop not in known:
        raise ToolError(
            "KT906",
            f"there is no property {prop!r}",
            hint=did_you_mean(prop, known)
            or (f"there is: {', '.join(sorted(known))}" if known else "kvmtla new invariant"),
        )


def _verdict(prop: object, fails: bool) -> str:
    mark = mark_of(prop)
    assert mark is not None
    words = ("unreached", "reached") if mark.kind == "reachable" else ("violated", "holds")
    return words[not fails]


def _home(
    package: SpecPackage, names: Mapping[str, object], kind: str, machine: type[Shared]
) -> ModuleType:
    """Return the module of the spec that has most functions of a kind.

    If none has any, it is that of the shared state, or the spec itself where that is from
    elsewhere.
    """
    modules = (module_of(v) for v in names.values() if (m := mark_of(v)) and m.kind == kind)
    counted = Counter(m.__name__ for m in modules if package.has(Path(str(m.__file__))))
    if counted:
        return sys.modules[counted.most_common(1)[0][0]]
    state = module_of(machine)
    return state if package.has(Path(str(state.__file__))) else sys.modules[package.name]


def _source(package: SpecPackage, module: ModuleType) -> Source:
    source = Source(module)
    _check_writable(package, source.path)
    return source


def _check_writable(package: SpecPackage, file: Path) -> None:
    """Raise ToolError for a file of an installed package: the next installation replaces it."""
    if _INSTALLED & set(file.parts):
        raise ToolError(
            "KT920",
            f"{file} belongs to an installed package",
            hint=f"cp -r {package.folder} . and add --spec ./{package.folder.name}",
        )


def _where(wanted: Iterable[str], names: Mapping[str, object]) -> dict[str, str]:
    """Return the module that each of some names comes from, as far as the spec knows them."""
    found = {}
    for name in sorted(wanted):
        value = names.get(name)
        module = getattr(value, "__module__", None)
        if isinstance(value, type) or mark_of(value) is not None:
            found[name] = str(module)
        elif value is not None and (loc := getattr(value, "loc", None)) is not None:
            home = file_module(loc.file)
            if home is not None:
                found[name] = home.__name__
        elif isinstance(value, Enum):
            found[name] = str(type(value).__module__)
    return {n: m for n, m in found.items() if m != "builtins"}


def _names_in(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(n, ast.Name)}


def _name_of(names: Mapping[str, object], thing: object) -> str | None:
    return next((n for n, v in names.items() if v is thing), None)


def _in_list(
    claims: Iterable[Claim], code: Source | None = None
) -> tuple[Source, ast.List, ast.Call] | None:
    """Return the first claim that stands in a list: its source, the list and its call."""
    for claim in claims:
        module = file_module(claim.loc.file)
        if module is None:
            continue
        source = code or Source(module)
        for node in ast.walk(source.tree):
            for e in node.elts if isinstance(node, ast.List) else ():
                if _is_call(e, "Claim") and _says(e, claim):
                    assert isinstance(node, ast.List)
                    assert isinstance(e, ast.Call)
                    return source, node, e
    return None


def _says(call: ast.expr, claim: Claim) -> bool:
    """Is this the call that made the claim?"""
    assert isinstance(call, ast.Call)
    given = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return given[:2] == [claim.number, claim.name]


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _spelt(value: Enum, code: Source, names: Mapping[str, object]) -> str:
    """Return how a file writes a value of a constant: by a name of its own, if it has one."""
    own = next((n for n, v in vars(code.module).items() if v is value), None)
    return own or _name_of(names, value) or str(value)


def _listed(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def _run_by_actor(package: SpecPackage, scenario: Scenario, name: str, written: Source) -> str:
    """Add an actor that runs the operation once; return what is left to do by hand."""
    by_hand = f'give scenario {scenario.name!r} an actor that runs it: Actor("{name}", {name}, '
    by_hand += "times=1)"
    module = file_module(scenario.loc.file)
    if module is None or not package.has(Path(scenario.loc.file)):
        return by_hand
    source = Source(module)
    found = _actors_of(source, scenario)
    if found is None:
        return by_hand
    if module is not written.module:
        source.need({name: written.module.__name__, "Actor": _FACADE})
        found = _actors_of(source, scenario)
        assert found is not None
    source.into_list(None, found, f'Actor("{name}", {name}, times=1)')
    source.save()
    return ""


def _actors_of(source: Source, scenario: Scenario) -> ast.List | None:
    for node in ast.walk(source.tree):
        if _is_call(node, "Scenario"):
            assert isinstance(node, ast.Call)
            first = node.args[0] if node.args else None
            given = next((k.value for k in node.keywords if k.arg == "actors"), None)
            named = isinstance(first, ast.Constant) and first.value == scenario.name
            if named and isinstance(given, ast.List):
                return given
    return None


def _a_place(fields: Mapping[str, Type]) -> tuple[str, list[DomainT]]:
    """Return a part of the shared state to read and write, and the domains that index it."""
    for name, one in fields.items():
        t: Any = one
        params: list[DomainT] = []
        while isinstance(t, MapT):
            params.append(t.key)
            t = t.value
        twice = len({p.name for p in params}) < len(params)
        if not twice and isinstance(t, BoolT | IntT | RecordT):
            return name + "".join(f"[{p.name.lower()}]" for p in params), params
    raise ToolError("KT913", "no part of the shared state can be read and written")


# -- text


def _quoted(text: str) -> str:
    """Return a string literal, in those quotes that need fewer escapes within it."""
    # With a double quote in it, repr() takes single quotes.
    inside = repr(f'"{text}')[2:-1]
    if text.count('"') > text.count("'"):
        return f"'{inside}'"
    return '"' + inside.replace("\\'", "'").replace('"', '\\"') + '"'


def _argument(name: str, text: str, indent: int) -> str:
    """Return a string as an argument, on a line of its own, or on several where it is long."""
    width = _WIDTH - indent - len("    ") - len('"",')
    if len(name) + 1 + len(text) <= width:
        return f"    {name}={_quoted(text)},\n"
    # Spaces stay where they are: at the ends of the parts.
    parts = re.findall(rf".{{1,{width - len(name) - 1}}}(?:(?<= )|$)|\S+ *|\s", text, re.DOTALL)
    lines = "\n    ".join(map(_quoted, parts))
    return f"    {name}={lines},\n"


def _docstring(text: str) -> Iterator[str]:
    """Yield the lines of a docstring."""
    safe = " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if safe.endswith('"'):
        safe = f'{safe[:-1]}\\"'
    line = f'    """{safe}"""'
    if len(line) <= _WIDTH:
        yield line
        return
    yield from textwrap.wrap(
        f'"""{safe}',
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
    )
    yield '    """'


def _expectations(expected: Sequence[tuple[str, Sequence[str]]], prop: str, indent: int) -> str:
    """Return what a claim expects, as a list that begins behind `expect=`."""
    calls = [(word, [prop, *constants]) for word, constants in expected]
    flat = [f"{word}({', '.join(args)})" for word, args in calls]
    if len(flat) == 1 and len(f"    expect=[{flat[0]}],") + indent <= _WIDTH:
        return f"[{flat[0]}]"
    lines = []
    for one, (word, args) in zip(flat, calls, strict=True):
        if len(one) + 1 + 8 + indent <= _WIDTH:
            lines.append(f"        {one},")
        else:
            lines += [f"        {word}(", *(f"            {a}," for a in args), "        ),"]
    return "\n".join(["[", *lines, "    ]"])


def _returned(text: str) -> Iterator[str]:
    """Yield the lines of `return` with an expression, broken where it is long."""
    if len(text) + 11 <= _WIDTH and "\n" not in text:
        yield f"    return {text}"
        return
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Call) and len(node.args) == 1:
        inner = node.args[0]
        if isinstance(inner, ast.GeneratorExp) and isinstance(node.func, ast.Name):
            yield f"    return {node.func.id}("
            yield f"        {_flat(text, inner.elt)}"
            for g in inner.generators:
                yield f"        for {_flat(text, g.target)} in {_flat(text, g.iter)}"
                yield from (f"        if {_flat(text, c)}" for c in g.ifs)
            yield "    )"
            return
    yield "    return ("
    yield from (f"        {line.strip()}" for line in text.split("\n"))
    yield "    )"


def _flat(text: str, node: ast.AST) -> str:
    return " ".join((ast.get_source_segment(text, node) or ast.unparse(node)).split())
