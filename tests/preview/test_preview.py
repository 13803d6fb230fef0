"""`preview` shows what a sync loads, asks for as little as it can, and leaves nothing behind."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import duckdb
import pytest
from small_school import resource
from typer.testing import CliRunner

import homeroom
from homeroom.cli.app import app
from homeroom.demo.dials import Dials
from homeroom.errors import AuthError, ConfigError, TransientError
from homeroom.preview_run import PreviewTable, preview

if TYPE_CHECKING:
    from small_school import Write

    from homeroom.demo import School

SECTIONS = resource("sections")
OF_SECTIONS = resource("rosters", "/v1/sections/{resources.sections.id}/enrollments", 5)


def _own(table: PreviewTable) -> list[dict[str, Any]]:
    """The rows without dlt's columns, whose values differ from load to load."""
    names = [column.name for column in table.columns]
    return [{n: v for n, v in zip(names, row, strict=True) if not n.startswith("_dlt_")} for row in table.rows]


def _synced(table: str) -> list[dict[str, Any]]:
    with duckdb.connect("rows.duckdb", read_only=True) as db:
        db.execute("SET TimeZone = 'UTC'")
        found = db.execute(f"SELECT * FROM campus.{table}")
        names = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    return [{n: v for n, v in zip(names, row, strict=True) if not n.startswith("_dlt_")} for row in rows]


def _types(table: str) -> dict[str, str]:
    with duckdb.connect("rows.duckdb", read_only=True) as db:
        query = "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'campus' AND table_name = ?"
        return dict(db.execute(query, [table]).fetchall())


