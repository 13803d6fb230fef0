"""What a config says of personal columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

Rule = Literal["keep", "drop", "hash", "mask"]
"""What becomes of a column: it stays; is never stored; each value becomes its HMAC-SHA-256; a part of each stays."""

RULES: tuple[Rule, ...] = get_args(Rule)

Columns = Mapping[tuple[str, str], Rule]
"""Rules by table and column, named as in the database."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """The `privacy:` section. `columns` are the rules of single columns; where none is, a column stays."""

    columns: Columns = field(default_factory=lambda: MappingProxyType({}))

    @property
    def hides(self) -> bool:
        """Whether any column does not stay as it comes."""
        return any(rule != "keep" for rule in self.columns.values())

    @property
    def hashes(self) -> bool:
        """Whether a key is needed."""
        return "hash" in self.columns.values()


@dataclass(frozen=True, slots=True)
class Privacy:
    """The rules of a run and the key that they hash with; None where none does."""

    settings: PrivacySettings = field(default_factory=PrivacySettings)
    key: str | None = field(default=None, repr=False)
