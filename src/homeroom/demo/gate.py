"""Who may ask the sample school: four ways to send the one key."""

from base64 import b64decode
from collections.abc import Iterator, Mapping

from homeroom.demo.faults import unauthorized
from homeroom.demo.question import RefusedError

DEFAULT_KEY = "demo-key-0000"
SCOPELESS_KEY = "demo-key-readonly-none"
"""A key that is known and may do nothing: 403."""

KEY_PARAMETER = "api_key"
_BASIC_USER = "demo"


def admit(query: Mapping[str, str], headers: Mapping[str, str], key: str) -> None:
    """Returns if one of the keys sent is the right one; RefusedError 401 or 403 otherwise."""
    sent = set(_keys(query, headers))
    if key in sent:
        return
    if SCOPELESS_KEY in sent:
        raise RefusedError(403, "forbidden", "scope roster.readonly is missing")
    message = "the key is wrong" if sent else "no key: send api_key, X-Api-Key, Bearer or Basic"
    raise unauthorized(message)


def _keys(query: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[str]:
    if KEY_PARAMETER in query:
        yield query[KEY_PARAMETER]
    if "X-Api-Key" in headers:
        yield headers["X-Api-Key"]
    scheme, _, credentials = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield credentials.strip()
    if scheme.lower() == "basic":
        yield _basic_password(credentials)


def _basic_password(credentials: str) -> str:
    try:
        user, _, password = b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return password if user == _BASIC_USER else ""


def masked(query: Mapping[str, str], key: str) -> dict[str, str]:
    """The query with *** for whatever may be a key."""
    secret = {key, SCOPELESS_KEY}
    return {name: "***" if name == KEY_PARAMETER or value in secret else value for name, value in query.items()}
