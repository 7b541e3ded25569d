"""Results in the forms that CI systems read: JUnit XML, SARIF, annotations of GitHub."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kvmtla.check.results import Result, label
from kvmtla.errors import Loc
from kvmtla.export.plain import plain
from kvmtla.tlc import Verdict
from kvmtla.trace import Trace, story

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "verdict-differs": "A claim turns out otherwise than it says.",
    "verdict-unknown": "The verdict on a claim could not be found.",
}


def fault(result: Result) -> str | None:
    """What is wrong with a result in a sentence, None where it is as expected."""
    if result.verdict is Verdict.UNKNOWN:
        return f"{label(result.point)} is unknown: {result.reason}"
    if result.differs:
        return f"{label(result.point)} is {result.said}, expected {result.point.expected}"
    return None


def junit(results: Sequence[Result], name: str, root: Path) -> str:
    """JUnit XML: a test case for each result, a suite for each claim.

    What differs is a failure, what is unknown is an error; counterexamples are told.
    """
    top = ET.Element("testsuites", name=name)
    for suite, cases in _by_claim(results).items():
        wrong = [c for c in cases if c.differs]
        unknown = [c for c in cases if c.verdict is Verdict.UNKNOWN]
        part = ET.SubElement(
            top,
            "testsuite",
            name=suite,
            tests=str(len(cases)),
            failures=str(len(wrong)),
            errors=str(len(unknown)),
            time=f"{sum(c.seconds for c in cases):.3f}",
        )
        for r in cases:
            loc = place(r)
            case = ET.SubElement(
                part,
                "testcase",
                classname=suite,
                name=_case(r),
                time=f"{r.seconds:.3f}",
                file=_file(loc, root),
                line=str(loc.line),
            )
            said = fault(r)
            if said is not None:
                kind = "error" if r.verdict is Verdict.UNKNOWN else "failure"
                text = story(r.trace, root=root) if r.trace is not None else said
                ET.SubElement(case, kind, message=_clean(said)).text = _clean(text)
    ET.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def sarif(results: Iterable[Result], version: str, root: Path) -> str:
    """SARIF 2.1.0: a result for each claim that is not as expected, where the spec claims it.

    The steps of a counterexample are its code flow.
    """
    run = {
        "tool": {
            "driver": {
                "name": "kvmtla",
                "version": version,
                "rules": [
                    {"id": i, "shortDescription": {"text": text}} for i, text in _RULES.items()
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_alert(r, said, root) for r in results if (said := fault(r)) is not None],
    }
    whole = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _alert(result: Result, said: str, root: Path) -> dict[str, Any]:
    unknown = result.verdict is Verdict.UNKNOWN
    alert: dict[str, Any] = {
        "ruleId": "verdict-unknown" if unknown else "verdict-differs",
        "level": "warning" if unknown else "error",
        "message": {"text": said},
        "locations": [_location(place(result), root)],
        "partialFingerprints": {"point/v1": label(result.point)},
    }
    if result.trace is not None:
        alert["codeFlows"] = [{"threadFlows": [{"locations": list(_flow(result.trace, root))}]}]
    return alert


def _flow(trace: Trace, root: Path) -> Iterator[dict[str, Any]]:
    for step in trace.steps:
        where = _location(Loc(step.file, step.line), root)
        yield {"location": {**where, "message": {"text": f"{step.actor}: {step.text}"}}}


def _location(loc: Loc, root: Path) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _file(loc, root), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": loc.line},
        }
    }


def github(results: Iterable[Result], root: Path) -> str:
    """Commands of GitHub's runner, each of which makes an annotation at a line of the spec."""
    lines = []
    for r in results:
        if (said := fault(r)) is not None:
            loc = place(r)
            file = _property(_file(loc, root))
            title = _property(r.point.claim.full_name)
            lines.append(f"::error file={file},line={loc.line},title={title}::{_data(said)}\n")
    return "".join(lines)


def place(result: Result) -> Loc:
    """Where the spec says what the result is about: the claim."""
    return result.point.claim.loc


def _by_claim(results: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for r in results:
        found.setdefault(r.point.claim.full_name, []).append(r)
    return found


def _case(result: Result) -> str:
    settings = ", ".join(f"{n} {v}" for n, v in result.point.settings.items())
    return f"{result.point.prop}[{settings}]" if settings else result.point.prop


def _file(loc: Loc, root: Path) -> str:
    file = Path(loc.file)
    for folder in (Path.cwd(), root):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return file.as_posix()


def _clean(text: str) -> str:
    """Without what XML does not allow."""
    return "\n".join(map(plain, text.splitlines()))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
