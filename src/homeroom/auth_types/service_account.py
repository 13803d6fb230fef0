"""`service_account`: a signed statement of who one is, exchanged for a token (RFC 7523), as Google has it."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom.auth_types.endpoint import Call, ask
from homeroom.auth_types.spoken import secret_texts
from homeroom.auth_types.token import DEFAULT_MARGIN_S, Granted, TokenAuth, granted_by, spaced, url_refusals
from homeroom.dlt_seam.auth_types import Refusal, TSecretStrValue, configspec
from homeroom.errors import AuthError, ConfigError, Problem

_GOOGLES = "https://oauth2.googleapis.com/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE_S = 3600
"""The longest that Google takes."""
_ADVICE = {
    "": "check the key, the scopes and `subject`",
    "invalid_grant": "check the key, `subject` (a person of the domain) and this machine's clock",
    "invalid_scope": "check `scopes`",
    "unauthorized_client": "have the client id of the service account allowed for these scopes "
    "(Google: Admin console, Security, API controls, Domain-wide delegation), and check `subject`",
}


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs, and with what."""

    email: str
    private_key: str
    token_uri: str
    key_id: str | None = None


@configspec
class ServiceAccount(TokenAuth):
    """Signs with the key of a service account: `credentials` (its JSON, or the path of the file), or its parts.

    `subject` is the person in whose name it reads (domain-wide delegation); None for its own.
    """

    scopes: str | list[str] | None = None  # dlt takes no such field that must be given; `refusals` asks for it
    credentials: TSecretStrValue | None = None
    client_email: str | None = None
    private_key: TSecretStrValue | None = None
    subject: str | None = None
    token_uri: str | None = None

    def is_partial(self) -> bool:
        """Whether dlt should look for the key in its own places: either form will do, so neither is needed alone."""
        return super().is_partial() or not (
            self.is_resolved() or self.credentials or (self.client_email and self.private_key)
        )

    def parse_native_representation(self, native_value: Any) -> None:
        """The JSON of a key as the one value of dlt's section `credentials`. Raises ValueError for another type."""
        if not isinstance(native_value, str):
            raise ValueError(f"a key is JSON or a path, not {type(native_value).__name__}")
        self.credentials = native_value

    def on_resolved(self) -> None:
        """Refuse a key that cannot be read, now and not at the first request. dlt calls the base's own before."""
        if not (self.credentials or (self.client_email and self.private_key)):
            raise _unfit("is missing, and so are client_email and private_key")
        self._account()

    @property
    def margin_s(self) -> float:
        """How long before its end a token is renewed."""
        return DEFAULT_MARGIN_S

    def grant(self) -> Granted:
        """A token for the account, or for its subject."""
        account, now = self._account(), self.hand.now()
        said = {"iss": account.email, "scope": spaced(self.scopes), "aud": account.token_uri}
        said |= {"sub": self.subject} if self.subject else {}
        assertion = signed(said | {"iat": int(now), "exp": int(now) + _LIFE_S}, account)
        call = Call(
            what="the token endpoint",
            url=account.token_uri,
            url_key="token_uri",
            secrets=self.held_secrets() | {assertion},
            advice=_ADVICE,
            data={"grant_type": _GRANT, "assertion": assertion},
        )
        return granted_by(call, ask(call), now)[0]

    def held_secrets(self) -> frozenset[str]:
        """The token in hand. The key is sent to nobody, so nobody can quote it."""
        return secret_texts([self.access_token])

    def _account(self) -> Account:
        if self.credentials:
            return _read(self.credentials, self.token_uri)
        return Account(self.client_email or "", self.private_key or "", self.token_uri or _GOOGLES)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """No scopes, a URL that is none, both forms of a key."""
        if not config.get("scopes"):
            yield Refusal(None, "`scopes` is required", hint="name what may be read; the platform lists its scopes")
        yield from url_refusals(config, "token_uri")
        if config.get("credentials") and (config.get("private_key") or config.get("client_email")):
            hint = "keep `credentials` alone, it holds them"
            yield Refusal(None, "`credentials` and client_email with private_key are two keys", hint=hint)


def _read(credentials: str, token_uri: str | None) -> Account:
    """The account of a key's JSON, or of the file that holds it. Raises `ConfigError` without anything of the key."""
    text = credentials if credentials.lstrip().startswith("{") else _content(credentials)
    try:
        key = json.loads(text)
    except ValueError:
        raise _unfit("holds no JSON") from None
    missing = [name for name in ("client_email", "private_key") if not isinstance(key, dict) or not key.get(name)]
    if missing:
        kind = f" (its type is {key['type']!r})" if isinstance(key, dict) and isinstance(key.get("type"), str) else ""
        raise _unfit(f"has no {' and no '.join(missing)}{kind}")
    return Account(
        str(key["client_email"]),
        str(key["private_key"]),
        token_uri or str(key.get("token_uri") or _GOOGLES),
        key.get("private_key_id"),
    )


def _content(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise _unfit(f"is neither JSON nor the path of a file that can be read ({why})") from None


def _unfit(why: str) -> ConfigError:
    hint = "give the JSON that is downloaded when a key is made for the service account, or its path"
    return ConfigError([Problem("credentials", why, hint=hint)])


def signed(claims: Mapping[str, Any], account: Account) -> str:
    """A JSON web token, signed with RS256. Raises `AuthError` where the key is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # In an environment variable the ends of lines are often written out.
    pem = account.private_key.replace("\\n", "\n").encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        told = f"private_key cannot be read ({type(error).__name__}); give it whole, from BEGIN to END"
        raise AuthError(told, code="token-refused") from None
    if not isinstance(key, RSAPrivateKey):
        told = "private_key is no RSA key, which RS256 needs; make a key for the service account anew"
        raise AuthError(told, code="token-refused")
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": account.key_id} if account.key_id else {})
    text = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{text}.{_encoded(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
