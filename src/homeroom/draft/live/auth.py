"""How the key is sent: told by the refusal of a request without one, and tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from requests.auth import AuthBase

from homeroom.draft.live.api import Api, Endpoint, Seen
from homeroom.draft.values import Confidence, Guess, Secret
from homeroom.errors import AuthError, ConfigError, Problem

Section = Mapping[str, Any]
MakeAuth = Callable[[Section], AuthBase | None]
"""From dlt's section, with placeholders in it, to what signs requests. Raises `ConfigError`."""

_MOST_TRIES = 6
_REFUSED = (401, 403)
_HEADER = re.compile(r"\b(?:X-)?[A-Za-z]+(?:-[A-Za-z]+)*-(?:Key|Token)\b", re.IGNORECASE)
_PARAM = re.compile(r"\b(?:api_?key|access_token|wstoken|auth_token|token|apikey)\b", re.IGNORECASE)
_SCHEME = re.compile(r"^\s*([A-Za-z-]+)")
_READ = 4_000
"""Characters of a refusal that are searched for names."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where the key is found: `variable` in the environment, in small letters in dlt's secrets."""

    variable: str

    @property
    def placeholder(self) -> str:
        """How a config names it."""
        return f"${{secret:{self.variable.lower()}}}"


@dataclass(frozen=True, slots=True)
class Admitted:
    """How requests are signed, and what is then to be set."""

    auth: Guess[Section | None]
    signs: AuthBase | None = None
    secrets: tuple[Secret, ...] = ()


def find_auth(api: Api, endpoints: Sequence[Endpoint], key: Key, make: MakeAuth) -> Admitted:
    """How these lists are asked for. Raises `AuthError` where no way of sending the key is accepted.

    `ConfigError`, of `make`, where a key is needed and there is none.
    """
    refused = _refusal(api, endpoints)
    if refused is None:
        return Admitted(Guess(None, Confidence.CERTAIN, "a request without a key is answered"))
    endpoint, seen = refused
    told = _told(seen)
    for section in list(_sections(seen, key))[:_MOST_TRIES]:
        api.auth = _made(make, section, key, told)
        answer = api.ask(endpoint)
        if answer.status not in _REFUSED:
            said = f"without a key the answer is {told}; with it as {_way(section)} it is {answer.status}"
            return Admitted(Guess(section, Confidence.CERTAIN, said), api.auth, (Secret(key.variable, "the API key"),))
    api.auth = None
    raise AuthError(
        f"{endpoint.path}: the key {key.variable} is refused, however it is sent ({told}); is it right? "
        "say by --auth how the API wants it, as its documentation has it",
        resource=endpoint.name,
        status=seen.status,
    )


def _made(make: MakeAuth, section: Section, key: Key, told: str) -> AuthBase | None:
    """What signs requests. Raises `ConfigError` where the key is not set."""
    try:
        return make(section)
    except ConfigError as error:
        if any(each.code == "key-in-the-open" for each in error.problems):
            raise
        where = f"export {key.variable}=…, or {key.variable.lower()} in .dlt/secrets.toml"
        hint = f"set it: {where}; --secret-name gives it another name, --auth says how it is sent"
        problem = f"the API wants a key (without one the answer is {told}), and {key.variable} is not set"
        raise ConfigError([Problem("", problem, hint=hint, code="secret-missing")]) from None


def given_auth(section: Section | None, make: MakeAuth, secrets: tuple[Secret, ...]) -> Admitted:
    """The auth that was told."""
    said = "told by --auth"
    if section is None:
        return Admitted(Guess(None, Confidence.CERTAIN, said))
    return Admitted(Guess(section, Confidence.CERTAIN, said), make(section), secrets)


def _refusal(api: Api, endpoints: Sequence[Endpoint]) -> tuple[Endpoint, Seen] | None:
    """The first list that wants a key; None where one is answered without."""
    last: tuple[Endpoint, Seen] | None = None
    for endpoint in endpoints[:3]:
        seen = api.ask(endpoint)
        if seen.status in _REFUSED:
            return endpoint, seen
        if seen.is_list:
            return None
        last = last or (endpoint, seen)
    # What is not there may be there for those with a key, but nothing says so.
    return None if last is None or last[1].status != 400 else last


def _sections(seen: Seen, key: Key) -> Iterator[Section]:
    """The ways to try, those first that the refusal names; a header before the query, which ends up in logs."""
    found = list(dict.fromkeys(_names(seen, key)))
    usual = [("bearer", ""), ("header", "X-Api-Key"), ("query", "api_key"), ("header", "Authorization")]
    for kind, name in dict.fromkeys([*found, *usual]):
        yield section_of(kind, name, key)


def _names(seen: Seen, key: Key) -> Iterator[tuple[str, str]]:
    for scheme in _schemes(seen):
        if scheme.lower() == "bearer":
            yield "bearer", ""
        elif scheme.lower() in ("token", "apikey", "api-key", "key"):
            yield "prefixed", scheme
    text = seen.answer.body[:_READ].decode("utf-8", "replace")
    for name in _HEADER.findall(text):
        yield "header", name
    if re.search(r"\bbearer\b", text, re.IGNORECASE):
        yield "bearer", ""
    for name in _PARAM.findall(text):
        yield "query", name


def section_of(kind: str, name: str, key: Key) -> Section:
    """dlt's auth section of a way to send the key."""
    match kind:
        case "bearer":
            return {"type": "bearer", "token": key.placeholder}
        case "basic":
            return {"type": "http_basic", "username": name, "password": key.placeholder}
        case "prefixed":
            value = f"{name} {key.placeholder}"
            return {"type": "api_key", "name": "Authorization", "api_key": value, "location": "header"}
        case _:
            return {"type": "api_key", "name": name, "api_key": key.placeholder, "location": kind}


def _schemes(seen: Seen) -> list[str]:
    values = [value for name, value in seen.answer.headers if name.lower() == "www-authenticate"]
    return [found[1] for value in values if (found := _SCHEME.match(value))]


def _told(seen: Seen) -> str:
    schemes = _schemes(seen)
    return f"{seen.status}, WWW-Authenticate: {', '.join(schemes)}" if schemes else str(seen.status)


def _way(section: Section) -> str:
    if section["type"] == "bearer":
        return "a bearer token"
    return f"{section['location']} {section['name']}"
