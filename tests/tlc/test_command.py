from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.errors import ToolError
from kvmtla.tlc import RunOptions, Toolchain, describe, prepare_archive, run_tlc
from kvmtla.tlc.archive import archive_name, find_archive
from kvmtla.tlc.cfg import has_temporal_property, unsound_reduction
from kvmtla.tlc.command import command
from kvmtla.tlc.jar import Jar
from kvmtla.tlc.java import Java
from kvmtla.verdict import Verdict

TOOLCHAIN = Toolchain(
    Java(Path("/j/bin/java"), "17.0.1", "test"),
    Jar(Path("/t/tla2tools.jar"), "0" * 64, "test", writes_trace_specs=False),
    "TLC2 Version 2.15",
)


def line(toolchain: Toolchain = TOOLCHAIN, archive: Path | None = None, **options) -> list[str]:
    private = Path("/private")
    return command(toolchain, "X", "X.cfg", private, RunOptions(**options), archive=archive)


def test_the_whole_command() -> None:
    assert " ".join(line()) == (
        "/j/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=4"
        " -Xss16m -XX:+ExitOnOutOfMemoryError -XX:+DisplayVMOutputToStderr -Xlog:disable"
        " -XX:-UsePerfData"
        " -Djfr.unsupported.vm=true"
        " -Duser.language=en -Duser.country=US -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8"
        " -Dsun.stdout.encoding=UTF-8 -XX:C1MaxInlineSize=24 -Djava.locale.providers=COMPAT"
        " -Djava.io.tmpdir=/private"
        " -XX:ErrorFile=/private/java-error.log -cp /t/tla2tools.jar tlc2.TLC -tool"
        " -metadir /private -checkpoint 0 -fp 0 -fpmem 0.1 -workers 1"
        " -deadlock -config X.cfg X.tla"
    )


def test_options() -> None:
    assert "-workers 3" in " ".join(line(workers=3))
    assert "-workers 1" in " ".join(line(workers=3, temporal=True))
    assert "-deadlock" not in line(check_deadlock=True)
    assert "-Xmx100m" in line(heap_mb=100)
    assert "-Dtlc2.value.impl.LazyValue.off=true" in line(lazy_values=False)
    assert "-coverage" in line(coverage=True)
    assert "-Dtlc2.tool.fp.FPSet.impl=tlc2.tool.fp.OffHeapDiskFPSet" in line(large=True)
    newer = replace(TOOLCHAIN, jar=replace(TOOLCHAIN.jar, writes_trace_specs=True))
    assert "-noGenerateSpecTE" in line(newer)
    archive = Path("/cache/a.jsa")
    assert "-XX:SharedArchiveFile=/cache/a.jsa" in line(archive=archive)
    assert "-XX:SharedArchiveFile=/cache/a.jsa" not in line(archive=archive, large=True)
    old = replace(TOOLCHAIN, java=Java(Path("/j/bin/java"), "11.0.2", "test"))
    assert "-XX:ArchiveRelocationMode=0" in line(archive=archive)
    assert "-XX:ArchiveRelocationMode=0" not in line(old, archive=archive)
    new = replace(TOOLCHAIN, java=Java(Path("/j/bin/java"), "21.0.8", "test"))
    assert "-XX:C1MaxInlineSize=24" in line(new)
    assert "-XX:C1MaxInlineSize=24" not in line(old)
    assert "-Djava.locale.providers=COMPAT" in line(old)
    assert "-Djava.locale.providers=COMPAT" not in line(new)


@pytest.mark.parametrize("options", [{}, {"large": True, "coverage": True, "temporal": True}])
def test_what_makes_tlc_err_is_never_used(options) -> None:
    bad = {"-nowarning", "-continue", "-dfid", "-generateSpecTE", "-simulate", "-recover"}
    assert not bad & set(line(**options))


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"time_limit": 0}, {"time_limit": float("nan")}, {"heap_mb": 0}]
)
def test_numbers_out_of_range(options) -> None:
    with pytest.raises(ToolError, match="KT810"):
        RunOptions(**options)


@pytest.mark.parametrize(
    ("cfg", "temporal", "reduction"),
    [
        ("INIT Init\nNEXT Next\nCONSTRAINT C\nVIEW V", False, None),
        ("SPECIFICATION Spec\nPROPERTY P", True, None),
        ("SPECIFICATION Spec PROPERTIES P VIEW V", True, "VIEW"),
        ("PROPERTY P\nACTION_CONSTRAINTS C", True, "ACTION_CONSTRAINTS"),
        ("SYMMETRY S \\* PROPERTY P\n", False, None),
        ("SYMMETRY S (* \nPROPERTY P *) INVARIANT I", False, None),
        ('CONSTANT c = "PROPERTY"\nVIEW V', False, None),
        ("(* x *) PROPERTY (* *) P (* SYMMETRY *)", True, None),
        ("PROPERTYX P", False, None),
    ],
)
def test_what_a_cfg_asks_for(cfg: str, temporal: bool, reduction: str | None) -> None:
    assert has_temporal_property(cfg) is temporal
    assert unsound_reduction(cfg) == reduction


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


