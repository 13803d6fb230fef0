"""Iceberg metadata that a killed process has not written to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lake_rows import Lake, truth

if TYPE_CHECKING:
    from campus_of_sync import Campus, Fresh


@pytest.fixture
def lake(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> Lake:
    pytest.importorskip("pyiceberg")
    return Lake(campus, "iceberg", monkeypatch)


def test_metadata_that_was_torn_by_a_kill_does_not_stop_the_next_run(lake: Lake, fresh: Fresh) -> None:
    lake.configure({"courses": "append"})
    assert fresh.run(lake.campus, "all jobs done", **lake.env) == {"signal": 9}
    (*_, newest) = sorted((lake.folder / "campus" / "courses" / "metadata").glob("*.json"))
    number = int(newest.name.split("-")[0]) + 1
    newest.with_name(f"{number:05}-torn.metadata.json").write_bytes(newest.read_bytes()[:100])
    outcome: dict[str, Any] = fresh.run(lake.campus, **lake.env)
    assert outcome == {"status": "complete", "landed": True}
    assert lake.rows()["courses__grades"] == truth(lake.campus)["courses__grades"]
