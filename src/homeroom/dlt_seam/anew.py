"""Making the tables of some resources anew with a load: dlt's `refresh`, of these resources alone."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from dlt.pipeline.drop import prepare_drop_resources
from dlt.pipeline.helpers import prepare_refresh_source
from dlt.pipeline.pipeline import Pipeline

REFRESH: Literal["drop_resources"] = "drop_resources"
"""dlt forgets tables and cursors in the extraction's own copies, and drops the tables at the beginning of the load."""


@contextmanager
def only_these(resources: Collection[str]) -> Iterator[None]:
    """While an extraction begins, let `refresh` be for these resources.

    By itself dlt takes all that are extracted, a parent too that is read for its children and not loaded: its table
    would be dropped and not filled.
    """
    module: Any = sys.modules[prepare_refresh_source.__module__]  # which calls it by its own name for it

    def chosen(schema: Any, state: Any, **options: Any) -> Any:
        return prepare_drop_resources(schema, state, **{**options, "resources": sorted(resources)})

    module.prepare_drop_resources = chosen
    try:
        yield
    finally:
        module.prepare_drop_resources = prepare_drop_resources


def drop_staging(pipeline: Pipeline) -> None:
    """Remove the staging dataset, before a load that drops tables; dlt makes it again.

    Where it is there, and no load was staged yet, dlt asks it for a table of schemas that it does not have, and fails.
    """
    with pipeline.sql_client() as client, client.with_staging_dataset():
        if client.has_dataset():
            client.drop_dataset()
