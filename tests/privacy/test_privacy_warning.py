"""What a sync says of columns that look personal, where the config says nothing of privacy."""

from __future__ import annotations

from typing import Any

import pytest
from privacy_desk import Desk, listed

from homeroom.cli.told import fields_of, level_of, message_words
from homeroom.events import Event, LooksPersonal

USERS = [{"id": 1, "email": "x", "ssn": "y", "colour": "red", "contacts": [{"phone": "z"}]}]


def warned(desk: Desk, **sections: Any) -> list[LooksPersonal]:
    """The warnings of a sync."""
    desk.lists.rows["users"] = USERS
    desk.configure(listed("users"), **sections)
    told: list[Event] = []
    desk.sync(hooks=[told.append])
    return [each for each in told if isinstance(each, LooksPersonal)]


def test_a_sync_names_them_once_those_first_that_are_never_passed_on(desk: Desk) -> None:
    (event,) = warned(desk)
    assert event.columns == ("users.ssn", "users.email", "users__contacts.phone", "users.id")


@pytest.mark.parametrize("privacy", [{}, {"profile": "full"}, {"columns": {"users.email": "mask"}}])
def test_where_the_config_speaks_of_privacy_nothing_is_said(desk: Desk, privacy: dict[str, Any]) -> None:
    assert warned(desk, privacy=privacy) == []


def test_eight_are_named_and_the_rest_counted_but_for_programs() -> None:
    event = LooksPersonal(tuple(f"users.email{number}" for number in range(1, 1011)))
    said = message_words(event)
    assert said is not None
    assert "users.email8 and 1,002 more; `privacy: {profile: standard}` or rules for columns hide some" in said
    line = fields_of(event)
    assert line is not None and (line["event"], len(line["columns"])) == ("looks_personal", 1010)
    assert level_of(event) == "warning"
