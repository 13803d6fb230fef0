"""Which lists are asked for: the flag `--endpoint`, and what the URL itself shows where none is given. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from homeroom.draft.live.api import Endpoint
from homeroom.errors import ConfigError, Problem

_FORM = re.compile(r"(?:(GET|POST)\s+)?(?:([A-Za-z_]\w*)=)?(\S+)", re.ASCII)
_FORMS = (
    "PATH below the URL, NAME=PATH, POST PATH for a list that is read by POST; {id} stands for a row of another list"
)


def read_endpoints(given: Sequence[str]) -> list[Endpoint]:
    """The lists of the flags, each with a name of its own. Raises `ConfigError` for what is none."""
    found: list[Endpoint] = []
    for text in given:
        match = _FORM.fullmatch(text.strip())
        if match is None or "?" in match[3] or "#" in match[3] or "://" in match[3]:
            raise ConfigError([Problem("--endpoint", "is no list of the API", repr(text), _FORMS, code="wrong-flag")])
        path = match[3].lstrip("/")
        name = _free(match[2] or _name(path), path, {each.name for each in found})
        found.append(Endpoint(name, path, match[1] or "GET"))
    return found


def linked(body: Any, base_url: str) -> list[str]:
    """The lists that the answer at a base URL links to, as paths: an index as Django REST framework has it."""
    if not isinstance(body, Mapping):
        return []
    base = base_url.rstrip("/") + "/"
    links = [value for value in body.values() if isinstance(value, str) and value.startswith(base)]
    paths = [urlsplit(link[len(base) :]).path.strip("/") for link in links]
    return [path for path in dict.fromkeys(paths) if path]


def split_list(url: str) -> tuple[str, str] | None:
    """A URL that is a list itself, as the base and its path; None where it has no path."""
    parts = urlsplit(url)
    base, _, path = parts.path.rstrip("/").rpartition("/")
    return (f"{parts.scheme}://{parts.netloc}{base}", path) if path else None


def _name(path: str) -> str:
    words = [part for part in path.strip("/").split("/") if "{" not in part]
    return _snake(words[-1]) if words else "rows"


def _free(name: str, path: str, taken: set[str]) -> str:
    """The name, with more of its path before it where another list has it."""
    words = [_snake(part) for part in path.strip("/").split("/") if "{" not in part]
    for count in range(2, len(words) + 1):
        if name not in taken:
            break
        name = "_".join(words[-count:])
    number = 2
    while name in taken:
        name, number = f"{name}_{number}", number + 1
    return name


def _snake(text: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = re.sub(r"\W+", "_", parted, flags=re.ASCII).strip("_").lower()
    return f"list_{plain}" if not plain or plain[0].isdigit() else plain
