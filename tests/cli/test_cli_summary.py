"""The file of `--summary-file`: it is never yesterday's."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from homeroom.errors import HomeroomError, InterruptError
from homeroom.load import choose_target, target_id
from homeroom.lock import only_run

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]
FILE = Path("summary.json")


@pytest.fixture
def yesterday(elsewhere: Path) -> Path:
    """A file that an earlier run has left, which its owner lets a group read."""
    FILE.write_text('{"exit_code": 0, "status": "complete"}')
    FILE.chmod(0o640)
    return elsewhere / FILE


def summary() -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(FILE.read_bytes())
    return content


@pytest.mark.parametrize(("names", "code"), [(("terms",), 0), (("terms", "nothing"), 3), (("nothing",), 1)])
def test_a_run_with_a_report_writes_it_with_its_exit_code(
    homeroom: Homeroom, config: Config, names: tuple[str, ...], code: int
) -> None:
    result = homeroom("sync", config(*names), "--summary-file", FILE)
    assert (summary()["exit_code"], result.exit_code) == (code, code)
    assert [line["resource"] for line in summary()["resources"]] == list(names)
    assert summary()["error"] == ""


@pytest.mark.usefixtures("yesterday")
def test_a_config_that_is_wrong_writes_each_problem(homeroom: Homeroom, config: Config) -> None:
    file = Path(config("terms"))
    file.write_text(file.read_text().replace("primary_key", "primary_kei").replace("base_url", "base_uri"))
    result = homeroom("sync", file, "--summary-file", FILE)
    assert (summary()["exit_code"], summary()["status"], summary()["error"]) == (2, "failed", "ConfigError")
    assert result.exit_code == 2
    assert [problem["line"] for problem in summary()["problems"]] == [3, 4, 11]
    assert all(problem["code"] for problem in summary()["problems"])


@pytest.mark.usefixtures("yesterday")
def test_a_key_that_is_missing_writes_its_code(
    homeroom: Homeroom, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = config("terms")
    monkeypatch.delenv("API_KEY")
    result = homeroom("sync", file, "--summary-file", FILE)
    assert (summary()["exit_code"], summary()["code"], result.exit_code) == (2, "secret-missing", 2)
    assert "API_KEY" in summary()["message"]


@pytest.mark.usefixtures("yesterday")
def test_a_destination_that_there_is_not_writes_its_code(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms"), "--to", "nowhere://x", "--summary-file", FILE)
    assert (summary()["exit_code"], summary()["landed"]) == (2, False)
    assert f"error: {summary()['message']} [{summary()['code']}]" in result.stderr


def ended_by(error: HomeroomError) -> Callable[..., Any]:
    def sync_config(*_: Any, **__: Any) -> Any:
        raise error

    return sync_config


@pytest.mark.usefixtures("yesterday")
def test_a_run_that_was_stopped_writes_how_many_pages_are_kept(
    homeroom: Homeroom, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = InterruptError("stopped by SIGTERM", number=signal.SIGTERM)
    error.kept = 9
    monkeypatch.setattr("homeroom.sync_run.sync_config", ended_by(error))
    result = homeroom("sync", config("terms"), "--summary-file", FILE)
    assert (summary()["exit_code"], summary()["pages_kept"], result.exit_code) == (5, 9, 5)


@pytest.mark.usefixtures("yesterday")
def test_a_resource_that_ends_the_run_is_named_with_its_request_by_hand(homeroom: Homeroom, config: Config) -> None:
    homeroom("sync", config("people", "nothing"), "--fail-fast", "--summary-file", FILE)
    assert (summary()["resource"], summary()["errors"]) == ("nothing", {"nothing": "RequestError"})
    assert summary()["code"] == "not-found"
    assert summary()["by_hand"]["nothing"].startswith("curl ")


def test_the_file_is_empty_while_the_run_goes_on_and_its_rights_stay(
    homeroom: Homeroom, config: Config, yesterday: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bytes, int]] = []

    def sync_config(*_: Any, **__: Any) -> Any:
        seen.append((yesterday.read_bytes(), yesterday.stat().st_mode & 0o777))
        raise RuntimeError("as good as a kill")

    monkeypatch.setattr("homeroom.sync_run.sync_config", sync_config)
    homeroom("sync", config("terms"), "--summary-file", FILE)
    assert seen == [(b"", 0o640)]
    assert yesterday.read_bytes() == b""


def test_a_folder_in_the_place_of_the_file_is_told_and_stays(homeroom: Homeroom, config: Config) -> None:
    FILE.mkdir()
    result = homeroom("sync", config("terms"), "--summary-file", FILE)
    assert (result.exit_code, list(FILE.iterdir())) == (2, [])
    assert "--summary-file: this is a folder" in result.stderr


def test_the_key_is_not_in_the_file(homeroom: Homeroom, config: Config) -> None:
    homeroom("sync", config("nothing"), "--fail-fast", "--summary-file", FILE)
    assert FILE.stat().st_size > 100
    assert b"k3y-0f-the-sch00l" not in FILE.read_bytes()


@pytest.mark.usefixtures("yesterday")
def test_a_run_beside_another_one_writes_that_it_was_locked_out(
    homeroom: Homeroom, config: Config, elsewhere: Path
) -> None:
    target = choose_target("duckdb:///rows.duckdb", None, "campus")
    with only_run(elsewhere / "home", target_id(target), "campus"):
        result = homeroom("sync", config("terms"), "--summary-file", FILE)
    assert (summary()["exit_code"], summary()["code"], result.exit_code) == (1, "locked", 1)
    assert summary()["message"].startswith("another run")
