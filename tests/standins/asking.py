"""Questions to a stand-in, without homeroom."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from moodle_server import TOKEN, Moodle
from oneroster_server import CLIENT, CORE, SECRET, OneRoster

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    text: str
    pairs: tuple[tuple[str, str], ...] = ()
    """All headers, those that came several times too."""

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(url: str, headers: Mapping[str, str] | None = None, body: str | None = None) -> Heard:
    """GET, or POST with a body."""
    request = urllib.request.Request(url, None if body is None else body.encode(), dict(headers or {}))
    try:
        with _OPENER.open(request, timeout=10) as answer:
            return Heard(answer.status, dict(answer.headers), answer.read().decode(), tuple(answer.headers.items()))
    except urllib.error.HTTPError as error:
        with error:
            return Heard(error.code, dict(error.headers), error.read().decode())


def call(site: Moodle, function: str, **arguments: Any) -> Any:
    """A function of Moodle's; lists and mappings are written as PHP wants them."""
    sent = {"wstoken": TOKEN, "moodlewsrestformat": "json", "wsfunction": function, **_flat(arguments)}
    heard = ask(f"{site.url}/webservice/rest/server.php?{urlencode(sent)}")
    assert heard.status == 200
    return heard.json


def _flat(arguments: Any, before: str = "") -> dict[str, str]:
    if not isinstance(arguments, dict | list):
        return {before: str(arguments)}
    pairs = arguments.items() if isinstance(arguments, dict) else enumerate(arguments)
    found: dict[str, str] = {}
    for key, value in pairs:
        found |= _flat(value, f"{before}[{key}]" if before else str(key))
    return found


def token(service: OneRoster, scope: str = CORE, secret: str = SECRET) -> Heard:
    """What the service's token endpoint says."""
    basic = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
    form = urlencode({"grant_type": "client_credentials", "scope": scope})
    return ask(f"{service.url}/oauth/token", {"Authorization": f"Basic {basic}"}, form)


def roster(service: OneRoster, kind: str, *, bearer: str | None = None, **query: Any) -> Heard:
    """A list of the service, with a token of its own or with that one."""
    bearer = token(service).json["access_token"] if bearer is None else bearer
    path = f"/ims/oneroster/rostering/v1p2/{kind}?{urlencode(query)}"
    return ask(service.url + path, {"Authorization": f"Bearer {bearer}"})
