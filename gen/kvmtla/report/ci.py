"""Results in the forms that CI systems read: JUnit XML, SARIF, and GitHub annotations."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvmtla.check.results import Result
from kvmtla.errors import Loc
from kvmtla.insight.vacuity import Finding
from kvmtla.trace import Trace, story
from kvmtla.trace.plain import plain
from kvmtla.verdict import Verdict

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "verdict-differs": "A claim turns out otherwise than it says.",
    "verdict-unknown": "The verdict on a claim could not be found.",
    "vacuous-property": "A property holds, and is about nothing.",
    "vacuous-operation": "An operation never runs.",
    "vacuous-condition": "A condition always comes out the same.",
    "vacuous-accepted": "The spec accepts that something does nothing, and it does something.",
}
_VACUITY = "vacuity"


def fault(result: Result) -> str | None:
    """Return what is wrong with a result, in a sentence; None where it is as expected."""
    if result.verdict is Verdict.UNKNOWN:
        return f"{result.point.label} is unknown: {result.reason}"
    if result.differs:
        return f"{result.point.label} is {result.said}, expected {result.point.expected}"
    return None


@dataclass(frozen=True)
class Idle:
    """Findings of what did nothing, and whether they are errors or only warnings."""

    findings: Sequence[Finding] = ()
    is_error: bool = False


_NOTHING = Idle()


def junit(results: Sequence[Result], name: str, root: Path, idle: Idle = _NOTHING) -> str:
    """Return JUnit XML: a test case for each result, a suite for each claim.

    A verdict that differs is a failure, an unknown one is an error; counterexamples are told.
    Findings of what did nothing form a suite of their own: a failure where they are errors, else a
    success with a remark.
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
    if idle.findings:
        _idle_suite(top, idle, root)
    ET.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _idle_suite(top: ET.Element, idle: Idle, root: Path) -> None:
    number = str(len(idle.findings))
    failures = number if idle.is_error else "0"
    suite = ET.SubElement(
        top,
        "testsuite",
        name=_VACUITY,
        tests=number,
        failures=failures,
        errors="0",
        time="0.000",
    )
    for f in idle.findings:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_VACUITY,
            name=_clean(f.text),
            time="0.000",
            file=_file(f.loc, root),
            line=str(f.loc.line),
        )
        if idle.is_error:
            ET.SubElement(case, "failure", message=_clean(f.text))
        else:
            ET.SubElement(case, "system-out").text = _clean(f"warning: {f.text}")


def sarif(results: Iterable[Result], version: str, root: Path, idle: Idle = _NOTHING) -> str:
    """Return SARIF 2.1.0: a result for each claim that is not as expected, located at the claim.

    The steps of a counterexample are its code flow. Each finding of what did nothing is a result
    too, at its own place in the spec.
    """
    level = "error" if idle.is_error else "warning"
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
        "results": [
            *(_alert(r, said, root) for r in results if (said := fault(r)) is not None),
            *(_idle_alert(f, level, root) for f in idle.findings),
        ],
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
        "partialFingerprints": {"point/v1": result.point.label},
    }
    if result.trace is not None:
        alert["codeFlows"] = [{"threadFlows": [{"locations": list(_flow(result.trace, root))}]}]
    return alert


def _idle_alert(finding: Finding, level: str, root: Path) -> dict[str, Any]:
    return {
        "ruleId": f"vacuous-{finding.kind}",
        "level": level,
        "message": {"text": finding.text},
        "locations": [_location(finding.loc, root)],
        "partialFingerprints": {"vacuity/v1": finding.text},
    }


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


def github(results: Iterable[Result], root: Path, idle: Idle = _NOTHING) -> str:
    """Return commands for GitHub's runner, each of which annotates a line of the spec."""
    level = "error" if idle.is_error else "warning"
    noted = [("error", place(r), r.point.claim.full_name, fault(r)) for r in results]
    noted += [(level, f.loc, _VACUITY, f.text) for f in idle.findings]
    lines = []
    for kind, loc, title, said in noted:
        if said is not None:
            at = f"file={_property(_file(loc, root))},line={loc.line},title={_property(title)}"
            lines.append(f"::{kind} {at}::{_data(said)}\n")
    return "".join(lines)


def place(result: Result) -> Loc:
    """Return where the spec makes the claim that the result is about."""
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
    """Return the text without the characters that XML does not allow."""
    return "\n".join(map(plain, text.splitlines()))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
