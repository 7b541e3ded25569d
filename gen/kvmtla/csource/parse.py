"""From C's text to its tree: functions, macros and enumerations, found by tree-sitter.

Macros that begin a loop are written out before the text is parsed, since no parser of C can make
sense of a call with a block behind it. Lines stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvmtla.csource import ast as c
from kvmtla.csource.linux import TYPES, WORDS
from kvmtla.errors import ToolError

if TYPE_CHECKING:
    from tree_sitter import Node as Tree
    from tree_sitter import Parser

_LOOP = re.compile(r"\b(\w*for_each_\w+)\s*\(")
_SUFFIX = re.compile(r"[uUlL]+$")
_DEPTH = 8
_PARTS = frozenset(
    {
        "preproc_if",
        "preproc_else",
        "linkage_specification",
        "declaration",
        "type_definition",
        "ERROR",
    }
)


@dataclass(frozen=True)
class Macro:
    """A macro; without `params`, one that is no function."""

    name: str
    params: tuple[str, ...] | None
    body: str
    line: int = 0


class Unit:
    """What one file defines; the first definition of a name counts."""

    def __init__(self, file: str, code: bytes, original: Sequence[str], reader: Reader) -> None:
        self.file = file
        self.code = code
        self.original = original
        self._reader = reader
        self._made: dict[str, c.Function | None] = {}
        self.nodes: dict[str, Tree] = {}
        """The functions, not yet read."""
        self.macros: dict[str, Macro] = {}
        self.enums: dict[str, tuple[str | None, int]] = {}
        """Member -> (the value's text or None, how many members stand between it and that)."""

    @property
    def lines(self) -> dict[str, int]:
        """Return the functions, each with its line."""
        return {name: node.start_point[0] + 1 for name, node in self.nodes.items()}

    def text(self, name: str) -> str:
        """Return a function as text, without its comments."""
        node = self.nodes[name]
        return self.code[node.start_byte : node.end_byte].decode(errors="replace")

    def function(self, name: str) -> c.Function | None:
        """Return a function; None if there is none of that name, or it cannot be made out."""
        if name not in self._made:
            node = self.nodes.get(name)
            self._made[name] = None if node is None else self._reader.function(name, node, self)
        return self._made[name]


def parser() -> Parser:
    """Return the parser; raises ToolError where it is not installed."""
    try:
        import tree_sitter  # noqa: PLC0415 - an extra
        import tree_sitter_c  # noqa: PLC0415
    except ImportError as error:
        raise ToolError(
            "KT812",
            f"this needs {error.name}, which is not installed",
            hint="pip install 'kvmtla[source]'",
        ) from None
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))


def macro(signature: str, body: str) -> Macro:
    """Return a macro from `NAME(a, b)` or `NAME`, and its body."""
    name, _, rest = signature.partition("(")
    if not rest:
        return Macro(name.strip(), None, body)
    params = tuple(p.strip() for p in rest.rstrip(") ").split(",") if p.strip())
    return Macro(name.strip(), params, body)


def spelled(one: Macro, args: Sequence[str]) -> str:
    """Return the body of a macro with the arguments put in."""
    if not one.params:
        return one.body
    given = dict(zip(one.params, args, strict=False))
    if one.params[-1] in ("...",):
        given.pop("...", None)
        given["__VA_ARGS__"] = ", ".join(args[len(one.params) - 1 :])
    names = "|".join(map(re.escape, given))
    return re.sub(rf"\b({names})\b", lambda m: given[m[1]], one.body) if names else one.body


def arguments(text: str, start: int) -> tuple[list[str], int] | None:
    """Return the arguments that begin at `start`, behind a bracket, and where they end."""
    depth, found, begin = 0, [], start
    for i in range(start, len(text)):
        ch = text[i]
        if ch in "([{":
            depth += 1
        elif ch in ")]}" and depth:
            depth -= 1
        elif ch == ")":
            found.append(text[begin:i])
            return [" ".join(a.split()) for a in found if a.strip()], i + 1
        elif ch == "," and not depth:
            found.append(text[begin:i])
            begin = i + 1
    return None


