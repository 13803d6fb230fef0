"""`oauth2`: a token for client id and secret, asked for as the platform wants it, renewed before it ends."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from token_server import ROWS, Asked, Platform, Say, granted, refused

from homeroom.auth_types import ClientCredentials
from homeroom.errors import AuthError, HomeroomError, RequestError, TransientError
from homeroom.source import rest_api_source

SECRET = "s3cret/of+the=client"


def oauth2(platform: Platform, **more: Any) -> dict[str, Any]:
    url = f"{platform.url}/token"
    return {"type": "oauth2", "access_token_url": url, "client_id": "campus", "client_secret": SECRET, **more}


def auth_of(platform: Platform, **more: Any) -> ClientCredentials:
    config = oauth2(platform, **more)
    del config["type"]
    return ClientCredentials.from_init_value(config)


def failure(platform: Platform, kind: type[HomeroomError], **more: Any) -> str:
    """What is said when no token comes; it never holds the secret."""
    with pytest.raises(Exception) as caught:
        list(rest_api_source(platform.config(oauth2(platform, **more))))
    error = caught.value.__cause__
    assert type(error) is kind
    assert SECRET not in str(error) and "campus:" not in str(error)
    return str(error)


def test_id_and_secret_go_in_the_form(platform: Platform, read: Any) -> None:
    assert read(platform.config(oauth2(platform))) == ROWS
    (asked,) = platform.asked_for_tokens
    assert asked.form == {"grant_type": "client_credentials", "client_id": "campus", "client_secret": SECRET}
    assert asked.basic is None
    assert {rows.headers["Authorization"] for rows in platform.asked_for_rows} == {"Bearer token-number-1"}


def test_id_and_secret_go_in_a_header_where_the_platform_wants_it(platform: Platform, read: Any) -> None:
    assert read(platform.config(oauth2(platform, client_auth="basic"))) == ROWS
    (asked,) = platform.asked_for_tokens
    assert asked.basic == ("campus", SECRET)
    assert asked.form == {"grant_type": "client_credentials"}


def test_the_word_before_the_token_is_the_platforms(platform: Platform, read: Any) -> None:
    more = {"token_prefix": "JWT", "access_token_request_data": {"token_type": "jwt"}}
    assert read(platform.config(oauth2(platform, **more))) == ROWS
    assert platform.asked_for_tokens[0].form["token_type"] == "jwt"
    assert {rows.headers["Authorization"] for rows in platform.asked_for_rows} == {"JWT token-number-1"}


def test_scopes_and_audience_are_asked_for(platform: Platform) -> None:
    auth_of(platform, scope=["roster", "grades"], audience="https://api.example.com").obtain_token()
    auth_of(platform, scope="roster grades").obtain_token()
    lists, text = (asked.form for asked in platform.asked_for_tokens)
    assert lists["scope"] == text["scope"] == "roster grades"
    assert lists["audience"] == "https://api.example.com" and "audience" not in text


def test_what_the_config_leaves_out_comes_from_where_dlt_looks(
    platform: Platform, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__REST_API__CREDENTIALS__CLIENT_SECRET", SECRET)
    config = oauth2(platform)
    del config["client_secret"]
    assert read(platform.config(config)) == ROWS
    assert platform.asked_for_tokens[0].form["client_secret"] == SECRET


def test_a_netrc_file_adds_nothing(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    auth_of(platform).obtain_token()
    assert platform.asked_for_tokens[0].basic is None


def test_a_token_that_is_refused_in_mid_run_is_renewed_once(platform: Platform, read_by_us: Any) -> None:
    def lets_in(asked: Asked) -> bool:
        second = len(platform.asked_for_rows) > 1
        return asked.headers["Authorization"] == f"Bearer token-number-{2 if second else 1}"

    platform.lets_in = lets_in
    assert read_by_us(platform.config(oauth2(platform))) == ROWS
    assert len(platform.asked_for_tokens) == 2


def test_a_token_is_renewed_within_its_margin(platform: Platform) -> None:
    auth = auth_of(platform, refresh_margin_s=100)
    now = [1000.0]
    auth.hand.now = lambda: now[0]
    auth.obtain_token()
    expired = []
    for second in (1000.0, 4499.0, 4500.0):
        now[0] = second
        expired.append(auth.is_token_expired())
    assert expired == [False, False, True]


def test_a_token_that_lives_shorter_than_the_margin_is_used_for_half_its_life(platform: Platform) -> None:
    platform.grants = lambda _, number: granted(f"t{number}", lives_s=20)
    auth = auth_of(platform, refresh_margin_s=100)
    now = [0.0]
    auth.hand.now = lambda: now[0]
    auth.obtain_token()
    expired = []
    for second in (9.0, 10.0):
        now[0] = second
        expired.append(auth.is_token_expired())
    assert expired == [False, True]


@pytest.mark.parametrize("told", [None, "soon", -1, "NaN"])
def test_a_token_that_does_not_say_its_life_is_taken_to_live_an_hour(platform: Platform, told: Any) -> None:
    platform.grants = lambda _, number: granted(f"t{number}", lives_s=told)
    auth = auth_of(platform, refresh_margin_s=0)
    auth.hand.now = lambda: 0.0
    auth.obtain_token()
    assert auth.hand.granted is not None and auth.hand.granted.until == 3600.0


def test_a_life_that_is_written_as_text_counts(platform: Platform) -> None:
    platform.grants = lambda _, number: granted(f"t{number}", lives_s="1800")
    auth = auth_of(platform)
    auth.hand.now = lambda: 0.0
    auth.obtain_token()
    assert auth.hand.granted is not None and auth.hand.granted.until == 1800.0


def test_many_threads_at_once_ask_for_one_token(platform: Platform) -> None:
    """As dlt's own source calls an auth."""
    auth = auth_of(platform)
    signed: list[str] = []

    def sign() -> None:
        request = requests.Request("GET", platform.url).prepare()
        signed.append(auth(request).headers["Authorization"])

    threads = [threading.Thread(target=sign) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert signed == ["Bearer token-number-1"] * 12
    assert len(platform.asked_for_tokens) == 1


def test_two_resources_with_one_auth_ask_for_one_token(platform: Platform, read_by_us: Any) -> None:
    config = platform.config(oauth2(platform))
    config["resources"].append({**config["resources"][0], "name": "more"})
    assert len(read_by_us(config)) == 50
    assert len(platform.asked_for_tokens) == 1


def test_a_wrong_secret_is_told_with_the_servers_words_and_what_to_try(platform: Platform) -> None:
    platform.grants = lambda *_: refused("invalid_client", f"no client campus with {SECRET}", 401)
    assert failure(platform, AuthError) == (
        f"resource rows, GET http://{platform.host}/rows?offset=0&limit=10: "
        f"the token endpoint {platform.host} answered 401 "
        "('invalid_client: no client campus with ***'); check client_id and client_secret, and client_auth, which is "
        "how they are sent (basic or body)"
    )


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (refused("invalid_scope"), AuthError, "check `scope`, and the scopes that the app was given"),
        (refused("unauthorized_client"), AuthError, "may not ask for a token in this way"),
        (refused("unsupported_grant_type"), AuthError, "gives no tokens in this way"),
        (
            Say(400, {"error": {"code": 400, "message": "no such app"}}),
            AuthError,
            "answered 400 ('no such app'); check",
        ),
        (Say(403, {"message": "no"}), AuthError, "answered 403 ('no'); check client_id and client_secret"),
        (Say(404, b"<html>"), AuthError, "answered 404; check access_token_url"),
        (Say(503, b""), TransientError, "answered 503; run again later"),
        (Say(429, b""), TransientError, "answered 429; run again later"),
        (Say(200, b"<html>"), AuthError, "answered no JSON object; is it access_token_url?"),
        (Say(200, {"error": "invalid_client"}), AuthError, "gave no access_token ('invalid_client'); check client_id"),
        (Say(200, {"token": "x"}), AuthError, "gave no access_token; check client_id and client_secret"),
        (granted("a\r\nX-Evil: 1"), AuthError, "gave a token that cannot stand in a header"),
        (Say(200, b" " * (1024 * 1024 + 1)), RequestError, "answered with more than 1 MB; is it access_token_url?"),
    ],
)
def test_each_way_to_get_no_token_is_named(
    platform: Platform, said: Say, kind: type[HomeroomError], words: str
) -> None:
    platform.grants = lambda *_: said
    assert words in failure(platform, kind)
    assert platform.asked_for_rows == []


