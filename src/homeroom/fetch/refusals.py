"""What is said of a request that was refused: where, why, what to try next. Never a key, never a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom.errors import AuthError, DataError, RequestError
from homeroom.facts import ToldError
from homeroom.fetch.chain import Chain, safe_place
from homeroom.links import plain_url
from homeroom.secrets import is_secret_key, mask_text
from homeroom.values import Answer, Request

if TYPE_CHECKING:
    from homeroom.codes import Code

_SCOPE = re.compile(r'scope="[^"]*"')
_LONGEST_WORDS = 200
_GONE = (404, 410)
_ANY = "check params, the paginator and the method; -v shows the request as a line of curl"
_FAILING = "run again later, or name the status in sync.retry.statuses"
_REFUSED = {
    405: "check endpoint.method",
    406: "check the Accept header",
    413: "ask for less at once: a smaller body or page",
    414: "ask for less at once: sync.resources.NAME.batch makes URLs short",
    415: "check the Content-Type header, and json or data",
}
_WORDS = ("error_description", "message", "detail", "error", "errorcode", "title", "code", "imsx_description")
_CODES = ("error", "errorcode", "code")
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+")
_FOR_CODES = ("errorcode", "warningcode")
"""Keys under which nothing but a code stands, be it a single word or a number (Moodle)."""
_LONE_CODE = re.compile(r"[A-Za-z][\w-]{0,40}|\d{1,4}")
_MEANT = {
    # Moodle: no such token; a function outside of the service, a capability; a course that is closed
    "invalidtoken": 401,
    **dict.fromkeys(("accessexception", "nopermissions", "nopermissiontoviewgrades"), 403),
    **dict.fromkeys(("errorcoursecontextnotvalid", "requireloginerror"), 403),
    # RFC 6749 and 6750, Google, GraphQL servers
    **dict.fromkeys(("invalidclient", "unauthorized", "unauthenticated", "invalidapikey"), 401),
    **dict.fromkeys(("accessdenied", "insufficientscope", "permissiondenied", "forbidden", "notauthorized"), 403),
}
"""Codes by which an answer with a good status refuses a key, and the status that each means.

In small letters, without `_` and `-`.
"""


def where(chain: Chain, request: Request) -> str:
    """Resource, method, URL and the query's plain numbers."""
    held = held_by(chain, request) | held_by(chain, chain.request)  # a link may lead on without the key, and quote it
    return f"resource {chain.resource}, {mask_text(safe_place(request), held)}"


def accepted(chain: Chain, request: Request, answer: Answer, redirected: tuple[str, ...] = ()) -> Answer:
    """The answer where its status is one to read; the error that it means otherwise.

    `redirected` are the URLs that redirects led to, in order.
    """
    if answer.status < 300:
        return answer
    words = server_words(chain, request, answer)
    text = f"{where(chain, request)}: the server answered {answer.status}{words}{_detour(chain, request, redirected)}"
    if answer.status in (401, 403):
        wrong = "the key is missing or wrong: check client.auth"
        narrow = "the key may not read this: check its scopes, and client.auth"
        told = f"{text}; {wrong if answer.status == 401 else narrow}"
        raise AuthError(told, resource=chain.resource, status=answer.status, code=_of_key(answer.status))
    hints = _hints(request, answer, redirected) or [
        _REFUSED.get(answer.status, _FAILING if answer.status >= 500 else _ANY)
    ]
    told = "; ".join([text, *hints])
    raise RequestError(told, resource=chain.resource, status=answer.status, code=_of_refusal(answer.status))