def without_comments(text: str) -> str:
    """Return C without its comments; lines stay where they are."""

    def blank(m: re.Match[str]) -> str:
        if m[0][0] in "\"'":
            return m[0]
        return "\n" * m[0].count("\n") or " "

    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def macros_in(text: str, defined: frozenset[str]) -> dict[str, Macro]:
    """Return the macros that a file without comments defines, the first of each name.

    What stands under an #ifdef counts if its name is in `defined`.
    """
    found: dict[str, Macro] = {}
    active: list[bool] = []
    taken: list[bool] = []
    pattern = r"^[ \t]*#[ \t]*(\w+)((?:\\\n|[^\n])*)"
    for m in re.finditer(pattern, text, flags=re.MULTILINE):
        rest = " ".join(m[2].replace("\\\n", " ").split())
        match m[1]:
            case "ifdef" | "ifndef":
                active.append((rest in defined) == (m[1] == "ifdef"))
                taken.append(active[-1])
            case "if":
                active.append(True)
                taken.append(True)
            case "else" | "elif" if active:
                active[-1] = not taken[-1]
                taken[-1] = True
            case "endif" if active:
                active.pop()
                taken.pop()
            case "define" if all(active):
                one = re.fullmatch(r"(\w+)(\(([^)]*)\))?\s*(.*)", rest)
                if one is None:
                    continue
                params = None
                if one[2] is not None:
                    params = tuple(p.strip() for p in one[3].split(",") if p.strip())
                line = text.count("\n", 0, m.start()) + 1
                found.setdefault(one[1], Macro(one[1], params, one[4], line))
    return found


def with_loops(text: str, macros: Mapping[str, Macro]) -> str:
    """Return C in which macros that begin a loop are written out."""
    lines = []
    define = False
    for line in text.split("\n"):
        define = define or line.lstrip().startswith("#")
        lines.append((define, line))
        define = define and line.endswith("\\")
    # Only outside of other macros, which are written out where they are used.
    parts: list[str] = []
    code: list[str] = []
    for is_define, line in lines:
        if is_define:
            if code:
                parts.append(_written_out("\n".join(code), macros))
                code = []
            parts.append(line)
        else:
            code.append(line)
    if code:
        parts.append(_written_out("\n".join(code), macros))
    return "\n".join(parts)


def _written_out(text: str, macros: Mapping[str, Macro], depth: int = 0) -> str:
    at, out = 0, []
    for m in _LOOP.finditer(text):
        one = macros.get(m[1])
        if m.start() < at or one is None or one.params is None:
            continue
        found = arguments(text, m.end())
        if found is None:
            continue
        args, end = found
        body = spelled(one, args)
        if depth < _DEPTH:
            body = _written_out(body, macros, depth + 1)
        out += [text[at : m.start()], body, "\n" * text.count("\n", m.start(), end)]
        at = end
    return "".join([*out, text[at:]])


