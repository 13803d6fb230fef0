"""What tests/sync runs syncs with, and the table of `make chaos` at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..sync.conftest import alone, elsewhere, fresh, open_campus
from .numbers import DRIFTS, KILLS, SEED
from .tally import Tally

__all__ = ["alone", "elsewhere", "fresh", "open_campus"]

_TALLY = pytest.StashKey[Tally]()


class _Collector:
    """Hears of every case, in this process or in one of xdist's."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name in ("kill", "drift"):
                    self._tally.enter(name, json.loads(str(value)))


def pytest_configure(config: pytest.Config) -> None:
    """Where this folder is what is run, and not one of many."""
    config.stash[_TALLY] = Tally()
    config.pluginmanager.register(_Collector(config.stash[_TALLY]))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Too few lists that moved were mended: that is no fault of one case, but of all."""
    if session.config.stash[_TALLY].mends_too_few and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table."""
    lines = terminalreporter.config.stash[_TALLY].lines()
    if lines:
        terminalreporter.section(f"chaos: CHAOS_SEED={SEED} CHAOS_KILLS={KILLS} CHAOS_DRIFTS={DRIFTS}")
        for line in lines:
            terminalreporter.write_line(line)
