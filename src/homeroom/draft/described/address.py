"""The base URL of a described API: its server, or host and base path, with the part that all lists have in front."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from homeroom.draft.described.document import Document
from homeroom.draft.described.routes import Route
from homeroom.draft.described.shapes import mapping, sequence, text_of
from homeroom.draft.values import Confidence, Guess, Secret

_LOCAL = re.compile(r"localhost|127(\.\d+){3}|0\.0\.0\.0|\[?::1\]?")
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_NOISE = {
    "api",
    "apis",
    "rest",
    "restful",
    "openapi",
    "swagger",
    "specification",
    "spec",
    "the",
    "documentation",
    "public",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`secrets` holds the variable that stands for an address which nobody has described."""

    base_url: Guess[str]
    secrets: tuple[Secret, ...] = ()


def variable_prefix(title: str) -> str:
    """How variables of an API are called in front: `Thinkific Admin API` is THINKIFIC_ADMIN."""
    parts = [word for word in re.findall(r"[A-Za-z0-9]+", title) if word.lower() not in _NOISE]
    parts = [word for word in parts if not re.fullmatch(r"[vV]?\d+", word)]
    name = "_".join(parts[:3]).upper()
    return name if name and not name[0].isdigit() else "API"


def split(url: str) -> SplitResult:
    """The parts of an address; none of what is no address (`https://[`)."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def joined(base: str, url: str) -> str:
    """An address that is relative to another; empty where it is none."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def address(document: Document, source: str, prefix: Route, given: str | None) -> Address:
    """The base URL. `given` is the user's, who may leave out the path that is described."""
    front = "".join(f"/{segment}" for segment in prefix)
    described, evidence, confidence = _described(document, source)
    moved = f"; all lists lie under {front}" if front else ""
    if given is not None:
        return Address(_given(given.rstrip("/"), described, front, moved))
    if described and not is_unreal(described, source):
        return Address(
            Guess(described.rstrip("/") + front, confidence, evidence + moved, _others(document, source, front))
        )
    variable = f"{variable_prefix(document.title)}_URL"
    path = split(described).path.rstrip("/") if described else ""
    what = "the address of the server" + (f", up to {path + front} and without it" if path + front else "")
    evidence = f"{evidence}, so the address is yours to give"
    value = f"${{{variable}}}{path}{front}"
    return Address(Guess(value, Confidence.GUESS, evidence + moved), (Secret(variable, what, is_secret=False),))


def _given(given: str, described: str, front: str, moved: str) -> Guess[str]:
    path = split(described).path.rstrip("/") if described else ""
    if front and given.endswith(front):
        return Guess(given, Confidence.CERTAIN, f"given{moved}")
    if split(given).path in ("", "/") and path:
        return Guess(given + path + front, Confidence.LIKELY, f"given; the described server has the path {path}{moved}")
    return Guess(given + front, Confidence.CERTAIN, f"given{moved}")


def is_unreal(url: str, source: str) -> bool:
    """Whether an address is no server's: without a host, or this machine, but where the description itself is there."""
    parts = split(url)
    if "{" in url or not parts.hostname:
        return True
    return parts.netloc != split(source).netloc and _LOCAL.fullmatch(parts.hostname.lower()) is not None


def _described(document: Document, source: str) -> tuple[str, str, Confidence]:
    """The first server as a URL, or empty; what the description says; and how sure that is."""
    if document.is_swagger:
        return _of_swagger(document, source)
    servers = [mapping(each) for each in sequence(document.content.get("servers"))]
    if not servers:
        return _joined("/", source), "no server is described", Confidence.LIKELY
    url, is_filled = _filled(servers[0])
    whole = _joined(url, source)
    if not split(whole).netloc:
        return whole, f"the described server is {url}, without a host", Confidence.GUESS
    if is_unreal(whole, source):
        return whole, f"the described server is {url}", Confidence.GUESS
    if is_filled:
        return whole, f"the described server is {text_of(servers[0].get('url'))}, with its defaults", Confidence.LIKELY
    return whole, f"the described server is {url}", Confidence.CERTAIN


def _of_swagger(document: Document, source: str) -> tuple[str, str, Confidence]:
    content = document.content
    host, path = text_of(content.get("host")), text_of(content.get("basePath"))
    schemes = [str(scheme) for scheme in sequence(content.get("schemes"))]
    scheme = "https" if "https" in schemes or not schemes else schemes[0]
    base = "" if path in ("", "/") else "/" + path.strip("/")
    if host:
        url = f"{scheme}://{host}{base}"
        return url, f"host, basePath and schemes are described as {url}", Confidence.CERTAIN
    whole = _joined(base or "/", source)
    return whole, "no host is described", Confidence.LIKELY


def _joined(url: str, source: str) -> str:
    """A relative address holds from where the description is, if that is a URL."""
    return joined(source, url) if re.match(r"https?://", source) else url.rstrip("/")


def _filled(server: Mapping[str, object]) -> tuple[str, bool]:
    """A server's URL with its variables' defaults, and whether there are any."""
    variables = mapping(server.get("variables"))

    def default(found: re.Match[str]) -> str:
        value = mapping(variables.get(found.group(1))).get("default")
        return str(value) if value not in (None, "") else found.group()

    url = text_of(server.get("url"))
    return _VARIABLE.sub(default, url), bool(_VARIABLE.search(url))


def _others(document: Document, source: str, front: str) -> tuple[str, ...]:
    servers = [mapping(each) for each in sequence(document.content.get("servers"))][1:]
    urls = [_joined(_filled(server)[0], source).rstrip("/") + front for server in servers]
    return tuple(url for url in urls if not is_unreal(url, source))
