"""Reading `privacy:`, which says of columns what is stored of them, and finding the key that it hashes with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from homeroom.config.collect import Path, Problems, nearest
from homeroom.config.person_section import person_settings
from homeroom.config.placeholders import ReadSecret
from homeroom.errors import ConfigError
from homeroom.privacy_values import RULES, At, PersonalClass, Privacy, PrivacySettings, Profile, Rule

T = TypeVar("T")

KEY_VARIABLE = "HOMEROOM_PRIVACY_KEY"
KEY_SECRET = "homeroom.privacy_key"
SHORTEST_KEY = 32
"""Characters. Ids are few and e-mail addresses known: only the key stands between a hash and who tries them all."""

_KEYS = ("profile", "platform", "classes", "by_class", "columns", "person", "person_in")
_CLASSES: tuple[PersonalClass, ...] = get_args(PersonalClass)
_PROFILES: tuple[Profile, ...] = get_args(Profile)


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
        problems.add(path, "must be a mapping with a profile or columns", section)
        return PrivacySettings()
    for key in section:
        if key not in _KEYS:
            why, hint = f"unknown key `{key}`", nearest(str(key), _KEYS)
            problems.add((*path, str(key)), why, allowed=", ".join(_KEYS), hint=hint, code="unknown-key")
    known = _classes_of(section.get("platform"), problems, (*path, "platform"))
    own = _by_column(section, "classes", _CLASSES, "class", problems, path)
    person, person_in = person_settings(section, problems, path)
    return PrivacySettings(
        columns=MappingProxyType(_by_column(section, "columns", RULES, "rule", problems, path)),
        profile=_profile(section.get("profile"), problems, (*path, "profile")),
        classes=MappingProxyType({**known, **own}),
        by_class=MappingProxyType(_by_class(section.get("by_class"), problems, (*path, "by_class"))),
        is_given=True,
        person=person,
        person_in=person_in,
    )


def _by_column(
    section: Mapping[str, Any], key: str, allowed: tuple[T, ...], what: str, problems: Problems, path: Path
) -> dict[At, T]:
    """What a mapping says of columns, each named TABLE.COLUMN."""
    columns = section.get(key)
    if columns is not None and not isinstance(columns, Mapping):
        problems.add((*path, key), f"must be a mapping of columns, each with its {what}", columns)
    found = {}
    for name, said in columns.items() if isinstance(columns, Mapping) else ():
        table, _, column = str(name).partition(".")
        at = (*path, key, str(name))
        if not table or not column:
            problems.add(at, "names no column", str(name), "TABLE.COLUMN, named as in the database: users.email")
        elif said not in allowed:
            problems.add(at, f"is no {what}", said, _or(allowed), nearest(str(said), [*map(str, allowed)]))
        else:
            found[table, column] = said
    return found


def _by_class(section: Any, problems: Problems, path: Path) -> dict[PersonalClass, Rule]:
    if section is not None and not isinstance(section, Mapping):
        problems.add(path, "must be a mapping of classes, each with its rule", section)
    found: dict[PersonalClass, Rule] = {}
    for each, rule in section.items() if isinstance(section, Mapping) else ():
        if each not in _CLASSES:
            problems.add((*path, str(each)), "is no class", each, _or(_CLASSES), nearest(str(each), _CLASSES))
        elif rule not in RULES:
            problems.add((*path, str(each)), "is no rule", rule, _or(RULES), nearest(str(rule), RULES))
        else:
            found[each] = rule
    return found


def _profile(said: Any, problems: Problems, path: Path) -> Profile | None:
    if said is not None and said not in _PROFILES:
        problems.add(path, "is no profile", said, _or(_PROFILES), nearest(str(said), _PROFILES))
        return None
    profile: Profile | None = said
    return profile


def _classes_of(platform: Any, problems: Problems, path: Path) -> dict[At, PersonalClass]:
    """The classes of a platform of the catalogue."""
    if platform is None:
        return {}
    # Here: it takes a while to read, and most who read a config have no need of it.
    from homeroom import catalog

    try:
        found = catalog.find_platform(str(platform))
    except ConfigError as error:
        each = error.problems[0]
        problems.add(path, each.message, platform, hint=each.hint, code="unknown-name")
        return {}
    return {
        (table, column): of for table, by in found.classes.items() for of, columns in by.items() for column in columns
    }


def _or(allowed: tuple[Any, ...]) -> str:
    return ", ".join(map(str, allowed))


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
