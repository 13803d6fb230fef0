"""`--rekey`: tables are made anew by another key or other rules, behind a proved read."""

from __future__ import annotations

from typing import Any

import pytest
from dlt.load.load import Load
from privacy_desk import KEY, Desk, hashed, listed

from homeroom import load
from homeroom.errors import ConfigError, LoadError
from homeroom.values import Status

OTHER = "another key of tests, of thirty-two characters or more"
HASHED = {"users.id": "hash"}


def users(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "at": f"2026-01-0{number}", "phones": [{"no": number}]} for number in numbers]


def keys(desk: Desk) -> list[Any]:
    return sorted((each for (each,) in desk.query("SELECT id FROM users")), key=str)


def by(key: str, *numbers: int) -> list[str]:
    return sorted(hashed(str(number), key) for number in numbers)


@pytest.fixture
def synced(desk: Desk) -> Desk:
    desk.lists.rows |= {"users": users(1, 2, 3), "rooms": [{"id": 7}]}
    desk.configure(listed("users"), listed("rooms"), columns=HASHED)
    desk.sync()
    return desk


def test_another_key_is_refused_without_it(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    with pytest.raises(ConfigError, match="--rekey"):
        synced.sync()


def test_a_table_is_made_anew_by_another_key(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    report = synced.sync(rekey=True)
    assert report.resources["users"].status is Status.COMPLETE
    assert {*report.resources} == {"users"}
    assert keys(synced) == by(OTHER, 1, 2, 3)
    assert synced.query("SELECT count(*) FROM users__phones") == [(3,)]
    assert synced.sync().resources["users"].rows_in_table == 3


def test_a_column_that_gets_a_rule_changes_its_type(desk: Desk) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"))
    desk.sync()
    assert desk.columns("users")["id"] == "BIGINT"
    desk.configure(listed("users"), columns=HASHED)
    desk.sync(rekey=True)
    assert desk.columns("users")["id"] == "VARCHAR"
    assert keys(desk) == by(KEY, 1, 2)
    desk.configure(listed("users"))
    desk.sync(rekey=True)
    assert keys(desk) == [1, 2]


def test_an_incremental_is_read_from_its_beginning(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    since = {"cursor_path": "at", "initial_value": "2026-01-01", "start_param": "since"}
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users", endpoint={"incremental": since}), columns=HASHED)
    desk.sync()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    desk.sync(rekey=True)
    assert keys(desk) == by(OTHER, 1, 2)


@pytest.mark.parametrize("way", ["append", "replace", {"disposition": "merge", "strategy": "scd2"}], ids=str)
def test_tables_of_any_way_are_made_anew(desk: Desk, way: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lists.rows["users"] = users(1, 2, 3)
    desk.configure(listed("users", write_disposition=way), columns=HASHED)
    desk.sync()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    desk.sync(rekey=True)
    assert keys(desk) == by(OTHER, 1, 2, 3)


def test_a_read_without_proof_leaves_the_tables(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    synced.lists.totals["users"] = 9
    report = synced.sync(rekey=True)
    assert report.resources["users"].status is Status.INCOMPLETE
    assert not report.landed
    assert keys(synced) == by(KEY, 1, 2, 3)
    with pytest.raises(ConfigError, match="--rekey"):
        synced.sync()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", KEY)
    synced.lists.totals.clear()
    assert synced.sync().resources["users"].status is Status.COMPLETE


def test_a_load_that_failed_is_finished_by_the_same_command(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.lists.rows["users"] = [{"id": number} for number in range(250)]
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    with monkeypatch.context() as patch, pytest.raises(LoadError):
        patch.setattr(load, "load", failing)
        synced.sync(rekey=True)
    assert keys(synced) == by(KEY, 1, 2, 3)
    assert synced.sync(rekey=True).resources["users"].pages_resumed >= 1
    assert keys(synced) == by(OTHER, *range(250))


def test_a_load_that_failed_behind_the_drop_is_finished_too(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    with monkeypatch.context() as patch, pytest.raises(LoadError):
        patch.setattr(Load, "start_new_jobs", failing)
        synced.sync(rekey=True)
    with pytest.raises(ConfigError, match="--rekey"):
        synced.sync()
    synced.sync(rekey=True)
    assert keys(synced) == by(OTHER, 1, 2, 3)
    assert synced.query("SELECT count(*) FROM users__phones") == [(3,)]


def failing(*_: Any, **__: Any) -> None:
    raise LoadError("the database is gone")


def test_nothing_to_do_is_told(synced: Desk) -> None:
    with pytest.raises(ConfigError, match="--rekey"):
        synced.sync(rekey=True)
