"""What the report says of rows that a run has deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Campus


@pytest.mark.parametrize(("way", "words"), [("soft", "marked as deleted"), ("hard", "taken out")])
def test_the_note_says_how_many_rows_were_deleted_and_how(campus: Campus, way: str, words: str) -> None:
    campus.configure("people", sync={"resources": {"people": {"deletes": way}}})
    campus.sync()
    ids = campus.true_ids("people")
    notes = []
    for gone in (ids[:3], ids[3:4], []):
        for row_id in gone:
            campus.school.remove("people", row_id)
        notes.append(campus.sync().resources["people"].note)
    assert notes == [f"3 rows {words}", f"1 row {words}", ""]
    assert f"3 rows {words}" in campus.column("SELECT note FROM _homeroom_resources")
