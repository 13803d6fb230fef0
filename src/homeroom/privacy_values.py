"""What a config says of personal columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

Rule = Literal["keep", "drop", "hash", "mask"]
"""What becomes of a column: it stays; is never stored; each value becomes its HMAC-SHA-256; a part of each stays."""

RULES: tuple[Rule, ...] = get_args(Rule)

PersonalClass = Literal["direct", "directory", "demographic", "record", "free_text", "none"]
"""direct: names one person. directory: what a school prints in a list of its people. demographic: birth, sex,
origin. record: what somebody has done, got or is enrolled in. free_text: written by people about anything."""

Profile = Literal["full", "standard", "deidentified"]
"""Rules for all classes at once, and for columns that look personal and that nobody knows."""

At = tuple[str, str]
"""A table and a column of it, named as in the database."""

Columns = Mapping[At, Rule]
"""Rules by table and column."""

Act = Literal["delete", "clear", "keep"]
"""What becomes of a row whose column names a person who is forgotten: it goes; the column is emptied; nothing."""

ACTS: tuple[Act, ...] = get_args(Act)

Acts = Mapping[At, Act]
"""Acts by table and column, named as in the database."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """The `privacy:` section.

    `columns` are the rules of single columns, which win; `classes` the classes of others, the catalogue's too;
    `by_class` the rules that win over the profile's. Where none of these tells, a column stays. `is_given`: the section
    stands in the config, be it empty. `person` is the table and column of the ids of persons, None where its name
    tells; `person_in` are further columns with such ids, or those that only look like it.
    """

    columns: Columns = field(default_factory=lambda: MappingProxyType({}))
    profile: Profile | None = None
    classes: Mapping[At, PersonalClass] = field(default_factory=lambda: MappingProxyType({}))
    by_class: Mapping[PersonalClass, Rule] = field(default_factory=lambda: MappingProxyType({}))
    is_given: bool = field(default=False, compare=False)
    person: At | None = None
    person_in: Acts = field(default_factory=lambda: MappingProxyType({}))

    @property
    def hides(self) -> bool:
        """Whether any column may not stay as it comes."""
        return self.guesses or any(rule != "keep" for rule in (*self.columns.values(), *self.by_class.values()))

    @property
    def hashes(self) -> bool:
        """Whether a key is needed."""
        return self.profile == "deidentified" or "hash" in (*self.columns.values(), *self.by_class.values())

    @property
    def guesses(self) -> bool:
        """Whether columns are looked at that no rule and no class knows."""
        return self.profile not in (None, "full")


@dataclass(frozen=True, slots=True)
class Privacy:
    """The rules of a run and the key that they hash with; None where none does."""

    settings: PrivacySettings = field(default_factory=PrivacySettings)
    key: str | None = field(default=None, repr=False)
