"""Keys that would go over the network as anybody on the way can read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests.auth import AuthBase

from homeroom.dlt_seam import rest_api as seam
from homeroom.errors import Problem
from homeroom.links import is_open, plain_url
from homeroom.plan.resource import ResourcePlan, SourcePlan
from homeroom.secrets import is_secret_key

HINT = (
    "write https://, or allow it for this run by --insecure-http (HOMEROOM_INSECURE_HTTP=1 in the environment), "
    "if nobody else can listen"
)


def open_problems(plan: SourcePlan) -> Iterator[Problem]:
    """Each URL of a config that a key would go to over http, but for this machine's own."""
    told: set[str] = set()
    for each in plan.resources:
        for at, url in _open_urls(each, plan):
            if at not in told:
                told.add(at)
                yield open_problem(at, url)
    versions = None if plan.versions is None or plan.versions.auth is None else plan.versions.request.url
    if versions is not None and is_open(versions) and "client.base_url" not in told:
        yield open_problem("sync.change_versions.path", versions)


def open_problem(at: str, url: str) -> Problem:
    """That a key would be read on its way to a URL."""
    why = "a key or password would go there over http, which anybody on the way can read"
    return Problem(at, why, repr(plain_url(url)), hint=HINT, code="key-in-the-open")


def _open_urls(each: ResourcePlan, plan: SourcePlan) -> Iterator[tuple[str, str]]:
    absolute = urlsplit(each.path).scheme in ("http", "https")
    url = each.path if absolute else seam.join_url(each.base_url, each.path)
    if is_open(url) and _has_key(each, plan, url):
        yield (f"resources[{each.index}].endpoint.path" if absolute else "client.base_url"), url
    for asked in _urls_of(each.auth):
        if is_open(asked):
            yield "client.auth", asked


def _has_key(each: ResourcePlan, plan: SourcePlan, url: str) -> bool:
    session = plan.session
    if each.auth is not None or urlsplit(url).password or (session is not None and session.auth is not None):
        return True
    headers = {**(session.headers if session is not None else {}), **each.headers}
    return any(_holds(part) for part in (headers, each.params, each.json, each.data))


def _holds(part: Any) -> bool:
    """Whether something that is sent has a value at the key of a secret."""
    pairs = part.items() if isinstance(part, Mapping) else ()
    return any(is_secret_key(str(name)) and isinstance(value, (str, int)) and value for name, value in pairs)


def _urls_of(auth: AuthBase | None) -> Iterator[str]:
    """Where an auth object asks for its token."""
    held = vars(auth).values() if auth is not None and hasattr(auth, "__dict__") else ()
    yield from (value for value in held if isinstance(value, str) and value.startswith("http:"))
