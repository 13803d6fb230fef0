"""docs/reference/tables.md: what the tables and columns mean that a sync adds, with their types from the code."""

from __future__ import annotations

from collections.abc import Mapping

from pages import cell

from homeroom.dlt_seam.forgotten import COLUMNS
from homeroom.load import REJECT_COLUMNS, RESOURCE_COLUMNS, RUN_COLUMNS

INTRO = """\
# Tables that Homeroom adds

`homeroom sync` writes these beside your own tables, after the rows, in one transaction: a row here never says more than
your tables hold, and a run without a row is not finished. A plain `pipeline.run` has none of them. Types are dlt's;
times are UTC. `homeroom show RUN` prints the same.

Which resources of the last run are not whole:

```sql
SELECT resource, status, note
FROM campus._homeroom_resources
WHERE run_id = (SELECT run_id FROM campus._homeroom_runs ORDER BY started_at DESC LIMIT 1)
  AND status NOT IN ('complete', 'unproved')
```
"""

OWN: Mapping[str, tuple[str, str, str]] = {
    "_deleted_at": (
        "timestamp",
        "tables of resources with `deletes: soft`",
        "when the row was found to be gone; null while it is there ([config.md](../config.md#deletes))",
    ),
    "_dlt_load_id": ("text", "every table of a resource", "dlt's: the load that wrote the row"),
    "_dlt_id": ("text", "every table", "dlt's: the row"),
    "_dlt_parent_id": ("text", "nested tables", "dlt's: the row that this one is nested in"),
    "_dlt_list_idx": ("bigint", "nested tables", "dlt's: the place in the list, from 0"),
    "_dlt_root_id": ("text", "nested tables that are merged", "dlt's: the row of the root table"),
    "_dlt_valid_from": ("timestamp", "merge strategy `scd2`", "dlt's: since when this version of the row is valid"),
    "_dlt_valid_to": ("timestamp", "merge strategy `scd2`", "dlt's: until when; null while it is valid"),
}

OUTRO = """
## In your own tables

| column | type | where | |
|---|---|---|---|
{rows}

`_dlt_loads`, `_dlt_version` and `_dlt_pipeline_state` are dlt's own tables. With `model:` in the config there is a
dataset `edu` beside yours, which [the model's page](../model.md) describes.
"""

RUNS: Mapping[str, str] = {
    "run_id": "the run, by the time it started; as in `homeroom runs`",
    "name": "the config's name",
    "started_at": "when the run began",
    "finished_at": "when its rows were in the tables",
    "status": "the worst of its resources",
    "config_hash": "of the config without its secrets: two runs with one hash read the same in the same way",
    "version": "of Homeroom",
}

RESOURCES: Mapping[str, str] = {
    "run_id": "as in `_homeroom_runs`",
    "resource": "its name in the config",
    "table_name": "its table, as it is called in the database",
    "status": "[complete, unproved, incomplete, deletes_refused, failed or skipped](../guarantees.md)",
    "proof": "what shows that every row came; null where nothing does",
    "api_total": "how many rows the API says there are; null where it says nothing",
    "rows_received": "rows in all answers, some of them twice",
    "rows_distinct": "rows with different primary keys; null without one",
    "rows_absent": "rows of the table that this read did not bring; null where that cannot be told "
    "([guarantees.md](../guarantees.md#tables-that-lose-what-a-read-did-not-bring))",
    "rows_in_table": "rows of the table after the load",
    "rows_deleted": "rows that this run has deleted or marked; null where nothing may be",
    "rows_rejected": "rows that a schema contract kept out; null without one",
    "pages": "pages of rows",
    "pages_resumed": "those of them that an earlier run had left, and that were not asked for again",
    "requests": "all requests, repeated ones too",
    "retries": "requests that were repeated after a failure",
    "throttled": "answers 429, or others that say that the quota is used up",
    "waited_s": "seconds of waiting, added up over all requests",
    "bytes": "of all answers, decompressed",
    "pages_columnar": "pages that were read as columns, the fast way",
    "pages_object": "pages that were read row by row",
    "oldest_page_at": "when the oldest page was read; earlier than the run where it was resumed",
    "started_at": "when its first request was sent",
    "finished_at": "when its last page was there",
    "note": "what is to be known of this read, in words; of one that is not whole it ends in the error's "
    "[code](../errors.md)",
}

REJECTED: Mapping[str, str] = {
    "run_id": "as in `_homeroom_runs`",
    "resource": "its name in the config",
    "page": "from which page it came, counted from 1",
    "row_number": "which row of that page, counted from 1; null where a step of your own made another row of it",
    "column_name": "the column that broke the contract; null where it is a whole table",
    "reason": "what is wrong, without the value",
    "row": "the row as JSON",
}

FORGOTTEN: Mapping[str, str] = {
    "name": "the config's; another that fills the same dataset has persons of its own",
    "hash": "HMAC-SHA-256 of the person's id, in hexadecimal digits",
    "key_mark": "which key made the hash; it does not tell the key",
    "resource": "the resource that `privacy.person` names",
    "forgotten_at": "when",
}

TABLES = {
    "_homeroom_runs": ("A row for each run that came to its end.", RUN_COLUMNS, RUNS),
    "_homeroom_resources": ("A row for each resource of a run: the ledger.", RESOURCE_COLUMNS, RESOURCES),
    "_homeroom_rejects": (
        "Rows that broke a [schema contract](../config.md), the first 1,000 of each resource and run; the table is "
        "there once there is one.",
        REJECT_COLUMNS,
        REJECTED,
    ),
    "_homeroom_forgotten": (
        "Persons whom [`homeroom forget`](../forget.md) has removed, so that no sync brings them back; the table is "
        "there once there is one.",
        COLUMNS,
        FORGOTTEN,
    ),
}


def tables_page() -> str:
    """The whole page."""
    own = "\n".join(f"| `{column}` | {' | '.join(map(cell, told))} |" for column, told in OWN.items())
    return INTRO + "".join(_section(name, *parts) for name, parts in TABLES.items()) + OUTRO.format(rows=own)


def _section(name: str, means: str, columns: Mapping[str, tuple[str, bool]], told: Mapping[str, str]) -> str:
    rows = [
        f"| `{column}` | {kind}{'' if nullable else ', never null'} | {cell(told[column])} |"
        for column, (kind, nullable) in columns.items()
    ]
    return "\n".join([f"\n## {name}\n", f"{means}\n", "| column | type | |", "|---|---|---|", *rows]) + "\n"
