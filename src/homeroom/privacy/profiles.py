"""The profiles: which rule each makes of a class, and of a column that nobody knows and that looks personal.

`standard` takes out what a school may seldom pass on: ids given by a government, birth, sex and origin, passwords. Of a
table that classes know, a further column that tells of a person is new, and held back until somebody gives it a rule;
ids of people stay, because tables are joined by them and they name nobody. `deidentified` keeps nothing that names
anybody: what refers to a person is hashed, of a birth date the year stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from homeroom.personal import Kind, by_name
from homeroom.privacy_values import At, PersonalClass, PrivacySettings, Rule

Guess = Callable[[str, str], Rule]
"""The rule of a column, by its table and its name."""

_REFERRING = (Kind.PERSON, Kind.LOGIN)
_NEVER_PASSED_ON = (Kind.GOVERNMENT, Kind.SECRET)
_DROPPED = (*_NEVER_PASSED_ON, Kind.BIRTH, Kind.DEMOGRAPHIC)


def class_rules(settings: PrivacySettings, name: Callable[[str], str]) -> dict[At, Rule]:
    """The rule of each column that has a class and none of its own; `keep` too, so that nobody guesses at it."""
    if not settings.hides or (settings.profile is None and not settings.by_class):
        return {}
    own = {_place((name(table), name(column))) for table, column in settings.columns}
    found = {
        (name(table), name(column)): _of_class(settings, each, table, column)
        for (table, column), each in settings.classes.items()
    }
    return {at: rule for at, rule in found.items() if not _is_within(_place(at), own)}


def guess_of(settings: PrivacySettings, name: Callable[[str], str]) -> Guess | None:
    """What becomes of columns that no rule and no class knows; None where they all stay."""
    if not settings.guesses:
        return None
    known = {name(table) for table, _ in settings.classes}

    def standard(table: str, column: str) -> Rule:
        kind = by_name(table, column).kind
        is_new = table in known and kind is not None and kind is not Kind.PERSON
        return "drop" if kind in _DROPPED or is_new else "keep"

    def deidentified(table: str, column: str) -> Rule:
        kind = by_name(table, column).kind
        return "keep" if kind is None else _without_a_name(kind)

    return standard if settings.profile == "standard" else deidentified


def says(table: str, column: str) -> str:
    """Which personal thing the name says that a column is."""
    kind = by_name(table, column).kind
    return "personal" if kind is None else kind.says


def _of_class(settings: PrivacySettings, each: PersonalClass, table: str, column: str) -> Rule:
    if each in settings.by_class:
        return settings.by_class[each]
    if settings.profile == "deidentified":
        return _deidentified(each, by_name(table, column).kind)
    if settings.profile == "standard":
        is_private = each == "direct" and by_name(table, column).kind in _NEVER_PASSED_ON
        return "drop" if each == "demographic" or is_private else "keep"
    return "keep"


def _deidentified(each: PersonalClass, kind: Kind | None) -> Rule:
    if each in ("record", "none"):
        return "hash" if kind is Kind.PERSON else "keep"  # who did it, in a record of something else
    if each == "free_text" or kind is None:
        return "drop"
    return _without_a_name(kind)


def _without_a_name(kind: Kind) -> Rule:
    if kind in _REFERRING:
        return "hash"
    return "mask" if kind is Kind.BIRTH else "drop"


def _place(at: At) -> str:
    return "__".join(at)


def _is_within(place: str, others: set[str]) -> bool:
    """Whether a place is one of the others, or lies in one."""
    parts = place.split("__")
    return any("__".join(parts[:end]) in others for end in range(1, len(parts) + 1))


def without_places_around(rules: Mapping[At, Rule], inner: set[At], own: set[At]) -> dict[At, Rule]:
    """The rules without those of objects and lists in which a column of `inner` lies; those of `own` stay."""
    places = [_place(at) for at in inner]
    return {
        at: rule
        for at, rule in rules.items()
        if at in own or not any(place.startswith(f"{_place(at)}__") for place in places)
    }
