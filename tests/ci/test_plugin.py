"""The plugin of pytest, in a run of pytest as a user has one."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

TESTS = """
    def test_it(kvmtla):
        kvmtla.check("adders", "m.count <= 2", way="plain").holds()
        kvmtla.check("adders", "m.count < 2", way="atomic").violated()


    def test_that(kvmtla):
        kvmtla.check("adders", "m.count < 1", way="plain").holds()


    def test_limit(kvmtla):
        kvmtla.check("adders", "m.cuont < 1", way="plain").holds()
"""


def test_claims_and_the_fixture(counting: pytest.Pytester) -> None:
    counting.makepyfile(test_mine=TESTS)
    done = counting.runpytest_subprocess(
        "--kvmtla-spec=./counting.py", "-n2", "-v", "--junit-xml=out.xml"
    )
    text = done.stdout.str()
    done.assert_outcomes(passed=5, failed=4)
    assert " kvmtla::L3.wrong[nothing_lost,way=plain]" in text
    # In L2 both get stuck, so that nothing is known of it.
    assert "is unknown: forth and back can never go on" in text
    assert "L3 wrong, way plain: nothing_lost is violated, expected holds" in text
    assert "adders, way plain: invariant is violated, expected holds" in text
    assert "WRITE_ONCE(count, old + 1)" in text
    assert "error[KT302]: the shared state has no field 'cuont'" in text
    cases = list(ET.parse(counting.path / "out.xml").iter("testcase"))
    assert len(cases) == 9


def test_nothing_is_loaded_without_need(counting: pytest.Pytester) -> None:
    counting.makepyfile(
        test_mine="""
        import sys

        def test_it():
            assert "kvmtla.pytest_plugin" in sys.modules
            heavy = ("kvmtla.check", "kvmtla.front", "jinja2", "lark", "rich")
            assert not any(m.startswith(heavy) for m in sys.modules)
        """
    )
    counting.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_wrong_spec_is_a_mistake_of_use(counting: pytest.Pytester) -> None:
    counting.makeini("[pytest]\nkvmtla_spec = ./no_such_file.py\n")
    done = counting.runpytest_subprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "error[KT001]: there is no spec" in done.stderr.str()