def test_an_endpoint_that_cannot_be_reached_is_worth_another_run(platform: Platform) -> None:
    told = failure(platform, TransientError, access_token_url="http://127.0.0.1:1/token?key=of-the-query")
    assert "the token endpoint 127.0.0.1:1 cannot be reached" in told and "of-the-query" not in told


@pytest.mark.parametrize(
    ("location", "is_what"),
    [("http://[of:this/", "not a URL"), ("of-this:x", "a link to another scheme than http or https")],
)
def test_a_redirect_to_what_is_no_url_is_told_so(platform: Platform, location: str, is_what: str) -> None:
    platform.grants = lambda *_: Say(302, b"", [("Location", location)])
    told = failure(platform, RequestError)
    assert f"answered 302 and leads to what is {is_what}" in told and "of-this" not in told


@pytest.mark.parametrize("url", ["http://no..host/token", "http://127.0.0.1:99999/token", "https://[::1/token"])
def test_a_url_that_cannot_be_asked_is_told_so(platform: Platform, url: str) -> None:
    auth = auth_of(platform)
    auth.access_token_url = url
    with pytest.raises((RequestError, TransientError), match=r"access_token_url|the auth section"):
        auth.obtain_token()


def test_certificates_of_the_environment_count(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted: list[Any] = []
    send = HTTPAdapter.send

    def watched(self: HTTPAdapter, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        trusted.append(how["verify"])
        return send(self, request, **how)

    monkeypatch.setattr(HTTPAdapter, "send", watched)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in (None, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if name:
            monkeypatch.setenv(name, f"/{name}.pem")
        auth_of(platform).obtain_token()
    assert trusted == [True, "/SSL_CERT_FILE.pem", "/REQUESTS_CA_BUNDLE.pem"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_endpoint_that_leads_elsewhere_gets_no_second_request(
    platform: Platform, elsewhere: Platform, status: int
) -> None:
    platform.grants = lambda *_: Say(status, b"", [("Location", f"{elsewhere.url}/token?from=here")])
    told = failure(platform, RequestError)
    assert f"answered {status} and leads to {elsewhere.url}/token; secrets are sent nowhere but" in told
    assert elsewhere.seen == []


def test_a_token_endpoint_may_be_another_host_that_the_config_names(
    platform: Platform, elsewhere: Platform, read: Any
) -> None:
    assert read(platform.config(oauth2(elsewhere))) == ROWS
    assert len(elsewhere.asked_for_tokens) == 1 and platform.asked_for_tokens == []


def test_a_token_that_the_server_says_back_is_masked(platform: Platform) -> None:
    token = "the-token-of-this-run"
    platform.grants = lambda *_: granted(token)
    platform.lets_in = lambda asked: False
    with pytest.raises(Exception) as caught:
        list(rest_api_source(platform.config(oauth2(platform))))
    assert token not in str(caught.value)


def test_a_copy_of_a_config_with_an_auth_object_starts_without_its_token(platform: Platform) -> None:
    from copy import deepcopy

    auth = auth_of(platform)
    auth.obtain_token()
    assert auth.access_token and deepcopy(auth).access_token is None
