"""`login`: a request before the first one, whose answer holds what all others are signed with.

Its cookies (Kolibri, Sakai), or a token in its body (Ellucian Ethos: the body is the token).
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from requests import PreparedRequest
from typing_extensions import TypedDict

from homeroom.auth_types.endpoint import Call, Said, ask
from homeroom.auth_types.spoken import all_texts, secret_texts
from homeroom.auth_types.token import Granted, TokenAuth, fit_for_a_header, seconds_refusals, url_refusals
from homeroom.dlt_seam.auth_types import NEEDED, Refusal, TSecretStrValue, configspec
from homeroom.dlt_seam.rest_api import json_path
from homeroom.facts import ErrorPattern, read_pattern

_WHOLE = "$"
_FOR_TOKENS = ("header", "token_prefix")


class Basic(TypedDict):
    """A name and a password for the login alone."""

    username: str
    password: TSecretStrValue


@configspec
class Login(TokenAuth):
    """Logs in by one request. Without `token_path` the cookies of its answer go with each request.

    `lifetime_s`: how long that lasts; None for as long as the cookies say, and else until a 401. `fails_when`: by what
    an answer with a good status is a refusal, as `error_when`.
    """

    url: str = NEEDED
    method: Literal["POST", "GET", "PUT"] = "POST"
    json: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    headers: dict[str, str] | None = None
    basic: Basic | None = None
    token_path: str | None = None
    header: str = "Authorization"
    token_prefix: str = "Bearer"
    lifetime_s: int | None = None
    fails_when: str | list[str] | None = None

    def put_on(self, request: PreparedRequest) -> PreparedRequest:
        """The request with the token in its header, or with the cookies beside those that it has."""
        held = self.access_token or ""
        if self.token_path:
            request.headers[self.header] = f"{self.token_prefix} {held}".lstrip()
        else:
            request.headers["Cookie"] = "; ".join(filter(None, [request.headers.get("Cookie"), held]))
        return request

    def grant(self) -> Granted:
        """What the answer to a login holds."""
        call = self._call()
        said, now = ask(call), self.hand.now()
        self._refuse_failed(call, said)
        value, until = self._token(call, said) if self.token_path else _cookies(call, said)
        return Granted(value, now + self.lifetime_s if self.lifetime_s else until, now)

    def _call(self) -> Call:
        return Call(
            what="the login at",
            url=self.url,
            url_key="url",
            secrets=self.held_secrets() | all_texts([self.json, self.data, self.headers]),
            advice={"": "check the name and the password, or the key, in the auth section"},
            method=self.method,
            json=self.json,
            data=self.data,
            headers=self.headers or {},
            basic=(self.basic["username"], self.basic["password"]) if self.basic else None,
            # A form that is sent well often leads to the next page.
            may_lead_on=not self.token_path,
        )

    def _refuse_failed(self, call: Call, said: Said) -> None:
        body = said.json
        for pattern in _patterns(self.fails_when):
            if pattern.fits([found.value for found in pattern.path.compiled.find(body)]):
                raise call.refused(f"was refused by fails_when ({pattern.text!r})")

    def _token(self, call: Call, said: Said) -> tuple[str, float]:
        if self.token_path == _WHOLE:
            whole = said.json
            token = whole if isinstance(whole, str) else said.body.decode("utf-8", "replace").strip()
        else:
            found = [each.value for each in json_path(self.token_path or _WHOLE).compiled.find(said.json)]
            token = found[0] if found and isinstance(found[0], str) else ""
        if not token:
            raise call.refused(f"gave no token at token_path ({self.token_path!r})")
        return fit_for_a_header(call, token), math.inf

    def held_secrets(self) -> frozenset[str]:
        """What is sent to log in at the keys of secrets, and what came of it."""
        sent = [self.json or {}, self.data or {}, self.headers or {}, self.basic and self.basic["password"]]
        cookies = [pair.partition("=")[2] for pair in (self.access_token or "").split("; ")]
        return secret_texts([*sent, self.access_token, *([] if self.token_path else cookies)])

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """What cannot be sent, read or meant."""
        yield from url_refusals(config, "url")
        yield from seconds_refusals(config, "lifetime_s", 1)
        if config.get("json") and config.get("data"):
            yield Refusal(None, "`json` and `data` cannot both be sent", hint="keep one of them")
        yield from _path_refusals(config)
        yield from _pattern_refusals(config.get("fails_when"))


def _cookies(call: Call, said: Said) -> tuple[str, float]:
    """The cookies as a header has them, and when the first of them ends."""
    if not said.cookies:
        raise call.refused("set no cookie; name the token in its answer by token_path, if it holds one")
    pairs = "; ".join(f"{name}={value}" for name, (value, _) in said.cookies.items())
    ends = [end for _, end in said.cookies.values() if end is not None]
    return fit_for_a_header(call, pairs), min(ends, default=math.inf)


def _patterns(texts: str | list[str] | None) -> list[ErrorPattern]:
    listed = [texts] if isinstance(texts, str) else texts or []
    return [read_pattern(text, "fails_when", json_path) for text in listed]


def _path_refusals(config: Mapping[str, Any]) -> Iterable[Refusal]:
    path = config.get("token_path")
    if path is None:
        defaults = {key: getattr(Login, key) for key in _FOR_TOKENS}
        for key in _FOR_TOKENS:
            if config.get(key, defaults[key]) != defaults[key]:
                yield Refusal(key, "does nothing without token_path: cookies go with the requests", config[key])
        return
    try:
        json_path(path)
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        yield Refusal("token_path", "is not a JSONPath", path, hint="write $ for the whole body")


def _pattern_refusals(texts: Any) -> Iterable[Refusal]:
    for text in [texts] if isinstance(texts, str) else texts or []:
        try:
            _patterns(text)
        except ValueError as error:
            yield Refusal("fails_when", str(error), text)
