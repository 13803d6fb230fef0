"""`homeroom export oneroster` over a sample school that was synced: what is in the folder, and what is refused."""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

import homeroom
from homeroom.cli.app import app
from homeroom.demo import School
from homeroom.demo.config import school_config
from homeroom.oneroster_export import export, problems_of

Export = Callable[..., Result]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with school.yaml and rows.duckdb, which holds the sample school and its views."""
    folder = tmp_path_factory.mktemp("synced")
    with pytest.MonkeyPatch.context() as patch, School(scale=0.01, api_key="k") as school:
        patch.chdir(folder)
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        config = {
            "name": "school",
            "destination": f"duckdb:///{folder}/rows.duckdb",
            "model": {"platform": "sample_school", "demographics": True},
            "source": school_config(school.url, "k"),
        }
        Path("school.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        homeroom.sync("school.yaml")
        yield folder


@pytest.fixture
def run(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Runs `homeroom export oneroster ARGUMENTS…` in an empty folder, from the synced config unless told otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def act(*arguments: str, origin: str = f"{synced}/school.yaml") -> Result:
        return CliRunner().invoke(app, ["export", "oneroster", *arguments, "--from", origin], prog_name="homeroom")

    return act


def count(synced: Path, sql: str) -> int:
    with duckdb.connect(str(synced / "rows.duckdb"), read_only=True) as connection:
        return int(connection.execute(sql).fetchall()[0][0])


def read(file: str) -> list[dict[str, str]]:
    with Path(f"bundle/{file}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_synced_school_is_a_bundle_without_a_problem(run: Export, synced: Path) -> None:
    result = run("bundle")
    assert (result.exit_code, result.stderr) == (0, "")
    assert problems_of(Path("bundle")) == []
    assert result.stdout.startswith("bundle: a OneRoster 1.2 bundle of school, no rule broken\n")
    for file, entity in (("users", "person"), ("classes", "section"), ("lineItems", "assignment")):
        assert len(read(file)) == count(synced, f"SELECT COUNT(*) FROM edu.{entity}")
    attempts = "SELECT COUNT(DISTINCT (assignment_id, person_id)) FROM edu.submission"
    assert len(read("results")) == count(synced, attempts)


def test_names_in_any_script_and_ids_come_through(run: Export, synced: Path) -> None:
    run("bundle")
    with duckdb.connect(str(synced / "rows.duckdb"), read_only=True) as connection:
        people = connection.execute("SELECT id, given_name, family_name FROM edu.person").fetchall()
    assert {(row["sourcedId"], row["givenName"], row["familyName"]) for row in read("users")} == {*people}


def test_what_was_left_out_and_written_adds_up(run: Export, synced: Path) -> None:
    told = orjson.loads(run("bundle", "--json").stdout)
    gone = sum(note["rows"] for note in told["notes"] if note["file"] == "enrollments" and ":" not in note["what"])
    assert told["files"]["enrollments"] + gone == count(synced, "SELECT COUNT(*) FROM edu.enrollment")
    assert told["files"] == {file: len(read(file)) for file in told["files"]}
    assert (told["folder"], told["source"]) == ("bundle", "school")


def test_demographics_are_there_only_where_they_are_asked_for(run: Export) -> None:
    run("bundle")
    assert not Path("bundle/demographics.csv").exists()
    run("bundle", "--demographics")
    assert all(row["birthDate"] for row in read("demographics"))
    run("bundle")
    assert not Path("bundle/demographics.csv").exists()


def test_a_destination_gives_the_same_as_a_config(run: Export, synced: Path) -> None:
    run("bundle")
    assert run("other", origin=f"duckdb:///{synced}/rows.duckdb").exit_code == 0
    for path in Path("bundle").iterdir():
        assert path.read_bytes() == (Path("other") / path.name).read_bytes()


def test_a_bundle_is_for_its_owner_alone_and_nothing_lies_beside_it(run: Export) -> None:
    run("deep/bundle")
    assert stat.S_IMODE(Path("deep/bundle").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in Path("deep/bundle").iterdir()} == {0o600}
    assert [path.name for path in Path("deep").iterdir()] == ["bundle"]


def test_an_empty_folder_and_an_earlier_export_are_taken(run: Export) -> None:
    Path("bundle").mkdir()
    assert run("bundle").exit_code == 0
    Path("bundle/users.csv").write_text("old")
    assert run("bundle").exit_code == 0
    assert len(read("users")) > 1


@pytest.mark.parametrize("others", [["notes.txt"], ["users.csv"], ["manifest.csv", "notes.txt"]])
def test_a_folder_with_other_files_is_refused_and_left_alone(run: Export, others: list[str]) -> None:
    Path("bundle").mkdir()
    for name in others:
        Path("bundle", name).write_text("mine")
    result = run("bundle")
    assert result.exit_code == 2
    assert "error: DIR: other files are in this folder; got 'bundle'" in result.stderr
    assert sorted(path.name for path in Path("bundle").iterdir()) == sorted(others)


def test_a_file_is_no_folder(run: Export) -> None:
    Path("bundle").write_text("mine")
    assert "DIR: this is a file" in run("bundle").stderr


def test_a_bundle_that_breaks_a_rule_is_not_left_behind(run: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    run("bundle")
    before = {path.name: path.read_bytes() for path in Path("bundle").iterdir()}
    write = export.write_bundle

    def spoiled(made: export.Bundle, folder: Path) -> None:
        write(made, folder)
        (folder / "orgs.csv").unlink()

    monkeypatch.setattr(export, "write_bundle", spoiled)
    result = run("bundle")
    assert result.exit_code == 1
    assert "error: orgs.csv: is missing; the manifest says bulk [rows-unfit]\n" in result.stderr
    assert "error: classes.csv:2: schoolSourcedId: is of no row in orgs.csv [rows-unfit]\n" in result.stderr
    assert {path.name: path.read_bytes() for path in Path("bundle").iterdir()} == before
    assert [path.name for path in Path().iterdir()] == ["bundle"]
    shutil.rmtree("bundle")
    assert run("bundle").exit_code == 1
    assert [*Path().iterdir()] == []


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("duckdb:///nowhere.duckdb", "--from: there is no such database; got 'duckdb:///nowhere.duckdb'"),
        ("missing.yaml", "missing.yaml"),
        ("nonsense", "--from: "),
        ("ftp://example.org/x", "--from: no destination takes this kind of URL"),
    ],
)
def test_an_origin_that_is_none_is_refused(run: Export, origin: str, said: str) -> None:
    result = run("bundle", origin=origin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert [*Path().iterdir()] == []


def test_a_database_without_a_model_is_refused(run: Export) -> None:
    duckdb.connect("plain.duckdb").close()
    result = run("bundle", origin="duckdb:///plain.duckdb")
    assert result.exit_code == 2
    assert "--from: there is no dataset edu in this database; write `model: PLATFORM`" in result.stderr


def test_of_several_sources_one_must_be_named(run: Export, synced: Path) -> None:
    shutil.copy(synced / "rows.duckdb", "two.duckdb")
    with duckdb.connect("two.duckdb") as connection:
        connection.execute("INSERT INTO edu._sources (source, entity) VALUES ('lms', 'person')")
    result = run("bundle", origin="duckdb:///two.duckdb")
    assert result.exit_code == 2
    assert "--source: there are several sources in edu; allowed: lms, school; name one of them" in result.stderr
    assert run("bundle", "--source", "school", origin="duckdb:///two.duckdb").exit_code == 0
    empty = run("other", "--source", "lms", origin="duckdb:///two.duckdb")
    assert "--source: edu has no row of this source; got 'lms'" in empty.stderr


def test_a_source_that_is_not_there_is_refused(run: Export) -> None:
    result = run("bundle", "--source", "lms")
    assert "--source: there is no such source in edu; got 'lms'; allowed: school" in result.stderr


def test_demographics_that_no_sync_has_made_are_refused(run: Export, synced: Path) -> None:
    shutil.copy(synced / "rows.duckdb", "plain.duckdb")
    with duckdb.connect("plain.duckdb") as connection:
        connection.execute("DROP VIEW edu.person_demographics")
    result = run("bundle", "--demographics", origin="duckdb:///plain.duckdb")
    assert result.exit_code == 2
    assert "--demographics: edu has no person_demographics; set model.demographics: true" in result.stderr


def test_an_export_is_as_of_the_day_that_is_given(synced: Path, tmp_path: Path) -> None:
    done = export.export_oneroster(tmp_path / "bundle", f"duckdb:///{synced}/rows.duckdb", today=date(2031, 1, 1))
    assert done.files["users"] == count(synced, "SELECT COUNT(*) FROM edu.person")
    assert done.where == f"duckdb:///{synced}/rows.duckdb"
