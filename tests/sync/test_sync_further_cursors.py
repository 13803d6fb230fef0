"""Several queries for what is new in one resource."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from since_server import News

from homeroom.errors import ConfigError
from homeroom.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Campus

GRADED = {"cursor_path": "graded_at", "start_param": "graded_since"}


def work(**incremental: Any) -> dict[str, Any]:
    given = {"cursor_path": "submitted_at", "start_param": "submitted_since", **incremental}
    return {"name": "work", "endpoint": {"path": "/work", "incremental": given}}


def configure(campus: Campus, news: News, resource: Any, *further: Any, **settings: Any) -> None:
    sync = {"resources": {"work": {"further_cursors": list(further), **settings}}, "retry": {"attempts": 1}}
    text = campus.configure(resource, sync=sync).read_text()
    campus.config.write_text(text.replace(campus.school.url, news.url))


@pytest.fixture
def news() -> Iterator[News]:
    with News() as opened:
        opened.rows["work"] = [
            {"id": 1, "submitted_at": "2024-05-01", "graded_at": None},
            {"id": 2, "submitted_at": "2024-05-02", "graded_at": "2024-05-04"},
            {"id": 3, "submitted_at": None, "graded_at": None},
        ]
        yield opened


@pytest.fixture
def reader(campus: Campus, news: News) -> Campus:
    configure(campus, news, work(), GRADED)
    return campus


def asked(news: News) -> list[dict[str, str]]:
    return [given for _, given in news.log]


def test_each_query_asks_with_its_own_start_alone(reader: Campus, news: News) -> None:
    reader.sync()
    assert asked(news) == [{}] and reader.ids("work") == [1, 2, 3]  # neither has a start: once is enough
    news.log.clear()
    reader.sync()
    assert sorted(asked(news), key=str) == [{"graded_since": "2024-05-04"}, {"submitted_since": "2024-05-02"}]


def test_what_any_of_the_queries_brings_lands(reader: Campus, news: News) -> None:
    reader.sync()
    news.rows["work"] = [
        {"id": 1, "submitted_at": "2024-05-01", "graded_at": "2024-06-01"},
        {"id": 4, "submitted_at": "2024-06-02", "graded_at": None},
    ]
    reader.sync()
    held = reader.query("SELECT id, graded_at::TEXT FROM work ORDER BY id")
    assert [row_id for row_id, _ in held] == [1, 2, 3, 4] and str(held[0][1]).startswith("2024-06-01")


def test_a_row_that_two_queries_bring_counts_once(reader: Campus, news: News) -> None:
    reader.sync()
    news.rows["work"] = [{"id": 5, "submitted_at": "2024-07-01", "graded_at": "2024-07-02", "marks": [1, 2]}]
    line = reader.sync().resources["work"]
    assert (line.status, line.rows_received, line.rows_distinct) == (Status.COMPLETE, 2, 1)
    assert reader.ids("work") == [1, 2, 3, 5]
    assert reader.query("SELECT count(*) FROM work__marks") == [(2,)]


def test_a_query_that_was_not_read_whole_keeps_its_place(reader: Campus, news: News) -> None:
    """The API says one row more than it gives, to one of them."""
    reader.sync()
    news.rows["work"] = [{"id": 5, "submitted_at": "2024-07-01", "graded_at": "2024-07-02"}]
    told = news.answer

    def short(name: str, given: dict[str, str]) -> dict[str, Any]:
        page = told(name, given)
        return page | {"total": page["total"] + ("graded_since" in given)}

    news.answer = short  # type: ignore[method-assign]
    assert reader.sync().resources["work"].status is Status.INCOMPLETE
    news.answer = told  # type: ignore[method-assign]
    news.log.clear()
    reader.sync()
    assert sorted(asked(news), key=str) == [{"graded_since": "2024-05-04"}, {"submitted_since": "2024-07-01"}]


def test_a_filter_that_is_ignored_is_told_by_its_name(reader: Campus, news: News) -> None:
    reader.sync()
    news.ignored.add("graded_since")
    news.rows["work"] = [{"id": 5, "submitted_at": "2024-07-01", "graded_at": "2024-01-01"}]
    note = reader.sync().resources["work"].note
    assert "the API gives rows outside of what graded_since asks for" in note


def test_a_cursor_that_dlt_kept_before_is_gone_on_from(campus: Campus, news: News) -> None:
    configure(campus, news, work(initial_value="2024-01-01"))
    campus.sync()
    news.log.clear()
    configure(campus, news, work(initial_value="2024-01-01"), GRADED)
    campus.sync()
    assert sorted(asked(news), key=str) == [{"submitted_since": "2024-05-02"}, {}]


def test_dlt_goes_on_from_where_our_cursor_stood(campus: Campus, news: News) -> None:
    configure(campus, news, work(initial_value="2024-01-01"), GRADED)
    campus.sync()
    news.log.clear()
    configure(campus, news, work(initial_value="2024-01-01"))
    campus.sync()
    assert asked(news) == [{"submitted_since": "2024-05-02"}]


@pytest.mark.parametrize(
    ("resource", "further", "settings", "says"),
    [
        (work(start_param=None), GRADED, {}, "each query needs a parameter of its own"),
        (
            work(),
            {**GRADED, "cursor_path": "submitted_at"},
            {},
            "two queries have the same cursor_path; got 'submitted_at'",
        ),
        (work(), {**GRADED, "start_param": "submitted_since"}, {}, "two queries have the same start_param"),
        (work(), {**GRADED, "cursor_path": "[["}, {}, "further_cursors[0]"),
        (work(end_param="until"), GRADED, {"window": "7d"}, "the API is not told where a window ends"),
        (work() | {"write_disposition": "append"}, GRADED, {}, "the table would hold them twice"),
        ({"name": "work", "endpoint": {"path": "/work"}}, GRADED, {}, "the resource has no `incremental`"),
    ],
)
def test_queries_that_cannot_be_are_refused(
    campus: Campus, news: News, resource: Any, further: Any, settings: Any, says: str
) -> None:
    given = resource["endpoint"].get("incremental", {})
    resource["endpoint"] |= {"incremental": {k: v for k, v in given.items() if v is not None}} if given else {}
    configure(campus, news, resource, further, **settings)
    with pytest.raises(ConfigError, match=r"sync\.resources\.work\.further_cursors") as caught:
        campus.sync()
    assert says in str(caught.value) and news.log == []
