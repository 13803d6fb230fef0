"""A cursor never runs ahead of what was loaded: the next whole run brings what an earlier one left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
import yaml
from parity_annex import config_of
from parity_case import Config, at
from parity_server import Annex

import homeroom
from homeroom.source.options import ReadingOptions
from homeroom.source.rest_api import make_source
from homeroom.values import Proof, Report, RetrySettings, Status, SyncSettings

SINCE = {"cursor_path": "at", "start_param": "since", "initial_value": "2024-01-01"}
Sync = Callable[..., Report]


def newest_first(**incremental: Any) -> Config:
    """All units, the newest in front: a cursor that moved too early would hide all others."""
    return at(
        "units",
        "offset",
        data_selector="data",
        paginator={"type": "offset", "limit": 5},
        params={"order": "desc"},
        incremental={**SINCE, **incremental},
        of={"primary_key": "id", "write_disposition": "merge"},
    )


@pytest.fixture
def sync(annex: Annex, tmp_path: Path) -> Sync:
    """`homeroom.sync` of the units into one database, time after time."""

    def run(resource: Config | None = None, **options: Any) -> Report:
        file = tmp_path / "annex.yaml"
        source = config_of(annex.url, [resource or newest_first()])
        quick = {"retry": {"attempts": 1}}
        file.write_text(yaml.safe_dump({"source": source, "sync": quick}))
        return homeroom.sync(file, destination=f"duckdb:///{tmp_path}/held.duckdb", home=tmp_path / "home", **options)

    return run


def held(folder: Path) -> list[int]:
    """The ids of the units in the database."""
    with duckdb.connect(str(folder / "held.duckdb"), read_only=True) as connection:
        return [number for (number,) in connection.execute("SELECT id FROM annex.units ORDER BY id").fetchall()]


def all_ids(annex: Annex) -> list[int]:
    """The ids of the units there are."""
    return [row["id"] for row in annex.rows]


def test_a_failed_read_does_not_move_the_cursor(annex: Annex, sync: Sync, tmp_path: Path) -> None:
    """The newest rows had come."""
    annex.broken_from = 10
    assert sync().resources["units"].status is Status.FAILED
    annex.broken_from = None
    assert sync().resources["units"].status is Status.COMPLETE and held(tmp_path) == all_ids(annex)


def test_a_failed_later_read_leaves_the_cursor_where_it_was(annex: Annex, sync: Sync, tmp_path: Path) -> None:
    """Not at its beginning either."""
    sync()
    annex.grow()
    annex.broken_from = 5
    sync()
    annex.broken_from, _ = None, annex.taken_log()
    sync()
    assert held(tmp_path) == all_ids(annex)
    assert all("2024-01-01T23:00:00Z" in told for told in annex.taken_log()["units"])


def test_a_limited_read_does_not_move_the_cursor(annex: Annex, sync: Sync, tmp_path: Path) -> None:
    """What it brought is loaded."""
    assert sync(limit=5).resources["units"].status is Status.INCOMPLETE and len(held(tmp_path)) == 5
    assert sync().resources["units"].status is Status.COMPLETE and held(tmp_path) == all_ids(annex)


def test_an_incomplete_read_does_not_move_the_cursor(annex: Annex, sync: Sync, tmp_path: Path) -> None:
    """The API announced more than came: the next run asks for all of it again."""
    annex.announced_more = 3
    assert sync().resources["units"].status is Status.INCOMPLETE and held(tmp_path) == all_ids(annex)
    annex.announced_more, _ = 0, annex.taken_log()
    sync()
    assert all('["since", "2024-01-01"]' in told for told in annex.taken_log()["units"])


def test_a_whole_read_moves_the_cursor(annex: Annex, sync: Sync) -> None:
    """Otherwise nothing above means anything."""
    sync()
    annex.taken_log()
    sync()
    assert all('["since", "2024-01-01T23:00:00Z"]' in told for told in annex.taken_log()["units"])


def test_a_read_that_row_order_ends_early_is_unproved(annex: Annex, sync: Sync, tmp_path: Path) -> None:
    """What was not read is out of the cursor's range, if the API keeps the order: that is not incomplete."""
    ordered = newest_first(row_order="desc")
    del ordered["endpoint"]["incremental"]["start_param"]
    sync(ordered)
    annex.grow()
    line = sync(ordered).resources["units"]
    assert (line.status, line.proof) == (Status.UNPROVED, Proof.END) and "row_order" in line.note
    assert line.pages < 7 and held(tmp_path) == all_ids(annex)


@pytest.mark.parametrize("broken", [False, True])
def test_the_cursor_of_a_users_resources_child_is_held_too(broken: bool, annex: Annex, tmp_path: Path) -> None:
    """Nobody tells when such a family ends."""
    parent = dlt.resource([[{"id": "offset" if broken else "untold"}]], name="kinds")
    child = newest_first()
    child["endpoint"] |= {"path": "units/{resources.kinds.id}/x", "data_selector": "data"}
    child["endpoint"]["paginator"] = {"type": "offset", "limit": 5, "total_path": None}
    annex.broken_from = 10 if broken else None
    settings = SyncSettings(retry=RetrySettings(attempts=1))
    source = make_source(config_of(annex.url, [parent, child]), settings, ReadingOptions(strict=False))
    pipeline = dlt.pipeline("kinds", destination="duckdb", pipelines_dir=str(tmp_path))
    pipeline.extract(source)
    state: Any = pipeline.state["sources"]["rest_api"]["resources"]["units"]["incremental"]["at"]
    assert state["last_value"] == ("2024-01-01" if broken else "2024-01-01T23:00:00Z")
