"""The command `kvmtla`: what it says goes to standard output, what it says about it to error."""

from kvmtla.cli.main import main

__all__ = ["main"]