# Takes the place of a Java that writes an archive, and takes its time.
SLOW_JAVA = """
for word; do
  case $word in
    -XX:SharedArchiveFile=*)
      echo half > "${word#*=}"; sleep 0.3; echo whole > "${word#*=}"
  esac
done
"""


def test_archive_made_by_several_at_once(fake_java, cache: Path) -> None:
    toolchain = fake_java(SLOW_JAVA)
    assert find_archive(toolchain) is None
    with ThreadPoolExecutor() as pool:
        made = list(pool.map(prepare_archive, [toolchain] * 4))
    path = made[0]
    assert path is not None
    assert made == [path] * 4
    assert prepare_archive(toolchain) == path
    assert path.read_text() == "whole\n"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def _small(folder: Path) -> None:
    text = "---- MODULE X ----\nVARIABLE x\nInit == x = 0\nNext == x' = x\n===="
    (folder / "X.tla").write_text(text)
    (folder / "X.cfg").write_text("INIT Init\nNEXT Next\n")


def test_archive_is_used(toolchain: Toolchain, tmp_path: Path) -> None:
    _small(tmp_path)
    path = prepare_archive(toolchain)
    assert path is not None
    assert find_archive(toolchain) == path
    assert str(path) in dict(describe(toolchain))["class-data archive"]
    # Java starts with it even when it is told not to start without.
    java = [str(toolchain.java.path), "-Xshare:on", f"-XX:SharedArchiveFile={path}"]
    java += ["-XX:+UseSerialGC", "-cp", str(toolchain.jar.path), "-version"]
    assert subprocess.run(java, capture_output=True, check=False).returncode == 0
    assert run_tlc(toolchain, tmp_path, "X", "X.cfg").verdict is Verdict.HOLDS
    for large in (False, True):
        outcome = run_tlc(toolchain, tmp_path, "X", "X.cfg", options=RunOptions(large=large))
        assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"rubbish",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    ],
)
def test_a_broken_archive_is_made_again(fake_java, cache: Path, damage) -> None:
    toolchain = fake_java(SLOW_JAVA.replace("echo whole >", "head -c 9999 /dev/zero >"))
    made = prepare_archive(toolchain)
    assert made is not None
    whole = made.read_bytes()
    made.write_bytes(damage(whole))
    again = find_archive(toolchain)
    assert again is not None
    assert again.read_bytes() == whole
    assert list(again.parent.iterdir()) == [again]


@pytest.mark.parametrize("end", ["kill -BUS $$", "kill -ABRT $$", "echo no archive >&2; exit 1"])
def test_a_run_that_dies_of_its_archive_is_repeated_without(
    fake_java, toolchain: Toolchain, tmp_path: Path, cache: Path, end: str
) -> None:
    _small(tmp_path)
    counted = f'echo "$*" >> {tmp_path}/runs\n'
    dies = f'case "$*" in *SharedArchiveFile*X.tla) {end} ;; esac\n'
    makes = (
        'case "$*" in *-Xshare*) for w; do case $w in -XX:SharedArchiveFile=*) '
        'echo "$w" $RANDOM > "${w#*=}";; esac; done; exit 0;; esac\n'
    )
    java = fake_java(f'{counted}{dies}{makes}exec "$JAVA" "$@"')
    first = prepare_archive(java)
    assert first is not None
    (tmp_path / "runs").unlink()
    assert run_tlc(java, tmp_path, "X", "X.cfg").verdict is Verdict.HOLDS
    runs = (tmp_path / "runs").read_text().splitlines()
    assert ["SharedArchiveFile" in r for r in runs if r.endswith("X.tla")] == [True, False]
    # It was made again.
    assert sum("-Xshare:dump" in r for r in runs) == 1
    assert find_archive(java) is not None


def test_what_ends_badly_without_an_archive_too_is_not_its_fault(
    fake_java, tmp_path: Path, cache: Path
) -> None:
    _small(tmp_path)
    java = fake_java(f'case "$*" in *X.tla) kill -SEGV $$ ;; esac\n{SLOW_JAVA}')
    made = prepare_archive(java)
    outcome = run_tlc(java, tmp_path, "X", "X.cfg")
    assert (outcome.verdict, outcome.reason) == (Verdict.UNKNOWN, "TLC was killed by signal 11")
    assert find_archive(java) == made


def test_archive_that_cannot_be_made(fake_java, cache: Path) -> None:
    assert prepare_archive(fake_java("exit 1")) is None
    assert prepare_archive(fake_java(f"{SLOW_JAVA}\nexit 1")) is None
    assert not any((cache / "archive").iterdir())
    assert prepare_archive(TOOLCHAIN) is None


def test_another_java_or_jar_has_another_archive(toolchain: Toolchain, cache: Path) -> None:
    others = [
        toolchain,
        replace(toolchain, java=replace(toolchain.java, version="99")),
        replace(toolchain, jar=replace(toolchain.jar, sha256="1" * 64)),
        replace(toolchain, jar=replace(toolchain.jar, path=Path("/elsewhere.jar"))),
    ]
    assert len({archive_name(other) for other in others}) == len(others)
