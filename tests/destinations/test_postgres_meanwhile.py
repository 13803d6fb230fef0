"""What somebody else sees while a sync loads into PostgreSQL, and whom a reader stops: docs/guarantees.md, by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from dlt.common.storages.load_package import PackageStorage

from homeroom import load
from homeroom.errors import LoadError
from homeroom.values import Status

from .pg_campus import PgCampus, listed, rows_of

if TYPE_CHECKING:
    from ..sync.list_server import Lists

NAMES = ("merged", "appended", "replaced")
IMPATIENT = "?options=-clock_timeout%3D200ms"

Seen = dict[str, tuple[int | None, int | None]]
"""Of each table the greatest version of its rows, and of those nested in them."""


@pytest.fixture
def ways(campus: PgCampus, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> PgCampus:
    """Three tables, each written in its own way, with version 1 of their rows; jobs are done one after the other."""
    monkeypatch.setenv("LOAD__WORKERS", "1")
    put(lists, 1)
    campus.over(
        lists,
        listed("merged"),
        listed("appended", write_disposition="append"),
        listed("replaced", write_disposition="replace"),
    )
    campus.sync()
    return campus


def put(lists: Lists, version: int) -> None:
    """Have all lists give rows of a version."""
    rows = [{"id": number, "version": version, "nested": [version]} for number in range(3)]
    lists.rows = dict.fromkeys(NAMES, rows)


def seen(campus: PgCampus) -> Seen:
    """What a reader sees now."""
    parts = [f"(SELECT max(version) FROM {n}), (SELECT max(value) FROM {n}__nested)" for n in NAMES]
    (row,) = campus.query(f"SELECT {', '.join(parts)}")
    return {name: (row[2 * place], row[2 * place + 1]) for place, name in enumerate(NAMES)}


@pytest.fixture
def moments(ways: PgCampus, lists: Lists) -> list[Seen]:
    """What a reader saw of a second run: before it, around each job and at the end."""
    put(lists, 2)
    found = [seen(ways)]
    with at_each_job(lambda: found.append(seen(ways))):
        ways.sync()
    return [*found, seen(ways)]


class at_each_job:  # noqa: N801  reads as a word
    """While it is open, something is done before each of dlt's jobs starts and after it is committed.

    Before too: dlt starts jobs in the order in which a folder lists their files, which is any. What is true before
    the first of them (old files are gone) would be seen only where the job that ends it is not the first.
    """

    NAMES = ("start_job", "complete_job")

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        for name in self.NAMES:
            self._patch.setattr(PackageStorage, name, self._acting(getattr(PackageStorage, name)))

    def _acting(self, real: Any) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            self._act()
            return real(*args, **named)

        return step

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


@pytest.mark.parametrize("name", ["merged", "replaced"])
def test_a_merged_or_replaced_table_changes_with_its_nested_ones_at_one_moment(moments: list[Seen], name: str) -> None:
    found = [each[name] for each in moments]
    assert set(found) == {(1, 1), (2, 2)} and found == sorted(found)


def test_an_appended_table_and_those_nested_in_it_change_one_after_the_other(moments: list[Seen]) -> None:
    assert any(each["appended"] in ((1, 2), (2, 1)) for each in moments)
    assert moments[-1]["appended"] == (2, 2)


def test_tables_of_two_resources_change_one_after_the_other(moments: list[Seen]) -> None:
    assert any(each["merged"] != each["replaced"] for each in moments)


def test_while_a_first_load_lasts_its_tables_are_there_in_part(campus: PgCampus, lists: Lists) -> None:
    put(lists, 1)
    campus.over(lists, listed("merged"))
    found: list[tuple[int, int]] = []
    sql = "SELECT (SELECT count(*) FROM merged), (SELECT count(*) FROM merged__nested)"
    with pytest.MonkeyPatch.context() as patch, at_each_job(lambda: found.extend(campus.query(sql))):
        patch.setenv("LOAD__WORKERS", "1")
        campus.sync()
    assert {(0, 3), (3, 0)} & set(found)


def test_the_ledger_has_nothing_of_a_run_that_still_loads(ways: PgCampus) -> None:
    found: list[Any] = []
    with at_each_job(lambda: found.extend(ways.column("SELECT count(*) FROM _homeroom_runs"))):
        ways.sync()
    assert set(found) == {1} and ways.column("SELECT count(*) FROM _homeroom_runs") == [2]


def test_deletes_come_after_the_rows_of_their_run_and_before_its_ledger(
    campus: PgCampus, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = {"resources": {"merged": {"deletes": "hard"}}, "retry": {"attempts": 1}}
    put(lists, 1)
    campus.over(lists, listed("merged"), sync=sync).sync()
    lists.rows["merged"] = [{"id": 3, "version": 2}, *lists.rows["merged"][1:]]
    real, found = load.load, []

    def loaded(*args: Any) -> None:
        real(*args)
        found.append((campus.ids("merged"), campus.column("SELECT count(*) FROM _homeroom_runs")))

    monkeypatch.setattr(load, "load", loaded)
    campus.sync()
    assert found == [([0, 1, 2, 3], [1])]
    assert campus.ids("merged") == [1, 2, 3]


@pytest.fixture
def snapshot(ways: PgCampus) -> Iterator[Any]:
    """A transaction of a reader's, REPEATABLE READ, that has begun and looked at none of the tables."""
    with ways.connected() as connection:
        connection.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        rows_of(connection, "SELECT count(*) FROM _dlt_version")
        yield connection


