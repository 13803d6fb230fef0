"""Reading secrets through dlt, and keeping them out of every text that leaves the process."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 3
"""Values shorter than this are not masked in texts: every other word would go with them."""

_SECRET_KEYS = frozenset(
    (
        "accesskey", "accesstoken", "apikey", "apisecret", "apitoken", "appkey", "assertion",
        "auth", "authkey", "authorization", "authtoken", "bearer", "bearertoken", "clientassertion",
        "clientsecret", "consumersecret", "cookie", "credential", "credentials", "idtoken", "jwt",
        "key", "pass", "passphrase", "passwd", "password", "privatekey", "proxyauthorization",
        "pwd", "refreshtoken", "secret", "secretkey", "secrettoken", "sessionid", "sessiontoken",
        "sesskey", "setcookie", "sig", "signature", "subscriptionkey", "token", "tokensecret",
        "userkey", "webhooksecret", "wstoken", "xapikey", "xauthtoken",
    )
)  # fmt: skip
_SECRET_ENDINGS = (
    "authorization",
    "accesstoken",
    "apikey",
    "authtoken",
    "passphrase",
    "password",
    "privatekey",
    "secret",
    "subscriptionkey",
)


def read_dlt_secret(path: str) -> str | None:
    """The secret that dlt finds under `path` (`sources.school.api_key`), None where there is none.

    Looks where dlt looks: the environment (`SOURCES__SCHOOL__API_KEY`), `.dlt/secrets.toml` and the
    vaults configured. A number comes back as text; a whole section of a file is no secret: None.
    The first call imports dlt, which takes about two seconds.
    """
    import dlt

    value: object = dlt.secrets.get(path)
    if value is None or isinstance(value, (dict, list)):
        return None
    return str(value)


def mask(value: str) -> str:
    """`***`, whatever the value: neither its length nor its first or last letter shows. Empty stays empty."""
    return MASK if value else value


def mask_text(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret in it replaced by `***`, also where it stands percent-encoded as in a URL.

    The longest goes first, so that a secret which is part of another leaves no remainder. Secrets
    shorter than 3 characters are left alone.
    """
    wanted = {secret for secret in secrets if len(secret) >= SHORTEST}
    forms = {form for secret in wanted for form in written_forms(secret)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        text = text.replace(form, MASK)
    return text


def written_forms(secret: str) -> set[str]:
    """The secret as it may stand in a text: plain, escaped, or encoded as in a URL's path or query, or twice."""
    encoded = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    encoded |= {quote_plus(form) for form in encoded}  # a cursor may hold a whole URL
    escaped = secret.encode("unicode_escape").decode("ascii")
    return {secret, escaped, html.escape(secret), *encoded, *(_lower_escapes(form) for form in encoded)}


def _lower_escapes(encoded: str) -> str:
    head, *rest = encoded.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


@lru_cache(maxsize=1024)
def is_secret_key(key: str) -> bool:
    """Whether a key of a config, a header or a query parameter usually holds a secret.

    Neither case nor `-` and `_` count: `apiKey`, `API-KEY` and `api_key` are one. `primary_key` and
    `next_page_token` are no secrets.
    """
    plain = key.lower().replace("-", "").replace("_", "").strip()
    return plain in _SECRET_KEYS or plain.endswith(_SECRET_ENDINGS)
