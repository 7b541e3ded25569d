"""`python -m kvmtla.fuzz`: compare random specifications, by hand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import platformdirs

from kvmtla.fuzz import campaign
from kvmtla.fuzz.specification import seeded
from kvmtla.tlc import find_toolchain


def main() -> int:
    """Run a campaign, or show one specification; return the exit status."""
    parser = argparse.ArgumentParser("python -m kvmtla.fuzz", description=__doc__)
    parser.add_argument("models", type=int, nargs="?", default=3000, help="how many (3000)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first (0)")
    parser.add_argument("--jobs", type=int, default=campaign.default_jobs(), metavar="N")
    parser.add_argument("--show", type=int, metavar="N", help="print the specification number N")
    parser.add_argument("--census", action="store_true", help="print how many have which construct")
    given = parser.parse_args()
    if given.show is not None:
        print(seeded(given.show), end="")
        return 0
    kept = Path(platformdirs.user_cache_dir("kvmtla")) / "fuzz"
    seeds = range(given.first, given.first + given.models)
    found = campaign.run(
        find_toolchain(),
        seeds,
        jobs=given.jobs,
        kept=kept,
        said=lambda text: print(text, file=sys.stderr, flush=True),
    )
    for line in found.lines():
        print(line)
    if given.census:
        for construct, many in sorted(found.census().items()):
            print(f"{many:6,}  {construct}")
    faults = list(found.faults())
    for fault in faults:
        print(f"! {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
