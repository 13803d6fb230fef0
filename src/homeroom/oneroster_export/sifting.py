"""The rows of the model that a bundle can hold, each with its sourcedId."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from homeroom.oneroster_export.notes import Notes
from homeroom.oneroster_export.texts import Row, sourced_id

REPLACED = "sourcedId: characters that a GUID may not have are replaced, and a hash is added"


def present(rows: Iterable[Row], file: str, notes: Notes) -> Iterator[tuple[str, Row]]:
    """Rows that are not deleted, each once, by sourcedId.

    A bulk file holds what there is: what is deleted is told by its absence.
    """
    seen: set[str] = set()
    for row in rows:
        if row["state"] == "deleted":
            notes.left_out(file, "deleted in the source")
        elif not row["id"]:
            notes.left_out(file, "without an id")
        elif (found := sourced_id(row["id"])) in seen:
            notes.left_out(file, "an id that came before")
        else:
            seen.add(found)
            if found != str(row["id"]):
                notes.changed(file, REPLACED)
            yield found, row


def unused(wanted: str, taken: Container[str], prefix: str = "homeroom") -> str:
    """The sourcedId of a row that is made up: `wanted`, with the prefix where another row of the file has that one."""
    found = sourced_id(wanted)
    while found in taken:
        found = sourced_id(f"{prefix}-{found}")
    return found


def leads_round(found: str, rows: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether one comes back to a row by going from parent to parent."""
    seen = {found}
    at = rows[found]["parentSourcedId"]
    while at in rows and at not in seen:
        seen.add(at)
        at = rows[at]["parentSourcedId"]
    return at == found
