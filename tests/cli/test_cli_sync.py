"""`homeroom sync`: its streams and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import Result
from typer.testing import CliRunner

from homeroom.cli.app import app
from homeroom.cli.progress import shown

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]
JsonLines = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def synced(homeroom: Homeroom, config: Config) -> Result:
    """A sync of two resources."""
    return homeroom("sync", config("people", "terms"))


def test_a_sync_prints_its_report_on_stdout(synced: Result) -> None:
    heading, rule, people, terms, summary = synced.stdout.splitlines()
    assert heading.split() == ["resource", "rows", "in", "table", "pages", "requests", "retries", "status", "proof"]
    assert set(rule) <= {"─", " "}
    assert people.split() == ["people", "52", "52", "1", "1", "0", "complete", "count"]
    assert terms.split() == ["terms", "3", "3", "1", "1", "0", "complete", "count"]
    assert "of campus: complete. 55 rows read" in summary
    assert " rows read into duckdb:///rows.duckdb, dataset campus, in " in summary


def test_without_a_terminal_progress_is_plain_lines_on_stderr(synced: Result) -> None:
    lines = synced.stderr.splitlines()
    assert lines[0] == "reading"
    assert sorted(lines[1:3]) == ["read people: 52 rows, complete", "read terms: 3 rows, complete"]
    assert lines[3:5] == ["loading", "counting rows"]
    (warning,) = lines[5:]
    assert warning.startswith("stored as they come, and their names look personal: people.birth_date, people.name, ")
    assert synced.exit_code == 0


def test_run_is_another_word_for_sync(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("run", config("terms"))
    assert "of campus: complete. 3 rows read" in result.stdout


def test_quiet_leaves_the_report_alone(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms"), "-q")
    assert result.stderr == ""
    assert result.stdout.startswith("resource")


def test_flags_reach_the_run(homeroom: Homeroom, config: Config) -> None:
    flags = ("--to", "duckdb:///other.duckdb", "--dataset", "d", "--exclude", "peo*", "--concurrency", "1")
    result = homeroom("sync", config("people", "terms", "schools"), "--select", "t*", *flags)
    assert [line.split()[0] for line in result.stdout.splitlines()[2:]] == ["terms", "Run"]
    assert " rows read into duckdb:///other.duckdb, dataset d, in " in result.stdout


FATES = [
    (("terms",), {}, 0),
    (("nothing",), {}, 1),
    (("nothing", "terms"), {}, 3),
    (("terms",), {"auth": {"type": "bearer", "token": "wrong"}}, 4),
]


@pytest.mark.parametrize(("names", "client", "code"), FATES)
def test_the_exit_code_says_what_landed(
    homeroom: Homeroom, config: Config, names: tuple[str, ...], client: dict[str, Any], code: int
) -> None:
    assert homeroom("sync", config(*names, **client)).exit_code == code


def test_a_limited_sync_exits_with_3(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("people"), "--limit", "5")
    assert result.exit_code == 3
    assert "people: stopped at 5 rows as asked" in result.stdout


def test_a_sync_without_a_destination_exits_with_2(homeroom: Homeroom, config: Config) -> None:
    file = Path(config("terms"))
    file.write_text(file.read_text().replace("destination: duckdb:///rows.duckdb\n", ""))
    result = homeroom("sync", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: campus.yaml:1: destination: no destination is given")


def test_a_destination_that_refuses_is_one_line_and_exit_code_1(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms", destination="duckdb:////nowhere/rows.duckdb"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].startswith("error: could not reach the destination: IO Error: ")
    assert "Traceback" not in result.stderr


def test_verbose_adds_the_traceback(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms", destination="duckdb:////nowhere/rows.duckdb"), "-v")
    assert "Traceback (most recent call last)" in result.stderr
    told, meant, *tries = result.stderr.splitlines()[-3:]
    assert told.startswith("error: could not reach") and told.endswith(" [destination-unreachable]")
    assert meant.startswith("[destination-unreachable] ") and tries[0].startswith("  try: ")


def test_json_is_lines_with_one_end_and_nothing_on_stderr(
    homeroom: Homeroom, config: Config, json_lines: JsonLines
) -> None:
    result = homeroom("sync", config("people", "terms"), "--json")
    lines = json_lines(result.stdout)
    assert [line["event"] for line in lines].count("end") == 1
    assert result.stderr == ""
    end = lines[-1]
    assert (end["event"], end["exit_code"], end["status"], end["landed"]) == ("end", 0, "complete", True)
    resources = {line["resource"]: line["rows_in_table"] for line in lines if line["event"] == "resource"}
    assert resources == {"people": 52, "terms": 3}


@pytest.mark.parametrize(
    ("names", "flags", "code", "error"),
    [
        (("nothing",), (), 1, None),
        (("terms",), ("--select", "x"), 2, "ConfigError"),
        (("terms",), ("--to", "duckdb:////nowhere/x.duckdb"), 1, "LoadError"),
    ],
)
def test_json_ends_in_one_end_whatever_happens(
    homeroom: Homeroom, config: Config, json_lines: JsonLines, names: Any, flags: Any, code: int, error: str | None
) -> None:
    result = homeroom("sync", config(*names), "--json", *flags)
    lines = json_lines(result.stdout)
    assert [line["event"] for line in lines].count("end") == 1
    assert (lines[-1]["event"], lines[-1]["exit_code"], lines[-1].get("error")) == ("end", code, error)
    assert result.exit_code == code


def test_json_of_a_config_that_is_not_there_is_one_end(homeroom: Homeroom, json_lines: JsonLines) -> None:
    (end,) = json_lines(homeroom("sync", "none.yaml", "--json").stdout)
    assert (end["event"], end["exit_code"], end["error"]) == ("end", 2, "ConfigError")


def test_the_summary_file_holds_the_report(homeroom: Homeroom, config: Config) -> None:
    homeroom("sync", config("terms"), "--summary-file", "summary.json")
    summary = orjson.loads(Path("summary.json").read_bytes())
    assert (summary["status"], summary["resources"][0]["rows_distinct"]) == ("complete", 3)


def test_a_summary_file_that_cannot_be_written_is_refused_before_anything_is_read(
    homeroom: Homeroom, config: Config
) -> None:
    result = homeroom("sync", config("terms"), "--summary-file", "no/such/folder/summary.json")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not Path("rows.duckdb").exists()


def test_a_terminal_gets_bars(config: Config) -> None:
    from io import StringIO

    from rich.console import Console

    from homeroom.events import PageRead, ResourceFinished, ResourceStarted, StageStarted

    console = Console(file=StringIO(), force_terminal=True, width=100)
    with shown(console, quiet=False) as hook:
        for event in (
            ResourceStarted("people"),
            PageRead("people", 52, 9, 52),
            ResourceFinished("people", "complete", 52, ""),
            StageStarted("load"),
        ):
            hook(event)
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert "52/52" in written and "\x1b[" in written


def test_no_color_has_no_escape_codes(config: Config) -> None:
    result = CliRunner().invoke(app, ["sync", config("terms")], env={"NO_COLOR": "1"}, color=True)
    assert "\x1b" not in result.output


def test_the_key_is_in_no_output(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("nothing", "terms"), "-v")
    assert "k3y-0f-the-sch00l" not in result.output


def test_rows_that_did_not_land_are_not_counted_as_loaded(homeroom: Homeroom, config: Config) -> None:
    file = Path(config("people", "terms"))
    homeroom("sync", file)
    file.write_text(file.read_text().replace("- name: people\n", "- name: people\n    write_disposition: replace\n"))
    summary = homeroom("sync", file, "--limit", "5").stdout.splitlines()[-1]
    assert ": incomplete. 8 rows read, 3 loaded into duckdb:///rows.duckdb, dataset campus, in " in summary


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("duckdb://x.duckdb", "--to: lacks a slash before the file; got 'duckdb://x.duckdb'; write duckdb:///x.duckdb"),
        ("duckdb://sub/x.duckdb", "write duckdb:///sub/x.duckdb"),
        ("sqlite://x.sqlite", "write sqlite:///x.sqlite"),
        ("duckdb://:memory:", "--to: is a database in memory"),
        ("duckdb:///:memory:", "allowed: duckdb:///NAME.duckdb; what is in memory is gone when the run ends"),
    ],
)
def test_a_url_whose_file_dlt_would_not_take_is_refused(
    homeroom: Homeroom, config: Config, elsewhere: Path, url: str, said: str
) -> None:
    result = homeroom("sync", config("terms"), "--to", url)
    assert result.exit_code == 2 and said in result.stderr
    assert [path.name for path in elsewhere.iterdir() if path.name != "campus.yaml"] in ([], ["home"])


@pytest.mark.parametrize("to", ["duckdb", "duckdb://", "duckdb:///"])
def test_a_file_that_the_destination_does_not_name_is_in_the_report(
    homeroom: Homeroom, config: Config, elsewhere: Path, to: str
) -> None:
    result = homeroom("sync", config("terms"), "--to", to)
    assert f"3 rows read into {to} (the file {elsewhere}/campus.duckdb), dataset campus_data, in " in result.stdout
    assert (elsewhere / "campus.duckdb").exists()
