"""All of an incremental resource is read now and then: what is gone, and what came late."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from since_server import News

from homeroom.config import load_config
from homeroom.errors import ConfigError
from homeroom.sync_run import ReplayOptions, SyncOptions, replay, sync_config
from homeroom.values import Report, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
COURSES = {"name": "courses", "endpoint": {"path": "/courses"}}
WEEKLY = {"full_every": "7d"}


def people(name: str = "people", path: str = "/people", **incremental: Any) -> dict[str, Any]:
    given = {"cursor_path": "at", "start_param": "since", **incremental}
    return {"name": name, "endpoint": {"path": path, "incremental": given}}


def configure(campus: Campus, news: News, *resources: Any, sync: Any, limit: int = 100) -> None:
    text = campus.configure(*resources, sync={**sync, "retry": {"attempts": 1}}, limit=limit).read_text()
    campus.config.write_text(text.replace(campus.school.url, news.url))


def weekly(**more: Any) -> dict[str, Any]:
    return {"resources": {"people": {**WEEKLY, **more}}}


def run(campus: Campus, days: float = 0, **options: Any) -> Report:
    """A sync, so many days from now."""
    told = SyncOptions(campus.url, home=campus.home, **options)
    return sync_config(
        load_config(str(campus.config), environ=os.environ), told, now=lambda: NOW + timedelta(days=days)
    )


@pytest.fixture
def news() -> Iterator[News]:
    with News() as opened:
        opened.rows["people"] = [{"id": number, "at": f"2026-0{number}-01"} for number in (1, 2, 3)]
        yield opened


def starts(news: News, name: str = "people") -> list[str | None]:
    found = news.starts(name, "since")
    news.log.clear()
    return found


def test_all_is_read_when_the_last_full_read_is_old_enough(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync=weekly())
    notes = [run(campus, days).resources["people"].note for days in (0, 1, 6.9)]
    assert starts(news) == [None, "2026-03-01"] and notes == ["read in full", "", ""]
    assert run(campus, 7).resources["people"].note == "read in full"
    assert starts(news) == [None]
    run(campus, 8)
    assert starts(news) == ["2026-03-01"]


def test_a_full_read_finds_what_is_gone_and_what_came_late(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync=weekly(deletes="hard"))
    run(campus)
    news.rows["people"] = [{"id": 2, "at": "2026-02-01"}, {"id": 3, "at": "2026-03-01"}, {"id": 9, "at": "2026-01-15"}]
    line = run(campus, 1).resources["people"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("people")) == (None, 0, [1, 2, 3])
    line = run(campus, 7).resources["people"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("people")) == (1, 1, [2, 3, 9])


@pytest.mark.parametrize("how", ["initial value", "placeholder"])
def test_nothing_is_absent_where_older_rows_were_not_asked_for(campus: Campus, news: News, how: str) -> None:
    resource = people(initial_value="2026-02-01")
    if how == "placeholder":
        del resource["endpoint"]["incremental"]["start_param"]
        resource["endpoint"]["params"] = {"since": "{incremental.start_value}"}
    configure(campus, news, people(), sync={})
    run(campus)
    configure(campus, news, resource, sync=weekly(deletes="hard"))
    line = run(campus).resources["people"]
    assert starts(news) == [None, "2026-02-01"]
    assert (line.rows_absent, line.rows_deleted, campus.ids("people")) == (None, 0, [1, 2, 3])
    assert "read in full from " in line.note and "so no row counts as absent" in line.note


def test_a_full_read_that_was_not_whole_is_done_again(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync=weekly(deletes="hard"))
    news.short.add("people")
    assert run(campus).resources["people"].status is Status.INCOMPLETE
    news.short.clear()
    news.log.clear()
    assert run(campus, 1).resources["people"].status is Status.COMPLETE
    assert starts(news) == [None]


def test_a_full_read_that_failed_leaves_the_cursor_where_it_was(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync={})
    run(campus)
    news.rows["people"].append({"id": 4, "at": "2026-04-01"})  # type: ignore[attr-defined]
    news.broken.add("people")
    assert run(campus, full_refresh=True).resources["people"].status is Status.FAILED
    news.broken.clear()
    news.log.clear()
    run(campus)
    assert starts(news) == ["2026-03-01"]


def test_a_full_refresh_reads_all_once(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync={"resources": {"people": {"deletes": "soft"}}})
    run(campus)
    news.rows["people"] = news.rows["people"][1:]
    line = run(campus, full_refresh=True).resources["people"]
    assert (line.note, line.rows_deleted) == ("1 row marked as deleted; read in full", 1)
    assert starts(news) == [None]
    run(campus)
    assert starts(news) == ["2026-03-01"]


def test_refused_deletes_say_that_only_a_full_read_tells(campus: Campus, news: News) -> None:
    configure(campus, news, people(), sync=weekly(deletes="hard"))
    run(campus)
    news.rows["people"] = []
    line = run(campus, 7).resources["people"]
    assert line.status is Status.DELETES_REFUSED
    assert "sync with --allow-deletes, and with --full-refresh: only a full read tells what is gone" in line.note
    assert campus.ids("people") == [1, 2, 3]
    run(campus, 8, allow_deletes=True, full_refresh=True)
    assert campus.ids("people") == []


def test_a_replaced_table_is_replaced_behind_a_full_read_alone(campus: Campus, news: News) -> None:
    configure(campus, news, people() | {"write_disposition": "replace"}, sync={})
    run(campus)
    news.rows["people"] = news.rows["people"][1:]
    assert run(campus).resources["people"].status is Status.INCOMPLETE
    assert campus.ids("people") == [1, 2, 3]
    assert run(campus, full_refresh=True).resources["people"].status is Status.COMPLETE
    assert campus.ids("people") == [2, 3]


def test_the_general_setting_is_for_what_is_merged_by_a_key(campus: Campus, news: News) -> None:
    news.rows["events"] = [{"id": 1, "at": "2026-05-01"}]
    events = people("events", "/events") | {"write_disposition": "append"}
    configure(campus, news, people(), events, sync=WEEKLY)
    run(campus)
    run(campus, 7)
    assert news.starts("people", "since") == [None]
    assert news.starts("events", "since") == [None, "2026-05-01"]


def test_a_child_is_read_in_full_with_its_parent(campus: Campus, news: News) -> None:
    news.rows |= {
        "courses": [{"id": 1, "at": "2026-01-01"}, {"id": 2, "at": "2026-02-01"}],
        "courses/1/work": [{"id": 10, "at": "2026-01-05"}],
        "courses/2/work": [{"id": 20, "at": "2026-02-05"}],
    }
    work = people("work", "/courses/{resources.courses.id}/work")
    sync = {**WEEKLY, "resources": {"work": {"deletes": "hard"}}}
    configure(campus, news, people("courses", "/courses"), work, sync=sync)
    run(campus)
    news.rows["courses/1/work"] = []
    line = run(campus, 1).resources["work"]
    assert (line.rows_absent, campus.ids("work")) == (None, [10, 20])
    line = run(campus, 7).resources["work"]
    assert (line.rows_deleted, campus.ids("work")) == (1, [20])


def test_change_versions_are_read_in_full_without_an_end(campus: Campus, news: News) -> None:
    """A row that changes meanwhile would else not be in the list, and count as gone."""
    news.rows["people"] = [{"id": 1, "version": 3}, {"id": 2, "version": 12}]
    news.versions = 9
    sync = weekly(by_change_version=True, deletes="hard")
    sync["change_versions"] = {"path": "/versions", "newest": "newest"}
    configure(campus, news, people(start_param="minimum", end_param="maximum"), sync=sync)
    run(campus)
    run(campus, 1)
    run(campus, 7)
    asked = [given for name, given in news.log if name == "people"]
    assert asked == [{}, {"minimum": "9", "maximum": "9"}, {}]
    assert campus.ids("people") == [1, 2]


@pytest.mark.parametrize("options", [{"full_refresh": True}, {"since": "2026-01-01", "until": "2026-02-15"}])
def test_a_run_that_asked_otherwise_is_replayed_as_it_was(campus: Campus, news: News, options: dict[str, Any]) -> None:
    configure(campus, news, people(initial_value="2026-01-01"), sync={"keep_raw": True})
    run(campus)
    run(campus, **options)
    news.log.clear()
    told = ReplayOptions(destination=f"duckdb:///{campus.folder}/again.duckdb", home=campus.home)
    report = replay("last", told)
    assert (report.resources["people"].status, news.log) == (Status.COMPLETE, [])
    assert report.resources["people"].rows_received == 3


@pytest.mark.parametrize(
    ("resources", "sync", "says"),
    [
        ([people() | {"write_disposition": "append"}], weekly(), "full_every: rows come more than once"),
        ([{"name": "people", "endpoint": {"path": "/people"}}], weekly(), "the resource has no `incremental`"),
        (
            [people("courses", "/courses"), people(path="/courses/{resources.courses.id}/people")],
            weekly(),
            "courses, for whose rows it is read, is never read in full",
        ),
        (
            [
                people(),
                {
                    "name": "marks",
                    "write_disposition": "append",
                    "endpoint": {"path": "/people/{resources.people.id}/marks"},
                },
            ],
            weekly(),
            "marks is read for its rows and appends",
        ),
    ],
)
def test_full_reads_that_would_double_rows_are_refused(
    campus: Campus, news: News, resources: list[Any], sync: Any, says: str
) -> None:
    configure(campus, news, *resources, sync=sync)
    with pytest.raises(ConfigError) as caught:
        run(campus)
    assert says in str(caught.value) and news.log == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "--full-refresh: would append rows that are there; got people"),
        ({"since": "2026-01-01"}, "--full-refresh: cannot be said with --since"),
    ],
)
def test_a_refresh_that_would_double_rows_is_refused(
    campus: Campus, news: News, options: dict[str, Any], says: str
) -> None:
    configure(campus, news, people() | {"write_disposition": "append"}, COURSES, sync={})
    with pytest.raises(ConfigError) as caught:
        run(campus, full_refresh=True, **options)
    assert says in str(caught.value) and news.log == []
    if not options:
        news.rows["courses"] = [{"id": 1}]
        run(campus, full_refresh=True, exclude=("people",))
        assert campus.ids("courses") == [1]
