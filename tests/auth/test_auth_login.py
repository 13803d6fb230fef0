"""`login`: one request before the first, whose cookies or token all others carry."""

from __future__ import annotations

from typing import Any

import pytest
from token_server import ROWS, Asked, Platform, Say

from homeroom.auth_types import Login
from homeroom.errors import AuthError, HomeroomError, RequestError
from homeroom.source import rest_api_source

PASSWORD = "pa55word of some length"


def section(platform: Platform, **more: Any) -> dict[str, Any]:
    person = {"username": "reader", "password": PASSWORD, "facility": "f1"}
    return {"type": "login", "url": f"{platform.url}/token", "json": person, **more}


def auth_of(platform: Platform, **more: Any) -> Login:
    config = section(platform, **more)
    del config["type"]
    return Login.from_init_value(config)


def cookies(*cookies: str, status: int = 200, **more: Any) -> Say:
    return Say(status, more or {"id": 1}, [("Set-Cookie", each) for each in cookies])


def failure(platform: Platform, kind: type[HomeroomError], **more: Any) -> str:
    with pytest.raises(Exception) as caught:
        list(rest_api_source(platform.config(section(platform, **more))))
    error = caught.value.__cause__
    assert type(error) is kind
    assert PASSWORD not in str(error)
    return str(error)


@pytest.fixture
def kolibri(platform: Platform) -> Platform:
    """A cookie for each login; the last one counts."""
    platform.grants = lambda _, number: cookies(f"kolibri=session-number-{number}; Path=/; HttpOnly", "lang=en")
    platform.lets_in = lambda asked: "kolibri=session-number-" in asked.headers.get("Cookie", "")
    return platform


def test_the_cookies_of_the_answer_go_with_each_request(kolibri: Platform, read: Any) -> None:
    assert read(kolibri.config(section(kolibri))) == ROWS
    (asked,) = kolibri.asked_for_tokens
    assert asked.method == "POST" and asked.json == {"username": "reader", "password": PASSWORD, "facility": "f1"}
    assert {rows.headers["Cookie"] for rows in kolibri.asked_for_rows} == {"kolibri=session-number-1; lang=en"}


def test_cookies_of_the_config_stay(kolibri: Platform, read: Any) -> None:
    assert read(kolibri.config(section(kolibri), headers={"Cookie": "theme=dark"})) == ROWS
    told = {rows.headers["Cookie"] for rows in kolibri.asked_for_rows}
    assert told == {"theme=dark; kolibri=session-number-1; lang=en"}


def test_a_cookie_that_is_taken_back_is_not_sent(platform: Platform, read: Any) -> None:
    platform.grants = lambda *_: cookies("old=x; Max-Age=0", "session=abc")
    platform.lets_in = lambda asked: asked.headers.get("Cookie") == "session=abc"
    assert read(platform.config(section(platform))) == ROWS


def test_the_whole_body_is_a_token(platform: Platform, read: Any) -> None:
    """Ellucian Ethos: a key in a header, a JSON web token as text."""
    platform.grants = lambda *_: Say(body=b"eyJ.eyJ.c2ln\n")
    auth = section(platform, json=None, headers={"Authorization": "Bearer the-api-key"}, token_path="$", lifetime_s=300)
    assert read(platform.config(auth)) == ROWS
    (asked,) = platform.asked_for_tokens
    assert asked.headers["Authorization"] == "Bearer the-api-key" and asked.body == b""
    assert {rows.headers["Authorization"] for rows in platform.asked_for_rows} == {"Bearer eyJ.eyJ.c2ln"}


def test_a_token_stands_anywhere_in_the_answer_and_goes_into_any_header(platform: Platform, read: Any) -> None:
    platform.grants = lambda *_: Say(body={"data": [{"session": "abc"}]})
    platform.lets_in = lambda asked: asked.headers.get("X-Session") == "abc"
    auth = section(platform, token_path="data[0].session", header="X-Session", token_prefix="")
    assert read(platform.config(auth)) == ROWS


def test_a_body_that_is_a_text_in_json_is_a_token_without_its_quotes(platform: Platform) -> None:
    platform.grants = lambda *_: Say(body="abc")
    auth = auth_of(platform, token_path="$")
    auth.obtain_token()
    assert auth.access_token == "abc"


def test_a_form_and_a_name_with_a_password_can_be_sent(platform: Platform) -> None:
    platform.grants = lambda *_: cookies("s=1")
    basic = {"username": "reader", "password": PASSWORD}
    auth_of(platform, json=None, data={"grant": "a b"}, basic=basic).obtain_token()
    (asked,) = platform.asked_for_tokens
    assert asked.form == {"grant": "a b"} and asked.basic == ("reader", PASSWORD)


