"""A process that is killed, wherever that is, and the run after it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Campus, Fresh, OpenCampus

Point = tuple[str, int]
Rows = dict[str, list[Any]]

POINTS: tuple[Point, ...] = (
    ("reading", 3),
    ("extracted", 1),
    ("normalised", 1),
    ("in both folders", 1),
    ("about to load", 1),
    ("tables made", 1),
    ("job started", 2),
    ("job committed", 1),
    ("job committed", 3),
    ("job moved", 1),
    ("all jobs done", 1),
    ("load committed", 1),
    ("ledger begun", 1),
    ("ledger written", 1),
)
"""Each is where to kill and at which passing; see fresh.py."""

LOADED = ("load committed", "loaded", "ledger begun", "ledger written")
"""Points after dlt has committed the load: the killed run counts, though its ledger may be missing."""

LATER: tuple[Point, ...] = (
    ("reading", 3),
    ("extracted", 1),
    ("in both folders", 1),
    ("job committed", 1),
    ("job committed", 4),
    ("job moved", 7),
    ("all jobs done", 1),
    ("load committed", 1),
    ("ledger begun", 1),
)

LOADING: tuple[Point, ...] = (
    ("tables made", 1),
    *(("job committed", nth) for nth in (3, 7)),
    ("all jobs done", 1),
)

WAYS = {"people": "merge", "sections": "append", "courses": "replace"}


def three_dispositions(campus: Campus) -> Campus:
    """people are merged, sections appended, courses replaced; each has a child table."""
    resources = [
        {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}} for name, way in WAYS.items()
    ]
    campus.configure(*resources, limit=20)
    return campus


def landed(campus: Campus) -> Rows:
    """Each root table's ids and each child's values under the id of its parent; absent tables are empty."""
    queries = {
        "people": "SELECT id FROM people",
        "sections": "SELECT id FROM sections",
        "courses": "SELECT id FROM courses",
        "people__roles": "SELECT id, r.role FROM people__roles r JOIN people p ON r._dlt_parent_id = p._dlt_id",
        "sections__meetings": "SELECT id, room FROM sections__meetings m JOIN sections s ON _dlt_parent_id = s._dlt_id",
        "courses__grades": "SELECT id, value FROM courses__grades g JOIN courses c ON g._dlt_parent_id = c._dlt_id",
    }
    there = campus.tables()
    return {table: sorted(campus.query(sql)) if table in there else [] for table, sql in queries.items()}


def truth(campus: Campus) -> Rows:
    """What must have landed of a school that was read once."""
    people, sections, courses = (campus.school.rows(name) for name in WAYS)
    return {
        "people": sorted((row["id"],) for row in people),
        "sections": sorted((row["id"],) for row in sections),
        "courses": sorted((row["id"],) for row in courses),
        "people__roles": sorted((row["id"], each["role"]) for row in people for each in row["roles"]),
        "sections__meetings": sorted((row["id"], each["room"]) for row in sections for each in row["meetings"]),
        "courses__grades": sorted((row["id"], grade) for row in courses for grade in row["grades"]),
    }


def appended(*reads: Rows) -> Rows:
    """The last read, with the sections of all of them."""
    both = {name: sorted(row for rows in reads for row in rows[name]) for name in ("sections", "sections__meetings")}
    return reads[-1] | both


def orphans(campus: Campus) -> int:
    """Child rows without a parent."""
    sql = "SELECT count(*) FROM {0}__{1} WHERE _dlt_parent_id NOT IN (SELECT _dlt_id FROM {0})"
    pairs = (("people", "roles"), ("sections", "meetings"), ("courses", "grades"))
    return sum(campus.column(sql.format(*pair))[0] for pair in pairs)


@pytest.mark.parametrize(("point", "nth"), POINTS)
def test_a_first_run_killed_anywhere_is_made_good_by_the_next(
    open_campus: OpenCampus, fresh: Fresh, point: str, nth: int
) -> None:
    campus = three_dispositions(open_campus())
    assert fresh.run(campus, point, nth) == {"signal": 9}
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    once = truth(campus)
    assert landed(campus) == (appended(once, once) if point in LOADED else once)
    assert orphans(campus) == 0
    assert campus.pending() == []


@pytest.fixture(scope="module")
def first(open_campus: OpenCampus, fresh: Fresh) -> tuple[Campus, Rows]:
    """A campus after its first run, and what landed; since then one row of each table is new and one is gone."""
    campus = three_dispositions(open_campus())
    fresh.run(campus)
    old = truth(campus)
    for name in WAYS:
        rows = campus.school.rows(name)
        campus.school.put(name, rows[0] | {"id": rows[-1]["id"] + 1})
    campus.school.remove("courses", campus.school.rows("courses")[0]["id"])
    shutil.copytree(campus.home, campus.folder / "kept")
    shutil.copy(campus.database, campus.folder / "kept.duckdb")
    return campus, old


@pytest.fixture
def second(first: tuple[Campus, Rows]) -> tuple[Campus, Rows]:
    """The same, as the first run left it."""
    campus, _ = first
    campus.database.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    shutil.rmtree(campus.home)
    shutil.copytree(campus.folder / "kept", campus.home)
    shutil.copy(campus.folder / "kept.duckdb", campus.database)
    return first


@pytest.mark.parametrize(("point", "nth"), LATER)
def test_a_later_run_killed_anywhere_is_made_good_by_the_next(
    second: tuple[Campus, Rows], fresh: Fresh, point: str, nth: int
) -> None:
    campus, old = second
    assert fresh.run(campus, point, nth) == {"signal": 9}
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    new = truth(campus)
    assert landed(campus) == (appended(old, new, new) if point in LOADED else appended(old, new))
    assert orphans(campus) == 0
    assert campus.pending() == []


@pytest.mark.parametrize(("point", "nth"), LOADING)
def test_a_run_killed_while_loading_leaves_merged_and_replaced_tables_whole(
    second: tuple[Campus, Rows], fresh: Fresh, point: str, nth: int
) -> None:
    campus, old = second
    assert fresh.run(campus, point, nth) == {"signal": 9}
    found, new = landed(campus), truth(campus)
    for root, child in (("people", "people__roles"), ("courses", "courses__grades")):
        assert (found[root], found[child]) in ((old[root], old[child]), (new[root], new[child]))


@pytest.mark.parametrize("point", ["all jobs done", "loaded"])
def test_a_killed_run_has_no_row_in_the_ledger(second: tuple[Campus, Rows], fresh: Fresh, point: str) -> None:
    campus, _ = second
    fresh.run(campus, point)
    assert len(campus.query("SELECT * FROM _homeroom_runs")) == 1
    fresh.run(campus)
    assert campus.query("SELECT count(DISTINCT run_id), count(*) FROM _homeroom_resources") == [(2, 6)]


@pytest.mark.parametrize("way", [{"write_disposition": "append"}, {"write_disposition": "merge", "primary_key": ""}])
def test_rows_without_a_key_come_once_though_their_load_was_killed_after_its_commit(
    campus: Campus, fresh: Fresh, way: dict[str, Any]
) -> None:
    campus.configure({"name": "terms", **way, "endpoint": {"path": "/v1/terms"}})
    fresh.run(campus)
    assert fresh.run(campus, "all jobs done") == {"signal": 9}
    fresh.run(campus)
    assert campus.ids("terms") == sorted(campus.true_ids("terms") * 2)


def test_a_package_in_both_of_dlts_folders_does_not_stop_the_next_run(campus: Campus, fresh: Fresh) -> None:
    campus.configure("people")
    fresh.run(campus)
    fresh.run(campus, "about to load")
    (package,) = campus.working_folder().glob("load/normalized/*")
    shutil.copytree(package, campus.working_folder() / "normalize" / "extracted" / package.name)
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert campus.pending() == []


@pytest.mark.parametrize("nth", range(1, 13))
def test_a_run_killed_while_it_forgets_a_package_leaves_a_folder_that_can_be_opened(
    campus: Campus, fresh: Fresh, nth: int
) -> None:
    campus.configure({"name": "terms", "write_disposition": "append", "endpoint": {"path": "/v1/terms"}})
    fresh.run(campus, "job committed")
    assert fresh.run(campus, "folder deleted", nth) == {"signal": 9}
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert campus.ids("terms") == campus.true_ids("terms") and campus.pending() == []
    assert list(campus.home.glob("pipelines/*/*.forgotten")) == []


def test_rows_of_a_killed_run_do_not_stay_in_the_working_folder(campus: Campus, fresh: Fresh) -> None:
    campus.configure("people")
    fresh.run(campus, "normalised")
    fresh.run(campus)
    email = next(row["email"] for row in campus.school.rows("people") if row["email"]).encode()
    assert [path for path in campus.home.rglob("*") if path.is_file() and email in path.read_bytes()] == []


@pytest.mark.parametrize(("point", "nth"), [("about to load", 1), ("job committed", 2), ("all jobs done", 1)])
def test_files_of_a_killed_load_come_once(campus: Campus, fresh: Fresh, point: str, nth: int) -> None:
    bucket = campus.folder / "bucket"
    campus.configure({"name": "terms", "write_disposition": "append", "endpoint": {"path": "/v1/terms"}})
    campus.url = "filesystem"
    where = {"DESTINATION__FILESYSTEM__BUCKET_URL": str(bucket), "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true"}
    assert fresh.run(campus, point, nth, **where) == {"signal": 9}
    assert fresh.run(campus, **where) == {"status": "complete", "landed": True}
    rows = [json.loads(line) for file in bucket.rglob("terms/*") for line in file.read_text().splitlines()]
    assert sorted(row["id"] for row in rows) == campus.true_ids("terms")
