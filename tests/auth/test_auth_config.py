"""A config of our auth types is checked as any other, before anything is asked; and it is valid for dlt too."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dlt.common.exceptions import DictValidationException
from dlt.sources.rest_api import rest_api_source as dlt_source

from homeroom.config import check_source, source_secrets
from homeroom.dlt_seam.auth_types import OWN_CONFIGS
from homeroom.errors import ConfigError
from homeroom.source import rest_api_source

URL = "https://id.example.com/token"
OAUTH2 = {"type": "oauth2", "access_token_url": URL, "client_id": "campus", "client_secret": "s3cret-word"}
REFRESH = {**OAUTH2, "type": "oauth2_refresh_token", "refresh_token": "r3fresh-word"}
OAUTH1 = {"type": "oauth1", "client_key": "campus", "client_secret": "s3cret-word"}
ACCOUNT = {"type": "service_account", "scopes": "roster", "client_email": "a@b", "private_key": "PEM"}
LOGIN = {"type": "login", "url": URL, "json": {"username": "u", "password": "pa55word"}}
WHOLE = [OAUTH2, REFRESH, OAUTH1, ACCOUNT, LOGIN]


def source_of(auth: Any) -> dict[str, Any]:
    return {"client": {"base_url": "https://api.example.com", "auth": auth}, "resources": ["users"]}


def problems(auth: Any) -> list[str]:
    return [str(each) for each in check_source(source_of(auth))]


@pytest.mark.parametrize("auth", WHOLE, ids=lambda auth: auth["type"])
def test_a_whole_section_is_right_for_us_and_for_dlt(auth: dict[str, Any]) -> None:
    assert problems(auth) == []
    dlt_source(source_of(auth))
    own = {"base_url": "https://api.example.com"}, [{"name": "users", "endpoint": {"auth": auth}}]
    dlt_source({"client": own[0], "resources": own[1]})
    rest_api_source({"client": own[0], "resources": own[1]})


@pytest.mark.parametrize("auth", WHOLE, ids=lambda auth: auth["type"])
def test_an_unknown_key_is_told_with_those_that_there_are(auth: dict[str, Any]) -> None:
    keys = ", ".join(key for key in OWN_CONFIGS[auth["type"]].__annotations__)
    (told,) = problems({**auth, "tokken": "x"})
    assert told.startswith(f"client.auth.tokken: unknown key `tokken`; allowed: {keys}")
    with pytest.raises(DictValidationException):
        dlt_source(source_of({**auth, "tokken": "x"}))


@pytest.mark.parametrize("keys", [{"access_token": "x"}, {"default_token_expiration": 60}])
def test_a_key_of_dlts_own_type_is_none_of_ours(keys: dict[str, Any]) -> None:
    (told,) = problems({**OAUTH2, **keys})
    assert told.startswith(f"client.auth.{next(iter(keys))}: unknown key ")


@pytest.mark.parametrize(
    ("auth", "told"),
    [
        (
            {**OAUTH2, "client_auth": "header"},
            'client.auth.client_auth: unknown value; got "header"; allowed: basic, body',
        ),
        ({**OAUTH2, "access_token_url": "id.example.com"}, "client.auth.access_token_url: must be a URL that begins"),
        ({**OAUTH2, "refresh_margin_s": -1}, "client.auth.refresh_margin_s: must be a number of seconds, 0 or more"),
        ({**OAUTH2, "refresh_margin_s": "soon"}, "client.auth.refresh_margin_s: must be a whole number"),
        ({**OAUTH2, "scope": 5}, "client.auth.scope: must be "),
        (
            {**OAUTH1, "signature_method": "RSA-SHA1"},
            'client.auth.signature_method: unknown value; got "RSA-SHA1"; allowed: HMAC-SHA1, HMAC-SHA256, PLAINTEXT',
        ),
        ({**ACCOUNT, "scopes": None}, "client.auth: `scopes` is required; name what may be read"),
        ({**ACCOUNT, "credentials": "x"}, "client.auth: `credentials` and client_email with private_key are two keys"),
        ({**LOGIN, "data": {"a": "b"}}, "client.auth: `json` and `data` cannot both be sent; keep one of them"),
        ({**LOGIN, "basic": {"username": "u"}}, "client.auth.basic: `password` is required"),
        ({**LOGIN, "lifetime_s": 0}, "client.auth.lifetime_s: must be a number of seconds, 1 or more; got 0"),
        ({**LOGIN, "token_path": "$["}, 'client.auth.token_path: is not a JSONPath; got "$["; write $ for the whole'),
        ({**LOGIN, "fails_when": "a =="}, "client.auth.fails_when: has no value after `==`"),
        ({**LOGIN, "header": "X-Token"}, "client.auth.header: does nothing without token_path"),
        ({**LOGIN, "token_prefix": ""}, "client.auth.token_prefix: does nothing without token_path"),
        ({**LOGIN, "method": "post"}, 'client.auth.method: unknown value; got "post"'),
    ],
)
def test_a_value_that_cannot_be_is_told_in_its_place(auth: dict[str, Any], told: str) -> None:
    (problem,) = problems(auth)
    assert problem.startswith(told)


def test_a_missing_credential_names_where_it_was_looked_for() -> None:
    config = {key: value for key, value in OAUTH2.items() if key != "client_secret"}
    with pytest.raises(ConfigError) as caught:
        rest_api_source(source_of(config))
    told = str(caught.value)
    assert "client.auth: `client_secret` is missing; looked in the environment variable" in told
    assert "SOURCES__REST_API__CREDENTIALS__CLIENT_SECRET" in told


def test_a_wrong_value_from_elsewhere_is_a_problem_of_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__REST_API__CREDENTIALS__ACCESS_TOKEN_URL", "id.example.com")
    config = {key: value for key, value in OAUTH2.items() if key != "access_token_url"}
    with pytest.raises(ConfigError, match="access_token_url: must be a URL that begins with https"):
        rest_api_source(source_of(config))


def test_the_secrets_of_a_section_are_known() -> None:
    """So that they are masked, and kept out of journals."""
    login = {
        **LOGIN,
        "headers": {"Authorization": "Bearer the-api-key"},
        "basic": {"username": "u", "password": "b-pw"},
    }
    found = [source_secrets(source_of(auth)) for auth in (OAUTH2, REFRESH, OAUTH1, login)]
    basic = "Y2FtcHVzOnMzY3JldC13b3Jk"  # campus:s3cret-word, as basic auth sends them
    assert found == [
        {"s3cret-word", basic},
        {"s3cret-word", "r3fresh-word", basic},
        {"s3cret-word"},
        {"pa55word", "dTpwYTU1d29yZA==", "b-pw", "dTpiLXB3", "Bearer the-api-key", "the-api-key"},
    ]


PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(auth:.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_has_an_example_of_each_type_with_all_its_keys() -> None:
    """A key of the page stands in its example or in the words around."""
    shown = {yaml.safe_load(text)["auth"]["type"] for text in EXAMPLES}
    assert shown == set(OWN_CONFIGS)
    for name, keys in OWN_CONFIGS.items():
        (part,) = re.findall(rf"(### `{name}`.*?)(?=\n##)", PAGE, flags=re.DOTALL)
        assert [key for key in keys.__annotations__ if not re.search(rf"\b{key}\b", part)] == []


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: yaml.safe_load(text)["auth"]["type"])
def test_an_example_of_the_page_validates(text: str) -> None:
    filled = re.sub(r"\$\{[A-Z_]+\}", "of-the-environment", text)
    assert problems(yaml.safe_load(filled)["auth"]) == []


def test_dlts_own_source_knows_the_types_once_they_are_imported() -> None:
    """In a process that has nothing else of Homeroom."""
    code = f"""
from dlt.sources.rest_api import rest_api_source
source = {source_of(OAUTH2)!r}
try:
    rest_api_source(source)
    raise SystemExit("known already")
except Exception:
    import homeroom.auth_types
rest_api_source(source)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr[-500:] if done.returncode else "") == (0, "")