def test_a_form_that_leads_to_the_next_page_is_a_login(platform: Platform, elsewhere: Platform, read: Any) -> None:
    platform.grants = lambda *_: Say(302, b"", [("Location", f"{elsewhere.url}/home"), ("Set-Cookie", "s=1")])
    platform.lets_in = lambda asked: asked.headers.get("Cookie") == "s=1"
    assert read(platform.config(section(platform))) == ROWS
    assert elsewhere.seen == []


def test_a_token_is_never_looked_for_behind_a_redirect(platform: Platform, elsewhere: Platform) -> None:
    platform.grants = lambda *_: Say(302, b"", [("Location", f"{elsewhere.url}/token")])
    told = failure(platform, RequestError, token_path="token")
    assert f"leads to {elsewhere.url}/token" in told and elsewhere.seen == []


def test_a_401_in_mid_run_is_a_new_login(kolibri: Platform, read_by_us: Any) -> None:
    def lets_in(asked: Asked) -> bool:
        second = len(kolibri.asked_for_rows) > 1
        return f"kolibri=session-number-{2 if second else 1};" in asked.headers["Cookie"]

    kolibri.lets_in = lets_in
    assert read_by_us(kolibri.config(section(kolibri))) == ROWS
    assert len(kolibri.asked_for_tokens) == 2


def test_a_second_401_is_the_error(kolibri: Platform) -> None:
    kolibri.lets_in = lambda asked: False
    told = failure(kolibri, AuthError)
    assert "answered 401 ('who is ***?')" in told
    assert "session-number" not in told


@pytest.mark.parametrize(("more", "end"), [({"lifetime_s": 300}, 270.0), ({"lifetime_s": 20}, 10.0), ({}, 90.0)])
def test_a_login_is_renewed_before_its_end(platform: Platform, more: Any, end: float) -> None:
    """By the config, else by the cookie that ends first."""
    from email.utils import formatdate

    ends = formatdate(4_000_000_000 + 120, usegmt=True)
    platform.grants = lambda *_: cookies("a=1", f"s=1; Expires={ends}")
    auth = auth_of(platform, **more)
    now = [4_000_000_000.0]
    auth.hand.now = lambda: now[0]
    auth.obtain_token()
    expired = []
    for second in (end - 1, end):
        now[0] = 4_000_000_000 + second
        expired.append(auth.is_token_expired())
    assert expired == [False, True]


def test_without_any_end_a_login_lasts_until_a_401(kolibri: Platform) -> None:
    auth = auth_of(kolibri)
    auth.obtain_token()
    auth.hand.now = lambda: 1e12
    assert not auth.is_token_expired()


@pytest.mark.parametrize(
    ("said", "more", "words"),
    [
        (Say(401, [{"id": "INVALID_CREDENTIALS"}]), {}, "answered 401 ('INVALID_CREDENTIALS'); check the name and"),
        (Say(200, []), {"fails_when": "$ == []"}, "was refused by fails_when ('$ == []'); check the name and"),
        (cookies("s=1", ok=False), {"fails_when": ["error", "ok != true"]}, "by fails_when ('ok != true')"),
        (Say(200, {}), {}, "set no cookie; name the token in its answer by token_path"),
        (Say(200, {"a": 1}), {"token_path": "token"}, "gave no token at token_path ('token')"),
        (Say(200, b""), {"token_path": "$"}, "gave no token at token_path ('$')"),
        (Say(200, b"<html>\n<p>Log in"), {"token_path": "$"}, "gave a token that cannot stand in a header"),
        (Say(403, {"message": f"not with {PASSWORD}"}), {}, "answered 403 ('not with ***')"),
        (Say(404, b""), {}, "answered 404; check url"),
    ],
)
def test_each_way_not_to_be_let_in_is_named(platform: Platform, said: Say, more: Any, words: str) -> None:
    platform.grants = lambda *_: said
    told = failure(platform, AuthError, **more)
    assert f"the login at {platform.host} " in told and words in told
    assert platform.asked_for_rows == []


def test_a_good_answer_is_no_refusal(kolibri: Platform, read: Any) -> None:
    assert read(kolibri.config(section(kolibri, fails_when=["$ == []", "error"]))) == ROWS


def test_the_name_that_logs_in_is_looked_for_in_no_page(kolibri: Platform) -> None:
    """It stands in the list of users; the password and the session do not."""
    auth = auth_of(kolibri)
    auth.obtain_token()
    held = auth.held_secrets()
    assert "reader" not in held and "f1" not in held
    assert {PASSWORD, "session-number-1"} <= held
