"""One request for a token or to log in, and what is said where it is refused. In a thread: it blocks.

Through requests, whose proxies and certificates are those of everything else. The answer's redirects are not
followed: what is sent here is the secret itself.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests import Response

from homeroom._version import __version__
from homeroom.auth import origin_of
from homeroom.errors import AuthError, HomeroomError, RequestError, TransientError
from homeroom.links import joined
from homeroom.secrets import mask_text

if TYPE_CHECKING:
    from homeroom.codes import Code

_TIMES_S = (30.0, 60.0)
"""For the connection, and between two bytes."""
_LONGEST = 1024 * 1024
_LONGEST_WORDS = 200
_PASSING = (408, 425, 429)
"""Refusals that say nothing of the secret."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask. `what` names it in messages, `url_key` is its URL's key in the config.

    `secrets` are what the answer may quote and a message may not; `advice` is what to try where it is refused, by
    the `error` of the answer, and by "" for any other. `may_lead_on`: a redirect is a good answer too.
    """

    what: str
    url: str
    url_key: str
    secrets: frozenset[str]
    advice: Mapping[str, str]
    method: str = "POST"
    data: Mapping[str, Any] | None = None
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    may_lead_on: bool = False

    @property
    def place(self) -> str:
        """What was asked, with its host; the rest of the URL may hold a key."""
        return f"{self.what} {host_of(self.url)}".rstrip()

    def refused(self, told: str, error: str = "") -> AuthError:
        """The error of an answer that brings nothing to sign with."""
        advice = self.advice.get(error) or self.advice[""]
        return AuthError(f"{self.place} {told}; {advice}", code="token-refused")


@dataclass(frozen=True, slots=True)
class Said:
    """A good answer. `cookies` with the end of each in seconds since 1970, None where it names none."""

    body: bytes
    cookies: Mapping[str, tuple[str, float | None]]

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


def ask(call: Call) -> Said:
    """Send a call once.

    Raises `AuthError` where it is refused, `TransientError` where it may do better later, `RequestError` where the
    URL or the answer is of no use.
    """
    try:
        with requests.Session() as session, _sent(session, call) as response:
            body = _read(call, response)
    except (OSError, ValueError) as error:  # RequestException is an OSError
        raise _unasked(call, error) from None
    if response.status_code >= 400 or (response.status_code >= 300 and not call.may_lead_on):
        raise _refusal(call, response, body)
    named = ((cookie.name, (cookie.value or "", cookie.expires)) for cookie in response.cookies)
    return Said(body, {name: (value, None if end is None else float(end)) for name, (value, end) in named})


def json_object(call: Call, said: Said) -> dict[str, Any]:
    """The answer's JSON object. Raises `AuthError` for anything else."""
    answer = said.json
    if not isinstance(answer, dict):
        raise call.refused(f"answered no JSON object; is it {call.url_key}?")
    return answer


def words_of(call: Call, body: bytes) -> tuple[str, str]:
    """The `error` of an answer, empty without one, and all that it says of it in brackets, without secrets."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    listed = isinstance(told, list)
    told = told[0] if listed and told else told
    told = told["error"] if isinstance(told, dict) and isinstance(told.get("error"), dict) else told
    if not isinstance(told, dict):
        return "", ""
    named = [told.get(key) for key in ("error", "code", *(["id"] if listed else []))]
    error = next((each for each in named if isinstance(each, str)), "")
    more = (told.get(key) for key in ("error_description", "message", "detail"))
    texts = [error, next((each for each in more if isinstance(each, str)), "")]
    # Masked before it is cut: half a key is a key to whoever tries the other half.
    shown = mask_text(": ".join(filter(None, texts)), call.secrets)[:_LONGEST_WORDS]
    return error, f" ({shown!r})" if shown else ""


def host_of(url: str) -> str:
    """The host of a URL as it may be shown; empty for what is no URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def basic_header(user: str, password: str) -> str:
    """As `curl -u` sends them: neither is percent-encoded first, which RFC 6749 asks for and few servers undo."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _sent(session: requests.Session, call: Call) -> Response:
    headers = {"User-Agent": f"homeroom/{__version__}", "Accept": "application/json", **call.headers}
    if call.basic is not None:
        headers["Authorization"] = basic_header(*call.basic)
    # REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE go before it, as elsewhere; requests knows those alone.
    session.verify = os.environ.get("SSL_CERT_FILE") or True
    asking = requests.Request(call.method, call.url, headers=headers, data=call.data, json=call.json)
    asking.auth = _as_it_is  # else a netrc file would add its own
    request = session.prepare_request(asking)
    settings: Any = session.merge_environment_settings(str(request.url), {}, True, None, None)
    # By the adapter: `Session.send` looks into a redirect even if it is not to follow it, and reads all of its body.
    return session.get_adapter(str(request.url)).send(request, timeout=_TIMES_S, **settings)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(call: Call, response: Response) -> bytes:
    body = b""
    for part in response.iter_content(65_536):
        body += part
        if len(body) > _LONGEST:
            words = f"{call.place} answered with more than 1 MB; is it {call.url_key}?"
            raise RequestError(words, code="answer-too-large")
    return body


def _unasked(call: Call, error: Exception) -> HomeroomError:
    match error:
        case requests.exceptions.SSLError():
            words = f"{call.place} shows no certificate to trust; check {call.url_key}"
            return RequestError(words, code="tls-failed")
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.MissingSchema() | requests.exceptions.InvalidSchema()
        ):
            return RequestError(f"{call.what} has no http URL; check {call.url_key}", code="request-unsendable")
        case requests.ConnectionError() | requests.Timeout() | requests.exceptions.ChunkedEncodingError():
            told = f"{call.place} cannot be reached ({type(error).__name__})"
            return TransientError(f"{told}; check {call.url_key}, or run again later", code="host-unreachable")
        case _:
            words = f"{call.place} could not be asked ({type(error).__name__}); check the auth section"
            return RequestError(words, code="request-unsendable")


def _refusal(call: Call, response: Response, body: bytes) -> HomeroomError:
    status = response.status_code
    if status < 400:
        return _led_away(call, status, response.headers.get("Location") or "")
    error, words = words_of(call, body)
    told = f"answered {status}{words}"
    if status >= 500 or status in _PASSING:
        code: Code = "rate-limited" if status == 429 else "server-failing"
        return TransientError(f"{call.place} {told}; run again later", code=code)
    if status in (404, 405):
        return AuthError(f"{call.place} {told}; check {call.url_key}", code="token-refused")
    return call.refused(told, error)


def _led_away(call: Call, status: int, location: str) -> RequestError:
    to = mask_text(_shown(call.url, location), call.secrets)
    return RequestError(
        f"{call.place} answered {status} and leads to {to}; secrets are sent nowhere but to {call.url_key}: "
        "set it to that URL if it is right",
        code="led-away",
    )


def _shown(url: str, location: str) -> str:
    """Origin and path of where a redirect leads."""
    try:
        to = joined(url, location)
        origin = origin_of(to)
    except ValueError as error:
        return f"what is {error}"
    default = {"http": ":80", "https": ":443"}.get(urlsplit(to).scheme, "")
    return origin.removesuffix(default) + urlsplit(to).path