def test_a_snapshot_from_before_keeps_its_rows_of_a_merged_table(ways: PgCampus, lists: Lists, snapshot: Any) -> None:
    put(lists, 2)
    ways.sync()
    assert rows_of(snapshot, "SELECT DISTINCT version FROM merged") == [(1,)]


def test_a_snapshot_from_before_finds_a_replaced_table_empty(ways: PgCampus, lists: Lists, snapshot: Any) -> None:
    """dlt empties it by TRUNCATE, which PostgreSQL does for all snapshots."""
    put(lists, 2)
    ways.sync()
    assert rows_of(snapshot, "SELECT DISTINCT version FROM replaced") == []


def test_a_reader_in_an_open_transaction_does_not_stop_a_merge(ways: PgCampus, lists: Lists) -> None:
    put(lists, 2)
    with ways.connected() as connection:
        connection.autocommit = False
        rows_of(connection, "SELECT * FROM merged, appended")
        assert ways.sync(destination=ways.url + IMPATIENT).status is Status.COMPLETE
    assert seen(ways)["merged"] == (2, 2)


@pytest.fixture
def refused_by_a_reader(ways: PgCampus, lists: Lists) -> LoadError:
    """The error of a run while a reader holds the table that is to be replaced."""
    put(lists, 2)
    with ways.connected() as connection, pytest.raises(LoadError) as caught:
        connection.autocommit = False
        rows_of(connection, "SELECT * FROM replaced")
        ways.sync(destination=ways.url + IMPATIENT)
    return caught.value


def test_a_reader_in_an_open_transaction_stops_a_replace_but_not_for_ever(
    ways: PgCampus, refused_by_a_reader: LoadError
) -> None:
    told = "could not load: canceling statement due to lock timeout; wait for who has it open, or end that"
    assert str(refused_by_a_reader).startswith(told) and refused_by_a_reader.code == "locked"
    assert seen(ways)["replaced"] == (1, 1)
    assert seen(ways)["appended"] == (1, 1)  # what it had appended was taken out again
    assert ways.sync().status is Status.COMPLETE
    assert seen(ways)["replaced"] == (2, 2)


def test_a_reader_in_an_open_transaction_stops_a_new_column_but_not_for_ever(ways: PgCampus, lists: Lists) -> None:
    put(lists, 2)
    lists.rows["merged"] = [{**row, "house": "Lantern"} for row in lists.rows["merged"]]
    with ways.connected() as connection, pytest.raises(LoadError, match="lock timeout") as caught:
        connection.autocommit = False
        rows_of(connection, "SELECT * FROM merged")
        ways.sync(destination=ways.url + IMPATIENT)
    assert caught.value.code == "locked" and seen(ways)["merged"] == (1, 1)
    assert ways.sync().status is Status.COMPLETE
    assert ways.column("SELECT DISTINCT house FROM merged") == ["Lantern"]


def test_a_waiting_statement_gives_up_after_a_minute_unless_the_url_says_otherwise(ways: PgCampus) -> None:
    found: list[str] = []
    sql = "SELECT setting || unit FROM pg_settings WHERE name = 'lock_timeout'"
    for more in ("", "?options=-clock_timeout%3D5s", "?options=-cwork_mem%3D8MB"):
        target = load.choose_target(ways.url + more, "campus", "campus")
        with load.our_settings(target):
            pipeline = load.open_pipeline(target, "campus", ways.folder / "asking")
            with pipeline.sql_client() as client:
                found.append((client.execute_sql(sql) or [("",)])[0][0])
    assert found == ["60000ms", "5000ms", "60000ms"]
