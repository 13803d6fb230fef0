"""Resources that are asked for by the API's change versions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from since_server import News

from homeroom.errors import ConfigError
from homeroom.sync_run import SyncOptions
from homeroom.sync_run.state import show_remembered
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

VERSIONS = {"path": "/versions", "newest": "newest"}
BY = {"by_change_version": True}


def students(name: str = "students", **incremental: Any) -> dict[str, Any]:
    given = {"cursor_path": "any", "start_param": "minimum", "end_param": "maximum", **incremental}
    return {"name": name, "endpoint": {"path": f"/{name}", "incremental": given}}


def configure(campus: Campus, news: News, *resources: Any, **sync: Any) -> None:
    section = {"change_versions": VERSIONS, "resources": {"students": BY}, "retry": {"attempts": 1}, **sync}
    text = campus.configure(*resources, sync=section).read_text()
    campus.config.write_text(text.replace(campus.school.url, news.url))


@pytest.fixture
def news() -> Iterator[News]:
    with News() as opened:
        opened.rows["students"] = [{"id": 1, "version": 3}, {"id": 2, "version": 7}]
        opened.versions = 9
        yield opened


@pytest.fixture
def reader(campus: Campus, news: News) -> Campus:
    configure(campus, news, students())
    return campus


def asked(news: News, name: str = "students") -> list[dict[str, str]]:
    return [given for each, given in news.log if each == name]


def test_the_newest_version_is_asked_once_before_all_that_need_it(campus: Campus, news: News) -> None:
    both = {"students": BY, "staff": BY}
    configure(campus, news, students(), students("staff"), resources=both)
    campus.sync()
    assert [name for name, _ in news.log].count("versions") == 1 and news.log[0][0] == "versions"


def test_the_next_run_asks_from_the_version_that_was_reached_to_the_newest(reader: Campus, news: News) -> None:
    reader.sync()
    assert asked(news) == [{}]
    news.log.clear()
    news.rows["students"] = [{"id": 1, "version": 3}, {"id": 2, "version": 12}, {"id": 3, "version": 14}]
    news.versions = 13
    line = reader.sync().resources["students"]
    assert asked(news) == [{"minimum": "9", "maximum": "13"}]
    assert line.status is Status.COMPLETE and line.note == "" and reader.ids("students") == [1, 2]
    news.versions = 14
    reader.sync()
    assert reader.ids("students") == [1, 2, 3]


def test_a_version_that_went_back_is_told_and_all_is_read(reader: Campus, news: News) -> None:
    reader.sync()
    news.log.clear()
    news.versions = 2
    news.rows["students"] = [{"id": 5, "version": 1}]
    line = reader.sync().resources["students"]
    assert asked(news) == [{}] and reader.ids("students") == [1, 2, 5]
    assert "the newest change version of the API is 2, and it was read up to a later one: read in full" in line.note
    news.log.clear()
    assert reader.sync().resources["students"].note == ""
    assert asked(news) == [{"minimum": "2", "maximum": "2"}]


def test_without_the_newest_version_what_needs_it_fails_and_the_others_land(campus: Campus, news: News) -> None:
    news.rows["terms"] = [{"id": 1}]
    news.broken.add("versions")
    configure(campus, news, students(), {"name": "terms", "endpoint": {"path": "/terms"}})
    report = campus.sync()
    assert report.resources["students"].status is Status.FAILED and asked(news) == []
    assert "sync.change_versions, GET http" in report.resources["students"].note
    assert campus.ids("terms") == [1]


def test_an_answer_without_a_version_says_what_to_name(reader: Campus, news: News) -> None:
    news.versions = "many"
    line = reader.sync().resources["students"]
    assert line.status is Status.FAILED
    assert "there is no whole number at newest; name where the newest version stands" in line.note


def test_a_read_that_was_not_whole_does_not_move_the_version(reader: Campus, news: News) -> None:
    reader.sync()
    news.versions = 20
    news.short.add("students")
    assert reader.sync().resources["students"].status is Status.INCOMPLETE
    news.short.clear()
    news.log.clear()
    reader.sync()
    assert asked(news) == [{"minimum": "9", "maximum": "20"}]


def test_the_lag_is_taken_off_the_version(campus: Campus, news: News) -> None:
    """For changes that an API numbers before it shows them."""
    configure(campus, news, students(lag=4))
    campus.sync()
    news.log.clear()
    campus.sync()
    assert asked(news) == [{"minimum": "5", "maximum": "9"}]


def test_the_state_tells_the_version(reader: Campus) -> None:
    reader.sync()
    (cursor,) = show_remembered(str(reader.config), SyncOptions(reader.url, home=reader.home)).cursors
    assert (cursor.resource, cursor.path, cursor.value) == ("students", "change version", "9")


def test_no_span_of_time_is_asked_of_versions(reader: Campus) -> None:
    with pytest.raises(ConfigError, match="--since: no resource has an `incremental`"):
        reader.sync(since="2024-08-01")


FIRST = {"disposition": "merge", "strategy": "insert-only"}


def test_a_list_of_deletes_is_asked_by_version_and_names_what_is_gone(campus: Campus, news: News) -> None:
    settings = {"students": {**BY, "deletes": "hard", "deleted_in": "gone"}, "gone": BY}
    configure(campus, news, students(), students("gone") | {"write_disposition": FIRST}, resources=settings)
    news.rows["gone"] = [{"id": 8, "version": 2}]
    campus.sync()
    news.log.clear()
    news.rows["students"], news.rows["gone"] = [], [{"id": 8, "version": 9}, {"id": 2, "version": 9}]
    news.versions = 12
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, campus.ids("students"), campus.ids("gone")) == (1, [1], [2, 8])
    assert asked(news, "gone") == [{"minimum": "9", "maximum": "12"}]


@pytest.mark.parametrize(
    ("resource", "sync", "says"),
    [
        (students() | {"write_disposition": FIRST, "primary_key": ""}, {}, "the table would hold them twice"),
        (students(), {"change_versions": None}, "by_change_version: nothing says where the newest version stands"),
        (students(), {"resources": {}}, "sync.change_versions: no resource is read by it"),
        (
            students(),
            {"change_versions": {**VERSIONS, "newest": "[["}},
            "sync.change_versions.newest: is not a JSONPath",
        ),
        (students(start_param=None), {}, "the API is not told from which version on"),
        (students(), {"resources": {"students": {**BY, "window": "7d"}}}, "`window` cannot stand beside it"),
        (students() | {"write_disposition": "append"}, {}, "the table would hold them twice"),
        ({"name": "students", "endpoint": {"path": "/students"}}, {}, "the resource has no `incremental`"),
    ],
)
def test_versions_that_cannot_be_are_refused(
    campus: Campus, news: News, resource: Any, sync: dict[str, Any], says: str
) -> None:
    given = resource["endpoint"].get("incremental", {})
    resource["endpoint"] |= {"incremental": {k: v for k, v in given.items() if v is not None}} if given else {}
    configure(campus, news, resource, **sync)
    with pytest.raises(ConfigError) as caught:
        campus.sync()
    assert says in str(caught.value) and news.log == []
