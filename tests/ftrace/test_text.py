"""The texts that events come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.errors import ToolError
from kvmtla.ftrace.text import Format, read

SAYS = "as id 0 gfn 1 level 1 old_spte 0 new_spte b499e67"


@pytest.mark.parametrize(
    "line",
    [
        f"            main-310     [001]   46979998622: kvm_tdp_mmu_spte_changed: {SAYS}",
        f"  CPU 0/KVM-310     (    300) [001] ..... 46979.998622: kvm_tdp_mmu_spte_changed: {SAYS}",
        f"           <...>-310   [001] 46979.998622: kvm_tdp_mmu_spte_changed: {SAYS}",
        f"CPU 0/KVM   310 [001] 46979.998622: kvmmmu:kvm_tdp_mmu_spte_changed: {SAYS}",
    ],
    ids=["trace", "with flags", "trace-cmd", "perf"],
)
def test_an_event(tmp_path: Path, line: str) -> None:
    file = tmp_path / "trace"
    file.write_text(f"{line}\n", encoding="utf-8")
    trace = read(file)
    (event,) = trace.events
    assert not trace.flaws
    assert (event.line, event.name, event.text) == (1, "kvm_tdp_mmu_spte_changed", SAYS)
    assert event.task.endswith("-310")


def test_an_event_that_does_not_end_its_line(tmp_path: Path) -> None:
    file = tmp_path / "trace"
    head = "vcpu0-313     [001]   46978970946:"
    file.write_text(f"  {head} get_page:            {head} changed: {SAYS}\n", encoding="utf-8")
    assert [(e.name, e.text.strip()) for e in read(file).events] == [
        ("get_page", ""),
        ("changed", SAYS),
    ]


def test_a_format() -> None:
    form = Format("gfn {gfn:x} level {level:d} {rest} at {place:x}")
    assert form.values("gfn 1f level 2 (wxu) at 0x9f14008") == {
        "gfn": 0x1F,
        "level": 2,
        "place": 0x9F14008,
    }
    assert form.values("gfn 1f level x (wxu) at 0") is None


def test_a_binary_file_wants_the_tool_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "trace.dat"
    file.write_bytes(b"\x17\x08\x44tracing6\0")
    with pytest.raises(ToolError) as error:
        read(file)
    assert error.value.code == "KT815"
