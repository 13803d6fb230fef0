"""The `privacy` section of a new config: a profile, and in words what it does to the platform's columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from homeroom.catalog.model import Platform
from homeroom.privacy import PrivacySettings, Rule, class_rules
from homeroom.privacy_values import Profile

MEANS: Mapping[Profile, str] = MappingProxyType(
    {
        "full": "every column is stored as it comes",
        "standard": "ids given by a government, passwords, birth, sex and origin are not stored",
        "deidentified": "nothing that names a person is stored; ids are hashed by a key",
    }
)
_MOST_NAMED = 8
_SAID: Mapping[Rule, str] = MappingProxyType(
    {"drop": "not stored", "hash": "hashed by the privacy key", "mask": "stored in part"}
)


def privacy_text(platform: Platform, profile: Profile) -> str:
    """The section, with what the profile does to the columns that the platform's config reads."""
    lines = [f"privacy: # {MEANS[profile]}", f"  profile: {profile}", f"  platform: {platform.platform}"]
    person = [f"  person: {platform.person} # whom homeroom forget removes"] if platform.person else []
    others = [f"    {at}: {act}" for at, act in platform.person_in.items()]
    person += (
        ["  person_in: # and what becomes of rows that name the person in these columns", *others] if others else []
    )
    return "\n".join([*lines, *person, *_told(platform, profile)]) + "\n"


def _told(platform: Platform, profile: Profile) -> Iterator[str]:
    classes = {
        (table, column): each
        for table, by_class in platform.classes.items()
        for each, columns in by_class.items()
        for column in columns
    }
    rules = class_rules(PrivacySettings(profile=profile, classes=classes), str)
    for rule, said in _SAID.items():
        names = [".".join(at) for at, own in rules.items() if own == rule]
        more = [f"{len(names) - _MOST_NAMED:,} more"] if len(names) > _MOST_NAMED else []
        if names:
            yield from _comment(f"{said}: {', '.join([*names[:_MOST_NAMED], *more])}")
    if profile != "full":
        yield from _comment("a further column that looks personal is held back, and told of in the report")
    yield from _comment("rules of single columns win: columns: {TABLE.COLUMN: keep}, or drop, hash, mask")


def _comment(text: str) -> list[str]:
    return [f"  # {line}" for line in textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)]
