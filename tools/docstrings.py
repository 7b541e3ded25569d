"""Say where a docstring does not begin with what its function does.

    python tools/docstrings.py FOLDER...

A function's docstring begins with a verb: "Return the runs that are still waiting." Only one that
returns a bool may ask, and a property may be named as what it is. Exits with 1 where one does not.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# What a sentence without a verb, or with another language's order of words, begins with.
_NO_VERB = re.compile(
    r"(What|Whose?|Whether|How|Where|Which|Why|When|That|Those|Of|From|In|For|With|On|By|To"
    r"|All|Each|The|An?|Its)\b"
)


def complaints(file: Path) -> Iterator[str]:
    """Yield a line for each docstring of a file that does not begin as it should."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)):
            first = text.split("\n")[0]
            is_property = any("property" in ast.unparse(d) for d in node.decorator_list)
            is_predicate = node.returns is not None and ast.unparse(node.returns) == "bool"
            asks = first.endswith("?")
            named = not is_property and not is_predicate and _NO_VERB.match(first)
            if named or (asks and not is_predicate):
                yield f"{file}:{node.lineno}: {node.name}: {first}"


def main() -> int:
    """Print all complaints about the folders that are named; return the exit status."""
    files = (f for folder in sys.argv[1:] for f in sorted(Path(folder).rglob("*.py")))
    found = [line for file in files for line in complaints(file)]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
