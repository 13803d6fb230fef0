"""What a platform's YAML may say, and what must fit together in it."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from homeroom.privacy_values import Act, PersonalClass

_COLUMN = r"^[a-z][a-z0-9_]*\.[a-z_][a-z0-9_]*$"

Kind = Literal["lms", "sis", "hub", "lrs", "marketplace"]
Verified = Literal["real server", "vendor spec", "documentation"]

PLACEHOLDER = re.compile(r"\$\{(secret:)?([^{}]+)\}")

Line = Annotated[str, Field(pattern=r"^\S([^\n]*\S)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, Field(pattern=r"^_?[a-z0-9]+(_+[a-z0-9]+)*_*$")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Source = Annotated[str, Field(pattern=r"^(https://\S+\.\S+|spec: \S.*|run: \S.*)$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Ask(_Part):
    """A value that is asked for and is no secret: `${VARIABLE}` in the config."""

    variable: Variable
    what: Line
    example: Line
    pattern: Line
    """The whole value fits it. It lets nothing through that would need quotes in YAML."""

    @model_validator(mode="after")
    def _example_fits(self) -> Ask:
        try:
            fits = re.fullmatch(self.pattern, self.example)
        except re.error as error:
            raise ValueError(f"the pattern is no regular expression: {error}") from None
        if not fits:
            raise ValueError(f"the example does not fit the pattern {self.pattern}")
        return self


class Secret(_Part):
    """A key: `${secret:variable}` in the config, in small letters. `permissions` is what to grant it, no more."""

    variable: Variable
    what: Line
    where: Line
    permissions: Annotated[list[Line], Field(min_length=1)]


class Asks(_Part):
    """All that a config of this platform needs to be told. `base_url` None: it is the same for everybody."""

    base_url: Ask | None = None
    values: list[Ask] = []
    secrets: Annotated[list[Secret], Field(min_length=1)]


class Fact(_Part):
    """What the config rests on. `source`: a URL, `spec: FILE` or `run: PROGRAM VERSION`; `date`: when it was read."""

    says: Line
    source: Source
    date: datetime.date

    @field_validator("date")
    @classmethod
    def _not_before_all(cls, value: datetime.date) -> datetime.date:
        if value < datetime.date(2020, 1, 1):
            raise ValueError("the date is when the source was read, not earlier than 2020")
        return value


class Platform(_Part):
    """One YAML of the catalogue."""

    platform: Name
    title: Line
    kind: Kind
    verified: Verified
    reads: Line
    cannot: Line
    limits: Line
    increments: Line
    deletes: Line
    asks: Asks
    config: dict[str, Any]
    """`source` and `sync` as they stand in a user's file."""
    classes: dict[Name, dict[PersonalClass, list[Column]]]
    """For each table, as it is named in the database: its columns by class."""
    person: Annotated[str, Field(pattern=_COLUMN)] | None = None
    """`table.column` of the ids of persons; None where it is the key of the table that is named for them."""
    person_in: dict[Annotated[str, Field(pattern=_COLUMN)], Act] = {}
    """What becomes of rows that name a forgotten person in a `table.column`, where its name does not tell that."""
    facts: Annotated[list[Fact], Field(min_length=1)]

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The resources of the config, in their order."""
        found = self.config.get("source", {}).get("resources", [])
        return [each for each in found if isinstance(each, dict)]

    @property
    def resource_names(self) -> list[str]:
        """The names of the resources, in their order."""
        return [str(each.get("name")) for each in self.resources]

    @property
    def values(self) -> list[Ask]:
        """Everything asked for that is no secret, the base URL first."""
        return [*([self.asks.base_url] if self.asks.base_url else []), *self.asks.values]

    @model_validator(mode="after")
    def _fits_together(self) -> Platform:
        wrong = [*self._config_keys(), *self._placeholders(), *self._tables()]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _config_keys(self) -> Iterator[str]:
        if extra := sorted(set(self.config) - {"source", "sync", "model"}):
            yield f"config may have source, sync and model, not {', '.join(extra)}"
        if not self.resources:
            yield "config.source.resources names no resource"
        for name in self.resource_names:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                yield f"the resource `{name}` must be named as its table: small letters, digits and _"

    def _placeholders(self) -> Iterator[str]:
        found = {match[0] for match in PLACEHOLDER.finditer(json.dumps(self.config, default=str))}
        asked = {f"${{{ask.variable}}}" for ask in self.values}
        asked |= {f"${{secret:{secret.variable.lower()}}}" for secret in self.asks.secrets}
        for each in sorted(found - asked):
            yield f"config uses {each}, which is not asked for"
        for each in sorted(asked - found):
            yield f"{each} is asked for, and config does not use it"

    def _tables(self) -> Iterator[str]:
        for name in self.resource_names:
            if name not in self.classes:
                yield f"classes has no table `{name}`"
        own = {} if self.person is None else {self.person: "person"}
        for at, key in {**own, **dict.fromkeys(self.person_in, "person_in")}.items():
            table, _, column = at.partition(".")
            if not any(column in columns for columns in self.classes.get(table, {}).values()):
                yield f"{key} is `{at}`, which classes does not have"
        for table, classes in self.classes.items():
            if not any(table == name or table.startswith(f"{name}__") for name in self.resource_names):
                yield f"classes has a table `{table}` that no resource fills"
            counted = Counter(column for columns in classes.values() for column in columns)
            for column in (column for column, times in counted.items() if times > 1):
                yield f"the column `{table}.{column}` has two classes"
