"""Keys and passwords that stand in a config file themselves, where whoever gets the file can use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from homeroom.config.collect import Path, path_text
from homeroom.config.document import Document
from homeroom.errors import Problem
from homeroom.secrets import is_secret_key
from homeroom.values import Doubt

_CARRIERS = ("headers", "params", "json", "data")
_URLS = ("base_url", "destination", "access_token_url")
_LONG_ENOUGH = 8
"""Outside of `auth`, as of the secrets that are masked: `key: name` is none."""
MESSAGE = "a key or password stands in the file itself, and whoever gets the file can use it"


def literal_keys(document: Document) -> tuple[Doubt, ...]:
    """Each of them with its line, never with its value; none of a config in Python, which may have looked it up."""
    if not document.lines:
        return ()
    return tuple(_doubt(path, document) for path in _found(document.content, (), sent=False, signs=False))


def _doubt(path: Path, document: Document) -> Doubt:
    name = next((part for part in reversed(path) if isinstance(part, str)), "key")
    if name in _URLS:
        name = "password"
    variable = "".join(letter if letter.isalnum() else "_" for letter in name).upper()
    hint = (
        f'write "${{{variable}}}" there and set {variable} in the environment, or '
        f'"${{secret:{document.stem}.{variable.lower()}}}" for .dlt/secrets.toml or a vault; '
        "a key that was in a shared file should be made anew"
    )
    place = Problem(path_text(path), MESSAGE, file=document.file, line=document.locate(path)).place
    return Doubt(place, MESSAGE, hint)


def _found(value: Any, path: Path, *, sent: bool, signs: bool) -> Iterator[Path]:
    """The places of literals; `sent` inside of what requests carry, `signs` inside of an auth section."""
    if isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from _found(item, (*path, place), sent=sent, signs=signs)
    for key, item in value.items() if isinstance(value, Mapping) else ():
        at = (*path, str(key))
        if isinstance(item, (Mapping, list, tuple)):
            yield from _found(item, at, sent=sent or key in _CARRIERS, signs=signs or key == "auth")
        elif type(item) in (str, int) and "${" not in str(item):
            in_url = key in _URLS and _password(str(item))
            if in_url or (is_secret_key(str(key)) and (signs or (sent and _is_long(str(item))))):
                yield at


def _is_long(text: str) -> bool:
    return len(text) >= _LONG_ENOUGH and "{" not in text


def _password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
