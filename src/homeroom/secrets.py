"""Reading secrets through dlt, and keeping them out of every text that leaves the process."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 3
"""Values shorter than this are not masked in texts: every other word would go with them."""
_SHORTEST_INSIDE = 6
"""Bytes. Of shorter ones what is left within base64 of a longer text is so short that it stands in other texts too."""
_BASE64_TEXT = "A-Za-z0-9+/_-"

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
    """`text` with every secret in it replaced by `***`, also where it stands percent-encoded as in a URL, or in base64.

    The longest goes first, so that a secret which is part of another leaves no remainder. Secrets
    shorter than 3 characters are left alone.
    """
    wanted = {secret for secret in secrets if len(secret) >= SHORTEST}
    forms = {form for secret in wanted for form in plain_forms(secret)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        text = text.replace(form, MASK)
    inside = {form for secret in wanted for form in base64_forms(secret)}
    for form in sorted(inside, key=lambda form: (-len(form), form)):
        if form in text:
            # A letter on either side holds some bits of it.
            text = re.sub(f"[{_BASE64_TEXT}]?{re.escape(form)}[{_BASE64_TEXT}]?={{0,2}}", MASK, text)
    return text


def written_forms(secret: str) -> set[str]:
    """The secret as it may stand in a text: plain, escaped, as in a URL's path or query, or twice so; in base64."""
    return plain_forms(secret) | base64_forms(secret)


def plain_forms(secret: str) -> set[str]:
    """The same without base64."""
    encoded = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    encoded |= {quote_plus(form) for form in encoded}  # a cursor may hold a whole URL
    escaped = secret.encode("unicode_escape").decode("ascii")
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_json |= {form.replace("/", r"\/") for form in in_json}  # as PHP writes it
    return {secret, escaped, html.escape(secret), *in_json, *encoded, *(_lower_escapes(form) for form in encoded)}


def base64_forms(secret: str) -> set[str]:
    """What base64 makes of the secret alone, and what is sure to stand in it of a longer text that holds it.

    Such a text may begin a byte or two before it (RFC 4648, section 4), as `user:` does in the header of basic auth;
    in the one of OAuth 2 the secret stands percent-encoded (RFC 6749, section 2.3.1).
    """
    texts = (text.encode("utf-8", "surrogatepass") for text in {secret, quote(secret, safe=""), quote_plus(secret)})
    found = {form for text in texts for form in _in_base64(text)}
    found |= {form.replace("+", "-").replace("/", "_") for form in found}
    return found | {quote(form, safe="") for form in found}


def _in_base64(raw: bytes) -> set[str]:
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for before in range(3 if len(raw) >= _SHORTEST_INSIDE else 0):
        whole = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The letters that hold no bit of what stands before it or behind it: six bits each.
        found.add(whole[-(-8 * before // 6) : 8 * (before + len(raw)) // 6])
    return found


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
