"""What counts as a secret, and how it is hidden."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.config import source_secrets
from homeroom.secrets import base64_forms, is_secret_key, mask, mask_text, read_dlt_secret


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "apiKey",
        "API-KEY",
        "x-api-key",
        "token",
        "access_token",
        "wstoken",
        "client_secret",
        "password",
        "pwd",
        "pass",
        "sig",
        "signature",
        "private_key",
        "sesskey",
        "auth",
        "Authorization",
        "key",
        "credentials",
        "private_key_passphrase",
        "db_password",
    ],
)
def test_keys_of_secrets(key):
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "primary_key",
        "merge_key",
        "name",
        "username",
        "client_id",
        "next_page_token",
        "access_token_url",
        "type",
        "limit",
    ],
)
def test_keys_that_are_no_secrets(key):
    assert not is_secret_key(key)


def test_a_mask_shows_neither_letters_nor_length():
    assert mask("secret") == mask("a-much-longer-secret") == "***"


def test_the_longest_secret_is_masked_first():
    assert mask_text("abc abcdef", ["abc", "abcdef"]) == "*** ***"


@pytest.mark.parametrize("form", ["a b/c&d", "a%20b/c%26d", "a%20b%2Fc%26d", "a%20b%2fc%26d", "a+b%2Fc%26d"])
def test_encoded_forms_are_masked(form):
    assert mask_text(f"https://h/?t={form}&n=1", ["a b/c&d"]) == "https://h/?t=***&n=1"


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("behind", ["", "x", ":more"])
def test_base64_of_a_text_that_holds_it_is_masked(before, behind):
    secret = "pa?>>ss~~w/rd"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        written = encode(f"{before}{secret}{behind}".encode()).decode()
        shown = mask_text(f"Authorization: Basic {written} was refused", [secret])
        assert "***" in shown and base64.b64encode(secret.encode()).decode()[4:8] not in shown
        assert "***" in mask_text(f"https://h/?t={quote(written, safe='')}", [secret])


def test_base64_of_a_short_secret_alone_is_masked():
    assert mask_text("t=YW5u, and Annual", ["ann"]) == "t=***, and Annual"


def test_a_secret_is_masked_as_oauth_has_it_in_basic_auth():
    written = base64.b64encode(f"campus:{quote('s/cret & more', safe='')}".encode()).decode()
    assert mask_text(written, ["s/cret & more"]) == "Y2FtcHVzO***"


def test_a_secret_is_masked_as_php_writes_it_in_json():
    assert mask_text(r'{"key": "a\/b+c"}', ["a/b+c"]) == '{"key": "***"}'


def test_a_name_with_a_short_password_is_masked_as_basic_auth_writes_it():
    source = {"client": {"auth": {"type": "http_basic", "username": "campus", "password": "4711"}}}
    assert mask_text("Basic Y2FtcHVzOjQ3MTE=", source_secrets(source)) == "Basic ***"


@given(
    st.text(min_size=6, max_size=40, alphabet=st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_in_any_surroundings_base64_holds_one_of_the_forms(secret, before, behind):
    written = base64.b64encode(before + secret.encode() + behind).decode()
    assert any(form in written for form in base64_forms(secret))


def test_secrets_of_two_letters_are_left_in_a_text():
    assert mask_text("an apple", ["an"]) == "an apple"


def test_dlt_secrets_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("HOMEROOM_TEST__SCHOOL__KEY", "12345")
    assert read_dlt_secret("homeroom_test.school.key") == "12345"


def test_a_dlt_secret_that_is_not_there_is_none():
    assert read_dlt_secret("homeroom_test.school.nothing") is None


def test_secrets_of_instances_urls_and_request_keys_are_found():
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

    client = {
        "base_url": "https://me:url-pass@x.org",
        "auth": BearerTokenAuth(token="instance-token"),
        "headers": {"Authorization": "Bearer header-token", "Accept": "application/json"},
    }
    params = {"wstoken": "moodle-token", "key": "name", "token": "{resources.a.token}"}
    source = {"client": client, "resources": [{"name": "a", "endpoint": {"params": params}}]}
    assert source_secrets(source) == {
        "url-pass",
        "instance-token",
        "Bearer header-token",
        "header-token",
        "moodle-token",
    }
