"""What of a person lies beside the tables, and how the person is known again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from privacy_desk import Desk, listed
from typer.testing import CliRunner

from homeroom.cli.app import app
from homeroom.dlt_seam import forgotten as seam
from homeroom.errors import ConfigError, InterruptError
from homeroom.sync_run import SyncOptions
from homeroom.sync_run.forget import Forgotten, forget
from homeroom.values import Status

ANN = "ann@secret.example"


def users(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "email": ANN if number == 1 else f"u{number}@x.example"} for number in numbers]


@pytest.fixture
def synced(desk: Desk) -> Desk:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"))
    desk.sync()
    return desk


def forgotten(desk: Desk, person: str = "1", **options: Any) -> Forgotten:
    where = SyncOptions(f"duckdb:///{desk.database}", "d", home=desk.home)
    return forget(str(desk.config), person, where, **options)


def ids(desk: Desk) -> list[int]:
    return [number for (number,) in desk.query("SELECT id FROM users ORDER BY id")]


def test_kept_pages_are_removed(desk: Desk) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"), sync={"keep_raw": True})
    desk.sync()
    done = forgotten(desk)
    assert [Path(file).parent.name for file in done.files] == ["raw"]
    assert list((desk.home / "raw").iterdir()) == []


def test_pages_of_another_dataset_stay(desk: Desk) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"), sync={"keep_raw": True})
    desk.sync()
    desk.sync(dataset="other")
    assert len(forgotten(desk).files) == 1
    assert len(list((desk.home / "raw").glob("*.sqlite"))) == 1


def test_pages_of_an_unfinished_run_are_removed(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1, 2), "rooms": [{"id": 1}]}
    desk.configure(listed("users"), listed("rooms"))
    desk.sync()
    journal = next((desk.home / "locks").glob("*.lock")).stem
    folder = desk.home / "journals"
    folder.mkdir(exist_ok=True)
    (folder / f"desk-{journal}.sqlite").write_bytes(b"pages")
    (folder / "other.sqlite").write_bytes(b"pages")
    assert len(forgotten(desk).files) == 1
    assert [path.name for path in folder.iterdir()] == ["other.sqlite"]


def test_no_file_but_the_database_names_the_person(synced: Desk) -> None:
    forgotten(synced)
    synced.sync()
    named = [path for path, content in synced.files().items() if ANN.encode() in content]
    assert {path.name for path in named} <= {"rows.duckdb"}


def test_rejected_rows_with_the_id_go(desk: Desk) -> None:
    desk.lists.rows["users"] = users(1, 2)
    contract = {"tables": "evolve", "columns": "discard_row", "data_type": "discard_row"}
    desk.configure(listed("users", schema_contract=contract))
    desk.sync()
    desk.lists.rows["users"] = [{**row, "more": 1} for row in users(1, 2)]
    desk.sync()
    assert desk.query("SELECT count(*) FROM _homeroom_rejects") == [(2,)]
    assert forgotten(desk).rejected == 1
    assert ANN not in str(desk.query("SELECT * FROM _homeroom_rejects"))
    desk.sync()
    assert ANN not in str(desk.query("SELECT * FROM _homeroom_rejects"))


def test_the_tombstone_does_not_tell_the_id(synced: Desk) -> None:
    forgotten(synced, "2")
    forgotten(synced, "2")
    ((found, resource),) = synced.query("SELECT hash, resource FROM _homeroom_forgotten")
    assert (len(found), resource) == (64, "users")


def test_without_a_privacy_key_this_machine_knows_the_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMEROOM_PRIVACY_KEY")
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"))
    desk.sync()
    assert forgotten(desk).by_machine
    desk.sync()
    assert ids(desk) == [2]


def test_a_sync_without_the_key_is_refused_before_it_asks(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten(synced)
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "another key of thirty-two characters")
    with pytest.raises(ConfigError) as caught:
        synced.sync()
    assert caught.value.problems[0].code == "forgotten-unknown"
    assert ids(synced) == [2]


def test_a_key_of_before_still_knows_the_person(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "an-old-key-of-thirty-two-characters", "a-new-key-of-thirty-two-characters"
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", old)
    forgotten(synced)
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", new)
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEYS_BEFORE", f"one-more {old}")
    synced.sync()
    assert ids(synced) == [2]


def test_what_a_kill_has_left_is_finished(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(InterruptError):
        patch.setattr(seam, "remove_person", killed)
        forgotten(synced)
    synced.sync()
    forgotten(synced)
    assert ids(synced) == [2]


def test_a_table_of_all_persons_forgotten_is_still_complete(synced: Desk) -> None:
    forgotten(synced, "1")
    forgotten(synced, "2")
    assert synced.sync().resources["users"].status is Status.COMPLETE
    assert ids(synced) == []


def test_a_config_without_persons_is_told_the_key_to_set(desk: Desk) -> None:
    desk.lists.rows["rooms"] = [{"id": 1}]
    desk.configure(listed("rooms"))
    desk.sync()
    with pytest.raises(ConfigError, match=r"privacy\.person"):
        forgotten(desk)


@pytest.mark.parametrize("dry", [True, False])
def test_nothing_synced_is_told_and_no_database_is_made(desk: Desk, dry: bool) -> None:
    desk.configure(listed("users"))
    with pytest.raises(ConfigError) as caught:
        forgotten(desk, dry=dry)
    assert caught.value.problems[0].code == "nothing-synced" and not desk.database.exists()


def test_the_program_needs_a_yes_and_prints_what_was_removed(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_HOME", str(synced.home))
    command = ["forget", str(synced.config), "--person", "1", "--to", f"duckdb:///{synced.database}", "--dataset", "d"]
    assert CliRunner().invoke(app, command).exit_code == 2
    assert ids(synced) == [1, 2]
    done = CliRunner().invoke(app, [*command, "--yes", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["tables"] == [{"table": "users", "act": "deleted", "rows": 1, "columns": []}]
    again = CliRunner().invoke(app, [*command, "--yes"])
    assert "no row names the person" in again.stdout
    assert "no column of another table is known to name a person" in again.stdout
