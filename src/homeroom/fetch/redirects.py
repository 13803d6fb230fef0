"""Where a request may go, and with what: its own origin with the key, an allowed one without, no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from requests import PreparedRequest

from homeroom.auth import origin_of
from homeroom.errors import RequestError
from homeroom.fetch.chain import Chain
from homeroom.fetch.refusals import credentials, led_away, lost_body, where
from homeroom.links import joined
from homeroom.secrets import is_secret_key
from homeroom.values import Answer, Request

_STATUSES = frozenset({301, 302, 303, 307, 308})
HARMLESS = frozenset({"accept", "accept-language", "accept-encoding", "user-agent", "content-type"})
"""Headers of the config that say nothing of who asks."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where requests may go: `own` origins with the key, `allowed` ones without, over at most `redirects`."""

    own: frozenset[str]
    allowed: frozenset[str]
    redirects: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the way to an answer: the first one, or what a redirect makes of it.

    `is_foreign`: it leads, or has once led, off the config's own origins: it goes without credentials.
    `followed` are the URLs that redirects led to, this one last.
    """

    method: str
    url: str
    origin: str
    headers: Mapping[str, Any]
    params: Mapping[str, Any] | None = None
    json: Any = None
    data: Any = None
    is_foreign: bool = False
    followed: tuple[str, ...] = ()


def first_hop(chain: Chain, request: Request, bounds: Bounds) -> Hop:
    """A request as it is sent first. Raises `RequestError` where it may not be."""
    r = request
    hop = Hop(r.method, r.url, _origin(chain, r, r.url), r.headers, r.params, r.json, r.data)
    return _held(chain, request, hop, bounds)


def next_hop(chain: Chain, request: Request, hop: Hop, answer: Answer, bounds: Bounds) -> Hop | None:
    """Where an answer leads to, None where it is no redirect. Raises `RequestError` for one not to be followed."""
    location = answer.header("Location")
    if answer.status not in _STATUSES or not location:
        return None
    if len(hop.followed) >= bounds.redirects:
        raise RequestError(
            f"{where(chain, request)}: more than {bounds.redirects} redirects (sync.limits.redirects); "
            "set client.base_url and endpoint.path to where they end, if they do",
            resource=chain.resource,
            code="led-away",
        )
    url = _joined(chain, request, hop.url, location)
    following = replace(hop, url=url, origin=_origin(chain, request, url), params=None, followed=(*hop.followed, url))
    loses_body = answer.status in (301, 302) and hop.method == "POST"
    if answer.status == 303 or loses_body:
        following = replace(following, method="GET", json=None, data=None)
    held = _held(chain, request, following, bounds)
    if loses_body and (hop.json is not None or hop.data is not None):
        raise lost_body(chain, request, answer, url)
    return held


def hold(chain: Chain, request: Request, hop: Hop, prepared: PreparedRequest) -> None:
    """Raise `RequestError` where the request as it goes out leads elsewhere than its hop: a wire goes by that URL."""
    origin = _origin(chain, request, str(prepared.url))
    if origin != hop.origin:
        raise RequestError(
            f"{where(chain, request)}: would be sent to {origin}, not to {hop.origin}; look at what changes its URL: "
            "the auth object or the session of the config",
            resource=chain.resource,
            code="led-away",
        )


def _held(chain: Chain, request: Request, hop: Hop, bounds: Bounds) -> Hop:
    """The hop, without credentials where it is not to the config's own origins."""
    if hop.origin in bounds.own and not hop.is_foreign:
        return hop
    if hop.origin not in bounds.own | bounds.allowed:
        raise led_away(chain, request, hop.origin, bounds.own)
    if hop.json is not None or hop.data is not None:
        raise RequestError(
            f"{where(chain, request)}: leads to {hop.origin} with the body of a {hop.method}, which goes to "
            f"{', '.join(sorted(bounds.own))} alone; if that is the same service, set client.base_url to it",
            resource=chain.resource,
            code="led-away",
        )
    return _bared(chain, request, hop, bounds)


def _bared(chain: Chain, request: Request, hop: Hop, bounds: Bounds) -> Hop:
    """A hop with nothing of the config's that could be a credential, nor what the server echoed of it in the URL."""
    own = [each for each in (chain.request, request) if _safe_origin(each.url) in bounds.own]
    held = credentials(chain.auth, chain.request.headers, chain.request.params or {}, "")
    held |= {secret for each in own for secret in credentials(None, each.headers, each.params or {}, each.url)}
    params = {name: value for name, value in (hop.params or {}).items() if not is_secret_key(name)}
    headers = {name: value for name, value in hop.headers.items() if name.lower() in HARMLESS}
    return replace(hop, url=_without(hop.url, held), headers=headers, params=params or None, is_foreign=True)


def _without(url: str, secrets: set[str]) -> str:
    """The URL without parameters of such a value; as it stands where there are none: it may be signed."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    left = [(name, value) for name, value in query if value not in secrets]
    return url if left == query else urlunsplit(parts._replace(query=urlencode(left)))


def _safe_origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        return ""


def _origin(chain: Chain, request: Request, url: str) -> str:
    try:
        return origin_of(url)
    except ValueError as error:
        told = f"{where(chain, request)}: leads to what is {error}; check client.base_url and endpoint.path"
        raise RequestError(told, resource=chain.resource, code="led-away") from None


def _joined(chain: Chain, request: Request, url: str, location: str) -> str:
    try:
        return joined(url, location)
    except ValueError as error:
        told = f"{where(chain, request)}: redirected to what is {error}; the server must mend that"
        raise RequestError(told, resource=chain.resource, code="led-away") from None
