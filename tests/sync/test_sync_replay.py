"""`sync.keep_raw` and `homeroom replay`: the tables of a run once more, without a request."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from homeroom import history
from homeroom.events import PagesKept
from homeroom.report import from_json
from homeroom.sync_run import ReplayOptions, replay
from homeroom.values import Report

if TYPE_CHECKING:
    from conftest import Campus, Fresh

KEEP = {"keep_raw": True, "retry": {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01}}


def written(name: str, way: str = "merge", **endpoint: Any) -> dict[str, Any]:
    return {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}", **endpoint}}


def since_last(way: str) -> dict[str, Any]:
    cursor = {"type": "incremental", "cursor_path": "updated_at", "initial_value": "2025-01-01T00:00:00Z"}
    return written("people", way, params={"updated_since": cursor, "sort": "updated_at"})


def child(name: str, parent: str, path: str, way: str = "merge", **endpoint: Any) -> dict[str, Any]:
    parent_id = {"type": "resolve", "resource": parent, "field": "id"}
    params = {"parent_id": parent_id}
    return written(name, way, path=path, params=params, **endpoint) | {"include_from_parent": ["name"]}


NUMBERED = {"type": "page_number", "base_page": 1, "total_path": None}
DISPOSITIONS = [written("people"), written("sections", "append"), written("courses", "replace")]
SHAPES: dict[str, list[Any]] = {
    "dispositions": DISPOSITIONS,
    "cursor": [
        written(
            "people",
            path="/cursor/people",
            data_selector="results",
            paginator={"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "cursor"},
            params={"limit": 7},
        )
    ],
    "code of the config's own": [
        written("people", "append", response_actions=[{"status_code": 404, "action": "ignore"}]),
        child(
            "roles",
            "people",
            "/v1/people/{parent_id}/nothing",
            response_actions=[{"status_code": 404, "action": "ignore"}],
        ),
    ],
    "links": [written("people", path="/link/people", data_selector=None, paginator="header_link")],
    "guessed": [written("people", path="/link/people", data_selector=None, paginator="auto")],
    "page numbers": [written("people", "append", path="/page/people", data_selector="items", paginator=NUMBERED)],
    "list and detail": [
        written("courses", "append"),
        child("detail", "courses", "/v1/courses/{parent_id}", "append", data_selector="$", paginator="single_page"),
    ],
    "children of children": [
        written("schools"),
        child("courses", "schools", "/v1/schools/{parent_id}/courses"),
        child("sections", "courses", "/v1/courses/{parent_id}/sections", "append"),
    ],
}


def rows_of(database: Path, dataset: str = "campus") -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the user's tables, without dlt's ids, which are new in each load."""
    with duckdb.connect(str(database), read_only=True) as connection:
        sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = ? ORDER BY ALL"
        names: dict[str, list[str]] = {}
        for table, column in connection.execute(sql, [dataset]).fetchall():
            if not table.startswith("_") and not column.startswith("_dlt_"):
                names.setdefault(table, []).append(f'"{column}"')
        found = {}
        for table, columns in names.items():
            rows = connection.execute(f'SELECT {", ".join(columns)} FROM "{dataset}"."{table}"').fetchall()
            found[table] = sorted(rows, key=repr)
        return found


def cursors(campus: Campus) -> list[tuple[Any, ...]]:
    """What the destination remembers of the pipeline."""
    return campus.query("SELECT version, state FROM _dlt_pipeline_state ORDER BY version")


def again(campus: Campus, run: str = "last", **options: Any) -> Report:
    """A replay, which asks for nothing."""
    campus.school.clear_log()
    report = replay(run, ReplayOptions(home=campus.home, **options))
    assert campus.school.requests == []
    return report


def elsewhere(campus: Campus) -> tuple[str, Path]:
    path = campus.folder / "new.duckdb"
    return f"duckdb:///{path}", path


def kept_files(campus: Campus) -> list[Path]:
    return sorted((campus.home / "raw").iterdir())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_replay_makes_the_same_tables_with_the_server_gone(campus: Campus, shape: str) -> None:
    campus.configure(*SHAPES[shape], limit=10, sync=KEEP)
    first = campus.sync()
    before = rows_of(campus.database)
    assert first.landed and all(before.values())
    campus.school.stop()
    to, file = elsewhere(campus)
    for database, options in ((file, {"destination": to}), (campus.database, {}), (campus.database, {})):
        report = replay("last", ReplayOptions(home=campus.home, **options))
        assert rows_of(database) == before
        for name, line in report.resources.items():
            own = first.resources[name]
            assert (line.status, line.proof, line.rows_received) == (own.status, own.proof, own.rows_received)
            assert (line.requests, line.pages_resumed, line.pages) == (0, own.pages, own.pages)


