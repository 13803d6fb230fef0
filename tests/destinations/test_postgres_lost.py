"""What a sync survives that is not its own fault: a server that goes, a connection that is cut, a disk that is full."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from dlt.common.storages.load_package import PackageStorage

from homeroom import load
from homeroom.errors import LoadError
from homeroom.values import Status

from ..columnar.destination_postgres import missing_program, postgres_server
from ..sync.test_sync_stopped import fill, mounted
from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from ..columnar.destination_postgres import Server
    from ..sync.list_server import Lists


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of these tests' own, because they stop it."""
    if missing_program() is not None:
        pytest.skip("no PostgreSQL here")
    with postgres_server() as made:
        yield made


@pytest.fixture
def people(campus: PgCampus, lists: Lists) -> PgCampus:
    """A campus with three people that are merged and three that are appended; two of each are new since its sync."""
    lists.rows = {"people": ids(0, 3, tags=["a"]), "visits": ids(0, 3, tags=["a"])}
    campus.over(lists, listed("people"), listed("visits", write_disposition="append"))
    campus.sync()
    lists.rows = {"people": ids(0, 5, tags=["b"]), "visits": ids(3, 5, tags=["b"])}
    return campus


@contextmanager
def once_at(owner: Any, name: str, act: Callable[[], None], nth: int = 1) -> Iterator[None]:
    """Do something when a function is called for the nth time, before it."""
    real, passed = getattr(owner, name), 0

    def called(*args: Any, **named: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == nth:
            act()
        return real(*args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, called)
        yield


def order(server: Server, statement: str) -> None:
    """Have the server do something, from its own database."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    connection.cursor().execute(statement)
    connection.close()


def refused(campus: PgCampus) -> LoadError:
    """The error of a sync that must not succeed."""
    with pytest.raises(LoadError) as caught:
        campus.sync()
    assert "\n" not in str(caught.value)
    return caught.value


def whole(campus: PgCampus) -> None:
    """All rows are there once, with those nested in them."""
    assert campus.ids("people") == [0, 1, 2, 3, 4] and campus.ids("visits") == [0, 1, 2, 3, 4]
    for table, values in (("people", "bbbbb"), ("visits", "aaabb")):
        sql = (
            f"SELECT string_agg(value, '' ORDER BY id) FROM {table}__tags JOIN {table} p ON _dlt_parent_id = p._dlt_id"
        )
        assert campus.column(sql) == [values]
        assert campus.column(f"SELECT count(*) FROM {table}__tags") == [5]


@pytest.mark.parametrize(
    ("owner", "point", "nth"),
    [(load, "load", 1), (PackageStorage, "complete_job", 1), (PackageStorage, "complete_job", 4)],
)
def test_a_server_that_goes_in_the_middle_costs_nothing(
    people: PgCampus, server: Server, owner: Any, point: str, nth: int
) -> None:
    """It is stopped as by a crash, and started again after the run has ended."""
    with once_at(owner, point, server.stop, nth):
        error = refused(people)
    server.start()
    assert error.code == "destination-unreachable"
    assert people.sync().status is Status.COMPLETE
    whole(people)


def test_a_server_that_goes_after_the_load_has_its_rows(people: PgCampus, server: Server) -> None:
    with once_at(load, "count_rows", server.stop):
        error = refused(people)
    server.start()
    assert (error.landed, error.kept, error.code) == (True, 0, "destination-unreachable")
    whole(people)
    assert people.column("SELECT count(*) FROM _homeroom_runs") == [1]


def test_a_server_that_is_restarted_while_we_load_is_waited_for(people: PgCampus, server: Server) -> None:
    """dlt tries a job again whose connection was cut."""

    def restart() -> None:
        server.stop()
        server.start()

    with once_at(PackageStorage, "start_job", restart, 2):
        assert people.sync().status is Status.COMPLETE
    whole(people)


def test_a_connection_that_is_cut_in_a_merge_leaves_the_table_as_it_was(people: PgCampus, server: Server) -> None:
    """A trigger cuts it between the deletion of the old rows and the insertion of the new ones."""
    people.alter(
        "CREATE FUNCTION campus.cut() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'"
    )
    people.alter("CREATE TRIGGER cut BEFORE INSERT ON campus.people FOR EACH ROW EXECUTE FUNCTION campus.cut()")
    error = refused(people)
    assert error.code == "destination-unreachable"
    assert people.column("SELECT id FROM people ORDER BY id") == [0, 1, 2]
    assert people.ids("visits") == [0, 1, 2]
    people.alter("DROP TRIGGER cut ON campus.people")
    asked = error.kept
    assert asked > 0 and people.sync().status is Status.COMPLETE
    whole(people)


def test_all_connections_may_be_cut_between_two_jobs(people: PgCampus, server: Server) -> None:
    def cut() -> None:
        order(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    with once_at(PackageStorage, "complete_job", cut, 2):
        assert people.sync().status is Status.COMPLETE
    whole(people)


def test_a_full_disk_of_the_server_is_told_and_pages_are_kept(people: PgCampus, lists: Lists, server: Server) -> None:
    with mounted(server.folder / "small", "32m") as disk:
        (disk / "rows").mkdir()
        shutil.chown(disk / "rows", server.folder.owner())
        order(server, f"CREATE TABLESPACE small LOCATION '{disk}/rows'")
        order(server, f"ALTER DATABASE {people.url.rpartition('/')[2]} SET TABLESPACE small")
        lists.rows["people"] = [{**row, "note": "many words " * 300} for row in ids(0, 500, tags=["b"])]
        fill(disk)
        error = refused(people)
        assert "No space left on device; make room there" in str(error) and error.code == "cannot-write"
        assert error.kept > 0
        assert people.ids("people") == [0, 1, 2] and people.ids("visits") == [0, 1, 2]
        (disk / "filler").unlink()
        assert people.sync().status is Status.COMPLETE
        assert people.ids("people") == list(range(500)) and people.ids("visits") == [0, 1, 2, 3, 4]
        order(server, f"DROP DATABASE {people.url.rpartition('/')[2]} WITH (FORCE)")
        order(server, "DROP TABLESPACE small")


def test_a_server_that_may_only_be_read_is_told(people: PgCampus, server: Server) -> None:
    name = people.url.rpartition("/")[2]
    people.alter(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    error = refused(people)
    assert "in a read-only transaction; make it writable" in str(error) and error.code == "cannot-write"
    order(server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert people.sync().status is Status.COMPLETE
    whole(people)


def test_a_column_of_another_type_is_told_without_a_value(people: PgCampus, lists: Lists) -> None:
    people.alter("ALTER TABLE campus.people ADD COLUMN code integer")
    lists.rows["people"] = ids(0, 5, tags=["b"], code="Bunny")
    error = refused(people)
    assert "Bunny" not in str(error) and error.in_rows
    assert people.ids("people") == [0, 1, 2] and people.ids("visits") == [0, 1, 2]
