"""`sync.keep_raw` and `homeroom replay` on the command line: their words and exit codes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Homeroom

JsonLines = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def keeping(config: Callable[..., str]) -> Callable[..., str]:
    """Writes campus.yaml with these resources, and `keep_raw: true`."""

    def write(*names: str) -> str:
        file = Path(config(*names))
        content = yaml.safe_load(file.read_text())
        content["sync"]["keep_raw"] = True
        file.write_text(yaml.safe_dump(content, sort_keys=False))
        return str(file)

    return write


@pytest.fixture
def kept(homeroom: Homeroom, keeping: Callable[..., str]) -> str:
    """The id of a run whose pages are kept."""
    lines = homeroom("sync", keeping("people", "terms"), "--json").stdout.splitlines()
    return str(orjson.loads(lines[-1])["run_id"])


def test_a_sync_says_in_a_line_where_the_pages_are(homeroom: Homeroom, keeping: Callable[..., str]) -> None:
    result = homeroom("sync", keeping("terms"))
    folder = re.escape(os.environ["HOMEROOM_HOME"])
    told = [line for line in result.stderr.splitlines() if "kept" in line]
    assert len(told) == 1
    assert re.fullmatch(rf"the pages of run (\S+) are kept in {folder}/raw/\1\.sqlite \(\d+ kB\)", told[0])
    assert homeroom("sync", "campus.yaml", "-q").stderr == ""


def test_json_says_it_in_a_line_of_its_own(
    homeroom: Homeroom, keeping: Callable[..., str], json_lines: JsonLines
) -> None:
    lines = json_lines(homeroom("sync", keeping("terms"), "--json").stdout)
    (told,) = (line for line in lines if line["event"] == "kept")
    assert (told["run_id"], Path(told["path"]).stat().st_size) == (lines[-1]["run_id"], told["size"])


def test_pages_that_cannot_be_kept_are_told(homeroom: Homeroom, keeping: Callable[..., str]) -> None:
    home = Path(os.environ["HOMEROOM_HOME"])
    home.mkdir()
    (home / "raw").touch()
    result = homeroom("sync", keeping("terms"))
    assert f"the pages of this run could not be kept in {home}/raw: " in result.stderr
    assert result.exit_code == 0


def test_a_replay_prints_its_report_on_stdout(homeroom: Homeroom, kept: str) -> None:
    result = homeroom("replay", kept[:-1])
    _, _, people, terms, *notes, summary = result.stdout.splitlines()
    assert people.split() == ["people", "52", "52", "1", "0", "0", "complete", "count"]
    assert terms.split() == ["terms", "3", "3", "1", "0", "0", "complete", "count"]
    assert all(" UTC, before this run" in note for note in notes) and len(notes) == 2
    assert re.match(rf"Run (\S+) of campus, a replay of {kept}: complete. 55 rows read into duckdb:///rows", summary)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (0, "reading")


def test_a_replay_as_json_ends_in_one_line(homeroom: Homeroom, kept: str, json_lines: JsonLines) -> None:
    result = homeroom("replay", "last", "--json", "--to", "duckdb:///other.duckdb", "--dataset", "d")
    lines = json_lines(result.stdout)
    last = lines[-1]
    assert (last["event"], last["exit_code"], last["replay_of"], last["dataset"]) == ("end", 0, kept, "d")
    assert {line["resource"]: line["requests"] for line in lines if line["event"] == "resource"} == {
        "people": 0,
        "terms": 0,
    }
    assert Path("other.duckdb").exists()


def test_a_replay_is_in_the_history(homeroom: Homeroom, kept: str) -> None:
    homeroom("replay", "last", "-q")
    shown = homeroom("show", "last")
    assert f"of campus, a replay of {kept}: complete" in shown.stdout
    assert len(orjson.loads(homeroom("runs", "--json").stdout)["runs"]) == 2


def test_a_replay_that_fails_in_part_exits_with_3(homeroom: Homeroom, keeping: Callable[..., str]) -> None:
    assert homeroom("sync", keeping("nowhere", "terms")).exit_code == 3
    result = homeroom("replay", "last")
    assert result.exit_code == 3
    assert "/v1/nowhere: the kept pages of run " in result.stdout


def test_over_later_runs_it_exits_with_2_unless_told(homeroom: Homeroom, kept: str, json_lines: JsonLines) -> None:
    homeroom("sync", "campus.yaml")
    result = homeroom("replay", kept, "--json")
    (line,) = json_lines(result.stdout)
    assert (result.exit_code, line["event"], line["error"]) == (2, "end", "ConfigError")
    assert "over them with --older" in line["message"]
    assert homeroom("replay", kept, "--older").exit_code == 0


def test_a_config_may_have_moved(homeroom: Homeroom, kept: str) -> None:
    Path("campus.yaml").rename("moved.yaml")
    assert homeroom("replay", kept).exit_code == 2
    assert homeroom("replay", kept, "--config", "moved.yaml").exit_code == 0
