"""What Init says of first states that are chosen."""

from __future__ import annotations

from pathlib import Path

from support.specs import HEADER, load, modules, project_of

SPEC = """
@initial
def first(m: Machine) -> None:
    m.busy = choose(bool)
    if choose(bool):
        m.waiting = Set({choose(Cpu)})

@operation()
def op(m: Machine) -> None:
    WRITE_ONCE(m.busy, False)

@invariant
def inv(m: Machine) -> bool:
    return m.busy
"""


def _init(folder: Path, text: str) -> str:
    (module,) = modules(project_of(load(folder, HEADER + text)), folder).values()
    return module.text.partition("\nInit ==\n")[2].partition("\n\n")[0]


def test_a_choice_of_what_is_left_out_is_left_out(tmp_path: Path) -> None:
    # An \\E with nothing behind it would be no TLA+.
    assert _init(tmp_path, SPEC) == (
        "    /\\ \\E result \\in BOOLEAN :\n"
        "           /\\ busy = result\n"
        '           /\\ task_pc = "idle"'
    )


def test_a_choice_on_one_side_of_another(tmp_path: Path) -> None:
    text = SPEC.replace("return m.busy", "return m.busy or any(c in m.waiting for c in Cpu)")
    text = text.replace("m.busy, False)", "m.waiting, Set())")
    assert _init(tmp_path, text) == (
        "    /\\ \\E result \\in BOOLEAN :\n"
        "           /\\ \\E r \\in BOOLEAN :\n"
        "                  /\\ busy = result\n"
        '                  /\\ task_pc = "idle"\n'
        "                  /\\ IF r\n"
        "                       THEN /\\ \\E result_1 \\in Cpu :\n"
        "                                   /\\ waiting = {result_1}\n"
        "                       ELSE /\\ waiting = {}"
    )


def test_nobody_is_in_a_span_when_it_begins(tmp_path: Path) -> None:
    text = SPEC.replace("m.busy = choose(bool)", "m.busy = walking.active()")
    text = text.replace(
        "WRITE_ONCE(m.busy, False)", "with walking():\n        WRITE_ONCE(m.busy, False)"
    )
    init = _init(tmp_path, f'walking = Span("Somebody walks.")\n{text}')
    # Where the actors are, Init says later.
    assert "/\\ busy = FALSE\n" in init
    assert "walking" not in init
