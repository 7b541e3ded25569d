"""`python -m kvmtla`."""

from kvmtla.cli import main

main()
