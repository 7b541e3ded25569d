"""Pages that are read, and sessions in which what they show is done for real.

    pytest tests/docs                   compares
    pytest tests/docs --update-docs     writes what is real into the pages

A page is one session, from top to bottom, in a fresh copy of what a user has checked out. What a
fenced block is, its first line says:

- `console` (or `console status=1`): commands, each behind `$ `, and what they print, both streams
  together, as on a terminal that shows no progress. They end with the status given, 0 if none is.
  `...` stands for any text in a line, or for any number of lines where a line has nothing else.
- any language with `file=X` or `append=X`: the text is written to the file X, or added to it.
- `diff file=X`: the change is made in X, where the lines without `+` stand next to each other.
- `python cell`: a cell of a notebook. A block `text out` below it is what the cell shows.
- any language with `from=X`: a quotation, which has to be found in X as it is.
- `tla in=M of=A,B`: the definitions of A and B in the module M, as it is once the page is done.
  What a command of the page has written goes before what was there. `...` is as in `console`.
- `text`: a drawing. Anything else is an error, so that nothing goes unchecked.

Tables between `<!-- NAME: ... -->` and `<!-- end -->` are made from something real:

- `verdicts: C1`: from the results of C1.
- `becomes: F`: what expressions are in TLA+. The first column is the author's. An expression may
  name the parameters of the function F, which the page's files contain.
- `refused: K`: what is said of code that is not accepted. The first column is the author's; what it
  is a line of, `test_language.py` lists by K.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kvmtla.tlc import Toolchain, find_toolchain

ROOT = Path(__file__).resolve().parents[2]
# Taken now: other tests give themselves a cache of their own while they run.
GIVEN_CACHE = os.environ.get("KVMTLA_CACHE")
MARK = "..."

# What is not done, for it would install something or run these tests; only that it exists is seen.
_NOT_RUN = re.compile(r"git clone |make (setup|test|lint|clean)\b|\.ci/run|\S*pytest\b")
# Seconds for one command, on a machine that has other things to do as well.
_PATIENCE = 900
_PROGRESS = re.compile(r"\s*\d+/\d+  .* \(\d+\.\d s\)")
_CACHED = re.compile(r" {2,}cached$")
_FROM_CACHE = re.compile(r" \((all|\d+) from the cache\)\.$")
_VERDICTS = re.compile(r"\$ (make|kvmtla) (verify|show|trust)\b(?!.*--spec)|.*\bverify\(")
_CELLS = Path(__file__).with_name("cells.py")
_BEGIN = re.compile(r"<!-- (\w+): (\S+) -->")
_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")
# What differs from run to run: in a row of a table, in JSON.
_SECONDS = re.compile(r"([!? ]  \S.*\S)(  +\d+\.\d)")
_JSON = re.compile(r'( *"(?:seconds|cached)": )[\w.]+')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-docs", action="store_true", help="write real output into the documentation"
    )


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    asked = bool(request.config.getoption("--update-docs", default=False))
    # Two tests may write to one page.
    assert not (asked and "PYTEST_XDIST_WORKER" in os.environ), "--update-docs goes without -n"
    return asked


# -- pages


@dataclass
class Block:
    """A fenced block; `first` is the number of its first line within, counted from 0."""

    language: str
    options: dict[str, str]
    first: int
    lines: list[str]


@dataclass
class Table:
    """A table that is made; `first` is the number of the line below its mark, counted from 0."""

    argument: str
    first: int
    lines: list[str]

    def cells(self) -> list[list[str]]:
        """What stands in the rows below the head, without the ` around it."""
        rows = [line for line in self.lines if line.startswith("|")][2:]
        return [[_unquoted(c) for c in _BETWEEN_CELLS.split(row)[1:-1]] for row in rows]


def row(*cells: str) -> str:
    """A row of a table; a cell that is to be shown as code has ` around it already."""
    escaped = [c.replace("|", "\\|") for c in cells]
    return f"| {' | '.join(escaped)} |"


def _unquoted(cell: str) -> str:
    return cell.strip().removeprefix("`").removesuffix("`").replace("\\|", "|")


@dataclass
class Page:
    """A page of documentation."""

    path: Path
    lines: list[str]

    @classmethod
    def read(cls, path: Path) -> Page:
        return cls(path, path.read_text(encoding="utf-8").split("\n"))

    def blocks(self) -> list[Block]:
        """All fenced blocks."""
        found: list[Block] = []
        inside: Block | None = None
        for number, line in enumerate(self.lines):
            if not line.startswith("```"):
                if inside is not None:
                    inside.lines.append(line)
            elif inside is None:
                language, *words = line[3:].split() or [""]
                options = dict(w.split("=", 1) if "=" in w else (w, "") for w in words)
                inside = Block(language, options, number + 1, [])
            else:
                found.append(inside)
                inside = None
        assert inside is None, f"{self.path}: a block is not closed"
        return found

    def prose(self) -> list[tuple[int, str]]:
        """The lines outside of fenced blocks, with their numbers."""
        inside, found = False, []
        for number, line in enumerate(self.lines, 1):
            if line.startswith("```"):
                inside = not inside
            elif not inside:
                found.append((number, line))
        return found

    def tables(self, name: str) -> list[Table]:
        """The tables of this sort."""
        found = []
        for number, line in enumerate(self.lines):
            if (begin := _BEGIN.fullmatch(line)) and begin[1] == name:
                end = self.lines.index("<!-- end -->", number)
                found.append(Table(begin[2], number + 1, self.lines[number + 1 : end]))
        return found

    def replace(self, changes: Sequence[tuple[int, int, list[str]]]) -> None:
        """Puts lines in the place of others (from, up to), and writes the page."""
        for start, end, new in sorted(changes, reverse=True):
            self.lines[start:end] = new
        self.path.write_text("\n".join(self.lines), encoding="utf-8")


def pages() -> list[Path]:
    """All pages."""
    top = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted(ROOT.glob("docs/**/*.md"))]


def made_as_a_whole(path: Path) -> bool:
    """Is it written by a program, and its examples checked where that is tested?"""
    return path.name == "errors.md"


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- elisions


def line_matches(shown: str, real: str) -> bool:
    """Is `real` what is shown, with any text in the place of each `...`?"""
    pattern = ".*".join(re.escape(p) for p in shown.split(MARK))
    # Masked too, since a column is as wide whether the seconds in it have one figure or two.
    return any(re.fullmatch(pattern, r) is not None for r in (real, masked(real)))


def matches(shown: Sequence[str], real: Sequence[str]) -> bool:
    """Is `real` what is shown, with any lines in the place of a line `...`?"""
    if not shown:
        return not real
    if shown[0].strip() == MARK:
        return any(matches(shown[1:], real[i:]) for i in range(len(real) + 1))
    return bool(real) and line_matches(shown[0], real[0]) and matches(shown[1:], real[1:])


def brought_up_to_date(shown: Sequence[str], real: Sequence[str]) -> list[str]:
    """What to show of `real`: as much as was shown of what it was before, where that can be told.

    Lines that are elided stay so, between the same two lines as before.
    """
    if matches(shown, real):
        return list(shown)
    if not any(line.strip() == MARK for line in shown):
        return [_elided(line, shown) for line in real]
    parts: list[list[str]] = [[]]
    for line in shown:
        if line.strip() == MARK:
            parts.append([])
        else:
            parts[-1].append(line)
    found: list[str] = []
    at = 0
    for number, part in enumerate(parts):
        first, last = number == 0, number == len(parts) - 1
        start, end = at, len(real)
        if not first and part:
            hits = [i for i in range(at, len(real)) if line_matches(part[0], real[i])]
            start = (hits[-1] if last and len(part) == 1 else hits[0]) if hits else at
        if not last and part:
            hits = [i for i in range(start, len(real)) if line_matches(part[-1], real[i])]
            end = hits[0] + 1 if hits else len(real)
        if not part:
            start = end = at if first else len(real) if last else at
        found += [MARK] if not first else []
        found += [_elided(line, part) for line in real[start:end]]
        at = end
    return found


def _elided(line: str, shown: Sequence[str]) -> str:
    """The line of `shown` that stands for this one, with what it elides; otherwise it is masked."""
    return next((s for s in shown if MARK in s and line_matches(s, line)), masked(line))


def masked(line: str) -> str:
    """A line with what differs from run to run elided."""
    if found := _SECONDS.fullmatch(line):
        return f"{found[1]}{MARK.rjust(len(found[2]))}"
    return _JSON.sub(rf"\g<1>{MARK}", line)


# -- sessions


@dataclass
class Session:
    """A user in front of a terminal, in a folder with a fresh copy of the project."""

    folder: Path
    environment: dict[str, str]
    here: Path = field(init=False)

    def __post_init__(self) -> None:
        self.here = self.folder

    def run(self, command: str) -> tuple[int, list[str]]:
        """The exit status of a command and the lines that it prints."""
        if _NOT_RUN.match(command):
            _check_exists(command)
            return 0, []
        if command.startswith("cd "):
            self.here = (self.here / command[3:]).resolve(strict=True)
            return 0, []
        done = subprocess.run(
            ["sh", "-c", _what_make_runs(command)],
            cwd=self.here,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
        return done.returncode, self._as_seen(done.stdout)

    def _as_seen(self, text: str) -> list[str]:
        lines = []
        for line in text.replace(str(self.folder), MARK).splitlines():
            if not _PROGRESS.fullmatch(line):
                seen = _FROM_CACHE.sub(".", _CACHED.sub("", line))
                lines.append(seen.rstrip())
        return lines

    def cells(self, cells: Sequence[str]) -> list[dict[str, str | None]]:
        """What the cells of a notebook show, one after the other: as `text` and as `html`."""
        done = subprocess.run(
            [sys.executable, str(_CELLS)],
            cwd=self.here,
            env={**self.environment, "IPYTHONDIR": str(self.folder.parent / "ipython")},
            input=json.dumps(cells),
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        shown: list[dict[str, str | None]] = json.loads(done.stdout)
        return shown

    def definition(self, module: str, name: str) -> list[str]:
        """The lines of a definition in a generated module of this name."""
        found = sorted(
            (p for p in self.folder.rglob(f"{module}.tla") if p.parent.parent.name != "pluscal"),
            key=lambda p: p.is_relative_to(self.folder / "tla"),
        )
        assert found, f"there is no module {module}"
        lines = found[0].read_text(encoding="utf-8").splitlines()
        start = next(
            (i for i, line in enumerate(lines) if re.match(rf"{name}(\([^)]*\))? ==", line)), None
        )
        assert start is not None, f"{module} does not define {name}"
        inside = itertools.takewhile(lambda line: line.startswith(" "), lines[start + 1 :])
        return [lines[start], *inside]

    def file(self, name: str) -> Path:
        """A file that a block names: relative to where the user is."""
        path = (self.here / name).resolve()
        assert path.is_relative_to(self.folder), f"{name} is not in the project's folder"
        return path


def apply(block: Block, session: Session, where: str) -> None:
    """Does what a block says that is no command."""
    text = "".join(f"{line}\n" for line in block.lines)
    if "from" in block.options:
        source = (session.folder / block.options["from"]).read_text(encoding="utf-8")
        assert text in source, f"{where}: this is not in {block.options['from']}"
    elif "file" in block.options and block.language == "diff":
        _patch(session.file(block.options["file"]), block.lines, where)
    elif "file" in block.options:
        target = session.file(block.options["file"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    elif "append" in block.options:
        target = session.file(block.options["append"])
        before = target.read_text(encoding="utf-8")
        # As ruff has it between two definitions.
        target.write_text(f"{before}\n\n{text}", encoding="utf-8")
    else:
        assert block.language == "text", f"{where}: nothing says what this block is"


def _patch(target: Path, lines: list[str], where: str) -> None:
    """Makes the change; blank lines may have lost the space in front of them."""
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, (
        f"{where}: {target.name} has this {text.count(old)} times, not once"
    )
    target.write_text(text.replace(old, new), encoding="utf-8")


def _check_exists(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), f"no target {words[1]}"
    if words[0].startswith(".") and not words[0].startswith(".venv/"):
        assert (ROOT / words[0]).exists(), f"there is no {words[0]}"


def _what_make_runs(command: str) -> str:
    """For `make TARGET`, what the Makefile runs once the set-up is done; else the command."""
    if not command.startswith("make "):
        return command
    dry = subprocess.run(
        ["make", "-n", "--no-print-directory", *shlex.split(command)[1:]],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    lines = [line for line in dry.stdout.splitlines() if "tools/setup.sh" not in line]
    return "\n".join(line.replace(".venv/bin/", "") for line in lines)


def _programs(folder: Path, toolchain: Toolchain) -> Path:
    """A folder for the search path, with what a set-up checkout has in .venv/bin, and Java."""
    programs = folder / "bin"
    programs.mkdir()
    for name, words in (
        ("kvmtla", [sys.executable, "-m", "kvmtla"]),
        ("java", [str(toolchain.java.path)]),
    ):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return programs


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for this run of pytest, the same in all of its processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "docs"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def environment(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of sessions; the copy of `spec` is to be put in front of PYTHONPATH."""
    toolchain = find_toolchain()
    programs = _programs(tmp_path_factory.mktemp("programs"), toolchain)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "gen"),
        # Compiled once for all commands, and beside no source.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(shared_folder.parent / "bytecode"),
        "TLA2TOOLS": str(toolchain.jar.path),
        "KVMTLA_CACHE": GIVEN_CACHE or str(shared_folder / "cache"),
        "NO_COLOR": "1",
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }


