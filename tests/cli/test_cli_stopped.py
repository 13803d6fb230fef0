"""Runs that came to no report: their exit codes, and files of ours that cannot be written."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.cli.console import code_of
from homeroom.errors import AuthError, DataError, DiskError, HomeroomError, InterruptError, LoadError

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]


def ended(error: HomeroomError, *, kept: int = 0, landed: bool = False) -> HomeroomError:
    """An error that ended a run."""
    error.kept, error.landed = kept, landed
    return error


CODES = [
    (ended(InterruptError("x", number=signal.SIGINT), kept=9), 130),
    (ended(InterruptError("x", number=signal.SIGINT)), 130),
    (ended(InterruptError("x", number=signal.SIGTERM), kept=9), 5),
    (ended(InterruptError("x", number=signal.SIGTERM)), 1),
    (ended(InterruptError("x", number=signal.SIGTERM), landed=True), 3),
    (ended(DiskError("x"), kept=9), 5),
    (ended(DiskError("x")), 1),
    (ended(LoadError("x"), kept=9, landed=True), 5),
    (ended(LoadError("x"), landed=True), 3),
    (ended(LoadError("x")), 1),
    (ended(AuthError("x"), kept=9), 5),
    (ended(AuthError("x")), 4),
    (ended(DataError("x")), 1),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda given: type(given).__name__)
def test_the_first_exit_code_that_fits_is_taken(error: HomeroomError, code: int) -> None:
    assert code_of(error) == code


def test_fail_fast_names_the_resource_in_one_line_and_in_the_last_json_line(
    homeroom: Homeroom, config: Config, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    result = homeroom("sync", config("people", "nothing"), "--fail-fast", "--json")
    *_, end = json_lines(result.stdout)
    assert (end["event"], end["error"], end["exit_code"]) == ("end", "RequestError", result.exit_code)
    assert result.stderr.splitlines() == [f"error: {end['message']} [not-found]"]
    assert end["code"] == "not-found"
    assert end["message"].startswith("resource nothing, ")


def test_a_report_that_cannot_be_written_is_told_after_the_run(
    homeroom: Homeroom, config: Config, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    result = homeroom("sync", config("people"), "--json", "--summary-file", "/dev/full")
    (end,) = (line for line in json_lines(result.stdout) if line["event"] == "end")
    assert (result.exit_code, end["exit_code"]) == (3, 3)
    assert end["message"] == (
        "the run has ended, but its report cannot be written to /dev/full (No space left on device); "
        "homeroom show last tells it"
    )


def test_a_history_that_cannot_be_written_is_told_in_one_line(
    homeroom: Homeroom, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "file").write_text("")
    monkeypatch.setenv("HOMEROOM_HOME", str(elsewhere / "file"))
    result = homeroom("runs")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"error: the folder {elsewhere}/file cannot be made: a file is there; set HOMEROOM_HOME to a folder "
        "[cannot-write]\n"
    )


def broken_history(home: Path) -> Path:
    home.mkdir()
    (home / "history.sqlite").write_text("garbage " * 200)
    return home / "history.sqlite"


def test_a_broken_history_is_told_in_one_line(homeroom: Homeroom, elsewhere: Path) -> None:
    file = broken_history(elsewhere / "home")
    result = homeroom("runs")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: the history {file} cannot be read (file is not a database); remove it")
    assert len(result.stderr.splitlines()) == 1


def test_a_sync_ends_by_its_own_result_where_the_history_is_broken(
    homeroom: Homeroom, config: Config, elsewhere: Path, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    file = broken_history(elsewhere / "home")
    result = homeroom("sync", config("terms"))
    assert (result.exit_code, "3 rows" in result.stdout) == (0, True)
    told = f"this run will not be in homeroom runs: the history {file} cannot be read"
    assert result.stderr.splitlines()[-1].startswith(told)
    events = [line["event"] for line in json_lines(homeroom("sync", config("terms"), "--json").stdout)]
    assert events[-3:] == ["history_not_written", "resource", "end"]


def test_a_run_that_came_to_no_report_tells_its_own_error(homeroom: Homeroom, config: Config, elsewhere: Path) -> None:
    broken_history(elsewhere / "home")
    result = homeroom("sync", config("nothing"), "--fail-fast")
    assert "error: resource nothing, " in result.stderr and "history" not in result.stderr
