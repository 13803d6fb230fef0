"""The dataset `edu` in PostgreSQL: made after each sync, where somebody reads it and where tables are replaced too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from homeroom.report import exit_code
from homeroom.values import Report, Status

from .pg_campus import PgCampus, rows_of

IMPATIENT = "?options=-clock_timeout%3D200ms"


def modelled(campus: PgCampus, way: str = "merge") -> PgCampus:
    """A campus whose sync makes the views of the sample school."""
    people = {"name": "people", "write_disposition": way, "endpoint": {"path": "/v1/people"}}
    campus.configure(people, "schools", "sections", model="sample_school")
    return campus


@pytest.fixture(scope="module")
def viewed(open_campus: Callable[..., PgCampus]) -> tuple[PgCampus, Report]:
    """A campus after a sync, and its report."""
    campus = modelled(open_campus())
    return campus, campus.sync()


def test_views_are_made_after_the_sync(viewed: tuple[PgCampus, Report]) -> None:
    campus, report = viewed
    assert report.model and not report.model.error
    people = len(campus.true_ids("people"))
    assert campus.column("SELECT count(*) FROM edu.person") == [people] == [report.model.rows["person"]]


def test_a_view_is_asked_by_everybody_who_may(viewed: tuple[PgCampus, Report]) -> None:
    """Of a reader it needs rights on the views alone, as in any PostgreSQL."""
    campus, _ = viewed
    campus.alter("CREATE ROLE analyst; GRANT USAGE ON SCHEMA edu TO analyst; GRANT SELECT ON edu.person TO analyst")
    with campus.connected() as connection:
        rows_of(connection, "SET ROLE analyst; SELECT 1")
        assert rows_of(connection, "SELECT count(*) > 0 FROM edu.person") == [(True,)]


def test_the_checks_are_kept(viewed: tuple[PgCampus, Report]) -> None:
    campus, report = viewed
    assert campus.column("SELECT DISTINCT run_id FROM edu._checks") == [report.run_id]


def test_a_table_below_a_view_can_be_replaced_and_widened(campus: PgCampus) -> None:
    """dlt's other ways to replace would drop it, and PostgreSQL refuses that below a view."""
    modelled(campus, "replace").sync()
    row = campus.school.rows("people")[0]
    campus.school.put("people", row | {"given_name": "Zoë", "nickname": "Zo"})
    report = campus.sync()
    assert report.status is Status.COMPLETE and report.model and not report.model.error
    name = f"SELECT given_name FROM edu.person WHERE id = '{row['id']}'"
    assert campus.column(name) == ["Zoë"]
    assert "nickname" in campus.column(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'campus' AND table_name = 'people'"
    )


@pytest.mark.parametrize("reference", ["url", "name"])
def test_a_reader_in_an_open_transaction_keeps_the_views_and_costs_no_row(
    campus: PgCampus, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modelled(campus).sync()
    impatient = campus.url + IMPATIENT
    if reference == "name":
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", campus.url)
        monkeypatch.setattr("homeroom.dlt_seam.edu.LOCK_TIMEOUT", "200ms")
        impatient = "postgres"
    with campus.connected() as connection:
        connection.autocommit = False
        before = rows_of(connection, "SELECT count(*) FROM edu.person")
        report = campus.sync(destination=impatient)
        assert rows_of(connection, "SELECT count(*) FROM edu.person") == before
    assert report.status is Status.COMPLETE and report.model
    assert report.model.error.startswith("could not make the views of edu: canceling statement due to lock timeout")
    told = "wait for who has it open, or end that; the rows have landed; the next sync makes the views again [locked]"
    assert report.model.error.endswith(told) and exit_code(report) == 3
    again = campus.sync()
    assert again.model and not again.model.error


def test_a_reader_who_asks_meanwhile_waits_and_is_answered(
    viewed: tuple[PgCampus, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The views are dropped and made again in one transaction."""
    campus, report = viewed
    answers: list[Any] = []
    asked = threading.Event()
    readers: list[threading.Thread] = []

    def read() -> None:
        with campus.connected() as connection:
            asked.set()
            answers.extend(rows_of(connection, "SELECT count(*) FROM edu.person"))

    from homeroom import views

    real = views._unite

    def united(*args: Any) -> None:
        reader = threading.Thread(target=read)
        reader.start()
        readers.append(reader)
        asked.wait(10)
        with campus.connected() as connection:
            while not rows_of(connection, "SELECT 1 FROM pg_locks WHERE NOT granted"):
                pass
        assert answers == []
        real(*args)

    monkeypatch.setattr(views, "_unite", united)
    campus.sync()
    readers[0].join(10)
    assert report.model and answers == [(report.model.rows["person"],)]
