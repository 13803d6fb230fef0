"""From a platform to the text of a user's config file, with what was told filled in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from homeroom._version import __version__
from homeroom.catalog import shelf
from homeroom.catalog.model import Ask, Platform, Secret
from homeroom.catalog.private import privacy_text
from homeroom.errors import ConfigError, Problem
from homeroom.privacy_values import Profile

DESTINATION = "duckdb:///school.duckdb"


@dataclass(frozen=True, slots=True)
class Filled:
    """A config file's text, and what it still waits for."""

    text: str
    unset: tuple[Ask, ...]
    """Values that stand as `${VARIABLE}` in it."""
    secrets: tuple[tuple[Secret, str], ...]
    """Each key with the name that it has here: an environment variable, in small letters in secrets.toml."""


def fill(
    platform: Platform,
    name: str,
    values: Mapping[str, str],
    names: Mapping[str, str],
    profile: Profile | None = None,
) -> Filled:
    """The config as the YAML has it, comments too.

    `name` is the config's; `values` are by variable, those left out stay `${VARIABLE}`; `names` are other names for
    keys, by variable. `profile` is the profile of privacy; None for no such section.
    """
    body = _config_lines(shelf.PLATFORMS / f"{platform.platform}.yaml")
    for variable, value in values.items():
        body = body.replace(f"${{{variable}}}", value)
    for variable, other in names.items():
        body = body.replace(f"${{secret:{variable.lower()}}}", f"${{secret:{other.lower()}}}")
    _same_or_refused(platform, body, values, names)
    body = _with_needs(body, platform) + ("" if profile is None else privacy_text(platform, profile))
    unset = tuple(ask for ask in platform.values if ask.variable not in values)
    secrets = tuple((secret, names.get(secret.variable, secret.variable)) for secret in platform.asks.secrets)
    return Filled(f"{_head(platform, name, secrets)}\n{body}", unset, secrets)


def _with_needs(body: str, platform: Platform) -> str:
    """The config with what to grant the key, and where, under `sync`: for errors to say. One that says it stays."""
    sync = platform.config.get("sync", {})
    if "needs" in sync:
        return body
    told = "; ".join(f"{'; '.join(secret.permissions)} ({secret.where})" for secret in platform.asks.secrets)
    lines = textwrap.wrap(told.replace("${", "$${"), 100, break_long_words=False, break_on_hyphens=False)
    block = "  needs: >- # told with each refusal\n" + "".join(f"    {line}\n" for line in lines)
    if not sync:
        return f"{body}sync:\n{block}"
    return re.sub(r"(?m)^sync:.*\n", lambda found: found[0] + block, body, count=1)


def _same_or_refused(platform: Platform, body: str, values: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Raise `ConfigError` where a value reads otherwise as YAML than as the text it is."""
    told = {f"${{{variable}}}": value for variable, value in values.items()}
    told |= {f"${{secret:{name.lower()}}}": f"${{secret:{other.lower()}}}" for name, other in names.items()}
    if yaml.safe_load(body) != _told(platform.config, told):
        wrong = ", ".join(sorted(values))
        raise ConfigError(
            [Problem(wrong, "a value would not be text in the config", hint="leave it to the environment")]
        )


def _told(value: Any, told: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _told(item, told) for key, item in value.items()}
    if isinstance(value, list):
        return [_told(item, told) for item in value]
    if isinstance(value, str):
        for placeholder, text in told.items():
            value = value.replace(placeholder, text)
    return value


def _config_lines(file: Path) -> str:
    """The lines below `config:`, as far as they are indented."""
    lines = file.read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if re.fullmatch(r"config:\s*(#.*)?", line)) + 1
    last = next((i for i in range(first, len(lines)) if lines[i] and not lines[i].startswith(" ")), len(lines))
    return textwrap.dedent("\n".join(lines[first:last])).strip() + "\n"


def _head(platform: Platform, name: str, secrets: tuple[tuple[Secret, str], ...]) -> str:
    keys = "; ".join(f"{secret.what}: {other}" for secret, other in secrets)
    return (
        f"# {platform.title}. Written by homeroom {__version__}: homeroom init {platform.platform}\n"
        f"# How this was verified: {platform.verified}. More: homeroom catalog show {platform.platform}\n"
        f"# From the environment, or in small letters from .dlt/secrets.toml: {keys}\n"
        f"name: {name}\n"
        f"destination: {DESTINATION}\n"
    )