def placed(
    chain: Chain, request: Request, answer: Answer | None, error: AuthError | DataError, needed: str
) -> AuthError | DataError:
    """An error met on the way to an answer, or in it: with its place, the server's own words and what the key needs.

    `answer` is None where there is none; `needed` is the config's word for the rights, empty where it says nothing.
    """
    grant = f"; needed: {needed}" if needed else ""
    if isinstance(error, AuthError):
        return AuthError(f"{error}{grant}", resource=chain.resource, status=error.status, code=error.code)
    text = f"{where(chain, request)}: {error}"
    if answer is None or error.about != "error":
        return DataError(text, resource=chain.resource, about=error.about, code=error.code)
    said = error.within if isinstance(error, ToldError) and error.within is not None else _object_of(answer)
    code, words = _lone_code(said) or _coded(said), ""
    if isinstance(error, ToldError) and request.shown is None:
        # What nobody has called an error may be a row, and its message somebody's.
        words = _masked(chain, request, answer, _worded(said))
    if told := ": ".join(map(repr, dict.fromkeys(filter(None, (code, words))))):
        text = f"{text}; it says {told}"
    if meant := _MEANT.get(_plain(code)):
        return AuthError(f"{text}{grant}", resource=chain.resource, status=meant, code=_of_key(meant))
    return DataError(f"{text}{grant}", resource=chain.resource, about=error.about, code=error.code)


def _of_refusal(status: int) -> Code:
    if status >= 500:
        return "server-failing"
    return "not-found" if status in _GONE else "request-refused"


def _of_key(status: int) -> Code:
    return "key-refused" if status == 401 else "right-missing"


def _plain(code: str) -> str:
    return code.lower().replace("_", "").replace("-", "")


def _detour(chain: Chain, request: Request, redirected: tuple[str, ...]) -> str:
    """Where redirects led. A path that a parent's row has filled stays unsaid."""
    if not redirected:
        return ""
    url = mask_text(plain_url(redirected[-1]), held_by(chain, request))
    return " after a redirect" + (f" to {url}" if request.shown is None else "")


def _hints(request: Request, answer: Answer, redirected: tuple[str, ...]) -> list[str]:
    """What to try: of all the ways to ask for the wrong place, those that show."""
    hints = ["check endpoint.path and client.base_url"] if answer.status in _GONE else []
    if any("//" in urlsplit(url).path for url in (request.url, *redirected)):
        hints.append("its path has a doubled slash: does client.base_url end in one?")
    if redirected and urlsplit(redirected[0]).path.rstrip("/") == urlsplit(request.url).path.rstrip("/"):
        ends = "with" if redirected[0].partition("?")[0].endswith("/") else "without"
        hints.append(f"the server wants the path {ends} a slash at its end: write endpoint.path so")
    return hints


def lost_body(chain: Chain, request: Request, answer: Answer, url: str) -> RequestError:
    """The error of a redirect by which a POST would ask without its body, and get rows that it does not filter."""
    led = f" to {mask_text(plain_url(url), held_by(chain, request))}" if request.shown is None else ""
    hints = "".join(f"; {hint}" for hint in _hints(request, answer, (url,)))
    return RequestError(
        f"{where(chain, request)}: redirected{led} ({answer.status}), which makes a GET without its body of a POST, so "
        f"that other rows may come; set endpoint.path and client.base_url to where it leads{hints}",
        resource=chain.resource,
        status=answer.status,
        code="led-away",
    )


def led_away(chain: Chain, request: Request, origin: str, own: frozenset[str]) -> RequestError:
    """The error of a link or redirect to an origin that the key may not go to."""
    text = f"{where(chain, request)}: leads to {origin}, but the key may only go to {', '.join(sorted(own))}"
    if secure := _same_host_by_tls(origin, own):
        told = f"{text}; write https:// in client.base_url: {secure}"
        return RequestError(told, resource=chain.resource, code="led-away")
    return RequestError(
        f"{text}; if that is the same service, set client.base_url to it; if it may be followed without the key, "
        "name it in sync.allowed_hosts",
        resource=chain.resource,
        code="led-away",
    )


