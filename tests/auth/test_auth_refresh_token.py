"""`oauth2_refresh_token`: a token that is taken once is used once, and its successor is never lost."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from token_server import ROWS, Asked, Platform, Say, granted, refused

from homeroom.auth_types import RefreshToken, kept_tokens
from homeroom.errors import AuthError, DiskError, HomeroomError, TransientError
from homeroom.source import rest_api_source

FIRST = "refresh-token-of-the-config"


class Rotating:
    """A token endpoint that takes each refresh token once."""

    def __init__(self, *valid: str) -> None:
        self.valid = set(valid)

    def __call__(self, asked: Asked, number: int) -> Say:
        using = asked.form["refresh_token"]
        if using not in self.valid:
            return refused("invalid_grant", f"{using} was used before")
        successor = f"refresh-token-{number}"
        self.valid = self.valid - {using} | {successor}
        return granted(f"token-number-{number}", refresh_token=successor)


@pytest.fixture
def rotating(platform: Platform) -> Platform:
    """One that knows the configured token."""
    platform.grants = Rotating(FIRST)
    return platform


def section(platform: Platform, **more: Any) -> dict[str, Any]:
    url = f"{platform.url}/token"
    base = {"type": "oauth2_refresh_token", "access_token_url": url, "client_id": "campus", "client_secret": "s3cret"}
    return {**base, "refresh_token": FIRST, **more}


def auth_of(platform: Platform, **more: Any) -> RefreshToken:
    config = section(platform, **more)
    del config["type"]
    return RefreshToken.from_init_value(config)


def failure(auth: RefreshToken, kind: type[HomeroomError]) -> str:
    with pytest.raises(kind) as caught:
        auth.obtain_token()
    assert type(caught.value) is kind
    return str(caught.value)


def used(platform: Platform) -> list[str]:
    """The refresh tokens that were used, oldest first."""
    return [asked.form["refresh_token"] for asked in platform.asked_for_tokens]


def files(home: Path) -> list[Path]:
    return sorted((home / "tokens").glob("*.json"))


def test_rows_are_read_with_what_the_refresh_token_brings(rotating: Platform, read: Any) -> None:
    assert read(rotating.config(section(rotating))) == ROWS
    (asked,) = rotating.asked_for_tokens
    assert asked.form["grant_type"] == "refresh_token"
    assert (asked.form["client_id"], asked.form["client_secret"]) == ("campus", "s3cret")
    assert {rows.headers["Authorization"] for rows in rotating.asked_for_rows} == {"Bearer token-number-1"}


def test_an_app_without_a_secret_sends_none(rotating: Platform) -> None:
    auth_of(rotating, client_secret=None).obtain_token()
    assert "client_secret" not in rotating.asked_for_tokens[0].form


def test_the_next_run_uses_the_successor(rotating: Platform, read_by_us: Any) -> None:
    for _ in range(3):
        assert read_by_us(rotating.config(section(rotating))) == ROWS
    assert used(rotating) == [FIRST, "refresh-token-1", "refresh-token-2"]


def test_the_successor_is_on_the_disk_before_the_new_token_is_used(
    rotating: Platform, read_by_us: Any, home: Path
) -> None:
    held: list[str] = []

    def lets_in(_: Asked) -> bool:
        held.append("".join(file.read_text() for file in files(home)))
        return True

    rotating.lets_in = lets_in
    read_by_us(rotating.config(section(rotating)))
    assert all("refresh-token-1" in text for text in held) and held


def test_a_process_that_is_killed_at_its_first_request_locks_nobody_out(rotating: Platform) -> None:
    child = os.fork()
    if child == 0:
        auth_of(rotating)(requests.Request("GET", rotating.url).prepare())
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    auth_of(rotating).obtain_token()
    assert used(rotating) == [FIRST, "refresh-token-1"]


def test_a_write_that_was_cut_off_leaves_the_token_that_was_there(rotating: Platform, home: Path) -> None:
    auth_of(rotating).obtain_token()
    (file,) = files(home)
    file.with_suffix(".next").write_text('{"half of')
    auth_of(rotating).obtain_token()
    assert used(rotating) == [FIRST, "refresh-token-1"]


def test_runs_at_once_use_each_token_once(rotating: Platform) -> None:
    auths = [auth_of(rotating) for _ in range(6)]
    failed: list[Exception] = []

    def obtain(auth: RefreshToken) -> None:
        try:
            auth.obtain_token()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=obtain, args=[auth]) for auth in auths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert len(set(used(rotating))) == 6


def test_a_run_that_waits_too_long_for_another_says_so(
    rotating: Platform, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_tokens, "_WAIT_S", 0.05)
    with kept_tokens.kept_token(home, f"{rotating.url}/token", "campus", FIRST):
        told = failure(auth_of(rotating), TransientError)
    assert told == "another run is using the refresh token; run again later"
    assert rotating.seen == []


def test_a_configured_token_that_was_changed_wins(rotating: Platform) -> None:
    auth_of(rotating).obtain_token()
    rotating.grants.valid.add("given-anew")  # type: ignore[attr-defined]
    auth_of(rotating, refresh_token="given-anew").obtain_token()
    auth_of(rotating, refresh_token="given-anew").obtain_token()
    assert used(rotating) == [FIRST, "given-anew", "refresh-token-2"]


def test_two_people_of_one_app_keep_a_token_each(rotating: Platform) -> None:
    rotating.grants.valid.add("of-somebody-else")  # type: ignore[attr-defined]
    for _ in range(2):
        auth_of(rotating).obtain_token()
        auth_of(rotating, refresh_token="of-somebody-else").obtain_token()
    assert used(rotating) == [FIRST, "of-somebody-else", "refresh-token-1", "refresh-token-2"]


def test_a_server_that_keeps_its_token_leaves_no_file(platform: Platform, home: Path) -> None:
    platform.grants = lambda _, number: granted(f"t{number}", refresh_token=FIRST)
    auth_of(platform).obtain_token()
    platform.grants = lambda _, number: granted(f"t{number}")
    auth_of(platform).obtain_token()
    assert used(platform) == [FIRST, FIRST] and files(home) == []
    assert not list((home / "tokens").glob("*.next"))


def test_the_file_is_its_owners_alone_and_names_neither_platform_nor_client(rotating: Platform, home: Path) -> None:
    auth_of(rotating).obtain_token()
    (file,) = files(home)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "campus" not in str(file) and rotating.host not in file.read_text()
    assert FIRST not in file.read_text()


def test_few_configured_tokens_are_remembered(platform: Platform, home: Path) -> None:
    names = [f"configured-{number}" for number in range(10)]
    platform.grants = Rotating(*names)
    for name in names:
        auth_of(platform, refresh_token=name).obtain_token()
    (file,) = files(home)
    kept = [entry["token"] for entry in json.loads(file.read_text()).values()]
    assert kept == [f"refresh-token-{number}" for number in range(3, 11)]


def test_a_folder_that_cannot_be_written_is_told_before_the_token_is_used(rotating: Platform, home: Path) -> None:
    home.mkdir()
    (home / "tokens").write_text("in the way")
    assert "a file is there" in failure(auth_of(rotating), DiskError)
    assert rotating.seen == []


def test_a_file_that_holds_no_json_is_told_before_the_token_is_used(rotating: Platform, home: Path) -> None:
    auth_of(rotating).obtain_token()
    (file,) = files(home)
    file.write_text("scribbled over")
    assert f"the refresh token's file {file} cannot be read" in failure(auth_of(rotating), DiskError)
    assert len(rotating.asked_for_tokens) == 1


def test_a_refused_token_says_that_a_person_must_allow_the_app_again(platform: Platform) -> None:
    platform.grants = Rotating()
    told = failure(auth_of(platform), AuthError)
    assert told == (
        f"the token endpoint {platform.host} answered 400 ('invalid_grant: *** was used before'); the refresh token "
        "has run out, was taken back, or was used elsewhere: allow the app again, and set refresh_token to the one "
        "that it is given then"
    )


def test_a_successor_that_the_server_quotes_is_masked(rotating: Platform) -> None:
    auth_of(rotating).obtain_token()
    rotating.grants.valid.clear()  # type: ignore[attr-defined]
    assert "refresh-token-1" not in failure(auth_of(rotating), AuthError)


def test_a_token_that_is_refused_in_mid_run_costs_one_more_refresh(rotating: Platform, read_by_us: Any) -> None:
    def lets_in(asked: Asked) -> bool:
        second = len(rotating.asked_for_rows) > 1
        return asked.headers["Authorization"] == f"Bearer token-number-{2 if second else 1}"

    rotating.lets_in = lets_in
    assert read_by_us(rotating.config(section(rotating))) == ROWS
    assert used(rotating) == [FIRST, "refresh-token-1"]


def test_to_plan_a_source_uses_no_token(rotating: Platform, home: Path) -> None:
    rest_api_source(rotating.config(section(rotating)))
    assert rotating.seen == [] and not home.exists()
