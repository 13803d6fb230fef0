"""Reading `privacy.person` and `privacy.person_in`: where rows name a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeroom.config.collect import Path, Problems, nearest
from homeroom.privacy_values import ACTS, Acts

At = tuple[str, str]

_FORM = "TABLE.COLUMN, named as in the database: users.id"


def person_settings(section: Mapping[str, Any], problems: Problems, path: Path) -> tuple[At | None, Acts]:
    """The column of the ids of persons, None where none is named, and what is said of others."""
    named, others = section.get("person"), section.get("person_in")
    person = None if named is None else _column(named)
    if named is not None and person is None:
        problems.add((*path, "person"), "names no column", str(named), _FORM)
    if others is not None and not isinstance(others, Mapping):
        problems.add((*path, "person_in"), "must be a mapping of columns, each with what becomes of its rows", others)
        others = None
    found = {}
    for name, act in (others or {}).items():
        at, column = (*path, "person_in", str(name)), _column(name)
        if column is None:
            problems.add(at, "names no column", str(name), _FORM)
        elif act not in ACTS:
            problems.add(at, "is nothing that can be done", act, ", ".join(ACTS), nearest(str(act), ACTS))
        else:
            found[column] = act
    return person, MappingProxyType(found)


def _column(name: Any) -> At | None:
    table, _, column = name.partition(".") if isinstance(name, str) else ("", "", "")
    return (table, column) if table and column else None