DUCKS = {"bigint": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN", "timestamp": "TIMESTAMP WITH TIME ZONE"}


def _asked(school: School) -> list[str]:
    return [request.path for request in school.requests]


def test_rows_and_types_are_those_that_a_sync_then_loads(write: Write) -> None:
    config = write(resource("people"))
    seen = preview(config, "people", rows=20)
    homeroom.sync(config)
    people, roles = seen.tables
    assert _own(people) == [row for row in _synced("people") if row["id"] in {each["id"] for each in _own(people)}]
    for table in seen.tables:
        assert {column.name: DUCKS[column.kind] for column in table.columns} == _types(table.name)
    assert len(people.rows) == 20
    assert (roles.name, roles.parent) == ("people__roles", "people")


def test_nested_rows_name_the_row_they_belong_to(write: Write, school: School) -> None:
    seen = preview(write(resource("people")), "people", rows=30)
    found: dict[int, list[Any]] = {}
    for number, row in zip(seen.tables[1].of_rows, _own(seen.tables[1]), strict=True):
        found.setdefault(number, []).append(row)
    told = {row["id"]: row["roles"] for row in school.rows("people")}
    assert [found.get(number, []) for number in range(1, 31)] == [told[row["id"]] for row in _own(seen.tables[0])]


def test_steps_casts_and_hints_of_the_config_hold(write: Write) -> None:
    config = write(
        resource("people", columns={"school_id": {"data_type": "text"}}, endpoint={"params": {"role": "student"}}),
        sync={"resources": {"people": {"casts": {"is_active": "list"}}}},
    )
    seen = preview(config, "people", rows=5)
    kinds = {column.name: column.kind for column in seen.tables[0].columns}
    homeroom.sync(config)
    assert kinds["school_id"] == "text"
    assert {table.name for table in seen.tables} == {"people", "people__is_active", "people__roles"}
    assert _own(seen.tables[0]) == _synced("people")[:5]


def test_one_page_is_asked_for_where_it_suffices(write: Write, school: School) -> None:
    seen = preview(write(resource("people")), "people", rows=100)
    assert _asked(school) == ["/v1/people"]
    assert (seen.requests, len(seen.tables[0].rows), seen.rows_there) == (1, 100, len(school.rows("people")))


def test_further_pages_are_asked_for_until_the_rows_are_there(write: Write, school: School) -> None:
    seen = preview(write(resource("people", limit=20)), "people", rows=41)
    assert [request.query["offset"] for request in school.requests] == ["0", "20", "40"]
    assert len(seen.tables[0].rows) == 41


def test_fewer_rows_than_wanted_are_all_there_are(write: Write, school: School) -> None:
    seen = preview(write(resource("terms")), "terms", rows=10)
    assert (len(seen.tables[0].rows), len(school.requests)) == (len(school.rows("terms")), 1)


def test_a_child_asks_for_one_parent_after_the_other(write: Write, school: School) -> None:
    seen = preview(write(SECTIONS, OF_SECTIONS), "rosters", rows=12)
    first, *others = _asked(school)
    assert first == "/v1/sections"
    assert 2 < len(others) < 12
    assert len(seen.tables[0].rows) == 12
    assert [table.name for table in seen.tables] == ["rosters"]


def test_parents_without_a_row_are_not_asked_for_without_end(write: Write, school: School) -> None:
    school.set_dials(Dials(empty_for_rights="on", only="/v1/sections/*"))
    seen = preview(write(SECTIONS, OF_SECTIONS), "rosters")
    assert len(school.requests) == 51
    assert "no row came" in seen.notes
    assert not any(table.rows for table in seen.tables)


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_a_resource_without_a_row_says_so(write: Write, school: School, form: str) -> None:
    config = write(resource("terms"))
    school.set_dials(Dials(empty_for_rights="on"))
    shown = CliRunner().invoke(app, ["preview", str(config), "terms", "--format", form])
    assert shown.exit_code == 0
    assert "no row came" in shown.output


@pytest.mark.parametrize("disposition", ["append", "replace", {"disposition": "merge", "strategy": "scd2"}])
def test_every_write_disposition_is_shown(write: Write, disposition: Any) -> None:
    config = write({**resource("people", limit=50), "write_disposition": disposition})
    assert len(preview(config, "people", rows=7).tables[0].rows) == 7


def test_an_incremental_is_asked_from_its_beginning_and_says_so(write: Write, school: School) -> None:
    since = {"cursor_path": "updated_at", "start_param": "updated_since", "initial_value": "2020-01-01T00:00:00Z"}
    config = write({**resource("people", endpoint={"incremental": since}), "write_disposition": "append"})
    homeroom.sync(config)
    school.clear_log()
    seen = preview(config, "people", rows=3)
    assert [request.query["updated_since"] for request in school.requests] == ["2020-01-01T00:00:00Z"]
    assert len(seen.tables[0].rows) == 3
    assert any("initial_value" in note for note in seen.notes)


def test_rows_that_a_step_leaves_out_are_told(write: Write, tmp_path: Path) -> None:
    (tmp_path / "steps_here.py").write_text(
        "from pathlib import Path\nimport json\n"
        "config = json.loads(Path('school.yaml').read_text())\n"
        "people = config['source']['resources'][0]\n"
        "people['processing_steps'] = [{'filter': lambda row: row['id'] % 2 == 0}]\n"
    )
    write(resource("people"))
    seen = preview("steps_here:config", "people", rows=80)
    assert len(seen.tables[0].rows) == 50
    assert [note for note in seen.notes if note.startswith("100 rows came, 50 are in the table")]


def test_a_type_that_the_table_keeps_is_told(write: Write) -> None:
    homeroom.sync(write(resource("people", columns={"school_id": {"data_type": "text"}})))
    seen = preview(write(resource("people")), "people")
    assert "people.school_id is text in the table that syncs have made, and stays so" in seen.notes


def _files(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_nothing_is_written_anywhere(write: Write, elsewhere: Path) -> None:
    config = write(SECTIONS, OF_SECTIONS, resource("people"))
    homeroom.sync(config, select=["people"])
    before = _files(elsewhere)
    preview(config, "people")
    preview(config, "rosters")
    assert _files(elsewhere) == before


def test_the_active_pipeline_stays(write: Write, tmp_path: Path) -> None:
    before = dlt.pipeline("mine", destination="duckdb", pipelines_dir=str(tmp_path / "mine"))
    preview(write(resource("terms")), "terms")
    assert dlt.pipeline() is before


def test_an_unknown_resource_is_named_with_the_nearest(write: Write, school: School) -> None:
    with pytest.raises(ConfigError, match=r"'peple'; allowed: people, sections; did you mean people\?"):
        preview(write(resource("people"), SECTIONS), "peple")
    assert not school.requests


def test_a_resource_of_the_users_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own_here.py").write_text(
        "import dlt\n"
        "mine = dlt.resource([{'id': 1}], name='mine')\n"
        "config = {'client': {'base_url': 'http://127.0.0.1:9'}, 'resources': [mine, 'people']}\n"
    )
    with pytest.raises(ConfigError, match="a DltResource of yours"):
        preview("own_here:config", "mine")


@pytest.mark.parametrize("rows", [0, 1001])
def test_a_number_of_rows_has_bounds(write: Write, rows: int) -> None:
    with pytest.raises(ConfigError, match="1 to 1,000"):
        preview(write(resource("people")), "people", rows=rows)


def test_a_refused_key_is_an_error(write: Write, school: School) -> None:
    config = write(resource("people"))
    school.set_dials(Dials(always=401))
    with pytest.raises(AuthError):
        preview(config, "people")


def test_a_parent_that_fails_is_the_error_of_its_child(write: Write, school: School) -> None:
    config = write(SECTIONS, OF_SECTIONS, sync={"retry": {"attempts": 1}})
    school.set_dials(Dials(always=500, only="/v1/sections"))
    with pytest.raises(TransientError, match="resource sections"):
        preview(config, "rosters")


def test_csv_and_json_hold_the_same_rows(write: Write) -> None:
    config = str(write(resource("people")))
    run = CliRunner()
    told = json.loads(run.invoke(app, ["preview", config, "people", "-n", "4", "--json"]).stdout)
    shown = run.invoke(app, ["preview", config, "people", "-n", "4", "--format", "csv", "--table", "people__roles"])
    rows = list(csv.DictReader(shown.stdout.splitlines()))
    assert [{**row, "_parent_row": int(row["_parent_row"]), "org_id": int(row["org_id"])} for row in rows] == (
        told["tables"]["people__roles"]
    )
    assert told["types"]["people"]["is_active"] == "bool"
    assert {type(row["is_active"]) for row in told["tables"]["people"]} == {bool}
    assert not any(name.startswith("_dlt_") for name in told["types"]["people"])
    assert shown.stderr.splitlines()[-1] == "1 request made, nothing written."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--format", "xml"], "allowed: table, csv, json"), (["--table", "rols"], "allowed: people, people__roles")],
)
def test_a_wrong_flag_is_refused_with_what_is_allowed(write: Write, arguments: list[str], words: str) -> None:
    shown = CliRunner().invoke(app, ["preview", str(write(resource("people"))), "people", *arguments])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert words in shown.stderr


def test_values_reach_a_terminal_without_their_control_characters(write: Write, school: School) -> None:
    row = {**school.rows("terms")[0], "id": 9_999_999, "name": "\x1b[2Jgone\nnext"}
    school.put("terms", row)
    try:
        shown = CliRunner().invoke(app, ["preview", str(write(resource("terms"))), "terms"]).stdout
    finally:
        school.remove("terms", 9_999_999)
    assert "\\x1b[2Jgone\\nnext" in shown
    assert "\x1b[2J" not in shown