class Reader:
    """A reader of C's text."""

    def __init__(self, macros: Mapping[str, Macro], defined: frozenset[str]) -> None:
        """Set it up; `macros` stand for those that the text defines, `defined` is true in #if."""
        self._parser = parser()
        self._given = dict(macros)
        self._defined = defined
        self._file = ""
        self._bytes = b""

    def unit(self, file: str, text: str, others: Mapping[str, Macro]) -> Unit:
        """Return what a file defines; `others` are the macros of the files it includes."""
        bare = without_comments(text)
        own = macros_in(bare, self._defined)
        bare = with_loops(WORDS.sub("", bare), {**others, **own, **self._given})
        unit = Unit(file, bare.encode(), text.split("\n"), self)
        unit.macros = own
        self._file, self._bytes = file, unit.code
        for node in self._top(self._parser.parse(unit.code).root_node):
            if node.type == "function_definition":
                name = self._function_name(node)
                if name is not None:
                    unit.nodes.setdefault(name, node)
            elif node.type == "enum_specifier":
                body = node.child_by_field_name("body")
                if body is not None:
                    self._enum(body, unit)
        return unit

    def expression(self, text: str, file: str, line: int) -> c.Expr:
        """Return an expression that a macro stands for, as if it stood in that line."""
        return self._in_function(f"return ({text});", file, line)

    def statements(self, text: str, file: str, line: int) -> c.Block | c.Unknown:
        """Return the statements that a macro stands for, as if they stood in that line."""
        kept = self._file, self._bytes
        self._file, self._bytes = file, f"void f(void) {{ {text} }}".encode()
        try:
            nodes = self._parser.parse(self._bytes).root_node.named_children
            body = nodes[0].child_by_field_name("body") if len(nodes) == 1 else None
            if body is None or nodes[0].has_error:
                return c.Unknown(file, line, text)
            made = self._statement(body, line)
            return made if isinstance(made, c.Block) else c.Unknown(file, line, text)
        finally:
            self._file, self._bytes = kept

    def _in_function(self, text: str, file: str, line: int) -> c.Expr:
        block = self.statements(text, file, line)
        if isinstance(block, c.Block) and len(block.body) == 1:
            (only,) = block.body
            if isinstance(only, c.Return) and only.value is not None:
                return only.value
        return c.Unknown(file, line, text)

    def _top(self, node: Tree) -> Iterator[Tree]:
        """Yield what stands at the top, in parts under an #ifdef too."""
        for child in node.children:
            yield child
            if child.type == "preproc_ifdef":
                yield from self._top_if(child)
            elif child.type in _PARTS:
                yield from self._top(child)

    def _top_if(self, node: Tree) -> Iterator[Tree]:
        name = node.child_by_field_name("name")
        known = name is not None and self._text(name) in self._defined
        yes = known != (node.children[0].type == "#ifndef")
        other = node.child_by_field_name("alternative")
        for child in node.children:
            if child != other and yes:
                yield child
                if child.type == "preproc_ifdef":
                    yield from self._top_if(child)
                elif not child.type.startswith("function"):
                    yield from self._top(child)
        if other is not None and not yes:
            yield from self._top(other)

    def _text(self, node: Tree) -> str:
        text = self._bytes[node.start_byte : node.end_byte].decode(errors="replace")
        return " ".join(text.split())

    def _declared(self, node: Tree) -> Tree | None:
        declarator = node.child_by_field_name("declarator")
        while declarator is not None and declarator.type == "pointer_declarator":
            declarator = declarator.child_by_field_name("declarator")
        good = declarator is not None and declarator.type == "function_declarator"
        return declarator if good else None

    def _function_name(self, node: Tree) -> str | None:
        declarator = self._declared(node)
        name = None if declarator is None else declarator.child_by_field_name("declarator")
        return None if name is None or name.type != "identifier" else self._text(name)

    def function(self, name: str, node: Tree, unit: Unit) -> c.Function | None:
        """Return a function of a file, read now."""
        self._file, self._bytes = unit.file, unit.code
        declarator = self._declared(node)
        body = node.child_by_field_name("body")
        if declarator is None or body is None:
            return None
        name_node = declarator.child_by_field_name("declarator")
        params_node = declarator.child_by_field_name("parameters")
        if name_node is None or params_node is None:
            return None
        first, last = node.start_point[0], node.end_point[0]
        before = self._bytes[node.start_byte : name_node.start_byte].decode(errors="replace")
        result = " ".join(re.sub(r"\b(static|inline|extern)\b", " ", before).split())
        params = [self._parameter(p) for p in params_node.named_children]
        made = self._statement(body)
        assert isinstance(made, c.Block)
        return c.Function(
            self._file,
            first + 1,
            name,
            name,
            result,
            tuple(p for p in params if p is not None),
            made,
            last + 1,
            "\n".join(unit.original[first : last + 1]),
        )

    def _parameter(self, node: Tree) -> c.Parameter | None:
        if node.type != "parameter_declaration":
            return None
        name: Tree | None = node.child_by_field_name("declarator")
        while name is not None and name.type != "identifier":
            inner = name.child_by_field_name("declarator")
            name = inner if inner is not None else next(iter(self._named(name)), None)
        if name is None:
            return None
        before = self._bytes[node.start_byte : name.start_byte].decode(errors="replace")
        return c.Parameter(" ".join(before.split()), self._text(name))

    def _enum(self, node: Tree, unit: Unit) -> None:
        base: str | None = None
        count = 0
        for one in node.named_children:
            if one.type != "enumerator":
                continue
            name = one.child_by_field_name("name")
            value = one.child_by_field_name("value")
            if value is not None:
                base, count = self._text(value), 0
            if name is not None:
                unit.enums.setdefault(self._text(name), (base, count))
            count += 1

    # --- Statements -------------------------------------------------------------------------------

    def _statement(self, node: Tree, line: int | None = None) -> c.Stmt:
        at = (self._file, node.start_point[0] + 1 if line is None else line, self._text(node))
        if node.type == "ERROR" or node.is_missing:
            return c.Unknown(*at)
        get = node.child_by_field_name

        def sub(name: str) -> c.Stmt | None:
            child = get(name)
            return None if child is None else self._statement(child, line)

        def value(name: str) -> c.Expr | None:
            child = get(name)
            return None if child is None else self._expression(child, line)

        match node.type:
            case "compound_statement":
                return c.Block(*at, tuple(self._statements(node.children, line)))
            case "expression_statement":
                inside = self._named(node)
                if not inside:
                    return c.Block(*at, ())
                return (
                    c.Do(*at, self._expression(inside[0], line))
                    if len(inside) == 1
                    else c.Unknown(*at)
                )
            case "if_statement":
                cond, then = value("condition"), sub("consequence")
                other = get("alternative")
                if cond is None or then is None:
                    return c.Unknown(*at)
                alternative = None
                if other is not None:
                    inside = self._named(other)
                    alternative = (
                        self._statement(inside[0], line) if len(inside) == 1 else c.Unknown(*at)
                    )
                return c.If(*at, cond, then, alternative)
            case "for_statement":
                body = sub("body")
                init = get("initializer")
                first: c.Stmt | None = None
                if init is not None:
                    if init.type == "declaration":
                        first = self._statement(init, line)
                    else:
                        first = c.Do(*at, self._expression(init, line))
                if body is None:
                    return c.Unknown(*at)
                return c.Loop(*at, first, value("condition"), value("update"), body, False)
            case "while_statement":
                body = sub("body")
                return (
                    c.Unknown(*at)
                    if body is None
                    else c.Loop(*at, None, value("condition"), None, body, False)
                )
            case "do_statement":
                body = sub("body")
                return (
                    c.Unknown(*at)
                    if body is None
                    else c.Loop(*at, None, value("condition"), None, body, True)
                )
            case "return_statement":
                inside = self._named(node)
                return c.Return(*at, self._expression(inside[0], line) if inside else None)
            case "break_statement":
                return c.Jump(*at, "break")
            case "continue_statement":
                return c.Jump(*at, "continue")
            case "goto_statement":
                label = get("label")
                return c.Unknown(*at) if label is None else c.Goto(*at, self._text(label))
            case "labeled_statement":
                label = get("label")
                inside = self._named(node)
                if label is None or len(inside) > 2:
                    return c.Unknown(*at)
                body = self._statement(inside[1], line) if len(inside) == 2 else c.Block(*at, ())
                return c.Label(*at, self._text(label), body)
            case "declaration":
                made = self._declaration(node, line)
                return made[0] if len(made) == 1 else c.Block(*at, tuple(made))
        return c.Unknown(*at)

    def _named(self, node: Tree) -> list[Tree]:
        return [n for n in node.children if (n.is_named and n.type != "comment") or n.is_missing]

    def _statements(self, nodes: Sequence[Tree], line: int | None) -> Iterator[c.Stmt]:
        for node in nodes:
            if node.type == "declaration":
                yield from self._declaration(node, line)
            elif node.type in ("preproc_ifdef", "preproc_if"):
                yield from self._conditional(node, line)
            elif node.type in ("preproc_def", "preproc_function_def", "type_definition"):
                continue
            elif node.is_named or node.type == "ERROR" or node.is_missing:
                yield self._statement(node, line)

    def _conditional(self, node: Tree, line: int | None) -> Iterator[c.Stmt]:
        at = (self._file, node.start_point[0] + 1 if line is None else line, self._text(node))
        name = node.child_by_field_name("name")
        if node.type != "preproc_ifdef" or name is None:
            yield c.Unknown(*at)
            return
        yes = (self._text(name) in self._defined) != (node.children[0].type == "#ifndef")
        other = node.child_by_field_name("alternative")
        if yes:
            inside = [n for n in node.children if n not in (name, other)]
            yield from self._statements([n for n in inside if n.is_named], line)
        elif other is not None and other.type == "preproc_else":
            yield from self._statements([n for n in other.children if n.is_named], line)
        elif other is not None:
            yield c.Unknown(*at)

    def _declaration(self, node: Tree, line: int | None) -> list[c.Stmt]:
        at = (self._file, node.start_point[0] + 1 if line is None else line, self._text(node))
        if node.has_error:
            return [c.Unknown(*at)]
        kind = " ".join(
            self._text(n)
            for n in node.children
            if n.type
            in ("primitive_type", "type_identifier", "sized_type_specifier", "struct_specifier")
            or n.type in ("union_specifier", "enum_specifier", "macro_type_specifier")
        )
        made: list[c.Stmt] = []
        for one in node.children_by_field_name("declarator"):
            value = None
            target: Tree | None = one
            if one.type == "init_declarator":
                target = one.child_by_field_name("declarator")
                given = one.child_by_field_name("value")
                value = None if given is None else self._expression(given, line)
            stars = ""
            while target is not None and target.type in ("pointer_declarator", "array_declarator"):
                stars += "*" if target.type == "pointer_declarator" else "[]"
                target = target.child_by_field_name("declarator")
            if target is None or target.type != "identifier":
                return [c.Unknown(*at)]
            made.append(c.Declare(*at, f"{kind} {stars}".strip(), self._text(target), value))
        return made

    # --- Expressions ------------------------------------------------------------------------------

    def _expression(self, node: Tree, line: int | None = None) -> c.Expr:
        at = (self._file, node.start_point[0] + 1 if line is None else line, self._text(node))
        if node.type == "ERROR" or node.is_missing or any(n.type == "ERROR" for n in node.children):
            return c.Unknown(*at)
        get = node.child_by_field_name

        def sub(name: str) -> c.Expr:
            child = get(name)
            return c.Unknown(*at) if child is None else self._expression(child, line)

        def word(name: str) -> str:
            child = get(name)
            return "" if child is None else self._text(child)

        match node.type:
            case "identifier" | "field_identifier":
                return c.Name(*at, at[2])
            case "true" | "false" | "null":
                return c.Num(*at, int(node.type == "true"))
            case "number_literal":
                return self._number(at)
            case "string_literal" | "concatenated_string" | "char_literal":
                return c.Str(*at)
            case "parenthesized_expression":
                inside = self._named(node)
                if len(inside) == 1 and inside[0].type == "compound_statement":
                    block = self._statement(inside[0], line)
                    assert isinstance(block, c.Block)
                    return c.BlockValue(*at, block)
                return self._expression(inside[0], line) if len(inside) == 1 else c.Unknown(*at)
            case "field_expression":
                arrow = word("operator") == "->"
                return c.Member(*at, sub("argument"), word("field"), arrow)
            case "subscript_expression":
                return c.Subscript(*at, sub("argument"), sub("index"))
            case "unary_expression" | "pointer_expression":
                return c.Unary(*at, word("operator"), sub("argument"))
            case "binary_expression":
                return c.Binary(*at, word("operator"), sub("left"), sub("right"))
            case "conditional_expression":
                then = None if get("consequence") is None else sub("consequence")
                return c.Choice(*at, sub("condition"), then, sub("alternative"))
            case "assignment_expression":
                return c.Assign(*at, word("operator")[:-1], sub("left"), sub("right"))
            case "update_expression":
                before = node.children[0].type in ("++", "--")
                return c.Step(*at, word("operator")[:1], sub("argument"), before)
            case "call_expression":
                given = get("arguments")
                args = [] if given is None else self._named(given)
                return c.Call(*at, sub("function"), tuple(self._expression(a, line) for a in args))
            case "cast_expression":
                return c.Cast(*at, word("type"), sub("value"))
            case "initializer_list":
                return self._fields(node, at, line)
            case "sizeof_expression":
                kind = TYPES.get(word("type") or word("value").strip("() "))
                return c.Unknown(*at) if kind is None else c.Num(*at, max(kind[0] // 8, 1))
            case "comma_expression":
                return c.Comma(*at, sub("left"), sub("right"))
        return c.Unknown(*at)

    def _fields(self, node: Tree, at: tuple[str, int, str], line: int | None) -> c.Expr:
        values: list[tuple[str, c.Expr]] = []
        for one in self._named(node):
            names = one.children_by_field_name("designator")
            value = one.child_by_field_name("value")
            if one.type != "initializer_pair" or len(names) != 1 or value is None:
                return c.Unknown(*at)
            values.append((self._text(names[0]).lstrip("."), self._expression(value, line)))
        return c.Fields(*at, tuple(values))

    def _number(self, at: tuple[str, int, str]) -> c.Expr:
        text = at[2]
        hexa = text.lower().startswith("0x")
        bare = _SUFFIX.sub("", text)
        try:
            octal = not hexa and len(bare) > 1 and bare.startswith("0") and bare.isdigit()
            return c.Num(*at, int(bare, 8) if octal else int(bare, 0))
        except ValueError:
            return c.Unknown(*at)
