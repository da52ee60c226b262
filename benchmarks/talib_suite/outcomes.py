"""A pytest plugin: the outcome of each test, as JSON in the file that ``TALIB_OUTCOMES`` names."""

import json
import os
from pathlib import Path

_found = {}


def pytest_runtest_logreport(report):
    """Keep the worst of a test's three steps."""
    if report.when == "call" or report.outcome != "passed":
        reason = ""
        if report.failed:
            reason = str(getattr(report.longrepr, "reprcrash", None) or report.longrepr)
        _found[report.nodeid] = [report.outcome, reason]


def pytest_collectreport(report):
    """A file that can't be collected counts as a test that fails."""
    if report.failed:
        _found[report.nodeid] = ["failed", str(report.longrepr)]


def pytest_sessionfinish():
    """Write them."""
    Path(os.environ["TALIB_OUTCOMES"]).write_text(json.dumps(_found), encoding="utf-8")
