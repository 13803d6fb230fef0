"""Replays that cannot be had, in whole or in part: each says why, and what to do."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from homeroom import history
from homeroom.errors import ConfigError, LoadError
from homeroom.events import PagesKept, PagesNotKept
from homeroom.report import exit_code
from homeroom.sync_run import ReplayOptions, replay
from homeroom.values import Report

if TYPE_CHECKING:
    from conftest import Campus

KEY = "k3y-0f-the-sch00l"
KEEP = {"keep_raw": True, "retry": {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01}}


def again(campus: Campus, run: str = "last", **options: Any) -> Report:
    return replay(run, ReplayOptions(home=campus.home, **options))


def configure(campus: Campus, *resources: Any) -> None:
    campus.configure(*(resources or ("people",)), limit=10, sync=KEEP)


def kept_file(campus: Campus) -> Path:
    (file,) = (campus.home / "raw").iterdir()
    return file


@pytest.fixture
def kept(campus: Campus) -> Campus:
    """A campus whose one run has kept its pages."""
    configure(campus)
    campus.sync()
    return campus


def test_an_unknown_run_is_refused_with_those_that_are_kept(kept: Campus) -> None:
    with pytest.raises(ConfigError) as caught:
        again(kept, "2031")
    told = f"RUN: there is no such run; got '2031'; allowed: {kept_file(kept).stem}; homeroom runs lists them"
    assert str(caught.value) == told


def test_the_beginning_of_several_runs_is_refused(kept: Campus) -> None:
    kept.sync()
    with pytest.raises(ConfigError, match=r"RUN: several runs begin with this; got '20'; allowed: 20.*, 20"):
        again(kept, "20")


def test_a_run_is_found_without_the_history_too(kept: Campus) -> None:
    run_id = kept_file(kept).stem
    (kept.home / "history.sqlite").unlink()
    assert again(kept, run_id[:-3]).replay_of == run_id


def test_a_replay_stands_for_its_run(kept: Campus) -> None:
    first = again(kept)
    assert again(kept, first.run_id).replay_of == again(kept).replay_of == kept_file(kept).stem


def test_over_the_rows_of_a_later_run_it_goes_only_when_told_to(kept: Campus) -> None:
    first = kept_file(kept).stem
    row = kept.school.rows("people")[0]
    kept.school.put("people", row | {"name": "Newer"})
    later = kept.sync()
    with pytest.raises(ConfigError) as caught:
        again(kept, first)
    assert f"later runs have written to the same tables (the last one is {later.run_id})" in str(caught.value)
    assert "--to or --dataset, or over them with --older" in str(caught.value)
    name = f"SELECT name FROM people WHERE id = {row['id']}"
    assert kept.column(name) == ["Newer"]
    again(kept, first, older=True)
    assert kept.column(name) == [row["name"]]
    again(kept, later.run_id)
    assert kept.column(name) == ["Newer"]


def test_a_later_run_of_another_place_is_no_matter(kept: Campus) -> None:
    first = kept_file(kept).stem
    kept.sync(dataset="other")
    assert again(kept, first).status == "complete"


def test_a_config_that_has_moved_is_named(kept: Campus) -> None:
    moved = kept.config.rename(kept.folder / "moved.yaml")
    with pytest.raises(ConfigError, match=r"not there any more; got \S+campus.yaml; say where .* --config FILE"):
        again(kept)
    report = again(kept, config=str(moved))
    assert (report.status, report.name, report.dataset) == ("complete", "campus", "campus")


def test_a_config_that_has_changed_is_refused(kept: Campus) -> None:
    kept.configure("people", "terms", limit=10, sync=KEEP)
    with pytest.raises(ConfigError, match=r"RUN: the config is not that of run .* give it as it was with --config"):
        again(kept)


def test_a_page_that_quotes_a_secret_which_is_another_one_now_fails_its_resource(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus.school.put("people", campus.school.rows("people")[0] | {"name": KEY})
    configure(campus, "people", "sections")
    campus.sync()
    before = campus.query("SELECT id, name FROM people ORDER BY 1")
    assert KEY.encode() not in kept_file(campus).read_bytes()
    monkeypatch.setenv("API_KEY", "an0ther-k3y")
    report = again(campus)
    # The key is in the query of every page, which nobody needs any more.
    assert (report.resources["people"].status, report.resources["sections"].status) == ("failed", "complete")
    assert "page 1 quotes a key or password of the config that is another one now" in report.resources["people"].note
    assert campus.query("SELECT id, name FROM people ORDER BY 1") == before
    monkeypatch.setenv("API_KEY", KEY)
    assert again(campus).status == "complete"
    assert campus.query("SELECT id, name FROM people ORDER BY 1") == before


@pytest.mark.parametrize("cut_at", [0, 100, 5000])
def test_a_torn_file_is_refused_and_the_tables_stay(kept: Campus, cut_at: int) -> None:
    file = kept_file(kept)
    file.write_bytes(file.read_bytes()[:cut_at])
    with pytest.raises(ConfigError, match=r"RUN: the file with the kept pages is .*; got .*raw.*sqlite"):
        again(kept)
    assert kept.ids("people") == kept.true_ids("people")


def test_a_page_that_is_missing_fails_its_resource_and_the_others_land(campus: Campus) -> None:
    people = {"name": "people", "write_disposition": "append", "endpoint": {"path": "/v1/people"}}
    configure(campus, people, "sections")
    campus.sync()
    with closing(sqlite3.connect(kept_file(campus))) as file, file:
        file.execute("DELETE FROM pages WHERE resource = 'people' AND place = 20")
    report = again(campus)
    assert exit_code(report) == 3
    assert (report.resources["people"].status, report.resources["sections"].status) == ("failed", "complete")
    note = r"GET http://\S+/v1/people: the kept pages of run \S+ lack it: page 3 is not in the file"
    assert re.search(note, report.resources["people"].note)
    assert campus.ids("people") == campus.true_ids("people")


def test_the_end_of_a_trail_that_is_missing_fails_too(campus: Campus) -> None:
    configure(campus)
    campus.sync()
    with closing(sqlite3.connect(kept_file(campus))) as file, file:
        file.execute("DELETE FROM trail WHERE number = (SELECT max(number) FROM trail)")
    report = again(campus)
    assert exit_code(report) == 1
    assert re.search(r"of \d pages \d are in the file", report.resources["people"].note)


def test_another_run_into_the_same_place_comes_first(kept: Campus) -> None:
    (lock,) = (kept.home / "locks").glob("*.lock")
    with FileLock(lock), pytest.raises(LoadError, match="another run writes to duckdb:///"):
        again(kept)
    assert again(kept).status == "complete"


def test_a_destination_that_is_held_by_another_ends_it_with_no_row_changed(kept: Campus) -> None:
    before = kept.ids("people")
    hold = f"import duckdb; c = duckdb.connect({str(kept.database)!r}); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(LoadError, match="could not reach the destination"):
            again(kept)
        holder.communicate(b"\n", timeout=30)
    assert kept.ids("people") == before
    assert "could not reach" in history.list_runs(kept.home, most=1)[0]
    assert again(kept).status == "complete"


def test_from_another_folder_the_place_must_be_told(
    campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus.configure("people", limit=10, sync=KEEP, destination="duckdb:///rows.duckdb")
    monkeypatch.chdir(campus.folder)
    campus.sync(destination=None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        again(campus)
    assert "the run wrote to duckdb:///rows.duckdb, dataset campus" in str(caught.value)
    assert f"replay it in the folder {campus.folder}, or say where to with --to" in str(caught.value)
    assert again(campus, destination="duckdb:///here.duckdb").status == "complete"
    assert (tmp_path / "here.duckdb").exists()


def test_pages_that_cannot_be_kept_cost_no_row(campus: Campus) -> None:
    configure(campus)
    campus.home.mkdir()
    (campus.home / "raw").touch()
    told: list[Any] = []
    assert campus.sync(hooks=[told.append]).status == "complete"
    assert campus.ids("people") == campus.true_ids("people")
    assert [event for event in told if isinstance(event, PagesKept)] == []
    (event,) = (event for event in told if isinstance(event, PagesNotKept))
    assert event.path == str(campus.home / "raw") and "a file is there" in event.why
