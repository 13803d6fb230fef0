"""Rows that a list of deletes names: gone where they were there before it, and kept where they may have come again."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from deleting import listed, over_lists, rows
from list_server import Lists

from homeroom.errors import ConfigError
from homeroom.sync_run import ReplayOptions, replay
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus, Fresh

FIRST = {"disposition": "merge", "strategy": "insert-only"}
CURSOR = {"cursor_path": "version", "initial_value": 0, "start_param": "since"}
MORE = "may have come again since then, so none of these was deleted"


class Newer(Lists):
    """Lists that give rows from a version on, where that is asked for."""

    def answer(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        held = self.rows
        newer = [row for row in held.get(name, ()) if row.get("version", 0) >= int(asked.get("since", 0))]
        self.rows = {**held, name: newer}
        try:
            return super().answer(name, asked)
        finally:
            self.rows = held


@pytest.fixture
def lists() -> Iterator[Newer]:
    with Newer() as opened:
        opened.rows = {"students": rows(0, 6, version=1), "gone": []}
        yield opened


def school(campus: Campus, lists: Lists, way: str = "hard", named: Any = "gone", **more: Any) -> Campus:
    """Students by a version, and a list of deletes by one; `more` are settings of the list of deletes."""
    students = listed("students", endpoint={"incremental": CURSOR})
    gone = {"endpoint": {"incremental": CURSOR}, "write_disposition": FIRST, **more}
    sync = {"resources": {"students": {"deletes": way, "deleted_in": named}}, "retry": {"attempts": 1}}
    return over_lists(campus, lists, students, listed("gone", **gone), sync=sync)


def begun(campus: Campus, lists: Lists, *args: Any, **more: Any) -> Campus:
    """A school that was read once, with its list of deletes."""
    lists.rows["gone"] = [{"id": 99, "version": 1}]
    school(campus, lists, *args, **more).sync()
    return campus


@pytest.mark.parametrize("way", ["soft", "hard"])
def test_rows_that_a_list_names_are_marked_or_taken_out(campus: Campus, lists: Newer, way: str) -> None:
    begun(campus, lists, way)
    lists.rows |= {"gone": [{"id": 2, "version": 2}], "students": []}
    line = campus.sync().resources["students"]
    assert (line.status, line.rows_received, line.rows_deleted) == (Status.COMPLETE, 0, 1)
    assert line.note == ("1 row taken out" if way == "hard" else "1 row marked as deleted")
    assert campus.ids("students") == ([0, 1, 3, 4, 5] if way == "hard" else [*range(6)])
    assert campus.sync().resources["students"].rows_deleted == 0
    if way == "soft":
        assert campus.column("SELECT id FROM students WHERE _deleted_at IS NOT NULL") == [2]


def test_a_row_that_comes_in_the_same_run_is_kept_and_told(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows |= {"gone": rows(2, 4, version=2), "students": rows(2, 3, version=3)}
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, campus.ids("students")) == (1, [0, 1, 2, 4, 5])
    assert f"1 row that gone names {MORE}" in line.note


def test_a_row_that_comes_again_in_a_later_run_is_kept(campus: Campus, lists: Newer) -> None:
    begun(campus, lists, endpoint={})  # the list of deletes is read whole each time
    lists.rows["gone"] = [{"id": 2, "version": 2}]
    campus.sync()
    lists.rows["students"] = rows(2, 3, version=3)
    campus.sync()
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, line.note, campus.ids("students")) == (0, "", [*range(6)])


def test_the_first_list_of_deletes_may_be_older_than_the_rows(campus: Campus, lists: Newer) -> None:
    school(campus, lists).sync(select=["students"])
    lists.rows["gone"] = rows(0, 2, version=1)
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, campus.ids("students")) == (0, [*range(6)])
    assert f"2 rows that gone names {MORE}" in line.note


def test_rows_that_were_read_while_the_list_of_deletes_failed_are_kept(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows |= {"gone": rows(2, 4, version=2), "students": rows(2, 3, version=3)}
    lists.refused = {"gone"}
    campus.sync()
    lists.refused = set()
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, campus.ids("students")) == (1, [0, 1, 2, 4, 5])
    assert f"1 row that gone names {MORE}" in line.note


def test_deletes_of_a_resource_that_failed_are_not_lost(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows["gone"], lists.refused = [{"id": 2, "version": 2}], {"students"}
    line = campus.sync().resources["students"]
    assert (line.status, line.rows_deleted, campus.ids("students")) == (Status.FAILED, 1, [0, 1, 3, 4, 5])


def test_deletes_of_a_resource_that_was_not_selected_are_not_lost(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows["gone"] = [{"id": 2, "version": 2}]
    line = campus.sync(select=["gone"]).resources["gone"]
    assert (line.rows_deleted, line.note, campus.ids("students")) == (
        None,
        "1 row was deleted from students by it",
        [0, 1, 3, 4, 5],
    )


def test_a_part_of_a_list_of_deletes_counts_and_the_rest_comes_later(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows["gone"] = rows(2, 4, version=2)
    campus.sync(limit=1)
    campus.sync()
    assert campus.ids("students") == [0, 1, 4, 5]


def test_a_span_of_time_leaves_lists_of_deletes_alone(campus: Campus, lists: Newer) -> None:
    text = {"cursor_path": "at", "initial_value": "2024-01-01", "start_param": "from", "end_param": "to"}
    lists.rows["students"] = rows(0, 6, at="2024-02-01")
    sync = {"resources": {"students": {"deletes": "hard", "deleted_in": "gone"}}}
    gone = listed("gone", endpoint={"incremental": text}, write_disposition=FIRST)
    over_lists(campus, lists, listed("students", endpoint={"incremental": text}), gone, sync=sync)
    assert list(campus.sync(since="2024-01-01", until="2024-03-01").resources) == ["students"]


def test_another_list_of_deletes_begins_anew(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    lists.rows["all-gone"] = rows(0, 2, version=1)  # of rows that came again long ago
    school(campus, lists, endpoint={"path": "/all-gone"})
    line = campus.sync().resources["students"]
    assert (line.rows_deleted, campus.ids("students")) == (0, [*range(6)])
    assert f"2 rows that gone names {MORE}" in line.note


def test_old_keys_are_named_by_other_fields(campus: Campus, lists: Newer) -> None:
    changed = {"resource": "changed", "by": {"id": "oldKeyValues.studentId"}}
    sync = {"resources": {"students": {"deletes": "hard", "deleted_in": ["gone", changed]}}}
    over_lists(
        campus,
        lists,
        listed("students", endpoint={"incremental": CURSOR}),
        listed("gone", write_disposition=FIRST),
        listed("changed", write_disposition=FIRST),
        sync=sync,
    )
    lists.rows |= {"gone": [{"id": 99}], "changed": [{"id": 1, "oldKeyValues": {"studentId": 98}}]}
    campus.sync()
    # One key has moved on, two have changed places.
    swaps = [(2, 4, 40), (3, 0, 1), (4, 1, 0)]
    lists.rows["changed"] = [
        {"id": number, "oldKeyValues": {"studentId": old}, "newKeyValues": {"studentId": new}}
        for number, old, new in swaps
    ]
    lists.rows["students"] = [{"id": number, "version": 2} for number in (40, 0, 1)]
    assert campus.sync().resources["students"].rows_deleted == 1
    assert campus.ids("students") == [0, 1, 2, 3, 5, 40]


def test_a_column_that_is_not_there_or_of_another_type_is_told(campus: Campus, lists: Newer) -> None:
    named = [{"resource": "gone", "by": {"id": "key"}}, {"resource": "gone", "by": {"id": "name"}}]
    lists.rows["gone"] = [{"id": 1, "name": "2", "version": 1}]
    note = school(campus, lists, named=named).sync().resources["students"].note
    assert "deleted_in: the table gone has no column key" in note
    assert "deleted_in: students.id is bigint and gone.name is text, so no row was found by it" in note


def test_a_replay_deletes_nothing_and_makes_no_old_delete_new(campus: Campus, lists: Newer) -> None:
    begun(campus, lists)
    campus.config.write_text(f"{campus.config.read_text()}  keep_raw: true\n")
    lists.rows |= {"gone": [{"id": 2, "version": 2}], "students": rows(7, 8, version=2)}
    run = campus.sync().run_id
    lists.rows |= {"gone": [], "students": rows(2, 3, version=3)}
    campus.sync()
    report = replay(run, ReplayOptions(home=campus.home, older=True))
    assert report.resources["students"].rows_deleted is None
    lists.rows["students"] = []
    assert campus.sync().resources["students"].rows_deleted == 0
    assert campus.ids("students") == [0, 1, 2, 3, 4, 5, 7]


@pytest.mark.parametrize(
    ("named", "more", "says"),
    [
        ("gnoe", {}, "the source has no resource `gnoe`"),
        ("students", {}, "these rows lie in the same table"),
        ("gone", {"table_name": "students"}, "these rows lie in the same table"),
        (
            "gone",
            {"write_disposition": "merge"},
            "{disposition: merge, strategy: insert-only} and primary_key for gone",
        ),
        ("gone", {"primary_key": ""}, "{disposition: merge, strategy: insert-only} and primary_key for gone"),
        ("gone", {"endpoint": {"path": "/gone-{resources.students.id}"}}, "it has a parent"),
        ({"resource": "gone", "by": {}}, {}, "must be the name of a resource"),
        ({"by": {"id": "id"}}, {}, "must be the name of a resource"),
        (7, {}, "must be the name of a resource"),
    ],
)
def test_lists_that_could_not_name_rows_are_refused(
    campus: Campus, lists: Newer, named: Any, more: dict[str, Any], says: str
) -> None:
    school(campus, lists, named=named, **more)
    with pytest.raises(ConfigError, match=r"sync\.resources\.students\.deleted_in") as caught:
        campus.sync()
    assert says in str(caught.value)


def test_a_list_beside_deletes_that_keep_is_refused(campus: Campus, lists: Newer) -> None:
    school(campus, lists, "keep")
    with pytest.raises(ConfigError, match="deleted_in: says what is deleted, and deletes: keep keeps it"):
        campus.sync()


@pytest.mark.parametrize(
    ("point", "nth"), [*(("job committed", nth) for nth in (1, 2, 3)), ("load committed", 1), ("ledger begun", 1)]
)
def test_a_run_that_was_killed_loses_no_delete(
    campus: Campus, lists: Newer, fresh: Fresh, point: str, nth: int
) -> None:
    begun(campus, lists)
    lists.rows |= {"gone": [{"id": 2, "version": 2}], "students": rows(7, 8, version=2)}
    assert fresh.run(campus, point, nth)["signal"] == signal.SIGKILL
    campus.sync()
    assert campus.ids("students") == [0, 1, 3, 4, 5, 7]
