"""What tests/sync runs syncs with, and the line of `make histories` at the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..sync.conftest import alone, elsewhere
from .numbers import HISTORIES, SEED
from .tally import Tally

__all__ = ["alone", "elsewhere"]

_TALLY = pytest.StashKey[Tally]()


class _Collector:
    """Hears of every test, in this process or in one of xdist's."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for name, value in report.user_properties:
                if name == "histories":
                    self._tally.enter(json.loads(str(value)))


def pytest_configure(config: pytest.Config) -> None:
    """Where this folder is what is run, and not one of many."""
    config.stash[_TALLY] = Tally()
    config.pluginmanager.register(_Collector(config.stash[_TALLY]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The line."""
    lines = list(terminalreporter.config.stash[_TALLY].lines())
    if lines:
        terminalreporter.section(f"histories: HISTORIES_SEED={SEED} HISTORIES={HISTORIES}")
        for line in lines:
            terminalreporter.write_line(line)
