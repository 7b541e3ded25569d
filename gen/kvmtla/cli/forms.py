"""The forms in which `kvmtla show` gives a counterexample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from kvmtla.check.results import Result
from kvmtla.cli.version import version
from kvmtla.export import dot, graph, itf, mermaid, svg
from kvmtla.modules.bounds import bounds
from kvmtla.page import Shown, page, page_data
from kvmtla.page.model import Claim
from kvmtla.report.json import single_report
from kvmtla.tlc import Toolchain
from kvmtla.trace import Trace, commit_form, story
from kvmtla.trace.mail import Subject, mail
from kvmtla.trace.plain import plain


@dataclass(frozen=True)
class Telling:
    """A counterexample to be shown: `trace` is that of `result`, or a path in the same model.

    `command` shows the same again, and `root` is the folder to which places are relative.
    """

    result: Result
    trace: Trace
    full: bool
    command: str
    root: Path
    toolchain: Toolchain
    fields: tuple[str, ...] = ()
    """The fields by which states are put together, in the forms of `OF_STATES`."""


def _story(t: Telling) -> str:
    claim = t.result.point.claim
    quote = click.wrap_text(plain(" ".join(f'"{claim.quote}"'.split())), 78, "  ", "  ")
    told = story(t.trace, full=t.full, root=t.root)
    return f"{plain(claim.full_name)}\n{quote}\n  {plain(claim.source)}\n\n{told}\n"


def _commit(t: Telling) -> str:
    return commit_form(t.trace) + "\n"


def _mail(t: Telling) -> str:
    claim = t.result.point.claim
    said = "shown along a chosen path" if t.trace.own else t.result.said
    about = Subject(
        *(claim.full_name, claim.quote, claim.source, said, bounds(claim.scenario), t.command)
    )
    return mail(t.trace, about) + "\n"


def _json(t: Telling) -> str:
    chosen = t.trace if t.trace.own else None
    return single_report(t.result, t.toolchain, version(), t.root, chosen)


def html(t: Telling) -> str:
    """Return the counterexample as a page."""
    claim = t.result.point.claim
    shown = Shown(
        t.result.point.module.model,
        t.trace,
        Claim(claim.full_name, claim.quote, claim.source, claim.note),
        "a chosen path" if t.trace.own else t.result.said,
        bounds(claim.scenario),
        t.command,
        f"kvmtla {version()}",
        t.root,
    )
    return page(page_data(shown), _story(t))


FORMS: Mapping[str, Callable[[Telling], str]] = {
    "story": _story,
    "commit": _commit,
    "mail": _mail,
    "json": _json,
    "html": html,
    "svg": lambda t: svg(t.trace),
    "mermaid": lambda t: mermaid(t.trace),
    "graph": lambda t: graph(t.result.point.module.model, t.trace, t.fields),
    "dot": lambda t: dot(t.result.point.module.model, t.trace, t.fields),
    "itf": lambda t: itf(t.result.point.module.model, t.trace, f"kvmtla {version()}"),
}
OF_STATES = ("graph", "dot")
"""The forms that show all states, where `--fields` says which of them are drawn as one."""
HELP = (
    "story: step by step, for a terminal; commit: side by side in 75 columns, for a commit message;"
    " mail: what is claimed and the steps that matter, at most 75 wide; json: for a program; html: "
    "a page to step through, and to try other steps; svg: a picture of the steps; mermaid: a "
    "sequence diagram; graph: a picture of all states, if they are few or put together with "
    "--fields; dot: the same for GraphViz; itf: the states, in the format of Apalache."
)
