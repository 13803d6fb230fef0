"""`service_account`: a signed statement of who one is, exchanged for a token, as Google has it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from token_server import ROWS, Asked, Platform, Say, granted, refused

from homeroom.auth_types import ServiceAccount
from homeroom.errors import AuthError, ConfigError
from homeroom.source import rest_api_source

EMAIL, SCOPE = "reader@school.iam.example.com", "https://www.googleapis.com/auth/classroom.rosters.readonly"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


PEM = pem_of(KEY)


def part(text: str) -> Any:
    return json.loads(decoded(text))


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Google:
    """A token endpoint that takes statements signed by the key, for a subject that it knows."""

    def __init__(self) -> None:
        self.headers: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []

    def __call__(self, asked: Asked, number: int) -> Say:
        assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        header, claims, signature = asked.form["assertion"].split(".")
        try:
            KEY.public_key().verify(decoded(signature), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return refused("invalid_grant", f"Invalid JWT Signature: {asked.form['assertion']}")
        self.headers.append(part(header))
        self.claims.append(part(claims))
        if part(claims).get("sub") == "nobody@school.example.com":
            return refused("unauthorized_client", "Client is unauthorized to retrieve access tokens", 401)
        return granted(f"token-number-{number}")


@pytest.fixture
def google(platform: Platform) -> Google:
    platform.grants = Google()
    return platform.grants


def key_file(platform: Platform, **more: Any) -> dict[str, Any]:
    """What is downloaded when a key is made."""
    base = {"type": "service_account", "client_email": EMAIL, "private_key": PEM, "private_key_id": "k1"}
    return {**base, "token_uri": f"{platform.url}/token", **more}


def section(platform: Platform, **more: Any) -> dict[str, Any]:
    return {"type": "service_account", "scopes": SCOPE, "credentials": json.dumps(key_file(platform)), **more}


def failure(config: dict[str, Any], kind: type[Exception]) -> str:
    with pytest.raises(Exception) as caught:
        list(rest_api_source(config))
    error = caught.value if isinstance(caught.value, kind) else caught.value.__cause__
    assert type(error) is kind
    assert PEM.splitlines()[5] not in str(error)
    return str(error)


def test_the_json_of_a_key_brings_rows(platform: Platform, google: Google, read: Any) -> None:
    assert read(platform.config(section(platform))) == ROWS
    (claims,), (header,) = google.claims, google.headers
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert (claims["iss"], claims["scope"], claims["aud"]) == (EMAIL, SCOPE, f"{platform.url}/token")
    assert claims["exp"] - claims["iat"] == 3600 and "sub" not in claims
    assert {rows.headers["Authorization"] for rows in platform.asked_for_rows} == {"Bearer token-number-1"}


def test_it_reads_in_the_name_of_a_person(platform: Platform, google: Google, read: Any) -> None:
    assert read(platform.config(section(platform, subject="admin@school.example.com", scopes=["a", "b"]))) == ROWS
    (claims,) = google.claims
    assert (claims["sub"], claims["scope"]) == ("admin@school.example.com", "a b")


def test_the_path_of_the_file_will_do(platform: Platform, google: Google, read: Any, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(json.dumps(key_file(platform)))
    assert read(platform.config(section(platform, credentials=str(tmp_path / "key.json")))) == ROWS
    assert len(google.claims) == 1


@pytest.mark.parametrize("pem", [PEM, PEM.replace("\n", "\\n")], ids=["lines", "written out"])
def test_the_parts_will_do(platform: Platform, google: Google, read: Any, pem: str) -> None:
    auth = {"type": "service_account", "scopes": SCOPE, "client_email": EMAIL, "private_key": pem}
    assert read(platform.config({**auth, "token_uri": f"{platform.url}/token"})) == ROWS
    assert google.headers == [{"alg": "RS256", "typ": "JWT"}]


@pytest.mark.parametrize("place", ["SOURCES__REST_API__CREDENTIALS", "SOURCES__REST_API__CREDENTIALS__CREDENTIALS"])
def test_a_key_that_is_left_out_comes_from_where_dlt_looks(
    platform: Platform, google: Google, read: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(place, json.dumps(key_file(platform)))
    config = section(platform)
    del config["credentials"]
    assert read(platform.config(config)) == ROWS


def test_a_token_uri_of_the_config_wins(platform: Platform, elsewhere: Platform, google: Google) -> None:
    elsewhere.grants = Google()
    list(rest_api_source(platform.config(section(platform, token_uri=f"{elsewhere.url}/token"))))
    assert len(elsewhere.asked_for_tokens) == 1 and platform.asked_for_tokens == []


def test_a_token_that_is_refused_in_mid_run_is_renewed_once(
    platform: Platform, google: Google, read_by_us: Any
) -> None:
    def lets_in(asked: Asked) -> bool:
        second = len(platform.asked_for_rows) > 1
        return asked.headers["Authorization"] == f"Bearer token-number-{2 if second else 1}"

    platform.lets_in = lets_in
    assert read_by_us(platform.config(section(platform))) == ROWS
    assert len(google.claims) == 2


def test_another_key_is_told_without_what_it_signed(platform: Platform, google: Google) -> None:
    other = pem_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    config = platform.config(section(platform, credentials=json.dumps(key_file(platform, private_key=other))))
    told = failure(config, AuthError)
    assert "answered 400 ('invalid_grant: Invalid JWT Signature: ***'); check the key, `subject`" in told


def test_a_subject_that_it_may_not_be_names_the_delegation(platform: Platform, google: Google) -> None:
    told = failure(platform.config(section(platform, subject="nobody@school.example.com")), AuthError)
    assert "have the client id of the service account allowed for these scopes" in told
    assert "Domain-wide delegation" in told


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"credentials": None}, "credentials: is missing, and so are client_email and private_key"),
        ({"credentials": "/not/there.json"}, "that can be read (No such file or directory)"),
        ({"credentials": "{half of"}, "credentials: holds no JSON"),
        ({"credentials": '{"type": "authorized_user"}'}, "no private_key (its type is 'authorized_user')"),
        ({"scopes": None}, "`scopes` is required"),
        ({"client_email": EMAIL}, "are two keys; keep `credentials` alone"),
    ],
)
def test_a_key_that_cannot_be_is_a_problem_of_the_config(platform: Platform, more: Any, words: str) -> None:
    told = failure(platform.config(section(platform, **more)), ConfigError)
    assert "client.auth" in told and words in told
    assert platform.seen == []


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("-----BEGIN PRIVATE KEY-----\nhalf of it", "private_key cannot be read (ValueError); give it whole"),
        (pem_of(ec.generate_private_key(ec.SECP256R1())), "private_key is no RSA key"),
    ],
    ids=["half", "another kind"],
)
def test_a_key_that_cannot_sign_is_told_before_anything_is_asked(platform: Platform, pem: str, words: str) -> None:
    config = platform.config(section(platform, credentials=json.dumps(key_file(platform, private_key=pem))))
    assert words in failure(config, AuthError)
    assert platform.seen == []


def test_the_key_is_looked_for_in_no_page(platform: Platform) -> None:
    """It is sent to nobody; a page would be searched for each of its lines."""
    auth = ServiceAccount.from_init_value({"scopes": SCOPE, "client_email": EMAIL, "private_key": PEM})
    assert auth.held_secrets() == frozenset()
