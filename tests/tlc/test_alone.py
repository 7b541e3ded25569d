"""TLC with two of its classes changed: it opens no port, and says what it says without."""

from __future__ import annotations

import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.tlc import RunOptions, Toolchain
from kvmtla.tlc.alone import changed_classes, renamed
from kvmtla.tlc.command import command
from kvmtla.tlc.java import java_environment

MODULE = """---- MODULE X ----
EXTENDS Integers
VARIABLES x, y
Init == x = 0 /\\ y \\in 0..9
Up == x < 30 /\\ x' = x + 1 /\\ y' \\in 0..9
Next == Up \\/ (x = 30 /\\ x' = 0 /\\ UNCHANGED y)
Spec == Init /\\ [][Next]_<<x, y>> /\\ WF_<<x, y>>(Next)
Small == x < 31
Smaller == x < 20
Recurs == []<>(x = 2)
Settles == <>[](x = 3)
====
"""
ENDS = {
    "INVARIANT Small": 0,
    "INVARIANT Smaller": 12,
    "PROPERTY Recurs": 0,
    "PROPERTY Settles": 13,
}
# What differs from run to run: the time, the process, the seed, and how fast it was.
VARIES = re.compile(r"\d\d:\d\d:\d\d|\d+ms|\d+s |pid: \d+|seed -?\d+|[\d,]+ d?s/min")


def said(toolchain: Toolchain, folder: Path, classes: Path | None) -> tuple[int, str, str]:
    """The exit status and the output of TLC on the module in `folder`, and the classes it loads."""
    private = folder / "private"
    private.mkdir(exist_ok=True)
    line = command(toolchain, "X", "X.cfg", private, RunOptions(), classes=classes)
    loaded = private / "loaded"
    line.insert(line.index("-cp"), f"-Xlog:class+load:file={loaded}")
    done = subprocess.run(
        line, cwd=folder, env=java_environment(), capture_output=True, text=True, check=False
    )
    return done.returncode, VARIES.sub("", done.stdout), loaded.read_text()


@pytest.mark.parametrize(("asked", "status"), ENDS.items())
def test_what_tlc_says_is_the_same(
    toolchain: Toolchain, tmp_path: Path, asked: str, status: int
) -> None:
    (tmp_path / "X.tla").write_text(MODULE)
    (tmp_path / "X.cfg").write_text(f"SPECIFICATION Spec\n{asked}\n")
    classes = changed_classes(toolchain.jar)
    assert classes is not None
    ended, output, loaded = said(toolchain, tmp_path, classes)
    plainly_ended, plain_output, plain_loaded = said(toolchain, tmp_path, None)
    assert (ended, output) == (plainly_ended, plain_output)
    assert ended == status
    # What opens a port, and what Java has to be watched with.
    for name in ("sun.rmi.transport.tcp.TCPTransport ", "sun.management.MemoryPoolImpl "):
        assert name in plain_loaded
        assert name not in loaded


def test_only_names_are_changed(toolchain: Toolchain) -> None:
    classes = changed_classes(toolchain.jar)
    assert classes is not None
    with zipfile.ZipFile(classes) as new, zipfile.ZipFile(toolchain.jar.path) as old:
        before = {n: old.read(n) for n in new.namelist()}
        after = {n: new.read(n) for n in new.namelist()}
    assert sorted(after) == [
        "tlc2/tool/fp/FPSet.class",
        "tlc2/tool/management/TLCStandardMBean.class",
    ]
    for name, changes in (
        ("tlc2/tool/fp/FPSet.class", {"UnicastRemoteObject": "RemoteServer"}),
        (
            "tlc2/tool/management/TLCStandardMBean.class",
            {
                "java/lang/management/ManagementFactory": "javax/management/MBeanServerFactory",
                "getPlatformMBeanServer": "newMBeanServer",
            },
        ),
    ):
        # Each text has its length, two bytes, before it.
        text = before[name]
        for old_name, new_name in changes.items():
            text = text.replace(old_name.encode(), new_name.encode())
        lengths = [i for i, (a, b) in enumerate(zip(text, after[name], strict=True)) if a != b]
        assert len(lengths) == len(changes)


def test_another_tlc_is_left_as_it_is(toolchain: Toolchain) -> None:
    assert changed_classes(replace(toolchain.jar, sha256="0" * 64)) is None


def test_a_class_that_is_not_as_expected() -> None:
    # Magic, version, and constants: a text, a number of two slots, a text.
    texts = b"\x01\x00\x01a" + b"\x05" + bytes(8) + b"\x01\x00\x02bc"
    class_file = b"\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x05" + texts + b"rest a"
    changed = renamed(class_file, {"bc": "d", "a": "efg"})
    assert changed[10:] == b"\x01\x00\x03efg\x05" + bytes(8) + b"\x01\x00\x01drest a"
    for missing in ({"b": "d"}, {"a": "d", "x": "y"}):
        with pytest.raises(ValueError, match="expected"):
            renamed(class_file, missing)


def test_nothing_can_be_kept(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "file"))
    assert changed_classes(toolchain.jar) is None
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    classes = changed_classes(toolchain.jar)
    assert classes is not None
    good = classes.read_bytes()
    classes.write_bytes(b"rubbish")
    assert changed_classes(toolchain.jar) == classes
    assert classes.read_bytes() == good
