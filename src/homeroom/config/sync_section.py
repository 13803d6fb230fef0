"""Reading the `sync:` section, from a file or from Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from homeroom.config.collect import Path, Problems
from homeroom.values import SyncSettings

INSECURE_HTTP = "HOMEROOM_INSECURE_HTTP"
"""For schedules: what `--insecure-http` says."""


def read_sync(section: Mapping[str, Any], *, resources: Collection[str] | None = None) -> SyncSettings:
    """The settings of a `sync` mapping given from Python.

    `resources` are the names that `sync.resources` may have, None where they are not known. Raises
    ConfigError with every problem, paths beginning with `sync`.
    """
    problems = Problems()
    settings = sync_settings(section, resources, problems, ("sync",))
    problems.raise_if_any()
    return settings


def allows_http(environ: Mapping[str, str]) -> bool:
    """Whether the environment lets keys go over http."""
    return environ.get(INSECURE_HTTP, "").lower() in ("1", "true", "yes")


def sync_settings(section: Any, names: Collection[str] | None, problems: Problems, path: Path) -> SyncSettings:
    """The settings of a section; None and {} (an empty section) mean the defaults. Problems go to `problems`."""
    if section is None or section == {}:
        return SyncSettings()
    # Here: pydantic takes 0.09 s to import, which a config without the section does not need.
    from homeroom.config.sync_model import judged

    return judged(section, names, problems, path)
