"""Where a key comes from and what it must be granted, where the config says of which platform it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from homeroom.catalog import Platform, find_platform
from homeroom.check_run.findings import Finding
from homeroom.errors import ConfigError

_WRITTEN_BY = re.compile(r"\bhomeroom init ([a-z][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Grants:
    """What the catalogue says of a platform's keys; empty texts where nothing is known."""

    key: str = ""
    """Where each key is made."""
    to_grant: str = ""
    """What it must be granted, and where."""

    @staticmethod
    def joined(text: str, further: str) -> str:
        """The text, and what the catalogue adds to it, unless the config has said what is needed (`needs`)."""
        return f"{text}; {further}" if further and "; needed: " not in text else text


def grants_of(platform: Platform | None) -> Grants:
    """What the catalogue says of a platform's keys."""
    if platform is None:
        return Grants()
    secrets = platform.asks.secrets
    keys = "; ".join(f"{secret.what}: {secret.where}" for secret in secrets)
    to_grant = "; ".join(f"the {secret.what} needs {', and '.join(secret.permissions)}" for secret in secrets)
    return Grants(f"{platform.title}, {keys}", f"{platform.title}: {to_grant} ({keys})")


def told_once(findings: Sequence[Finding], grants: Grants) -> Iterator[Finding]:
    """The findings, what the catalogue says in full in the first of them alone."""
    first: dict[str, str] = {}
    for each in findings:
        text = each.text
        for told in filter(None, (grants.to_grant, grants.key)):
            if told in text and first.setdefault(told, each.resource) != each.resource:
                text = text.replace(told, f"what it needs is told of {first[told]}")
        yield replace(each, text=text)


def platform_of(file: str | None) -> Platform | None:
    """The platform that a config was written for by `homeroom init`, as the comments at its head say; None else."""
    if file is None:
        return None
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    head = "\n".join(takewhile(lambda line: line.startswith("#"), lines))
    named = _WRITTEN_BY.search(head)
    try:
        return find_platform(named[1]) if named else None
    except ConfigError:
        return None  # a platform of another release
