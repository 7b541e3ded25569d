"""What a user can do wrong: one clear message, exit status 2, nothing half-written."""

from __future__ import annotations

import os
import shlex
from typing import Any

import pytest

from kvmtla.errors.registry import Code, all_codes

HEAD = "from kvmtla import Actor, Domain, Project, Scenario\n"


def message(done: Any) -> str:
    """What was said, after a look that it is all that was said."""
    assert done.returncode == 2
    assert not done.stdout
    assert "Traceback" not in done.stderr
    return str(done.stderr)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "def f(:\n    pass\n",
            "some_spec.py:1: error[KT002]: invalid syntax\n 1 | def f(:\n   |       ^\n",
        ),
        (
            "from kvmtla import Actr\n",
            "some_spec.py:1: error[KT003]: kvmtla has no 'Actr'\n 1 | from kvmtla import Actr\n"
            "   | ^^^^^^^^^^^^^^^^^^^^^^^\n  help: did you mean 'Actor'?\n",
        ),
        (
            "import no_such_module\n",
            "some_spec.py:1: error[KT003]: No module named 'no_such_module'\n"
            " 1 | import no_such_module\n   | ^^^^^^^^^^^^^^^^^^^^^\n"
            "  help: install it, or correct the name\n",
        ),
        (
            f'{HEAD}x = ("ä", Aktor)\n',
            "some_spec.py:2: error[KT004]: NameError: name 'Aktor' is not defined\n"
            " 2 | x = (\"ä\", Aktor)\n   |           ^^^^^\n  help: did you mean 'Actor'?\n",
        ),
        (
            "import kvmtla\nx = kvmtla.Actr\n",
            "some_spec.py:2: error[KT004]: AttributeError: module 'kvmtla' has no attribute "
            "'Actr'\n"
            " 2 | x = kvmtla.Actr\n   |     ^^^^^^^^^^^\n  help: did you mean 'Actor'?\n",
        ),
        (
            "raise SystemExit(3)\n",
            "some_spec.py:1: error[KT004]: sys.exit(): the spec ends the program\n"
            " 1 | raise SystemExit(3)\n   | ^^^^^^^^^^^^^^^^^^^\n"
            "  help: remove it: a spec only declares\n",
        ),
        (
            "x = 1 / 0\n",
            "some_spec.py:1: error[KT004]: ZeroDivisionError: division by zero\n 1 | x = 1 / 0\n"
            "   |     ^^^^^\n",
        ),
        (
            f'{HEAD}Scenario("x")\n',
            "some_spec.py:2: error[KT007]: Scenario() also wants 'doc'\n"
            ' 2 | Scenario("x")\n   | ^^^^^^^^^^^^^\n  help: add doc=...\n',
        ),
        (
            f"{HEAD}class D(Domain): pass\nfor d in D: pass\n",
            "some_spec.py:3: error[KT004]: NotRunError: for ... in D: a spec is compiled from its "
            "source, it is never run\n 3 | for d in D: pass\n   | ^^^^^^^^^^^^^^^^\n",
        ),
        (
            "x = 1\n",
            "some_spec.py:1: error[KT006]: some_spec has no `project`\n 1 | x = 1\n   | ^^^^^\n"
            "  help: write project = Project(...) in it\n",
        ),
        ("x = 1\0\n", "error[KT002]: a file of some_spec is no Python: "),
    ],
)
def test_spec_that_cannot_be_imported(kvmtla: Any, text: str, said: str) -> None:
    found = message(kvmtla("verify", spec=text))
    found = found.replace(f"{kvmtla.folder}{os.sep}", "")
    assert found == said or (said.endswith(": ") and found.startswith(said))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "old = READ_ONCE(m.count)\n        if",
            "old = m.count\n        if",
            "outside a primitive",
        ),
        ("m.count == 0", "m.cuont == 0", "cuont"),
        ("claims=[", "claims=3 * [", "L1"),
        (
            'way = constant("way"',
            'way = constant("claim"',
            "error[KT619]: a constant cannot be called 'claim'",
        ),
        ('way = constant("way"', 'way = constant("jobs"', "--jobs is an option already"),
    ],
)
def test_spec_that_makes_no_sense(
    kvmtla: Any, counter: str, before: str, after: str, said: str
) -> None:
    assert before in counter
    found = message(kvmtla("verify", "--json", "x.json", spec=counter.replace(before, after)))
    assert said in found
    assert "some_spec.py:" in found
    assert not (kvmtla.folder / "x.json").exists()


@pytest.mark.parametrize("spec", ["no_such_package", "./no_such_file.py"])
def test_no_such_spec(kvmtla: Any, spec: str) -> None:
    assert message(kvmtla("--spec", spec, "verify")).startswith("error[KT001]: there is no spec ")


