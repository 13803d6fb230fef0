"""Keys go over TLS, or to this machine; else somebody has to say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from homeroom.errors import ConfigError
from homeroom.links import is_open
from homeroom.plan import build_plan
from homeroom.source import rest_api_source
from homeroom.values import SyncSettings

BEARER = {"type": "bearer", "token": "t0p-s3cret"}


def config(url: str = "http://api.example.org", path: str = "users", **client: Any) -> dict[str, Any]:
    endpoint = {"path": path, "paginator": "single_page", "params": client.pop("params", {})}
    return {"client": {"base_url": url, **client}, "resources": [{"name": "users", "endpoint": endpoint}]}


def refused(source: dict[str, Any]) -> list[str]:
    """The places that are told, each with the URL."""
    try:
        build_plan(source, SyncSettings())
    except ConfigError as error:
        assert {problem.code for problem in error.problems} == {"key-in-the-open"}
        assert "t0p-s3cret" not in str(error)
        return [problem.path for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "url", ["http://api.example.org", "http://10.0.0.7:8080/v1", "http://127.0.0.1.example.org", "http://localhost.org"]
)
def test_http_to_another_machine_is_open(url: str) -> None:
    assert is_open(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.org",
        "http://localhost:8000/x",
        "http://127.0.0.1",
        "http://127.8.9.1:1",
        "http://[::1]:80/",
    ],
)
def test_tls_and_this_machine_are_not(url: str) -> None:
    assert not is_open(url)


@pytest.mark.parametrize(
    "client",
    [
        {"auth": BEARER},
        {"headers": {"X-Api-Key": "t0p-s3cret"}},
        {"params": {"wstoken": "t0p-s3cret"}},
        {"url": "http://campus:t0p-s3cret@api.example.org"},
    ],
    ids=["auth", "a header", "a parameter", "the URL"],
)
def test_a_key_does_not_go_over_http(client: dict[str, Any]) -> None:
    assert refused(config(**client)) == ["client.base_url"]


def test_what_needs_no_key_may_come_over_http() -> None:
    assert refused(config(headers={"Accept": "application/json"})) == []


def test_a_path_that_is_a_url_is_told_by_its_place() -> None:
    assert refused(config("https://api.example.org", "http://files.example.org/users", auth=BEARER)) == [
        "resources[0].endpoint.path"
    ]


def test_a_token_is_not_asked_for_over_http() -> None:
    auth = {
        "type": "oauth2_client_credentials",
        "access_token_url": "http://id.example.org/token",
        "client_id": "campus",
        "client_secret": "t0p-s3cret",
    }
    assert refused(config("https://api.example.org", auth=auth)) == ["client.auth"]


def test_who_says_so_sends_it_all_the_same() -> None:
    assert build_plan(config(auth=BEARER), replace(SyncSettings(), insecure_http=True)).order == ("users",)


def test_a_schedule_says_so_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="HOMEROOM_INSECURE_HTTP=1"):
        rest_api_source(config(auth=BEARER))  # type: ignore[arg-type]
    monkeypatch.setenv("HOMEROOM_INSECURE_HTTP", "1")
    assert list(rest_api_source(config(auth=BEARER)).resources) == ["users"]  # type: ignore[arg-type]