def _same_host_by_tls(origin: str, own: frozenset[str]) -> str | None:
    """The origin as a base_url where it is https of a host that the config asks by http."""
    to = urlsplit(origin)
    hosts = {urlsplit(each).hostname for each in own if each.startswith("http:")}
    if to.scheme != "https" or to.hostname not in hosts:
        return None
    return origin.removesuffix(":443")


def server_words(chain: Chain, request: Request, answer: Answer) -> str:
    """What the server says of its refusal, in brackets, without what it quotes of the key; empty where it is silent.

    Asked for a parent's row, it may quote that in words of its own (`no user Jane Doe in 7b`): of those answers a code
    counts, such as `insufficient_scope`, and nothing else.
    """
    body = _object_of(answer)
    said = (_worded(body) if request.shown is None else _coded(body)) or _scope(answer)
    words = _masked(chain, request, answer, said)
    return f" ({words!r})" if words else ""


def _masked(chain: Chain, request: Request, answer: Answer, said: str) -> str:
    """Words without what they quote of the key. Masked before they are cut: half a key helps who tries the other."""
    hidden = held_by(chain, request, answer.request) | _filled(request)
    return mask_text(said, hidden)[:_LONGEST_WORDS]


def _worded(body: Mapping[str, Any]) -> str:
    """What a body says of a refusal, where it says it in the usual fields; nothing elsewhere."""
    errors = body.get("errors")  # Canvas, Ed-Fi: a list of texts or of objects with a message
    first = errors[0] if isinstance(errors, list) and errors else None
    told = [body.get(key) for key in _WORDS] + [first.get("message") if isinstance(first, dict) else first]
    return next((text for text in told if isinstance(text, str) and text), "")


def _coded(body: Mapping[str, Any]) -> str:
    """The code of a refusal: a lone word in a field for codes, as no row's value is."""
    told = [body.get(key) for key in _CODES]
    return next((text for text in told if isinstance(text, str) and _CODE.fullmatch(text)), "")


def _lone_code(body: Mapping[str, Any]) -> str:
    """What stands in a field that is for codes alone."""
    told = [body.get(key) for key in _FOR_CODES]
    return next((str(each) for each in told if isinstance(each, str | int) and _LONE_CODE.fullmatch(str(each))), "")


def _filled(request: Request) -> set[str]:
    """The parts of a path that a parent's row has filled."""
    if request.shown is None:
        return set()
    return {unquote(part) for part in urlsplit(request.url).path.split("/")}.difference(request.shown.split("/"))


def _object_of(answer: Answer) -> dict[str, Any]:
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _scope(answer: Answer) -> str:
    scope = _SCOPE.search(answer.header("WWW-Authenticate") or "")  # RFC 6750 section 3
    return scope.group(0) if scope else ""


def held_by(chain: Chain, request: Request, signed: PreparedRequest | None = None) -> set[str]:
    """What a server may quote when it refuses a key: the secrets of the auth object, the headers and the query.

    `signed` is the request as it went out, with what the auth object has made of its secrets.
    """
    held = credentials(chain.auth, request.headers, request.params or {}, request.url)
    return held | (credentials(None, signed.headers, {}, str(signed.url)) if signed is not None else set())


def credentials(auth: AuthBase | None, headers: Mapping[str, Any], params: Mapping[str, Any], url: str) -> set[str]:
    """The secrets of an auth object, of headers, of parameters and of a URL's query, by their names.

    An auth type of ours says itself what it holds: cookies and tokens of any name, and no key that it never sends.
    """
    told: frozenset[str] | None = auth.held_secrets() if auth is not None and hasattr(auth, "held_secrets") else None
    held = vars(auth) if told is None and hasattr(auth, "__dict__") else {}
    named = [*held.items(), *headers.items(), *params.items(), *parse_qsl(urlsplit(url).query)]
    values = [str(value) for name, value in named if value and is_secret_key(str(name))]
    return {part for value in values for part in (value, *value.split())} | (told or frozenset())
