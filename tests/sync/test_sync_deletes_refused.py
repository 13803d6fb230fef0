"""What the report says of deletes that were refused."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from homeroom.sync_run.deleted import Deleted, together, with_deleted
from homeroom.values import Report, ResourceReport, Status


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (Status.COMPLETE, Status.DELETES_REFUSED),
        (Status.UNPROVED, Status.DELETES_REFUSED),
        (Status.INCOMPLETE, Status.INCOMPLETE),
    ],
)
def test_a_refusal_hides_no_read_that_was_worse(read: Status, told: Status) -> None:
    line = ResourceReport("seats", "seats", read, None, note="as read")
    report = Report("", "campus", read, MappingProxyType({"seats": line, "people": line}))
    lines = with_deleted(report, {"seats": Deleted(0, refused="too many")}).resources
    seats = lines["seats"]
    assert (seats.status, seats.rows_deleted, seats.code) == (told, 0, "deletes-refused")
    assert seats.note == "too many [deletes-refused]; as read"
    assert lines["people"] == line


def test_what_several_ways_delete_is_told_together() -> None:
    parts = Deleted(2, note="one"), Deleted(3, refused="no"), Deleted(note="two")
    assert together(*parts) == Deleted(5, "no", "one; two")
    assert together(Deleted(note="two")) == Deleted(None, "", "two") and together() == Deleted()