def test_spec_in_a_package(kvmtla: Any, counter: str) -> None:
    folder = kvmtla.folder / "mit ü" / "pack"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from pack.inner import project\n")
    (folder / "inner.py").write_text(counter)
    done = kvmtla("--spec", "./mit ü/pack", "list", "L3")
    assert done.returncode == 0
    (folder / "inner.py").write_text(counter.replace("m.count == 0", "m.count = 0"))
    found = message(kvmtla("--spec", "./mit ü/pack", "list"))
    assert found.startswith(f"{folder}{os.sep}inner.py:")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["L9"], "there is no claim 'L9'\n  help: there is: L1, L1b, L2, L3\n"),
        (["crosed"], "did you mean 'crossed'?"),
        (["x*"], "no claim matches 'x*'"),
        (["--way", "odd"], "'odd' is not one of 'plain', 'atomic'"),
        (["L3", "--way", "atomic"], "there is: way plain"),
        (["--jobs", "0"], "--jobs"),
        (["--timeout", "0"], "--timeout"),
        (["--kernel", "5.19"], "no such option"),
        (["--jar", "some_spec.py"], "some_spec.py (named with --jar) is not a jar"),
        (["--java", "nowhere"], "nowhere (named with --java)"),
        (["--java", "/bin/true"], "/bin/true (named with --java) is not a Java that runs"),
        (["--json", "no/such/folder.json"], "there is no folder no/such"),
        (["--json", "."], "cannot write .: it is a folder"),
        (["--json", "/proc/x.json"], "cannot write /proc/x.json"),
    ],
)
def test_wrong_options(kvmtla: Any, counter: str, arguments: list[str], said: str) -> None:
    assert said in message(kvmtla("verify", *arguments, spec=counter))


def test_wrong_property(kvmtla: Any, counter: str) -> None:
    found = message(kvmtla("show", "L1", "--property", "nothing_last", spec=counter))
    assert "there is no property 'nothing_last' in L1 lost\n" in found
    assert "did you mean 'nothing_lost'?" in found


def test_wrong_command(kvmtla: Any) -> None:
    assert "did you mean 'verify'?" in message(kvmtla("verfiy"))


def test_a_full_disk_loses_the_file_only(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "L1b", "--json", "/dev/full", spec=counter)
    assert done.returncode == 2
    assert "L1b found" in done.stdout
    assert done.stderr.endswith("error[KT806]: cannot write /dev/full: No space left on device\n")


def test_a_cache_that_cannot_be_written_is_done_without(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "L1b", spec=counter, KVMTLA_CACHE="/proc/no/cache")
    assert done.returncode == 0


@pytest.mark.parametrize(
    "code", [c for c in all_codes().values() if c.kind == "command"], ids=lambda c: c.code
)
def test_the_example_of_a_code(kvmtla: Any, counter: str, code: Code) -> None:
    program, *arguments = shlex.split(code.wrong)
    assert program == "kvmtla"
    assert f"error[{code.code}]: " in message(kvmtla(*arguments, spec=counter))


def test_help_of_a_code(kvmtla: Any) -> None:
    shown = kvmtla("help", "kt501").stdout
    assert shown.startswith("KT501: Shared state outside a primitive\n\nOther actors")
    assert "\nWrong:\n\n    if m.pte[page].dirty:\n" in shown
    assert "KT504  " in kvmtla("help", "KT5").stdout
    assert "KT5..  " in kvmtla("help").stdout
    assert "error[KT912]: there is no code 'KT50l'" in message(kvmtla("help", "KT50l"))
    assert "help: did you mean 'KT5" in message(kvmtla("help", "KT50l"))
    assert "Usage: kvmtla verify" in kvmtla("help", "verify").stdout


def test_only_an_invariant_is_inductive(kvmtla: Any, counter: str) -> None:
    grows = (
        "\n\n@step_invariant\ndef grows(before: World, after: World) -> bool:\n"
        "    return before.count <= after.count\n"
    )
    spec = counter.replace("    operation,\n", "    operation,\n    step_invariant,\n") + grows
    assert "error[KT914]: grows is no invariant" in message(
        kvmtla("induct", "grows", "adders", spec=spec)
    )


def test_modules_that_import_each_other(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    model = kvmtla.folder / "mine" / "model.py"
    model.write_text(f"from . import project\n{model.read_text(encoding='utf-8')}")
    done = kvmtla("list", "--spec", "mine")
    assert done.returncode == 2
    assert "mine/model.py:1: error[KT003]: two modules import each other\n" in done.stderr
    assert "  help: put what both need into a module that imports neither\n" in done.stderr
