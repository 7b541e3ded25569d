"""Runs pip, the only way by which anything is fetched to this machine."""

from __future__ import annotations

import subprocess
import sys

from kvmtla.errors import ToolError


def pip(command: str, *arguments: str) -> None:
    """Run `pip command arguments` for wheels only, without their dependencies.

    The user's own configuration of pip decides which registry it asks. Raises ToolError with pip's
    last words where it fails.
    """
    line = [sys.executable, "-m", "pip", command, "--no-deps", "--only-binary", ":all:"]
    line += ["--disable-pip-version-check", "--no-input", "--quiet", *arguments]
    try:
        done = subprocess.run(
            line,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ToolError("KT805", f"pip cannot be run: {error}") from error
    if done.returncode != 0:
        words = [text for text in (done.stderr + done.stdout).splitlines() if text.strip()]
        raise ToolError(
            "KT805", f"pip {command} failed: {words[-1] if words else 'it says nothing'}"
        )
