"""Hints of tables that the cases of the sample school leave out."""

from typing import Any

import dlt
from parity_case import Case, at, case
from pydantic import BaseModel

WHOLE = {"data_selector": "data", "paginator": "single_page"}
LISTED = {"data_selector": "data", "paginator": {"type": "offset", "limit": 5}}


class Unit(BaseModel):
    """Columns as a model."""

    id: int
    name: str
    seq: int | None = None


def hinted(name: str, covers: str, kind: str = "offset", tables: tuple[str, ...] = (), **hints: Any) -> Case:
    """A list with hints of its resource."""
    return case(covers, at(name, kind, **(WHOLE if kind == "parents" else LISTED), of=hints), tables=tables)


def merging(**strategy: Any) -> dict[str, Any]:
    """A merge by the key."""
    return {"primary_key": "id", "write_disposition": {"disposition": "merge", **strategy}}


def tables() -> list[Case]:
    """All of them."""
    return [*_strategies(), *_contracts(), *_formats(), *_rest()]


def _strategies() -> list[Case]:
    named = {"validity_column_names": ["begins", "ends"], "active_record_timestamp": "9999-12-31"}
    return [
        hinted("merged_delete_insert", "`strategy: delete-insert`", **merging(strategy="delete-insert")),
        hinted("merged_as_is", "`deduplicated`", **merging(strategy="delete-insert", deduplicated=True)),
        hinted("merged_upsert", "`strategy: upsert`", **merging(strategy="upsert")),
        hinted("merged_upsert_fast", "`skip_unchanged_rows`", **merging(strategy="upsert", skip_unchanged_rows=True)),
        hinted("merged_insert_only", "`strategy: insert-only`", **merging(strategy="insert-only")),
        hinted("merged_cdc", "`strategy: cdc`", **merging(strategy="cdc")),
        hinted("merged_scd2", "`strategy: scd2`", **merging(strategy="scd2")),
        hinted(
            "merged_scd2_named",
            "`validity_column_names`, `active_record_timestamp`",
            **merging(strategy="scd2", **named),
        ),
        hinted(
            "merged_scd2_at",
            "`boundary_timestamp`",
            **merging(strategy="scd2", boundary_timestamp="2024-08-21T12:15:00+00:00"),
        ),
        hinted(
            "merged_scd2_version",
            "`row_version_column_name`",
            **merging(strategy="scd2", row_version_column_name="name"),
        ),
        hinted("replaced_units", "`write_disposition: replace`", write_disposition="replace"),
        hinted("replaced_by_mapping", "`disposition: replace`", write_disposition={"disposition": "replace"}),
    ]


def _contracts() -> list[Case]:
    texts = ("name", "at", "seen", "email", "place__city", "code")
    declared = {"id": {"data_type": "bigint"}, "seq": {"data_type": "bigint"}} | {
        name: {"data_type": "text"} for name in texts
    }
    numbers = {"code": {"data_type": "bigint"}}

    def contracted(what: str, mode: str, columns: Any) -> Case:
        name = f"contract_{what}_{mode}"
        contract: Any = {what: mode}
        return hinted(name, f"`schema_contract: {{{what}: {mode}}}`", columns=columns, schema_contract=contract)

    return [
        hinted("contract_evolve", "`schema_contract: evolve`", schema_contract="evolve"),
        contracted("columns", "discard_value", declared),
        contracted("columns", "discard_row", declared),
        contracted("data_type", "discard_value", numbers),
        contracted("data_type", "discard_row", numbers),
        hinted("contract_model", "a pydantic model's own contract", columns=Unit),
        hinted("contract_model_extra", "a model, `schema_contract: evolve`", columns=Unit, schema_contract="evolve"),
    ]


def _formats() -> list[Case]:
    formats = ("preferred", "parquet", "jsonl", "insert_values", "csv")
    return [hinted(f"format_{each}", f"`file_format: {each}`", file_format=each) for each in formats]


def _rest() -> list[Case]:
    reference = {"referenced_table": "merged_upsert", "columns": ["seq"], "referenced_columns": ["id"]}
    nested = {
        "kinds": {
            "columns": {"value": {"name": "value", "data_type": "text", "description": "a kind"}},
        }
    }
    column = {"data_type": "text", "description": "who", "x-owner": "registrar", "unique": False}
    dedup = {"columns": {"seq": {"dedup_sort": "desc"}, "name": {"hard_delete": False}}, "primary_key": "seq"}
    return [
        hinted("referring", "`references`", references=[reference]),
        hinted("native", "`table_format: native`", table_format="native"),
        hinted("nested_by_hint", "`nested_hints`", "parents", nested_hints=nested),
        hinted("nested_none", "`max_table_nesting: 0`", "parents", max_table_nesting=0),
        hinted("described", "hints of a column, `x-` too", columns={"name": column}),
        hinted("deduplicated", "`dedup_sort`", write_disposition="merge", **dedup),
        hinted("merge_keyed", "`merge_key`", write_disposition="merge", merge_key="seq"),
        hinted(
            "keyed_by_function",
            "`primary_key` by a function of the row",
            primary_key=lambda row: "id",
            table_name=lambda row: "keyed_by_function",
        ),
        hinted(
            "table_by_row",
            "`table_name` by the row",
            table_name=lambda row: f"units_{row['id'] % 2}",
            tables=("units_0", "units_1"),
        ),
        hinted("table_named", "`table_name`", table_name="Named Table", tables=("named_table",)),
        hinted(
            "disposed_by_row",
            "`write_disposition` by a function of the row",
            write_disposition=lambda row: "append",
            table_name=lambda row: "disposed_by_row",
        ),
        case("a `DltResource` of the user's", dlt.resource([{"id": 1, "own": True}], name="users_rows")),
    ]
