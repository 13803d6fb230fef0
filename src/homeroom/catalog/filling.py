"""From a platform to the text of a user's config file, with what was told filled in."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom._version import __version__
from homeroom.catalog.model import Ask, Platform, Secret
from homeroom.catalog.shelf import PLATFORMS

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
    platform: Platform, name: str, values: Mapping[str, str], names: Mapping[str, str], folder: Path | None = None
) -> Filled:
    """The config as the YAML has it, comments too.

    `name` is the config's; `values` are by variable, those left out stay `${VARIABLE}`; `names` are other names for
    keys, by variable.
    """
    body = _config_lines((folder or PLATFORMS) / f"{platform.platform}.yaml")
    for variable, value in values.items():
        body = body.replace(f"${{{variable}}}", value)
    for variable, other in names.items():
        body = body.replace(f"${{secret:{variable.lower()}}}", f"${{secret:{other.lower()}}}")
    unset = tuple(ask for ask in platform.values if ask.variable not in values)
    secrets = tuple((secret, names.get(secret.variable, secret.variable)) for secret in platform.asks.secrets)
    return Filled(f"{_head(platform, name, secrets)}\n{body}", unset, secrets)


def _config_lines(file: Path) -> str:
    """The lines below `config:`, as far as they are indented."""
    lines = file.read_text(encoding="utf-8").splitlines()
    first = lines.index("config:") + 1
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
