"""The database as the neutral model needs it: what tables it has, and statements in any dataset of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase
from dlt.pipeline.pipeline import Pipeline

from homeroom.reasons import LOCK_TIMEOUT


class Database:
    """An open connection, and how names and texts are written in it."""

    def __init__(self, client: SqlClientBase[Any]) -> None:
        self._client = client

    @property
    def dataset(self) -> str:
        """The dataset of the pipeline's tables, as the database has it."""
        return self._client.dataset_name

    @property
    def dialect(self) -> str:
        """Of SQL, by sqlglot's name."""
        return self._client.capabilities.sqlglot_dialect or "duckdb"

    @property
    def fold(self) -> Callable[[str], str]:
        """Gives an identifier the case in which the database keeps it."""
        return self._client.capabilities.casefold_identifier

    def make_dataset(self, name: str) -> None:
        """Make a dataset where there is none of that name."""
        with self._client.with_alternative_dataset_name(name) as client:
            if not client.has_dataset():
                client.create_dataset()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements within it, or none, where the database can; they wait for no lock for ever."""
        with self._client.begin_transaction():
            if self.dialect == "postgres" and self.run("SHOW lock_timeout")[0][0] == "0":
                self.run(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            yield

    def run(self, sql: str, *values: Any) -> list[Sequence[Any]]:
        """The rows of a statement; `%s` stands for each value, where there are values."""
        return [*(self._client.execute_sql(sql, *values) or ())]

    def can_run(self, sql: str) -> bool:
        """Whether a query can be run as things are; not to be asked in a transaction."""
        try:
            self._client.execute_sql(sql)
        except Exception:  # each driver has its own
            return False
        return True


@contextmanager
def opened(pipeline: Pipeline) -> Iterator[Database]:
    """The database of a pipeline, which takes tables."""
    with pipeline.sql_client() as client:
        yield Database(client)


def storage_columns(pipeline: Pipeline, tables: Iterable[str]) -> dict[str, frozenset[str]]:
    """The columns of those of these tables that the pipeline's dataset has; names as the database keeps them."""
    with pipeline.destination_client() as client:
        assert isinstance(client, SqlJobClientBase)
        fold = client.capabilities.casefold_identifier
        found = client.get_storage_tables([*tables])
        return {fold(name): frozenset(columns) for name, columns in found if columns}
