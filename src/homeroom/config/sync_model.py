"""The `sync:` section: pydantic's judgement in our words, and the frozen values it becomes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from homeroom.config.collect import Path, Problems, nearest
from homeroom.config.model import (
    ChangeVersionsModel,
    FurtherCursorModel,
    LimitsModel,
    OwnRetryModel,
    ResourceModel,
    RetryModel,
    SyncModel,
)
from homeroom.values import (
    ChangeVersions,
    FurtherCursor,
    LimitSettings,
    NamedIn,
    ResourceSettings,
    RetrySettings,
    SyncSettings,
)


def judged(section: Any, names: Collection[str] | None, problems: Problems, path: Path) -> SyncSettings:
    """The settings of a section that is not empty. Problems go to `problems`."""
    try:
        model = SyncModel.model_validate(section)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            loc = tuple(part for part in each["loc"] if part != "[key]")
            _tell(problems, path, loc, each["input"])
        model = SyncModel()
    _check_names(section, names, problems, path)
    settings = _settings(model)
    _check_waits(settings, problems, path)
    if settings.keep_raw and settings.journal is False:
        hint = "what is kept is the journal: leave sync.journal out, or keep_raw"
        why = "needs the journal, which is off (sync.journal: false)"
        problems.add((*path, "keep_raw"), why, True, "false", hint, "settings-conflict")
    return settings


def _settings(model: SyncModel) -> SyncSettings:
    return SyncSettings(
        concurrency=model.concurrency,
        retry=_retry(model.retry),
        rate=model.rate,
        deadline_s=model.deadline,
        read_ahead_mb=model.read_ahead_mb,
        allowed_hosts=frozenset(model.allowed_hosts),
        tables=model.tables,
        journal=model.journal,
        resume_within_s=model.resume_within or SyncSettings().resume_within_s,
        keep_raw=model.keep_raw,
        overlap=model.overlap,
        repair_passes=model.repair_passes,
        max_delete_share=model.max_delete_share,
        limits=LimitSettings(**model.limits.model_dump()),
        change_versions=None if model.change_versions is None else ChangeVersions(**model.change_versions.model_dump()),
        full_every_s=model.full_every,
        needs=model.needs,
        resources=MappingProxyType({name: _of_resource(each, model.retry) for name, each in model.resources.items()}),
    )


def _of_resource(model: ResourceModel, general: RetryModel) -> ResourceSettings:
    own = None if model.retry is None else _retry(general, model.retry.model_dump(exclude_unset=True))
    tombstones = tuple(map(_comparison, model.deleted_when))
    return ResourceSettings(
        model.total_header,
        model.total_path,
        tuple(model.error_when),
        own,
        model.deletes,
        tombstones,
        model.window,
        at_least=model.at_least,
        needs=model.needs,
        parent_column=model.parent_column,
        cursor_per_parent=model.cursor_per_parent,
        further_cursors=tuple(FurtherCursor(**each.model_dump()) for each in model.further_cursors),
        by_change_version=model.by_change_version,
        full_every_s=model.full_every,
        deleted_in=tuple(NamedIn(each.resource, MappingProxyType(each.by or {})) for each in model.deleted_in),
        batch=model.batch,
        casts=MappingProxyType(dict(model.casts)),
    )


def _comparison(text: str) -> tuple[str, Any]:
    """The column and the value of `status == tobedeleted`; a value that is JSON is taken as such."""
    column, _, value = text.partition("==")
    try:
        return column.strip(), json.loads(value)
    except ValueError:
        return column.strip(), value.strip()


def _retry(general: RetryModel, own: Mapping[str, Any] = MappingProxyType({})) -> RetrySettings:
    merged = {**general.model_dump(), **own}
    return RetrySettings(**{**merged, "statuses": tuple(merged["statuses"])})


def _check_waits(settings: SyncSettings, problems: Problems, path: Path) -> None:
    """A resource's waits against those that it takes over from `sync.retry`."""
    for name, each in settings.resources.items():
        if each.retry and each.retry.first_wait_s > each.retry.max_wait_s:
            waits = f"first_wait_s is {each.retry.first_wait_s:g} and max_wait_s {each.retry.max_wait_s:g}"
            hint = "give both; what is not given here is that of sync.retry"
            why, at = f"the first wait is above the longest: {waits}", (*path, "resources", name, "retry")
            problems.add(at, why, hint=hint, code="settings-conflict")


def _tell(problems: Problems, path: Path, loc: Path, value: Any) -> None:
    model, keys = _holder(loc)
    at = (*path, *loc)
    if keys and keys[0] not in model.model_fields:
        known = list(model.model_fields)
        hint = nearest(str(keys[0]), known)
        if model is OwnRetryModel and keys[0] in RetryModel.model_fields:
            hint = f"`{keys[0]}` is for a whole host: put it under sync.retry"
        problems.add(at, f"unknown key `{keys[0]}`", allowed=", ".join(known), hint=hint, code="unknown-key")
    else:
        described = model.model_fields[str(keys[0])].description if keys else "a mapping"
        problems.add(at, f"must be {described}", value)


def _holder(loc: Path) -> tuple[type[BaseModel], Path]:
    """The innermost model that `loc` leads into, and the rest of `loc` inside it."""
    if loc[:1] == ("retry",) and len(loc) > 1:
        return RetryModel, loc[1:]
    if loc[:1] == ("change_versions",) and len(loc) > 1:
        return ChangeVersionsModel, loc[1:]
    if loc[:1] == ("limits",) and len(loc) > 1:
        return LimitsModel, loc[1:]
    if loc[:1] == ("resources",) and loc[2:3] == ("retry",) and len(loc) > 3:
        return OwnRetryModel, loc[3:]
    if loc[:1] == ("resources",) and loc[2:3] == ("further_cursors",) and len(loc) > 4:
        return FurtherCursorModel, loc[4:]
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
            why = f"the source has no resource `{name}`"
            problems.add(at, why, allowed=", ".join(names), hint=hint, code="unknown-name")
