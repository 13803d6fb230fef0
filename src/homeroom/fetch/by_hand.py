"""A request as a line of curl to try by hand: what it is made of, and `$API_KEY` where a secret was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from requests.auth import AuthBase, HTTPBasicAuth

from homeroom.errors import AuthError, DataError, RequestError, TransientError
from homeroom.fetch.chain import Chain, query_of, url_of
from homeroom.fetch.refusals import held_by
from homeroom.secrets import MASK, is_secret_key, mask_text
from homeroom.values import Request

SECRET = "$API_KEY"
_HIDDEN = "…"
_TELLING = frozenset({"accept", "accept-language", "content-type"})
"""Headers that say nothing of who asks, and without which the answer may be another."""
_PLAIN = re.compile(r"[\w .,;:=*/+-]{1,80}", re.ASCII)
_NAME = re.compile(r"[\w.\[\]-]{1,60}", re.ASCII)
_SCHEMES = ("Basic", "Bearer", "Token")
_SPECIAL = re.compile(r'([\\"`$])')


def by_hand(chain: Chain, request: Request) -> str:
    """The request for a shell. Every value that the message of an error withholds is withheld here too.

    A body is never shown: it stands for a file of the reader's. What a parent's row has filled shows as the config has
    it, in braces.
    """
    words = ["curl -i", *_method(request), *_headers(request.headers), *_auth(chain.auth)]
    held = held_by(chain, request) | held_by(chain, chain.request)  # a path may quote the key as well
    url = mask_text(_escaped(url_of(request)), held).replace(MASK, SECRET)
    return " ".join([*words, _quoted(url + _query(chain, request))]) + _remark(chain.auth)


@contextmanager
def hung(chain: Chain, request: Request, is_meant: Callable[[], bool]) -> Iterator[None]:
    """Hang the line on an error of the request, where it is that one which has failed."""
    try:
        yield
    except (AuthError, TransientError, RequestError, DataError) as error:
        if is_meant():
            error.by_hand = by_hand(chain, request)
        raise


def _method(request: Request) -> Iterator[str]:
    if request.method != "GET":
        yield f"-X {request.method}"
    if request.json is not None or request.data is not None:
        yield "-d @body"


def _headers(headers: Mapping[str, Any]) -> Iterator[str]:
    for name, value in headers.items():
        if value is not None and _NAME.fullmatch(name):
            yield f"-H {_quoted(f'{name}: {_shown(name, str(value))}')}"


def _shown(name: str, value: str) -> str:
    """A header's value; of a secret no more than its scheme (`Bearer`)."""
    if name.lower() in _TELLING and _PLAIN.fullmatch(value):
        return value
    if not is_secret_key(name):
        return _HIDDEN
    scheme = value.partition(" ")[0]
    return f"{scheme} {SECRET}" if scheme in _SCHEMES else SECRET


def _auth(auth: AuthBase | None) -> Iterator[str]:
    kinds = {kind.__name__ for kind in type(auth).__mro__}
    if auth is None:
        return
    if kinds & {"HttpBasicAuth", HTTPBasicAuth.__name__}:
        yield f'-u "$API_USER:{SECRET}"'
    elif "APIKeyAuth" in kinds:
        name, place = _named(auth), getattr(auth, "location", "header")
        if place == "header":
            yield f'-H "{name}: {SECRET}"'
        elif place == "cookie":
            yield f'-H "Cookie: {name}={SECRET}"'
    elif "Login" in kinds and not getattr(auth, "token_path", None):
        yield f'-H "Cookie: {SECRET}"'
    elif kinds & {"BearerTokenAuth", "OAuth2AuthBase", "TokenAuth"}:
        yield f'-H "Authorization: Bearer {SECRET}"'


def _query(chain: Chain, request: Request) -> str:
    """The query with the key in its place, once: a next link may carry it too."""
    own = _named(chain.auth) if getattr(chain.auth, "location", "") in ("query", "param") else ""
    pairs = [(name, value) for name, value in query_of(request) if name != own]
    told = [f"{_escaped(name)}={SECRET if is_secret_key(name) else value or _HIDDEN}" for name, value in pairs]
    told += [f"{own}={SECRET}"] if own else []
    return f"?{'&'.join(told)}" if told else ""


def _named(auth: Any) -> str:
    name = str(getattr(auth, "name", ""))
    return name if _NAME.fullmatch(name) else _HIDDEN


def _remark(auth: AuthBase | None) -> str:
    """What curl cannot do: sign."""
    if auth is None or list(_auth(auth)) or getattr(auth, "location", "") in ("query", "param"):
        return ""
    return f"  # without what {type(auth).__name__} signs it with"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _quoted(text: str) -> str:
    return f'"{text}"'