def command(line: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A command that is run in the repository itself."""
    return subprocess.run(
        line,
        cwd=ROOT,
        env={**environment, "PYTHONPATH": f"{ROOT / 'spec'}{os.pathsep}{ROOT / 'gen'}"},
        capture_output=True,
        encoding="utf-8",
        timeout=_PATIENCE,
        check=False,
    )


@pytest.fixture(scope="session")
def verdicts(shared_folder: Path, environment: dict[str, str]) -> dict[str, object]:
    """What `kvmtla verify --json` says of the whole spec; found out once, for all processes.

    Beside it, in `claims.svg`, is what `--svg` draws.
    """
    target = shared_folder / "verdicts.json"
    with (shared_folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            new = target.with_suffix(".new")
            drawn = ["--svg", str(shared_folder / "claims.svg")]
            done = command(["kvmtla", "verify", "--json", str(new), *drawn], environment)
            assert new.exists(), done.stderr
            new.replace(target)
    found: dict[str, object] = json.loads(target.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def session(
    shared_folder: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Session]:
    """A session for a `path`. Where it asks for claims of the spec, those are known already.

    It is in the same place each time, and so is the spec: what is known of it is not found out
    anew for each page.
    """
    lines = Page.read(request.node.callspec.params["path"]).lines
    if any(map(_VERDICTS.match, lines)):
        request.getfixturevalue("verdicts")
    folder = shared_folder / os.environ.get("PYTEST_XDIST_WORKER", "alone") / "kvmtla"
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("spec", "docs", "tla", "tests/check"):
        if (ROOT / name).exists():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
    for name in ("README.md", "Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    path = f"{folder / 'spec'}{os.pathsep}{environment['PYTHONPATH']}"
    yield Session(folder, {**environment, "PYTHONPATH": path})
