"""Values about the neutral model: what a config asks of it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """`model:` of a config. `materialise`: tables instead of views; `demographics`: person_demographics too."""

    platform: str
    materialise: bool = False
    demographics: bool = False


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How many rows, or values, of an entity break a rule. `column` is empty where it is about whole rows."""

    entity: str
    kind: str
    column: str
    severity: Severity
    violations: int


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What the views hold of one source.

    `rows` by entity; `checks` that were asked, broken or not. `error`: why there are no views of this run; the rows of
    the platform's own tables have landed all the same.
    """

    platform: str
    dataset: str
    rows: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    checks: Sequence[ModelCheck] = ()
    note: str = ""
    error: str = ""

    @property
    def broken(self) -> Sequence[ModelCheck]:
        """The checks with violations, errors first."""
        return sorted((each for each in self.checks if each.violations), key=lambda each: each.severity)
