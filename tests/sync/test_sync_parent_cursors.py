"""A cursor for each parent of a child."""

from __future__ import annotations

import base64
import sys
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from since_server import News

from homeroom.errors import ConfigError, IncompleteError
from homeroom.sync_run import SyncOptions
from homeroom.sync_run.state import reset_remembered, show_remembered
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

COURSES = {"name": "courses", "endpoint": {"path": "/courses"}}
PER_PARENT = {"resources": {"work": {"cursor_per_parent": True}}, "retry": {"attempts": 1}}


def work(**incremental: Any) -> dict[str, Any]:
    given = {"cursor_path": "at", "start_param": "since", "initial_value": "2024-01-01", **incremental}
    path = "/courses/{resources.courses.id}/work"
    return {"name": "work", "endpoint": {"path": path, "incremental": given}}


def configure(campus: Campus, news: News, *resources: Any, sync: Any, **sections: Any) -> None:
    text = campus.configure(*resources, sync=sync, **sections).read_text()
    campus.config.write_text(text.replace(campus.school.url, news.url))


@pytest.fixture
def news() -> Iterator[News]:
    with News() as opened:
        opened.rows |= {
            "courses": [{"id": 1}, {"id": 2}],
            "courses/1/work": [{"id": 10, "at": "2024-05-01"}, {"id": 11, "at": "2024-05-03"}],
            "courses/2/work": [{"id": 20, "at": "2024-02-01"}],
        }
        yield opened


@pytest.fixture
def reader(campus: Campus, news: News) -> Campus:
    """A campus that reads the work of each course by a cursor of that course."""
    configure(campus, news, COURSES, work(), sync=PER_PARENT)
    return campus


def test_each_parent_is_asked_from_where_its_own_rows_were_read_to(reader: Campus, news: News) -> None:
    reader.sync()
    news.log.clear()
    line = reader.sync().resources["work"]
    assert news.starts("courses/1/work", "since") == ["2024-05-03"]
    assert news.starts("courses/2/work", "since") == ["2024-02-01"]
    assert line.status is Status.COMPLETE and reader.ids("work") == [10, 11, 20]


def test_a_parent_that_is_new_brings_its_older_rows(reader: Campus, news: News) -> None:
    """dlt's one cursor asks for them from the newest row of all others, and never again (its issue 2429)."""
    reader.sync()
    news.rows["courses"] = [{"id": 1}, {"id": 2}, {"id": 3}]
    news.rows["courses/3/work"] = [{"id": 30, "at": "2024-01-15"}]
    reader.sync()
    assert reader.ids("work") == [10, 11, 20, 30]


def test_a_parent_that_was_not_read_whole_keeps_its_place_while_others_move(reader: Campus, news: News) -> None:
    reader.sync()
    news.short.add("courses/1/work")
    for course in (1, 2):
        news.rows[f"courses/{course}/work"] = [{"id": course * 10 + 5, "at": "2024-06-01"}]
    assert reader.sync().resources["work"].status is Status.INCOMPLETE
    news.short.clear()
    news.log.clear()
    reader.sync()
    assert news.starts("courses/1/work", "since") == ["2024-05-03"]
    assert news.starts("courses/2/work", "since") == ["2024-06-01"]


def test_no_parent_moves_where_nothing_landed(reader: Campus, news: News) -> None:
    reader.sync()
    news.rows["courses/1/work"] = [{"id": 15, "at": "2024-06-01"}]
    news.broken.add("courses/2/work")
    assert reader.sync().resources["work"].status is Status.FAILED
    news.broken.clear()
    reader.sync()
    assert reader.ids("work") == [10, 11, 15, 20]


def test_no_parent_moves_with_a_load_that_never_was(campus: Campus, news: News) -> None:
    """All of its own lists were read whole; the run ended over another resource."""
    configure(campus, news, COURSES, work(), {"name": "terms", "endpoint": {"path": "/terms"}}, sync=PER_PARENT)
    news.rows["terms"] = [{"id": 1}]
    news.short.add("terms")
    with pytest.raises(IncompleteError):
        campus.sync(fail_fast=True)
    news.short.clear()
    news.log.clear()
    campus.sync(resume=False)
    assert news.starts("courses/1/work", "since") == ["2024-01-01"]
    assert campus.ids("work") == [10, 11, 20]


