"""Reading `privacy:`, which says of columns what is stored of them, and finding the key that it hashes with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

from homeroom.config.collect import Path, Problems, nearest
from homeroom.config.placeholders import ReadSecret
from homeroom.privacy_values import Privacy, PrivacySettings, Rule

KEY_VARIABLE = "HOMEROOM_PRIVACY_KEY"
KEY_SECRET = "homeroom.privacy_key"
SHORTEST_KEY = 32
"""Characters. Ids are few and e-mail addresses known: only the key stands between a hash and who tries them all."""

_KEYS = ("columns",)
_RULES: tuple[Rule, ...] = get_args(Rule)


def read_privacy(section: Mapping[str, Any], *, environ: Mapping[str, str], read_secret: ReadSecret) -> Privacy:
    """The rules of a `privacy` mapping given from Python, with their key. Raises `ConfigError` with every problem."""
    problems = Problems()
    settings = privacy_settings(section, problems, ("privacy",))
    key = privacy_key(settings, environ, read_secret, problems, ("privacy",))
    problems.raise_if_any()
    return Privacy(settings, key)


def privacy_settings(section: Any, problems: Problems, path: Path) -> PrivacySettings:
    """The settings of a section; None means that there are no rules. Problems go to `problems`."""
    if section is None:
        return PrivacySettings()
    if not isinstance(section, Mapping):
        problems.add(path, "must be a mapping with columns", section)
        return PrivacySettings()
    for key in section:
        if key not in _KEYS:
            why, hint = f"unknown key `{key}`", nearest(str(key), _KEYS)
            problems.add((*path, str(key)), why, allowed=", ".join(_KEYS), hint=hint, code="unknown-key")
    columns = section.get("columns")
    if columns is not None and not isinstance(columns, Mapping):
        problems.add((*path, "columns"), "must be a mapping of columns, each with its rule", columns)
    if not isinstance(columns, Mapping):
        return PrivacySettings()
    found = {}
    for name, rule in columns.items():
        table, _, column = str(name).partition(".")
        at = (*path, "columns", str(name))
        if not table or not column:
            problems.add(at, "names no column", str(name), "TABLE.COLUMN, named as in the database: users.email")
        elif rule not in _RULES:
            hint = nearest(str(rule), _RULES)
            problems.add(at, "is no rule", rule, ", ".join(_RULES), hint)
        else:
            found[table, column] = rule
    return PrivacySettings(MappingProxyType(found))


def privacy_key(
    settings: PrivacySettings, environ: Mapping[str, str], read_secret: ReadSecret, problems: Problems, path: Path
) -> str | None:
    """The key, where a rule hashes; None elsewhere. A problem where it is missing, or too short to protect anybody."""
    if not settings.hashes:
        return None
    key = environ.get(KEY_VARIABLE) or read_secret(KEY_SECRET)
    if not key:
        why = f"a rule hashes, and its key is in neither {KEY_VARIABLE} nor dlt's secrets ({KEY_SECRET})"
        hint = "make one by `homeroom privacy key`, keep it where your other keys are, and set it there"
        problems.add(path, why, hint=hint, code="secret-missing")
        return None
    problems.secrets.add(key)
    if len(key) < SHORTEST_KEY:
        why, hint = f"the privacy key has fewer than {SHORTEST_KEY} characters", "make one by `homeroom privacy key`"
        problems.add(path, why, hint=hint)
    return key
