"""Reads a config file (or a Python object) into a `Config`, or raises with every problem it has."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from homeroom.config.checks import check_into, resource_names
from homeroom.config.collect import Path, Problems, nearest
from homeroom.config.document import Document, read_document
from homeroom.config.edu_section import model_settings
from homeroom.config.literal_keys import literal_keys
from homeroom.config.placeholders import ReadSecret, replace_placeholders
from homeroom.config.privacy_section import privacy_key, privacy_settings
from homeroom.config.sync_section import allows_http, sync_settings
from homeroom.privacy_values import Privacy
from homeroom.secrets import SHORTEST, read_dlt_secret
from homeroom.values import Config

_KEYS = ("name", "destination", "dataset", "source", "sync", "privacy", "model")
_BARE = ("client", "resources", "resource_defaults")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def load_config(reference: str, *, environ: Mapping[str, str], read_secret: ReadSecret | None = None) -> Config:
    """Read, resolve and check the config that `reference` names.

    `reference` is a path ending in .yaml, .yml, .toml or .json, or `module:attribute` for a dict or a
    callable without arguments that returns one. `environ` is where `${NAME}` is looked up; `read_secret`
    gives the value of `${secret:path}` or None, and is dlt's secrets by default. Raises ConfigError with
    every problem of the file, in the order of its lines. Nothing is requested or written.
    """
    document = read_document(reference)
    problems = Problems(document.file, document.locate)
    for path, again in document.repeated:
        message = f"the key stands twice in one mapping, again on line {again}"
        problems.add(path, message, hint="remove one of them", code="name-taken")
    content = replace_placeholders(document.content, environ, read_secret or read_dlt_secret, problems)
    config = _config(document, content, problems)
    key = privacy_key(config.privacy.settings, environ, read_secret or read_dlt_secret, problems, ("privacy",))
    config = replace(config, sync=replace(config.sync, insecure_http=allows_http(environ)))
    config = replace(
        config, privacy=replace(config.privacy, key=key), secrets=config.secrets | ({key} if key else frozenset())
    )
    problems.raise_if_any()
    return config


def config_hash(content: Mapping[str, Any]) -> str:
    """16 hex digits over a file's content as written, placeholders unreplaced, in any order of its keys.

    Dates count as ISO text, functions and classes by their qualified name, other objects by their type's.
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_stand_in, skipkeys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _stand_in(value: Any) -> str:
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _config(document: Document, content: dict[str, Any], problems: Problems) -> Config:
    bare = "source" not in content and any(key in content for key in _BARE)
    top = {"source": content} if bare or "client" in content else content
    prefix: Path = () if top is not content else ("source",)
    for key in top:
        if key not in _KEYS:
            _unknown_key(str(key), problems)
    source = _source(top, problems, prefix)
    sync = sync_settings(top.get("sync"), resource_names(source), problems, ("sync",))
    destination = _text(top, "destination", problems)
    problems.secrets |= _url_password(destination)
    return Config(
        name=_name(top, document, problems),
        source=source,
        destination=destination,
        dataset=_text(top, "dataset", problems),
        sync=sync,
        privacy=Privacy(privacy_settings(top.get("privacy"), problems, ("privacy",))),
        model=model_settings(top.get("model"), problems, ("model",)),
        config_hash=config_hash(document.content),
        file=document.file,
        secrets=frozenset(problems.secrets),
        doubts=literal_keys(document),
    )


def _unknown_key(key: str, problems: Problems) -> None:
    hint = nearest(key, _KEYS)
    if key in _BARE:
        hint = "put it under `source:`"
    problems.add((key,), f"unknown key `{key}`", allowed=", ".join(_KEYS), hint=hint, code="unknown-key")


def _source(top: Mapping[str, Any], problems: Problems, prefix: Path) -> dict[str, Any]:
    source = top.get("source")
    if isinstance(source, dict):
        check_into(source, problems, prefix)
        return source
    if "source" not in top:
        hint = "put dlt's client and resources under `source:`"
        problems.add((), "`source` is required", hint=hint, code="missing-key")
    else:
        problems.add(("source",), "must be a mapping with client and resources", source)
    return {}


def _text(top: Mapping[str, Any], key: str, problems: Problems) -> str | None:
    value = top.get(key)
    if value is None or (isinstance(value, str) and value):
        return value
    problems.add((key,), "must be text that is not empty", value)
    return None


def _name(top: Mapping[str, Any], document: Document, problems: Problems) -> str:
    given = _text(top, "name", problems)
    name = document.stem if given is None else given
    if not _NAME.fullmatch(name):
        proposal = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "school"
        whose = "the file's name, which is the default," if given is None else "it"
        hint = f"write name: {proposal}"
        problems.add(("name",), f"{whose} cannot be the name", name, "letters, digits, _ and -", hint)
    return name


def _url_password(url: str | None) -> set[str]:
    try:
        password = urlsplit(url or "").password
    except ValueError:
        return set()
    return {password} if password and len(password) >= SHORTEST else set()
