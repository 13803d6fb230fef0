"""By which rules of privacy, and with which key, the rows in a dataset were hidden.

Noted in the source's state, which dlt keeps if and only if it keeps what was extracted with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dlt
from dlt.common.exceptions import DltException
from dlt.common.schema import Schema
from dlt.common.schema.utils import get_nested_tables, is_complete_column
from dlt.pipeline.pipeline import Pipeline

RULES = "homeroom_privacy"
"""The key in a source's state."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Rules of one resource, by `table.column`, without those that keep.

    `key` tells the key that they hashed with, empty for none; `profile` by which plain values of other columns were
    guessed at, with what came of that.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    profile: str = ""
    guessed: Mapping[str, str] = field(default_factory=dict)


def noted_rules(resource: str) -> Noted:
    """The rules that the last load of a resource went by; none outside of an extraction."""
    try:
        found: Any = dlt.current.source_state().get(RULES, {}).get(resource, {})
    except DltException:
        return Noted()
    return _noted(found)


def noted_in(pipeline: Pipeline, source: str) -> dict[str, Noted]:
    """The same of all resources of a source, from outside of an extraction."""
    sources: Any = pipeline.state.get("sources", {})
    return {name: _noted(found) for name, found in sources.get(source, {}).get(RULES, {}).items()}


def keys_noted(pipeline: Pipeline, resources: Collection[str]) -> set[str]:
    """The marks of the keys by which the rows of these resources are hashed."""
    sources: Any = pipeline.state.get("sources", {})
    found = [noted_in(pipeline, source) for source in sources]
    return {noted.key for each in found for name, noted in each.items() if name in resources and noted.key}


def _noted(found: Any) -> Noted:
    guessed, profile = dict(found.get("guessed", {})), str(found.get("profile", ""))
    return Noted(dict(found.get("rules", {})), str(found.get("key", "")), profile, guessed)


def note_rules(resource: str, noted: Noted) -> None:
    """Note the rules that the load which is being extracted goes by; nothing outside of an extraction."""
    try:
        remembered: Any = dlt.current.source_state()
    except DltException:
        return
    if noted.rules or noted.profile:
        told = {"rules": dict(noted.rules), "key": noted.key}
        told |= {"profile": noted.profile, "guessed": dict(noted.guessed)} if noted.profile else {}
        remembered.setdefault(RULES, {})[resource] = told
    elif resource in remembered.get(RULES, {}):
        del remembered[RULES][resource]


def columns_with_rows(schema: Schema, table: str) -> Iterator[tuple[str, str]]:
    """The columns of a root table and of those nested in it that a load has filled, without dlt's own.

    None in the first run of a pipeline: there the schema of a source may still tell of another pipeline's tables.
    """
    if dlt.current.pipeline().first_run:
        return
    filled = {each["name"] for each in schema.data_tables(seen_data_only=True)}
    for each in get_nested_tables(schema.tables, table) if table in schema.tables else ():
        name = str(each["name"])
        for column, told in each["columns"].items() if name in filled else ():
            if is_complete_column(told) and not column.startswith(schema._dlt_tables_prefix):
                yield name, column
