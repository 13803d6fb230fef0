"""The whole job with auth types of our own: run after run, and once more from kept pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from token_server import ROWS, Asked, Platform, Say, granted, refused
from typer.testing import CliRunner

from homeroom.cli.app import app

SECTIONS: dict[str, dict[str, Any]] = {
    "oauth2": {"type": "oauth2", "access_token_url": "URL", "client_id": "campus", "client_secret": "${SECRET}"},
    "oauth2_refresh_token": {
        "type": "oauth2_refresh_token",
        "access_token_url": "URL",
        "client_id": "campus",
        "refresh_token": "${SECRET}",
    },
    "oauth1": {"type": "oauth1", "client_key": "campus", "client_secret": "${SECRET}"},
    "login": {"type": "login", "url": "URL", "json": {"username": "reader-of-campus", "password": "${SECRET}"}},
}


class Campus:
    """A config in a file, and what the command says of it."""

    def __init__(self, folder: Path, platform: Platform, auth: dict[str, Any]) -> None:
        auth = {key: f"{platform.url}/token" if value == "URL" else value for key, value in auth.items()}
        self.file, self.database = folder / "campus.yaml", folder / "rows.duckdb"
        config = {
            "destination": f"duckdb:///{self.database}",
            "dataset": "campus",
            "source": platform.config(auth),
            "sync": {"keep_raw": True, "retry": {"attempts": 1}},
        }
        self.file.write_text(yaml.safe_dump(config))
        self.output = ""

    def run(self, *command: str) -> int:
        result = CliRunner().invoke(app, list(command))
        self.output = result.output
        return result.exit_code

    @property
    def rows(self) -> int:
        with duckdb.connect(str(self.database), read_only=True) as db:
            return int(db.execute("SELECT count(DISTINCT id) FROM campus.rows").fetchall()[0][0])


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("SECRET", "s3cret-of-campus")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def strict(platform: Platform) -> Platform:
    """Each refresh token is taken once, each session and token is known by its number."""
    newest = ["s3cret-of-campus"]

    def grants(asked: Asked, number: int) -> Say:
        using = asked.form.get("refresh_token") if b"refresh_token" in asked.body else newest[0]
        if using != newest[0]:
            return refused("invalid_grant")
        newest[0] = f"refresh-{number}"
        said = granted(f"token-number-{number}", refresh_token=newest[0])
        said.headers.append(("Set-Cookie", f"session=number-{number}"))
        return said

    platform.grants = grants
    platform.lets_in = lambda asked: bool({"Authorization", "Cookie"} & set(asked.headers))
    return platform


@pytest.mark.parametrize("kind", SECTIONS)
def test_runs_follow_each_other_and_a_replay_opens_no_wire(kind: str, strict: Platform, tmp_path: Path) -> None:
    campus = Campus(tmp_path, strict, SECTIONS[kind])
    assert campus.run("validate", str(campus.file)) == 0, campus.output
    assert strict.seen == []
    assert [campus.run("sync", str(campus.file)) for _ in range(2)] == [0, 0], campus.output
    asked = len(strict.seen)
    campus.database.unlink()
    assert campus.run("replay", "last") == 0, campus.output
    assert (campus.rows, len(strict.seen)) == (len(ROWS), asked)


@pytest.mark.parametrize("kind", SECTIONS)
def test_a_wrong_secret_ends_with_4_and_says_which_section(
    kind: str, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "wr0ng-s3cret")
    platform.grants = lambda *_: refused("invalid_client", "not with wr0ng-s3cret", 401)
    platform.lets_in = lambda _: False
    campus = Campus(tmp_path, platform, SECTIONS[kind])
    assert campus.run("sync", str(campus.file), "--json") == 4
    told = [json.loads(line) for line in campus.output.splitlines() if line.startswith("{")]
    assert "401" in json.dumps(told) and "wr0ng-s3cret" not in campus.output


def test_a_page_that_quotes_the_session_is_not_kept(strict: Platform, tmp_path: Path) -> None:
    """Nor the name of the one who reads, which is in many pages and no secret."""
    answer = strict.answer

    def quoting(asked: Asked) -> Say:
        said = answer(asked)
        if isinstance(said.body, dict) and "data" in said.body:
            said.body["who"] = "reader-of-campus " + ("number-1" if said.body["data"][0]["id"] else "")
        return said

    strict.answer = quoting  # type: ignore[method-assign]
    campus = Campus(tmp_path, strict, SECTIONS["login"])
    assert campus.run("sync", str(campus.file)) == 0
    held = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    assert b"session=number-1" not in held
    assert campus.run("replay", "last") != 0
    assert "lack it: page 2 was not" in campus.output


def test_a_link_to_another_host_goes_without_the_session(strict: Platform, elsewhere: Platform, tmp_path: Path) -> None:
    strict.lets_in = lambda asked: True
    elsewhere.lets_in = lambda asked: True
    config = strict.config({**SECTIONS["login"], "url": f"{strict.url}/token", "json": {"password": "x"}})
    config["resources"][0]["endpoint"]["paginator"] = {"type": "json_link", "next_url_path": "next"}
    answer = strict.answer

    def leading_away(asked: Asked) -> Say:
        said = answer(asked)
        if isinstance(said.body, dict) and "data" in said.body:
            said.body["next"] = f"{elsewhere.url}/rows?offset=20"
        return said

    strict.answer = leading_away  # type: ignore[method-assign]
    from homeroom.source import rest_api_source

    rows = list(rest_api_source(config, sync={"allowed_hosts": [elsewhere.url]}))
    assert len(rows) == 15
    assert [asked.headers.get("Cookie") for asked in strict.asked_for_rows] == ["session=number-1"]
    assert [asked.headers.get("Cookie") for asked in elsewhere.seen] == [None]
