"""A draft of whatever was given: a file, a URL that answers with a description, or an API to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.config import read_sync
from homeroom.config.placeholders import ReadSecret
from homeroom.draft.auth_flag import maker, read_auth, secrets_of
from homeroom.draft.described import draft_description, read_description
from homeroom.draft.endpoints import linked, read_endpoints, split_list
from homeroom.draft.live.api import Api, Endpoint, Seen
from homeroom.draft.live.auth import Admitted, Key, find_auth, given_auth
from homeroom.draft.live.whole import Admit, draft_api
from homeroom.draft.told import with_auth, with_rate, with_secret_name
from homeroom.draft.values import Confidence, Draft
from homeroom.errors import ConfigError, Problem
from homeroom.events import Hook
from homeroom.fetch.prober import Prober
from homeroom.values import RetrySettings, SyncSettings

_USUAL_FILES = ("openapi.json", "swagger.json")
"""Where descriptions are usually found below a base URL."""
_DESCRIPTIONS = (".json", ".yaml", ".yml")
_USUAL_NAME = "API_KEY"
_POLITE = SyncSettings(concurrency=1, retry=RetrySettings(attempts=3))


def draft(
    where: str,
    *,
    endpoints: Sequence[str] = (),
    auth: str | None = None,
    secret_name: str | None = None,
    rate: str | None = None,
    environ: Mapping[str, str],
    read_secret: ReadSecret,
    hooks: Sequence[Hook] = (),
    insecure_http: bool = False,
) -> Draft:
    """Find out how an API is read, by asking it (`where` is its base URL) or by its description (a file, or its URL).

    Args:
        where: a URL, or the path of an OpenAPI 3 or Swagger 2 file.
        endpoints: the lists, as the flag has them; of a description those to take, all where there is none.
        auth: as the flag has it; None: it is found out, or taken from the description.
        secret_name: the variable that holds the key; None: `API_KEY`, or what the description suggests.
        rate: never more requests than this, as in a config; None: as many as the server lets through.
        environ: where `${NAME}` is looked up.
        read_secret: gives the value of `${secret:path}`, or None.
        hooks: callables that are given the events of `homeroom.events`.
        insecure_http: let the key go over http to another machine.

    Raises:
        ConfigError: what was given is wrong, or a key is needed and not set.
        AuthError: the key is refused.
        HomeroomError: nothing could be read.
    """
    most = None if rate is None else read_sync({"rate": rate}).rate
    key = Key(secret_name or _USUAL_NAME)
    section = None if auth is None else read_auth(auth, key)
    if "://" not in where:
        found = _from_file(where, endpoints)
    else:
        _check_url(where)
        make = maker(where, environ, read_secret, insecure_http=insecure_http)

        def admit(api: Api, lists: Sequence[Endpoint]) -> Admitted:
            return find_auth(api, lists, key, make) if auth is None else given_auth(section, make, secrets_of(section))

        with closing(Prober(where, replace(_POLITE, rate=most), hooks)) as prober:
            found = _asked(where, endpoints, admit, prober, hooks)
    if auth is not None:
        found = with_auth(found, section)
    elif secret_name is not None:
        found = with_secret_name(found, secret_name)
    return with_rate(found, rate)


def _from_file(where: str, endpoints: Sequence[str]) -> Draft:
    try:
        text = Path(where).read_bytes()
    except OSError as error:
        hint = f"if it is the API's URL, write https://{where}; else a file of its OpenAPI or Swagger description"
        problem = Problem("URL", f"there is no such file ({error.strerror})", repr(where), hint=hint, code="wrong-flag")
        raise ConfigError([problem]) from None
    document = read_description(text, where)
    if document is None:
        hint = "it must be OpenAPI 3 or Swagger 2, as JSON or YAML"
        told = "the file is no description of an API"
        raise ConfigError([Problem("URL", told, repr(where), hint=hint, code="bad-syntax")])
    return draft_description(document, where, endpoints=endpoints)


def _asked(where: str, endpoints: Sequence[str], admit: Admit, prober: Prober, hooks: Sequence[Hook]) -> Draft:
    """A draft of what a URL answers: a description, the lists below it, an index of lists, or a list."""
    if endpoints and not where.endswith(_DESCRIPTIONS):
        return draft_api(where, read_endpoints(endpoints), admit, prober, hooks)
    api, root = Api(where, prober), Endpoint("api", "")
    seen = api.ask(root)
    if seen.status in (401, 403):
        api.auth = admit(api, [root]).signs
        seen = api.ask(root)
    described = _described(api, seen, where, endpoints)
    if described is not None:
        return described
    if (at := _lists_at(where, seen)) is not None:
        return draft_api(at[0], at[1], admit, prober, hooks)
    for name in _USUAL_FILES:
        place = f"{where.rstrip('/')}/{name}"
        if described := _described(api, api.ask(Endpoint("api", name)), place, endpoints):
            return described
    hint = "name the lists that are to be read: --endpoint users --endpoint courses"
    problem = f"the URL answers {seen.status}, and is neither a description, nor an index of lists, nor a list"
    raise ConfigError([Problem("URL", problem, repr(where), hint=hint, code="wrong-flag")])


def _described(api: Api, seen: Seen, place: str, endpoints: Sequence[str]) -> Draft | None:
    """The draft of an answer that is a description; None where it is none."""
    document = read_description(seen.answer.body, place) if seen.status == 200 else None
    if document is None:
        return None
    return replace(draft_description(document, place, endpoints=endpoints), requests=api.requests)


def _lists_at(where: str, seen: Seen) -> tuple[str, list[Endpoint]] | None:
    """The lists that an index links to, or the one that the URL is itself; None where it is neither."""
    if paths := linked(seen.body, where):
        return where, read_endpoints(paths)
    at = split_list(where)
    if at is not None and seen.is_list and seen.found and seen.found.confidence is not Confidence.GUESS:
        return at[0], read_endpoints([at[1]])
    return None


def _check_url(where: str) -> None:
    parts = urlsplit(where)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = "must begin with https:// or http://, and name a host"
        raise ConfigError([Problem("URL", problem, repr(_bare(where)), code="wrong-flag")])
    if parts.query or parts.fragment or parts.username:
        hint = "give the URL without them; the key by the environment, and --auth for how it is sent"
        problem = "must not hold a query, a fragment or a user"
        raise ConfigError([Problem("URL", problem, repr(_bare(where)), hint=hint, code="wrong-flag")])


def _bare(where: str) -> str:
    """The URL without what may be a key."""
    return where.partition("?")[0].partition("#")[0].rpartition("@")[2]
