"""The Link header (RFC 8288). None of the libraries at hand reads it whole: those of requests and aiohttp split at
every `;` and `=`, also in URLs and quoted texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TARGET = re.compile(r"[\s,]*(?:<([^>]*)>|<?((?:(?!,\s*<)[^;])*))")
"""A URL in brackets; without them, as requests reads it too, up to its first parameter."""
_PARAM = re.compile(r'\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;,]*)))?', re.DOTALL)
_REST = re.compile(r"[^,]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def target_of(header: str, rel: str) -> str | None:
    """The URL of the first link that has `rel` among its relations, whatever the case; None where there is none."""
    wanted = frozenset(rel.lower().split())
    return next((url for url, rels in _links(header) if wanted <= rels), None)


def _links(header: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each link's URL and relations."""
    at = 0
    while at < len(header) and (found := _TARGET.match(header, at)):
        url, at = (found[2] if found[1] is None else found[1]).strip(), found.end()
        rels: frozenset[str] | None = None
        while param := _PARAM.match(header, at):
            at = param.end()
            if param[1].lower() == "rel" and rels is None:  # section 3.3: others do not count
                rels = _words(param)
        yield url, rels or frozenset()
        rest = _REST.match(header, at)
        at = rest.end() if rest else at


def _words(param: re.Match[str]) -> frozenset[str]:
    """The relations that a parameter names: words, whose case does not matter."""
    value = (param[3] or "").strip(" '") if param[2] is None else _ESCAPED.sub(r"\1", param[2])
    return frozenset(value.lower().split())
