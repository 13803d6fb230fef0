"""SQLite and folders of files: what a reader sees in the middle of a load, and what a kill leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from homeroom.demo import School
from homeroom.errors import LoadError
from homeroom.values import Status

from ..sync.conftest import SCALE, Campus
from .pg_campus import listed
from .test_postgres_meanwhile import at_each_job

if TYPE_CHECKING:
    from ..sync.conftest import Fresh
    from ..sync.list_server import Lists

WAYS = {"merged": "merge", "appended": "append", "replaced": "replace"}


@pytest.fixture
def ways(tmp_path: Path, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> Iterator[Campus]:
    """A config of three tables, each written in its own way; jobs are done one after the other."""
    monkeypatch.setenv("LOAD__WORKERS", "1")
    with School(scale=SCALE) as school:
        campus = Campus(tmp_path, school)
        resources = [listed(name, write_disposition=way) for name, way in WAYS.items()]
        text = campus.configure(*resources, sync={"retry": {"attempts": 1}}).read_text()
        config = yaml.safe_load(text)
        config["source"]["client"] = {"base_url": lists.url}
        campus.config.write_text(yaml.safe_dump(config, sort_keys=False))
        put(lists, 1)
        yield campus


def put(lists: Lists, version: int) -> None:
    """Have all lists give rows of a version."""
    rows = [{"id": number, "version": version, "nested": [version]} for number in range(3)]
    lists.rows = dict.fromkeys(WAYS, rows)


@pytest.fixture
def in_sqlite(ways: Campus) -> Campus:
    """The same after its first sync into SQLite."""
    ways.url = f"sqlite:///{ways.folder}/rows.db"
    ways.sync()
    return ways


def versions(campus: Campus) -> dict[str, tuple[list[int], list[int]]]:
    """Of each table the versions of its rows, and of those nested in them."""
    with closing(sqlite3.connect(campus.folder / "rows__campus.db")) as connection:

        def column(sql: str) -> list[int]:
            return [value for (value,) in connection.execute(sql)]

        return {
            name: (
                column(f"SELECT version FROM {name} ORDER BY 1"),
                column(f"SELECT value FROM {name}__nested ORDER BY 1"),
            )
            for name in WAYS
        }


ONE, TWO = ([1] * 3, [1] * 3), ([2] * 3, [2] * 3)
BOTH = ([1] * 3 + [2] * 3, [1] * 3 + [2] * 3)


def test_in_sqlite_a_dataset_is_a_file_beside_the_one_that_is_named(in_sqlite: Campus) -> None:
    """dlt attaches it; the dataset `main` is the file itself."""
    assert (in_sqlite.folder / "rows__campus.db").exists()
    in_sqlite.sync(dataset="main")
    with closing(sqlite3.connect(in_sqlite.folder / "rows.db")) as connection:
        assert connection.execute("SELECT count(*) FROM merged").fetchone() == (3,)


def test_in_sqlite_merged_and_replaced_tables_change_with_their_nested_ones(in_sqlite: Campus, lists: Lists) -> None:
    put(lists, 2)
    moments = [versions(in_sqlite)]
    with at_each_job(lambda: moments.append(versions(in_sqlite))):
        in_sqlite.sync()
    for name in ("merged", "replaced"):
        found = [each[name] for each in moments]
        assert ONE in found and TWO in found and all(each in (ONE, TWO) for each in found)


def test_in_sqlite_a_replace_that_fails_leaves_the_table_as_it_was(in_sqlite: Campus, lists: Lists) -> None:
    with closing(sqlite3.connect(in_sqlite.folder / "rows__campus.db")) as connection:
        connection.execute(
            "CREATE TRIGGER fails BEFORE INSERT ON replaced BEGIN SELECT RAISE(ABORT, 'no more rows'); END"
        )
    put(lists, 2)
    with pytest.raises(LoadError):
        in_sqlite.sync()
    assert versions(in_sqlite)["replaced"] == ONE and versions(in_sqlite)["appended"] == ONE


@pytest.mark.parametrize(("point", "nth"), [("job committed", 3), ("job committed", 6), ("all jobs done", 1)])
def test_in_sqlite_a_killed_run_is_made_good_by_the_next(
    in_sqlite: Campus, lists: Lists, fresh: Fresh, point: str, nth: int
) -> None:
    put(lists, 2)
    assert fresh.run(in_sqlite, point, nth) == {"signal": 9}
    for name in ("merged", "replaced"):
        assert versions(in_sqlite)[name] in (ONE, TWO)
    assert fresh.run(in_sqlite) == {"status": "complete", "landed": True}
    assert versions(in_sqlite) == {"merged": TWO, "appended": BOTH, "replaced": TWO}


def test_in_sqlite_a_writer_who_does_not_end_is_told(in_sqlite: Campus, lists: Lists) -> None:
    put(lists, 2)
    with closing(sqlite3.connect(in_sqlite.folder / "rows__campus.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LoadError, match="database is locked; wait for who has it open") as caught:
            in_sqlite.sync(destination=f"{in_sqlite.url}?timeout=0.1")
    assert caught.value.code == "locked" and versions(in_sqlite)["merged"] == ONE
    assert in_sqlite.sync().status is Status.COMPLETE


@pytest.fixture
def in_files(ways: Campus, monkeypatch: pytest.MonkeyPatch) -> Campus:
    """The same after its first sync into a folder, without the merge that is refused there (tests/lakes)."""
    config = yaml.safe_load(ways.config.read_text())
    config["source"]["resources"] = [each for each in config["source"]["resources"] if each["name"] != "merged"]
    ways.config.write_text(yaml.safe_dump(config, sort_keys=False))
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", str(ways.folder / "bucket"))
    monkeypatch.setenv("NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION", "true")
    ways.url = "filesystem"
    ways.sync()
    return ways


def in_folder(campus: Campus, table: str) -> list[Any]:
    """The versions of the rows of a table's files."""
    files = (campus.folder / "bucket" / "campus" / table).glob("*.jsonl")
    return sorted(json.loads(line)["version"] for file in files for line in file.read_text().splitlines())


def test_in_a_folder_a_replaced_table_is_empty_while_it_is_loaded(in_files: Campus, lists: Lists) -> None:
    """dlt removes the old files first."""
    put(lists, 2)
    moments: list[list[Any]] = []
    with at_each_job(lambda: moments.append(in_folder(in_files, "replaced"))):
        in_files.sync()
    assert [] in moments and in_folder(in_files, "replaced") == [2, 2, 2]
