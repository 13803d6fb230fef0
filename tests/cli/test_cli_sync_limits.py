"""`homeroom sync` under limits: a rate that is told, a run that is stopped in the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from homeroom.demo import School
from homeroom.demo.dials import parse_dials
from homeroom.errors import ConfigError
from homeroom.report import exit_code
from homeroom.sync_run import SyncOptions, told_settings
from homeroom.values import Report, ResourceReport, Status, SyncSettings

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]
KEY = "k3y-0f-the-sch00l"


@pytest.mark.parametrize("text", ["fast", "10", "0/s", "10/fortnight", "-1/s"])
def test_a_rate_that_is_none_is_refused_before_anything_is_read(homeroom: Homeroom, config: Config, text: str) -> None:
    result = homeroom("sync", config("terms"), f"--rate={text}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: --rate: not a rate; got {text!r}; allowed: requests in a time, such as 10/s, 600/min or 5000/h "
        "[wrong-flag]\n"
    )
    assert not Path("rows.duckdb").exists()


@pytest.mark.parametrize(("text", "rate"), [("10/s", 10.0), ("600/min", 10.0), ("7200/h", 2.0)])
def test_a_rate_of_the_command_takes_the_place_of_the_configs(text: str, rate: float) -> None:
    assert told_settings(SyncSettings(rate=1.0), SyncOptions(rate=text)).rate == rate


def test_without_one_the_configs_stays() -> None:
    told = told_settings(SyncSettings(rate=1.0, concurrency=3), SyncOptions(concurrency=2))
    assert (told.rate, told.concurrency) == (1.0, 2)


def test_a_rate_from_python_is_refused_in_the_same_words() -> None:
    with pytest.raises(ConfigError, match="not a rate; got 'many'; allowed: requests in a time"):
        told_settings(SyncSettings(), SyncOptions(rate="many"))


def test_a_sync_with_a_rate_brings_every_row(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms"), "--rate", "500/s")
    assert (result.exit_code, " 3 rows read into " in result.stdout) == (0, True)


def test_a_host_that_goes_in_mid_run_ends_it_with_5(
    homeroom: Homeroom, config: Config, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    file = Path(config("enrollments"))
    with School(scale=0.01, api_key=KEY, dials=parse_dials("fail_500_every=2")) as school:
        content = yaml.safe_load(file.read_text())
        content["source"]["client"]["base_url"] = school.url
        content["sync"] = {"concurrency": 1, "retry": {"stop_after": 1}}
        file.write_text(yaml.safe_dump(content))
        result = homeroom("sync", file, "--json")
    end = json_lines(result.stdout)[-1]
    assert (result.exit_code, end["exit_code"], end["landed"]) == (5, 5, False)
    assert end["errors"] == {"enrollments": "StoppedError"}


def report(*, pages: int, landed: bool, error: str = "StoppedError") -> Report:
    lines = {
        "users": ResourceReport("users", "users", Status.FAILED, None),
        "terms": ResourceReport("terms", "terms", Status.COMPLETE, None, pages=pages),
    }
    return Report("r", "n", Status.FAILED, lines, landed=landed, errors={"users": error})


@pytest.mark.parametrize(
    ("pages", "landed", "error", "code"),
    [
        (1, True, "StoppedError", 5),
        (1, False, "StoppedError", 5),
        (0, False, "StoppedError", 1),
        (1, True, "TransientError", 3),
        (1, False, "AuthError", 4),
    ],
)
def test_a_run_that_was_stopped_after_a_page_ends_with_5(pages: int, landed: bool, error: str, code: int) -> None:
    assert exit_code(report(pages=pages, landed=landed, error=error)) == code


def test_the_help_names_the_exit_code(homeroom: Homeroom) -> None:
    assert "5 stopped after at least one page" in " ".join(homeroom("sync", "--help").stdout.split())
