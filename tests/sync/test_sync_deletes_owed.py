"""A run that ends between its load and its deletes: the next one makes up for these, or says why it does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import duckdb
import pytest
from dlt.common.schema import Schema

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import deleting, listed, over_lists, rows
from list_server import Lists
from since_server import News

from homeroom import load
from homeroom.config import load_config
from homeroom.events import DeletesMadeUp, Event
from homeroom.sync_run import SyncOptions, sync_config
from homeroom.sync_run.absence import Rules
from homeroom.sync_run.deletes import Deletes
from homeroom.sync_run.made_up import make_up
from homeroom.sync_run.owed import Debt, Owed
from homeroom.values import Report, ResourceSettings, Status

if TYPE_CHECKING:
    from conftest import Campus

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


class EndedError(Exception):
    """Here the process is gone."""


@pytest.fixture
def news() -> Iterator[News]:
    with News() as opened:
        opened.rows["people"] = [{"id": number, "at": f"2026-0{number}-01"} for number in (1, 2, 3, 4)]
        yield opened


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


def weekly(campus: Campus, news: News, way: str = "hard", **sync: Any) -> Campus:
    """People by a cursor, and all of them each week."""
    incremental = {"cursor_path": "at", "start_param": "since"}
    resource = {"name": "people", "endpoint": {"path": "/people", "incremental": incremental}}
    settings = {"resources": {"people": {"full_every": "7d", "deletes": way}}, "retry": {"attempts": 1}, **sync}
    text = campus.configure(resource, sync=settings).read_text()
    campus.config.write_text(text.replace(campus.school.url, news.url))
    return campus


def run(campus: Campus, days: float = 0, hooks: Any = (), **options: Any) -> Report:
    """A sync, so many days from now."""
    told = SyncOptions(campus.url, home=campus.home, **options)
    config = load_config(str(campus.config), environ=os.environ)
    return sync_config(config, told, hooks, now=lambda: NOW + timedelta(days=days))


def run_and_end(campus: Campus, days: float = 0) -> None:
    """A sync that is ended behind its load, before it deletes."""

    def end(*_: Any) -> None:
        raise EndedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deletes, "act", end)
        with pytest.raises(EndedError):
            run(campus, days)


def test_an_increment_makes_up_for_the_deletes_of_a_full_read(campus: Campus, news: News) -> None:
    """But for a row that came again, and for one that another program has written since."""
    weekly(campus, news, "soft")
    run(campus)
    news.rows["people"] = news.rows["people"][3:]
    run_and_end(campus, 7)
    with duckdb.connect(str(campus.database)) as connection:
        connection.execute("UPDATE campus.people SET _dlt_load_id = 'of another program' WHERE id = 3")
    news.rows["people"] = [*news.rows["people"], {"id": 2, "at": "2026-08-01"}]
    run_and_end(campus, 7.5)
    told: list[Event] = []
    report = run(campus, 8, [told.append])
    line = report.resources["people"]
    assert (line.status, line.rows_deleted) == (Status.COMPLETE, 1)
    assert "ended before it had deleted what did not come: that was made up for" in line.note
    (event,) = (event for event in told if isinstance(event, DeletesMadeUp))
    assert (event.resource, event.rows, event.why) == ("people", 1, "") and event.run_id != report.run_id
    assert sorted(campus.column("SELECT id FROM people WHERE _deleted_at IS NULL")) == [2, 3, 4]
    assert campus.column("SELECT _deleted_at::timestamptz FROM people WHERE id = 1") == [NOW + timedelta(days=7)]
    assert not [*campus.home.glob("deletes/*")]


def test_more_than_the_guard_lets_go_stay_and_are_told(campus: Campus, news: News) -> None:
    weekly(campus, news)
    run(campus)
    news.rows["people"] = []
    run_and_end(campus, 7)
    line = run(campus, 8).resources["people"]
    assert (line.status, line.rows_deleted, campus.ids("people")) == (Status.DELETES_REFUSED, 0, [1, 2, 3, 4])
    assert "--allow-deletes, and with --full-refresh" in line.note


def test_a_load_that_was_not_committed_owes_nothing(campus: Campus, news: News) -> None:
    weekly(campus, news)
    run(campus)
    news.rows["people"] = news.rows["people"][1:]

    def end(*_: Any) -> None:
        raise EndedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("homeroom.load.load", end)
        with pytest.raises(EndedError):
            run(campus, 7)
    news.rows["people"] = [{"id": 1, "at": "2026-01-01"}, *news.rows["people"]]
    assert run(campus, 7.5, resume=False).resources["people"].rows_deleted == 0
    assert campus.ids("people") == [1, 2, 3, 4]


def test_what_the_config_keeps_by_now_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "was_committed", lambda *_: True)
    owed = Owed("people", "people", "hard", came=2, held=3, known=["1"])
    report = Report("run", "campus", Status.COMPLETE, MappingProxyType({}))
    rules = Rules(0.2, allowed=False, before=Schema("campus"))
    debts = [Debt("before", "2", NOW, [owed])]
    settings = {"people": ResourceSettings(deletes="soft")}
    made = make_up(cast(Any, None), debts, report, (), settings, rules, ())
    assert "sync.resources.people.deletes is not hard any more" in made["people"].note
    assert make_up(cast(Any, None), debts, report, ("people",), settings, rules, ()) == {}


def test_children_of_parents_that_are_not_read_again_are_made_up_for(campus: Campus, lists: Lists) -> None:
    changed = {"cursor_path": "changed", "initial_value": 0, "start_param": "since"}
    courses = listed("courses", endpoint={"incremental": changed})
    seats = listed("seats", "/seats-{resources.courses.id}")
    sync = deleting("hard", "seats", parent_column="course_id")
    lists.rows = {"courses": [{"id": 1, "changed": 1}, {"id": 2, "changed": 1}]}
    lists.rows |= {f"seats-{n}": rows(10 * n, 10 * n + 4, course_id=n) for n in (1, 2)}
    over_lists(campus, lists, courses, seats, sync=sync)
    campus.sync()
    lists.rows["courses"] = [{"id": 1, "changed": 2}]
    lists.rows["seats-1"] = lists.rows["seats-1"][1:]
    run_and_end(campus)
    assert campus.ids("seats") == [10, 11, 12, 13, 20, 21, 22, 23]
    lists.rows["courses"] = [{"id": 2, "changed": 3}]
    assert campus.sync().resources["seats"].rows_deleted == 1
    assert campus.ids("seats") == [11, 12, 13, 20, 21, 22, 23]
