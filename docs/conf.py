"""How Sphinx makes a site of these pages: `make docs`.

The pages are plain Markdown, and read as well where no site is made of them. The navigation is what
index.md lists.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

_HERE = Path(__file__).parent

project = "kvmtla"
release = tomllib.loads((_HERE.parent / "pyproject.toml").read_text())["project"]["version"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
# Pygments has no such language.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "kvmtla"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
pygments_style = "default"
pygments_dark_style = "monokai"

_SECTION = re.compile(r"^## (.*)\n((?:\n|- .*\n)+)", re.MULTILINE)
_LINK = re.compile(r"\]\(([\w/-]+)\.md\)")
_DECISION = re.compile(r"\((\d{4}-[\w-]+)\.md\)")


def _toctree(pages: list[str], caption: str = "") -> str:
    caption = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:hidden:\n:titlesonly:\n{caption}\n" + "\n".join(pages) + "\n```\n"


def _add_navigation(_: Sphinx, page: str, source: list[str]) -> None:
    """Adds what Sphinx builds its navigation from, which Markdown has no word for."""
    if page == "index":
        for title, links in _SECTION.findall(source[0]):
            source[0] += _toctree(_LINK.findall(links), title)
    elif page == "decisions/README":
        source[0] += _toctree(_DECISION.findall(source[0]))


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    app.connect("source-read", _add_navigation)
