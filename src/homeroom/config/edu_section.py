"""Reading `model:`, which says by which mapping the neutral model is made of the tables."""

from __future__ import annotations

from typing import Any

from homeroom.config.collect import Path, Problems, nearest
from homeroom.edu_values import ModelSettings

_KEYS = ("platform", "materialise", "demographics")


def model_settings(section: Any, problems: Problems, path: Path) -> ModelSettings | None:
    """The settings of a platform's name, or of a mapping with `platform`; None where there are none."""
    if section is None:
        return None
    if isinstance(section, str):
        return ModelSettings(section) if _is_platform(section, problems, path) else None
    if not isinstance(section, dict):
        problems.add(path, "must be a platform's name, or a mapping with platform", section)
        return None
    for key in section:
        if key not in _KEYS:
            allowed = ", ".join(_KEYS)
            why, hint = f"unknown key `{key}`", nearest(str(key), _KEYS)
            problems.add((*path, key), why, allowed=allowed, hint=hint, code="unknown-key")
    flags = {key: _flag(section, key, problems, path) for key in _KEYS[1:]}
    platform = section.get("platform")
    if not isinstance(platform, str):
        problems.add((*path, "platform"), "must be a platform's name", platform, allowed=_allowed())
        return None
    return ModelSettings(platform, **flags) if _is_platform(platform, problems, (*path, "platform")) else None


def _flag(section: dict[str, Any], key: str, problems: Problems, path: Path) -> bool:
    value = section.get(key, False)
    if isinstance(value, bool):
        return value
    problems.add((*path, key), "must be true or false", value)
    return False


def _is_platform(name: str, problems: Problems, path: Path) -> bool:
    # Here: only a config that has the section pays for listing the mappings.
    from homeroom.model import mapped_platforms

    known = mapped_platforms()
    if name not in known:
        problems.add(
            path, "there is no mapping of this platform", name, _allowed(), nearest(name, known), "unknown-name"
        )
    return name in known


def _allowed() -> str:
    from homeroom.model import mapped_platforms

    return ", ".join(mapped_platforms())
