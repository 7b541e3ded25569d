"""The data of a page in HTML, with its style and its script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from kvmtla import templates
from kvmtla.page.model import PageData, as_json


def environment() -> Environment:
    """Return the environment of this package's templates; all that is put in is escaped."""
    return templates.environment(__package__, escaped=True)


def page(data: PageData, story: str) -> str:
    """Return the page as one file; `story` is shown where there is no JavaScript."""
    return render("page.html.jinja", "page.js", data=data, json=Markup(as_json(data)), story=story)


def render(template: str, script: str | None = None, **values: object) -> str:
    """Return a page of this package, with the common style and its own script in it.

    Nothing else is run or fetched: the page's own policy forbids it.
    """
    style = _asset("page.css")
    code = _asset(script) if script is not None else ""
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
    policy += f"style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(code)}'"
    return (
        environment()
        .get_template(template)
        .render(policy=policy, style=Markup(style), code=Markup(code), **values)
    )


@cache
def _asset(name: str) -> str:
    """Return a file that is put in as it is."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
