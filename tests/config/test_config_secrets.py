"""What counts as a secret, and how it is hidden."""

from __future__ import annotations

import pytest

from homeroom.config import source_secrets
from homeroom.secrets import is_secret_key, mask, mask_text, read_dlt_secret


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
