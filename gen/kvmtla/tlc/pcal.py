"""Runs the PlusCal translator, which is in the same jar as TLC."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from kvmtla.errors import ToolError
from kvmtla.tlc.command import RunOptions, java_options
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.toolchain import Toolchain

# It takes a moment; where it takes this long, in seconds, it never ends.
_LIMIT = 120
# How a translation says that a name in it differs from that in the algorithm.
_RENAMED = re.compile(r"^\\\* (.* changed to \w+)$", re.MULTILINE)
_TRANSLATION = re.compile(r"^\\\* BEGIN TRANSLATION.*?^\\\* END TRANSLATION", re.M | re.S)


def translate(toolchain: Toolchain, module: str, text: str) -> str:
    """Return the text of `module` with the translation of its algorithm in it.

    Runs in a folder of its own, and writes no configuration. Raises ToolError with what the
    translator says where it does not accept the algorithm, or accepts it under other names: whoever
    reads the states would look for the old ones.
    """
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as private:
        folder = Path(private)
        file = folder / f"{module}.tla"
        file.write_text(text, encoding="utf-8")
        line = [str(toolchain.java.path), *java_options(RunOptions())]
        line += [f"-Djava.io.tmpdir={private}", "-cp", str(toolchain.jar.path), "pcal.trans"]
        # With a configuration, it would replace one that is there.
        line += ["-nocfg", file.name]
        try:
            done = subprocess.run(
                line,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_LIMIT,
                env=java_environment(),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError("KT811", f"the PlusCal translator does not run: {error}") from error
        made = file.read_text(encoding="utf-8", errors="replace")
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or "Translation completed." not in said:
        raise ToolError(
            "KT811", f"the PlusCal translator refuses {module}:\n{said or 'it says nothing'}"
        )
    found = _TRANSLATION.search(made)
    if found is None or "Init ==" not in found[0]:
        raise ToolError(
            "KT811", f"the PlusCal translator left {module} without a translation:\n{said}"
        )
    if renamed := _RENAMED.findall(found[0]):
        raise ToolError("KT811", f"the PlusCal translator renames: {'; '.join(renamed)}")
    return made
