"""Tables that lose what a read did not bring: loaded behind a proof and a guard, else left as they were."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists, Row

import homeroom
from homeroom.config import load_config
from homeroom.report import exit_code
from homeroom.sync_run import SyncOptions, sync_config
from homeroom.values import Proof, Report, ResourceReport, Status

SCD2 = {"disposition": "merge", "strategy": "scd2"}
CDC = {"disposition": "merge", "strategy": "cdc"}
WAYS = {"replace": "replace", "scd2": SCD2, "cdc": CDC}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
BY_PAGE = {"type": "page_number", "base_page": 1, "page_param": "page", "total_path": None}


class Desk:
    """A config over a server of lists, and the DuckDB file it is synced to."""

    def __init__(self, folder: Path, lists: Lists) -> None:
        self.lists = lists
        self.config = folder / "desk.yaml"
        self.database = folder / "rows.duckdb"
        self.home = folder / "home"

    def configure(self, *resources: Row, sync: Row | None = None) -> None:
        """Write the config: offset pages, key `id`."""
        usual = {"data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
        source = {
            "client": {"base_url": self.lists.url},
            "resource_defaults": {"primary_key": "id", "endpoint": usual},
            "resources": list(resources),
        }
        self.config.write_text(yaml.safe_dump({"source": source, "sync": sync or {}}, sort_keys=False))

    def sync(self, rows: Sequence[Row] | None = None, *, name: str = "users", **options: Any) -> ResourceReport:
        """The line of a resource after a run, of these rows if any are given."""
        return self.report(rows, name=name, **options).resources[name]

    def report(self, rows: Sequence[Row] | None = None, *, name: str = "users", **options: Any) -> Report:
        if rows is not None:
            self.lists.rows[name] = rows
        url = f"duckdb:///{self.database}"
        return homeroom.sync(self.config, **{"destination": url, "home": self.home, **options})

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in the dataset."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("SET schema = 'desk'; SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def held(self, table: str = "users", column: str = "id") -> list[Any]:
        """A column of the rows; of a history of those that are active."""
        columns = self.query(f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}'")
        active = " WHERE _dlt_valid_to IS NULL" if ("_dlt_valid_to",) in columns else ""
        return [value for (value,) in self.query(f"SELECT {column} FROM {table}{active} ORDER BY 1")]


@pytest.fixture
def lists() -> Iterator[Lists]:
    with Lists() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, lists: Lists) -> Desk:
    return Desk(tmp_path, lists)


def users(way: Any = "replace", **more: Any) -> Row:
    return {"name": "users", "write_disposition": way, "endpoint": {"path": "users"}, **more}


def rows_of(ids: Sequence[Any], **more: Any) -> list[Row]:
    return [{"id": each, "name": f"n{each}", **more} for each in ids]


def is_kept(line: ResourceReport) -> bool:
    return (line.status, line.proof) == (Status.INCOMPLETE, None)


# How much may go


EDGES = {
    "20 of 100": ("replace", 100, 80, False),
    "21 of 105": ("replace", 105, 84, False),
    "21 of 100": ("replace", 100, 79, True),
    "20 of 21": ("replace", 21, 1, False),
    "20 of 100, scd2": (SCD2, 100, 80, False),
    "21 of 100, scd2": (SCD2, 100, 79, True),
    "20 of 100, cdc": (CDC, 100, 80, False),
    "21 of 100, cdc": (CDC, 100, 79, True),
}


@pytest.mark.parametrize(("way", "before", "after", "kept"), EDGES.values(), ids=list(EDGES))
def test_a_table_loses_a_fifth_or_twenty_rows_at_once_and_no_more(
    desk: Desk, way: Any, before: int, after: int, kept: bool
) -> None:
    desk.configure(users(way))
    desk.sync(rows_of(range(before)))
    line = desk.sync(rows_of(range(after)))
    assert is_kept(line) is kept and (line.status is Status.COMPLETE) is not kept
    assert desk.held() == list(range(before if kept else after))


def test_new_rows_do_not_make_up_for_those_that_are_gone(desk: Desk) -> None:
    desk.configure(users())
    desk.sync(rows_of(range(100)))
    line = desk.sync(rows_of(range(50, 200)))
    assert line.note.startswith("50 of the 100 rows of the table users did not come (50.0%, ")
    assert desk.held() == list(range(100))


def test_without_a_key_rows_are_only_counted(desk: Desk) -> None:
    desk.configure(users(primary_key="", endpoint={"path": "users", "paginator": "single_page"}))
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of(range(50, 130))).status is Status.COMPLETE
    line = desk.sync(rows_of(range(58)))
    assert line.note.startswith("22 of the 80 rows") and desk.held() == list(range(50, 130))


def test_the_share_is_the_configs(desk: Desk) -> None:
    desk.configure(users(), sync={"max_delete_share": 0.5})
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of(range(50))).status is Status.COMPLETE
    line = desk.sync(rows_of(range(24)))
    assert is_kept(line) and "(52.0%, and sync.max_delete_share is 0.5)" in line.note


def test_other_resources_land_beside_a_table_that_is_kept(desk: Desk) -> None:
    desk.configure(users(), {"name": "rooms", "endpoint": {"path": "rooms"}})
    desk.lists.rows["rooms"] = rows_of([1])
    desk.sync(rows_of(range(100)))
    desk.lists.rows["rooms"] = rows_of([2])
    report = desk.report(rows_of(range(10)))
    assert (str(report.status), exit_code(report), report.landed) == ("incomplete", 3, True)
    assert (desk.held("rooms"), len(desk.held())) == ([1, 2], 100)


def test_a_run_whose_only_table_is_kept_lands_nothing(desk: Desk) -> None:
    desk.configure(users())
    desk.sync(rows_of(range(100)))
    report = desk.report(rows_of(range(10)))
    assert (exit_code(report), report.landed) == (1, False)


# Nothing came


@pytest.mark.parametrize("way", ["merge", *WAYS.values()], ids=["merge", *WAYS])
def test_an_answer_that_is_empty_once_empties_no_table(desk: Desk, way: Any) -> None:
    desk.configure(users(way))
    desk.sync(rows_of(range(3), roles=["a"]))
    line = desk.sync([])
    assert (desk.held(), desk.query("SELECT count(*) FROM users__roles")) == ([0, 1, 2], [(3,)])
    assert (line.status, line.rows_absent) == ((Status.COMPLETE, 3) if way == "merge" else (Status.INCOMPLETE, None))
    assert desk.sync(rows_of(range(3))).status is Status.COMPLETE
    assert desk.held() == [0, 1, 2]


@ways
def test_an_empty_table_may_stay_empty(desk: Desk, way: Any) -> None:
    desk.configure(users(way))
    desk.sync(rows_of([1]))
    desk.sync([], allow_deletes=True)
    assert desk.sync([]).status is Status.COMPLETE


# Allowed


@ways
def test_deletes_that_are_allowed_are_done_once(desk: Desk, way: Any) -> None:
    desk.configure(users(way))
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of(range(10)), allow_deletes=True).status is Status.COMPLETE
    assert desk.held() == list(range(10))
    desk.sync(rows_of(range(100)))
    assert is_kept(desk.sync(rows_of(range(10))))


@ways
def test_an_empty_read_that_is_allowed_empties_the_table(desk: Desk, way: Any) -> None:
    desk.configure(users(way))
    desk.sync(rows_of(range(3), roles=["a"]))
    line = desk.sync([], allow_deletes=True)
    assert (line.status, desk.held()) == (Status.COMPLETE, [])
    if way != SCD2:
        assert desk.query("SELECT count(*) FROM users__roles") == [(0,)]


# Keys


@pytest.mark.parametrize(
    "ids",
    [
        [str(number) for number in range(100)],
        [f"ü {number} " for number in range(100)],
        [number + 0.5 for number in range(100)],
        [f"2024-01-02T{number // 60:02}:{number % 60:02}:00+02:00" for number in range(100)],
        [2**62 + number for number in range(100)],
    ],
    ids=["digits", "text", "fractions", "times", "large numbers"],
)
def test_keys_of_every_type_are_found_in_the_table(desk: Desk, ids: list[Any]) -> None:
    desk.configure(users())
    desk.sync(rows_of(ids))
    assert desk.sync(rows_of(ids[10:])).status is Status.COMPLETE
    assert len(desk.held()) == 90
    assert desk.sync(rows_of(ids[40:])).note.startswith("30 of the 90 rows")


def test_a_key_is_the_same_as_number_and_as_text(desk: Desk) -> None:
    desk.configure(users(columns={"id": {"data_type": "bigint"}}))
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of([str(number) for number in range(100)])).status is Status.COMPLETE
    assert desk.held() == list(range(100))


def test_a_key_of_several_columns_is_looked_for_as_a_whole(desk: Desk) -> None:
    desk.configure(users(primary_key=["id", "name"]))
    desk.sync([{"id": number % 10, "name": f"n{number}"} for number in range(100)])
    assert desk.sync([{"id": number % 10, "name": f"n{number}"} for number in range(10, 100)]).status is Status.COMPLETE
    line = desk.sync([{"id": number % 10, "name": f"m{number}"} for number in range(10, 100)])
    assert line.note.startswith("90 of the 90 rows")


def test_a_key_inside_an_object_is_its_column(desk: Desk) -> None:
    desk.configure(users(primary_key="who__id"))
    desk.sync([{"who": {"id": number}} for number in range(100)])
    assert desk.sync([{"who": {"id": number}} for number in range(90)]).status is Status.COMPLETE
    assert is_kept(desk.sync([{"who": {"id": number}} for number in range(60)]))


def test_rows_that_go_as_objects_are_found_too(desk: Desk) -> None:
    desk.configure(users(max_table_nesting=0))
    desk.sync(rows_of(range(100), nested={"a": [1]}))
    line = desk.sync(rows_of(range(90), nested={"a": [1]}))
    assert (line.status, line.pages_columnar) == (Status.COMPLETE, 0)
    assert is_kept(desk.sync(rows_of(range(60), nested={"a": [1]})))


# The config's own steps


def lettered(row: Row) -> Row:
    return {**row, "id": f"x{row['id']}"}


def is_even(row: Row) -> bool:
    return bool(row["id"] % 2 == 0)


def doubled(row: Row) -> Iterator[Row]:
    yield row
    yield {**row, "id": row["id"] + 1000}


STEPS: dict[str, tuple[list[Any], Callable[[int], list[Any]], str]] = {
    "map": ([{"map": lettered}], lambda n: sorted(f"x{i}" for i in range(n)), "improved"),
    "filter": ([{"filter": is_even}], lambda n: list(range(0, n, 2)), "dlt"),
    "yield_map": ([{"yield_map": doubled}], lambda n: [*range(n), *range(1000, 1000 + n)], "improved"),
}


@pytest.mark.parametrize(("steps", "left", "tables"), STEPS.values(), ids=list(STEPS))
def test_what_counts_is_what_the_steps_leave_of_the_rows(desk: Desk, steps: Any, left: Any, tables: str) -> None:
    desk.configure(users(), sync={"tables": tables})
    config = load_config(str(desk.config), environ={})
    config.source["resources"][0]["processing_steps"] = steps

    def sync(count: int) -> ResourceReport:
        desk.lists.rows["users"] = rows_of(range(count))
        options = SyncOptions(f"duckdb:///{desk.database}", home=desk.home)
        return sync_config(config, options).resources["users"]

    sync(200)
    assert (sync(190).status, desk.held()) == (Status.COMPLETE, left(190))
    assert is_kept(sync(100)) and desk.held() == left(190)


def test_steps_that_leave_nothing_empty_no_table(desk: Desk) -> None:
    desk.configure(users())
    desk.sync(rows_of([1, 2]))
    config = load_config(str(desk.config), environ={})
    config.source["resources"][0]["processing_steps"] = [{"filter": lambda row: False}]
    line = sync_config(config, SyncOptions(f"duckdb:///{desk.database}", home=desk.home)).resources["users"]
    assert (line.rows_received, is_kept(line), desk.held()) == (2, True, [1, 2])


# The proof


def paged(way: Any = "replace", **more: Any) -> Row:
    return users(way, endpoint={"path": "users", "paginator": BY_PAGE}, **more)


@ways
def test_a_read_that_is_not_proved_lands_in_an_empty_table_alone(desk: Desk, way: Any) -> None:
    desk.lists.total = False
    desk.configure(paged(way))
    first = desk.sync(rows_of(range(3)))
    assert (first.status, first.proof, desk.held()) == (Status.UNPROVED, Proof.END, [0, 1, 2])
    second = desk.sync(rows_of(range(4)), allow_deletes=True)
    assert is_kept(second) and desk.held() == [0, 1, 2]
    assert "this read is not proved" in second.note and "sync.resources.users.total_path" in second.note


def test_a_proof_that_the_note_names_lets_it_through(desk: Desk) -> None:
    desk.configure(paged())
    desk.sync(rows_of(range(3)))
    assert is_kept(desk.sync(rows_of(range(4))))
    desk.configure(paged(), sync={"resources": {"users": {"total_path": "total"}}})
    assert (desk.sync().proof, desk.held()) == (Proof.COUNT, [0, 1, 2, 3])


def test_a_table_that_was_emptied_by_hand_takes_an_unproved_read_again(desk: Desk) -> None:
    desk.lists.total = False
    desk.configure(paged())
    desk.sync(rows_of([1]))
    desk.query("DELETE FROM users")
    assert (desk.sync(rows_of([2])).status, desk.held()) == (Status.UNPROVED, [2])


@ways
def test_an_incomplete_read_takes_nothing_away_not_even_from_an_empty_table(desk: Desk, way: Any) -> None:
    desk.configure(users(way))
    assert desk.sync(rows_of(range(3)), limit=2).status is Status.INCOMPLETE
    desk.sync(rows_of(range(3)))
    line = desk.sync(limit=2, allow_deletes=True)
    assert (line.status, desk.held()) == (Status.INCOMPLETE, [0, 1, 2])


# What takes nothing away


def test_a_history_by_merge_key_retires_only_what_came_anew(desk: Desk) -> None:
    desk.lists.total = False
    desk.configure(paged(SCD2, primary_key="", merge_key="id"))
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of([1], mark=1)).status is Status.UNPROVED
    assert (desk.held(), len(desk.query("SELECT * FROM users"))) == (list(range(100)), 101)
    assert desk.sync([]).status is Status.UNPROVED
    assert desk.held() == list(range(100))


def test_rows_that_have_changed_are_not_absent_from_a_history(desk: Desk) -> None:
    desk.configure(users(SCD2))
    desk.sync(rows_of(range(100)))
    assert desk.sync(rows_of(range(100), mark=1)).status is Status.COMPLETE
    assert (desk.held(), len(desk.query("SELECT * FROM users"))) == (list(range(100)), 200)


def test_only_active_rows_count_in_a_history(desk: Desk) -> None:
    at = {"active_record_timestamp": "9999-12-31T00:00:00+00:00"}
    desk.configure(users({**SCD2, **at}))
    desk.sync(rows_of(range(100)))
    desk.sync(rows_of(range(80)))
    line = desk.sync(rows_of(range(50)))
    assert line.note.startswith("30 of the 80 rows")


def test_a_table_that_becomes_a_history_is_guarded_by_all_its_rows(desk: Desk) -> None:
    desk.configure(users("merge"))
    desk.sync(rows_of(range(100)))
    desk.configure(users(SCD2))
    assert desk.sync(rows_of(range(50))).note.startswith("50 of the 100 rows")
    assert desk.query("SELECT count(*) FROM users") == [(100,)]


def test_a_history_that_becomes_a_plain_table_is_guarded_by_all_its_rows(desk: Desk) -> None:
    desk.configure(users(SCD2))
    desk.sync(rows_of(range(100)))
    desk.sync(rows_of(range(80)))
    desk.sync(rows_of(range(64)))
    desk.configure(users("replace"))
    assert desk.sync(rows_of(range(64))).note.startswith("36 of the 100 rows")


# Incremental reads


def changing(way: Any) -> Row:
    since = {"type": "incremental", "cursor_path": "at", "initial_value": 0}
    return users(way, endpoint={"path": "users", "params": {"since": since}})


@ways
def test_an_incremental_read_takes_nothing_away_and_is_read_again(desk: Desk, way: Any) -> None:
    desk.configure(changing(way), {"name": "rooms", "endpoint": {"path": "rooms"}})
    desk.sync([{"id": 1, "at": 1}, {"id": 2, "at": 2}])
    line = desk.sync([{"id": 3, "at": 3}])
    assert is_kept(line) and line.note.startswith("an incremental read brings only what is new, and ")
    assert desk.held() == [1, 2]
    desk.configure(changing({"disposition": "merge", "strategy": "delete-insert"}))
    desk.sync()
    assert desk.held() == [1, 2, 3]


def test_a_strategy_that_the_schema_remembers_is_guarded_though_the_config_no_longer_names_it(desk: Desk) -> None:
    desk.configure(users(SCD2))
    desk.sync(rows_of(range(100)))
    desk.configure(users("merge"))
    assert desk.sync(rows_of(range(50))).note.startswith("50 of the 100 rows")
    assert desk.held() == list(range(100))


def test_an_incremental_read_may_replace_where_that_is_allowed(desk: Desk) -> None:
    desk.configure(changing("replace"))
    desk.sync([{"id": 1, "at": 1}])
    assert desk.sync([{"id": 3, "at": 3}], allow_deletes=True).status is Status.COMPLETE
    assert desk.held() == [3]


def test_the_children_of_an_incremental_parent_take_nothing_away(desk: Desk) -> None:
    path = "notes_{resources.users.id}"
    notes = {"name": "notes", "write_disposition": "replace", "endpoint": {"path": path}}
    desk.configure(changing("merge"), notes)
    desk.lists.rows |= {"notes_1": rows_of([11]), "notes_2": rows_of([22])}
    desk.sync([{"id": 1, "at": 1}])
    line = desk.sync([{"id": 2, "at": 2}], name="users")
    report = desk.report()
    assert line.status is Status.COMPLETE and is_kept(report.resources["notes"])
    assert desk.held("notes") == [11]


# Children, and tables of several resources


def test_a_child_is_guarded_over_all_its_parents(desk: Desk) -> None:
    notes = {"name": "notes", "write_disposition": "replace", "endpoint": {"path": "notes_{resources.users.id}"}}
    desk.configure(users("merge"), notes)
    desk.lists.rows["users"] = rows_of([1, 2])
    desk.lists.rows |= {"notes_1": rows_of(range(50)), "notes_2": rows_of(range(50, 100))}
    desk.report()
    desk.lists.rows["notes_2"] = rows_of(range(50, 90))
    assert desk.report().resources["notes"].status is Status.COMPLETE
    desk.lists.rows["notes_2"] = []
    line = desk.report().resources["notes"]
    assert line.note.startswith("40 of the 90 rows") and len(desk.held("notes")) == 90


def test_a_child_stays_where_the_table_of_its_parent_stays(desk: Desk) -> None:
    notes = {"name": "notes", "write_disposition": "replace", "endpoint": {"path": "notes_{resources.users.id}"}}
    desk.configure(users(), notes)
    desk.lists.rows |= {f"notes_{number}": rows_of([number]) for number in range(99)}
    desk.lists.rows["notes_99"] = rows_of(range(100, 300))
    desk.sync(rows_of(range(100)))
    report = desk.report(rows_of(range(50, 100)))
    assert report.resources["notes"].note.startswith("not loaded: the table of its parent users was left as it was")
    assert len(desk.held("notes")) == 299


def test_resources_that_feed_one_table_are_guarded_together(desk: Desk) -> None:
    others = {"name": "others", "table_name": "users", "write_disposition": "replace", "endpoint": {"path": "others"}}
    desk.configure(users(), others)
    desk.lists.rows["others"] = rows_of(range(100, 150))
    desk.sync(rows_of(range(100)))
    assert desk.report(rows_of(range(80))).landed and len(desk.held()) == 130
    report = desk.report(rows_of(range(50)))
    assert {line.note[:18] for line in report.resources.values()} == {"30 of the 130 rows"}
    assert len(desk.held()) == 130
    kept = desk.report(rows_of(range(80)), select=["others"])
    assert is_kept(kept.resources["others"]) and len(desk.held()) == 130


def test_rows_that_choose_their_table_are_counted_over_all_of_them(desk: Desk) -> None:
    desk.configure(users())
    config = load_config(str(desk.config), environ={})
    config.source["resources"][0]["endpoint"]["paginator"] = "single_page"  # hints by the row tell of no key
    config.source["resources"][0]["table_name"] = lambda row: f"users_{row.get('id', 0) % 2}"

    def sync(count: int) -> ResourceReport:
        desk.lists.rows["users"] = rows_of(range(count))
        return sync_config(config, SyncOptions(f"duckdb:///{desk.database}", home=desk.home)).resources["users"]

    sync(100)
    assert sync(90).status is Status.COMPLETE
    assert is_kept(sync(60))
    assert (len(desk.held("users_0")), len(desk.held("users_1"))) == (45, 45)


# Elsewhere than in DuckDB


@pytest.mark.parametrize("place", ["sqlite", "files"])
def test_tables_elsewhere_are_guarded_by_their_keys_too(
    desk: Desk, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", str(tmp_path / "files"))
    there = {"destination": f"sqlite:///{tmp_path}/rows.db" if place == "sqlite" else "filesystem"}
    desk.configure(users(primary_key=["id", "name"]))
    desk.sync(rows_of(range(100)), **there)
    assert desk.sync(rows_of(range(10, 100)), **there).status is Status.COMPLETE
    line = desk.sync(rows_of(range(50, 200)), **there)
    assert line.note.startswith("40 of the 90 rows") and line.rows_in_table == 90


def test_where_rows_cannot_be_counted_a_table_that_was_loaded_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("homeroom.dlt_seam.destination.speaks_sql", lambda _: False)
    desk.configure(users())
    assert desk.sync(rows_of([1, 2])).status is Status.COMPLETE
    line = desk.sync(rows_of([1, 2, 3]))
    assert is_kept(line) and "this destination cannot be asked how many these are" in line.note
    assert desk.sync(allow_deletes=True).status is Status.COMPLETE
    desk.configure(users(), sync={"max_delete_share": 1})
    assert (desk.sync(rows_of([3])).status, desk.held()) == (Status.COMPLETE, [3])


def test_a_function_that_is_given_rows_has_no_table_to_lose(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import dlt\ngiven = []\n@dlt.destination\ndef sink(items, table):\n    given.append(len(items))\n"
    (tmp_path / "sink_of_rows.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    desk.configure(users())
    for count in (30, 2):
        desk.sync(rows_of(range(count)), destination="sink_of_rows.sink")
    assert sum(sys.modules["sink_of_rows"].given) == 32
