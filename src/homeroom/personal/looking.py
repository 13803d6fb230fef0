"""Whether a column looks personal: by its name and its table's, by a sample of its values, by what describes it.

It is a guess for a person to read, not a proof: names and patterns of English, and a little of Spanish, French, German
and Portuguese. Measured against the classes of the catalogue in tests/personal/test_personal_looks.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.personal.content import Found, are_numbers, are_spaced, are_switches, by_content
from homeroom.personal.described import by_description
from homeroom.personal.kinds import Kind, Personal
from homeroom.personal.names import Named, by_name

_LEAST_TO_DENY = 5
_TEXTS = frozenset({Kind.NAME, Kind.EMAIL, Kind.PICTURE, Kind.WEB, Kind.FREE_TEXT, Kind.SECRET, Kind.DEVICE})
_NO_ADDRESS = ("version", "build", "release")
"""The last word of what is written as an IP address is and is none."""


def look(table: str, column: str, values: Sequence[Any] = (), described: str = "") -> Personal | None:
    """Why the column looks personal, and the rule that fits; None where it does not.

    `table` and `column` are as dlt names them (`users`, `profile__city`) or as the API does (`birthDate`). `values` are
    the column's values in some rows, nulls and all; `described` is what an OpenAPI file says of it. The evidence holds
    no value. Government ids, numbers and addresses win over what the name says; a name is not believed where the values
    contradict it (`email` that is true or false).
    """
    named = by_name(table, column)
    found = None if named.words.endswith(_NO_ADDRESS) else by_content(values, named.whose)
    kind = _believed(named, values, found)
    if found is not None and (kind is None or found.kind is Kind.GOVERNMENT):
        return Personal(found.kind.rule, found.says)
    if kind is not None:
        said = f"the name says {kind.says}"
        return Personal(kind.rule, f"{said}, and {found.says}" if found is not None else said)
    told = by_description(described, named) if not are_switches(values) else None
    return None if told is None else Personal(told.rule, f"its description says {told.says}")


def _believed(named: Named, values: Sequence[Any], found: Found | None) -> Kind | None:
    """The kind that the name says, unless the values cannot be of it."""
    kind = named.kind
    if kind is None or (kind is not Kind.DEMOGRAPHIC and are_switches(values)):
        return None
    if kind in _TEXTS and are_numbers(values):
        return None
    if kind is Kind.EMAIL and found is None and _texts(values) >= _LEAST_TO_DENY:
        return None
    if kind is Kind.LOGIN and named.words.endswith("user name") and are_spaced(values):
        return Kind.NAME
    return kind


def _texts(values: Sequence[Any]) -> int:
    return sum(isinstance(value, str) and value != "" for value in values)
