"""The workflows, those of the project and that for users, and the tests that a page shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT, Page

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGE = Page.read(ROOT / "docs" / "ci.md")


def steps(text: str) -> list[dict[str, Any]]:
    """The steps of a workflow with one job, which is all that ours have."""
    workflow = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def block(name: str) -> str:
    """The block of the page that makes the file."""
    (found,) = (b for b in PAGE.blocks() if b.options.get("file") == name)
    return "".join(f"{line}\n" for line in found.lines)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_what_our_workflows_run_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for step in steps(path.read_text(encoding="utf-8")):
        assert step.keys() & {"run", "uses"}
        words = step.get("run", "").split()
        if words[:1] == ["make"]:
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE)
        elif words:
            assert (ROOT / words[0]).exists()


def test_our_claims_are_annotated() -> None:
    workflow = (ROOT / ".github" / "workflows" / "claims.yml").read_text(encoding="utf-8")
    runs = [s["run"] for s in steps(workflow) if "run" in s]
    assert any("--format github" in run for run in runs)
    files = [
        s["with"]["sarif_file"] for s in steps(workflow) if "upload-sarif" in s.get("uses", "")
    ]
    assert all(any(f"-o {file}" in run for run in runs) for file in files)
    assert files


def test_what_users_are_given(tmp_path: Path, environment: dict[str, str]) -> None:
    """Their workflow on a new spec of theirs, and the tests of the page."""
    path = f"{ROOT / 'gen'}:{ROOT / 'spec'}"

    def run(*line: str) -> str:
        done = subprocess.run(
            line,
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": path},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("kvmtla", "new", "spec", "mine")
    workflow = steps(block(".github/workflows/claims.yml"))
    (verify,) = (s["run"] for s in workflow if s.get("run", "").startswith("kvmtla"))
    run(*verify.split())
    (file,) = (s["with"]["sarif_file"] for s in workflow if "upload-sarif" in s.get("uses", ""))
    assert json.loads((tmp_path / file).read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert run("kvmtla", "verify", "--spec", "./mine", "--format", "github") == ""

    (tmp_path / "test_mine.py").write_text(block("test_mine.py"), encoding="utf-8")
    said = run(sys.executable, "-m", "pytest", "--kvmtla-spec", "./mine")
    assert re.search(r"\b5 passed", said)
