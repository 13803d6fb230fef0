"""The ledger where rows are files: one parquet file a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from campus_of_sync import Fresh
    from lake_rows import Lake


def ledger(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(sql.format(lake.folder / "campus")).fetchall()


def test_each_run_leaves_its_lines_as_files(folder: Lake) -> None:
    folder.configure({"sections": "append", "courses": "replace"})
    first, second = folder.campus.sync(), folder.campus.sync()
    runs = ledger(folder, "SELECT run_id, status FROM '{}/_homeroom_runs/*.parquet' ORDER BY started_at")
    assert runs == [(first.run_id, "complete"), (second.run_id, "complete")]
    sql = "SELECT resource, proof, rows_received, rows_in_table FROM '{}/_homeroom_resources/*.parquet'"
    lines = ledger(folder, f"{sql} WHERE run_id = '{second.run_id}' ORDER BY resource")
    told = [(n, str(line.proof), line.rows_received, line.rows_in_table) for n, line in second.resources.items()]
    assert lines == sorted(told)


def test_a_run_that_was_killed_before_its_ledger_has_no_line(folder: Lake, fresh: Fresh) -> None:
    folder.configure({"courses": "replace"})
    assert fresh.run(folder.campus, "loaded", **folder.env) == {"signal": 9}
    assert not (folder.folder / "campus" / "_homeroom_runs").exists()