@pytest.mark.parametrize("options", [{"limit": 1}, {"since": "2024-01-01"}])
def test_a_part_and_a_backfill_move_nothing(reader: Campus, news: News, options: dict[str, Any]) -> None:
    reader.sync(**options)
    news.log.clear()
    reader.sync()
    assert news.starts("courses/1/work", "since") == ["2024-01-01"]
    assert reader.ids("work") == [10, 11, 20]


def test_the_lag_is_taken_off_each(campus: Campus, news: News) -> None:
    configure(campus, news, COURSES, work(lag=1), sync=PER_PARENT)
    campus.sync()
    news.log.clear()
    campus.sync()
    assert news.starts("courses/1/work", "since") == ["2024-05-02"]
    assert news.starts("courses/2/work", "since") == ["2024-01-31"]


def test_a_parent_that_is_gone_is_forgotten(reader: Campus, news: News) -> None:
    """So is where it stood: if it returns it is read from its beginning."""
    reader.sync()
    news.rows["courses"] = [{"id": 1}]
    reader.sync()
    news.rows["courses"] = [{"id": 1}, {"id": 2}]
    news.log.clear()
    reader.sync()
    assert news.starts("courses/2/work", "since") == ["2024-01-01"]


def test_rows_go_as_columns(reader: Campus) -> None:
    line = reader.sync().resources["work"]
    assert line.pages_columnar == line.pages > 0


def test_values_that_cannot_be_compared_fail_the_resource(reader: Campus, news: News) -> None:
    news.rows["courses/1/work"] = [{"id": 10, "at": "2024-05-01"}, {"id": 11, "at": 30000101}]
    line = reader.sync().resources["work"]
    assert line.status is Status.FAILED
    assert "values of the cursor at are of several types" in line.note and "2024-05" not in line.note


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (
            {"name": "work", "endpoint": {"path": "/work"}},
            "the resource has no `incremental`, whose cursor that would be",
        ),
        (work() | {"write_disposition": "append"}, "rows come more than once, and the table would hold them twice"),
        (work() | {"primary_key": []}, "set write_disposition: merge and primary_key"),
        (work(last_value_func="min"), "its `incremental` has a last_value_func"),
        (work(end_value="2025-01-01"), "its `incremental` has an end_value, so nothing is remembered of it"),
        ({**work(), "endpoint": {**work()["endpoint"], "path": "/work"}}, "the resource has no parent"),
    ],
)
def test_a_cursor_that_cannot_be_is_refused(campus: Campus, news: News, resource: Any, says: str) -> None:
    configure(campus, news, COURSES, resource, sync=PER_PARENT)
    with pytest.raises(ConfigError, match=r"sync\.resources\.work\.cursor_per_parent") as caught:
        campus.sync()
    assert says in str(caught.value) and news.log == []


def test_the_state_tells_how_far_the_parents_are_and_forgets_them(reader: Campus, news: News) -> None:
    options = SyncOptions(reader.url, home=reader.home)
    reader.sync()
    (cursor,) = show_remembered(str(reader.config), options).cursors
    assert (cursor.resource, cursor.path, cursor.value) == ("work", "at", "2024-02-01 to 2024-05-03 of 2 parents")
    assert reset_remembered(str(reader.config), options).cursors == (cursor,)
    news.log.clear()
    reader.sync()
    assert news.starts("courses/1/work", "since") == ["2024-01-01"]


def noted(campus: Campus) -> str:
    """All that the destination remembers of the pipeline."""
    states = campus.query("SELECT state FROM _dlt_pipeline_state")
    return "".join(zlib.decompress(base64.b64decode(state)).decode() for (state,) in states)


@pytest.mark.parametrize("rule", ["keep", "hash"])
def test_whose_cursor_it_is_cannot_be_tried_out_where_that_is_hidden(
    campus: Campus, news: News, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are few: who has the state would hash them all, and find those that are in it."""
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "a key of the tests, which is long enough")
    privacy = {"columns": {"courses.id": rule}}
    configure(campus, news, COURSES, work(), sync=PER_PARENT, privacy=privacy)
    campus.sync()
    tried = base64.urlsafe_b64encode(blake2b(b"[[1]]", digest_size=9).digest()).decode()
    assert (tried in noted(campus)) is (rule == "keep")
    news.log.clear()
    assert campus.sync().resources["work"].status is Status.COMPLETE
    assert news.starts("courses/1/work", "since") == ["2024-05-03"]
    assert news.starts("courses/2/work", "since") == ["2024-02-01"]
