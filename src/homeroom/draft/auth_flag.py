"""The flag `--auth`, and what signs requests by a section of a config that is not written yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from requests.auth import AuthBase

from homeroom.config.checks import check_into, source_secrets
from homeroom.config.collect import Problems
from homeroom.config.placeholders import ReadSecret, replace_placeholders
from homeroom.dlt_seam.rest_api import make_auth
from homeroom.draft.live.auth import Key, MakeAuth, Section, section_of
from homeroom.draft.values import Secret
from homeroom.errors import ConfigError, Problem
from homeroom.links import is_open
from homeroom.plan import open_problem

_NAMED = ("basic", "header", "query")
FORMS = "none, bearer, basic:USER, header:NAME, query:NAME, or dlt's auth section: '{type: …}'"


def read_auth(text: str, key: Key) -> Section | None:
    """The auth section that the flag tells; None for `none`. Raises `ConfigError` for what is no form of it."""
    kind, _, name = text.partition(":")
    if text == "none":
        return None
    if ":" in name and kind in _NAMED:
        hint = f"give the key by the environment, as {key.variable}"
        told = f"{kind}: takes a name and no key"
        raise ConfigError([Problem("--auth", told, None, f"{kind}:NAME", hint, code="wrong-flag")])
    if text == "bearer" or (kind in _NAMED and name):
        return section_of(kind, name, key)
    section = _mapping(text)
    if section is None or "type" not in section:
        raise ConfigError([Problem("--auth", "is no way to send a key", repr(text), FORMS, code="wrong-flag")])
    if any("${" not in secret for secret in source_secrets({"client": {"auth": section}})):
        hint = f'write "{key.placeholder}" in its place, and give the key by the environment, as {key.variable}'
        raise ConfigError([Problem("--auth", "holds a key itself, which the config would hold then", hint=hint)])
    return section


def secrets_of(section: Section | None) -> tuple[Secret, ...]:
    """What the placeholders of a section want to be set."""
    found: dict[str, Secret] = {}
    for value in _texts(section or {}):
        for part in value.split("${")[1:]:
            name = part.partition("}")[0]
            secret = name.removeprefix("secret:")
            variable = secret.replace(".", "__").upper() if secret != name else name
            found[variable] = Secret(variable, "the API key" if secret != name else "the value", secret != name)
    return tuple(found.values())


def maker(
    base_url: str, environ: Mapping[str, str], read_secret: ReadSecret, *, insecure_http: bool = False
) -> MakeAuth:
    """What makes the signer of a section. Raises `ConfigError` where the section is wrong, or its secret is not set."""

    def make(section: Section) -> AuthBase | None:
        if is_open(base_url) and not insecure_http:
            raise ConfigError([open_problem("URL", base_url)])
        problems = Problems()
        client = {"client": {"base_url": base_url, "auth": dict(section)}}
        resolved = replace_placeholders(client, environ, read_secret, problems)
        problems.raise_if_any()
        check_into({**resolved, "resources": ["any"]}, problems, ())
        problems.raise_if_any()
        return make_auth(resolved["client"]["auth"])

    return make


def _mapping(text: str) -> Section | None:
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return value if isinstance(value, dict) else None


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for item in items for text in _texts(item)]
