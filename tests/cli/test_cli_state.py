"""`homeroom state`: cursors and unfinished runs, seen and forgotten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml

from homeroom.demo import School
from homeroom.demo.dials import parse_dials

if TYPE_CHECKING:
    from conftest import Homeroom

SCALE = 0.01
PEOPLE = {
    "name": "people",
    "endpoint": {
        "path": "/v1/people",
        "params": {"updated_since": "{incremental.start_value}"},
        "incremental": {"cursor_path": "updated_at", "initial_value": "2000-01-01T00:00:00Z"},
    },
}
QUICK = {"retry": {"attempts": 1, "stop_after": 2}, "concurrency": 1}


@pytest.fixture
def school() -> Any:
    with School(scale=SCALE, api_key=os.environ["API_KEY"]) as opened:
        yield opened


@pytest.fixture
def config(school: School, tmp_path: Path) -> str:
    """Reads the people by their cursor, and the terms."""
    source = {
        "client": {"base_url": school.url, "auth": {"type": "bearer", "token": "${API_KEY}"}},
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "endpoint": {"data_selector": "data", "paginator": {"type": "offset", "limit": 10}},
        },
        "resources": [PEOPLE, {"name": "terms", "endpoint": {"path": "/v1/terms"}}],
    }
    file = tmp_path / "campus.yaml"
    file.write_text(yaml.safe_dump({"destination": "duckdb:///rows.duckdb", "source": source, "sync": QUICK}))
    return str(file)


def newest(school: School) -> str:
    return str(max(row["updated_at"] for row in school.rows("people")))


def test_nothing_is_remembered_before_the_first_run(homeroom: Homeroom, config: str) -> None:
    listed, shown = homeroom("state", "list"), homeroom("state", "show", config)
    assert (listed.exit_code, listed.stdout, shown.exit_code, shown.stdout) == (0, "", 0, "")
    assert "Nothing is remembered: no cursor" in listed.stderr
    assert "Nothing is remembered of campus at duckdb:///rows.duckdb, dataset campus" in shown.stderr


def test_a_cursor_is_shown_with_how_far_it_came(homeroom: Homeroom, config: str, school: School) -> None:
    homeroom("sync", config)
    shown = homeroom("state", "show", config).stdout
    assert shown.splitlines() == [
        "campus at duckdb:///rows.duckdb, dataset campus",
        f"  people: read up to updated_at = {newest(school)}",
    ]
    assert homeroom("state", "list").stdout.splitlines()[1] == shown.splitlines()[1]


def test_the_destination_is_what_counts(homeroom: Homeroom, config: str, school: School, tmp_path: Path) -> None:
    """The files of this machine may be gone, or another machine's may be newer."""
    homeroom("sync", config)
    os.environ["HOMEROOM_HOME"] = str(tmp_path / "elsewhere")
    said = orjson.loads(homeroom("state", "show", config, "--json").stdout)
    assert said["cursors"] == [{"resource": "people", "path": "updated_at", "value": newest(school)}]


def test_a_reset_lets_the_next_sync_read_from_the_beginning(homeroom: Homeroom, config: str, school: School) -> None:
    homeroom("sync", config)
    said = homeroom("state", "reset", config)
    assert said.exit_code == 0 and said.stderr.splitlines() == ["Forgotten:"]
    assert f"  people: read up to updated_at = {newest(school)}" in said.stdout.splitlines()
    assert homeroom("state", "show", config).stdout == ""
    school.clear_log()
    assert homeroom("sync", config).exit_code == 0
    asked = [request.query["updated_since"] for request in school.requests if request.path == "/v1/people"]
    assert set(asked) == {"2000-01-01T00:00:00Z"}


def test_a_reset_touches_no_row_and_only_what_is_selected(homeroom: Homeroom, config: str, school: School) -> None:
    homeroom("sync", config)
    refused = homeroom("state", "reset", config, "--select", "term*")
    assert refused.exit_code == 2 and "allowed: people" in refused.stderr
    assert newest(school) in homeroom("state", "show", config).stdout


@pytest.fixture
def unfinished(homeroom: Homeroom, config: str, school: School) -> Callable[[], str]:
    """A run that left a resource unread."""
    school.set_dials(parse_dials("fail_500_every=3,only=/v1/people"))
    assert homeroom("sync", config).exit_code == 3
    school.set_dials(parse_dials(""))
    return lambda: homeroom("state", "show", config).stdout


def test_an_unfinished_run_is_shown_and_set_aside(
    homeroom: Homeroom, config: str, unfinished: Callable[[], str], school: School, tmp_path: Path
) -> None:
    assert "  unfinished run" in unfinished() and "pages are here, the last of 20" in unfinished()
    assert "unfinished run" in homeroom("state", "list").stdout
    assert "unfinished run" in homeroom("state", "reset", config).stdout
    assert unfinished() == ""
    (aside,) = Path(os.environ["HOMEROOM_HOME"]).glob("journals/*.aside.sqlite")
    with sqlite3.connect(aside) as db:
        assert db.execute("SELECT count(*) FROM pages").fetchone()[0] > 0


def test_to_look_at_an_unfinished_run_loses_no_page(
    homeroom: Homeroom, config: str, unfinished: Callable[[], str]
) -> None:
    """The journal holds secrets veiled, and who opens it with others drops its pages."""
    before = unfinished()
    homeroom("state", "list")
    assert before == unfinished() != ""
    lines = map(orjson.loads, homeroom("sync", config, "--json").stdout.splitlines())
    resumed = {line["resource"]: line["pages_resumed"] for line in lines if line["event"] == "resource"}
    assert resumed["people"] > 0


def test_a_config_that_is_wrong_is_told(homeroom: Homeroom) -> None:
    assert homeroom("state", "show", "nowhere.yaml").exit_code == 2
    assert homeroom("state").exit_code in (0, 2)


def test_a_resource_of_which_no_row_was_read_has_a_beginning_alone(
    homeroom: Homeroom, config: str, school: School
) -> None:
    school.set_dials(parse_dials("always=400,only=/v1/people"))
    assert homeroom("sync", config).exit_code == 3
    told = homeroom("state", "list").stdout
    assert "people: no row yet, begins at updated_at = 2000-01-01T00:00:00Z" in told and "read up to" not in told
    school.set_dials(parse_dials(""))
    homeroom("sync", config)
    assert f"people: read up to updated_at = {newest(school)}" in homeroom("state", "list").stdout


def test_a_reset_of_a_resource_without_a_cursor_says_so(homeroom: Homeroom, config: str) -> None:
    homeroom("sync", config)
    refused = homeroom("state", "reset", config, "--select", "terms")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "error: --select: nothing is remembered of this resource; got 'terms'; allowed: people; "
        "homeroom state list shows what is [nothing-synced]\n",
    )
