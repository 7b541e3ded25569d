"""Results as JSON, for other programs.

An object: `schema_version` (changed when a reader would have to be), `kvmtla`, `java` and `tlc`
(the versions that the results come from), `results`, and `vacuity`: the findings of what did
nothing, a list of objects with `kind` (property, operation, condition, accepted), `text`, `file`
and `line`. A result is an object:

- `claim` (number and name), a key for each constant of the spec, `property`;
- `expected` and `verdict`: `holds` or `violated`, of a goal `reached` or `unreached`, or `unknown`;
  `reason`: a text where it is unknown, else null;
- `depth`: the number of steps of the trace where there is one, else how many states deep TLC
  searched; `distinct` and `generated` states; each null where TLC did not get so far;
- `premise`: in how many states the premise of the property is true; null where it does not hold, or
  that was not counted;
- `stuck`: who can never go on, in a state nearest to the first ones: a list of names, empty if
  nobody gets stuck; null where that was not asked;
- `seconds` that TLC took; `cached` if that was at an earlier time;
- `loop`: for a trace that goes on for ever, how many steps come before those that repeat, else
  null; if that is all of its steps, nothing happens any more;
- `trace`: null, or a list of steps. A step has `actor`, `operation`, `text`, `file`, `line`,
  `kernel_source` (null where there is none) and `changes`, a list of `place`, `field` (`""` for the
  whole place), `before`, `after`, and `local` (the actor whose variable it is, null if shared);
  and `links`, a list of `kind` (`found`: it finds what the earlier step made; `undoes`: it stores
  what it read before that), `step` (the number of the earlier one, from 1) and `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kvmtla.check.results import Result
from kvmtla.errors import SpecError
from kvmtla.insight.counts import Counts
from kvmtla.insight.vacuity import Finding, premise_of
from kvmtla.lang.scenario import Project
from kvmtla.modules.module import Module
from kvmtla.tlc import Toolchain
from kvmtla.trace import Step, Trace

SCHEMA_VERSION = 1
_KEYS = (
    *("claim", "property", "expected", "verdict", "reason", "depth", "distinct", "generated"),
    *("premise", "stuck", "seconds", "cached", "loop", "trace"),
)


def check_names(project: Project) -> None:
    """Raise SpecError where a constant has the same name as another key of a result."""
    for decl in project.constants:
        if getattr(decl, "name", None) in _KEYS:
            raise SpecError(
                "KT619",
                f"a constant cannot be called {decl.name!r}: that is something a result has",
                hint="give it another name",
                loc=project.loc,
            )


def report(
    results: Iterable[Result],
    toolchain: Toolchain,
    version: str,
    root: Path,
    counts: Mapping[Module, Counts],
    findings: Iterable[Finding],
) -> str:
    """Return the JSON text; files are relative to `root`, `version` is that of this program.

    `counts` are those of the modules, `findings` those of what did nothing.
    """
    return _text(
        {
            "schema_version": SCHEMA_VERSION,
            **_origin(toolchain, version),
            "results": [result_object(r, root, premise_of(r, counts)) for r in results],
            "vacuity": [_idle(f, root) for f in findings],
        }
    )


def single_report(
    result: Result, toolchain: Toolchain, version: str, root: Path, trace: Trace | None = None
) -> str:
    """Return the JSON text of a single result; another `trace` replaces its own."""
    found = result_object(result, root)
    if trace is not None:
        found |= {"depth": len(trace.steps), "loop": None, "trace": _steps(trace, root)}
    return _text({"schema_version": SCHEMA_VERSION, **_origin(toolchain, version), **found})


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _origin(toolchain: Toolchain, version: str) -> dict[str, Any]:
    return {"kvmtla": version, "java": toolchain.java.version, "tlc": toolchain.version}


def result_object(result: Result, root: Path, premise: int | None = None) -> dict[str, Any]:
    """Return one result, ready for `json`; `premise` is as in `premise_of`."""
    point = result.point
    return {
        "claim": point.claim.full_name,
        **point.settings,
        "property": point.prop,
        "expected": point.expected,
        "verdict": result.said,
        "reason": result.reason,
        "depth": result.depth,
        "distinct": result.distinct,
        "generated": result.generated,
        "premise": premise,
        "stuck": list(result.stuck.who) if result.stuck is not None else None,
        "seconds": round(result.seconds, 3),
        "cached": result.cached,
        "loop": result.trace.loop if result.trace is not None else None,
        "trace": _steps(result.trace, root) if result.trace is not None else None,
    }


def _steps(trace: Trace, root: Path) -> list[dict[str, Any]]:
    return [_step(s, root) for s in trace.steps]


def _step(step: Step, root: Path) -> dict[str, Any]:
    return {
        "actor": step.actor,
        "operation": step.operation,
        "text": step.text,
        "file": _file(step.file, root),
        "line": step.line,
        "kernel_source": step.kernel_source,
        "changes": [
            {
                "place": c.place,
                "field": c.field,
                "before": c.before,
                "after": c.after,
                "local": c.local,
            }
            for c in step.changes
        ],
        "links": [{"kind": n.kind, "step": n.number, "text": n.text} for n in step.links],
    }


def _idle(finding: Finding, root: Path) -> dict[str, Any]:
    file = _file(finding.loc.file, root)
    return {"kind": finding.kind, "text": finding.text, "file": file, "line": finding.loc.line}


def _file(name: str, root: Path) -> str:
    file = Path(name)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else name
