"""A client that answers SQL, whatever the rows lie in."""

from __future__ import annotations

from typing import Any

from dlt.common.schema import Schema
from dlt.destinations.fs_client import FSClientBase
from dlt.destinations.sql_client import SqlClientBase, WithSqlClient
from dlt.pipeline.pipeline import Pipeline


def asked(pipeline: Pipeline, schema: Schema | None = None) -> SqlClientBase[Any]:
    """A client of the pipeline's dataset, by `schema`, or by its own; open it with `with`.

    Files are asked as they are now, by the tables and columns of the schema: take a new client after a load. Raises
    dlt's `SqlClientNotAvailable` where the destination cannot be asked.
    """
    if not issubclass(pipeline.destination.client_class if pipeline.destination else type(None), FSClientBase):
        return pipeline.sql_client() if schema is None else _own(pipeline, schema)
    from homeroom.dlt_seam.file_views import views_of

    known = pipeline._get_schema_or_create() if schema is None else schema
    client: Any = pipeline._get_destination_clients(known)[0]
    return views_of(client)


def _own(pipeline: Pipeline, schema: Schema) -> SqlClientBase[Any]:
    client = pipeline._get_destination_clients(schema)[0]
    return client.sql_client if isinstance(client, WithSqlClient) else pipeline.sql_client()
