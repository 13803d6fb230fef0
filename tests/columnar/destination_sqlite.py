"""SQLite's tables for readers that expect a cursor to describe its columns, which dlt's for SQLAlchemy does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dlt
from dlt.common.schema import Schema


@dataclass(frozen=True, slots=True)
class Described:
    """All rows of a query, and the name and declared type of each column."""

    description: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """All of them."""
        return self.rows


class SqlitePipeline:
    """As much of a pipeline as `read_tables` asks of one."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline

    @property
    def default_schema(self) -> Schema:
        """The pipeline's."""
        return self._pipeline.default_schema

    @contextmanager
    def sql_client(self) -> Iterator[SqliteClient]:
        """A client of its default schema."""
        with self._pipeline.sql_client() as client:
            yield SqliteClient(client)


class SqliteClient:
    """A client whose cursors describe themselves."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def make_qualified_table_name(self, table: str) -> str:
        """The table's name with its dataset."""
        return str(self._client.make_qualified_table_name(table))

    @contextmanager
    def execute_query(self, query: str) -> Iterator[Described]:
        """The rows of `SELECT * FROM dataset.table`."""
        dataset, _, table = query.rpartition(" ")[2].partition(".")
        columns = self._client.execute_sql(f"PRAGMA {dataset}.table_info({table})")
        yield Described([(column[1], column[2]) for column in columns], self._client.execute_sql(query))
