"""The command `kvmtla`: its answers go to standard output, what it says about them to error."""

from kvmtla.cli.main import main

__all__ = ["main"]
