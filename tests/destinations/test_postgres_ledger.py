"""What a sync writes down in PostgreSQL of itself, and what the program says of it afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from homeroom.cli.app import app
from homeroom.errors import ConfigError
from homeroom.sync_run import ReplayOptions, replay
from homeroom.values import Status

from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sync.list_server import Lists


@pytest.fixture(scope="module")
def told(open_campus: Callable[..., PgCampus]) -> tuple[PgCampus, Any]:
    """A run in which one resource failed, and its report."""
    campus = open_campus("always=500,only=/v1/people")
    campus.configure("people", "terms", "schools")
    return campus, campus.sync()


def test_a_run_is_one_row(told: tuple[PgCampus, Any]) -> None:
    campus, report = told
    row = ("run_id", "name", "started_at", "finished_at", "status", "config_hash", "version")
    assert campus.query("SELECT * FROM _homeroom_runs") == [tuple(getattr(report, name) for name in row)]


def test_each_resource_is_a_row_that_says_what_the_report_says(told: tuple[PgCampus, Any]) -> None:
    campus, report = told
    names = ("status", "proof", "rows_received", "rows_distinct", "rows_in_table", "pages", "requests", "note")
    found = campus.query(f"SELECT resource, {', '.join(names)} FROM _homeroom_resources ORDER BY 1")
    lines = [report.resources[name] for name in ("people", "schools", "terms")]
    assert found == [(line.resource, *(getattr(line, name) for name in names)) for line in lines]
    assert [row[1] for row in found] == ["failed", "complete", "complete"]


def test_numbers_are_numbers_and_times_have_their_zone(told: tuple[PgCampus, Any]) -> None:
    sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '_homeroom_resources'"
    kinds = dict(told[0].query(sql))
    assert (kinds["rows_received"], kinds["waited_s"], kinds["started_at"], kinds["note"]) == (
        "bigint",
        "double precision",
        "timestamp with time zone",
        "character varying",
    )


def test_a_table_of_an_older_version_is_widened(campus: PgCampus) -> None:
    campus.configure("terms")
    campus.sync()
    campus.alter("ALTER TABLE campus._homeroom_resources DROP COLUMN rows_rejected, DROP COLUMN note")
    campus.sync()
    assert campus.column("SELECT count(*) FROM _homeroom_resources WHERE note IS NULL AND rows_rejected IS NULL") == [1]


def test_rows_that_break_a_contract_lie_beside_the_ledger(campus: PgCampus, lists: Lists) -> None:
    contract = {"data_type": "discard_row"}
    campus.over(lists, listed("people", schema_contract=contract, columns={"code": {"data_type": "bigint"}}))
    lists.rows["people"] = [{"id": 1, "code": 7}]
    campus.sync()
    lists.rows["people"] = [{"id": 1, "code": 7}, {"id": 2, "code": "seven"}]
    line = campus.sync().resources["people"]
    assert line.rows_rejected == 1 and campus.ids("people") == [1]
    ((row, column),) = campus.query("SELECT row, column_name FROM _homeroom_rejects")
    assert (json.loads(row)["code"], column) == ("seven", "code__v_text")


def typed(campus: PgCampus, *words: str) -> Result:
    """What the program says, typed with this campus as its home."""
    return CliRunner().invoke(app, words, env={"HOMEROOM_HOME": str(campus.home), "COLUMNS": "200"})


def test_the_program_tells_of_a_run_into_postgres_without_its_password(campus: PgCampus) -> None:
    campus.configure("terms")
    secret = campus.url.replace("campus:campus@", "campus:hunter22@")  # the server lets everybody in
    ran = typed(campus, "sync", str(campus.config), "--to", secret)
    listing, shown = typed(campus, "runs"), typed(campus, "show", "last", "--json")
    assert [each.exit_code for each in (ran, listing, shown)] == [0, 0, 0]
    assert json.loads(shown.stdout)["destination"] == f"postgresql://***@{campus.url.rpartition('@')[2]}"
    for each in (ran, listing, shown):
        assert "hunter22" not in each.output
    for path in campus.home.rglob("*"):
        assert not path.is_file() or b"hunter22" not in path.read_bytes(), path


@pytest.mark.parametrize("words", [("schema",), ("check",), ("validate",)])
def test_every_verb_takes_a_config_of_postgres(campus: PgCampus, words: tuple[str, ...]) -> None:
    text = campus.configure("terms").read_text()
    campus.config.write_text(f"destination: {campus.url}\n{text}")
    campus.sync(destination=None)
    answer = typed(campus, *words, str(campus.config))
    assert answer.exit_code == 0, answer.output


def test_a_run_is_replayed_into_postgres(campus: PgCampus) -> None:
    campus.configure("terms", sync={"keep_raw": True})
    run = campus.sync(destination=f"duckdb:///{campus.database}").run_id
    asked = len(campus.school.requests)
    report = replay(run, ReplayOptions(destination=campus.url, home=campus.home))
    assert (report.status, len(campus.school.requests)) == (Status.COMPLETE, asked)
    assert campus.ids("terms") == campus.true_ids("terms")


@pytest.mark.parametrize("in_config", ["", "destination: duckdb:///other.duckdb\n"])
def test_a_replay_asks_for_a_destination_whose_password_was_not_kept(campus: PgCampus, in_config: str) -> None:
    campus.configure("terms", sync={"keep_raw": True})
    campus.config.write_text(in_config + campus.config.read_text())
    secret = campus.url.replace("campus:campus@", "campus:hunter22@")
    run = campus.sync(destination=secret).run_id
    with pytest.raises(ConfigError) as caught:
        replay(run, ReplayOptions(home=campus.home))
    told = f"RUN: the run wrote to postgresql://***@{campus.url.rpartition('@')[2]}, dataset campus"
    assert str(caught.value).startswith(told) and "hunter22" not in str(caught.value)
    assert "say where to with --to: of the run's URL no user, password or query was kept" in str(caught.value)
    report = replay(run, ReplayOptions(destination=secret, home=campus.home))
    assert report.status is Status.COMPLETE


def test_a_table_may_hold_more_rows_than_one_statement(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    lists.rows["people"] = ids(0, 30_000)
    line = campus.sync().resources["people"]
    assert (line.rows_in_table, line.status) == (30_000, Status.COMPLETE)
