"""The `sync:` section: pydantic's judgement in our words, and the frozen values it becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from homeroom.config.collect import Path, Problems, nearest
from homeroom.config.model import ResourceModel, RetryModel, SyncModel
from homeroom.values import ResourceSettings, RetrySettings, SyncSettings


def read_sync(section: Mapping[str, Any], *, resources: Collection[str] | None = None) -> SyncSettings:
    """The settings of a `sync` mapping given from Python.

    `resources` are the names that `sync.resources` may have, None where they are not known. Raises
    ConfigError with every problem, paths beginning with `sync`.
    """
    problems = Problems()
    settings = sync_settings(section, resources, problems, ("sync",))
    problems.raise_if_any()
    return settings


def sync_settings(section: Any, names: Collection[str] | None, problems: Problems, path: Path) -> SyncSettings:
    """The settings of a section; None (an empty section) means the defaults. Problems go to `problems`."""
    if section is None:
        return SyncSettings()
    try:
        model = SyncModel.model_validate(section)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            loc = tuple(part for part in each["loc"] if part != "[key]")
            _tell(problems, path, loc, each["input"])
        model = SyncModel()
    _check_names(section, names, problems, path)
    return _settings(model)


def _settings(model: SyncModel) -> SyncSettings:
    retry = model.retry
    return SyncSettings(
        concurrency=model.concurrency,
        retry=RetrySettings(retry.attempts, retry.first_wait_s, retry.max_wait_s, tuple(retry.statuses)),
        resources=MappingProxyType(
            {name: ResourceSettings(each.total_header) for name, each in model.resources.items()}
        ),
    )


def _tell(problems: Problems, path: Path, loc: Path, value: Any) -> None:
    model, keys = _holder(loc)
    at = (*path, *loc)
    if keys and keys[0] not in model.model_fields:
        known = list(model.model_fields)
        hint = nearest(str(keys[0]), known)
        problems.add(at, f"unknown key `{keys[0]}`", allowed=", ".join(known), hint=hint)
    else:
        described = model.model_fields[str(keys[0])].description if keys else "a mapping"
        problems.add(at, f"must be {described}", value)


def _holder(loc: Path) -> tuple[type[BaseModel], Path]:
    """The innermost model that `loc` leads into, and the rest of `loc` inside it."""
    if loc[:1] == ("retry",) and len(loc) > 1:
        return RetryModel, loc[1:]
    if loc[:1] == ("resources",) and len(loc) > 1:
        return ResourceModel, loc[2:]
    return SyncModel, loc


def _check_names(section: Any, names: Collection[str] | None, problems: Problems, path: Path) -> None:
    given = section.get("resources") if isinstance(section, Mapping) else None
    if names is None or not isinstance(given, Mapping):
        return
    for name in map(str, given):
        if name not in names:
            hint = nearest(name, names)
            at = (*path, "resources", name)
            problems.add(at, f"the source has no resource `{name}`", allowed=", ".join(names), hint=hint)
