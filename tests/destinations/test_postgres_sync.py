"""What a sync makes in PostgreSQL: each way to write, new columns, odd values, a history of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from homeroom.values import Status

from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from ..sync.list_server import Lists

SCD2 = {"disposition": "merge", "strategy": "scd2"}


def test_rows_are_merged_by_their_key(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    lists.rows["people"] = ids(0, 3, name="a")
    campus.sync()
    lists.rows["people"] = ids(1, 5, name="b")
    line = campus.sync().resources["people"]
    assert campus.query("SELECT id, name FROM people ORDER BY id") == [(0, "a"), (1, "b"), (2, "b"), (3, "b"), (4, "b")]
    assert (line.status, line.rows_in_table, line.rows_absent) == (Status.COMPLETE, 5, 1)


def test_nested_rows_go_with_the_row_that_they_are_of(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    for tags in (["x", "y"], ["y", "z"]):
        lists.rows["people"] = [{"id": 1, "tags": tags}]
        campus.sync()
    sql = "SELECT t.value FROM people__tags t JOIN people p ON t._dlt_parent_id = p._dlt_id ORDER BY 1"
    assert campus.column(sql) == ["y", "z"]
    assert campus.column("SELECT count(*) FROM people__tags") == [2]


def test_rows_are_appended(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people", write_disposition="append"))
    lists.rows["people"] = ids(0, 2)
    campus.sync()
    campus.sync()
    assert campus.ids("people") == [0, 0, 1, 1]


def test_rows_are_replaced_behind_a_proof(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people", write_disposition="replace"))
    for last in (30, 29):
        lists.rows["people"] = ids(0, last)
        campus.sync()
    assert campus.ids("people") == list(range(29))


def test_an_empty_read_replaces_nothing(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people", write_disposition="replace"))
    lists.rows["people"] = ids(0, 30)
    campus.sync()
    lists.rows["people"] = []
    assert campus.sync().resources["people"].status is Status.INCOMPLETE
    assert campus.ids("people") == list(range(30))


def test_a_read_without_most_rows_of_a_table_replaces_nothing(campus: PgCampus, lists: Lists) -> None:
    """The guard counts by the keys that PostgreSQL holds."""
    campus.over(lists, listed("people", write_disposition="replace"))
    lists.rows["people"] = ids(0, 100)
    campus.sync()
    lists.rows["people"] = ids(50, 150)
    line = campus.sync().resources["people"]
    assert line.status is Status.INCOMPLETE and "50 of the 100 rows" in line.note
    assert campus.ids("people") == list(range(100))
    campus.sync(allow_deletes=True)
    assert campus.ids("people") == list(range(50, 150))


def test_a_history_is_kept(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people", write_disposition=SCD2))
    for name in ("a", "b"):
        lists.rows["people"] = [{"id": 1, "name": name}, {"id": 2, "name": "c"}]
        campus.sync()
    lists.rows["people"] = [{"id": 1, "name": "b"}]
    campus.sync()
    sql = "SELECT name, _dlt_valid_to IS NULL FROM people ORDER BY name"
    assert campus.query(sql) == [("a", False), ("b", True), ("c", False)]


def test_a_new_column_is_added_and_told(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    lists.rows["people"] = ids(0, 2)
    campus.sync()
    lists.rows["people"] = [{"id": 1, "house": "Lantern", "marks": [1]}]
    report = campus.sync()
    assert campus.query("SELECT id, house FROM people ORDER BY id") == [(0, None), (1, "Lantern")]
    assert report.changes["people"] and "house" in str(report.changes["people"])


def test_a_value_that_does_not_fit_its_column_gets_a_column_of_its_own(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    lists.rows["people"] = [{"id": 1, "code": 7}]
    campus.sync()
    lists.rows["people"] = [{"id": 2, "code": "seven"}]
    campus.sync()
    assert campus.query("SELECT id, code, code__v_text FROM people ORDER BY id") == [(1, 7, None), (2, None, "seven")]


VALUES: dict[str, tuple[Any, Any]] = {
    "umlauts and other scripts": ("Zoë Großmann 王小明 علي 🎓", "Zoë Großmann 王小明 علي 🎓"),
    "an empty text": ("", ""),
    "quotes and backslashes": ('O\'Neill \\ "x" %s {y} $1', 'O\'Neill \\ "x" %s {y} $1'),
    "tabs and line ends": ("a\tb\nc\r\nd\\.", "a\tb\nc\r\nd\\."),
    "the greatest whole number": (2**63 - 1, 2**63 - 1),
    "the least whole number": (-(2**63), -(2**63)),
    "a small fraction": (1e-300, 1e-300),
    "a text as long as a book": ("ä" * 200_000, "ä" * 200_000),
}


@pytest.mark.parametrize("lane", ["columns", "objects"])
def test_odd_values_come_as_they_are(
    campus: PgCampus, lists: Lists, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lane == "objects":
        monkeypatch.setenv("DISABLE_ADBC_DETECTION", "true")
    campus.over(lists, listed("people"))
    lists.rows["people"] = [{"id": 1, **{f"v{n}": given for n, (given, _) in enumerate(VALUES.values())}}]
    line = campus.sync().resources["people"]
    assert bool(line.pages_columnar) is (lane == "columns")
    (row,) = campus.query(f"SELECT {', '.join(f'v{n}' for n in range(len(VALUES)))} FROM people")
    assert dict(zip(VALUES, row, strict=True)) == {name: expected for name, (_, expected) in VALUES.items()}


@pytest.mark.parametrize("lane", ["columns", "objects"])
def test_times_keep_their_instant(campus: PgCampus, lists: Lists, lane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if lane == "objects":
        monkeypatch.setenv("DISABLE_ADBC_DETECTION", "true")
    campus.over(lists, listed("people"))
    times = ["2026-03-29T02:30:00+02:00", "1899-12-31T23:59:59.999999Z", "2038-01-19T03:14:08Z"]
    lists.rows["people"] = [{"id": number, "at": at} for number, at in enumerate(times)]
    campus.sync()
    found = [at.isoformat() for at in campus.column("SELECT at FROM people ORDER BY id")]
    assert found == ["2026-03-29T00:30:00+00:00", "1899-12-31T23:59:59.999999+00:00", "2038-01-19T03:14:08+00:00"]


def test_a_column_of_json_can_be_asked_by_its_keys(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people", columns={"extra": {"data_type": "json"}}))
    lists.rows["people"] = [{"id": 1, "extra": {"house": "Zoë's", "n": [1, None]}}]
    campus.sync()
    assert campus.query("SELECT extra->>'house', extra->'n'->>0 FROM people") == [("Zoë's", "1")]


def test_names_are_told_apart_up_to_the_length_that_the_server_has(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    long = "the_number_of_the_room_in_which_the_person_is_to_be_found_on_days_of_"
    lists.rows["people"] = [{"id": 1, f"{long}rain": "a", f"{long}snow": "b"}]
    campus.sync()
    columns = campus.column("SELECT column_name FROM information_schema.columns WHERE table_name = 'people'")
    found = sorted(column for column in columns if column.startswith("the_number"))
    assert len(found) == 2 and all(len(column) <= 63 for column in found)


def test_two_configs_may_share_a_database(campus: PgCampus, lists: Lists) -> None:
    campus.over(lists, listed("people"))
    lists.rows["people"] = ids(0, 2)
    campus.sync()
    campus.sync(dataset="other_school")
    assert campus.query("SELECT count(*) FROM other_school.people") == [(2,)]
    assert campus.ids("people") == [0, 1]
