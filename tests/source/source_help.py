"""Configs of the sample school, a pipeline with its database, and the way from dlt's error to ours."""

from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from homeroom.demo import School
from homeroom.errors import HomeroomError
from homeroom.source import RestApiSource, rest_api_source

Config = dict[str, Any]
OFFSET = {"type": "offset", "limit": 20}


def config_of(school: School, *resources: Any, **defaults: Any) -> Config:
    """A config of these resources: offset pages of 20, merged on id unless the defaults say otherwise."""
    endpoint = {"data_selector": "data", "paginator": OFFSET}
    return {
        "client": {"base_url": school.url, "auth": {"type": "bearer", "token": school.api_key}},
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "endpoint": endpoint,
            **defaults,
        },
        "resources": list(resources),
    }


def source_of(school: School, *resources: Any, **defaults: Any) -> RestApiSource:
    """The source of `config_of`; a text stands for the entity of that name."""
    listed = [resource(each) if isinstance(each, str) else each for each in resources]
    return rest_api_source(config_of(school, *listed, **defaults))


def resource(entity: str, **more: Any) -> Config:
    """All rows of an entity."""
    return {"name": entity, "endpoint": {"path": f"/v1/{entity}", **more.pop("endpoint", {})}, **more}


def child(parent: str, entity: str, **more: Any) -> Config:
    """The rows of an entity for each row of a resource that is named like its entity."""
    path = f"/v1/{parent}/{{resources.{parent}.id}}/{entity}"
    return {"name": more.pop("name", entity), "endpoint": {"path": path}, **more}


def ids(rows: list[Any]) -> list[Any]:
    """The ids of rows, in order of id, repeated where a row is."""
    return sorted(row["id"] for row in rows)


class Campus:
    """A pipeline and what is in its database. Parquet, because dlt's own default takes minutes."""

    def __init__(self, name: str, folder: Path) -> None:
        self.file = folder / f"{name}.duckdb"
        self.pipeline = dlt.pipeline(
            name,
            destination=dlt.destinations.duckdb(str(self.file)),
            dataset_name="held",
            pipelines_dir=str(folder / "pipelines"),
        )

    def run(self, data: Any) -> None:
        """One whole run."""
        self.pipeline.run(data, loader_file_format="parquet")

    def refuses(self, data: Any, error: type[BaseException]) -> BaseException:
        """The error of this class that a run ends in, below dlt's own."""
        with pytest.raises(Exception) as caught:
            self.run(data)
        return cause(caught.value, error)

    @property
    def is_untouched(self) -> bool:
        """Nothing was loaded, and nothing waits to be."""
        return not self.pipeline.has_pending_data and not self.tables

    @property
    def tables(self) -> list[str]:
        """The tables of the dataset, without dlt's own."""
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'held' ORDER BY 1"
        return [name for (name,) in self._query(query) if not name.startswith("_dlt_")]

    def column(self, table: str, column: str = "id") -> list[Any]:
        """The values of a column, sorted, repeated where they are."""
        return [value for (value,) in self._query(f"SELECT {column} FROM held.{table} ORDER BY 1")]

    def content(self) -> dict[str, Any]:
        """Each table's columns with their types, and its rows, without dlt's own columns."""
        found = {}
        for table in self.tables:
            described = self._query(f"DESCRIBE held.{table}")
            columns = sorted((name, kind) for name, kind, *_ in described if not name.startswith("_dlt_"))
            names = ", ".join(name for name, _ in columns)
            found[table] = (columns, self._query(f"SELECT {names} FROM held.{table} ORDER BY ALL"))
        return found

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        if not self.file.exists():
            return []
        with duckdb.connect(str(self.file)) as connection:
            return connection.execute(sql).fetchall()


def cause(error: BaseException, kind: type[BaseException]) -> BaseException:
    """The first error of this class in the chain of causes."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, kind):
        found = found.__cause__
    assert found is not None, f"{error!r} has no cause of {kind.__name__}"
    assert isinstance(found, HomeroomError) or kind not in HomeroomError.__subclasses__()
    return found