def test_the_report_says_what_was_replayed_and_from_when_its_pages_are(campus: Campus) -> None:
    campus.configure(*DISPOSITIONS, limit=10, sync=KEEP)
    first = campus.sync()
    report = again(campus)
    assert report.replay_of == first.run_id != report.run_id
    line = report.resources["people"]
    assert line.note.startswith("read from ") and line.note.endswith(" UTC, before this run")
    then = first.resources["people"].oldest_page_at
    assert line.oldest_page_at is not None and then is not None and line.started_at is not None
    assert abs(line.oldest_page_at - then) < timedelta(seconds=0.2) and line.oldest_page_at < line.started_at
    last = from_json(history.list_runs(campus.home, most=1)[0])
    assert (last.run_id, last.replay_of) == (report.run_id, first.run_id)
    found = "SELECT run_id, sum(pages_resumed), sum(requests) FROM _homeroom_resources GROUP BY 1 ORDER BY 2"
    pages = sum(each.pages for each in first.resources.values())
    assert campus.query(found)[-1] == (report.run_id, pages, 0)


def test_the_pages_of_a_run_are_kept_for_their_owner_alone(campus: Campus) -> None:
    campus.configure("people", sync=KEEP)
    told: list[Any] = []
    report = campus.sync(hooks=[told.append])
    (file,) = kept_files(campus)
    (event,) = (event for event in told if isinstance(event, PagesKept))
    assert event == PagesKept(report.run_id, str(file), file.stat().st_size)
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (f"{report.run_id}.sqlite", 0o600)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list((campus.home / "journals").iterdir()) == []
    assert b"k3y-0f-the-sch00l" not in file.read_bytes()


def test_without_keep_raw_nothing_is_kept(campus: Campus) -> None:
    campus.configure("people")
    campus.sync()
    assert not (campus.home / "raw").exists()


@pytest.mark.parametrize("way", ["append", "merge"])
def test_a_replay_begins_where_its_run_began_and_leaves_the_cursor_alone(campus: Campus, way: str) -> None:
    campus.configure(since_last(way), limit=10, sync=KEEP)
    first = campus.sync()
    after_first = rows_of(campus.database)
    newest = max(campus.school.rows("people"), key=lambda row: str(row["updated_at"]))
    for number in range(3):
        campus.school.put("people", newest | {"id": 900_001 + number, "updated_at": f"2030-01-0{number + 1}T00:00:00Z"})
    second = campus.sync()
    assert second.resources["people"].rows_received < first.resources["people"].rows_received
    after_second, remembered = rows_of(campus.database), cursors(campus)
    again(campus)
    assert (rows_of(campus.database), cursors(campus)) == (after_second, remembered)
    again(campus, first.run_id, older=True)
    assert (rows_of(campus.database), cursors(campus)) == (after_second, remembered)
    to, file = elsewhere(campus)
    again(campus, first.run_id, destination=to)
    assert rows_of(file) == after_first
    third = campus.sync(destination=to)
    # The new place has the cursor of the first run: only what came since is asked for.
    assert third.resources["people"].rows_received == second.resources["people"].rows_received
    assert rows_of(file) == after_second


def test_a_lost_database_is_rebuilt_run_by_run_and_gone_on_with(campus: Campus) -> None:
    campus.configure(since_last("append"), limit=10, sync=KEEP)
    runs = [campus.sync()]
    newest = max(campus.school.rows("people"), key=lambda row: str(row["updated_at"]))
    for number in range(2):
        campus.school.put("people", newest | {"id": 900_001 + number, "updated_at": f"2030-01-0{number + 1}T00:00:00Z"})
        runs.append(campus.sync())
    before = rows_of(campus.database)
    campus.database.unlink()
    for run in runs:
        again(campus, run.run_id, older=True)
    assert rows_of(campus.database) == before
    again(campus, runs[1].run_id, older=True)
    assert rows_of(campus.database) == before
    # The last row is asked for once more, and is not new.
    assert campus.sync().resources["people"].rows_received == 1
    assert rows_of(campus.database) == before


@pytest.mark.parametrize("dials", ["total=absent", "total=absent,drift=insert,drift_every=5", "page_cap=4"])
def test_rows_that_were_read_twice_and_pages_that_were_short_come_as_they_came(campus: Campus, dials: str) -> None:
    campus.configure(written("people", "append"), limit=10, sync=KEEP)
    campus.dial(dials)
    first = campus.sync()
    before = rows_of(campus.database)
    report = again(campus)
    assert rows_of(campus.database) == before
    assert report.resources["people"].rows_received == first.resources["people"].rows_received
    assert (report.status, report.resources["people"].proof) == (first.status, first.resources["people"].proof)


def test_numbers_that_were_read_as_one_column_are_again(campus: Campus) -> None:
    for number, row in enumerate(campus.school.rows("courses")):
        campus.school.put("courses", row | {"credits": number if number % 2 else 0.5, "firstName": 1, "first_name": 2})
    campus.configure(written("courses", "append"), limit=10, sync=KEEP)
    campus.sync()
    before = rows_of(campus.database)
    to, file = elsewhere(campus)
    again(campus, destination=to)
    again(campus)
    assert rows_of(file) == rows_of(campus.database) == before
    assert {"credits", "first_name_2"} <= set(campus.column("SELECT column_name FROM duckdb_columns()"))


