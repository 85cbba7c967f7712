"""With NO_SKIPS=1 a skipped test fails: where all tools are there, none may hide."""

import os
import signal

import pytest

# as at a terminal: what a shell starts in the background ignores ctrl-c, and hands that on
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return refuse_skip((yield))


def refuse_skip(report):
    """Turn a skip into a failure; an expected failure, which is reported alike, stays."""
    if os.environ.get("NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"NO_SKIPS is set, but: {reason}"
    return report
