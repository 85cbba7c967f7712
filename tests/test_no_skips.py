"""The mechanism of tests/conftest.py, on a test run of its own."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

def test_skipped():
    pytest.skip("no browser")

@pytest.mark.skipif(True, reason="no browser")
def test_marked():
    pass

@pytest.mark.xfail
def test_expected_to_fail():
    assert False
"""


@pytest.fixture
def run(pytester):
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf8"))
    pytester.makepyfile(TESTS)
    pytester.makepyfile(test_module="import pytest\npytest.importorskip('no_such_module')")
    return lambda: pytester.runpytest_subprocess("--continue-on-collection-errors")


def test_skips_are_allowed_by_default(run, monkeypatch):
    monkeypatch.delenv("NO_SKIPS", raising=False)
    run().assert_outcomes(skipped=3, xfailed=1)


def test_every_kind_of_skip_fails_when_refused(run, monkeypatch):
    monkeypatch.setenv("NO_SKIPS", "1")
    result = run()
    result.stdout.fnmatch_lines(["*NO_SKIPS is set, but: *no browser*"])
    result.assert_outcomes(failed=1, errors=2, xfailed=1)  # errors: before the test's own body
