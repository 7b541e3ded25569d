"""The folder with the generated modules: what belongs in it, and bringing it up to date."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvmtla.emit.pluscal import PlusCalWriter
from kvmtla.errors import SpecError, ToolError
from kvmtla.files import cannot_write, write_file
from kvmtla.manifest import Entries, manifest
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point

_README = "README.md"
_MANIFEST = "manifest.txt"
# So many modules can be read, one beside the other; of more, only some are.
_MOST_TO_READ = 40
_README_MARK = "<!-- Written by `kvmtla gen`. -->"
_OF_SOME = (
    "",
    "Of all these modules, only some are here, to be read: one for each scenario with which the",
    f"claims of a number begin. [{_MANIFEST}]({_MANIFEST}) has a line for every module;",
    "`kvmtla gen --all` writes them, to be run.",
)
_MODULE_MARK = "Generated from the spec by `kvmtla gen`"
# The mark is within so many bytes: behind the module's name, the scenario's sentence and its
# constants.
_MODULE_HEAD = 4096
_CFG_HEAD = re.compile(r"\\\* (\w+): (\w+)\nSPECIFICATION (?:Fair)?Spec\n")


@dataclass(frozen=True)
class Difference:
    """The changes that a folder needs; paths are relative to it, in order."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    obsolete: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.obsolete)


def generated_files(points: Sequence[Point]) -> dict[str, str]:
    """Return path -> content of all that is generated for `points`, in order."""
    modules = _modules(points)
    files = {_README: _readme(points)}
    for m in modules:
        files[f"{m.folder}/{m.file}"] = m.text
        files.update({f"{m.folder}/{m.cfg_file(p)}": text for p, text in m.cfgs.items()})
    return files


def reviewed_files(points: Sequence[Point], entries: Entries) -> dict[str, str]:
    """Return path -> content of what is worth reading, and of the manifest of everything.

    Where there are many modules, it is one for each scenario with which the claims of a number
    begin, with the configuration of the first of them.
    """
    if len(_modules(points)) <= _MOST_TO_READ:
        shown, files = points, generated_files(points)
    else:
        shown = _first_of_each(points)
        files = {_README: _readme(shown, some=True)}
        for p in shown:
            m = p.module
            files[f"{m.folder}/{m.file}"] = m.text
            files[f"{m.folder}/{m.cfg_file(p.prop)}"] = m.cfgs[p.prop]
    return {_README: files[_README], _MANIFEST: manifest(points, entries), **files}


def _first_of_each(points: Sequence[Point]) -> list[Point]:
    numbers: set[str] = set()
    found: dict[str, Point] = {}
    for p in points:
        if p.claim.number not in numbers:
            numbers.add(p.claim.number)
            found.setdefault(p.claim.scenario.name, p)
    return list(found.values())


def pluscal_files(
    points: Sequence[Point], root: Path, translate: Callable[[str, str], str] | None = None
) -> dict[str, str]:
    """Return path -> content of the algorithms for `points`, and of each property's cfg.

    Properties of behaviours, which an algorithm leaves out, have none.

    `root` is the folder to which places in the spec are relative. `translate` turns a module's name
    and text into the translated text; without it, modules stay untranslated.
    """
    files = {}
    for m in _modules(points):
        writer = PlusCalWriter(m.model, root)
        text = writer.module()
        files[f"{m.folder}/{m.file}"] = translate(m.name, text) if translate else text
        for prop in (p.name for p in m.model.properties if not p.kind.temporal):
            files[f"{m.folder}/{m.cfg_file(prop)}"] = writer.cfg(prop)
    return files


def _modules(points: Sequence[Point]) -> list[Module]:
    """Return the modules of the points; raise SpecError where two would be one file."""
    there: dict[str, Module] = {}
    for p in points:
        m = p.module
        # Some file systems do not distinguish large and small letters.
        if there.setdefault(f"{m.folder}/{m.file}".casefold(), m) is not m:
            raise SpecError(
                "KT604",
                f"two modules would be written to {m.folder}/{m.file}",
                hint="give the scenario another name",
                loc=p.claim.scenario.loc,
            )
    return list(there.values())


def compare(folder: Path, files: Mapping[str, str]) -> Difference:
    """Return how `folder` differs from `files`; it need not exist.

    Only files that are certainly generated are obsolete; all others are left alone. Raises
    ToolError where something cannot be read.
    """
    missing, changed = [], []
    with _readable():
        for path, text in files.items():
            there = folder / path
            if not there.exists():
                missing.append(path)
            elif not _has(there, text):
                changed.append(path)
        obsolete = sorted(
            path
            for file in folder.glob("*/*")
            if (path := file.relative_to(folder).as_posix()) not in files and _is_generated(file)
        )
    return Difference(tuple(missing), tuple(changed), tuple(obsolete))


def update(folder: Path, files: Mapping[str, str], difference: Difference) -> None:
    """Write and remove what `difference` says; touch nothing else.

    Raises ToolError where that is not possible, or where it would replace a README of another kind.
    """
    readme = folder / _README
    if _README in difference.changed and not _starts(readme, _README_MARK):
        raise ToolError(
            "KT808",
            f"{readme} was not written by `kvmtla gen`",
            hint="choose another folder with --output, or remove the file",
        )
    for path in (*difference.missing, *difference.changed):
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(target.parent, error) from error
        write_file(target, files[path])
    for path in difference.obsolete:
        target = folder / path
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(target, error) from error
        # The folder goes where nothing else is in it.
        with contextlib.suppress(OSError):
            target.parent.rmdir()


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ToolError("KT807", f"cannot read {error.filename}: {error.strerror}") from error


def _has(file: Path, text: str) -> bool:
    return file.read_bytes() == text.encode()


def _starts(file: Path, mark: str) -> bool:
    with _readable():
        return file.read_bytes().startswith(mark.encode())


def _is_generated(file: Path) -> bool:
    if file.suffix not in (".tla", ".cfg") or not file.is_file():
        return False
    head = file.read_bytes()[:_MODULE_HEAD].decode(errors="replace")
    if file.suffix == ".tla":
        return _MODULE_MARK in head
    found = _CFG_HEAD.match(head)
    return found is not None and file.name == f"{found[1]}.{found[2]}.cfg"


def _readme(points: Sequence[Point], *, some: bool = False) -> str:
    """Return the page about the files of `points`; `some`: there are more that are not here."""
    first = points[0]
    lines = [
        _README_MARK,
        "",
        "# Generated TLA+",
        "",
        "A folder for each scenario of the spec, a module in it for each value of the constants,",
        "and a configuration for each property. Change the spec, not these files.",
        *(_OF_SOME if some else ()),
        "",
        "To check one by hand, nothing is needed but Java and `tla2tools.jar`:",
        "",
        f"    cd {first.module.folder}",
        "    java -cp /path/to/tla2tools.jar tlc2.TLC -deadlock -config "
        f"{first.module.cfg_file(first.prop)} {first.module.file}",
        "",
        "`-deadlock` tells TLC not to look for deadlocks: nobody has to begin another operation.",
        "",
        "| configuration | claim | expected |",
        "|---|---|---|",
    ]
    for p in points:
        file = f"{p.module.folder}/{p.module.cfg_file(p.prop)}"
        lines.append(f"| `{file}` | {p.claim.full_name} | {p.expected} |")
    return "\n".join(lines) + "\n"
