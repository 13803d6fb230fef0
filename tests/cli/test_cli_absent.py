"""`homeroom sync` and rows that are in a table and no longer in the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]


def gone(count: int) -> None:
    """Put rows that the API once had into the table: copies of the first one."""
    own = "1000 + n AS id, 'r' || n AS _dlt_id, 'old' AS _dlt_load_id"
    first = "(SELECT * FROM campus.terms ORDER BY id LIMIT 1) AS t"
    with duckdb.connect("rows.duckdb") as connection:
        connection.execute(f"INSERT INTO campus.terms SELECT t.* REPLACE ({own}) FROM range({count}) AS r(n), {first}")


@pytest.fixture
def replaced(config: Config) -> str:
    """A config whose terms are replaced."""
    file = Path(config("terms", "schools"))
    file.write_text(file.read_text().replace("write_disposition: merge", "write_disposition: replace"))
    return str(file)


def test_a_table_that_would_lose_most_rows_is_kept_and_told_until_deletes_are_allowed(
    homeroom: Homeroom, replaced: str
) -> None:
    homeroom("sync", replaced)
    gone(30)
    kept = homeroom("sync", replaced)
    why = "30 of the 33 rows of the table terms did not come (90.9%, and sync.max_delete_share is 0.2), and replace "
    assert kept.exit_code == 3 and f"\nterms: {why}" in kept.stdout
    assert f"\nread terms: 3 rows, incomplete ({why}" in kept.stderr
    allowed = homeroom("sync", replaced, "--allow-deletes")
    assert allowed.exit_code == 0 and allowed.stdout.splitlines()[2].split()[:3] == ["terms", "3", "3"]


@pytest.mark.parametrize(("count", "said"), [(1, "1 row in the table was"), (1200, "1,200 rows in the table were")])
def test_rows_that_a_merge_did_not_bring_are_told(homeroom: Homeroom, config: Config, count: int, said: str) -> None:
    file = config("terms")
    assert "not in this read" not in homeroom("sync", file).stdout
    gone(count)
    result = homeroom("sync", file)
    assert f"\nterms: {said} not in this read\n" in result.stdout and result.exit_code == 0
    assert f"\nterms: {said} not in this read\n" in homeroom("show", "last").stdout


def test_json_has_the_number_of_absent_rows(
    homeroom: Homeroom, config: Config, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    file = config("terms")
    homeroom("sync", file)
    gone(2)
    lines = json_lines(homeroom("sync", file, "--json").stdout)
    assert [line["rows_absent"] for line in lines if line["event"] == "resource"] == [2]
