"""Where rows go, as a URL: how it may be shown, and what dlt's destination is given of it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from homeroom.errors import ConfigError, Problem
from homeroom.reasons import LOCK_TIMEOUT

_OF_LIBPQ = ("postgres", "redshift")
"""Destinations whose driver takes `postgresql://` and nothing else."""

_PORT = re.compile(r".*:(?P<port>[^:\]]+)")


def shown(reference: str, at: str) -> str:
    """The reference without user, password and query: for messages, and to tell destinations apart.

    Raises `ConfigError` where it cannot be told where a password ends.
    """
    scheme, is_url, rest = reference.partition("://")
    try:
        parts = urlsplit(reference)
    except ValueError:
        # Its text holds the host, and a password where that was not told apart from it.
        hint = "square brackets are for IPv6 addresses; write any other as %5B and %5D"
        raise _wrong(at, "is no URL: its host cannot be read", None, hint) from None
    if not is_url and "@" in reference:
        return f"***@{reference.rpartition('@')[2].partition('?')[0]}"
    if "@" not in rest or not parts.netloc:
        return reference.partition("?")[0]
    before, _, after = rest.rpartition("@")
    if any(each in before for each in "?#@"):
        hint = "write ?, # and @ of a password as %3F, %23 and %40, and an @ behind the ? as %40 too"
        raise _wrong(at, "is no URL that can be read: it is not clear where its password ends", None, hint)
    return f"{scheme}://***@{after.partition('?')[0].partition('#')[0]}"


def native(kind: str, reference: str, safe: str, at: str) -> str:
    """The URL as dlt's destination `kind` takes it; `safe` is how it may be shown. Raises `ConfigError`."""
    scheme, _, rest = reference.partition("://")
    if kind in _OF_LIBPQ:
        _check_server(scheme, safe, at)
        reference = f"postgresql://{rest}"
        return _with_lock_timeout(reference) if kind == "postgres" else reference
    if scheme == "mysql":
        return f"mysql+pymysql://{rest}"  # SQLAlchemy's own choice, mysqlclient, must be compiled
    return reference


def _check_server(scheme: str, safe: str, at: str) -> None:
    """Refuse a URL whose parts dlt would miss or misread: it does not say which."""
    said = safe.partition("://")[2]
    host, _, database = said.rpartition("@")[2].partition("/")
    port = _PORT.fullmatch(host)
    if port is not None and not port["port"].isdigit():
        raise _wrong(at, "has a port that is no number", safe, "write / ? # @ of a password as %2F %3F %23 %40")
    if said and not database:
        hint = f"write {scheme}://{'USER:PASSWORD@' if '@' in said else ''}{host}/DATABASE"
        raise _wrong(at, "names no database", safe, hint)


def _with_lock_timeout(url: str) -> str:
    """The URL with our `lock_timeout`, unless it says one itself."""
    if not urlsplit(url).netloc:
        return url  # all of it is looked up
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    options = query.get("options", "")
    if "lock_timeout" not in options:
        # Tabs: SQLAlchemy writes a space as +, which libpq does not read as one.
        given = options.split() if "\\" not in options else [options]
        query["options"] = "\t".join((*given, f"-clock_timeout={LOCK_TIMEOUT}"))
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _wrong(at: str, why: str, value: str | None, hint: str) -> ConfigError:
    got = None if value is None else repr(value)
    return ConfigError([Problem(at, why, got, hint=hint, code="wrong-destination")])