def test_what_landed_in_a_files_folder_is_replaced_too(
    campus: Campus, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = campus.folder / "bucket"
    bucket = {"DESTINATION__FILESYSTEM__BUCKET_URL": folder.as_uri()}
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", folder.as_uri())
    campus.url = "filesystem"
    campus.configure(written("people", "append"), written("courses", "replace"), limit=10, sync=KEEP)
    campus.sync()
    for point in ("", "load committed", "job moved"):
        if point:
            assert fresh.run(campus, point, replay="last", **bucket) == {"signal": 9}
        again(campus)
        files = {table: len(list(folder.glob(f"*/{table}/*.gz"))) for table in ("people", "people__roles", "courses")}
        assert files == {"people": 1, "people__roles": 1, "courses": 1}


# What was killed


def test_a_run_that_was_finished_by_another_one_keeps_all_its_pages(campus: Campus, fresh: Fresh) -> None:
    campus.configure(*DISPOSITIONS, limit=10, sync=KEEP)
    assert fresh.run(campus, "extracted") == {"signal": 9}
    first = campus.sync()
    assert sum(line.pages_resumed for line in first.resources.values()) > 0
    before = rows_of(campus.database)
    to, file = elsewhere(campus)
    report = again(campus, destination=to)
    assert report.status == "complete" and rows_of(file) == before


@pytest.mark.parametrize("point", ["load committed", "kept"])
def test_a_run_that_was_killed_after_its_load_has_its_pages_kept_by_the_next_one(
    campus: Campus, fresh: Fresh, point: str
) -> None:
    campus.configure(*DISPOSITIONS, limit=10, sync=KEEP)
    assert fresh.run(campus, point) == {"signal": 9}
    before = rows_of(campus.database)
    told: list[Any] = []
    campus.sync(hooks=[told.append])
    killed, last = [event.run_id for event in told if isinstance(event, PagesKept)]
    assert [file.stem for file in kept_files(campus)] == sorted([killed, last])
    to, file = elsewhere(campus)
    report = again(campus, killed, destination=to)
    assert report.status == "complete" and rows_of(file) == before


def test_of_a_stopped_run_what_landed_is_replayed_and_the_rest_fails(campus: Campus) -> None:
    stopping = {"keep_raw": True, "retry": {"attempts": 1, "stop_after": 1}, "concurrency": 4}
    campus.configure(*DISPOSITIONS, limit=10, sync=stopping)
    campus.dial("latency_s=0.5,fail_503_every=4,only=/v1/people")
    stopped = campus.sync()
    assert stopped.resources["people"].status == "failed"
    before = rows_of(campus.database)
    campus.dial("")
    finished = campus.sync()
    to, file = elsewhere(campus)
    report = again(campus, stopped.run_id, destination=to)
    assert rows_of(file) == before
    assert report.resources["people"].status == "failed"
    assert "the run did not read it to its end" in report.resources["people"].note
    again(campus, finished.run_id, destination=to)
    assert rows_of(file) == rows_of(campus.database)


@pytest.mark.parametrize("point", ["normalised", "job committed", "load committed", "ledger begun"])
@pytest.mark.parametrize("then", ["replay", "sync"])
def test_a_replay_that_was_killed_is_brought_to_its_end(campus: Campus, fresh: Fresh, point: str, then: str) -> None:
    campus.configure(*DISPOSITIONS, limit=10, sync=KEEP)
    campus.sync()
    before = rows_of(campus.database)
    assert fresh.run(campus, point, replay="last") == {"signal": 9}
    if then == "replay":
        again(campus)
        assert rows_of(campus.database) == before
    else:
        campus.sync()
        appended = {table: rows * 2 for table, rows in before.items() if table.startswith("sections")}
        assert rows_of(campus.database) == before | {table: sorted(rows, key=repr) for table, rows in appended.items()}
    assert not [path for path in campus.home.glob("replays/*") if path.exists()]


@pytest.mark.parametrize("until", ["2026-01-20", None])
@pytest.mark.parametrize("window", ["7d", None])
def test_a_backfill_is_replayed_by_the_span_that_it_asked_for(
    campus: Campus, until: str | None, window: str | None
) -> None:
    spans = {"start_param": "updated_since", "end_param": "updated_until"}
    cursor = {"cursor_path": "updated_at", "initial_value": "2026-02-01T00:00:00Z", **spans}
    campus.configure(written("people", incremental=cursor), sync={**KEEP, "resources": {"people": {"window": window}}})
    campus.sync(since="2026-01-01", until=until)
    before, requests = campus.ids("people"), len(campus.school.requests)
    replayed = replay("last", ReplayOptions(home=campus.home))
    assert replayed.status == "complete" and before
    assert (campus.ids("people"), len(campus.school.requests)) == (before, requests)
