"""Runs cells as IPython does: a list of them in, a list of what they show out, both as JSON."""

from __future__ import annotations

import json
import sys

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


def main() -> None:
    shell = InteractiveShell.instance()
    # No `Out[1]:` in front of what is shown.
    shell.displayhook.write_output_prompt = lambda: None
    shown = []
    for cell in json.load(sys.stdin):
        with capture_output(display=False) as printed:
            done = shell.run_cell(cell)
        done.raise_error()
        forms, _ = shell.display_formatter.format(done.result)
        shown.append({"text": printed.stdout.strip("\n"), "html": forms.get("text/html")})
    json.dump(shown, sys.stdout)


main()
